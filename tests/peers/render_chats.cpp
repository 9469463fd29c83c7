// Renders conversations by zincir::chat_template, for the scripts of this folder. A line in: {"file": a template's path, "values":
// {"messages", "tools", "add_generation_prompt", "bos_token", …} as apply_chat_template takes them, "polyfills": bool, "now":
// seconds}. A line out: {"can": its capabilities, "messages": as the template was given them, "text"} or {"error"}.

#include "chat_values.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

namespace {

namespace json = boost::json;

json::object shown(const zincir::chat_template_capabilities& can)
{
    json::object all;
    for (const auto& [name, has] :
         std::initializer_list<std::pair<std::string_view, bool>>{{"system_role", can.system_role},
                                                                  {"several_system_messages", can.several_system_messages},
                                                                  {"developer_role", can.developer_role},
                                                                  {"free_turns", can.free_turns},
                                                                  {"tools", can.tools},
                                                                  {"tool_calls", can.tool_calls},
                                                                  {"tool_responses", can.tool_responses},
                                                                  {"parallel_tool_calls", can.parallel_tool_calls},
                                                                  {"typed_content", can.typed_content},
                                                                  {"requires_typed_content", can.requires_typed_content},
                                                                  {"object_arguments", can.object_arguments},
                                                                  {"images", can.images},
                                                                  {"audio", can.audio},
                                                                  {"files", can.files},
                                                                  {"reasoning", can.reasoning}})
        all[name] = has;
    return all;
}

class renderer {
public:
    json::object answer(const json::object& line)
    {
        json::object out;
        try {
            const auto& given = line.at("values").as_object();
            const auto& t = of(line, given);
            out["can"] = shown(t.capabilities());
            const auto turns = messages_of(given);
            const auto inputs = inputs_of(given);
            out["messages"] = t.to_json(turns, inputs);
            out["text"] = t.render(turns, inputs);
        } catch (const std::exception& e) {
            out["error"] = e.what();
        }
        return out;
    }

private:
    const zincir::chat_template& of(const json::object& line, const json::object& given)
    {
        const auto file = text_in(line, "file");
        const bool polyfills = line.at("polyfills").as_bool();
        const auto key = file + '\n' + text_in(given, "bos_token") + '\n' + text_in(given, "eos_token") + (polyfills ? "+" : "-");
        const auto found = templates_.find(key);
        if (found != templates_.end())
            return found->second;
        zincir::chat_template_options options;
        options.name = file;
        options.bos_token = text_in(given, "bos_token");
        options.eos_token = text_in(given, "eos_token");
        if (!polyfills)
            options.polyfills = zincir::chat_template_polyfills{false, false, false, false, false, false, false, false};
        const auto now = line.at("now").to_number<std::int64_t>();
        options.environment.set_clock([now] { return std::chrono::system_clock::time_point(std::chrono::seconds(now)); });
        std::ifstream in(file, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        return templates_.emplace(key, zincir::chat_template(text, std::move(options))).first->second;
    }

    std::map<std::string, zincir::chat_template> templates_{};
};

}  // namespace

int main()
{
    renderer all;
    for (std::string line; std::getline(std::cin, line);)
        std::cout << json::serialize(all.answer(json::parse(line).as_object())) << std::endl;
}

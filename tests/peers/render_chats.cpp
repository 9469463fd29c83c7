// Renders conversations by zincir::chat_template, for the scripts of this folder. A line in: {"file": a template's path, "values":
// {"messages", "tools", "add_generation_prompt", "bos_token", …} as apply_chat_template takes them, "polyfills": bool, "now":
// seconds}. A line out: {"can": its capabilities, "messages": as the template was given them, "text"} or {"error"}.

#include <zincir/core/json.hpp>
#include <zincir/core/media.hpp>
#include <zincir/prompts/chat_template.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

namespace {

namespace json = boost::json;

std::string text_of(const json::value& v) { return std::string(std::string_view(v.as_string())); }

// A member's text; nothing where it is missing or null.
std::string text_in(const json::object& from, std::string_view name)
{
    const auto* member = from.if_contains(name);
    return member && member->is_string() ? text_of(*member) : std::string();
}

zincir::content content_of(const json::object& turn)
{
    zincir::content blocks;
    if (const auto thought = text_in(turn, "reasoning_content"); !thought.empty())
        blocks.emplace_back(zincir::reasoning_block(thought));
    const auto* given = turn.if_contains("content");
    if (given && given->is_string() && !given->get_string().empty())
        blocks.emplace_back(zincir::text_block(text_of(*given)));
    if (given && given->is_array()) {
        for (const auto& part : given->get_array()) {
            const auto& of = part.as_object();
            if (text_in(of, "type") == "text")
                blocks.emplace_back(zincir::text_block(text_in(of, "text")));
            else
                blocks.emplace_back(zincir::image_url(text_in(of, "image")));
        }
    }
    if (const auto refused = text_in(turn, "refusal"); !refused.empty())
        blocks.emplace_back(zincir::refusal_block(refused));
    if (const auto* calls = turn.if_contains("tool_calls"); calls && calls->is_array())
        for (const auto& call : calls->get_array()) {
            const auto& function = call.at("function").as_object();
            const auto& arguments = function.at("arguments");
            blocks.emplace_back(zincir::tool_call(text_in(call.as_object(), "id"), text_in(function, "name"),
                                                  arguments.is_string() ? text_of(arguments) : json::serialize(arguments)));
        }
    return blocks;
}

zincir::message message_of(const json::object& turn)
{
    const auto role = text_in(turn, "role");
    if (role == "tool")
        return zincir::tool_result(text_in(turn, "tool_call_id"), text_in(turn, "content"));
    for (const auto r : {zincir::role::system, zincir::role::developer, zincir::role::user, zincir::role::assistant})
        if (role == name(r)) {
            zincir::message m(r, content_of(turn));
            m.name = text_in(turn, "name");
            return m;
        }
    throw zincir::error(zincir::errc::invalid_argument, "no role is called " + role);
}

zincir::tool_definition tool_of(const json::object& function)
{
    zincir::tool_definition tool;
    tool.name = text_in(function, "name");
    tool.description = text_in(function, "description");
    if (const auto* schema = function.if_contains("parameters"))
        tool.parameters = schema->as_object();
    return tool;
}

zincir::chat_template_inputs inputs_of(const json::object& given)
{
    zincir::chat_template_inputs inputs;
    for (const auto& [name, value] : given) {
        if (name == "tools" && value.is_array()) {
            for (const auto& tool : value.get_array())
                inputs.tools.push_back(tool_of(tool.at("function").as_object()));
        } else if (name == "documents" && value.is_array())
            inputs.documents = value.get_array();
        else if (name == "add_generation_prompt")
            inputs.add_generation_prompt = value.as_bool();
        else if (name != "messages" && name != "tools" && name != "documents" && name != "bos_token" && name != "eos_token")
            inputs.extra[name] = value;
    }
    return inputs;
}

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
            zincir::messages turns;
            for (const auto& turn : given.at("messages").as_array())
                turns.push_back(message_of(turn.as_object()));
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

#include "chat_values.hpp"

#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace {

std::string text_of(const json::value& v) { return std::string(std::string_view(v.as_string())); }

}  // namespace

std::string text_in(const json::object& from, std::string_view name)
{
    const auto* member = from.if_contains(name);
    return member && member->is_string() ? text_of(*member) : std::string();
}

namespace {

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

}  // namespace

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

zincir::messages messages_of(const json::object& given)
{
    zincir::messages turns;
    for (const auto& turn : given.at("messages").as_array())
        turns.push_back(message_of(turn.as_object()));
    return turns;
}

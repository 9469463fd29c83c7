#include "op_mustache.hpp"
#include "op_prompts.hpp"

#include <zincir/prompts/chat_prompt_template.hpp>

#include <boost/json/array.hpp>

#include <algorithm>
#include <initializer_list>

// Chat prompts and their messages as LangChain's cases write them down.

namespace conformance {
namespace {

zincir::role role_of(std::string_view word)
{
    if (word == "human" || word == "user")
        return zincir::role::user;
    if (word == "ai" || word == "assistant")
        return zincir::role::assistant;
    if (word == "system")
        return zincir::role::system;
    refuse("no role " + std::string(word));
}

zincir::message message_of_members(const json::object& o)
{
    const auto* type = o.if_contains("role");
    const auto word = text_of(type ? *type : o.at("type"));
    const auto* content = o.if_contains("content");
    if (!content || !(content->is_string() || content->is_null()))
        refuse("a message has a text");
    auto text = content->is_null() ? std::string() : text_of(*content);
    if (word == "tool")
        return zincir::tool_result(text_of(o.at("tool_call_id")), std::move(text));
    zincir::message m(word == "developer" ? zincir::role::developer : role_of(word), std::move(text));
    if (const auto* name = o.if_contains("name"); name && name->is_string())
        m.name = text_of(*name);
    return m;
}

// What LangChain takes for a message: a text of the user, a role and a text, an object.
zincir::message message_of(const json::value& v)
{
    if (v.is_string())
        return zincir::user(text_of(v));
    if (v.is_object())
        return message_of_members(v.get_object());
    if (!v.is_array() || v.get_array().size() != 2)
        refuse("a message is a role and a text");
    return zincir::message(role_of(v.get_array()[0].as_string()), text_of(v.get_array()[1]));
}

zincir::messages turns_of(const json::value& v)
{
    zincir::messages turns;
    for (const auto& turn : v.as_array())
        turns.push_back(message_of(turn));
    return turns;
}

bool only_members(const json::object& part, std::initializer_list<std::string_view> known)
{
    return std::all_of(part.begin(), part.end(), [&](const auto& member) {
        return std::find(known.begin(), known.end(), std::string_view(member.key())) != known.end();
    });
}

zincir::image_block image_of(const json::value& source)
{
    if (source.is_string())
        return zincir::image_url(text_of(source));
    const auto& members = source.as_object();
    if (members.if_contains("path"))
        refuse("an image is given by its address, not by a path");
    const auto* detail = members.if_contains("detail");
    return zincir::image_url(text_of(members.at("url")), detail ? text_of(*detail) : std::string());
}

zincir::content_block block_of(const json::value& v)
{
    if (v.is_string())
        return zincir::text_block(text_of(v));
    const auto& part = v.as_object();
    for (std::string_view key : {"template", "text"})
        if (const auto* text = part.if_contains(key); text && only_members(part, {key, "type", "format"}))
            return zincir::text_block(text_of(*text));
    for (std::string_view key : {"image", "image_url"})
        if (const auto* image = part.if_contains(key); image && only_members(part, {key, "type", "format"}))
            return image_of(*image);
    throw skip("a content part of arbitrary members has no counterpart among typed content blocks");
}

zincir::message template_message(zincir::role role, const json::value& body)
{
    if (body.is_string())
        return zincir::message(role, text_of(body));
    zincir::message m;
    m.role = role;
    if (body.is_object()) {
        m.content.push_back(block_of(body));
        return m;
    }
    for (const auto& part : body.as_array())
        m.content.push_back(block_of(part));
    return m;
}

zincir::messages_placeholder placeholder_of(const json::object& v)
{
    zincir::messages_placeholder hole(text_of(v.at("placeholder")));
    if (const auto* optional = v.if_contains("optional"); optional && optional->as_bool())
        hole = hole.optional();
    if (const auto* last = v.if_contains("n_messages"); last && !last->is_null()) {
        if (last->as_int64() < 1)
            refuse("a number of messages is positive");
        hole = hole.last(static_cast<std::size_t>(last->as_int64()));
    }
    return hole;
}

// "{name}", or ["{name}", whether it may be left out].
zincir::messages_placeholder placeholder_of_pair(const json::value& v)
{
    const auto* pair = v.if_array();
    if (pair && (pair->size() != 2 || !(*pair)[1].is_bool()))
        refuse("a placeholder is a name, and whether it may be left out");
    const auto field = text_of(pair ? (*pair)[0] : v);
    if (!field.starts_with('{') || !field.ends_with('}'))
        refuse("a placeholder is a name in braces");
    zincir::messages_placeholder hole(field.substr(1, field.size() - 2));
    return pair && !(*pair)[1].as_bool() ? hole : hole.optional();
}

zincir::chat_prompt_part part_of_pair(const json::value& role, const json::value& body)
{
    const auto word = text_of(role);
    if (word == "placeholder")
        return placeholder_of_pair(body);
    return template_message(role_of(word), body);
}

zincir::chat_prompt_part part_of(const json::value& v)
{
    if (v.is_string())
        return zincir::user(text_of(v));
    if (v.is_array()) {
        if (v.get_array().size() != 2)
            refuse("a message template is a role and a text");
        return part_of_pair(v.get_array()[0], v.get_array()[1]);
    }
    const auto& part = v.as_object();
    if (part.if_contains("placeholder"))
        return placeholder_of(part);
    if (const auto* fixed = part.if_contains("message"))
        return zincir::verbatim(message_of(*fixed));
    if (part.if_contains("content")) {
        if (part.size() != 2 || !part.if_contains("role"))
            refuse("a message template has a role and a content");
        return part_of_pair(part.at("role"), part.at("content"));
    }
    const auto word = text_of(part.at("role"));
    if (word != "human" && word != "ai" && word != "system")
        throw skip("a message of a role that no provider knows has no counterpart");
    return template_message(role_of(word), part.at("prompt"));
}

// Of one message of a recorded prompt: its own format, or that of its parts.
zincir::template_options syntax_of_part(const json::value& source, const json::object& whole)
{
    const auto* part = source.if_object();
    const auto* prompt = part ? part->if_contains("prompt") : nullptr;
    if (const auto* one = prompt ? prompt->if_object() : nullptr)
        return syntax_of(*one);
    if (const auto* blocks = prompt ? prompt->if_array() : nullptr; blocks && !blocks->empty() && blocks->front().is_object())
        return syntax_of(blocks->front().get_object());
    return syntax_of(whole);
}

json::value shown_parts(const zincir::message& m)
{
    json::array parts;
    for (const auto& block : m.content) {
        json::object part;
        if (const auto* text = std::get_if<zincir::text_block>(&block)) {
            part["type"] = "text";
            part["text"] = text->text;
        } else {
            const auto& source = std::get<zincir::image_block>(block).source;
            json::object address;
            address["url"] = source.url;
            if (!source.detail.empty())
                address["detail"] = source.detail;
            part["type"] = "image_url";
            part["image_url"] = std::move(address);
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

json::value shown(const zincir::message& m, bool in_parts)
{
    json::object out;
    if (m.role == zincir::role::tool) {
        const auto& result = std::get<zincir::tool_result_block>(m.content.front());
        out["type"] = "tool";
        out["content"] = result.text;
        out["tool_call_id"] = result.call_id;
        return out;
    }
    out["type"] = m.role == zincir::role::user ? "human" : m.role == zincir::role::assistant ? "ai" : "system";
    const bool one_text = m.content.size() == 1 && std::holds_alternative<zincir::text_block>(m.content.front());
    out["content"] = one_text && !in_parts ? json::value(m.text()) : shown_parts(m);
    if (!m.name.empty())
        out["name"] = m.name;
    return out;
}

// Whether a message's content is written down as a list, though it be one text.
bool is_in_parts(const json::value& source)
{
    if (const auto* pair = source.if_array())
        return pair->back().is_array();
    const auto* part = source.if_object();
    const auto* body = part ? part->if_contains(part->contains("prompt") ? "prompt" : "content") : nullptr;
    return body && body->is_array();
}

// Each message of the prompt is a prompt of its own, with its own syntax.
class chat_case {
public:
    explicit chat_case(const json::object& input) : input_(input), recorded_(input.if_contains("messages"))
    {
        for (const auto& source : input.at(recorded_ ? "messages" : "from_messages").as_array()) {
            auto part = part_of(source);
            const auto* hole = std::get_if<zincir::messages_placeholder>(&part);
            const auto options = syntax_of_part(source, input);
            one_part one{zincir::chat_prompt_template<>({part}, options), options.format, !hole && is_in_parts(source)};
            if (hole)
                holes_.push_back(hole->name());
            for (const auto* key : {"partial_variables", "partial"})
                for (const auto& given : members_of(input, key))
                    one.prompt = one.prompt.partial(std::string(given.key()), value_of(given.key(), given.value()));
            parts_.push_back(std::move(one));
        }
    }
    json::value run() const
    {
        const auto& vars = members_of(input_, "vars");
        if (!recorded_)  // called as a runnable, which asks for all variables
            for (const auto& part : parts_)
                for (const auto& name : part.prompt.variables())
                    if (!vars.contains(name))
                        refuse("no value for " + name);
        json::array out;
        for (const auto& part : parts_)
            for (auto& m : shown_by(part, vars))
                out.push_back(std::move(m));
        return out;
    }

private:
    struct one_part {
        zincir::chat_prompt_template<> prompt;
        zincir::template_format format;
        bool in_parts;
    };

    bool is_hole(std::string_view name) const { return std::find(holes_.begin(), holes_.end(), name) != holes_.end(); }
    zincir::prompt_value value_of(std::string_view name, const json::value& v) const
    {
        return v.is_array() && is_hole(name) ? zincir::prompt_value(turns_of(v)) : zincir::prompt_value(v);
    }
    json::array shown_by(const one_part& part, const json::object& vars) const
    {
        if (part.format == zincir::template_format::fstring) {
            auto texts = used(vars, part.prompt.variables());
            for (const auto& name : holes_)
                texts.erase(name);
            check_values(texts);
        }
        auto out = rendered(part, vars);
        if (part.format == zincir::template_format::mustache && out != rendered(part, without_booleans(vars).as_object()))
            throw skip("Python writes True and False into a prompt; zincir writes true and false");
        return out;
    }
    json::array rendered(const one_part& part, const json::object& vars) const
    {
        zincir::values given;
        for (const auto& member : vars)
            given.set(std::string(member.key()), value_of(member.key(), member.value()));
        json::array out;
        for (const auto& m : part.prompt.format(given))
            out.push_back(shown(m, part.in_parts));
        return out;
    }

    const json::object& input_;
    bool recorded_;
    std::vector<std::string> holes_{};  // names of placeholders
    std::vector<one_part> parts_{};
};

}  // namespace

void register_chat_prompt_ops(ops& all)
{
    for (const auto* name : {"format_messages", "from_messages.format_messages"})
        all.add(name, [](const json::object& c) { return chat_case(c.at("input").as_object()).run(); });
}

}  // namespace conformance

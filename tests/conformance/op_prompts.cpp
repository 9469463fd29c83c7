#include "op_mustache.hpp"

#include <zincir/prompts/chat_prompt_template.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace conformance {
namespace {

using zincir::errc;
using zincir::error;

[[noreturn]] void refuse(const std::string& why) { throw error(errc::invalid_argument, why); }

// Python's str() of None, booleans and containers is no wording for a prompt: ours are JSON's.
void check_values(const json::object& vars)
{
    for (const auto& member : vars) {
        const auto& v = member.value();
        if (v.is_bool() || v.is_null() || (v.is_object() && !v.get_object().empty()))
            throw skip("Python writes True, None and dict reprs into a prompt; zincir writes JSON");
    }
}

bool is_mustache(const json::object& where)
{
    const auto* format = where.if_contains("format");
    return format && *format == "mustache";
}

bool is_jinja(const json::object& where)
{
    const auto* format = where.if_contains("format");
    return format && *format == "jinja2";
}

// A chat prompt refuses what is missing before Jinja would write nothing for it.
zincir::template_options jinja_options(zincir::undefined_policy undefined = zincir::undefined_policy::empty)
{
    zincir::template_options made;
    made.format = zincir::template_format::jinja;
    made.undefined = undefined;
    return made;
}

void check_format(const json::object& where)
{
    const auto* format = where.if_contains("format");
    if (!format || *format == "f-string" || *format == "mustache")
        return;
    if (*format == "jinja2")
        return;
    refuse("no template format " + text_of(*format));
}

// Only what a template uses matters: surplus values are ignored by both.
json::object used(const json::object& vars, const std::vector<std::string>& names)
{
    json::object out;
    for (const auto& name : names)
        if (const auto* value = vars.if_contains(name))
            out[name] = *value;
    return out;
}

const json::object& members_of(const json::object& input, std::string_view key)
{
    static const json::object none;
    const auto* v = input.if_contains(key);
    return v && v->is_object() ? v->get_object() : none;
}

json::value render(const json::object& input)
{
    check_format(input);
    if (const auto* args = input.if_contains("args"); args && !args->get_array().empty())
        refuse("values go by name");
    if (is_mustache(input))
        return render_mustache(input, input.at("vars"));
    zincir::prompt_template t(text_of(input.at("template")), is_jinja(input) ? jinja_options() : zincir::template_options());
    for (const auto& given : members_of(input, "partial_variables"))
        t = t.partial(std::string(given.key()), zincir::prompt_value(given.value()));
    const auto vars = used(members_of(input, "vars"), t.variables());
    check_values(vars);
    return json::value(t.format(zincir::values::from_json(vars)));
}

json::value variables(const json::object& input)
{
    check_format(input);
    json::array names;
    const auto options = is_mustache(input) ? mustache_options() : is_jinja(input) ? jinja_options() : zincir::template_options();
    for (const auto& name : zincir::prompt_template(text_of(input.at("template")), options).variables())
        names.push_back(json::string(name));
    return names;
}

json::value validate(const json::object& input)
{
    const auto found = zincir::prompt_template(text_of(input.at("template"))).variables();
    for (const auto& name : found) {
        const auto& declared = input.at("input_variables").as_array();
        if (std::find(declared.begin(), declared.end(), json::value(name)) == declared.end())
            refuse("variable " + name + " is not declared");
    }
    return nullptr;
}

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

zincir::message message_of(const json::value& v)
{
    if (v.is_array()) {
        if (v.get_array().size() != 2)
            refuse("a message is a role and a text");
        return zincir::message(role_of(v.get_array()[0].as_string()), text_of(v.get_array()[1]));
    }
    return zincir::message(role_of(v.as_object().at("type").as_string()), text_of(v.as_object().at("content")));
}

zincir::prompt_value value_of(const json::value& v)
{
    const auto is_turn = [](const json::value& one) {
        return one.is_array() || (one.is_object() && one.get_object().contains("type"));
    };
    if (!v.is_array() || !std::all_of(v.get_array().begin(), v.get_array().end(), is_turn))
        return zincir::prompt_value(v);
    zincir::messages turns;
    for (const auto& turn : v.get_array())
        turns.push_back(message_of(turn));
    return turns;
}

zincir::image_block image_of(const json::object& source)
{
    if (source.if_contains("path"))
        refuse("an image is given by its address, not by a path");
    const auto* detail = source.if_contains("detail");
    return zincir::image_url(text_of(source.at("url")), detail ? text_of(*detail) : std::string());
}

zincir::content_block block_of(const json::value& v)
{
    if (v.is_string())
        return zincir::text_block(text_of(v));
    const auto& part = v.as_object();
    check_format(part);
    if (const auto* text = part.if_contains("template"))
        return zincir::text_block(text_of(*text));
    if (const auto* text = part.if_contains("text"))
        return zincir::text_block(text_of(*text));
    if (const auto* image = part.if_contains("image"))
        return image_of(image->as_object());
    if (const auto* image = part.if_contains("image_url"))
        return image_of(image->as_object());
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
    if (const auto* last = v.if_contains("n_messages"); last && last->is_int64())
        hole = hole.last(static_cast<std::size_t>(last->get_int64()));
    return hole;
}

zincir::chat_prompt_part part_of(const json::value& v)
{
    if (v.is_array()) {
        if (v.get_array().size() != 2)
            refuse("a message template is a role and a text");
        const auto word = text_of(v.get_array()[0]);
        if (word != "placeholder")
            return template_message(role_of(word), v.get_array()[1]);
        const auto field = text_of(v.get_array()[1]);
        if (!field.starts_with('{') || !field.ends_with('}'))
            refuse("a placeholder is a name in braces");
        return zincir::messages_placeholder(field.substr(1, field.size() - 2)).optional();
    }
    const auto& part = v.as_object();
    if (part.if_contains("placeholder"))
        return placeholder_of(part);
    if (const auto* fixed = part.if_contains("message"))
        return zincir::verbatim(message_of(*fixed));
    return template_message(role_of(part.at("role").as_string()), part.at("prompt"));
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

json::value shown(const zincir::message& m)
{
    json::object out;
    out["type"] = m.role == zincir::role::user ? "human" : m.role == zincir::role::assistant ? "ai" : "system";
    const bool one_text = m.content.size() == 1 && std::holds_alternative<zincir::text_block>(m.content.front());
    out["content"] = one_text ? json::value(m.text()) : shown_parts(m);
    return out;
}

// A prompt has one syntax in all its parts.
bool writes(const json::value& source, bool (*in_format)(const json::object&))
{
    const auto* part = source.if_object();
    const auto* prompt = part ? part->if_contains("prompt") : nullptr;
    if (const auto* blocks = prompt ? prompt->if_array() : nullptr)
        return std::any_of(blocks->begin(), blocks->end(),
                           [&](const json::value& b) { return b.is_object() && in_format(b.get_object()); });
    return prompt && prompt->is_object() && in_format(prompt->get_object());
}

json::value chat(const json::object& input)
{
    check_format(input);
    const auto* list = input.if_contains("messages");
    const auto& sources = (list ? *list : input.at("from_messages")).as_array();
    std::vector<zincir::chat_prompt_part> parts;
    bool mustache = is_mustache(input);
    bool jinja = is_jinja(input);
    for (const auto& source : sources) {
        parts.push_back(part_of(source));
        mustache = mustache || writes(source, is_mustache);
        jinja = jinja || writes(source, is_jinja);
    }
    auto options = mustache ? mustache_options() : zincir::template_options();
    if (jinja)
        options = jinja_options(zincir::undefined_policy::error);
    zincir::chat_prompt_template<> prompt(std::move(parts), std::move(options));
    for (const auto* key : {"partial_variables", "partial"})
        for (const auto& given : members_of(input, key))
            prompt = prompt.partial(std::string(given.key()), value_of(given.value()));
    zincir::values vars;
    for (const auto& member : members_of(input, "vars"))
        vars.set(std::string(member.key()), value_of(member.value()));
    json::array out;
    for (const auto& m : prompt.format(vars))
        out.push_back(shown(m));
    return out;
}

handler on_input(json::value (*op)(const json::object&))
{
    return [op](const json::object& request_case) { return op(request_case.at("input").as_object()); };
}

// A template of another syntax inside the case decides before anything else.
json::value chat_checked(const json::object& input)
{
    if (const auto* list = input.if_contains("messages"))
        for (const auto& part : list->as_array())
            if (const auto* prompt = part.is_object() ? part.get_object().if_contains("prompt") : nullptr;
                prompt && prompt->is_object())
                check_format(prompt->get_object());
    return chat(input);
}

}  // namespace

void register_prompt_ops(ops& all)
{
    for (const auto* name : {"vformat", "format", "prompt_template.format"})
        all.add(name, on_input(render));
    // Cases of Jinja's suite have these operations too.
    const auto unless_jinja = [](handler otherwise) {
        return [otherwise](const json::object& c) {
            const auto* suite = c.if_contains("suite");
            return suite && *suite == "jinja_subset" ? jinja_variables(c) : otherwise(c);
        };
    };
    all.add("get_template_variables", unless_jinja(on_input(variables)));
    all.add("validate_input_variables", on_input(validate));
    all.add("check_valid_template", [](const json::object& c) {
        const auto* suite = c.if_contains("suite");
        if (!suite || *suite != "jinja_subset")
            return on_input(validate)(c);
        jinja_variables(c);
        return json::value();
    });
    // What the library itself writes, for our own comparisons.
    all.add("zincir.format", on_input([](const json::object& input) {
                zincir::template_options options;
                if (is_mustache(input))
                    options.format = zincir::template_format::mustache;
                const auto given = zincir::values::from_json(input.at("vars").as_object());
                return json::value(zincir::prompt_template(text_of(input.at("template")), options).format(given));
            }));
    all.add("format_messages", on_input(chat_checked));
    all.add("from_messages.format_messages", on_input(chat_checked));
}

}  // namespace conformance

#include "prompt_inspection.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace zincir::detail {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool varies(const template_piece& piece, std::string_view name)
{
    return holds(piece.program->variables(), name) || name == "strftime_now" || piece.options->environment.function(name);
}

std::size_t common(std::string_view a, std::string_view b)
{
    std::size_t n = 0;
    while (n < a.size() && n < b.size() && a[n] == b[n])
        ++n;
    return n;
}

// What two different fillings have in common is all that can be constant: a text that was caught is not written yet.
void confine(constant_beginning& found, const template_piece& piece, const partials* given)
{
    std::string first, second;
    try {
        for (auto* out : {&first, &second}) {
            values filling;
            for (const auto& name : free_variables(piece.program->variables(), given))
                filling.set(name, out == &first ? "\x01one" : "\x02two");
            scope all(filling, given, {});
            piece.program->render(*out, all);
        }
    } catch (const error&) {
        return;  // they are not texts
    }
    if (!found.whole)
        found.text.resize(std::min(common(first, second), common(found.text, first)));
}

std::string_view opener_end(std::string_view text, std::size_t at)
{
    const auto kind = text.substr(at, 2);
    return text.substr(at, 3) == "{{{" ? "}}}" : kind == "{{" ? "}}" : kind == "{%" ? "%}" : kind == "{#" ? "#}" : "";
}

json::object type_schema(std::string_view type)
{
    json::object schema;
    schema["type"] = json::string(type);
    return schema;
}

// Of mustache: whether every tag of that name writes its value.
bool only_written(std::string_view text, std::string_view name)
{
    if (text.find("{{=") != std::string_view::npos)
        return false;
    for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        auto inside = text.substr(at + 2, text.find("}}", at) - at - 2);
        const bool plain = inside.empty() || std::string_view("#^/>$<!").find(inside.front()) == std::string_view::npos;
        const auto begin = inside.find_first_not_of("#^/>$<!&{ \t\r\n");
        inside.remove_prefix(std::min(begin, inside.size()));
        if (inside.starts_with(name) && (!plain || (inside.size() > name.size() && inside[name.size()] == '.')))
            return false;
    }
    return true;
}

json::object messages_schema()
{
    auto item = type_schema("object");
    auto role = type_schema("string");
    role["enum"] = json::array{"system", "developer", "user", "assistant", "tool"};
    json::object members;
    members["role"] = std::move(role);
    members["content"] = json::object{{"type", json::array{"string", "array"}}};
    item["properties"] = std::move(members);
    item["required"] = json::array{"role", "content"};
    auto schema = type_schema("array");
    schema["items"] = std::move(item);
    return schema;
}

}  // namespace

constant_beginning beginning_of(const template_piece& piece, const partials* given)
{
    constant_beginning found;
    std::string last;
    const auto format = piece.options->format;
    scope probe(given, [&](std::string_view name) {
        last = name;
        if (format == template_format::fstring)
            return scope::absent::unwritable;  // it looks at all its values first
        return format != template_format::jinja || varies(piece, name) ? scope::absent::ends : scope::absent::nothing;
    });
    try {
        piece.program->render(found.text, probe);
        found.whole = true;
    } catch (const variable_needed& needed) {
        found.variable = needed.name;
    } catch (const error&) {
        found.variable = last;
    }
    if (format != template_format::fstring)
        confine(found, piece, given);
    return found;
}

std::string written_text(std::string_view text, template_format format)
{
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto brace = std::min(text.find_first_of("{}", i), text.size());
        out += text.substr(i, brace - i);
        i = brace;
        if (i == text.size())
            break;
        if (format == template_format::fstring) {
            const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
            if (doubled)
                out += text[i];
            i = doubled ? i + 2 : std::min(text.find('}', i), text.size() - 1) + 1;
        } else if (const auto end = opener_end(text, i); !end.empty()) {
            const auto close = text.find(end, i + 2);
            i = close == std::string_view::npos ? text.size() : close + end.size();
        } else {
            out += text[i++];
        }
    }
    return out;
}

void explainer::add_variable(std::vector<std::string>& all, const std::string& name) const
{
    const auto* entry = given_ ? given_->find(name) : nullptr;
    if (!(entry && entry->value) && !holds(all, name))
        all.push_back(name);
}

void explainer::end_prefix(const std::string& variable, const std::string& part)
{
    if (!made_.ended_by.empty())
        return;
    made_.ended_by = "{" + variable + "} in " + part;
    if (const auto* entry = given_ ? given_->find(variable) : nullptr; entry && !entry->value)
        made_anew_.push_back(variable);
}

void explainer::add_text(std::string part, const std::vector<template_piece>& pieces, std::size_t extra)
{
    prompt_explanation::row row;
    row.part = std::move(part);
    row.constant = true;
    row.tokens = extra;
    std::size_t beginning = extra;
    for (const auto& piece : pieces) {
        for (const auto& name : piece.program->variables())
            add_variable(row.variables, name);
        const auto found = beginning_of(piece, given_);
        const auto written = approximate_tokens(found.whole ? found.text : written_text(piece.text, piece.options->format));
        const bool goes_on = made_.ended_by.empty();
        if (goes_on) {
            made_.prefix += found.text;
            beginning += approximate_tokens(found.text);
        }
        if (!found.whole) {
            row.constant = false;
            end_prefix(found.variable, row.part);
        }
        row.tokens += std::max(written, goes_on ? approximate_tokens(found.text) : 0);
        if (goes_on && !made_.ended_by.empty())
            made_.prefix_tokens += beginning;
    }
    if (made_.ended_by.empty())
        made_.prefix_tokens += beginning;
    made_.tokens += row.tokens;
    made_.rows.push_back(std::move(row));
}

void explainer::add_messages(std::string part, const messages& turns)
{
    prompt_explanation::row row;
    row.part = std::move(part);
    row.tokens = approximate_message_tokens(turns);
    row.constant = true;
    made_.tokens += row.tokens;
    if (made_.ended_by.empty()) {
        made_.prefix_tokens += row.tokens;
        for (const auto& turn : turns)
            made_.prefix += turn.text();
    }
    made_.rows.push_back(std::move(row));
}

void explainer::add_constant(std::string part, const std::string& text)
{
    prompt_explanation::row row;
    row.part = std::move(part);
    row.tokens = approximate_tokens(text);
    row.constant = true;
    made_.tokens += row.tokens;
    if (made_.ended_by.empty()) {
        made_.prefix_tokens += row.tokens;
        made_.prefix += text;
    }
    made_.rows.push_back(std::move(row));
}

void explainer::add_varying(std::string part, std::string why)
{
    prompt_explanation::row row;
    row.part = std::move(part);
    made_.rows.push_back(std::move(row));
    if (made_.ended_by.empty())
        made_.ended_by = std::move(why);
}

void explainer::add_placeholder(const std::string& name)
{
    const auto part = "placeholder {" + name + "}";
    const auto* entry = given_ ? given_->find(name) : nullptr;
    if (entry && entry->value)
        if (const auto* turns = std::get_if<messages>(&entry->value->get()))
            return add_messages(part, *turns);
    prompt_explanation::row row;
    row.part = part;
    row.variables.push_back(name);
    end_prefix(name, part);
    made_.rows.push_back(std::move(row));
}

prompt_explanation explainer::finish()
{
    constexpr std::size_t usual_minimum = 1024;  // OpenAI's and Anthropic's least prefix that is kept
    constexpr std::size_t worth_a_word = 32;
    auto& e = made_;
    const auto behind = e.tokens - std::min(e.tokens, e.prefix_tokens);
    const auto after = " ends the beginning that is the same in every call after " + std::to_string(e.prefix_tokens) + " of " +
                       std::to_string(e.tokens) + " tokens";
    if (!e.ended_by.empty() && behind >= worth_a_word && behind > e.prefix_tokens)
        e.warnings.push_back(e.ended_by + after + ": put what varies last");
    if (!e.ended_by.empty() && e.tokens >= usual_minimum && e.prefix_tokens < usual_minimum)
        e.warnings.push_back("a provider keeps a beginning of 1024 tokens and more, mostly: this one has " +
                             std::to_string(e.prefix_tokens));
    for (const auto& name : made_anew_)
        e.warnings.push_back("{" + name + "} is made anew at every call, so nothing behind it is ever the same beginning");
    return std::move(made_);
}

void schema_builder::add(const std::string& name, json::object schema, bool required)
{
    const auto* entry = given_ ? given_->find(name) : nullptr;
    if (entry && entry->value) {
        const auto& held = entry->value->get();
        if (const auto* text = std::get_if<std::string>(&held))
            schema["default"] = json::string(*text);
        else if (const auto* n = std::get_if<std::int64_t>(&held))
            schema["default"] = *n;
        else if (const auto* d = std::get_if<double>(&held))
            schema["default"] = *d;
        else if (const auto* b = std::get_if<bool>(&held))
            schema["default"] = *b;
        else if (const auto* v = std::get_if<json::value>(&held))
            schema["default"] = *v;
        // A default's type is allowed where texts are asked for.
        if (schema.contains("type") && schema["type"] == "string" && !std::holds_alternative<std::string>(held))
            schema.erase("type");
    }
    if (required && !entry && !holds(required_, name))
        required_.push_back(name);
    // What one part takes as anything and another writes as a text is a text.
    if (auto* known = properties_.if_contains(name); known && !known->as_object().empty())
        return;
    properties_[name] = std::move(schema);
}

void schema_builder::add_text(const template_piece& piece)
{
    const auto format = piece.options->format;
    for (const auto& name : piece.program->variables()) {
        const bool text =
            format == template_format::fstring || (format == template_format::mustache && only_written(piece.text, name));
        add(name, text ? type_schema("string") : json::object(), piece.options->undefined == undefined_policy::error);
    }
}

void schema_builder::add_placeholder(const std::string& name, bool optional) { add(name, messages_schema(), !optional); }

json::object schema_builder::finish()
{
    json::object schema = type_schema("object");
    schema["properties"] = std::move(properties_);
    std::sort(required_.begin(), required_.end());
    schema["required"] = json::array(required_.begin(), required_.end());
    return schema;
}

}  // namespace zincir::detail

#include "driver.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_file.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace conformance {
namespace {

zincir::role role_of(std::string_view word)
{
    if (word == "system")
        return zincir::role::system;
    return word == "ai" || word == "assistant" ? zincir::role::assistant : zincir::role::user;
}

// A list of ["human", "text"] stands for messages.
zincir::prompt_value value_of(const json::value& v)
{
    const auto is_turn = [](const json::value& one) { return one.is_array() && one.get_array().size() == 2; };
    if (!v.is_array() || v.get_array().empty() || !std::all_of(v.get_array().begin(), v.get_array().end(), is_turn))
        return zincir::prompt_value(v);
    zincir::messages turns;
    for (const auto& turn : v.get_array())
        turns.emplace_back(role_of(turn.get_array()[0].as_string()), text_of(turn.get_array()[1]));
    return turns;
}

json::object shown(std::string_view type, const zincir::media& source)
{
    json::object out;
    out["type"] = json::string(type);
    out["url"] = source.base64.empty() ? source.url : "data:" + source.mime_type + ";base64," + source.base64;
    if (!source.detail.empty())
        out["detail"] = source.detail;
    if (!source.name.empty())
        out["name"] = source.name;
    return out;
}

json::object shown(const zincir::content_block& block)
{
    json::object out;
    if (const auto* text = std::get_if<zincir::text_block>(&block)) {
        out["type"] = "text";
        out["text"] = text->text;
    } else if (const auto* image = std::get_if<zincir::image_block>(&block)) {
        return shown("image", image->source);
    } else if (const auto* audio = std::get_if<zincir::audio_block>(&block)) {
        return shown("audio", audio->source);
    } else if (const auto* file = std::get_if<zincir::file_block>(&block)) {
        return shown("file", file->source);
    } else if (const auto* call = std::get_if<zincir::tool_call>(&block)) {
        out["type"] = "call";
        out["id"] = call->id;
        out["name"] = call->name;
        out["args"] = zincir::parse_json(call->arguments);
    } else if (const auto* result = std::get_if<zincir::tool_result_block>(&block)) {
        out["type"] = "result";
        out["id"] = result->call_id;
        out["text"] = result->text;
        out["failed"] = result->is_error;
    }
    return out;
}

json::object shown(const zincir::message& m)
{
    json::object out;
    out["role"] = zincir::name(m.role);
    if (!m.name.empty())
        out["name"] = m.name;
    json::array blocks;
    for (const auto& block : m.content)
        blocks.push_back(shown(block));
    out["content"] = std::move(blocks);
    return out;
}

// The file at "path", rendered with "vars": its text, or its messages with all their blocks. "escape": Python's LangChain escapes
// HTML in mustache.
json::value render(const json::object& request_case)
{
    const auto& input = request_case.at("input").as_object();
    zincir::template_options options;
    options.escape_html = input.at("escape").as_bool();
    const auto file = zincir::load_prompt(text_of(input.at("path")), options);
    zincir::values vars;
    for (const auto& member : input.at("vars").as_object())
        vars.set(std::string_view(member.key()), value_of(member.value()));
    json::object out;
    if (!file.is_chat()) {
        out["text"] = file.prompt().format(vars);
        return out;
    }
    json::array turns;
    for (const auto& m : file.chat().format(vars))
        turns.push_back(shown(m));
    out["messages"] = std::move(turns);
    return out;
}

// What the file at "path" says.
json::value describe(const json::object& request_case)
{
    const auto file = zincir::load_prompt(text_of(request_case.at("input").as_object().at("path")));
    json::object out;
    json::array names, tags;
    for (const auto& name : file.variables())
        names.push_back(json::string(name));
    for (const auto& tag : file.tags())
        tags.push_back(json::string(tag));
    out["variables"] = std::move(names);
    out["tags"] = std::move(tags);
    out["metadata"] = file.metadata();
    out["schema"] = file.output_schema() ? json::value(*file.output_schema()) : json::value();
    return out;
}

}  // namespace

void register_prompt_file_ops(ops& all)
{
    all.add("prompt_file.render", render);
    all.add("prompt_file.describe", describe);
}

}  // namespace conformance

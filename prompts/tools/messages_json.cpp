#include "messages_json.hpp"

#include <zincir/core/media.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace zincir_render {
namespace {

namespace json = boost::json;
using zincir::role;

json::object part(std::string_view type, json::object inside)
{
    json::object made;
    made["type"] = json::string(type);
    made[type] = std::move(inside);
    return made;
}

json::object part_of(const zincir::image_block& image)
{
    json::object inside;
    inside["url"] = image.source.base64.empty() ? image.source.url : to_data_url(image.source);
    if (!image.source.detail.empty())
        inside["detail"] = image.source.detail;
    return part("image_url", std::move(inside));
}

json::object part_of(const zincir::audio_block& audio)
{
    json::object inside;
    if (audio.source.base64.empty()) {
        inside["url"] = audio.source.url;
    } else {
        inside["data"] = audio.source.base64;
        inside["format"] = audio.source.mime_type.substr(audio.source.mime_type.find('/') + 1);
    }
    return part("input_audio", std::move(inside));
}

json::object part_of(const zincir::file_block& file)
{
    json::object inside;
    if (!file.source.name.empty())
        inside["filename"] = file.source.name;
    inside[file.source.base64.empty() ? "file_url" : "file_data"] =
        file.source.base64.empty() ? file.source.url : to_data_url(file.source);
    return part("file", std::move(inside));
}

json::object part_of(const zincir::text_block& text)
{
    json::object made;
    made["type"] = "text";
    made["text"] = text.text;
    return made;
}

json::array parts_of(const zincir::message& turn)
{
    json::array parts;
    for (const auto& block : turn.content) {
        if (const auto* text = std::get_if<zincir::text_block>(&block))
            parts.push_back(part_of(*text));
        else if (const auto* image = std::get_if<zincir::image_block>(&block))
            parts.push_back(part_of(*image));
        else if (const auto* audio = std::get_if<zincir::audio_block>(&block))
            parts.push_back(part_of(*audio));
        else if (const auto* file = std::get_if<zincir::file_block>(&block))
            parts.push_back(part_of(*file));
    }
    return parts;
}

bool is_media(const zincir::content_block& block)
{
    return std::holds_alternative<zincir::image_block>(block) || std::holds_alternative<zincir::audio_block>(block) ||
           std::holds_alternative<zincir::file_block>(block);
}

json::array calls_of(const zincir::message& turn)
{
    json::array calls;
    for (const auto& call : turn.tool_calls()) {
        json::object function;
        function["name"] = call.name;
        function["arguments"] = call.arguments;
        auto made = part("function", std::move(function));
        made["id"] = call.id;
        calls.push_back(std::move(made));
    }
    return calls;
}

json::object to_json(const zincir::message& turn)
{
    json::object made;
    made["role"] = zincir::name(turn.role);
    if (!turn.name.empty())
        made["name"] = turn.name;
    if (turn.content.size() <= 1 && std::none_of(turn.content.begin(), turn.content.end(), is_media))
        made["content"] = turn.text();
    else
        made["content"] = parts_of(turn);
    if (auto calls = calls_of(turn); !calls.empty()) {
        if (turn.text().empty())
            made["content"] = nullptr;
        made["tool_calls"] = std::move(calls);
    }
    for (const auto& block : turn.content)
        if (const auto* result = std::get_if<zincir::tool_result_block>(&block)) {
            made["tool_call_id"] = result->call_id;
            made["content"] = result->text;
        }
    return made;
}

std::optional<role> role_of(std::string_view word)
{
    for (const auto r : {role::system, role::developer, role::user, role::assistant})
        if (word == zincir::name(r))
            return r;
    return std::nullopt;
}

std::optional<zincir::messages> messages_of(const zincir::prompt_value& value)
{
    const auto* document = std::get_if<json::value>(&value.get());
    const auto* list = document ? document->if_array() : nullptr;
    if (!list)
        return std::nullopt;
    zincir::messages turns;
    for (const auto& one : *list) {
        const auto* turn = one.if_object();
        const auto* speaker = turn ? turn->if_contains("role") : nullptr;
        const auto* content = turn ? turn->if_contains("content") : nullptr;
        if (!speaker || !content || turn->size() != 2 || !speaker->is_string() || !content->is_string())
            return std::nullopt;
        const auto who = role_of(speaker->get_string());
        if (!who)
            return std::nullopt;
        turns.emplace_back(*who, std::string(content->get_string()));
    }
    return turns;
}

}  // namespace

json::array to_json(const zincir::messages& turns)
{
    json::array all;
    for (const auto& turn : turns)
        all.push_back(to_json(turn));
    return all;
}

zincir::values with_messages(const zincir::values& given)
{
    auto made = given;
    for (const auto& entry : given.entries())
        if (auto turns = messages_of(entry.value))
            made.set(entry.name, std::move(*turns));
    return made;
}

}  // namespace zincir_render

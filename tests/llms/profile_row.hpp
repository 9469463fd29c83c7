#pragma once

#include <zincir/llms/openai_profile.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>

namespace zincir::testing {

inline json::object words_of(const std::map<std::string, std::string, std::less<>>& words)
{
    json::object out;
    for (const auto& [word, meaning] : words)
        out[word] = meaning;
    return out;
}

inline json::object row_of(const setting_rule& rule)
{
    // All members by name: a new one does not compile until it is written below.
    const auto& [how, field, why, max_items, refused_streamed, zero_as, true_as, words] = rule;
    json::object row;
    using support = setting_rule::support;
    row["support"] = how == support::send ? "send" : how == support::warn ? "warn" : "refuse";
    row["field"] = field;
    row["why"] = why;
    if (max_items)
        row["max_items"] = *max_items;
    row["refused_streamed"] = refused_streamed;
    if (zero_as)
        row["zero_as"] = *zero_as;
    if (true_as)
        row["true_as"] = *true_as;
    row["words"] = words_of(words);
    return row;
}

/// The profile as a row of a profiles file, every member written out.
inline json::object row_of(const openai_profile& profile)
{
    const auto& [name, base_url, url_variable, key_variable, key_required, key_page, chat_path, default_model, request_id_header,
                 output_limit_field, developer_role, fold_system_messages, ask_stream_usage, done_without_finish_reason,
                 finish_words, tools, tool_choices, response_formats, format_with_tools, forced_choice_with_format,
                 forced_choice_with_reasoning, reasoning_effort_form, reasoning_back, media, image_urls, file_urls, plain_media,
                 call_extras_back, refused_extra, settings] = profile;
    using formats = openai_profile::formats;
    using form = openai_profile::effort_form;
    json::object row;
    row["name"] = name;
    row["base_url"] = base_url;
    row["url_variable"] = url_variable;
    row["key_variable"] = key_variable;
    row["key_required"] = key_required;
    row["key_page"] = key_page;
    row["chat_path"] = chat_path;
    row["default_model"] = default_model;
    row["request_id_header"] = request_id_header;
    row["output_limit_field"] = output_limit_field;
    row["developer_role"] = developer_role;
    row["fold_system_messages"] = fold_system_messages;
    row["ask_stream_usage"] = ask_stream_usage;
    row["done_without_finish_reason"] = done_without_finish_reason;
    json::object finishes;
    for (const auto& [word, meaning] : finish_words) {
        const auto text = zincir::name(meaning);
        finishes[word] = json::string(text.data(), text.size());
    }
    row["finish_words"] = std::move(finishes);
    row["tools"] = tools;
    json::array choices;
    for (const auto& choice : tool_choices)
        choices.push_back(json::string(choice));
    row["tool_choices"] = std::move(choices);
    row["response_formats"] = response_formats == formats::json_schema   ? "json_schema"
                              : response_formats == formats::json_object ? "json_object"
                                                                         : "none";
    row["format_with_tools"] = format_with_tools;
    row["forced_choice_with_format"] = forced_choice_with_format;
    row["forced_choice_with_reasoning"] = forced_choice_with_reasoning;
    row["reasoning_effort_form"] = reasoning_effort_form == form::word               ? "word"
                                   : reasoning_effort_form == form::thinking_switch  ? "thinking_switch"
                                   : reasoning_effort_form == form::reasoning_object ? "reasoning_object"
                                                                                     : "enabled_switch";
    using echo = openai_profile::reasoning_echo;
    row["reasoning_back"] = reasoning_back == echo::always    ? "always"
                            : reasoning_back == echo::details ? "details"
                            : reasoning_back == echo::part    ? "part"
                                                              : "never";
    json::array kinds;
    for (const auto& kind : media)
        kinds.push_back(json::string(kind));
    row["media"] = std::move(kinds);
    row["image_urls"] = image_urls;
    row["file_urls"] = file_urls;
    row["plain_media"] = plain_media;
    row["call_extras_back"] = call_extras_back;
    row["refused_extra"] = words_of(refused_extra);
    json::object rules;
    for (const auto& [setting, rule] : settings)
        rules[setting] = row_of(rule);
    row["settings"] = std::move(rules);
    return row;
}

/// A profiles file with this row alone.
inline std::string file_of(json::object row)
{
    json::array rows;
    rows.push_back(std::move(row));
    json::object file;
    file["profiles"] = std::move(rows);
    return json::serialize(file);
}

}  // namespace zincir::testing

#include <zincir/llms/openai_profile.hpp>

#include "embedded_data.hpp"

#include <zincir/core/described.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace zincir {
namespace {

// The rows as they stand in a file: every member may be left out.
struct setting_row {
    std::optional<std::string> support;
    std::optional<std::string> field;
    std::optional<std::string> why;
    std::optional<std::uint32_t> max_items;
    std::optional<bool> refused_streamed;
    std::optional<double> zero_as;
    std::optional<std::int64_t> true_as;
    std::optional<std::map<std::string, std::string>> words;
};
BOOST_DESCRIBE_STRUCT(setting_row, (), (support, field, why, max_items, refused_streamed, zero_as, true_as, words))

struct profile_row {
    std::string name;
    std::string base_url;
    std::optional<std::string> url_variable;
    std::optional<std::string> key_variable;
    std::optional<bool> key_required;
    std::optional<std::string> key_page;
    std::optional<std::string> chat_path;
    std::optional<std::string> default_model;
    std::optional<std::string> request_id_header;
    std::optional<std::string> output_limit_field;
    std::optional<bool> developer_role;
    std::optional<bool> fold_system_messages;
    std::optional<bool> ask_stream_usage;
    std::optional<bool> done_without_finish_reason;
    std::optional<std::map<std::string, std::string>> finish_words;
    std::optional<bool> tools;
    std::optional<std::vector<std::string>> tool_choices;
    std::optional<std::string> response_formats;
    std::optional<bool> format_with_tools;
    std::optional<bool> forced_choice_with_format;
    std::optional<bool> forced_choice_with_reasoning;
    std::optional<std::string> reasoning_effort_form;
    std::optional<std::string> reasoning_back;
    std::optional<std::vector<std::string>> media;
    std::optional<bool> image_urls;
    std::optional<bool> file_urls;
    std::optional<bool> plain_media;
    std::optional<bool> call_extras_back;
    std::optional<std::map<std::string, std::string>> refused_extra;
    std::optional<std::map<std::string, setting_row>> settings;
};
BOOST_DESCRIBE_STRUCT(profile_row, (),
                      (name, base_url, url_variable, key_variable, key_required, key_page, chat_path, default_model,
                       request_id_header, output_limit_field, developer_role, fold_system_messages, ask_stream_usage,
                       done_without_finish_reason, finish_words, tools, tool_choices, response_formats, format_with_tools,
                       forced_choice_with_format, forced_choice_with_reasoning, reasoning_effort_form, reasoning_back, media,
                       image_urls, file_urls, plain_media, call_extras_back, refused_extra, settings))

constexpr std::string_view known_settings[] = {"temperature",
                                               "top_p",
                                               "max_output_tokens",
                                               "stop",
                                               "seed",
                                               "presence_penalty",
                                               "frequency_penalty",
                                               "n",
                                               "logprobs",
                                               "top_logprobs",
                                               "logit_bias",
                                               "tool_choice",
                                               "parallel_tool_calls",
                                               "response_format",
                                               "reasoning_effort",
                                               "reasoning_format",
                                               "service_tier",
                                               "verbosity",
                                               "user",
                                               "prompt_cache_key",
                                               "store",
                                               "request_metadata"};

[[noreturn]] void refuse(const std::string& place, const std::string& what)
{
    throw error(errc::invalid_argument, place + ": " + what);
}

// A member's name as a part of a JSON pointer (RFC 6901 §3).
std::string pointer_part(std::string_view name)
{
    std::string part;
    for (const char c : name)
        c == '~' ? part += "~0" : c == '/' ? part += "~1" : part += c;
    return part;
}

template <class Row>
void check_members(const json::object& row, const std::string& place)
{
    for (const auto& member : row) {
        bool known = false;
        boost::mp11::mp_for_each<boost::describe::describe_members<Row, boost::describe::mod_any_access>>(
            [&](auto d) { known = known || member.key() == d.name; });
        if (!known)
            refuse(place + "/" + pointer_part(member.key()), "no member of a row has this name");
    }
}

template <class Enum>
Enum one_of(const std::string& word, std::initializer_list<std::pair<std::string_view, Enum>> words, const std::string& place)
{
    std::string all;
    for (const auto& [known, value] : words) {
        if (word == known)
            return value;
        all += (all.empty() ? "" : ", ") + std::string(known);
    }
    refuse(place, "\"" + word + "\" is none of " + all);
}

setting_rule rule_of(const setting_row& row, const std::string& place)
{
    setting_rule rule;
    using support = setting_rule::support;
    if (row.support)
        rule.how = one_of<support>(*row.support, {{"send", support::send}, {"warn", support::warn}, {"refuse", support::refuse}},
                                   place + "/support");
    rule.field = row.field.value_or("");
    rule.why = row.why.value_or("");
    if (row.max_items)
        rule.max_items = *row.max_items;
    rule.refused_streamed = row.refused_streamed.value_or(false);
    rule.zero_as = row.zero_as;
    rule.true_as = row.true_as;
    if (row.words)
        rule.words.insert(row.words->begin(), row.words->end());
    return rule;
}

openai_profile profile_of(const profile_row& row, const std::string& place)
{
    openai_profile p;
    const auto take = [](auto& mine, const auto& theirs) {
        if (theirs)
            mine = *theirs;
    };
    p.name = row.name;
    p.base_url = row.base_url;
    if (p.name.empty() || p.name.find_first_of(": /") != std::string::npos)
        refuse(place + "/name", "a name is not empty and has no colon, slash or space");
    if (!p.base_url.starts_with("http://") && !p.base_url.starts_with("https://"))
        refuse(place + "/base_url", "an address begins with http:// or https://");
    take(p.url_variable, row.url_variable);
    take(p.key_variable, row.key_variable);
    p.key_required = row.key_required.value_or(!p.key_variable.empty());
    take(p.key_page, row.key_page);
    take(p.chat_path, row.chat_path);
    take(p.default_model, row.default_model);
    take(p.request_id_header, row.request_id_header);
    take(p.output_limit_field, row.output_limit_field);
    take(p.developer_role, row.developer_role);
    take(p.fold_system_messages, row.fold_system_messages);
    take(p.ask_stream_usage, row.ask_stream_usage);
    take(p.done_without_finish_reason, row.done_without_finish_reason);
    take(p.tools, row.tools);
    take(p.tool_choices, row.tool_choices);
    for (std::size_t i = 0; i < p.tool_choices.size(); ++i)
        one_of<int>(p.tool_choices[i], {{"auto", 0}, {"none", 0}, {"required", 0}, {"named", 0}},
                    place + "/tool_choices/" + std::to_string(i));
    take(p.format_with_tools, row.format_with_tools);
    take(p.forced_choice_with_format, row.forced_choice_with_format);
    take(p.forced_choice_with_reasoning, row.forced_choice_with_reasoning);
    take(p.media, row.media);
    for (std::size_t i = 0; i < p.media.size(); ++i)
        one_of<int>(p.media[i], {{"image", 0}, {"audio", 0}, {"file", 0}}, place + "/media/" + std::to_string(i));
    take(p.image_urls, row.image_urls);
    take(p.file_urls, row.file_urls);
    take(p.plain_media, row.plain_media);
    take(p.call_extras_back, row.call_extras_back);
    if (row.refused_extra)
        p.refused_extra.insert(row.refused_extra->begin(), row.refused_extra->end());
    if (row.response_formats) {
        using formats = openai_profile::formats;
        p.response_formats =
            one_of<formats>(*row.response_formats,
                            {{"json_schema", formats::json_schema}, {"json_object", formats::json_object}, {"none", formats::none}},
                            place + "/response_formats");
    }
    if (row.reasoning_effort_form) {
        using form = openai_profile::effort_form;
        p.reasoning_effort_form = one_of<form>(*row.reasoning_effort_form,
                                               {{"word", form::word},
                                                {"thinking_switch", form::thinking_switch},
                                                {"reasoning_object", form::reasoning_object},
                                                {"enabled_switch", form::enabled_switch}},
                                               place + "/reasoning_effort_form");
    }
    if (row.reasoning_back) {
        using echo = openai_profile::reasoning_echo;
        p.reasoning_back =
            one_of<echo>(*row.reasoning_back,
                         {{"never", echo::never}, {"always", echo::always}, {"details", echo::details}, {"part", echo::part}},
                         place + "/reasoning_back");
    }
    if (row.finish_words)
        for (const auto& [word, meaning] : *row.finish_words)
            p.finish_words[word] = one_of<finish_reason>(meaning,
                                                         {{"stop", finish_reason::stop},
                                                          {"length", finish_reason::length},
                                                          {"tool_calls", finish_reason::tool_calls},
                                                          {"content_filter", finish_reason::content_filter},
                                                          {"other", finish_reason::other}},
                                                         place + "/finish_words/" + pointer_part(word));
    if (row.settings)
        for (const auto& [setting, rule] : *row.settings) {
            const auto at = place + "/settings/" + pointer_part(setting);
            if (std::find(std::begin(known_settings), std::end(known_settings), setting) == std::end(known_settings))
                refuse(at, "no setting of chat_options has this name");
            p.settings[setting] = rule_of(rule, at);
        }
    return p;
}

std::vector<openai_profile> parse_profiles(std::string_view text)
{
    const auto document = parse_json(text);
    const auto* rows = document.is_object() ? document.get_object().if_contains("profiles") : nullptr;
    if (!rows || !rows->is_array())
        refuse("/profiles", "expected an array of rows");
    std::vector<openai_profile> profiles;
    for (const auto& row : rows->get_array()) {
        const auto place = "/profiles/" + std::to_string(profiles.size());
        if (!row.is_object())
            refuse(place, "expected an object");
        check_members<profile_row>(row.get_object(), place);
        if (const auto* settings = row.get_object().if_contains("settings"); settings && settings->is_object())
            for (const auto& setting : settings->get_object())
                if (setting.value().is_object())
                    check_members<setting_row>(setting.value().get_object(), place + "/settings/" + pointer_part(setting.key()));
        try {
            profiles.push_back(profile_of(from_json<profile_row>(row), place));
        } catch (const error& e) {
            if (e.code() == errc::output_mismatch)
                throw error(errc::invalid_argument, place + e.facts().message);
            throw;
        }
    }
    return profiles;
}

}  // namespace

result<std::vector<openai_profile>> try_parse_profiles(std::string_view json_text)
{
    try {
        return parse_profiles(json_text);
    } catch (const error& e) {
        return error(errc::invalid_argument, e.facts().message);
    }
}

std::vector<openai_profile> load_profiles(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw error(errc::invalid_argument, "no profiles can be read from " + path + ": there is no such file");
    std::ostringstream text;
    text << file.rdbuf();
    auto profiles = try_parse_profiles(text.str());
    if (!profiles)
        throw error(errc::invalid_argument, path + ": " + profiles.error().facts().message);
    return std::move(*profiles);
}

const std::vector<openai_profile>& builtin_profiles()
{
    static const auto rows = parse_profiles(detail::embedded_profiles());
    return rows;
}

const openai_profile* find_profile(std::string_view name)
{
    const auto& rows = builtin_profiles();
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const openai_profile& p) { return p.name == name; });
    return at == rows.end() ? nullptr : &*at;
}

openai_profile unknown_gateway(std::string base_url, std::string key_variable)
{
    openai_profile p;
    p.name = "openai_compatible";
    p.base_url = std::move(base_url);
    while (p.base_url.ends_with('/'))
        p.base_url.pop_back();
    p.key_required = !key_variable.empty();
    p.key_variable = std::move(key_variable);
    return p;
}

}  // namespace zincir

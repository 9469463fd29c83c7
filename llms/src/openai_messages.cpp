#include "openai_messages.hpp"
#include "json_append.hpp"

#include <algorithm>

namespace zincir::detail {
namespace {

bool is_text_only(const message& m)
{
    return std::all_of(m.content.begin(), m.content.end(),
                       [](const content_block& b) { return std::holds_alternative<text_block>(b); });
}

std::string_view role_word(role r, const openai_profile& profile)
{
    if (r == role::developer && !profile.developer_role)
        return name(role::system);
    return name(r);
}

std::string data_url(const media& source) { return "data:" + source.mime_type + ";base64," + source.base64; }

void write_image(json_writer& out, const media& source, const openai_profile& profile)
{
    if (!source.url.empty() && !profile.image_urls)
        throw error(errc::unsupported, profile.name + " takes a picture as its bytes, not by its address: use image_bytes()");
    out.member("type", "image_url");
    out.key("image_url");
    out.begin_object();
    out.member("url", source.url.empty() ? data_url(source) : source.url);
    if (!source.detail.empty())
        out.member("detail", source.detail);
    out.end_object();
}

// OpenAI names the format of a sound by its subtype.
std::string_view audio_format(std::string_view mime_type)
{
    if (mime_type == "audio/mpeg")
        return "mp3";
    const auto slash = mime_type.find('/');
    auto subtype = slash == std::string_view::npos ? mime_type : mime_type.substr(slash + 1);
    if (subtype.starts_with("x-"))
        subtype.remove_prefix(2);
    return subtype;
}

void write_audio(json_writer& out, const media& source, const openai_profile& profile)
{
    if (source.base64.empty())
        throw error(errc::unsupported, "a sound is sent as its bytes, not by an address: use audio_bytes()");
    out.member("type", "input_audio");
    if (profile.plain_media) {
        out.member("input_audio", source.base64);
        return;
    }
    out.key("input_audio");
    out.begin_object();
    out.member("data", source.base64);
    out.member("format", audio_format(source.mime_type));
    out.end_object();
}

void write_file(json_writer& out, const media& source, const openai_profile& profile)
{
    if (!source.url.empty() && !profile.file_urls)
        throw error(errc::unsupported, profile.name + " takes a file as its bytes, not by its address: use file_bytes()");
    if (profile.plain_media) {
        out.member("type", "document_url");
        out.member("document_url", source.url.empty() ? data_url(source) : source.url);
        if (!source.name.empty())
            out.member("document_name", source.name);
        return;
    }
    out.member("type", "file");
    out.key("file");
    out.begin_object();
    if (!source.name.empty())
        out.member("filename", source.name);
    out.member("file_data", source.url.empty() ? data_url(source) : source.url);
    out.end_object();
}

void write_text_part(json_writer& out, const std::string& text)
{
    out.begin_object();
    out.member("type", "text");
    out.member("text", text);
    out.end_object();
}

void write_part(json_writer& out, const content_block& block, const openai_profile& profile)
{
    out.begin_object();
    if (const auto* text = std::get_if<text_block>(&block)) {
        out.member("type", "text");
        out.member("text", text->text);
    } else if (const auto* image = std::get_if<image_block>(&block)) {
        write_image(out, image->source, profile);
    } else if (const auto* audio = std::get_if<audio_block>(&block)) {
        write_audio(out, audio->source, profile);
    } else if (const auto* file = std::get_if<file_block>(&block)) {
        write_file(out, file->source, profile);
    } else if (const auto* refusal = std::get_if<refusal_block>(&block)) {
        out.member("type", "refusal");
        out.member("refusal", refusal->text);
    }
    out.end_object();
}

bool is_part(const content_block& block)
{
    return !std::holds_alternative<tool_call>(block) && !std::holds_alternative<tool_result_block>(block) &&
           !std::holds_alternative<reasoning_block>(block);
}

// "image", "audio" or "file", or "" of what is none of them.
std::string_view media_kind(const content_block& block)
{
    if (std::holds_alternative<image_block>(block))
        return "image";
    if (std::holds_alternative<audio_block>(block))
        return "audio";
    return std::holds_alternative<file_block>(block) ? "file" : "";
}

void write_content(json_writer& out, const message& m, const openai_profile& profile)
{
    if (is_text_only(m)) {
        if (m.content.size() == 1)
            out.member("content", std::get<text_block>(m.content.front()).text);
        else
            out.member("content", m.text());
        return;
    }
    out.key("content");
    out.begin_array();
    for (const auto& block : m.content)
        if (is_part(block))
            write_part(out, block, profile);
    out.end_array();
}

// What a provider sent with a call under this name, or null.
const json::value* extra_content(const message& m, const std::string& call_id)
{
    const auto* all = m.metadata().if_contains("extra_content");
    return all && all->is_object() ? all->get_object().if_contains(call_id) : nullptr;
}

void write_calls(json_writer& out, const message& m, const openai_profile& profile)
{
    out.key("tool_calls");
    out.begin_array();
    for (const auto& block : m.content)
        if (const auto* call = std::get_if<tool_call>(&block)) {
            out.begin_object();
            out.member("id", call->id);
            out.member("type", "function");
            out.key("function");
            out.begin_object();
            out.member("name", call->name);
            out.member("arguments", call->arguments);
            out.end_object();
            if (const auto* extra = profile.call_extras_back ? extra_content(m, call->id) : nullptr; extra && extra->is_object())
                out.member("extra_content", extra->get_object());
            out.end_object();
        }
    out.end_array();
}

// What the provider gave with its reasoning, of all blocks in order.
json::array reasoning_details(const message& m)
{
    json::array all;
    for (const auto& block : m.content)
        if (const auto* reasoning = std::get_if<reasoning_block>(&block))
            if (const auto* details = reasoning->details.if_contains("reasoning_details")) {
                if (details->is_array())
                    detail::append(all, details->get_array());
                else
                    all.push_back(*details);
            }
    return all;
}

// Mistral's form, in which its reasoning came: content chunks, the thoughts before the answer.
void write_thinking(json_writer& out, const std::string& reasoning, const std::string& text)
{
    out.key("content");
    out.begin_array();
    out.begin_object();
    out.member("type", "thinking");
    out.key("thinking");
    out.begin_array();
    write_text_part(out, reasoning);
    out.end_array();
    out.end_object();
    if (!text.empty())
        write_text_part(out, text);
    out.end_array();
}

void write_assistant(json_writer& out, const message& m, const openai_profile& profile)
{
    const bool calls = std::any_of(m.content.begin(), m.content.end(),
                                   [](const content_block& b) { return std::holds_alternative<tool_call>(b); });
    const auto text = m.text();
    // A plain string wherever it says the same: local servers' chat templates want one.
    if (const auto reasoning = m.reasoning(); profile.reasoning_back == openai_profile::reasoning_echo::part && !reasoning.empty())
        write_thinking(out, reasoning, text);
    else if (!text.empty() || !calls)
        out.member("content", text);
    if (const auto refusal = m.refusal(); !refusal.empty())
        out.member("refusal", refusal);
    if (profile.reasoning_back == openai_profile::reasoning_echo::always)
        out.member("reasoning_content", m.reasoning());
    if (profile.reasoning_back == openai_profile::reasoning_echo::details)
        if (const auto details = reasoning_details(m); !details.empty())
            out.member("reasoning_details", details);
    if (calls)
        write_calls(out, m, profile);
}

void write_results(json_writer& out, const message& m)
{
    for (const auto& block : m.content)
        if (const auto* result = std::get_if<tool_result_block>(&block)) {
            out.begin_object();
            out.member("role", "tool");
            out.member("tool_call_id", result->call_id);
            // The protocol has no flag for it: the model is told in words.
            out.member("content", result->is_error && !result->text.starts_with("Error") ? "Error: " + result->text : result->text);
            out.end_object();
        }
}

// Nothing is left out in silence: the protocol has no place for a picture that an assistant showed, nor for a tool's result in a
// user's message.
void check_blocks(const message& m, const openai_profile& profile)
{
    for (const auto& block : m.content) {
        const auto kind = media_kind(block);
        if (!kind.empty() && std::find(profile.media.begin(), profile.media.end(), kind) == profile.media.end())
            throw error(errc::unsupported, profile.name + " takes no " + std::string(kind) +
                                               " in a message: describe it in words, or choose another provider");
        const bool result = std::holds_alternative<tool_result_block>(block);
        if (result != (m.role == role::tool))
            throw error(errc::invalid_argument, result ? "a message of the role " + std::string(name(m.role)) +
                                                             " holds a tool result: make it a message of its own with tool_result()"
                                                       : "a message of the role tool holds more than tool results");
        if (m.role == role::assistant && !kind.empty())
            throw error(errc::unsupported,
                        "a message of the role assistant holds a picture, a sound or a file: send it in a user message");
    }
}

void write_message(json_writer& out, const message& m, const openai_profile& profile)
{
    check_blocks(m, profile);
    if (m.role == role::tool) {
        write_results(out, m);
        return;
    }
    out.begin_object();
    out.member("role", role_word(m.role, profile));
    if (!m.name.empty())
        out.member("name", m.name);
    if (m.role == role::assistant)
        write_assistant(out, m, profile);
    else
        write_content(out, m, profile);
    out.end_object();
}

bool is_instruction(const message& m) { return m.role == role::system || m.role == role::developer; }

// The history with its later system messages joined to the first.
messages folded(const messages& history)
{
    messages out;
    std::string instructions;
    for (const auto& m : history) {
        if (!is_instruction(m))
            continue;
        instructions += (instructions.empty() ? "" : "\n\n") + m.text();
    }
    out.push_back(system(std::move(instructions)));
    std::copy_if(history.begin(), history.end(), std::back_inserter(out), [](const message& m) { return !is_instruction(m); });
    return out;
}

}  // namespace

void write_openai_messages(json_writer& out, const messages& history, const openai_profile& profile,
                           std::vector<std::string>& warnings)
{
    out.key("messages");
    out.begin_array();
    const bool later_instruction =
        history.size() > 1 && std::any_of(history.begin() + 1, history.end(), [](const message& m) { return is_instruction(m); });
    if (profile.fold_system_messages && later_instruction) {
        warnings.push_back(profile.name + " takes one system message, at the start: the later ones were joined to it");
        for (const auto& m : folded(history))
            write_message(out, m, profile);
    } else {
        for (const auto& m : history)
            write_message(out, m, profile);
    }
    out.end_array();
}

}  // namespace zincir::detail

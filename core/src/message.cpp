#include <zincir/core/message.hpp>

namespace zincir {

std::string_view name(role r) noexcept
{
    switch (r) {
        case role::system:
            return "system";
        case role::developer:
            return "developer";
        case role::user:
            return "user";
        case role::assistant:
            return "assistant";
        case role::tool:
            return "tool";
    }
    return "unknown";
}

std::string_view name(finish_reason f) noexcept
{
    switch (f) {
        case finish_reason::none:
            return "none";
        case finish_reason::stop:
            return "stop";
        case finish_reason::length:
            return "length";
        case finish_reason::tool_calls:
            return "tool_calls";
        case finish_reason::content_filter:
            return "content_filter";
        case finish_reason::other:
            return "other";
    }
    return "unknown";
}

std::string_view name(message_status s) noexcept
{
    switch (s) {
        case message_status::complete:
            return "complete";
        case message_status::length:
            return "length";
        case message_status::aborted:
            return "aborted";
        case message_status::failed:
            return "failed";
    }
    return "unknown";
}

namespace {

template <class Block>
std::string joined(const content& blocks)
{
    std::string all;
    for (const auto& block : blocks)
        if (const auto* part = std::get_if<Block>(&block))
            all += part->text;
    return all;
}

}  // namespace

const reply_info& message::lazy_info::get() const noexcept
{
    static const reply_info none;
    return info_ ? *info_ : none;
}

std::string message::text() const& { return joined<text_block>(content); }

std::string message::text() &&
{
    if (content.size() == 1)
        if (auto* only = std::get_if<text_block>(&content.front()))
            return std::move(only->text);
    return joined<text_block>(content);
}

std::string message::reasoning() const { return joined<reasoning_block>(content); }

std::string message::refusal() const { return joined<refusal_block>(content); }

std::vector<tool_call> message::tool_calls() const
{
    std::vector<tool_call> calls;
    for (const auto& block : content)
        if (const auto* call = std::get_if<tool_call>(&block))
            calls.push_back(*call);
    return calls;
}

message system(std::string text) { return message(role::system, std::move(text)); }
message system(const char* text) { return system(std::string(text)); }
message developer(std::string text) { return message(role::developer, std::move(text)); }
message user(std::string text) { return message(role::user, std::move(text)); }
message assistant(std::string text) { return message(role::assistant, std::move(text)); }

message tool_result(std::string call_id, std::string text, bool is_error)
{
    message m;
    m.role = role::tool;
    m.content.emplace_back(tool_result_block(std::move(call_id), std::move(text), is_error));
    return m;
}

usage& usage::operator+=(const usage& other)
{
    input_tokens += other.input_tokens;
    output_tokens += other.output_tokens;
    total_tokens += other.total_tokens;
    const auto add = [](std::optional<std::int64_t>& mine, const std::optional<std::int64_t>& theirs) {
        if (theirs)
            mine = mine.value_or(0) + *theirs;
    };
    add(cached_input_tokens, other.cached_input_tokens);
    add(reasoning_tokens, other.reasoning_tokens);
    return *this;
}

}  // namespace zincir

#include <zincir/llms/openai_decoder.hpp>

#include "openai_delta.hpp"
#include "openai_reply.hpp"

#include <fmt/format.h>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace zincir {
namespace {

constexpr std::size_t unmodelled_limit = 16;
constexpr std::size_t cut_field_name = 5;  // a line no longer than that may be the beginning of "event:"

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

json::value parse(std::string_view text, boost::system::error_code& ec, json::storage_ptr memory)
{
    json::parse_options options;
    options.max_depth = 128;
    auto value = json::parse(json::string_view(text.data(), text.size()), ec, memory, options);
    if (!ec || text.find("\\u") == std::string_view::npos)
        return value;
    // A text that was cut between the halves of a pair is no JSON to Boost, and an answer all the same.
    const auto mended = detail::with_paired_surrogates(text);
    return json::parse(json::string_view(mended.data(), mended.size()), ec, std::move(memory), options);
}

error malformed(std::string_view data, std::string_view what, const provider_context& who)
{
    diagnostics facts;
    facts.provider = who.provider;
    facts.message = fmt::format("the provider sent {}: what it begins with is in provider_message", what);
    facts.provider_message = who.key.redact(data).substr(0, 256);
    return error(errc::malformed_reply, std::move(facts));
}

}  // namespace

void openai_decoder::event(const sse_event& e, chat_emitter& out)
{
    if (out.end())
        return;
    if (e.type == "message" && read_common(e.data, out))
        return out.count_event();
    const auto data = trimmed(e.data);
    if (e.type == "error") {
        boost::system::error_code ec;
        const auto payload = parse(data, ec, json::storage_ptr());
        out.fail(error_from_payload(ec ? json::value(json::string_view(data.data(), data.size())) : payload, rules_->who));
    } else if (data.starts_with("[DONE]")) {
        flush_surrogate(out);
        check_protocol(out);
        out.done();
    } else if (!data.empty() && data.front() != ':' && data != "null" && e.type != "ping") {
        read_document(data, false, out);
    }
    out.count_event();
}

void openai_decoder::body(std::string_view text, chat_emitter& out)
{
    if (!out.end())
        read_document(trimmed(text), true, out);
}

void openai_decoder::strays(std::string_view lines, bool at_end, chat_emitter& out)
{
    if (out.end() || out.finish_so_far() != finish_reason::none)
        return;
    boost::system::error_code ec;
    for (auto rest = lines; !rest.empty();) {
        const auto length = std::min(rest.find_first_of("\r\n"), rest.size());
        auto line = trimmed(rest.substr(0, length));
        rest.remove_prefix(std::min(length + 1, rest.size()));
        const bool named = line.starts_with("error:");  // llama.cpp before September 2025
        if (named)
            line = trimmed(line.substr(6));
        if (line.empty() || (!named && line.front() != '{'))
            continue;
        const auto payload = parse(line, ec, json::storage_ptr());
        if (named)
            return out.fail(
                error_from_payload(ec ? json::value(json::string_view(line.data(), line.size())) : payload, rules_->who));
        if (!ec && find_error(payload))
            return out.fail(error_from_payload(payload, rules_->who));
    }
    if (!at_end)
        return;
    check_protocol(out);
    const auto all = trimmed(lines);
    const auto payload = parse(all, ec, json::storage_ptr());
    if (!ec && find_error(payload))
        out.fail(error_from_payload(payload, rules_->who));
    else if (out.contents() == 0 && all.size() > cut_field_name)
        out.fail(malformed(all, "lines that are no event stream", rules_->who));
}

// A reply of which no event was one of this protocol did not break off: the address speaks another one.
void openai_decoder::check_protocol(chat_emitter& out) const
{
    if (out.was_modelled() || out.end())
        return;
    const auto* kept = out.info().metadata.if_contains("unmodelled");
    if (!kept)
        return;
    diagnostics facts;
    facts.provider = rules_->who.provider;
    facts.message = "none of the reply's events is a chunk of a chat completion: does " + rules_->who.url +
                    " speak OpenAI's chat-completions API? Its first event is in provider_message";
    facts.provider_message = rules_->who.key.redact(json::serialize(kept->get_array().front())).substr(0, 256);
    out.fail(error(errc::malformed_reply, std::move(facts)));
}

bool openai_decoder::expects_more() const
{
    const auto finished = std::count_if(other_choices_.begin(), other_choices_.end(),
                                        [](const json::value& choice) { return choice.get_object().contains("finish_reason"); });
    return finished < std::max<std::int64_t>(candidates_ - 1, static_cast<std::int64_t>(other_choices_.size()));
}

error openai_decoder::rejected(unsigned status, const http_headers& headers, std::string_view body) const
{
    return error_from_response(status, headers, body, rules_->who);
}

error openai_decoder::foreign(unsigned status, const http_headers& headers, std::string_view body) const
{
    return error_from_foreign_body(status, headers, body, rules_->who);
}

std::string openai_decoder::request_id(const http_headers& headers) const { return request_id_of(headers, rules_->who); }

// An event that differs from the last one in its text alone, as most of a stream do, says nothing else that is new.
bool openai_decoder::read_like_last(std::string_view data, chat_emitter& out)
{
    if (text_at_ == 0 || data.size() < last_.size() || !data.starts_with(std::string_view(last_).substr(0, text_at_)) ||
        !data.ends_with(std::string_view(last_).substr(text_at_)))
        return false;
    const auto text = detail::read_json_text(data.substr(text_at_));
    if (!text || text_at_ + text->raw.size() + (last_.size() - text_at_) != data.size())
        return false;
    out.modelled();
    out.text(joined(text->raw, text->escaped, part::of_content, std::nullopt, out));
    return true;
}

void openai_decoder::remember(std::string_view data, std::string_view text)
{
    text_at_ = static_cast<std::size_t>(text.data() - data.data());
    last_.assign(data.substr(0, text_at_)).append(data.substr(text_at_ + text.size()));
}

bool openai_decoder::read_common(std::string_view data, chat_emitter& out)
{
    if (read_like_last(data, out))
        return true;
    text_at_ = 0;
    detail::openai_delta delta;
    if (!detail::scan_openai_delta(data, delta))
        return false;
    out.modelled();
    out.id(delta.id);
    out.model(delta.model);
    const auto keep = [&](std::string_view key, std::string_view value) {
        if (value.empty())
            return;
        const auto* held = out.info().metadata.if_contains(json::string_view(key.data(), key.size()));
        const json::string_view text(value.data(), value.size());
        if (!held || !held->is_string() || held->get_string() != text)
            out.metadata(key, json::value(text));
    };
    keep("system_fingerprint", delta.system_fingerprint);
    keep("service_tier", delta.service_tier);
    keep("provider", delta.provider);
    if (const auto& thought = delta.reasoning_content ? delta.reasoning_content : delta.reasoning)
        out.reasoning(joined(thought.raw, thought.escaped, part::of_reasoning, std::nullopt, out));
    if (delta.content)
        out.text(joined(delta.content.raw, delta.content.escaped, part::of_content, std::nullopt, out));
    if (delta.has_call) {
        tool_call_fragment fragment;
        fragment.index = delta.call_index;
        fragment.arguments =
            joined(delta.call_arguments.raw, delta.call_arguments.escaped, part::of_arguments, delta.call_index, out);
        out.tool_call(fragment);
    }
    if (delta.content && !delta.reasoning_content && !delta.reasoning && !delta.has_call)
        remember(data, delta.content.raw);
    return true;
}

void openai_decoder::read_document(std::string_view data, bool whole, chat_emitter& out)
{
    std::array<unsigned char, 4096> first;
    json::monotonic_resource memory(first.data(), first.size());
    boost::system::error_code ec;
    const auto reply = parse(data, ec, &memory);
    if (ec)
        return out.fail(malformed(data, whole ? "a body that is no JSON" : "an event that is no JSON", rules_->who));
    flush_surrogate(out);
    if (detail::read_openai_reply(reply, whole, *rules_, other_choices_, out))
        return out.modelled();
    if (whole)
        return out.fail(malformed(data, "a body without choices", rules_->who));
    if (!reply.is_object())
        return out.fail(malformed(data, "an event that is no JSON object", rules_->who));
    if (reply.get_object().empty())
        return;
    const auto* held = out.info().metadata.if_contains("unmodelled");
    json::array kept = held ? held->get_array() : json::array();
    if (kept.size() < unmodelled_limit) {
        kept.push_back(detail::holds_key(reply, rules_->who.key) ? detail::without_key(reply, rules_->who.key) : reply);
        out.metadata("unmodelled", std::move(kept));
    }
}

// The piece decoded; valid until the next call.
std::string_view openai_decoder::joined(std::string_view raw, bool escaped, part of, std::optional<std::int64_t> call,
                                        chat_emitter& out)
{
    if (!surrogate_.empty() && (surrogate_of_ != of || surrogate_call_ != call))
        flush_surrogate(out);
    detail::json_text text{raw, escaped};
    std::string both;
    if (!surrogate_.empty()) {
        both = std::exchange(surrogate_, std::string());
        both += raw;
        text = detail::json_text{both, true};
    }
    // Ends in the escape of a first half, which is not itself an escaped backslash: its other half comes with the next chunk.
    if (text.escaped && text.raw.size() >= 6) {
        const auto tail = text.raw.substr(text.raw.size() - 6);
        const bool first_half = tail.starts_with("\\u") && (tail[2] == 'd' || tail[2] == 'D') &&
                                std::string_view("89abAB").find(tail[3]) != std::string_view::npos;
        const auto before = text.raw.substr(0, text.raw.size() - 6);
        const auto slashes = before.size() - (before.find_last_not_of('\\') + 1);
        if (first_half && slashes % 2 == 0) {
            surrogate_ = tail;
            surrogate_of_ = of;
            surrogate_call_ = call;
            text.raw = before;
        }
    }
    return detail::decode(text, scratch_);
}

void openai_decoder::flush_surrogate(chat_emitter& out)
{
    if (std::exchange(surrogate_, std::string()).empty())
        return;
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    if (surrogate_of_ == part::of_content)
        return out.text(replacement);
    if (surrogate_of_ == part::of_reasoning)
        return out.reasoning(replacement);
    tool_call_fragment fragment;
    fragment.index = surrogate_call_;
    fragment.arguments = replacement;
    out.tool_call(fragment);
}

}  // namespace zincir

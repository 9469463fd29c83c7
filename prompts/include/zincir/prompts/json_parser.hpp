#pragma once

#include <zincir/core/described.hpp>
#include <zincir/core/message.hpp>
#include <zincir/core/sequence.hpp>

namespace zincir {

/// The JSON in a model's text: the text itself, or what stands in its first Markdown fence (```json … ```). Strict by RFC 8259.
/// Errors: errc::output_mismatch with place and excerpt, errc::limit_exceeded.
result<json::value> try_parse_reply_json(std::string_view text, json_limits limits = json_limits());

/// A reply's text as a JSON value. Throws what try_parse_reply_json reports, and errc::refusal for a refusal.
class json_parser : public step<message, json::value> {
public:
    awaitable<json::value> invoke(message reply, run_context ctx = {}) const;
    std::string_view step_name() const noexcept { return "to_json"; }
};

inline json_parser to_json() { return {}; }

/// A reply's text as a T, a described struct (or anything `from_json` reads). Errors name the place as a JSON pointer.
template <class T>
class typed_parser : public step<message, T> {
public:
    awaitable<T> invoke(message reply, run_context ctx = {}) const
    {
        auto value = co_await json_parser().invoke(std::move(reply), std::move(ctx));
        co_return from_json<T>(value);
    }
    std::string_view step_name() const noexcept { return "to<T>"; }
};

template <class T>
typed_parser<T> to()
{
    return {};
}

}  // namespace zincir

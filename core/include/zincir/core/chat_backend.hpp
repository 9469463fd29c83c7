#pragma once

#include <zincir/core/awaitable.hpp>
#include <zincir/core/chat_request.hpp>
#include <zincir/core/message_chunk.hpp>
#include <zincir/core/model_profile.hpp>
#include <zincir/core/run_context.hpp>

namespace zincir {

/// What a provider, a local model or a test double implements. One function is enough.
///
/// Backends are shared, immutable and called concurrently. `this` lives until the returned coroutine or stream has ended: the
/// model keeps it. Neither function is called with a request that `check_request` or `check_history` refuses.
class chat_backend {
public:
    virtual ~chat_backend() = default;

    /// Answers `request` whole. Throws `error`; ends with errc::cancelled soon after the awaiting coroutine is cancelled, and with
    /// errc::deadline_exceeded when `ctx.deadline()` passes. Nothing is sent before the first resumption.
    virtual awaitable<message> generate(chat_request request, run_context ctx) const = 0;

    /// Answers in pieces. The last chunk carries the finish reason; a reply that was cut is errc::truncated, never an end.
    /// By default: `generate`, as one text block and its facts.
    virtual zincir::stream<message_chunk> stream(chat_request request, run_context ctx) const;

    /// What the model named by `request_model` (empty: the default one) can do. By default nothing is known.
    virtual model_profile profile(std::string_view request_model) const;

    /// Whose it is and which model answers by default, as "provider:model"; for explain() and for errors.
    virtual std::string name() const { return "custom"; }
};

/// `whole` as the chunks of a stream that ends well. For backends that have the whole reply at once. next() throws
/// errc::unsupported for a picture, sound or file: no chunk holds one.
zincir::stream<message_chunk> stream_of_message(message whole);

}  // namespace zincir

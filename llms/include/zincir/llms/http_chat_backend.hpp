#pragma once

#include <zincir/core/chat_backend.hpp>
#include <zincir/llms/chat_codec.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace zincir {

struct http_chat_limits {
    std::size_t body = std::size_t{64} << 20;        ///< bytes of a whole reply; beyond: errc::limit_exceeded
    std::size_t stream = std::size_t{1} << 30;       ///< bytes of a streamed reply, whatever is in them
    std::size_t error_body = std::size_t{64} << 10;  ///< bytes read of a rejection; the rest is left out
    /// Silence after the finish reason that ends a stream: its server owes usage or an end.
    std::chrono::milliseconds end_time{2000};
    std::size_t drain = std::size_t{16} << 10;  ///< bytes read after a stream's end mark, so that its connection can be used again
    std::chrono::milliseconds drain_time{100};
    sse_limits events{};
};

namespace detail {

/// One call, ready to go.
struct chat_exchange {
    std::shared_ptr<http_transport> transport{};
    encoded_chat_request encoded{};
    std::unique_ptr<chat_decoder> decoder{};
    emission_rules rules{};
    http_chat_limits limits{};
};

awaitable<message> whole_reply(chat_exchange exchange, run_context ctx);
stream<message_chunk> streamed_reply(chat_exchange exchange, run_context ctx);
stream<message_chunk> failed_stream(error e);
void set_timeouts(http_request& request, const chat_options& options);

}  // namespace detail

/// A model behind HTTP: joins a codec, a transport and the event parser, and nothing else does.
///
/// generate() and stream() end with an error of the transport (its timeouts by name, deadline_exceeded, connection, …), of the
/// codec (by status and code of the provider), or errc::truncated, malformed_reply, limit_exceeded; in the middle of a reply with
/// what had come in diagnostics::partial. Cancelling closes the connection at once and ends with errc::cancelled. After a stream's
/// end mark the rest of the response is read, within limits, so that the connection returns to its pool. Only content feeds the
/// first-content and idle timeouts. A reply of the other kind than was asked for (JSON to a streamed request, events to a whole
/// one) is read as what it is. A connection that its server leaves open holds no reply back: a stream ends soon after its finish
/// reason (http_chat_limits::end_time), a body of no stated length with its JSON. Shared and thread-safe, as the codec and the
/// transport are.
template <chat_codec Codec>
class http_chat_backend final : public chat_backend {
public:
    /// Throws errc::invalid_argument for null.
    http_chat_backend(Codec codec, std::shared_ptr<http_transport> transport, http_chat_limits limits = http_chat_limits())
        : codec_(std::move(codec)), transport_(std::move(transport)), limits_(limits)
    {
        if (!transport_)
            throw error(errc::invalid_argument, "http_chat_backend needs a transport: the pointer it was given is null");
    }

    awaitable<message> generate(chat_request request, run_context ctx) const override
    {
        return detail::whole_reply(exchange(request, false), std::move(ctx));
    }

    zincir::stream<message_chunk> stream(chat_request request, run_context ctx) const override
    {
        try {
            return detail::streamed_reply(exchange(request, true), std::move(ctx));
        } catch (const error& e) {
            return detail::failed_stream(e);
        }
    }

    model_profile profile(std::string_view request_model) const override { return codec_.profile(request_model); }
    std::string name() const override { return codec_.name(); }
    const Codec& codec() const noexcept { return codec_; }

private:
    detail::chat_exchange exchange(const chat_request& request, bool streamed) const
    {
        detail::chat_exchange call;
        call.transport = transport_;
        call.encoded = codec_.encode(request, streamed);
        detail::set_timeouts(call.encoded.http, *request.options);
        call.decoder = codec_.decoder(request);
        call.rules = codec_.rules();
        call.limits = limits_;
        return call;
    }

    Codec codec_;
    std::shared_ptr<http_transport> transport_;
    http_chat_limits limits_;
};

}  // namespace zincir

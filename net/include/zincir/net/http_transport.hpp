#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/run_context.hpp>
#include <zincir/core/secret.hpp>
#include <zincir/core/stream.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zincir {

/// Header fields in order. Names compare without case (RFC 9110 §5.1).
class http_headers {
public:
    http_headers() = default;
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    /// The first field's value, or nullopt. Valid until the headers change.
    std::optional<std::string_view> get(std::string_view name) const noexcept;
    const std::vector<std::pair<std::string, std::string>>& fields() const noexcept { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Zero means no limit of that kind. The run's deadline holds besides.
struct http_timeouts {
    std::chrono::milliseconds connect{10'000};         ///< name look-up, TCP, proxy and TLS together
    std::chrono::milliseconds first_content{300'000};  ///< from the request's start to its first content
    std::chrono::milliseconds idle{120'000};           ///< from one content to the next
    std::chrono::milliseconds request{600'000};        ///< everything
};

/// Tells a transport that *content* arrived, where bytes alone are not content: server-sent keep-alive comments must feed neither
/// the first-content nor the idle timeout. The reader of a body marks it, and says when it waits for an end alone; used on the
/// call's strand only. The other way round, a transport tells here that the peer has nothing more to send.
class content_clock {
public:
    void mark(std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) noexcept { last_ = now; }
    /// The last mark; the epoch before the first.
    std::chrono::steady_clock::time_point last() const noexcept { return last_; }

    /// The reader has all the content it wants: what the peer still owes is an end. A wait for it of `limit` altogether is
    /// errc::idle_timeout. Another limit begins anew; zero: no end is expected.
    void expect_end(std::chrono::milliseconds limit) noexcept { end_limit_ = limit; }
    std::chrono::milliseconds end_limit() const noexcept { return end_limit_; }

    void mark_complete() noexcept { complete_ = true; }
    /// The transport has the whole body and has let go of the connection: a reader that saw the end it wanted need not read on.
    bool complete() const noexcept { return complete_; }

private:
    std::chrono::steady_clock::time_point last_{};
    std::chrono::milliseconds end_limit_{};
    bool complete_ = false;
};

struct http_request {
    std::string method = "POST";
    std::string url{};       ///< absolute http or https address
    http_headers headers{};  ///< Host, Content-Length, Connection and Accept-Encoding are the transport's
    secret bearer{};         ///< sent as "Authorization: Bearer …" where not empty
    std::string body{};
    http_timeouts timeouts{};
    std::shared_ptr<content_clock> content{};  ///< null: every byte of the body counts as content
};

/// The head of a reply, and its body as it arrives: in pieces of any size, none empty. The body ends only where HTTP says that it
/// does; a connection that closes before is errc::truncated. Destroying the body before its end closes the connection at once.
struct http_response {
    unsigned status = 0;
    http_headers headers{};
    stream<std::string> body{};
};

/// Moves bytes: the only interface between this library and the network. Implementations are shared, thread-safe and called
/// concurrently, each call on a strand of its own.
class http_transport {
public:
    virtual ~http_transport() = default;

    /// Sends `request`; completes when the head of the final response is there, whatever its status. Throws errc::connection,
    /// certificate, connect_timeout, first_content_timeout, idle_timeout, request_timeout, deadline_exceeded, limit_exceeded,
    /// malformed_reply, truncated, cancelled or invalid_argument (an address that is none). The transport lives until the body
    /// has ended: bodies keep what they need.
    virtual awaitable<http_response> send(http_request request, run_context ctx) = 0;
};

/// The whole body. Throws errc::limit_exceeded beyond `limit` bytes.
awaitable<std::string> read_all(stream<std::string> body, std::size_t limit);

}  // namespace zincir

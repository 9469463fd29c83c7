#pragma once

#include <zincir/core/error.hpp>
#include <zincir/net/http_transport.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace zincir {

/// One answer of a `scripted_transport`: a response whole or in pieces, or a failure; late or cut, if wanted.
class scripted_response {
public:
    using duration = std::chrono::steady_clock::duration;

    /// The body in one piece.
    explicit scripted_response(unsigned status = 200, std::string body = std::string());
    /// send() throws it.
    scripted_response(error failure);
    /// Status 200; the body arrives in these pieces, however they cut its events and characters.
    static scripted_response pieces(std::vector<std::string> body);

    [[nodiscard]] scripted_response header(std::string name, std::string value) const;
    /// send() completes this much later.
    [[nodiscard]] scripted_response after(duration delay) const;
    /// So much time passes before each piece of the body.
    [[nodiscard]] scripted_response paced(duration pause) const;
    /// After the pieces the body throws this instead of ending.
    [[nodiscard]] scripted_response then_fail(error failure) const;

private:
    friend class scripted_transport;
    unsigned status_ = 200;
    http_headers headers_{};
    std::vector<std::string> pieces_{};
    std::optional<error> failure_{};       // of send()
    std::optional<error> body_failure_{};  // after the pieces
    duration delay_{};
    duration pause_{};
};

/// What a `scripted_transport` was sent. The bearer key is left out.
struct recorded_request {
    std::string method{};
    std::string url{};
    http_headers headers{};
    std::string body{};
    http_timeouts timeouts{};
    bool had_bearer = false;
};

/// A transport for tests: it answers from a queue, without any network, and remembers what it was sent.
///
///     scripted_transport transport(scripted_response(429).header("retry-after", "1"), scripted_response(200, "{}"));
///
/// A handle: copies share one queue. An empty queue is errc::script_ended. Delays end at the run's deadline
/// (errc::deadline_exceeded) and with a cancellation (errc::cancelled); the other timeouts are not played. Thread-safe.
class scripted_transport final : public http_transport {
public:
    template <std::convertible_to<scripted_response>... Responses>
    explicit scripted_transport(Responses... responses) : scripted_transport(std::vector<scripted_response>())
    {
        (then(std::move(responses)), ...);
    }
    explicit scripted_transport(std::vector<scripted_response> script);

    /// Adds to the end of the queue.
    scripted_transport& then(scripted_response response);
    /// All requests so far, in the order in which they came.
    std::vector<recorded_request> requests() const;
    /// Responses not asked for yet.
    std::size_t remaining() const;

    awaitable<http_response> send(http_request request, run_context ctx) override;

    struct state;

private:
    std::shared_ptr<state> state_;
};

}  // namespace zincir

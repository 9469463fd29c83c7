#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace zincir {

using boost::system::error_code;
class message;

/// What went wrong, exactly. Each names its condition, which is what a caller branches on.
enum class errc {
    authentication = 1,     ///< the provider does not accept the key (HTTP 401), or no usable key is set · misconfigured
    permission,             ///< the key may not do this (403) · misconfigured
    not_found,              ///< no such model or address (404) · misconfigured
    invalid_request,        ///< the provider rejected the request as malformed (400, 422, …) · misconfigured
    unsupported,            ///< refused before sending: this model or provider cannot do what was asked · misconfigured
    invalid_argument,       ///< the caller's input is wrong: history, option, value · misconfigured
    invalid_template,       ///< a template does not parse · misconfigured
    missing_variable,       ///< a template was rendered without one of its variables · misconfigured
    certificate,            ///< the peer's TLS certificate was not accepted · misconfigured
    context_overflow,       ///< the input does not fit the model's context window · exhausted
    quota_exceeded,         ///< the account has no credit left (429 with code insufficient_quota) · exhausted
    deadline_exceeded,      ///< the call's own deadline passed · exhausted
    rate_limited,           ///< too many requests (429); diagnostics::retry_after says for how long, when known · transient
    server_fault,           ///< the provider failed on its side (5xx, or an error inside a reply) · transient
    connection,             ///< refused, reset, unknown host, or closed before a reply came · transient
    connect_timeout,        ///< no connection in time · transient
    first_content_timeout,  ///< connected, but no content of the reply came in time · transient
    idle_timeout,           ///< content stopped coming; keep-alive comments do not count · transient
    request_timeout,        ///< the whole request took too long · transient
    truncated,              ///< the reply ended without saying that it was complete; diagnostics::partial has what came · transient
    malformed_reply,        ///< the reply is not what the provider's API promises · unusable_output
    output_mismatch,        ///< the model's text does not parse into the type asked for · unusable_output
    limit_exceeded,         ///< a reply, template or JSON text is beyond a limit of ours · unusable_output
    refusal,                ///< the model refused, or a content filter stopped it · refused
    cancelled,              ///< the caller cancelled · stopped
    script_ended,           ///< a scripted test double had no reply left · exhausted
    foreign_exception,      ///< a function or backend of the program threw something else than an error;
                            ///< diagnostics::cause is what it threw · misconfigured
};

/// What a caller can do about it: `if (e.code() == zincir::condition::transient) …`.
/// `boost::asio::error::operation_aborted` equals `stopped`, and Asio's and the system's connection errors equal `transient`.
enum class condition {
    transient = 1,    ///< the same call may succeed later
    misconfigured,    ///< it fails the same way until somebody changes the program, the key or the set-up
    unusable_output,  ///< the model answered, but not usefully: asking again, or differently, may help
    refused,          ///< the model or its provider declined
    stopped,          ///< the caller stopped it
    exhausted,        ///< a budget is used up: time, credit, context
};

const boost::system::error_category& error_category() noexcept;
const boost::system::error_category& condition_category() noexcept;
error_code make_error_code(errc e) noexcept;
boost::system::error_condition make_error_condition(condition c) noexcept;

/// The enumerator's own name, such as "rate_limited".
std::string_view name(errc e) noexcept;

/// What was known when it failed. Never holds a secret.
struct diagnostics {
    std::string message{};           ///< what this library says: what happened, and how to mend it
    std::string step{};              ///< path of the failing step, such as "chain[2]/parallel.context"
    std::string provider{};          ///< profile name, such as "groq"
    std::string provider_message{};  ///< what the provider said: untrusted text
    std::string provider_code{};     ///< the `code` or `type` field of the provider's error: untrusted
    std::string request_id{};        ///< the provider's id of the request, for its support
    std::optional<unsigned> http_status{};
    std::optional<std::chrono::milliseconds> retry_after{};
    std::optional<bool> should_retry{};                ///< the provider's own word (`x-should-retry`)
    std::shared_ptr<const zincir::message> partial{};  ///< what had arrived of a reply that did not end well
    std::exception_ptr cause{};                        ///< the exception of another type that became this error, if one did
};

/// The one exception this library throws, and the error of `result<T>`. Copies share their facts.
class error : public boost::system::system_error {
public:
    /// No error: what `result::error()` of a good result gives.
    error();
    error(errc code, std::string message);
    error(errc code, diagnostics facts);

    /// One line: "rate_limited: … (at chain[1])". Holds no provider text and no secret.
    const char* what() const noexcept override;
    const diagnostics& facts() const noexcept { return *facts_; }
    bool is(condition c) const noexcept { return code() == make_error_condition(c); }
    /// Whether the same call may succeed later: the provider's own word if it gave one, else `is(transient)`.
    bool retryable() const noexcept;
    /// The same error with `segment` put before its step path.
    [[nodiscard]] error inside(std::string_view segment) const;
    /// The same error with other facts.
    [[nodiscard]] error with(diagnostics facts) const;

private:
    std::shared_ptr<const diagnostics> facts_;
    std::shared_ptr<const std::string> what_;
};

/// A value, or the error that took its place. Pure functions named `try_*` return it; `.value()` throws the error.
template <class T>
using result = boost::system::result<T, error>;

[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) { throw e; }

/// Any exception as an `error`: ours as it is, `operation_aborted` as cancelled, Asio's and the system's connection errors as
/// connection, the rest as foreign_exception with the exception's own text; `facts().cause` is the exception itself.
error to_error(std::exception_ptr e);

}  // namespace zincir

template <>
struct boost::system::is_error_code_enum<zincir::errc> : std::true_type {};
template <>
struct boost::system::is_error_condition_enum<zincir::condition> : std::true_type {};

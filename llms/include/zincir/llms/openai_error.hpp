#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/secret.hpp>
#include <zincir/net/http_transport.hpp>

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace zincir {

namespace json = boost::json;

/// Who was asked: what an error needs to say what to check.
struct provider_context {
    std::string provider{};           ///< profile name, such as "groq"
    std::string key_variable{};       ///< environment variable of the key; empty where there is none
    std::string request_id_header{};  ///< empty: "x-request-id"
    std::string url{};                ///< where the requests go
    std::string model{};
    secret key{};  ///< only to remove it from what the provider says
};

/// A reply whose status is not 2xx, as an error: its code by the status and by the `code` and `type` fields of the body, never by
/// words of a message; with retry-after, x-should-retry and the request id. The body may be anything, or nothing. Pure.
error error_from_response(unsigned status, const http_headers& headers, std::string_view body, const provider_context& who);

/// An error object inside a reply, whatever the reply's status: `{"error": …}`, a bare error object, or a text. Pure.
error error_from_payload(const json::value& payload, const provider_context& who);

/// The error that `reply` holds: an `error` member that says something (not null, false, "", {} or []), beside choices or not, of
/// the reply or of its `x_groq`; a whole body that is an error object; or null.
const json::value* find_error(const json::value& reply);

/// What came instead of JSON or of an event stream, as an error: a web page, plain text, nothing. Pure.
error error_from_foreign_body(unsigned status, const http_headers& headers, std::string_view body, const provider_context& who);

/// The id the provider gave the request, or "".
std::string request_id_of(const http_headers& headers, const provider_context& who);

}  // namespace zincir

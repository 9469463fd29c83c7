#pragma once

#include <zincir/net/http_transport.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace zincir {

/// How long the server asks to wait: `retry-after-ms`, else `retry-after` as seconds (whole or not) or as a date (RFC 9110 §5.6.7,
/// all three forms), counted from `now`. Nullopt where neither is there, is readable, or lies ahead. Pure.
std::optional<std::chrono::milliseconds> parse_retry_after(
    const http_headers& headers, std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

/// An HTTP date: "Sun, 06 Nov 1994 08:49:37 GMT", or one of the two obsolete forms. Nullopt for anything else. Pure.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace zincir

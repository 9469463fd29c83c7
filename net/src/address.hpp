#pragma once

#include <zincir/core/awaitable.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace zincir::detail {

/// Scheme, host and port of an http or https address.
struct origin_address {
    bool tls = false;
    std::string host{};  ///< small letters, without the brackets of an IPv6 literal
    std::uint16_t port = 0;

    bool is_ip() const;
    /// host[:port], as the Host field and CONNECT want it; the scheme's own port is left out of `authority()`.
    std::string authority() const;
    std::string host_and_port() const;
};

/// The two halves of an address. Views of it.
struct split_url {
    std::string_view origin{};  ///< "https://host:port", as written
    std::string_view target{};  ///< "/path?query", without the fragment; may lack the slash
};

/// Throws errc::invalid_argument where `url` is no http or https address, or has characters that none may have.
split_url split(std::string_view url);
/// Throws errc::invalid_argument for user information, a missing host, and what RFC 3986 does not allow.
origin_address parse_origin(std::string_view origin);

/// Throws errc::invalid_argument, naming the field, where RFC 9110 §5 does not allow the name or the value: a line break in a value
/// would begin another field.
void check_field(std::string_view name, std::string_view value);

/// The names of header fields, and most of their values, compare without case.
bool same_name(std::string_view a, std::string_view b) noexcept;

/// "Basic …" of an address's user information; percent escapes are decoded.
std::string basic_credentials(std::string_view user, std::string_view password);

}  // namespace zincir::detail

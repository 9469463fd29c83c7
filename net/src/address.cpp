#include "address.hpp"

#include <zincir/core/error.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace zincir::detail {

namespace {

[[noreturn]] void refuse(std::string what) { throw error(errc::invalid_argument, std::move(what)); }

bool is_token_char(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_host_char(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'; }

}  // namespace

bool origin_address::is_ip() const
{
    boost::system::error_code ec;
    asio::ip::make_address(host, ec);
    return !ec;
}

std::string origin_address::host_and_port() const
{
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string origin_address::authority() const
{
    auto full = host_and_port();
    if (port == (tls ? 443 : 80))
        full.resize(full.rfind(':'));
    return full;
}

split_url split(std::string_view url)
{
    if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }))
        refuse("the address has a space or a control character in it: escape it as %20 and so on");
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos)
        refuse("the address '" + std::string(url.substr(0, 80)) + "' does not begin with http:// or https://");
    split_url parts;
    const auto host_end = std::min(url.find_first_of("/?#", scheme_end + 3), url.size());
    parts.origin = url.substr(0, host_end);
    parts.target = url.substr(host_end, url.find('#', host_end) - host_end);
    return parts;
}

origin_address parse_origin(std::string_view origin)
{
    // What stands before an @ may be a password: it is not repeated.
    if (origin.find('@') != std::string_view::npos)
        refuse("an address must not carry a user name or password: send a header instead");
    const auto parsed = boost::urls::parse_uri({origin.data(), origin.size()});
    if (!parsed)
        refuse("'" + std::string(origin.substr(0, 80)) + "' is not an address: " + parsed.error().message());
    origin_address address;
    const auto scheme = parsed->scheme_id();
    if (scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https)
        refuse("the address '" + std::string(origin.substr(0, 80)) + "' is neither http:// nor https://");
    address.tls = scheme == boost::urls::scheme::https;
    const auto host = parsed->host_address();
    address.host.assign(host.data(), host.size());
    std::ranges::transform(address.host, address.host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    if (address.host.empty())
        refuse("the address '" + std::string(origin.substr(0, 80)) + "' names no host");
    // An escape such as %23 would become another part of the address where the name is written again.
    if (!address.is_ip() && !std::ranges::all_of(address.host, is_host_char))
        refuse("the address '" + std::string(origin.substr(0, 80)) +
               "' has a character in its host that no host has: an international name is written as xn--…");
    address.port = address.tls ? 443 : 80;
    if (parsed->has_port() && !parsed->port().empty()) {
        // Boost.URL 1.81 cuts a port that does not fit to 16 bits.
        const auto digits = parsed->port();
        address.port = parsed->port_number();
        if (address.port == 0 || std::to_string(address.port) != std::string_view(digits.data(), digits.size()))
            refuse("the address '" + std::string(origin.substr(0, 80)) + "' has a port that is none");
    }
    return address;
}

void check_field(std::string_view name, std::string_view value)
{
    if (name.empty() || !std::ranges::all_of(name, is_token_char))
        refuse("a header field's name is empty or has a character that is not allowed in it");
    // RFC 9110 §5.5: a field value has no control character but the tab.
    if (std::ranges::any_of(value, [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; }))
        refuse("the value of the header field '" + std::string(name) + "' has a line break or another control character in it");
}

bool same_name(std::string_view a, std::string_view b) noexcept
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

std::string basic_credentials(std::string_view user, std::string_view password)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string plain(user);
    plain += ':';
    plain += password;
    std::string text = "Basic ";
    for (std::size_t i = 0; i < plain.size(); i += 3) {
        unsigned group = 0;
        const auto n = std::min<std::size_t>(3, plain.size() - i);
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < n ? static_cast<unsigned char>(plain[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= n ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

}  // namespace zincir::detail

#include "proxy_rules.hpp"

#include <zincir/core/error.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>

namespace zincir::detail {

namespace {

namespace ip = asio::ip;

std::string small_letters(std::string_view text)
{
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + ('a' - 'A'));
    return small;
}

// Nothing of `text` is repeated in an error: it may hold a password.
proxy_address parse_proxy(std::string_view text, const std::string& source)
{
    const std::string full = text.find("://") == std::string_view::npos ? "http://" + std::string(text) : std::string(text);
    const auto parsed = boost::urls::parse_uri(full);
    if (!parsed)
        throw error(errc::invalid_argument, "the proxy of " + source + " is not an address: write http://host:port");
    if (parsed->scheme_id() != boost::urls::scheme::http)
        throw error(errc::invalid_argument,
                    "the proxy of " + source + " is not an http:// address, and no other kind is supported");
    proxy_address proxy;
    const auto host = parsed->host_address();
    proxy.host = small_letters({host.data(), host.size()});
    proxy.port = parsed->has_port() ? parsed->port_number() : 80;
    if (proxy.host.empty() || proxy.port == 0)
        throw error(errc::invalid_argument, "the proxy of " + source + " lacks a host or a port: write http://host:port");
    if (parsed->has_userinfo()) {
        const auto user = parsed->user();
        const auto password = parsed->password();
        proxy.authorization =
            secret(basic_credentials(std::string(user.begin(), user.end()), std::string(password.begin(), password.end())));
    }
    return proxy;
}

void add_entries(std::vector<std::string>& entries, std::string_view list)
{
    constexpr std::string_view separators = ", \t";
    while (!list.empty()) {
        const auto begin = list.find_first_not_of(separators);
        if (begin == std::string_view::npos)
            return;
        list.remove_prefix(begin);
        const auto end = std::min(list.find_first_of(separators), list.size());
        entries.push_back(small_letters(list.substr(0, end)));
        list.remove_prefix(end);
    }
}

bool is_loopback(const origin_address& origin)
{
    if (origin.host == "localhost" || origin.host.ends_with(".localhost"))
        return true;
    boost::system::error_code ec;
    const auto address = ip::make_address(origin.host, ec);
    return !ec && address.is_loopback();
}

bool network_has(std::string_view network, std::string_view host)
{
    boost::system::error_code ec;
    const auto address = ip::make_address(host, ec);
    if (ec)
        return false;
    if (address.is_v4()) {
        const auto v4 = ip::make_network_v4(std::string(network), ec);
        return !ec && ip::network_v4(address.to_v4(), v4.prefix_length()).canonical() == v4.canonical();
    }
    const auto v6 = ip::make_network_v6(std::string(network), ec);
    return !ec && ip::network_v6(address.to_v6(), v6.prefix_length()).canonical() == v6.canonical();
}

}  // namespace

bool no_proxy_entry_matches(std::string_view entry, const origin_address& origin)
{
    if (entry == "*")
        return true;
    if (entry.find('/') != std::string_view::npos)
        return network_has(entry, origin.host);
    std::string_view host = entry;
    const bool bracketed = entry.starts_with('[');
    if (bracketed) {
        const auto close = entry.find(']');
        if (close == std::string_view::npos)
            return false;
        host = entry.substr(1, close - 1);
        entry.remove_prefix(close + 1);
    }
    // One colon is a port's; several are an IPv6 literal's.
    const auto colon = entry.rfind(':');
    if (colon != std::string_view::npos && (bracketed || entry.find(':') == colon)) {
        const auto digits = entry.substr(colon + 1);
        unsigned port = 0;
        const auto [stop, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (failed != std::errc() || stop != digits.data() + digits.size() || port != origin.port)
            return false;
        if (!bracketed)
            host = entry.substr(0, colon);
    }
    if (host.starts_with("*."))
        host.remove_prefix(1);
    if (host.starts_with('.'))
        host.remove_prefix(1);
    if (host.empty())
        return false;
    if (origin.is_ip()) {
        boost::system::error_code ec;
        const auto address = ip::make_address(host, ec);
        return !ec && address == ip::make_address(origin.host);
    }
    return origin.host == host || (origin.host.size() > host.size() && origin.host.ends_with(host) &&
                                   origin.host[origin.host.size() - host.size() - 1] == '.');
}

proxy_rules::proxy_rules(const proxy_options& options, const environment& variable)
{
    add_entries(direct_, options.no_proxy);
    const auto from_environment = [&](std::initializer_list<const char*> names) -> std::optional<proxy_address> {
        for (const char* name : names) {
            const char* value = variable(name);
            if (value && *value)
                return parse_proxy(value, name);
        }
        return std::nullopt;
    };
    if (options.from_environment) {
        for (const char* name : {"no_proxy", "NO_PROXY"}) {
            const char* value = variable(name);
            if (value && *value) {
                add_entries(direct_, value);
                break;
            }
        }
        http_.from_environment = https_.from_environment = true;
        // In a CGI program HTTP_PROXY is what a client sent as the field "Proxy".
        if (variable("REQUEST_METHOD"))
            http_.address = from_environment({"http_proxy", "all_proxy"});
        else
            http_.address = from_environment({"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
        https_.address = from_environment({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
    }
    if (!options.http.empty()) {
        http_.address = parse_proxy(options.http.reveal(), "proxy_options::http");
        http_.from_environment = false;
    }
    if (!options.https.empty()) {
        https_.address = parse_proxy(options.https.reveal(), "proxy_options::https");
        https_.from_environment = false;
    }
}

const proxy_address* proxy_rules::proxy_for(const origin_address& origin) const
{
    const auto& applies = origin.tls ? https_ : http_;
    if (!applies.address || (applies.from_environment && is_loopback(origin)))
        return nullptr;
    if (std::ranges::any_of(direct_, [&](const auto& entry) { return no_proxy_entry_matches(entry, origin); }))
        return nullptr;
    return &*applies.address;
}

}  // namespace zincir::detail

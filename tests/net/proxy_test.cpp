#include "proxy_rules.hpp"
#include "transport_support.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <tuple>

namespace zincir {
namespace {

using detail::no_proxy_entry_matches;
using detail::origin_address;
using detail::parse_origin;
using detail::proxy_rules;

class no_proxy : public ::testing::TestWithParam<std::tuple<const char*, const char*, bool>> {};

TEST_P(no_proxy, matches_as_documented)
{
    const auto& [entry, origin, expected] = GetParam();
    EXPECT_EQ(no_proxy_entry_matches(entry, parse_origin(origin)), expected) << entry << " " << origin;
}

INSTANTIATE_TEST_SUITE_P(
    table, no_proxy,
    ::testing::Values(
        std::make_tuple("*", "https://api.example.com", true), std::make_tuple("example.com", "https://example.com", true),
        std::make_tuple("example.com", "https://api.example.com", true),
        std::make_tuple(".example.com", "https://api.example.com", true),
        std::make_tuple(".example.com", "https://example.com", true),
        std::make_tuple("*.example.com", "https://a.b.example.com", true),
        std::make_tuple("example.com", "https://notexample.com", false),
        std::make_tuple("example.com", "https://example.com.tr", false),
        std::make_tuple("example.com", "https://EXAMPLE.com", true),
        std::make_tuple("example.com:443", "https://example.com", true),
        std::make_tuple("example.com:8443", "https://example.com", false),
        std::make_tuple("example.com:80", "http://example.com", true), std::make_tuple("192.0.2.7", "http://192.0.2.7", true),
        std::make_tuple("192.0.2.7", "http://192.0.2.70", false), std::make_tuple("2.7", "http://192.0.2.7", false),
        std::make_tuple("10.0.0.0/8", "http://10.200.3.4", true), std::make_tuple("10.0.0.0/8", "http://11.0.0.1", false),
        std::make_tuple("10.0.0.0/8", "http://ten.example", false), std::make_tuple("10.0.0.0/99", "http://10.0.0.1", false),
        std::make_tuple("::1", "http://[::1]", true), std::make_tuple("[::1]:8080", "http://[::1]:8080", true),
        std::make_tuple("[::1]:8080", "http://[::1]", false), std::make_tuple("2001:db8::/32", "http://[2001:db8:1::2]", true),
        std::make_tuple("2001:db8::/32", "http://[2001:db9::2]", false), std::make_tuple("", "http://example.com", false),
        std::make_tuple(".", "http://example.com", false)));

std::string chosen(const std::map<std::string, std::string>& variables, const char* origin, proxy_options options = proxy_options())
{
    const proxy_rules rules(options, [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
    const auto* proxy = rules.proxy_for(parse_origin(origin));
    return proxy ? proxy->host + ":" + std::to_string(proxy->port) : "direct";
}

TEST(proxy_rules, reads_the_environment_in_both_cases_small_letters_first)
{
    EXPECT_EQ(chosen({{"HTTP_PROXY", "http://up:1"}}, "http://a.example"), "up:1");
    EXPECT_EQ(chosen({{"HTTP_PROXY", "http://up:1"}, {"http_proxy", "http://low:2"}}, "http://a.example"), "low:2");
    EXPECT_EQ(chosen({{"HTTPS_PROXY", "http://up:1"}}, "https://a.example"), "up:1");
    EXPECT_EQ(chosen({{"HTTPS_PROXY", "http://up:1"}}, "http://a.example"), "direct");
    EXPECT_EQ(chosen({{"ALL_PROXY", "bare:3"}}, "https://a.example"), "bare:3");
    EXPECT_EQ(chosen({{"http_proxy", "http://plain"}}, "http://a.example"), "plain:80");
    EXPECT_EQ(chosen({}, "http://a.example"), "direct");
}

TEST(proxy_rules, leave_loopback_alone_unless_the_proxy_is_an_option)
{
    for (const char* origin : {"http://localhost:8080", "http://127.0.0.1", "http://[::1]:1", "http://x.localhost"}) {
        EXPECT_EQ(chosen({{"http_proxy", "http://p:1"}}, origin), "direct");
        proxy_options options;
        options.http = secret("http://p:1");
        EXPECT_EQ(chosen({}, origin, options), "p:1");
    }
}

TEST(proxy_rules, no_proxy_holds_from_the_environment_and_from_options)
{
    EXPECT_EQ(chosen({{"https_proxy", "http://p:1"}, {"NO_PROXY", "x.example, a.example"}}, "https://a.example"), "direct");
    proxy_options options;
    options.no_proxy = "b.example";
    EXPECT_EQ(chosen({{"https_proxy", "http://p:1"}}, "https://b.example", options), "direct");
    EXPECT_EQ(chosen({{"https_proxy", "http://p:1"}}, "https://c.example", options), "p:1");
}

TEST(proxy_rules, do_not_trust_a_client_of_a_cgi_program)
{
    EXPECT_EQ(chosen({{"HTTP_PROXY", "http://evil:1"}, {"REQUEST_METHOD", "GET"}}, "http://a.example"), "direct");
}

TEST(proxy_rules, refuse_an_address_without_repeating_it)
{
    for (const char* bad : {"socks5://user:hunter2@p:1", "http://user:hunter2@", "http://user:hunter2@p:port"}) {
        const auto e = failure_of([&] { chosen({{"http_proxy", bad}}, "http://a.example"); });
        EXPECT_EQ(e.code(), errc::invalid_argument) << bad;
        EXPECT_THAT(e.what(), ::testing::AllOf(HasSubstr("http_proxy"), ::testing::Not(HasSubstr("hunter2"))));
    }
}

// Copies bytes both ways until either side closes.
void splice(loopback_peer& peer, int upstream)
{
    std::thread back([&] {
        char bytes[4096];
        for (ssize_t n = 0; (n = ::recv(upstream, bytes, sizeof bytes, 0)) > 0;)
            peer.send(std::string_view(bytes, static_cast<std::size_t>(n)));
    });
    for (std::string bytes; !(bytes = peer.receive(4096)).empty();)
        if (::send(upstream, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0)
            break;
    ::shutdown(upstream, SHUT_RDWR);
    back.join();
    ::close(upstream);
}

int connect_to(std::uint16_t port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    return socket;
}

TEST(transport_proxy, tunnels_https_and_verifies_the_host_behind_it)
{
    const testing::tls_authority authority;
    loopback_server server(testing::always(200, "behind"), authority.issue("DNS:api.example"));
    std::promise<testing::received_request> asked;
    loopback_server proxy([&](loopback_peer& peer) {
        asked.set_value(*peer.read_request());
        peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
        splice(peer, connect_to(server.port()));
    });
    auto options = direct();
    options.ca_pem = authority.pem();
    options.proxy.https = secret("http://user:p%40ss@127.0.0.1:" + std::to_string(proxy.port()));
    beast_transport transport(std::move(options));
    auto calls = [&]() -> awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            const auto response = co_await fetch(transport, post("https://api.example/v1"));
            EXPECT_EQ(response.body, "behind");
        }
    };
    sync_wait(calls());
    const auto request = asked.get_future().get();
    EXPECT_EQ(request.method, "CONNECT");
    EXPECT_EQ(request.target, "api.example:443");
    EXPECT_EQ(request.headers.at("proxy-authorization"), "Basic dXNlcjpwQHNz");
    EXPECT_EQ(proxy.connections(), 1);
}

TEST(transport_proxy, asks_for_http_by_its_absolute_address)
{
    std::promise<testing::received_request> asked;
    loopback_server proxy([&](loopback_peer& peer) {
        asked.set_value(*peer.read_request());
        peer.reply(200, "x");
    });
    auto options = direct();
    options.proxy.http = secret(proxy.url());
    beast_transport transport(std::move(options));
    EXPECT_EQ(get(transport, post("http://api.example:8080/v1?x")).body, "x");
    const auto request = asked.get_future().get();
    EXPECT_EQ(request.target, "http://api.example:8080/v1?x");
    EXPECT_EQ(request.headers.at("host"), "api.example:8080");
}

TEST(transport_proxy, says_when_the_proxy_refuses)
{
    for (const auto& [status, code] : {std::make_pair(407U, errc::permission), std::make_pair(502U, errc::connection)}) {
        loopback_server proxy([status = status](loopback_peer& peer) {
            peer.read_request();
            peer.reply(status, "no");
        });
        auto options = direct();
        options.proxy.https = secret("http://user:hunter2@127.0.0.1:" + std::to_string(proxy.port()));
        beast_transport transport(std::move(options));
        const auto e = failure_of(transport, post("https://api.example/"));
        EXPECT_EQ(e.code(), code);
        EXPECT_EQ(e.facts().http_status, status);
        EXPECT_THAT(e.what(), ::testing::AllOf(HasSubstr("proxy 127.0.0.1"), ::testing::Not(HasSubstr("hunter2"))));
    }
}

TEST(transport_proxy, says_when_the_proxy_of_an_http_address_wants_a_password)
{
    loopback_server proxy(testing::always(407, "who are you?"));
    auto options = direct();
    options.proxy.http = secret("http://user:hunter2@127.0.0.1:" + std::to_string(proxy.port()));
    beast_transport transport(std::move(options));
    const auto e = failure_of(transport, post("http://api.example/"));
    EXPECT_EQ(e.code(), errc::permission);
    EXPECT_EQ(e.facts().http_status, 407U);
    EXPECT_THAT(e.what(), ::testing::AllOf(HasSubstr("proxy 127.0.0.1"), ::testing::Not(HasSubstr("hunter2"))));
    loopback_server server(testing::always(407, "who are you?"));
    beast_transport without(direct());
    EXPECT_EQ(get(without, post(server.url())).status, 407U);
}

TEST(transport_proxy, says_when_the_proxy_is_not_there)
{
    auto options = direct();
    options.proxy.https = secret("http://127.0.0.1:" + std::to_string(testing::closed_port()));
    beast_transport transport(std::move(options));
    const auto e = failure_of(transport, post("https://api.example/"));
    EXPECT_EQ(e.code(), errc::connection);
    EXPECT_THAT(e.what(), HasSubstr("proxy 127.0.0.1"));
}

}  // namespace
}  // namespace zincir

#include "transport_support.hpp"

#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace zincir {
namespace {

using testing::always;
using testing::tls_authority;

beast_transport_options trusting(const tls_authority& authority)
{
    auto options = direct();
    options.ca_pem = authority.pem();
    return options;
}

TEST(transport_tls, talks_to_a_host_whose_certificate_is_trusted)
{
    const tls_authority authority;
    std::promise<std::string> name;
    loopback_server server(
        [&](loopback_peer& peer) {
            name.set_value(peer.server_name());
            while (const auto request = peer.read_request())
                peer.reply(200, request->body);
        },
        authority.issue("DNS:localhost"));
    beast_transport transport(trusting(authority));
    auto calls = [&]() -> awaitable<void> {
        for (const std::size_t size : {std::size_t{10}, std::size_t{100'000}, std::size_t{3} << 20}) {
            const std::string body(size, 'z');
            const auto response = co_await fetch(transport, post(server.url(), body));
            EXPECT_TRUE(response.body == body) << size;
        }
    };
    sync_wait(calls());
    EXPECT_EQ(name.get_future().get(), "localhost");
    EXPECT_EQ(server.connections(), 1);
}

TEST(transport_tls, reads_authorities_from_a_file)
{
    const tls_authority authority;
    const std::string path = ::testing::TempDir() + "zincir_authority_" + std::to_string(::getpid()) + ".pem";
    std::ofstream(path) << authority.pem();
    loopback_server server(always(200, "x"), authority.issue("IP:127.0.0.1"));
    auto options = direct();
    options.ca_file = path;
    beast_transport transport(std::move(options));
    EXPECT_EQ(get(transport, post("https://127.0.0.1:" + std::to_string(server.port()) + "/")).body, "x");
    std::remove(path.c_str());
}

TEST(transport_tls, resumes_sessions)
{
    const tls_authority authority;
    std::atomic<int> resumed{0};
    loopback_server server(
        [&](loopback_peer& peer) {
            resumed += peer.session_was_reused() ? 1 : 0;
            peer.read_request();
            peer.reply(200, "x", "text/plain", "Connection: close\r\n");
        },
        authority.issue("DNS:localhost"));
    beast_transport transport(trusting(authority));
    for (int i = 0; i < 3; ++i)
        get(transport, post(server.url()));
    EXPECT_EQ(server.connections(), 3);
    EXPECT_EQ(resumed, 2);
}

TEST(transport_tls, refuses_an_untrusted_certificate_and_says_what_to_do)
{
    const tls_authority authority;
    loopback_server server(always(200, "x"), authority.issue("DNS:localhost"));
    beast_transport transport(direct());
    const auto e = failure_of(transport, post(server.url()));
    EXPECT_EQ(e.code(), errc::certificate);
    EXPECT_TRUE(e.is(condition::misconfigured));
    EXPECT_THAT(e.what(), HasSubstr("localhost"));
    EXPECT_THAT(e.what(), HasSubstr("ca_file"));
}

TEST(transport_tls, refuses_a_certificate_of_another_host)
{
    const tls_authority authority;
    loopback_server server(always(200, "x"), authority.issue("DNS:other.example,DNS:*.third.example"));
    beast_transport transport(trusting(authority));
    for (const std::string host : {"localhost", "127.0.0.1"}) {
        const auto e = failure_of(transport, post("https://" + host + ":" + std::to_string(server.port()) + "/"));
        EXPECT_EQ(e.code(), errc::certificate);
        EXPECT_THAT(e.what(), HasSubstr("another host (other.example, *.third.example)"));
    }
}

TEST(transport_tls, names_the_addresses_of_a_certificate_too)
{
    const tls_authority authority;
    loopback_server server(always(200, "x"), authority.issue("IP:192.0.2.7,IP:2001:db8::7"));
    beast_transport transport(trusting(authority));
    const auto e = failure_of(transport, post("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    EXPECT_EQ(e.code(), errc::certificate);
    EXPECT_THAT(e.what(), HasSubstr("another host (192.0.2.7, 2001:db8::7)"));
}

TEST(transport_tls, says_when_a_server_has_only_older_versions)
{
    loopback_server server([](loopback_peer& peer) {
        peer.receive(100);
        peer.send(std::string_view("\x15\x03\x01\x00\x02\x02\x46", 7));  // alert protocol_version, RFC 8446 §6.2
        peer.closed_within(5s);
    });
    beast_transport transport(direct());
    const auto e = failure_of(transport, post("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    EXPECT_EQ(e.code(), errc::connection);
    EXPECT_THAT(e.what(), HasSubstr("no TLS 1.2 or newer"));
}

TEST(transport_tls, refuses_an_expired_and_a_future_certificate)
{
    const tls_authority authority;
    for (const auto& [from, to, words] : {std::make_tuple(-20, -10, "expired"), std::make_tuple(10, 20, "not valid yet")}) {
        loopback_server server(always(200, "x"), authority.issue("DNS:localhost", from, to));
        beast_transport transport(trusting(authority));
        const auto e = failure_of(transport, post(server.url()));
        EXPECT_EQ(e.code(), errc::certificate);
        EXPECT_THAT(e.what(), HasSubstr(words));
    }
}

TEST(transport_tls, names_the_mistake_of_https_to_a_plain_port)
{
    loopback_server server([](loopback_peer& peer) {
        peer.receive(10);
        peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        peer.closed_within(5s);
    });
    beast_transport transport(direct());
    const auto e = failure_of(transport, post("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    EXPECT_EQ(e.code(), errc::invalid_argument) << e.what();
    EXPECT_THAT(e.what(), HasSubstr("http://"));
}

TEST(transport_tls, names_the_mistake_of_http_to_a_tls_port)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.send(std::string_view("\x15\x03\x01\x00\x02\x02\x16", 7));  // the alert that OpenSSL and others send
    });
    beast_transport transport(direct());
    const auto e = failure_of(transport, post(server.url()));
    EXPECT_EQ(e.code(), errc::invalid_argument) << e.what();
    EXPECT_THAT(e.what(), HasSubstr("https://"));
}

TEST(transport_tls, does_not_wait_when_the_server_closes_during_the_handshake)
{
    loopback_server server([](loopback_peer& peer) { peer.receive(10); });
    beast_transport transport(direct());
    const auto e = failure_of(transport, post("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
    EXPECT_EQ(e.code(), errc::connection) << e.what();
}

TEST(transport_tls, a_body_that_ends_with_the_connection_needs_the_tls_good_bye)
{
    const tls_authority authority;
    for (const bool polite : {true, false}) {
        loopback_server server(
            [polite](loopback_peer& peer) {
                peer.read_request();
                peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello");
                if (!polite)
                    peer.reset();
            },
            authority.issue("DNS:localhost"));
        beast_transport transport(trusting(authority));
        if (polite)
            EXPECT_EQ(get(transport, post(server.url())).body, "hello");
        else
            EXPECT_EQ(failure_of(transport, post(server.url())).is(condition::transient), true);
    }
}

TEST(transport_tls, says_which_authorities_cannot_be_read)
{
    auto options = direct();
    options.ca_file = "/no/such/file.pem";
    const auto about_file = failure_of([&] { const beast_transport transport(options); });
    EXPECT_EQ(about_file.code(), errc::invalid_argument);
    EXPECT_THAT(about_file.what(), HasSubstr("/no/such/file.pem"));
    options = direct();
    options.ca_pem = "not PEM";
    const auto about_text = failure_of([&] { const beast_transport transport(options); });
    EXPECT_EQ(about_text.code(), errc::invalid_argument);
    EXPECT_THAT(about_text.what(), HasSubstr("ca_pem"));
}

}  // namespace
}  // namespace zincir

#include "transport_support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <vector>

namespace zincir {
namespace {

using testing::always;

TEST(beast_transport, posts_and_returns_status_headers_and_body)
{
    std::promise<testing::received_request> seen;
    loopback_server server([&](loopback_peer& peer) {
        seen.set_value(*peer.read_request());
        peer.reply(201, "{\"ok\":true}", "application/json", "X-Request-Id: r1\r\n");
    });
    beast_transport transport(direct());
    auto request = post(server.url("/v1/chat?x=1#fragment"), "{\"a\":1}");
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Host", "elsewhere");
    request.headers.add("Authorization", "Bearer other");
    request.bearer = secret("sk-123");
    const auto response = get(transport, std::move(request));
    EXPECT_EQ(response.status, 201U);
    EXPECT_EQ(response.body, "{\"ok\":true}");
    EXPECT_EQ(response.headers.get("x-request-id"), "r1");
    const auto got = seen.get_future().get();
    EXPECT_EQ(got.method, "POST");
    EXPECT_EQ(got.target, "/v1/chat?x=1");
    EXPECT_EQ(got.body, "{\"a\":1}");
    EXPECT_EQ(got.headers.at("host"), "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_EQ(got.headers.at("authorization"), "Bearer sk-123");
    EXPECT_EQ(got.headers.at("accept-encoding"), "identity");
    EXPECT_EQ(got.headers.at("content-type"), "application/json");
    EXPECT_THAT(got.headers.at("user-agent"), ::testing::StartsWith("zincir/"));
}

TEST(beast_transport, adds_the_slash_that_an_address_lacks)
{
    std::promise<std::string> target;
    loopback_server server([&](loopback_peer& peer) {
        target.set_value(peer.read_request()->target);
        peer.reply(200, "x");
    });
    beast_transport transport(direct());
    get(transport, post(server.url("?q")));
    EXPECT_EQ(target.get_future().get(), "/?q");
}

class response_framing : public ::testing::TestWithParam<std::tuple<const char*, std::string, std::string>> {};

TEST_P(response_framing, gives_the_body_however_it_is_sent)
{
    const auto& [name, bytes, body] = GetParam();
    for (std::size_t split = 1; split < bytes.size(); split += 7) {
        loopback_server server([&, split, bytes = bytes](loopback_peer& peer) {
            peer.read_request();
            peer.send(bytes.substr(0, split));
            std::this_thread::yield();
            peer.send(bytes.substr(split));
        });
        beast_transport transport(direct());
        const auto response = get(transport, post(server.url()));
        ASSERT_EQ(response.status, 200U);
        ASSERT_EQ(response.body, body) << split;
    }
}

INSTANTIATE_TEST_SUITE_P(
    table, response_framing,
    ::testing::Values(std::make_tuple("content_length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
                      std::make_tuple("empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
                      std::make_tuple("chunked",
                                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
                                      "hello"),
                      std::make_tuple("trailer",
                                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
                                      "hello"),
                      std::make_tuple("until_close", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", "hello"),
                      std::make_tuple("http_1_0", "HTTP/1.0 200 OK\r\n\r\nhello", "hello"),
                      std::make_tuple("after_continue",
                                      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                                      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                                      "hello")),
    [](const auto& test) { return std::string(std::get<0>(test.param)); });

TEST(beast_transport, returns_redirects_and_errors_as_responses)
{
    for (const unsigned status : {301U, 401U, 404U, 429U, 500U}) {
        loopback_server server(always(status, "body"));
        beast_transport transport(direct());
        EXPECT_EQ(get(transport, post(server.url())).status, status);
    }
}

TEST(beast_transport, needs_no_body_after_head_and_204)
{
    loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        peer.read_request();
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
        peer.read_request();
    });
    beast_transport transport(direct());
    auto both = [&]() -> awaitable<void> {
        auto head = post(server.url(), "");
        head.method = "HEAD";
        const auto first = co_await fetch(transport, std::move(head));
        EXPECT_EQ(first.body, "");
        const auto second = co_await fetch(transport, post(server.url()));
        EXPECT_EQ(second.status, 204U);
    };
    sync_wait(both());
    EXPECT_EQ(server.connections(), 1);
}

awaitable<void> fetch_times(http_transport& transport, std::string url, int times)
{
    for (int i = 0; i < times; ++i)
        co_await fetch(transport, post(url));
}

TEST(beast_transport, keeps_a_connection_alive_for_the_next_call)
{
    loopback_server server(always(200, "x"));
    beast_transport transport(direct());
    sync_wait(fetch_times(transport, server.url(), 20));
    EXPECT_EQ(server.connections(), 1);
}

TEST(beast_transport, does_not_reuse_what_the_server_will_close)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.reply(200, "x", "text/plain", "Connection: close\r\n");
    });
    beast_transport transport(direct());
    sync_wait(fetch_times(transport, server.url(), 3));
    EXPECT_EQ(server.connections(), 3);
}

TEST(beast_transport, does_not_reuse_a_connection_with_bytes_beyond_the_response)
{
    loopback_server server([](loopback_peer& peer) {
        while (peer.read_request())
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny");
    });
    beast_transport transport(direct());
    auto twice = [&]() -> awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            const auto response = co_await fetch(transport, post(server.url()));
            EXPECT_EQ(response.body, "x");
        }
    };
    sync_wait(twice());
    EXPECT_EQ(server.connections(), 2);
}

TEST(beast_transport, returns_a_streamed_connection_once_its_end_was_read)
{
    loopback_server server([](loopback_peer& peer) {
        while (peer.read_request()) {
            peer.begin_chunked();
            peer.chunk("data: a\n\n");
            peer.chunk("data: [DONE]\n\n");
            peer.end_chunked();
        }
    });
    beast_transport transport(direct());
    sync_wait(fetch_times(transport, server.url(), 5));
    EXPECT_EQ(server.connections(), 1);
}

TEST(beast_transport, delivers_each_piece_as_it_comes)
{
    std::promise<void> read;
    loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        peer.chunk("one");
        read.get_future().wait();  // sent only after the first piece was seen
        peer.chunk("two");
        peer.end_chunked();
    });
    beast_transport transport(direct());
    auto pieces = [&]() -> awaitable<void> {
        auto response = co_await transport.send(post(server.url()), run_context());
        auto piece = co_await response.body.next();
        EXPECT_EQ(piece, "one");
        read.set_value();
        piece = co_await response.body.next();
        EXPECT_EQ(piece, "two");
        piece = co_await response.body.next();
        EXPECT_EQ(piece, std::nullopt);
        piece = co_await response.body.next();
        EXPECT_EQ(piece, std::nullopt);
    };
    sync_wait(pieces());
}

TEST(beast_transport, sends_and_receives_megabytes)
{
    const std::string large(std::size_t{8} << 20, 'z');
    loopback_server server([&](loopback_peer& peer) {
        while (const auto request = peer.read_request())
            peer.reply(200, request->body);
    });
    beast_transport transport(direct());
    EXPECT_TRUE(get(transport, post(server.url(), large)).body == large);
}

TEST(beast_transport, retries_a_stale_connection_once_on_a_fresh_one)
{
    for (const bool reset : {false, true}) {
        std::atomic<int> count{0};
        loopback_server server([&](loopback_peer& peer) {
            const bool first = count++ == 0;
            peer.read_request();
            peer.reply(200, "x");
            peer.read_request();
            if (first && reset)
                peer.reset();
            else if (!first)
                peer.reply(200, "fresh");
        });
        beast_transport transport(direct());
        auto calls = [&]() -> awaitable<void> {
            co_await fetch(transport, post(server.url()));
            const auto again = co_await fetch(transport, post(server.url(), "again"));
            EXPECT_EQ(again.body, "x");
        };
        sync_wait(calls());
        EXPECT_EQ(server.connections(), 2);
    }
}

TEST(beast_transport, repeats_no_request_where_that_is_not_wanted)
{
    loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.reply(200, "x");
        peer.read_request();
    });
    auto options = direct();
    options.repeat_on_stale = false;
    beast_transport transport(options);
    auto calls = [&]() -> awaitable<void> {
        co_await fetch(transport, post(server.url()));
        co_await fetch(transport, post(server.url(), "again"));
    };
    EXPECT_EQ(failure_of([&] { sync_wait(calls()); }).code(), errc::connection);
    EXPECT_EQ(server.connections(), 1);
}

TEST(beast_transport, does_not_repeat_a_request_on_a_fresh_connection)
{
    loopback_server server([](loopback_peer& peer) { peer.read_request(); });
    beast_transport transport(direct());
    const auto e = failure_of(transport, post(server.url()));
    EXPECT_EQ(e.code(), errc::connection);
    EXPECT_THAT(e.what(), HasSubstr("closed the connection before it answered"));
    EXPECT_EQ(server.connections(), 1);
}

TEST(beast_transport, does_not_repeat_a_request_after_the_first_byte_of_its_response)
{
    std::atomic<int> requests{0};
    loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.reply(200, "x");
        if (peer.read_request())
            ++requests;
        peer.send("H");
    });
    beast_transport transport(direct());
    const auto e = failure_of([&] { sync_wait(fetch_times(transport, server.url(), 2)); });
    EXPECT_EQ(e.code(), errc::truncated);
    EXPECT_EQ(requests, 1);
}

TEST(beast_transport, answers_a_body_cut_at_any_byte_with_truncated)
{
    const std::string whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    const auto head = whole.find("\r\n\r\n") + 4;
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        loopback_server server([&, cut](loopback_peer& peer) {
            peer.read_request();
            peer.send(whole.substr(0, cut));
        });
        beast_transport transport(direct());
        std::string came;
        auto read = [&]() -> awaitable<void> {
            auto response = co_await transport.send(post(server.url()), run_context());
            while (auto piece = co_await response.body.next())
                came += *piece;
        };
        const auto e = failure_of([&] { sync_wait(read()); });
        ASSERT_EQ(e.code(), errc::truncated) << cut << " " << e.what();
        ASSERT_EQ(e.is(condition::transient), true);
        if (cut >= head + 8) {
            ASSERT_TRUE(came.starts_with("hello")) << cut;
        }
        ASSERT_TRUE(std::string("hello world").starts_with(came));
    }
}

TEST(beast_transport, yields_nothing_after_a_failure)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        peer.chunk("x");
    });
    beast_transport transport(direct());
    auto read = [&]() -> awaitable<void> {
        auto response = co_await transport.send(post(server.url()), run_context());
        bool failed = false;
        try {
            while (co_await response.body.next()) {
            }
        } catch (const error& e) {
            failed = e.code() == errc::truncated;
        }
        EXPECT_TRUE(failed);
        const auto after = co_await response.body.next();
        EXPECT_EQ(after, std::nullopt);
    };
    sync_wait(read());
}

TEST(beast_transport, says_when_nobody_listens)
{
    beast_transport transport(direct());
    const auto port = std::to_string(testing::closed_port());
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        const auto e = failure_of(transport, post("http://" + host + ":" + port + "/"));
        EXPECT_EQ(e.code(), errc::connection);
        EXPECT_TRUE(e.is(condition::transient));
        EXPECT_THAT(e.what(), HasSubstr(host + ":" + port));
    }
}

TEST(beast_transport, says_when_a_host_is_unknown)
{
    beast_transport transport(direct());
    const auto e = failure_of(transport, post("http://no-such-host.invalid/"));
    EXPECT_EQ(e.code(), errc::connection);
    EXPECT_THAT(e.what(), HasSubstr("no address found for the host 'no-such-host.invalid'"));
}

TEST(beast_transport, answers_what_is_not_http_with_malformed_reply)
{
    for (const char* noise :
         {"SSH-2.0-OpenSSH_9.2\r\n", "<html>hi</html>\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n"}) {
        loopback_server server([&](loopback_peer& peer) {
            peer.read_request();
            peer.send(noise);
            peer.closed_within(5s);
        });
        beast_transport transport(direct());
        const auto e = failure_of(transport, post(server.url()));
        EXPECT_EQ(e.code(), errc::malformed_reply) << noise << e.what();
    }
}

TEST(beast_transport, refuses_a_compressed_body)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.reply(200, "\x1f\x8b", "application/json", "Content-Encoding: gzip\r\n");
    });
    beast_transport transport(direct());
    const auto e = failure_of(transport, post(server.url()));
    EXPECT_EQ(e.code(), errc::malformed_reply);
    EXPECT_THAT(e.what(), HasSubstr("gzip"));
}

TEST(beast_transport, holds_heads_and_chunk_heads_to_their_limit)
{
    const std::string many(5000, 'x');
    for (const auto& bytes : {"HTTP/1.1 200 OK\r\nX: " + many + "\r\n\r\n", "HTTP/1.1 200 OK\r\nX: " + many,
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + many}) {
        loopback_server server([&](loopback_peer& peer) {
            peer.read_request();
            peer.send(bytes);
            peer.closed_within(5s);
        });
        auto options = direct();
        options.header_bytes = 4096;
        beast_transport transport(std::move(options));
        const auto e = failure_of(transport, post(server.url()));
        EXPECT_EQ(e.code(), errc::limit_exceeded);
        EXPECT_THAT(e.what(), HasSubstr("header_bytes"));
    }
}

TEST(beast_transport, counts_many_short_fields_against_the_limit)
{
    loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 10'000; ++i)
            if (!peer.send("A: b\r\n"))
                return;
    });
    auto options = direct();
    options.header_bytes = 4096;
    beast_transport transport(std::move(options));
    EXPECT_EQ(failure_of(transport, post(server.url())).code(), errc::limit_exceeded);
}

TEST(beast_transport, takes_the_answer_of_a_server_that_does_not_read_the_whole_request)
{
    loopback_server server([](loopback_peer& peer) {
        peer.receive(1000);
        peer.reply(413, "too large", "text/plain", "Connection: close\r\n");
    });
    beast_transport transport(direct());
    auto request = post(server.url(), std::string(std::size_t{64} << 20, 'z'));
    request.timeouts.request = 5s;
    const auto response = get(transport, std::move(request));
    EXPECT_EQ(response.status, 413U);
}

TEST(beast_transport, refuses_addresses_and_fields_before_anything_is_sent)
{
    beast_transport transport(direct());
    for (const char* url :
         {"", "localhost:80", "ftp://localhost/", "http://", "http://a b/", "http://h/\r\nX: y", "http://user:pw@localhost/",
          "http://localhost:99999/", "http://[::1/", "http://local%23host/", "http://a%2Fb.example/"}) {
        const auto e = failure_of(transport, post(url));
        EXPECT_EQ(e.code(), errc::invalid_argument) << url;
        EXPECT_THAT(e.what(), ::testing::Not(HasSubstr("pw"))) << url;
    }
    auto request = post("http://localhost/");
    request.headers.add("X-Name", "a\r\nInjected: 1");
    const auto e = failure_of(transport, std::move(request));
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), HasSubstr("X-Name"));
    request = post("http://localhost/");
    request.bearer = secret("sk-1\n2");
    const auto about_key = failure_of(transport, std::move(request));
    EXPECT_EQ(about_key.code(), errc::invalid_argument);
    EXPECT_THAT(about_key.what(), ::testing::Not(HasSubstr("sk-1")));
}

awaitable<void> fetch_into(http_transport& transport, http_request request, std::vector<std::string>& bodies)
{
    auto whole = co_await fetch(transport, std::move(request));
    bodies.push_back(std::move(whole.body));
}

TEST(beast_transport, opens_no_more_connections_than_its_cap)
{
    loopback_server server(always(200, "x"));
    auto options = direct();
    options.max_connections = 2;
    beast_transport transport(std::move(options));
    asio::io_context io;
    std::vector<std::string> bodies;
    for (int i = 0; i < 20; ++i)
        asio::co_spawn(io, fetch_into(transport, post(server.url()), bodies), asio::detached);
    io.run();
    EXPECT_EQ(bodies.size(), 20U);
    EXPECT_EQ(server.connections(), 2);
}

TEST(beast_transport, passes_the_place_of_a_failed_call_on)
{
    loopback_server server([](loopback_peer& peer) { peer.read_request(); });
    auto options = direct();
    options.max_connections = 1;
    beast_transport transport(std::move(options));
    asio::io_context io;
    int failed = 0;
    std::vector<std::string> bodies;
    for (int i = 0; i < 5; ++i)
        asio::co_spawn(io, fetch_into(transport, post(server.url()), bodies), [&](std::exception_ptr e) { failed += e ? 1 : 0; });
    io.run();
    EXPECT_EQ(failed, 5);
    EXPECT_EQ(server.connections(), 5);
}

TEST(beast_transport, keeps_no_more_idle_connections_than_asked)
{
    loopback_server server(always(200, "x"));
    auto options = direct();
    options.max_idle = 3;
    beast_transport transport(std::move(options));
    asio::io_context io;
    std::vector<std::string> bodies;
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 8; ++i)
            asio::co_spawn(io, fetch_into(transport, post(server.url()), bodies), asio::detached);
        io.restart();
        io.run();
    }
    EXPECT_EQ(bodies.size(), 16U);
    EXPECT_EQ(server.connections(), 13);
}

TEST(beast_transport, does_not_use_a_connection_that_idled_too_long)
{
    loopback_server server(always(200, "x"));
    auto options = direct();
    options.idle_lifetime = 0ms;
    beast_transport transport(std::move(options));
    sync_wait(fetch_times(transport, server.url(), 3));
    EXPECT_EQ(server.connections(), 3);
}

TEST(beast_transport, may_go_before_its_context_and_after_it)
{
    loopback_server server(always(200, "x"));
    std::vector<std::string> bodies;
    {
        asio::io_context io;
        auto transport = std::make_unique<beast_transport>(direct());
        asio::co_spawn(io, fetch_into(*transport, post(server.url()), bodies), asio::detached);
        io.run();
        transport.reset();
    }
    auto transport = std::make_unique<beast_transport>(direct());
    for (int i = 0; i < 3; ++i) {
        asio::io_context io;
        asio::co_spawn(io, fetch_into(*transport, post(server.url()), bodies), asio::detached);
        io.run();
    }
    EXPECT_EQ(bodies.size(), 4U);
    EXPECT_EQ(server.connections(), 4);
}

TEST(beast_transport, survives_a_context_that_goes_with_calls_and_bodies_at_work)
{
    std::promise<void> asked;
    std::atomic<int> closed{0};
    loopback_server server([&](loopback_peer& peer) {
        const auto request = peer.read_request();
        if (request->body == "stream") {
            peer.begin_chunked();
            peer.chunk("x");
        }
        if (peer.closed_within(5s))
            ++closed;
    });
    beast_transport transport(direct());
    stream<std::string> kept;
    bool opened = false;
    {
        asio::io_context io;
        auto keep = [&]() -> awaitable<void> {
            auto response = co_await transport.send(post(server.url(), "stream"), run_context());
            kept = std::move(response.body);
            opened = true;
        };
        std::vector<std::string> bodies;
        asio::co_spawn(io, keep(), asio::detached);
        asio::co_spawn(io, fetch_into(transport, post(server.url()), bodies), asio::detached);
        io.run_for(200ms);
        EXPECT_TRUE(opened);
    }
    kept = stream<std::string>();
}

}  // namespace
}  // namespace zincir

#include "transport_support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace zincir {
namespace {

using clock = std::chrono::steady_clock;

// Runs `call` and returns its failure, having checked that it came at about `limit`.
template <class Call>
error failure_at(std::chrono::milliseconds limit, Call call)
{
    const auto start = clock::now();
    const auto e = failure_of(call);
    const auto took = clock::now() - start;
    EXPECT_GE(took, limit);
    EXPECT_LT(took, limit + 1s) << e.what();
    return e;
}

void hold(loopback_peer& peer)
{
    peer.read_request();
    peer.closed_within(10s);
}

TEST(transport_timeouts, first_content_when_the_server_is_silent)
{
    loopback_server server(hold);
    beast_transport transport(direct());
    auto request = post(server.url());
    request.timeouts.first_content = 60ms;
    const auto e = failure_at(60ms, [&] { get(transport, std::move(request)); });
    EXPECT_EQ(e.code(), errc::first_content_timeout);
    EXPECT_THAT(e.what(), HasSubstr("60 ms"));
}

TEST(transport_timeouts, first_content_when_only_the_head_came)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        peer.closed_within(10s);
    });
    beast_transport transport(direct());
    auto request = post(server.url());
    request.content = std::make_shared<content_clock>();
    request.timeouts.first_content = 60ms;
    const auto e = failure_at(60ms, [&] { get(transport, std::move(request)); });
    EXPECT_EQ(e.code(), errc::first_content_timeout);
}

TEST(transport_timeouts, idle_when_content_stops)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        peer.chunk("x");
        peer.closed_within(10s);
    });
    beast_transport transport(direct());
    auto request = post(server.url());
    request.timeouts.idle = 60ms;
    const auto e = failure_at(60ms, [&] { get(transport, std::move(request)); });
    EXPECT_EQ(e.code(), errc::idle_timeout);
}

awaitable<void> read_keep_alives(http_transport& transport, http_request request, bool mark_first)
{
    const auto content = request.content;
    auto response = co_await transport.send(std::move(request), run_context());
    for (bool first = mark_first; co_await response.body.next(); first = false)
        if (first)
            content->mark();
}

TEST(transport_timeouts, keep_alives_are_no_content)
{
    for (const bool content_came : {false, true}) {
        loopback_server server([](loopback_peer& peer) {
            peer.read_request();
            peer.begin_chunked();
            while (peer.chunk(": ping\n") && !peer.closed_within(10ms)) {
            }
        });
        beast_transport transport(direct());
        auto request = post(server.url());
        request.content = std::make_shared<content_clock>();
        request.timeouts.first_content = content_came ? 10s : 100ms;
        request.timeouts.idle = 100ms;
        const auto e = failure_at(100ms, [&] { sync_wait(read_keep_alives(transport, std::move(request), content_came)); });
        EXPECT_EQ(e.code(), content_came ? errc::idle_timeout : errc::first_content_timeout);
    }
}

TEST(transport_timeouts, content_that_keeps_coming_holds_the_idle_limit_off)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        for (int i = 0; i < 15; ++i) {
            peer.chunk("x");
            peer.closed_within(20ms);  // 300 ms together
        }
        peer.end_chunked();
    });
    beast_transport transport(direct());
    auto request = post(server.url());
    request.timeouts.idle = 150ms;
    EXPECT_EQ(get(transport, std::move(request)).body, std::string(15, 'x'));
}

TEST(transport_timeouts, a_slow_reader_is_not_an_idle_server)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        peer.chunk("x");
        peer.closed_within(50ms);
        peer.chunk("y");
        peer.end_chunked();
    });
    beast_transport transport(direct());
    auto request = post(server.url());
    request.timeouts.idle = 80ms;
    auto read = [&]() -> awaitable<void> {
        auto response = co_await transport.send(std::move(request), run_context());
        std::string all;
        while (auto piece = co_await response.body.next()) {
            all += *piece;
            asio::steady_timer away(co_await asio::this_coro::executor, 200ms);
            co_await away.async_wait(asio::use_awaitable);
        }
        EXPECT_EQ(all, "xy");
    };
    sync_wait(read());
}

TEST(transport_timeouts, request_ends_what_takes_too_long_altogether)
{
    loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        while (peer.chunk("x") && !peer.closed_within(10ms)) {
        }
    });
    beast_transport transport(direct());
    auto request = post(server.url());
    request.timeouts.request = 120ms;
    const auto e = failure_at(120ms, [&] { get(transport, std::move(request)); });
    EXPECT_EQ(e.code(), errc::request_timeout);
}

TEST(transport_timeouts, the_deadline_of_the_run_holds_and_is_named)
{
    loopback_server server(hold);
    beast_transport transport(direct());
    const auto e = failure_at(60ms, [&] { get(transport, post(server.url()), run_context().with_timeout(60ms)); });
    EXPECT_EQ(e.code(), errc::deadline_exceeded);
    EXPECT_TRUE(e.is(condition::exhausted));
}

TEST(transport_timeouts, connect_covers_the_tls_handshake)
{
    loopback_server server([](loopback_peer& peer) { peer.closed_within(10s); });
    beast_transport transport(direct());
    auto request = post("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    request.timeouts.connect = 60ms;
    const auto e = failure_at(60ms, [&] { get(transport, std::move(request)); });
    EXPECT_EQ(e.code(), errc::connect_timeout);
}

TEST(transport_timeouts, connect_covers_waiting_for_a_place)
{
    loopback_server server(hold);
    auto options = direct();
    options.max_connections = 1;
    beast_transport transport(std::move(options));
    asio::io_context io;
    asio::cancellation_signal stop;
    std::vector<error_code> codes;
    const auto note = [&](std::exception_ptr e, whole_response) {
        codes.push_back(to_error(e).code());
        stop.emit(asio::cancellation_type::all);
    };
    asio::co_spawn(io, fetch(transport, post(server.url())), asio::bind_cancellation_slot(stop.slot(), note));
    auto second = post(server.url());
    second.timeouts.connect = 60ms;
    asio::co_spawn(io, fetch(transport, std::move(second)), note);
    io.run_for(5s);
    EXPECT_THAT(codes, ::testing::ElementsAre(errc::connect_timeout, errc::cancelled));
}

TEST(transport_timeouts, zero_means_no_limit)
{
    loopback_server server(testing::always(200, "x"));
    beast_transport transport(direct());
    auto request = post(server.url());
    request.timeouts.connect = request.timeouts.first_content = request.timeouts.idle = request.timeouts.request = 0ms;
    EXPECT_EQ(get(transport, std::move(request)).body, "x");
}

// What the server saw: when the client's end closed.
struct watched_server {
    std::promise<void> asked{};
    std::promise<clock::time_point> closed{};
};

loopback_server::script watch(watched_server& seen, bool stream)
{
    return [&seen, stream](loopback_peer& peer) {
        peer.read_request();
        if (stream) {
            peer.begin_chunked();
            peer.chunk("x");
        }
        seen.asked.set_value();
        peer.closed_within(10s);
        seen.closed.set_value(clock::now());
    };
}

// How long after a cancellation the call has ended, and its server has seen the close.
struct reaction {
    clock::duration ended{};
    clock::duration closed{};
};

reaction cancel_a_call(bool stream)
{
    watched_server seen;
    loopback_server server(watch(seen, stream));
    beast_transport transport(direct());
    asio::io_context io;
    asio::cancellation_signal stop;
    std::optional<error> failed;
    clock::time_point ended;
    asio::co_spawn(io, fetch(transport, post(server.url())),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, whole_response) {
                       failed = to_error(e);
                       ended = clock::now();
                   }));
    auto asked = seen.asked.get_future();
    while (asked.wait_for(0ms) != std::future_status::ready)
        io.run_for(5ms);
    io.run_for(20ms);
    const auto start = clock::now();
    stop.emit(asio::cancellation_type::all);
    io.run();
    EXPECT_TRUE(failed && failed->code() == errc::cancelled);
    return {ended - start, seen.closed.get_future().get() - start};
}

TEST(transport_cancellation, closes_the_socket_and_ends_the_call_within_milliseconds)
{
    for (const bool stream : {false, true}) {
        // A busy machine may run the server late; what waits for a timer is late every time.
        auto best = cancel_a_call(stream);
        for (int again = 0; again < 9 && std::max(best.ended, best.closed) >= 5ms; ++again)
            best = cancel_a_call(stream);
        EXPECT_LT(best.ended, 5ms);
        EXPECT_LT(best.closed, 5ms);
    }
}

TEST(transport_cancellation, destroying_the_body_closes_the_socket_at_once)
{
    watched_server seen;
    loopback_server server(watch(seen, true));
    beast_transport transport(direct());
    clock::time_point dropped;
    auto read_one = [&]() -> awaitable<void> {
        auto response = co_await transport.send(post(server.url()), run_context());
        co_await response.body.next();
        auto body = std::make_unique<stream<std::string>>(std::move(response.body));
        dropped = clock::now();
        body.reset();
    };
    sync_wait(read_one());
    EXPECT_LT(seen.closed.get_future().get() - dropped, 5ms);
}

TEST(transport_cancellation, does_not_wait_for_a_look_up)
{
    beast_transport transport(direct());
    asio::io_context io;
    asio::cancellation_signal stop;
    std::optional<error> failed;
    asio::co_spawn(io, fetch(transport, post("http://no-such-host.invalid/")),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, whole_response) { failed = to_error(e); }));
    io.poll_one();
    stop.emit(asio::cancellation_type::all);
    while (!failed && io.run_one() > 0) {
    }
    ASSERT_TRUE(failed);
    EXPECT_TRUE(failed->code() == errc::cancelled || failed->code() == errc::connection) << failed->what();
}

TEST(transport_cancellation, frees_the_place_of_a_waiting_call)
{
    loopback_server server(testing::always(200, "x"));
    auto options = direct();
    options.max_connections = 1;
    beast_transport transport(std::move(options));
    asio::io_context io;
    asio::cancellation_signal stop;
    int done = 0;
    std::optional<error> cancelled;
    asio::co_spawn(io, fetch(transport, post(server.url())), [&](std::exception_ptr e, whole_response) { done += e ? 0 : 1; });
    asio::co_spawn(
        io, fetch(transport, post(server.url())),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, whole_response) { cancelled = to_error(e); }));
    asio::co_spawn(io, fetch(transport, post(server.url())), [&](std::exception_ptr e, whole_response) { done += e ? 0 : 1; });
    for (int i = 0; i < 3; ++i)
        io.poll_one();
    stop.emit(asio::cancellation_type::all);
    io.run_for(5s);
    EXPECT_EQ(done, 2);
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->code(), errc::cancelled);
}

TEST(transport_cancellation, leaves_no_work_behind_in_the_context)
{
    loopback_server server(testing::always(200, "x"));
    beast_transport transport(direct());
    const auto start = clock::now();
    get(transport, post(server.url()));
    EXPECT_LT(clock::now() - start, 2s);
}

}  // namespace
}  // namespace zincir

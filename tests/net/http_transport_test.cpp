#include "transport_support.hpp"

#include <zincir/net/scripted_transport.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace zincir {
namespace {

TEST(http_headers, compare_names_without_case)
{
    http_headers headers;
    headers.add("Content-Type", "text/plain");
    EXPECT_EQ(headers.get("content-TYPE"), "text/plain");
    EXPECT_EQ(headers.get("content-typ"), std::nullopt);
}

TEST(http_headers, set_replaces_every_field_of_the_name)
{
    http_headers headers;
    headers.add("A", "1");
    headers.add("B", "2");
    headers.add("a", "3");
    headers.set("A", "4");
    headers.set("C", "5");
    const std::vector<std::pair<std::string, std::string>> expected = {{"A", "4"}, {"B", "2"}, {"C", "5"}};
    EXPECT_EQ(headers.fields(), expected);
}

TEST(read_all, joins_the_pieces_and_holds_the_limit)
{
    for (const std::size_t limit : {std::size_t{6}, std::size_t{5}}) {
        scripted_transport transport(scripted_response::pieces({"ab", "cd", "ef"}));
        auto read = [&]() -> awaitable<std::string> {
            auto response = co_await transport.send(http_request(), run_context());
            auto body = co_await read_all(std::move(response.body), limit);
            co_return body;
        };
        if (limit == 6)
            EXPECT_EQ(sync_wait(read()), "abcdef");
        else
            EXPECT_EQ(failure_of([&] { sync_wait(read()); }).code(), errc::limit_exceeded);
    }
}

TEST(scripted_transport, answers_from_its_queue_and_remembers_the_requests)
{
    scripted_transport transport(scripted_response(429, "slow down").header("retry-after", "1"), error(errc::connection, "gone"),
                                 scripted_response(200, "ok"));
    auto request = post("http://a/1", "one");
    request.bearer = secret("sk-1");
    const auto first = get(transport, std::move(request));
    EXPECT_EQ(first.status, 429U);
    EXPECT_EQ(first.headers.get("Retry-After"), "1");
    EXPECT_EQ(first.body, "slow down");
    EXPECT_EQ(failure_of(transport, post("http://a/2")).code(), errc::connection);
    EXPECT_EQ(transport.remaining(), 1U);
    EXPECT_EQ(get(transport, post("http://a/3")).body, "ok");
    EXPECT_EQ(failure_of(transport, post("http://a/4")).code(), errc::script_ended);
    const auto requests = transport.requests();
    ASSERT_EQ(requests.size(), 4U);
    EXPECT_EQ(requests[0].body, "one");
    EXPECT_TRUE(requests[0].had_bearer);
    EXPECT_FALSE(requests[1].had_bearer);
    EXPECT_EQ(requests[2].url, "http://a/3");
}

TEST(scripted_transport, plays_a_body_in_pieces_that_fails)
{
    scripted_transport transport(scripted_response::pieces({"a", "", "b"}).then_fail(error(errc::truncated, "cut")));
    auto read = [&]() -> awaitable<void> {
        auto response = co_await transport.send(http_request(), run_context());
        auto piece = co_await response.body.next();
        EXPECT_EQ(piece, "a");
        piece = co_await response.body.next();
        EXPECT_EQ(piece, "b");
        bool failed = false;
        try {
            co_await response.body.next();
        } catch (const error& e) {
            failed = e.code() == errc::truncated;
        }
        EXPECT_TRUE(failed);
        piece = co_await response.body.next();
        EXPECT_EQ(piece, std::nullopt);
    };
    sync_wait(read());
}

TEST(scripted_transport, ends_a_delay_at_the_deadline_and_by_cancellation)
{
    scripted_transport transport(scripted_response(200).after(1h), scripted_response::pieces({"a"}).paced(1h),
                                 scripted_response().after(1h));
    EXPECT_EQ(failure_of(transport, post("http://a"), run_context().with_timeout(5ms)).code(), errc::deadline_exceeded);
    EXPECT_EQ(failure_of(transport, post("http://a"), run_context().with_timeout(5ms)).code(), errc::deadline_exceeded);
    asio::io_context io;
    asio::cancellation_signal stop;
    std::optional<error> failed;
    asio::co_spawn(io, fetch(transport, post("http://a")),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, whole_response) { failed = to_error(e); }));
    io.poll();
    stop.emit(asio::cancellation_type::all);
    io.run();
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->code(), errc::cancelled);
}

}  // namespace
}  // namespace zincir

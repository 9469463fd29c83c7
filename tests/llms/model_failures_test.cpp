// A chat model against a real server that fails in every way: each call, whole and streamed, has to end with the condition that
// fits and words that help, without waiting for a timeout it need not.

#include "loopback_server.hpp"

#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/init_chat_model.hpp>
#include <zincir/net/beast_transport.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <future>

namespace zincir {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::loopback_peer;
using testing::loopback_server;
using clock = std::chrono::steady_clock;

constexpr std::string_view first_event = R"(data: {"id":"1","choices":[{"index":0,"delta":{"content":"bir"}}]})"
                                         "\n\n";

std::shared_ptr<http_transport> direct()
{
    beast_transport_options options;
    options.proxy.from_environment = false;
    return std::make_shared<beast_transport>(std::move(options));
}

// Long limits, so that a test that ends by one of them takes too long.
chat_options patient()
{
    chat_options options;
    options.model = "test";
    chat_timeouts limits;
    limits.connect = limits.first_content = limits.idle = limits.request = 30s;
    options.timeouts = limits;
    return options;
}

awaitable<std::string> ask(chat_model model, bool streamed, run_context ctx)
{
    if (!streamed)
        co_return (co_await model.invoke(messages("hi"), std::move(ctx))).text();
    auto chunks = model.stream(messages("hi"), std::move(ctx));
    std::string text;
    while (const auto chunk = co_await chunks.next())
        text += chunk->delta;
    co_return text;
}

struct outcome {
    error failure{};
    std::chrono::nanoseconds took{};
};

outcome call(std::string url, bool streamed, chat_options options, run_context ctx = run_context())
{
    const auto model = openai_compatible(std::move(url), std::move(options), direct(), secret("a-key"));
    const auto start = clock::now();
    outcome seen;
    try {
        ADD_FAILURE() << "it answered: " << sync_wait(ask(model, streamed, std::move(ctx)));
    } catch (const error& e) {
        seen.failure = e;
    }
    seen.took = clock::now() - start;
    return seen;
}

loopback_server::script answers(unsigned status, std::string body, std::string type = "application/json", std::string headers = {})
{
    return [=](loopback_peer& peer) {
        while (peer.read_request())
            if (!peer.reply(status, body, type, headers))
                return;
    };
}

std::string failure_body(std::string_view code)
{
    return R"({"error":{"message":"no","type":")" + std::string(code) + R"(","code":")" + std::string(code) + "\"}}";
}

struct failing_server {
    std::string name;
    loopback_server::script script;
    errc code;
    condition kind;
    std::string words;
};
std::ostream& operator<<(std::ostream& out, const failing_server& s) { return out << s.name; }

class server_that_fails : public ::testing::TestWithParam<failing_server> {};

TEST_P(server_that_fails, is_named_for_what_it_did)
{
    const auto& given = GetParam();
    for (const bool streamed : {false, true}) {
        const loopback_server server(given.script);
        const auto seen = call(server.url("/v1"), streamed, patient());
        EXPECT_EQ(seen.failure.code(), given.code) << seen.failure.what();
        EXPECT_TRUE(seen.failure.is(given.kind)) << seen.failure.what();
        EXPECT_THAT(seen.failure.facts().message, HasSubstr(given.words));
        EXPECT_THAT(seen.failure.what(), ::testing::Not(HasSubstr("a-key")));
        EXPECT_LT(seen.took, 10s) << "it waited for a timeout";
    }
}

INSTANTIATE_TEST_SUITE_P(
    table, server_that_fails,
    ::testing::Values(
        failing_server{"reset",
                       [](loopback_peer& peer) {
                           peer.read_request();
                           peer.reset();
                       },
                       errc::connection, condition::transient, "closed the connection before it answered"},
        failing_server{"closed", [](loopback_peer& peer) { peer.read_request(); }, errc::connection, condition::transient,
                       "closed the connection before it answered"},
        failing_server{"s401", answers(401, failure_body("invalid_api_key")), errc::authentication, condition::misconfigured,
                       "key"},
        failing_server{"s404", answers(404, failure_body("model_not_found")), errc::not_found, condition::misconfigured, "test"},
        failing_server{"s429", answers(429, failure_body("rate_limit_exceeded")), errc::rate_limited, condition::transient, "wait"},
        failing_server{"quota", answers(429, failure_body("insufficient_quota")), errc::quota_exceeded, condition::exhausted,
                       "credit"},
        failing_server{"s500", answers(500, failure_body("server_error")), errc::server_fault, condition::transient, "500"},
        failing_server{"s503_page", answers(503, "<html>down</html>", "text/html"), errc::server_fault, condition::transient,
                       "503"},
        failing_server{"page_with_200", answers(200, "<!doctype html><title>Welcome</title>", "text/html"), errc::malformed_reply,
                       condition::unusable_output, "web page"},
        failing_server{"empty_body", answers(200, ""), errc::malformed_reply, condition::unusable_output, "empty"},
        failing_server{"error_with_200", answers(200, failure_body("server_error")), errc::server_fault, condition::transient, ""},
        failing_server{"cut_in_the_middle",
                       [](loopback_peer& peer) {
                           peer.read_request();
                           peer.begin_chunked();
                           peer.chunk(first_event);
                           peer.close();
                       },
                       errc::truncated, condition::transient, "middle"}),
    [](const auto& at) { return at.param.name; });

TEST(unreachable_server, is_refused_at_once)
{
    for (const bool streamed : {false, true}) {
        const auto seen = call("http://127.0.0.1:" + std::to_string(testing::closed_port()) + "/v1", streamed, patient());
        EXPECT_EQ(seen.failure.code(), errc::connection);
        EXPECT_THAT(seen.failure.what(), HasSubstr("is a server running there?"));
        EXPECT_LT(seen.took, 10s);
    }
}

TEST(unreachable_server, has_a_name_that_nobody_knows)
{
    for (const bool streamed : {false, true}) {
        const auto seen = call("http://no-such-host.invalid/v1", streamed, patient());
        EXPECT_EQ(seen.failure.code(), errc::connection);
        EXPECT_THAT(seen.failure.what(), HasSubstr("no-such-host.invalid"));
    }
}

TEST(unreachable_server, has_a_certificate_that_nobody_vouches_for)
{
    const testing::tls_authority authority;
    const loopback_server server(answers(200, "{}"), authority.issue("DNS:localhost"));
    for (const bool streamed : {false, true}) {
        const auto seen = call(server.url("/v1"), streamed, patient());
        EXPECT_EQ(seen.failure.code(), errc::certificate);
        EXPECT_TRUE(seen.failure.is(condition::misconfigured));
        EXPECT_THAT(seen.failure.what(), HasSubstr("ca_file"));
    }
}

struct time_limit {
    std::string name;
    std::chrono::milliseconds chat_timeouts::* limit;
    loopback_server::script script;
    errc code;
    bool needs_stream = false;
};
std::ostream& operator<<(std::ostream& out, const time_limit& l) { return out << l.name; }

void stays_silent(loopback_peer& peer)
{
    peer.read_request();
    peer.closed_within(10s);
}

void sends_one_word(loopback_peer& peer)
{
    peer.read_request();
    peer.begin_chunked();
    peer.chunk(first_event);
    peer.closed_within(10s);
}

void sends_words_without_end(loopback_peer& peer)
{
    peer.read_request();
    peer.begin_chunked();
    while (peer.chunk(first_event) && !peer.closed_within(5ms)) {
    }
}

void sends_keep_alives(loopback_peer& peer)
{
    peer.read_request();
    peer.begin_chunked();
    peer.chunk(first_event);
    while (peer.chunk(": wait\n\n") && !peer.closed_within(5ms)) {
    }
}

class time_limits : public ::testing::TestWithParam<time_limit> {};

TEST_P(time_limits, end_the_call_by_their_name)
{
    const auto& given = GetParam();
    for (const bool streamed : {false, true}) {
        if (given.needs_stream && !streamed)
            continue;
        const loopback_server server(given.script);
        auto options = patient();
        *options.timeouts.*given.limit = 80ms;
        const auto seen = call(server.url("/v1"), streamed, options);
        EXPECT_EQ(seen.failure.code(), given.code) << seen.failure.what();
        EXPECT_TRUE(seen.failure.is(condition::transient));
        EXPECT_THAT(seen.failure.what(), HasSubstr("80 ms"));
        EXPECT_GE(seen.took, 80ms);
        EXPECT_LT(seen.took, 10s);
    }
}

INSTANTIATE_TEST_SUITE_P(
    table, time_limits,
    ::testing::Values(time_limit{"first_content", &chat_timeouts::first_content, stays_silent, errc::first_content_timeout},
                      time_limit{"idle", &chat_timeouts::idle, sends_one_word, errc::idle_timeout},
                      time_limit{"idle_through_keep_alives", &chat_timeouts::idle, sends_keep_alives, errc::idle_timeout, true},
                      time_limit{"request", &chat_timeouts::request, sends_words_without_end, errc::request_timeout}),
    [](const auto& at) { return at.param.name; });

TEST(time_limit_of_connect, covers_the_handshake)
{
    // A peer that accepts and never speaks TLS.
    const loopback_server server([](loopback_peer& peer) { peer.closed_within(10s); });
    for (const bool streamed : {false, true}) {
        auto options = patient();
        options.timeouts->connect = 80ms;
        const auto seen = call("https://127.0.0.1:" + std::to_string(server.port()) + "/v1", streamed, options);
        EXPECT_EQ(seen.failure.code(), errc::connect_timeout) << seen.failure.what();
        EXPECT_THAT(seen.failure.what(), HasSubstr("80 ms"));
    }
}

TEST(deadline, ends_the_call_by_its_name)
{
    const loopback_server server(sends_words_without_end);
    for (const bool streamed : {false, true}) {
        const auto seen = call(server.url("/v1"), streamed, patient(), run_context().with_timeout(80ms));
        EXPECT_EQ(seen.failure.code(), errc::deadline_exceeded) << seen.failure.what();
        EXPECT_TRUE(seen.failure.is(condition::exhausted));
        EXPECT_LT(seen.took, 10s);
    }
}

constexpr std::string_view finish_event = R"(data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                                          "\n\n";
constexpr std::string_view usage_event =
    R"(data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"
    "\n\n";

struct endless_server {
    std::string name;
    std::vector<std::string_view> events;
    bool keep_alives = false;
    std::chrono::milliseconds least{};
    std::chrono::milliseconds most{};
    std::size_t warnings = 0;
};
std::ostream& operator<<(std::ostream& out, const endless_server& s) { return out << s.name; }

class stream_left_open : public ::testing::TestWithParam<endless_server> {};

TEST_P(stream_left_open, ends_well_soon_after_its_finish_reason)
{
    const auto& given = GetParam();
    const loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        for (const auto event : given.events)
            peer.chunk(event);
        while (!peer.closed_within(20ms))
            if (given.keep_alives)
                peer.chunk(": wait\n\n");
    });
    const auto model = openai_compatible(server.url("/v1"), patient(), direct());
    const auto start = clock::now();
    const auto reply = sync_wait(collect(model.stream(messages("hi"))));
    const auto took = clock::now() - start;
    EXPECT_EQ(reply.text(), "bir");
    EXPECT_EQ(reply.status, message_status::complete);
    EXPECT_EQ(reply.usage().has_value(), given.warnings == 0);
    EXPECT_EQ(reply.warnings().size(), given.warnings);
    EXPECT_GE(took, given.least);
    EXPECT_LT(took, given.most);
}

INSTANTIATE_TEST_SUITE_P(
    table, stream_left_open,
    ::testing::Values(endless_server{"after_usage", {first_event, finish_event, usage_event}, false, 0ms, 1500ms, 0},
                      endless_server{"with_keep_alives", {first_event, finish_event, usage_event}, true, 0ms, 1500ms, 0},
                      endless_server{"without_usage", {first_event, finish_event}, false, 1500ms, 10s, 1}),
    [](const auto& at) { return at.param.name; });

TEST(stream_left_open, ends_a_call_that_asked_for_no_stream)
{
    const loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        for (const auto event : {first_event, finish_event, usage_event})
            peer.chunk(event);
        peer.closed_within(10s);
    });
    const auto model = openai_compatible(server.url("/v1"), patient(), direct());
    const auto start = clock::now();
    EXPECT_EQ(sync_wait(model.invoke(messages("hi"))).text(), "bir");
    EXPECT_LT(clock::now() - start, 2s);
}

TEST(body_without_length, ends_with_its_json_where_the_connection_stays_open)
{
    for (const bool streamed : {false, true}) {
        const loopback_server server([](loopback_peer& peer) {
            peer.read_request();
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"{}");
            EXPECT_FALSE(peer.closed_within(50ms)) << "half a body is no end";
            peer.send("bir\"},\"finish_reason\":\"stop\"}]}\n");
            peer.closed_within(10s);
        });
        const auto model = openai_compatible(server.url("/v1"), patient(), direct());
        const auto start = clock::now();
        EXPECT_EQ(sync_wait(ask(model, streamed, run_context())), "{}bir");
        EXPECT_LT(clock::now() - start, 8s);
    }
}

TEST(rejection_without_end, is_told_without_waiting_for_a_timeout)
{
    for (const bool streamed : {false, true}) {
        const loopback_server server([](loopback_peer& peer) {
            peer.read_request();
            peer.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 1000\r\n\r\n" + failure_body("invalid_api_key"));
            peer.closed_within(10s);
        });
        const auto seen = call(server.url("/v1"), streamed, patient());
        EXPECT_EQ(seen.failure.code(), errc::authentication) << seen.failure.what();
        EXPECT_EQ(seen.failure.facts().provider_message, "no");
        EXPECT_LT(seen.took, 8s);
    }
}

TEST(stream_left_open, waits_for_candidates_that_are_still_written)
{
    const loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        peer.begin_chunked();
        peer.chunk(first_event);
        peer.chunk(finish_event);
        peer.chunk(usage_event);
        EXPECT_FALSE(peer.closed_within(300ms)) << "the second candidate has not begun";
        peer.chunk("data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"iki\"}}]}\n\n");
        EXPECT_FALSE(peer.closed_within(300ms)) << "the second candidate has not ended";
        peer.chunk("data: {\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        peer.closed_within(10s);
    });
    auto options = patient();
    options.n = 2;
    const auto model = openai_compatible(server.url("/v1"), options, direct());
    const auto reply = sync_wait(collect(model.stream(messages("hi"))));
    EXPECT_EQ(reply.metadata().at("choices").at(0).at("message").at("content"), "iki");
}

struct reaction {
    clock::duration ended{};
    clock::duration closed{};
};

reaction cancel_a_call(bool streamed)
{
    std::promise<void> asked;
    std::promise<clock::time_point> closed;
    const loopback_server server([&](loopback_peer& peer) {
        peer.read_request();
        if (streamed) {
            peer.begin_chunked();
            peer.chunk(first_event);
        }
        asked.set_value();
        peer.closed_within(10s);
        closed.set_value(clock::now());
    });
    const auto model = openai_compatible(server.url("/v1"), patient(), direct(), secret("a-key"));
    asio::io_context io;
    asio::cancellation_signal stop;
    std::optional<error> failure;
    clock::time_point ended;
    auto note = [&](std::exception_ptr e, std::string) {
        failure = to_error(e);
        ended = clock::now();
    };
    asio::co_spawn(io, ask(model, streamed, run_context()), asio::bind_cancellation_slot(stop.slot(), note));
    auto heard = asked.get_future();
    while (heard.wait_for(0ms) != std::future_status::ready)
        io.run_for(5ms);
    io.run_for(20ms);
    const auto start = clock::now();
    stop.emit(asio::cancellation_type::all);
    io.run();
    EXPECT_TRUE(failure && failure->code() == errc::cancelled && failure->is(condition::stopped));
    EXPECT_TRUE(!streamed || !failure || (failure->facts().partial && failure->facts().partial->text() == "bir"));
    return {ended - start, closed.get_future().get() - start};
}

TEST(cancelled_call, is_seen_by_the_server_within_milliseconds)
{
    for (const bool streamed : {false, true}) {
        // A busy machine may run the server late; what waits for a timer is late every time.
        auto best = cancel_a_call(streamed);
        for (int again = 0; again < 9 && std::max(best.ended, best.closed) >= 5ms; ++again)
            best = cancel_a_call(streamed);
        EXPECT_LT(best.ended, 5ms);
        EXPECT_LT(best.closed, 5ms);
    }
}

}  // namespace
}  // namespace zincir

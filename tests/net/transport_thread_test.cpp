#include "transport_support.hpp"

#include <zincir/core/runtime.hpp>

#include <memory>
#include <vector>

namespace zincir {
namespace {

// Run under ThreadSanitizer: what it checks is that nothing is reported there, beside the results.

void serve(loopback_peer& peer)
{
    while (const auto request = peer.read_request()) {
        if (request->body == "stream") {
            peer.begin_chunked();
            for (int i = 0; i < 5; ++i)
                peer.chunk("x");
            peer.end_chunked();
        } else if (request->body == "hold") {
            peer.closed_within(10s);
            return;
        } else {
            peer.reply(200, request->body);
        }
    }
}

TEST(transport_threads, many_calls_on_four_threads_share_one_transport)
{
    loopback_server server(serve);
    auto options = direct();
    options.max_connections = 8;
    beast_transport transport(std::move(options));
    runtime threads(4);
    std::vector<job<whole_response>> calls;
    std::vector<job<whole_response>> held;
    for (int i = 0; i < 200; ++i) {
        auto request = post(server.url(), i % 2 == 0 ? "stream" : std::to_string(i));
        request.timeouts.idle = std::chrono::milliseconds(5000 + i);
        calls.push_back(threads.spawn(fetch(transport, std::move(request))));
        if (i % 50 == 0)
            held.push_back(threads.spawn(fetch(transport, post(server.url(), "hold"))));
    }
    for (auto& call : held)
        call.cancel();
    for (std::size_t i = 0; i < calls.size(); ++i)
        EXPECT_EQ(calls[i].get().body, i % 2 == 0 ? std::string("xxxxx") : std::to_string(i));
    for (auto& call : held)
        EXPECT_EQ(failure_of([&] { call.get(); }).code(), errc::cancelled);
}

TEST(transport_threads, timeouts_and_cancellations_from_other_threads)
{
    loopback_server server(serve);
    beast_transport transport(direct());
    runtime threads(4);
    std::vector<job<whole_response>> calls;
    for (int i = 0; i < 60; ++i) {
        auto request = post(server.url(), "hold");
        if (i % 2 == 0)
            request.timeouts.first_content = std::chrono::milliseconds(5 + i);
        calls.push_back(threads.spawn(fetch(transport, std::move(request))));
    }
    for (std::size_t i = 1; i < calls.size(); i += 2)
        calls[i].cancel();
    for (std::size_t i = 0; i < calls.size(); ++i)
        EXPECT_EQ(failure_of([&] { calls[i].get(); }).code(), i % 2 == 0 ? errc::first_content_timeout : errc::cancelled);
}

TEST(transport_threads, the_transport_may_go_while_calls_are_at_work)
{
    loopback_server server(serve);
    auto transport = std::make_unique<beast_transport>(direct());
    runtime threads(4);
    std::vector<job<whole_response>> calls;
    for (int i = 0; i < 50; ++i)
        calls.push_back(threads.spawn(fetch(*transport, post(server.url(), "x"))));
    for (int i = 0; i < 25; ++i)
        EXPECT_EQ(calls[static_cast<std::size_t>(i)].get().body, "x");
    for (int i = 25; i < 50; ++i)
        calls[static_cast<std::size_t>(i)].get();
    transport.reset();
}

TEST(transport_threads, tls_sessions_are_shared)
{
    const testing::tls_authority authority;
    loopback_server server(serve, authority.issue("DNS:localhost"));
    auto options = direct();
    options.ca_pem = authority.pem();
    beast_transport transport(std::move(options));
    runtime threads(4);
    std::vector<job<whole_response>> calls;
    for (int i = 0; i < 40; ++i)
        calls.push_back(threads.spawn(fetch(transport, post(server.url(), "stream"))));
    for (auto& call : calls)
        EXPECT_EQ(call.get().body, "xxxxx");
}

}  // namespace
}  // namespace zincir

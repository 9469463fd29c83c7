// Responses whose framing contradicts itself: what is taken from them must be what every other client would take, or an error.
#include "transport_support.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <tuple>

namespace zincir {
namespace {

class contradictory_framing : public ::testing::TestWithParam<std::tuple<const char*, std::string>> {};

TEST_P(contradictory_framing, is_no_response)
{
    const loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n" + std::get<1>(GetParam()));
    });
    beast_transport transport(direct());
    EXPECT_EQ(failure_of(transport, post(server.url())).code(), errc::malformed_reply);
}

INSTANTIATE_TEST_SUITE_P(
    table, contradictory_framing,
    ::testing::Values(
        std::make_tuple("length_and_chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        std::make_tuple("chunks_and_length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        std::make_tuple("two_lengths", "Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello"),
        std::make_tuple("two_lengths_in_one_field", "Content-Length: 5, 4\r\n\r\nhello"),
        std::make_tuple("negative_length", "Content-Length: -5\r\n\r\nhello"),
        std::make_tuple("enormous_length", "Content-Length: 99999999999999999999\r\n\r\nhello"),
        std::make_tuple("space_before_the_colon", "Content-Length : 5\r\n\r\nhello"),
        std::make_tuple("enormous_chunk", "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello"),
        std::make_tuple("chunk_without_a_size", "Transfer-Encoding: chunked\r\n\r\n\r\nhello"),
        std::make_tuple("compressed_chunks", "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        std::make_tuple("half_a_field", "Content-Length\r\n\r\nhello")),
    [](const auto& test) { return std::string(std::get<0>(test.param)); });

TEST(kept_connection, is_not_used_again_once_its_server_spoke_unasked)
{
    const loopback_server server([](loopback_peer& peer) {
        while (peer.read_request()) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
            std::this_thread::sleep_for(20ms);
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
        }
    });
    beast_transport transport(direct());
    auto calls = [&]() -> awaitable<void> {
        asio::steady_timer pause(co_await asio::this_coro::executor);
        for (int i = 0; i < 3; ++i) {
            const auto response = co_await fetch(transport, post(server.url()));
            EXPECT_EQ(response.body, "good");
            pause.expires_after(100ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
    };
    sync_wait(calls());
    EXPECT_EQ(server.connections(), 3);
}

TEST(encodings, that_change_nothing_are_taken_in_any_case)
{
    const loopback_server server([](loopback_peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    });
    beast_transport transport(direct());
    EXPECT_EQ(get(transport, post(server.url())).body, "hello");
}

}  // namespace
}  // namespace zincir

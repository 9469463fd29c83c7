// Responses whose framing contradicts itself: what is taken from them must be what every other client would take, or an error.
#include "transport_support.hpp"

#include <semaphore>
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
    std::binary_semaphore read(0), spoken(0);
    const loopback_server server([&](loopback_peer& peer) {
        while (peer.read_request()) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
            EXPECT_TRUE(read.try_acquire_for(10s));
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
            spoken.release();
        }
    });
    beast_transport transport(direct());
    auto calls = [&]() -> awaitable<void> {
        for (int i = 0; i < 3; ++i) {
            const auto response = co_await fetch(transport, post(server.url()));
            EXPECT_EQ(response.body, "good");
            read.release();
            EXPECT_TRUE(spoken.try_acquire_for(10s));  // on the loopback device what was sent has arrived
            std::this_thread::sleep_for(2ms);          // for the first millisecond an idle connection is trusted unseen
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

#include "allocation_counter.hpp"

#include <zincir/llms/openai_decoder.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

using zincir::testing::allocations;

std::string stream_of(std::size_t deltas)
{
    std::string bytes;
    for (std::size_t i = 0; i < deltas; ++i)
        bytes +=
            R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1730241104,"model":"m","choices":[{"index":0,)"
            R"("delta":{"content":" a \"bear\""},"logprobs":null,"finish_reason":null}]})"
            "\n\n";
    return bytes;
}

std::size_t allocations_of(std::size_t deltas)
{
    const auto bytes = stream_of(deltas);
    zincir::openai_decoder decoder(std::make_shared<const zincir::openai_reply_rules>());
    zincir::chat_emitter emitter;
    zincir::sse_parser parser;
    std::size_t chunks = 0;
    const auto before = allocations::so_far();
    parser.feed(bytes);
    while (const auto event = parser.next()) {
        decoder.event(*event, emitter);
        while (emitter.pop())
            ++chunks;
    }
    const auto made = (allocations::so_far() - before).count;
    EXPECT_GE(chunks, deltas);
    return made;
}

// The text so far is kept for the whole reply, in a string that doubles: ten times the deltas are a few allocations more.
TEST(decoder_allocations, of_a_text_delta_are_none_but_the_text_itself)
{
    EXPECT_LE(allocations_of(10'000), allocations_of(1'000) + 5);
}

}  // namespace

#include "allocation_counter.hpp"

#include <zincir/net/sse_parser.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using zincir::testing::allocations;

std::string events(std::size_t count)
{
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i)
        bytes += R"(data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":" bear"},"finish_reason":null}]})"
                 "\n\n";
    return bytes;
}

std::size_t parse(zincir::sse_parser& parser, std::string_view bytes, std::size_t piece)
{
    std::size_t seen = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        parser.feed(bytes.substr(at, piece));
        while (parser.next())
            ++seen;
    }
    return seen;
}

class sse_allocations : public testing::TestWithParam<std::size_t> {};

TEST_P(sse_allocations, are_none_once_the_buffers_have_grown)
{
    const auto bytes = events(1000);
    zincir::sse_parser parser;
    ASSERT_EQ(parse(parser, bytes, GetParam()), 1000U);
    const auto before = allocations::so_far();
    const auto seen = parse(parser, bytes, GetParam());
    EXPECT_EQ((allocations::so_far() - before).count, 0U);
    EXPECT_EQ(seen, 1000U);
}

// Whole reads, reads that split every event, and the worst: a byte at a time.
INSTANTIATE_TEST_SUITE_P(pieces, sse_allocations, testing::Values(1U << 20, 16U << 10, 100U, 7U, 1U));

}  // namespace

#include "decoder_support.hpp"

namespace zincir::testing {
namespace {

// The common chunk with this between the quotes of its content.
std::string event_with(std::string_view between, std::string_view finish = "null")
{
    return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":")" +
           std::string(between) + R"("},"logprobs":null,"finish_reason":)" + std::string(finish) + "}]}\n\n";
}

outcome decode_all(std::initializer_list<std::string> events)
{
    std::string stream;
    for (const auto& e : events)
        stream += e;
    stream += event_with("", "\"stop\"");
    return decode_stream(stream);
}

// The decoder compares each event with the last one; these are the ways in which an event may look like it and not be.

TEST(similar_events, add_their_texts)
{
    EXPECT_EQ(decode_all({event_with("a"), event_with("b\\n\\\"c\\\""), event_with(" \xc3\xa9"), event_with("a")}).sum.text(),
              "ab\n\"c\" \xc3\xa9"
              "a");
}

TEST(similar_events, may_hold_another_member_between_the_same_ends)
{
    const auto got = decode_all({event_with("a"), event_with(R"(b","role":"assistant)"), event_with("c")});
    EXPECT_FALSE(got.failure);
    EXPECT_EQ(got.sum.text(), "abc");
}

TEST(similar_events, may_hold_a_tool_call_between_the_same_ends)
{
    const auto got = decode_all(
        {event_with("a"),
         event_with(
             R"(b","tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}],"role":"x)")});
    EXPECT_FALSE(got.failure);
    EXPECT_EQ(got.sum.tool_calls().size(), 1U);
}

TEST(similar_events, are_no_events_where_their_text_is_no_json)
{
    for (const std::string bad : {"\\x", "\\u12", "\x01", "\xff", "\\"}) {
        const auto got = decode_all({event_with("a"), event_with(bad), event_with("c")});
        ASSERT_TRUE(got.failure) << bad;
        EXPECT_TRUE(got.failure->code() == errc::malformed_reply) << bad;
    }
}

TEST(similar_events, that_overlap_are_read_whole)
{
    // Shorter than both ends together: the end's bytes begin inside the start's.
    const auto got = decode_all({event_with("a"), "data: {\"choices\":[]}\n\n", event_with("b")});
    EXPECT_FALSE(got.failure);
    EXPECT_EQ(got.sum.text(), "ab");
}

TEST(similar_events, join_a_pair_of_surrogates_that_two_of_them_hold)
{
    EXPECT_EQ(decode_all({event_with("a"), event_with("\\ud83d"), event_with("\\ude80"), event_with("b")}).sum.text(), "a🚀b");
}

}  // namespace
}  // namespace zincir::testing

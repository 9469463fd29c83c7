#include <zincir/core/chat_model.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/json_parser.hpp>
#include <zincir/prompts/text_parser.hpp>

#include "thrown.hpp"

#include <gmock/gmock.h>

using testing::ElementsAre;
using testing::HasSubstr;
using zincir::errc;
using zincir::error;
using zincir::message;
using zincir::message_chunk;
using zincir::testing::thrown_by;

namespace {

struct point {
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

message_chunk piece(message_chunk::kind what, std::string text)
{
    message_chunk chunk(std::move(text));
    chunk.what = what;
    return chunk;
}

// What a stream of these chunks becomes.
std::vector<std::string> texts(std::vector<message_chunk> chunks)
{
    auto parser = zincir::to_text().transformer();
    std::vector<std::string> out;
    for (auto& chunk : chunks)
        if (auto text = parser.next(std::move(chunk)))
            out.push_back(std::move(*text));
    if (auto text = parser.finish())
        out.push_back(std::move(*text));
    return out;
}

TEST(to_text, is_the_text_without_the_reasoning)
{
    message reply = zincir::assistant("a");
    reply.content.emplace_back(zincir::reasoning_block("hidden"));
    reply.content.emplace_back(zincir::text_block("b"));
    EXPECT_EQ(zincir::sync_wait(zincir::to_text().invoke(reply)), "ab");
}

TEST(to_text, streams_texts_and_nothing_empty)
{
    EXPECT_THAT(texts({piece(message_chunk::kind::text, ""), piece(message_chunk::kind::text, "Hel"),
                       piece(message_chunk::kind::reasoning, "hm"), piece(message_chunk::kind::text, "lo"),
                       piece(message_chunk::kind::facts, "")}),
                ElementsAre("Hel", "lo"));
}

TEST(to_text, reports_a_refusal_whole_and_streamed)
{
    message reply;
    reply.content.emplace_back(zincir::refusal_block("I won't."));
    try {
        zincir::sync_wait(zincir::to_text().invoke(reply));
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::refusal);
        EXPECT_EQ(e.facts().provider_message, "I won't.");
    }
    try {
        texts({piece(message_chunk::kind::refusal, "I "), piece(message_chunk::kind::refusal, "won't.")});
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.facts().provider_message, "I won't.");
    }
}

struct reply_text {
    std::string text;
    std::string json;
    friend std::ostream& operator<<(std::ostream& out, const reply_text& c) { return out << c.text; }
};
class fenced : public testing::TestWithParam<reply_text> {};

TEST_P(fenced, is_found)
{
    EXPECT_EQ(zincir::sync_wait(zincir::to_json().invoke(zincir::assistant(GetParam().text))), zincir::parse_json(GetParam().json));
}

INSTANTIATE_TEST_SUITE_P(json, fenced,
                         testing::Values(reply_text{R"({"a":1})", R"({"a":1})"}, reply_text{"```json\n[1]\n```", "[1]"},
                                         reply_text{"Here:\n```\n{\"ş\":\"ğ\"}\n```\nDone.", R"({"ş":"ğ"})"},
                                         reply_text{"```JSON\n2", "2"},
                                         reply_text{R"({"code":"```x```"})", R"({"code":"```x```"})"}));

TEST(to_json, says_where_the_text_is_no_json)
{
    const auto e = thrown_by([] { zincir::sync_wait(zincir::to_json().invoke(zincir::assistant("{\"a\": 1,\n oops}"))); });
    EXPECT_EQ(e.code(), errc::output_mismatch);
    EXPECT_THAT(e.what(), HasSubstr("line 2, column 2"));
}

TEST(to, reads_a_described_struct)
{
    const auto p = zincir::sync_wait(zincir::to<point>().invoke(zincir::assistant(R"({"x":1,"y":2,"more":3})")));
    EXPECT_EQ(p.x, 1);
    EXPECT_EQ(p.y, 2);
}

TEST(to, names_the_place_of_what_does_not_fit)
{
    try {
        zincir::sync_wait(zincir::to<point>().invoke(zincir::assistant(R"({"x":1,"y":"two"})")));
        FAIL();
    } catch (const error& e) {
        EXPECT_THAT(e.what(), HasSubstr("/y: expected an integer, got \"two\""));
    }
}

}  // namespace

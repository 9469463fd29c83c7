#include <zincir/core/chat_backend.hpp>
#include <zincir/core/message_chunk.hpp>
#include <zincir/core/sync_wait.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>

namespace zincir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using kind = message_chunk::kind;

message_chunk piece(kind what, std::uint32_t block, std::string delta, bool opens = false, bool closes = false)
{
    message_chunk c;
    c.what = what;
    c.block = block;
    c.delta = std::move(delta);
    c.opens = opens;
    c.closes = closes;
    return c;
}

message_chunk opens_call(std::uint32_t block, std::string id, std::string name)
{
    auto c = piece(kind::tool_call, block, "", true);
    auto facts = std::make_shared<chunk_facts>();
    facts->call_id = std::move(id);
    facts->call_name = std::move(name);
    c.facts = std::move(facts);
    return c;
}

message_chunk ends_with(finish_reason why)
{
    message_chunk c;
    auto facts = std::make_shared<chunk_facts>();
    facts->finish = why;
    c.facts = std::move(facts);
    return c;
}

message sum(std::vector<message_chunk> chunks)
{
    message_builder builder;
    for (auto& c : chunks)
        builder.add(std::move(c));
    return builder.take();
}

TEST(message_chunk, shows_its_delta_as_text_only_if_it_is_text)
{
    EXPECT_EQ(message_chunk("merhaba").text(), "merhaba");
    EXPECT_EQ(piece(kind::reasoning, 0, "hm").text(), "");
    EXPECT_EQ(message_chunk().text(), "");
}

TEST(message_builder, joins_the_pieces_of_a_block)
{
    const auto m = sum({message_chunk("Mer"), message_chunk("ha"), message_chunk("ba"), ends_with(finish_reason::stop)});
    EXPECT_EQ(m.role, role::assistant);
    EXPECT_EQ(m.text(), "Merhaba");
    EXPECT_EQ(m.content.size(), 1U);
    EXPECT_EQ(m.status, message_status::complete);
    EXPECT_EQ(m.finish, finish_reason::stop);
}

TEST(message_builder, without_a_finish_reason_it_has_failed)
{
    EXPECT_EQ(sum({message_chunk("half")}).status, message_status::failed);
    EXPECT_EQ(sum({}).status, message_status::failed);
}

TEST(message_builder, a_token_limit_is_length)
{
    EXPECT_EQ(sum({message_chunk("half"), ends_with(finish_reason::length)}).status, message_status::length);
}

TEST(message_builder, keeps_interleaved_blocks_apart_in_their_order)
{
    const auto m = sum({message_chunk("b1 ", 1), message_chunk("a1 ", 0), message_chunk("b2", 1), message_chunk("a2 ", 0),
                        ends_with(finish_reason::stop)});
    ASSERT_EQ(m.content.size(), 2U);
    EXPECT_EQ(m.text(), "a1 a2 b1 b2");
}

TEST(message_builder, puts_reasoning_first_whenever_it_came)
{
    const auto m = sum({message_chunk("so", 0), piece(kind::reasoning, 1, "because"), ends_with(finish_reason::stop)});
    ASSERT_EQ(m.content.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<reasoning_block>(m.content[0]));
    EXPECT_EQ(m.reasoning(), "because");
    EXPECT_EQ(m.text(), "so");
}

TEST(message_builder, assembles_parallel_tool_calls)
{
    const auto m = sum({opens_call(0, "1", "weather"), opens_call(1, "2", "time"), piece(kind::tool_call, 0, "{\"city\":"),
                        piece(kind::tool_call, 1, "{}", false, true), piece(kind::tool_call, 0, "\"İzmir\"}", false, true),
                        ends_with(finish_reason::tool_calls)});
    const auto calls = m.tool_calls();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].id, "1");
    EXPECT_EQ(calls[0].name, "weather");
    EXPECT_EQ(calls[0].arguments, "{\"city\":\"İzmir\"}");
    EXPECT_EQ(calls[1].arguments, "{}");
}

TEST(message_builder, empty_and_null_arguments_become_an_empty_object)
{
    for (std::string_view arguments : {"", "null"}) {
        const auto m = sum({opens_call(0, "1", "t"), piece(kind::tool_call, 0, std::string(arguments), false, true),
                            ends_with(finish_reason::tool_calls)});
        ASSERT_EQ(m.tool_calls().size(), 1U);
        EXPECT_EQ(m.tool_calls()[0].arguments, "{}");
    }
}

TEST(message_builder, an_open_tool_call_is_never_delivered)
{
    const auto m = sum({message_chunk("let me see", 0), opens_call(1, "1", "t"), piece(kind::tool_call, 1, "{\"rm\":")});
    EXPECT_THAT(m.tool_calls(), IsEmpty());
    EXPECT_EQ(m.text(), "let me see");
}

TEST(message_builder, a_partial_message_does_not_end_the_sum)
{
    message_builder builder;
    builder.add(message_chunk("one"));
    const auto part = builder.partial(message_status::aborted);
    EXPECT_EQ(part.status, message_status::aborted);
    EXPECT_EQ(part.text(), "one");
    builder.add(message_chunk(" two"));
    builder.add(ends_with(finish_reason::stop));
    EXPECT_EQ(builder.take().text(), "one two");
    EXPECT_THAT(builder.take().content, IsEmpty());
}

TEST(message_builder, the_last_usage_stands)
{
    const auto with_usage = [](std::int64_t n) {
        message_chunk c;
        auto facts = std::make_shared<chunk_facts>();
        facts->usage.emplace();
        facts->usage->output_tokens = n;
        c.facts = std::move(facts);
        return c;
    };
    const auto m = sum({with_usage(1), message_chunk("x"), ends_with(finish_reason::stop), with_usage(7)});
    ASSERT_TRUE(m.usage());
    EXPECT_EQ(m.usage()->output_tokens, 7);
}

TEST(message_builder, gathers_what_the_provider_said)
{
    message_chunk first;
    auto a = std::make_shared<chunk_facts>();
    a->id = "chatcmpl-1";
    a->model = "llama";
    a->warnings.push_back("seed was not sent");
    a->metadata["x_groq"] = json::object();
    a->metadata["x_groq"].get_object()["id"] = "req_1";
    first.facts = a;
    message_chunk last = ends_with(finish_reason::stop);
    const auto m = sum({first, message_chunk("x"), last});
    EXPECT_EQ(m.info().id, "chatcmpl-1");
    EXPECT_EQ(m.model(), "llama");
    EXPECT_THAT(m.warnings(), ElementsAre("seed was not sent"));
    EXPECT_EQ(m.metadata().at("x_groq").at("id"), "req_1");
}

TEST(message_builder, the_details_of_reasoning_add_up)
{
    const auto with_details = [](std::string_view signature) {
        auto c = piece(kind::reasoning, 0, "");
        auto facts = std::make_shared<chunk_facts>();
        facts->details["signature"] = signature;
        c.facts = std::move(facts);
        return c;
    };
    const auto m = sum({piece(kind::reasoning, 0, "hm"), with_details("ab"), with_details("cd"), ends_with(finish_reason::stop)});
    EXPECT_EQ(std::get<reasoning_block>(m.content[0]).details.at("signature"), "abcd");
}

TEST(stream_of_message, adds_up_to_the_message)
{
    message whole(role::assistant, content());
    whole.content.emplace_back(reasoning_block("because"));
    whole.content.emplace_back(text_block("answer"));
    whole.content.emplace_back(refusal_block("no"));
    whole.content.emplace_back(tool_call("1", "t", R"({"a":1})"));
    whole.finish = finish_reason::tool_calls;
    whole.info().usage.emplace();
    whole.info().usage->total_tokens = 9;
    whole.info().model = "m";
    whole.info().warnings = {"w"};
    const auto again = sync_wait(collect(stream_of_message(whole)));
    EXPECT_EQ(again.reasoning(), "because");
    EXPECT_EQ(again.text(), "answer");
    EXPECT_EQ(again.refusal(), "no");
    ASSERT_EQ(again.tool_calls().size(), 1U);
    EXPECT_EQ(again.tool_calls()[0].arguments, R"({"a":1})");
    EXPECT_EQ(again.finish, finish_reason::tool_calls);
    EXPECT_EQ(again.status, message_status::complete);
    EXPECT_EQ(again.usage()->total_tokens, 9);
    EXPECT_EQ(again.model(), "m");
    EXPECT_THAT(again.warnings(), ElementsAre("w"));
}

TEST(stream_of_message, a_message_without_a_reason_ends_well)
{
    EXPECT_EQ(sync_wait(collect(stream_of_message(assistant("hi")))).status, message_status::complete);
    auto limited = assistant("hi");
    limited.status = message_status::length;
    EXPECT_EQ(sync_wait(collect(stream_of_message(limited))).status, message_status::length);
}

TEST(stream_of_message, refuses_what_cannot_be_streamed)
{
    auto pieces = stream_of_message(user_parts(image_url("https://example.org/a.png")));
    EXPECT_EQ(testing::thrown_by([&] { sync_wait(pieces.next()); }).code(), errc::unsupported);
}

}  // namespace
}  // namespace zincir

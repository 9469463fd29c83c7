#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/stream_validator.hpp>

#include <gtest/gtest.h>

namespace zincir::testing {
namespace {

using kind = message_chunk::kind;

message_chunk text_chunk(std::string text, bool opens, bool closes, std::uint32_t block = 1)
{
    message_chunk c(std::move(text), block);
    c.opens = opens;
    c.closes = closes;
    return c;
}

message_chunk last_chunk(finish_reason reason = finish_reason::stop)
{
    auto facts = std::make_shared<chunk_facts>();
    facts->finish = reason;
    message_chunk c;
    c.facts = std::move(facts);
    return c;
}

message_chunk call_chunk(std::string id, std::string arguments, bool closes, std::uint32_t block)
{
    auto facts = std::make_shared<chunk_facts>();
    facts->call_id = std::move(id);
    facts->call_name = "f";
    message_chunk c(std::move(arguments), block);
    c.what = kind::tool_call;
    c.opens = true;
    c.closes = closes;
    c.facts = std::move(facts);
    return c;
}

// What the validator says of these chunks and a good end.
std::string report_of(const std::vector<message_chunk>& chunks)
{
    stream_validator check;
    for (const auto& c : chunks)
        check.chunk(c);
    check.end();
    return check.report();
}

TEST(stream_validator, accepts_a_good_stream)
{
    EXPECT_EQ(report_of({text_chunk("a", true, false), text_chunk("", false, true), call_chunk("i", "{}", true, 3), last_chunk()}),
              "");
}

TEST(stream_validator, reports_each_breach)
{
    EXPECT_NE(report_of({text_chunk("a", false, true), last_chunk()}).find("grows before it opens"), std::string::npos);
    EXPECT_NE(report_of({text_chunk("a", true, true), text_chunk("b", false, false), last_chunk()}).find("after it was closed"),
              std::string::npos);
    EXPECT_NE(report_of({text_chunk("a", true, false), text_chunk("b", true, true), last_chunk()}).find("opens twice"),
              std::string::npos);
    EXPECT_NE(report_of({text_chunk("a", true, false), last_chunk()}).find("never closed"), std::string::npos);
    EXPECT_NE(report_of({text_chunk("a", true, true)}).find("without a finish reason"), std::string::npos);
    EXPECT_NE(report_of({last_chunk(), text_chunk("a", true, true)}).find("after the one with the finish reason"),
              std::string::npos);
    EXPECT_NE(report_of({call_chunk("", "{}", true, 3), last_chunk()}).find("without an id"), std::string::npos);
    EXPECT_NE(report_of({call_chunk("i", "{}", true, 3), call_chunk("i", "{}", true, 4), last_chunk()}).find("the same id"),
              std::string::npos);
    EXPECT_NE(report_of({call_chunk("i", "{", false, 3), last_chunk()}).find("never closed"), std::string::npos);
    EXPECT_EQ(report_of({call_chunk("i", "{", false, 3), last_chunk(finish_reason::length)}), "") << "a token limit cut the call";
    EXPECT_NE(report_of({text_chunk("\xC3", true, true), last_chunk()}).find("no UTF-8"), std::string::npos);
}

TEST(stream_validator, holds_the_partial_message_against_the_chunks)
{
    const auto failing_with = [](std::string text) {
        message partial(role::assistant, std::move(text));
        partial.status = message_status::failed;
        diagnostics facts;
        facts.partial = std::make_shared<const message>(std::move(partial));
        stream_validator check;
        check.chunk(text_chunk("a", true, false));
        check.error(zincir::error(errc::truncated, std::move(facts)));
        return check.report();
    };
    EXPECT_EQ(failing_with("a"), "");
    EXPECT_NE(failing_with("ab").find("another text"), std::string::npos);
}

TEST(stream_validator, allows_one_end_only)
{
    stream_validator check;
    check.chunk(last_chunk());
    check.end();
    EXPECT_TRUE(check.ok());
    EXPECT_TRUE(check.ended_well());
    check.error(zincir::error(errc::truncated, "late"));
    EXPECT_FALSE(check.ok());
}

TEST(stream_validator, reads_a_stream_to_its_error)
{
    auto broken = single<message_chunk>([]() -> awaitable<message_chunk> {
        throw zincir::error(errc::connection, "gone");
        co_return message_chunk();
    });
    const auto check = sync_wait(validated(std::move(broken)));
    EXPECT_TRUE(check.failed());
    EXPECT_TRUE(check.ok()) << check.report();
}

}  // namespace
}  // namespace zincir::testing

#include <zincir/core/message.hpp>

#include <gmock/gmock.h>

namespace zincir {
namespace {

using ::testing::ElementsAre;

static_assert(!std::is_aggregate_v<message>, "a braced message inside co_await would corrupt memory under g++ 12");
static_assert(!std::is_aggregate_v<text_block> && !std::is_aggregate_v<tool_call> && !std::is_aggregate_v<image_block>);

TEST(message, is_made_by_its_role)
{
    EXPECT_EQ(zincir::system("s").role, role::system);
    EXPECT_EQ(developer("d").role, role::developer);
    EXPECT_EQ(user("u").role, role::user);
    EXPECT_EQ(assistant("a").role, role::assistant);
    EXPECT_EQ(user("Merhaba, dünya ığüşöç").text(), "Merhaba, dünya ığüşöç");
    EXPECT_EQ(user("u").status, message_status::complete);
}

TEST(message, a_tool_result_names_its_call)
{
    const auto m = tool_result("call_1", "12 °C", true);
    EXPECT_EQ(m.role, role::tool);
    ASSERT_EQ(m.content.size(), 1U);
    const auto& block = std::get<tool_result_block>(m.content.front());
    EXPECT_EQ(block.call_id, "call_1");
    EXPECT_EQ(block.text, "12 °C");
    EXPECT_TRUE(block.is_error);
}

TEST(message, text_joins_text_blocks_only)
{
    message m(role::assistant, content());
    m.content.emplace_back(reasoning_block("because"));
    m.content.emplace_back(text_block("one "));
    m.content.emplace_back(refusal_block("but no"));
    m.content.emplace_back(text_block("two"));
    EXPECT_EQ(m.text(), "one two");
    EXPECT_EQ(m.reasoning(), "because");
    EXPECT_EQ(m.refusal(), "but no");
    EXPECT_EQ(std::move(m).text(), "one two");
}

TEST(message, lists_its_tool_calls)
{
    message m(role::assistant, content());
    m.content.emplace_back(tool_call("1", "a", "{}"));
    m.content.emplace_back(text_block("and"));
    m.content.emplace_back(tool_call("2", "b", R"({"x":1})"));
    const auto calls = m.tool_calls();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[1].name, "b");
    EXPECT_EQ(calls[1].arguments, R"({"x":1})");
}

TEST(messages, convert_from_a_text_and_from_one_message)
{
    const messages from_text = "hi";
    ASSERT_EQ(from_text.size(), 1U);
    EXPECT_EQ(from_text[0].role, role::user);
    const messages from_one = zincir::system("be brief");
    ASSERT_EQ(from_one.size(), 1U);
    EXPECT_EQ(from_one[0].role, role::system);
    const messages two(zincir::system("a"), user("b"));
    EXPECT_EQ(two.size(), 2U);
}

TEST(user_parts, keeps_the_order_of_its_blocks)
{
    const auto m = user_parts(text_block("What is this?"), image_url("https://example.org/cat.png", "low"));
    EXPECT_EQ(m.role, role::user);
    ASSERT_EQ(m.content.size(), 2U);
    const auto& picture = std::get<image_block>(m.content[1]).source;
    EXPECT_EQ(picture.url, "https://example.org/cat.png");
    EXPECT_EQ(picture.detail, "low");
}

struct base64_row {
    std::string_view bytes;
    std::string_view text;
    friend std::ostream& operator<<(std::ostream& out, const base64_row& row) { return out << '"' << row.text << '"'; }
};
class media_bytes : public ::testing::TestWithParam<base64_row> {};

TEST_P(media_bytes, are_written_in_base64)
{
    EXPECT_EQ(image_bytes(GetParam().bytes, "image/png").source.base64, GetParam().text);
    EXPECT_EQ(audio_bytes(GetParam().bytes, "audio/wav").source.base64, GetParam().text);
}

// RFC 4648 §10, and bytes that need the last two letters of the alphabet.
INSTANTIATE_TEST_SUITE_P(rfc4648, media_bytes,
                         ::testing::Values(base64_row{"", ""}, base64_row{"f", "Zg=="}, base64_row{"fo", "Zm8="},
                                           base64_row{"foo", "Zm9v"}, base64_row{"foob", "Zm9vYg=="},
                                           base64_row{"fooba", "Zm9vYmE="}, base64_row{"foobar", "Zm9vYmFy"},
                                           base64_row{"\xfb\xff\xbf", "+/+/"}));

TEST(file_bytes, keeps_name_and_type)
{
    const auto f = file_bytes("%PDF", "application/pdf", "ödev.pdf");
    EXPECT_EQ(f.source.name, "ödev.pdf");
    EXPECT_EQ(f.source.mime_type, "application/pdf");
}

TEST(names, of_roles_reasons_and_states)
{
    EXPECT_EQ(name(role::developer), "developer");
    EXPECT_EQ(name(role::tool), "tool");
    EXPECT_EQ(name(finish_reason::tool_calls), "tool_calls");
    EXPECT_EQ(name(finish_reason::none), "none");
    EXPECT_EQ(name(message_status::aborted), "aborted");
}

TEST(usage, sums_and_keeps_absent_apart_from_zero)
{
    usage a;
    a.input_tokens = 10;
    a.output_tokens = 5;
    a.total_tokens = 15;
    usage b = a;
    b.reasoning_tokens = 3;
    const auto sum = a + b;
    EXPECT_EQ(sum.input_tokens, 20);
    EXPECT_EQ(sum.total_tokens, 30);
    EXPECT_EQ(sum.reasoning_tokens, 3);
    EXPECT_EQ(sum.cached_input_tokens, std::nullopt);
    EXPECT_EQ((b + b).reasoning_tokens, 6);
}

}  // namespace
}  // namespace zincir

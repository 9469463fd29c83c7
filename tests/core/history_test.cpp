#include <zincir/core/message.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>

namespace zincir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

message calling(std::vector<std::string> ids)
{
    message m(role::assistant, content());
    for (auto& id : ids)
        m.content.emplace_back(tool_call(id, "tool", "{}"));
    return m;
}

std::string refused(const messages& history)
{
    const auto e = testing::thrown_by([&] { check_history(history); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    return e.what();
}

TEST(check_history, accepts_what_providers_accept)
{
    EXPECT_NO_THROW(check_history(messages("hello")));
    EXPECT_NO_THROW(check_history(messages(zincir::system("s"), user("u"), assistant("a"), user("ığüşöç 👍"))));
    EXPECT_NO_THROW(check_history(messages(user("u"), calling({"1", "2"}), tool_result("2", "b"), tool_result("1", "a"))));
    EXPECT_NO_THROW(
        check_history(messages(user("u"), calling({"1"}), tool_result("1", "a"), calling({"2"}), tool_result("2", "b"))));
}

TEST(check_history, refuses_an_empty_conversation) { EXPECT_THAT(refused(messages()), HasSubstr("empty")); }

TEST(check_history, refuses_a_result_without_its_call)
{
    EXPECT_THAT(refused(messages(user("u"), tool_result("9", "x"))), AllOf(HasSubstr("message 1"), HasSubstr("\"9\"")));
    EXPECT_THAT(refused(messages(tool_result("1", "x"), calling({"1"}))), HasSubstr("message 0"));
}

TEST(check_history, refuses_a_tool_message_that_answers_no_call)
{
    EXPECT_THAT(refused(messages(calling({"1"}), message(role::tool, "42"), tool_result("1", "x"))),
                AllOf(HasSubstr("message 1"), HasSubstr("tool_result(")));
    EXPECT_THAT(refused(messages(user("u"), message(role::tool, content()))), HasSubstr("holds no tool result"));
}

TEST(check_history, leaves_empty_messages_and_turns_of_one_role_to_the_provider)
{
    EXPECT_NO_THROW(check_history(messages(user(""), user("a"), message(role::assistant, content()), assistant("b"))));
}

TEST(check_history, refuses_a_second_result_of_one_call)
{
    EXPECT_THAT(refused(messages(calling({"1"}), tool_result("1", "x"), tool_result("1", "y"))), HasSubstr("message 2"));
}

TEST(check_history, refuses_a_call_without_result_before_the_next_turn)
{
    EXPECT_THAT(refused(messages(calling({"1", "2"}), tool_result("1", "x"), user("next"))),
                AllOf(HasSubstr("message 2"), HasSubstr("\"2\""), HasSubstr("tool_result")));
    EXPECT_THAT(refused(messages(user("u"), calling({"1"}))), HasSubstr("ends before"));
}

TEST(check_history, refuses_two_calls_with_one_id)
{
    EXPECT_THAT(refused(messages(calling({"1", "1"}))), HasSubstr("second time"));
    EXPECT_THAT(refused(messages(calling({"1"}), tool_result("1", "x"), calling({"1"}))), HasSubstr("message 2"));
}

TEST(check_history, refuses_a_call_by_anyone_but_the_assistant)
{
    auto m = calling({"1"});
    m.role = role::user;
    EXPECT_THAT(refused(messages(m)), HasSubstr("only assistant"));
}

TEST(check_history, refuses_a_cut_reply)
{
    for (auto status : {message_status::failed, message_status::aborted}) {
        auto cut = assistant("I was going to");
        cut.status = status;
        EXPECT_THAT(refused(messages(user("u"), cut)), AllOf(HasSubstr("message 1"), HasSubstr(std::string(name(status)))));
    }
    auto limited = assistant("long");
    limited.status = message_status::length;
    EXPECT_NO_THROW(check_history(messages(user("u"), limited, user("go on"))));
}

class invalid_text : public ::testing::TestWithParam<std::string> {};

TEST_P(invalid_text, is_refused_in_every_kind_of_block)
{
    EXPECT_THAT(refused(messages(user("fine"), user(GetParam()))), AllOf(HasSubstr("message 1"), HasSubstr("UTF-8")));
    auto call = calling({"1"});
    std::get<tool_call>(call.content[0]).arguments = GetParam();
    EXPECT_THAT(refused(messages(call, tool_result("1", "x"))), HasSubstr("UTF-8"));
    EXPECT_THAT(refused(messages(calling({"1"}), tool_result("1", GetParam()))), HasSubstr("UTF-8"));
}

// Latin-5 Turkish, a cut character, an overlong form, a surrogate, beyond U+10FFFF; behind eight plain bytes and without them.
INSTANTIATE_TEST_SUITE_P(bytes, invalid_text,
                         ::testing::Values("\xfd\xf0", "12345678\xc4", "\xc0\xaf", "\xed\xa0\x80", "abcdefgh\xf5\x80\x80\x80",
                                           "\x80", "ok \xe2\x82"));

}  // namespace
}  // namespace zincir

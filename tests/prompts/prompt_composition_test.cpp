#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/static_prompt_template.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zincir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(composed_prompt, has_both_texts_and_all_variables)
{
    const auto both = prompt_template("Tell me about {topic}") + prompt_template(" in {language}, {topic}!");
    EXPECT_THAT(both.variables(), ElementsAre("language", "topic"));
    EXPECT_EQ(both.format(values("topic", "bears", "language", "tr")), "Tell me about bears in tr, bears!");
    EXPECT_EQ((both + " {{ok}} {n}").format(values("topic", "a", "language", "b", "n", 1)), "Tell me about a in b, a! {ok} 1");
}

TEST(composed_prompt, keeps_values_given_beforehand)
{
    const auto both = prompt_template("{a}{b}").partial("a", "1") + prompt_template("{a}{c}").partial("c", "3");
    EXPECT_THAT(both.variables(), ElementsAre("b"));
    EXPECT_EQ(both.format("2"), "1213");
    EXPECT_THROW(prompt_template("{a}").partial("a", "1") + prompt_template("{a}").partial("a", "2"), error);
}

TEST(composed_prompt, keeps_the_syntax_of_each)
{
    template_options mustache;
    mustache.format = template_format::mustache;
    EXPECT_EQ((prompt_template("{x} ") + prompt_template("{{x}}", mustache)).format(values("x", "1")), "1 1");
    EXPECT_EQ((prompt_template("{{x}} ", mustache) + "{{x}}").format(values("x", "1")), "1 1");
}

TEST(composed_prompt, names_the_template_that_lacks_a_value)
{
    template_options second;
    second.name = "second";
    try {
        (prompt_template("a") + prompt_template("\n{x}", second)).format(values());
        FAIL();
    } catch (const error& e) {
        EXPECT_THAT(e.what(), HasSubstr("template \"second\", line 2, column 1"));
    }
}

TEST(composed_prompt, leaves_the_parts_as_they_were)
{
    const prompt_template first("{a}");
    const auto both = first + "{b}";
    EXPECT_THAT(first.variables(), ElementsAre("a"));
    EXPECT_THAT(both.variables(), ElementsAre("a", "b"));
}

TEST(composed_chat_prompt, has_the_messages_of_both)
{
    const auto chat = chat_prompt_template(system("You are {role}.")) + messages_placeholder("history").optional() +
                      user("{question}") + chat_prompt_template(assistant("{start}"));
    EXPECT_THAT(chat.variables(), ElementsAre("question", "role", "start"));
    const auto turns = chat.format(values("role", "a bear", "question", "Who?", "start", "I"));
    ASSERT_EQ(turns.size(), 3U);
    EXPECT_EQ(turns[0].text(), "You are a bear.");
    EXPECT_EQ(turns[2].text(), "I");
}

TEST(composed_chat_prompt, keeps_values_given_beforehand)
{
    const auto chat = chat_prompt_template(system("{a}")).partial("a", "1") + user("{a}{b}");
    EXPECT_THAT(chat.variables(), ElementsAre("b"));
    EXPECT_EQ(chat.format("2").back().text(), "12");
}

TEST(composed_static_prompt, is_read_by_the_compiler)
{
    constexpr auto both = "Tell me about {topic}"_prompt + " in {language}."_prompt;
    EXPECT_EQ(both.format("topic"_a = "bears", "language"_a = "tr"), "Tell me about bears in tr.");
    const auto mixed = prompt_template("{a} ") + "{b}"_prompt;
    EXPECT_EQ(mixed.format(values("a", 1, "b", 2)), "1 2");
}

}  // namespace
}  // namespace zincir

#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/few_shot_prompt_template.hpp>
#include <zincir/prompts/pipeline_prompt_template.hpp>
#include <zincir/prompts/static_prompt_template.hpp>

#include "thrown.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

namespace zincir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::thrown_by;

pipeline_prompt_template<> lesson()
{
    return pipeline_prompt_template(prompt_template("{intro}\n{task}"), {{"intro", prompt_template("You are {role}.")},
                                                                         {"task", prompt_template("{intro} Explain {topic}.")}});
}

TEST(pipeline_prompt_template, fills_one_prompt_by_others)
{
    EXPECT_THAT(lesson().variables(), ElementsAre("role", "topic"));
    EXPECT_EQ(lesson().format(values("role", "a bear", "topic", "{snow}")), "You are a bear.\nYou are a bear. Explain {snow}.");
    EXPECT_EQ(sync_wait(lesson().invoke(values("role", "a", "topic", "b"))), "You are a.\nYou are a. Explain b.");
}

TEST(pipeline_prompt_template, takes_a_bare_value_and_values_given_beforehand)
{
    EXPECT_EQ(lesson().partial("role", "x").format("y"), "You are x.\nYou are x. Explain y.");
    EXPECT_EQ(lesson().partial("role", "x").format(values("role", "z", "topic", "y")), "You are z.\nYou are z. Explain y.");
    EXPECT_EQ(lesson().optional("role").partial("topic", [] { return prompt_value("made"); }).format(values()),
              "You are .\nYou are . Explain made.");
    EXPECT_THROW(lesson().format("y"), error);
}

TEST(pipeline_prompt_template, gives_messages_where_its_end_does)
{
    const pipeline_prompt_template chat(
        chat_prompt_template(system("{rules}"), messages_placeholder("shown"), user("{q}")),
        {{"rules", "Be {mood}."_prompt}, {"shown", chat_prompt_template(user("{mood}?"), assistant("yes"))}});
    EXPECT_THAT(chat.variables(), ElementsAre("mood", "q"));
    const auto count = chat | [](messages all) { return all.size(); };
    EXPECT_EQ(sync_wait(count.invoke(values("mood", "kind", "q", "Who?"))), 4U);
    const auto made = chat.format(values("mood", "kind", "q", "Who?"));
    ASSERT_EQ(made.size(), 4U);
    EXPECT_EQ(made[0].text(), "Be kind.");
    EXPECT_EQ(made[1].text(), "kind?");
    EXPECT_EQ(made[3].text(), "Who?");
}

TEST(pipeline_prompt_template, holds_few_shot_prompts_and_pipelines)
{
    few_shot_layout layout;
    layout.suffix = "{word} =";
    layout.separator = "\n";
    const few_shot_prompt_template shots({values("a", "1", "b", "2")}, prompt_template("{a} = {b}"), layout);
    const pipeline_prompt_template outer(prompt_template("{lesson}\n{shots}"), {{"lesson", lesson()}, {"shots", shots}});
    EXPECT_THAT(outer.variables(), ElementsAre("role", "topic", "word"));
    EXPECT_EQ(outer.format(values("role", "a", "topic", "b", "word", "3")), "You are a.\nYou are a. Explain b.\n1 = 2\n3 =");
}

TEST(pipeline_prompt_template, names_the_part_that_fails)
{
    EXPECT_THAT(thrown_by([] { lesson().format(values("role", "a", "topik", "b")); }).what(),
                HasSubstr("missing_variable: prompt part \"task\": template \"template\", line 1, column 17: no value for {topic}; "
                          "did you mean \"topik\"?"));
    EXPECT_THAT(thrown_by([] { sync_wait(lesson().invoke(values("topic", "b"))); }).what(), HasSubstr("prompt part \"intro\": "));
    EXPECT_THAT(thrown_by([] {
                    pipeline_prompt_template(prompt_template("{a}"), {{"a", prompt_template("1")}, {"a", prompt_template("2")}});
                }).what(),
                HasSubstr("two parts of a pipeline are called \"a\""));
}

TEST(pipeline_prompt_template, asks_for_what_its_parts_ask_for)
{
    EXPECT_EQ(
        json::serialize(lesson().partial("role", "x").input_schema()),
        R"({"type":"object","properties":{"role":{"type":"string","default":"x"},"topic":{"type":"string"}},"required":["topic"]})");
}

}  // namespace
}  // namespace zincir

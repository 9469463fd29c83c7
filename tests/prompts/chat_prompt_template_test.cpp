#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>

#include "thrown.hpp"

#include <gmock/gmock.h>

using testing::ElementsAre;
using testing::HasSubstr;
using zincir::chat_prompt_template;
using zincir::errc;
using zincir::error;
using zincir::messages;
using zincir::messages_placeholder;
using zincir::values;
using zincir::testing::thrown_by;

namespace {

struct question {
    std::string role;
    std::string topic;
};
BOOST_DESCRIBE_STRUCT(question, (), (role, topic))

std::vector<std::string> texts(const messages& all)
{
    std::vector<std::string> out;
    for (const auto& m : all)
        out.push_back(std::string(zincir::name(m.role)) + ": " + m.text());
    return out;
}

TEST(chat_prompt_template, fills_in_each_message)
{
    const chat_prompt_template prompt(zincir::system("You are {role}."), zincir::user("About {topic}?"),
                                      zincir::assistant("ok {{}}"));
    EXPECT_THAT(prompt.variables(), ElementsAre("role", "topic"));
    EXPECT_THAT(texts(prompt.format(values("role", "a poet", "topic", "rain"))),
                ElementsAre("system: You are a poet.", "user: About rain?", "assistant: ok {}"));
}

TEST(chat_prompt_template, lets_a_conversation_in)
{
    const chat_prompt_template prompt(messages_placeholder("history"), zincir::user("{q}"));
    const messages history(zincir::user("a {not} a field"), zincir::assistant("b"));
    EXPECT_THAT(texts(prompt.format(values("history", history, "q", "c"))),
                ElementsAre("user: a {not} a field", "assistant: b", "user: c"));
}

TEST(chat_prompt_template, keeps_the_last_messages_of_a_placeholder)
{
    const chat_prompt_template prompt(messages_placeholder("h").last(1));
    EXPECT_THAT(texts(prompt.format(messages(zincir::user("a"), zincir::assistant("b")))), ElementsAre("assistant: b"));
}

TEST(chat_prompt_template, does_without_an_optional_placeholder)
{
    const chat_prompt_template prompt(messages_placeholder("h").optional(), zincir::user("{q}"));
    EXPECT_THAT(prompt.variables(), ElementsAre("q"));
    EXPECT_THAT(texts(prompt.format("x")), ElementsAre("user: x"));
}

TEST(chat_prompt_template, insists_on_a_placeholder_and_on_messages_for_it)
{
    const chat_prompt_template prompt(zincir::user("hi"), messages_placeholder("history"));
    EXPECT_THAT(thrown_by([&] { prompt.format(values("histroy", messages("x"))); }).what(),
                HasSubstr("missing_variable: template \"template\", part 1: no value for {history}; did you mean \"histroy\"?"));
    EXPECT_THAT(thrown_by([&] { prompt.format(values("history", "text")); }).what(), HasSubstr("takes messages"));
}

TEST(chat_prompt_template, says_in_which_message)
{
    EXPECT_THAT(thrown_by([] { chat_prompt_template(zincir::system("fine"), zincir::user("a {b")); }).what(),
                HasSubstr("message 1 (user), line 1, column 3"));
}

TEST(chat_prompt_template, leaves_verbatim_messages_alone)
{
    const chat_prompt_template prompt(zincir::verbatim(zincir::system("keep {braces}")), zincir::user("{q}"));
    EXPECT_THAT(texts(prompt.format("x")), ElementsAre("system: keep {braces}", "user: x"));
}

TEST(chat_prompt_template, fills_in_parts_and_image_addresses)
{
    const chat_prompt_template prompt(
        zincir::user_parts(zincir::text_block("see {t}"), zincir::image_url("https://e.example/{i}.png", "low")));
    const auto out = prompt.format(values("t", "this", "i", 1));
    ASSERT_EQ(out.at(0).content.size(), 2U);
    EXPECT_EQ(out[0].text(), "see this");
    const auto& image = std::get<zincir::image_block>(out[0].content[1]).source;
    EXPECT_EQ(image.url, "https://e.example/1.png");
    EXPECT_EQ(image.detail, "low");
}

TEST(chat_prompt_template, checks_a_struct_at_construction)
{
    const chat_prompt_template<question> prompt(zincir::system("You are {role}."), zincir::user("{topic}"));
    question q;
    q.role = "a poet";
    q.topic = "yağmur";
    EXPECT_THAT(texts(prompt.format(q)), ElementsAre("system: You are a poet.", "user: yağmur"));
    EXPECT_THAT(thrown_by([] { chat_prompt_template<question> p(zincir::user("{topik}")); }).what(),
                HasSubstr("the input has no member \"topik\"; did you mean \"topic\"?"));
}

TEST(chat_prompt_template, has_partials_for_texts_and_placeholders)
{
    const auto prompt = chat_prompt_template(messages_placeholder("h"), zincir::user("{a} {b}"))
                            .partial("h", messages(zincir::system("s")))
                            .partial("a", [] { return zincir::prompt_value("made"); });
    EXPECT_THAT(prompt.variables(), ElementsAre("b"));
    EXPECT_THAT(texts(prompt.format("x")), ElementsAre("system: s", "user: made x"));
    EXPECT_THAT(texts(prompt.format(values("h", messages("other"), "b", "x"))), ElementsAre("user: other", "user: made x"));
}

TEST(chat_prompt_template, works_on_when_it_is_gone)
{
    auto work = [] { return chat_prompt_template(zincir::user("{q} " + std::string(50, 'x'))).invoke("y"); }();
    EXPECT_EQ(zincir::sync_wait(std::move(work)).at(0).text(), "y " + std::string(50, 'x'));
}

}  // namespace

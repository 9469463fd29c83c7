#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/pipeline_prompt_template.hpp>
#include <zincir/prompts/prompt_text.hpp>
#include <zincir/prompts/static_prompt_template.hpp>

#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>

namespace zincir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template_options in(template_format format)
{
    template_options options;
    options.format = format;
    return options;
}

struct beginning {
    template_format format;
    std::string text;
    std::string prefix;
    std::string ended_by;
};
std::ostream& operator<<(std::ostream& out, const beginning& b) { return out << b.text; }

class prompt_prefix : public testing::TestWithParam<beginning> {};

TEST_P(prompt_prefix, ends_at_the_first_variable)
{
    const auto e = prompt_template(GetParam().text, in(GetParam().format)).partial("known", "K").explain();
    EXPECT_EQ(e.prefix, GetParam().prefix);
    EXPECT_EQ(e.ended_by, GetParam().ended_by.empty() ? "" : "{" + GetParam().ended_by + "} in text");
}

constexpr auto f = template_format::fstring;
constexpr auto m = template_format::mustache;
constexpr auto j = template_format::jinja;

INSTANTIATE_TEST_SUITE_P(of, prompt_prefix,
                         testing::Values(beginning{f, "Tell {{me}} {a} b", "Tell {me} ", "a"},
                                         beginning{f, "all {known} same", "all K same", ""}, beginning{f, "{a:>5} {b}", "", "a"},
                                         beginning{f, "x {known:>3} {b:.2f}", "x   K ", "b"},
                                         beginning{m, "Tell {{a}} b", "Tell ", "a"}, beginning{m, "x {{#a}}y{{/a}}", "x ", "a"},
                                         beginning{m, "x {{^a}}y{{/a}} {{b}}", "x ", "a"}, beginning{m, "{{known}} z", "K z", ""},
                                         beginning{j, "x {% if a %}y{% endif %}", "x ", "a"},
                                         beginning{j, "{% set b = 3 %}{{ b }} {{ known }} {{ a }}", "3 K ", "a"},
                                         beginning{j, "{% for i in range(2) %}{{ i }}{% endfor %} {{ a }}", "01 ", "a"},
                                         beginning{j, "x{% set y %}abc{{ a }}{% endset %}z", "x", "a"},
                                         beginning{j, "now {{ strftime_now('%Y') }}", "now ", "strftime_now"}));

TEST(prompt_explanation, tells_of_each_message)
{
    const std::string long_text(400, '.');
    const auto prompt =
        chat_prompt_template(system("Today is {date}. " + long_text), messages_placeholder("history"), user("{question}"));
    const auto e = prompt.explain();
    ASSERT_EQ(e.rows.size(), 3U);
    EXPECT_EQ(e.rows[0].part, "message 0 (system)");
    EXPECT_THAT(e.rows[0].variables, ElementsAre("date"));
    EXPECT_EQ(e.ended_by, "{date} in message 0 (system)");
    EXPECT_EQ(e.prefix, "Today is ");
    ASSERT_EQ(e.warnings.size(), 1U);
    EXPECT_THAT(e.warnings[0], HasSubstr("{date} in message 0 (system) ends the beginning that is the same in every call after " +
                                         std::to_string(e.prefix_tokens) + " of " + std::to_string(e.tokens)));
    const auto table = to_string(e);
    EXPECT_THAT(table, HasSubstr("part                   tokens  varies with\n"));
    EXPECT_THAT(table, HasSubstr("placeholder {history}      ~0  {history}\n"));
    EXPECT_THAT(table, HasSubstr("warning: {date}"));
}

TEST(prompt_explanation, has_nothing_to_warn_of_where_variables_come_last)
{
    const auto e = chat_prompt_template(system("You are {role}, and you answer at length."), user("{question}"))
                       .partial("role", "a bear")
                       .explain();
    EXPECT_EQ(e.prefix, "You are a bear, and you answer at length.");
    EXPECT_TRUE(e.rows[0].constant);
    EXPECT_FALSE(e.rows[1].constant);
    EXPECT_THAT(e.warnings, IsEmpty());
    EXPECT_EQ(e.prefix_tokens, e.rows[0].tokens + 4);
}

TEST(prompt_explanation, warns_of_values_made_anew)
{
    const auto e = prompt_template("{now} x").partial("now", [] { return prompt_value("12:00"); }).explain();
    EXPECT_THAT(e.warnings, ElementsAre(HasSubstr("{now} is made anew at every call")));
}

TEST(prompt_explanation, counts_verbatim_messages_and_given_histories)
{
    const auto e = chat_prompt_template(verbatim(system("{a} fixed")), messages_placeholder("h"), user("end"))
                       .partial("h", messages(user("one"), assistant("two")))
                       .explain();
    EXPECT_EQ(e.ended_by, "");
    EXPECT_EQ(e.prefix, "{a} fixedonetwoend");
    EXPECT_EQ(e.prefix_tokens, e.tokens);
}

struct counted {
    std::string text;
    std::size_t tokens;  // by o200k_base
};
std::ostream& operator<<(std::ostream& out, const counted& c) { return out << c.text; }
class token_estimate : public testing::TestWithParam<counted> {};

TEST_P(token_estimate, is_within_a_third)
{
    const auto estimate = static_cast<double>(approximate_tokens(GetParam().text));
    EXPECT_NEAR(estimate, static_cast<double>(GetParam().tokens), static_cast<double>(GetParam().tokens) / 3 + 1);
}

INSTANTIATE_TEST_SUITE_P(of, token_estimate,
                         testing::Values(counted{"", 0}, counted{"Hello, world!", 4},
                                         counted{"The quick brown fox jumps over the lazy dog.", 10},
                                         counted{"El área de un triángulo es (base * altura) / 2.", 14}));

TEST(input_schema, asks_for_texts_and_messages)
{
    const auto schema = chat_prompt_template(system("{role}"), messages_placeholder("h").optional(), user("{q}"))
                            .partial("role", "x")
                            .input_schema();
    EXPECT_EQ(json::serialize(schema.at("properties").at("role")), R"({"type":"string","default":"x"})");
    EXPECT_EQ(schema.at("properties").at("h").at("type"), "array");
    EXPECT_EQ(json::serialize(schema.at("required")), R"(["q"])");
}

TEST(input_schema, takes_anything_where_a_template_decides_by_it)
{
    const auto mustache = prompt_template("{{a}}{{#b}}{{c}}{{/b}}{{d.e}}", in(m)).input_schema();
    EXPECT_EQ(json::serialize(mustache.at("properties")), R"({"a":{"type":"string"},"b":{},"d":{}})");
    EXPECT_EQ(json::serialize(prompt_template("{{ a }}", in(j)).input_schema().at("properties")), R"({"a":{}})");
}

struct question {
    std::string topic;
    int n = 1;
};
BOOST_DESCRIBE_STRUCT(question, (), (topic, n))

TEST(input_schema, of_a_struct_is_its_own)
{
    EXPECT_EQ(chat_prompt_template<question>(user("{topic}{n}")).input_schema(), json_schema<question>());
}

TEST(optional_variable, is_nothing_whatever_its_format_says)
{
    for (const auto* field : {"[{n:05d}]", "[{n:>8}]", "[{n!r}]", "[{n:.2f}]"}) {
        EXPECT_EQ(prompt_template(field).optional("n").format(values()), "[]") << field;
        const pipeline_prompt_template pipeline(prompt_template("{p}"), {{"p", prompt_template(field)}});
        EXPECT_EQ(pipeline.optional("n").format(values()), "[]") << field;
    }
    EXPECT_EQ(prompt_template("{n:05d}").optional("n").format(values("n", 7)), "00007");
    EXPECT_EQ(prompt_template("[{n:3}]").format(values("n", prompt_value::nothing())), "[]");
    EXPECT_EQ(prompt_template("[{n:3}]").partial("n", "").format(values()), "[   ]");
    EXPECT_EQ(chat_prompt_template(user("[{n:05d}]")).optional("n").format(values()).at(0).text(), "[]");
}

TEST(optional_variable, is_an_empty_text_unless_it_is_given)
{
    for (const auto format : {f, m, j}) {
        const auto prompt = prompt_template(format == f ? "[{a}]" : "[{{ a }}]", in(format)).optional("a");
        EXPECT_EQ(prompt.format(values()), "[]");
        EXPECT_EQ(prompt.format(values("a", "x")), "[x]");
        EXPECT_THAT(prompt.variables(), IsEmpty());
    }
    EXPECT_EQ(prompt_template("{{^a}}none{{/a}}", in(m)).optional("a").format(values()), "none");
    EXPECT_EQ(prompt_template("{{ 'yes' if a else 'no' }}", in(j)).optional("a").format(values()), "no");
    EXPECT_EQ(prompt_template("{{ a | default('x') }}", in(j)).format(values()), "x");
}

TEST(prompt_text, of_messages_names_the_roles)
{
    const messages turns(system("Be kind."), user("Hi"), message(role::assistant, "Hello"));
    EXPECT_EQ(to_string(turns), "System: Be kind.\nHuman: Hi\nAI: Hello");
    transcript_words words;
    words.user = "User";
    words.separator = " | ";
    EXPECT_EQ(to_string(turns, words), "System: Be kind. | User: Hi | AI: Hello");
    EXPECT_EQ(to_messages("Hi").at(0).role, role::user);
    message calling(role::assistant, "");
    calling.content.emplace_back(tool_call("7", "sum", R"({"a":1})"));
    EXPECT_EQ(to_string(messages(calling, tool_result("7", "3"))),
              "AI: [{\"name\":\"sum\",\"args\":{\"a\":1},\"id\":\"7\"}]\nTool: 3");
}

TEST(pretty_text, has_titles_and_shows_variables)
{
    const auto prompt =
        chat_prompt_template(system("You are {role}."), messages_placeholder("h"), user_parts(text_block("?"), image_url("{u}")));
    EXPECT_EQ(prompt.pretty(), std::string(32, '=') + " System Message " + std::string(32, '=') + "\n\nYou are {role}.\n\n" +
                                   std::string(29, '=') + " Messages Placeholder " + std::string(29, '=') + "\n\n{h}\n\n" +
                                   std::string(32, '=') + " Human Message " + std::string(33, '=') + "\n\n?\n[image: {u}]");
    EXPECT_THAT(pretty(messages(user_parts(image_bytes("\x89PNG\r\n\x1A\n")))), HasSubstr("[image: image/png, 8 bytes]"));
    EXPECT_EQ((prompt_template("a {b}") + " {c}").pretty(), "a {b} {c}");
}

TEST(static_prompt, goes_wherever_a_prompt_template_goes)
{
    EXPECT_EQ(chat_prompt_template(zincir::system("Be {mood}."_prompt), user("{q}"_prompt))
                  .format(values("mood", "kind", "q", "?"))
                  .at(0)
                  .text(),
              "Be kind.");
    EXPECT_EQ((chat_prompt_template(user("a")) + user("{q}"_prompt)).format("x").at(1).text(), "x");
    EXPECT_EQ(("{a} "_prompt + prompt_template("{b}")).format(values("a", 1, "b", 2)), "1 2");
    EXPECT_EQ(("{a} "_prompt + "{b}").format(values("a", 1, "b", 2)), "1 2");
    EXPECT_EQ("{a} {b}"_prompt.partial("a", "x").format("y"), "x y");
    EXPECT_EQ("{a}[{b}]"_prompt.optional("b").format("y"), "y[]");
    EXPECT_EQ("Say {a}"_prompt.explain().prefix, "Say ");
    EXPECT_EQ("Say {a}"_prompt.pretty(), "Say {a}");
    EXPECT_EQ("{a}"_prompt.input_schema(), prompt_template("{a}").input_schema());
    EXPECT_EQ(chat_prompt_template<question>(user("{topic} {n}"_prompt)).format(question()).at(0).text(), " 1");
}

}  // namespace
}  // namespace zincir

#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/few_shot_prompt_template.hpp>
#include <zincir/prompts/pipeline_prompt_template.hpp>
#include <zincir/prompts/static_prompt_template.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

struct question {
    std::string topic;
    int sentences = 0;
    std::string unused;
};
BOOST_DESCRIBE_STRUCT(question, (), (topic, sentences, unused))

struct dated_question : question {
    int year = 0;
};
BOOST_DESCRIBE_STRUCT(dated_question, (question), (year))

}  // namespace

namespace zincir {
namespace {

TEST(static_prompt, takes_values_by_name_in_any_order)
{
    constexpr auto ask = "Tell me about {topic} in {language}."_prompt;
    EXPECT_EQ(ask.format("language"_a = "Turkish", "topic"_a = std::string("bears")), "Tell me about bears in Turkish.");
}

TEST(static_prompt, writes_braces_and_never_scans_values_again)
{
    EXPECT_EQ("{{{x}}} {x}}}"_prompt.format("x"_a = "{y}"), "{{y}} {y}}");
    EXPECT_EQ("no field"_prompt.format(), "no field");
    EXPECT_EQ(""_prompt.format(), "");
}

TEST(static_prompt, has_turkish_names_and_values)
{
    EXPECT_EQ("Merhaba {adı}, {şehir|il}!"_prompt.format("adı"_a = "İbrahim", "şehir|il"_a = "Ağrı"), "Merhaba İbrahim, Ağrı!");
}

TEST(static_prompt, writes_numbers_as_a_prompt_template_does)
{
    constexpr auto all = "{a} {b} {c} {d}"_prompt;
    const auto given = values("a", -7, "b", 1.0, "c", true, "d", json::array{1, "x"});
    EXPECT_EQ(all.format("a"_a = -7, "b"_a = 1.0, "c"_a = true, "d"_a = json::value(json::array{1, "x"})),
              prompt_template(all).format(given));
    EXPECT_EQ(all.format(given), prompt_template(all).format(given));
}

TEST(static_prompt, follows_format_specifications_and_conversions)
{
    EXPECT_EQ("[{n:>5}] [{x:.2f}] [{s!r:^7}] [{n:,}]"_prompt.format("n"_a = 1234, "x"_a = 2.5, "s"_a = "it"),
              "[ 1234] [2.50] [ 'it'  ] [1,234]");
    EXPECT_EQ("{s:ğ^7}"_prompt.format("s"_a = "it"), "ğğitğğğ");
}

TEST(static_prompt, says_where_a_value_does_not_fit)
{
    try {
        "a\n {x:d}"_prompt.format("x"_a = "text");
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_THAT(e.what(),
                    ::testing::HasSubstr("line 2, column 2: the format specification \"d\" does not fit the value of {x}"));
    }
}

TEST(static_prompt, is_a_step_of_values)
{
    const auto chain = "Say {word}."_prompt | make_step([](std::string text) { return text + "!"; });
    EXPECT_EQ(sync_wait(chain.invoke(values("word", "evet"))), "Say evet.!");
    EXPECT_EQ(sync_wait(chain.invoke("bare")), "Say bare.!");
    try {
        sync_wait(chain.invoke(values("wrod", "evet")));
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::missing_variable);
        EXPECT_THAT(e.what(), ::testing::HasSubstr("column 5: no value for {word}; did you mean \"wrod\"?"));
    }
}

TEST(static_prompt, takes_a_described_struct_that_the_compiler_checks)
{
    constexpr auto ask = "{topic} in {sentences} sentences"_prompt;
    EXPECT_EQ(ask.format(question{"bears", 2, {}}), "bears in 2 sentences");
    const auto typed = ask.of<question>();
    question bears{"bears", 3, {}};
    EXPECT_EQ(sync_wait(typed.invoke(std::move(bears))), "bears in 3 sentences");
}

TEST(static_prompt, finds_the_members_of_a_structs_bases)
{
    dated_question q;
    q.topic = "bears";
    q.year = 1923;
    constexpr auto ask = "{topic} in {year}"_prompt;
    EXPECT_EQ(ask.format(q), "bears in 1923");
    const auto typed = ask.of<dated_question>();
    EXPECT_EQ(sync_wait(typed.invoke(q)), "bears in 1923");
}

TEST(static_prompt, converts_to_a_prompt_template)
{
    const prompt_template ask = "Tell me about {topic} in {language}"_prompt;
    EXPECT_EQ(ask.partial("language", "Turkish").format("bears"), "Tell me about bears in Turkish");
    EXPECT_EQ(("{b} {a} {b}"_prompt).variables(), (std::vector<std::string>{"a", "b"}));
}

TEST(static_prompt, stands_in_a_chat_prompt)
{
    const chat_prompt_template<> chat(system("You are {role}."_prompt), user("{question}"_prompt));
    EXPECT_EQ(chat.format(values("role", "a bear", "question", "Who?")).back().text(), "Who?");
}

TEST(static_prompt, appends_without_allocating_beyond_its_output)
{
    std::string out("> ");
    "{x}{x}"_prompt.format_to(out, "x"_a = 12U);
    EXPECT_EQ(out, "> 1212");
}

TEST(static_prompt, stands_in_every_prompt_of_prompts)
{
    const auto given = values("role", "a bear", "question", "Who?", "topic", "rain");
    EXPECT_EQ(("You are {role}."_prompt + " {question}"_prompt).format(given), "You are a bear. Who?");
    EXPECT_EQ(("You are {role}."_prompt + " {question}").format(given), "You are a bear. Who?");
    EXPECT_EQ((prompt_template("You are {role}.") + " {question}"_prompt).format(given), "You are a bear. Who?");
    EXPECT_EQ(("You are {role}."_prompt + prompt_template(" {question}")).format(given), "You are a bear. Who?");

    const auto chat = chat_prompt_template(system("You are {role}."_prompt)) + user("{question}"_prompt);
    EXPECT_EQ(chat.format(given).back().text(), "Who?");

    const pipeline_prompt_template pipeline("{introduction}\n{question}"_prompt, {{"introduction", "You are {role}."_prompt}});
    EXPECT_EQ(pipeline.format(given), "You are a bear.\nWho?");

    few_shot_layout layout;
    layout.suffix = "{topic} →";
    const few_shot_prompt_template shots({values("word", "big", "opposite", "small")}, "{word} → {opposite}"_prompt, layout);
    EXPECT_EQ(shots.format(given), "big → small\n\nrain →");

    const auto chain = make_step([](std::string word) { return values("topic", word); }) | "About {topic}."_prompt;
    EXPECT_EQ(sync_wait(chain.invoke("rain")), "About rain.");
    const auto dated = "{topic}, {day}"_prompt.partial("day", [] { return prompt_value("Monday"); });
    EXPECT_EQ(dated.format("rain"), "rain, Monday");
}

// Each text is read by the compiler and at run time, and rendered by name, by values and at run time.
template <detail::fixed_string Text>
void expect_the_same_of_both()
{
    constexpr static_prompt_template<Text> literal;
    const prompt_template text(Text.view());
    EXPECT_EQ(literal.variables(), text.variables()) << Text.view();
    EXPECT_EQ(literal.input_schema(), text.input_schema()) << Text.view();
    for (const auto& x :
         {prompt_value("İğne"), prompt_value(""), prompt_value(-42), prompt_value(UINT64_MAX), prompt_value(2.5),
          prompt_value(-0.0), prompt_value(true), prompt_value(json::value(nullptr)), prompt_value(json::value{1, "ş"})}) {
        const auto given = values("x", x, "şehir|il", "Ağrı", " y ", 7);
        std::string expected;
        try {
            expected = text.format(given);
        } catch (const error&) {
            EXPECT_THROW(literal.format(given), error) << Text.view();
            continue;
        }
        EXPECT_EQ(literal.format(given), expected) << Text.view();
        EXPECT_EQ(sync_wait(literal.invoke(given)), expected) << Text.view();
    }
}

template <detail::fixed_string... Texts>
void expect_the_same_of_all()
{
    (expect_the_same_of_both<Texts>(), ...);
}

TEST(static_prompt, reads_and_renders_as_a_prompt_template_does)
{
    expect_the_same_of_all<"", "x", "{x}", "{x}{x}", "{{}}", "{{{x}}}", "}}{{{x}}}{{", "{{x}}", "{{{{x}}}}",
                           "ğ{x}ş\n{şehir|il}\t\\", "{ y }{x}", "\0{x}", "${x}%d", "🤖{x}e\u0301">();
    expect_the_same_of_all<"{x!r}", "{x!s}", "{x!a}", "{x!r:>20}", "{x:}", "{x!s:}", "{x!a:*^9.3}", "{şehir|il!r}">();
    expect_the_same_of_all<"{x:>12}", "{x:ş<12}", "{x:🤖^12}", "{x:<012}", "{x:=+12}", "{x:,}", "{x:_}", "{x:+}", "{x: }", "{x:z}",
                           "{x:#}", "{x:.1}", "{x:09}", "{x:d}", "{x:#x}", "{x:#_b}", "{x:c}", "{x:e}", "{x:,.2f}", "{x:G}",
                           "{x:.1%}", "{x:n}", "{x:s}", "{x:10000}", "{x:.500f}">();
}

// What the compiler checks, checked as constants here; the messages are in tests/compile_fail.
template <detail::fixed_string Text>
constexpr detail::prompt_fault fault_of = detail::parse_literal(Text).fault;

TEST(static_prompt, refuses_what_a_prompt_template_refuses)
{
    using enum detail::prompt_fault;
    static_assert(fault_of<"a } b"> == single_closing_brace);
    static_assert(fault_of<"a {b"> == unclosed_brace);
    static_assert(fault_of<"a {"> == unclosed_brace);
    static_assert(fault_of<"{a{b}}"> == unclosed_brace);
    static_assert(fault_of<"{}"> == field_without_name);
    static_assert(fault_of<"{:>3}"> == field_without_name);
    static_assert(fault_of<"{0}"> == numbered_field);
    static_assert(fault_of<"{a.b}"> == field_that_reaches_into_a_value);
    static_assert(fault_of<"{a[0]}"> == field_that_reaches_into_a_value);
    static_assert(fault_of<"{a:{b}}"> == field_inside_a_specification);
    static_assert(fault_of<"{a!x}"> == unknown_conversion);
    static_assert(fault_of<"{a!}"> == unknown_conversion);
    static_assert(fault_of<"{a!rx}"> == unknown_conversion);
    static_assert(fault_of<"{a:q}"> == unusable_specification);
    static_assert(fault_of<"{a:.f}"> == unusable_specification);
    static_assert(fault_of<"{a:10001}"> == unusable_specification);
    static_assert(fault_of<"{a:,x}"> == unusable_specification);
    static_assert(fault_of<"{a:99999999999999999999}"> == unusable_specification);
    static_assert(fault_of<"{a:.501}"> == unusable_specification);
    static_assert(fault_of<"{stop}"> == variable_called_stop);
    static_assert(fault_of<"a\xff{b}"> == not_utf8);
    static_assert(fault_of<"\xed\xa0\x80"> == not_utf8);
    static_assert(fault_of<"a\xc3"> == not_utf8);
    static_assert(fault_of<"{{a}} {b!r:>3}"> == none);
    for (const std::string_view bad :
         {"a } b",    "a {b",   "a {",      "{a{b}}",       "{}",    "{:>3}",  "{0}",       "{a.b}",  "{a[0]}",
          "{a:{b}}",  "{a!x}",  "{a!}",     "{a!rx}",       "{a:q}", "{a:.f}", "{a:10001}", "{a:,x}", "{a:99999999999999999999}",
          "{a:.501}", "{stop}", "a\xff{b}", "\xed\xa0\x80", "a\xc3"})
        EXPECT_THROW(prompt_template{bad}, error) << bad;
}

}  // namespace
}  // namespace zincir

// What mustache templates render to. The cases are the project's own; the specification's run by the conformance driver.

#include "mustache_support.hpp"

#include <zincir/prompts/chat_prompt_template.hpp>

using namespace mustache_tests;
using testing::ElementsAre;
using testing::IsEmpty;
using zincir::prompt_template;
using zincir::prompt_value;
using zincir::undefined_policy;
using zincir::values;

namespace {

struct rendering {
    std::string text;
    std::string data;
    std::string expected;
};
// The usual shapes, each of one value: {{x}}, [{{x}}], {{#x}}yes{{/x}}, {{^x}}none{{/x}}.
rendering of_x(std::string text, const std::string& x, std::string expected)
{
    return {std::move(text), "{'x': " + x + "}", std::move(expected)};
}
rendering written(const std::string& x, std::string expected) { return of_x("{{x}}", x, std::move(expected)); }
rendering bracketed(const std::string& x, std::string expected) { return of_x("[{{x}}]", x, std::move(expected)); }
rendering section(const std::string& x, std::string expected) { return of_x("{{#x}}yes{{/x}}", x, std::move(expected)); }
rendering inverted(const std::string& x, std::string expected) { return of_x("{{^x}}none{{/x}}", x, std::move(expected)); }

std::ostream& operator<<(std::ostream& out, const rendering& r) { return out << r.text << " with " << r.data; }

class mustache_rule : public testing::TestWithParam<rendering> {};

TEST_P(mustache_rule, renders)
{
    const auto& r = GetParam();
    EXPECT_EQ(render(r.text, data(r.data), mustache(undefined_policy::empty)), r.expected);
}

INSTANTIATE_TEST_SUITE_P(
    variables, mustache_rule,
    testing::Values(rendering{"", "{}", ""}, rendering{"no tag { } } {", "{}", "no tag { } } {"}, written("'bears'", "bears"),
                    rendering{"{{ x }}", "{'x': 'bears'}", "bears"}, rendering{"{{\n x\t\n}}", "{'x': 'bears'}", "bears"},
                    rendering{"{{{x}}}", "{'x': '<'}", "<"}, rendering{"{{& x }}", "{'x': '<'}", "<"},
                    rendering{"{{ & x }}", "{'x': 1}", "1"}, rendering{"{{x}}}", "{'x': 1}", "1}"},
                    rendering{"{{x}} {{x}}", "{'x': '{{y}}', 'y': 1}", "{{y}} {{y}}"},
                    rendering{"{{first name}}", "{'first name': 'Ada'}", "Ada"},
                    rendering{"{{İsim}} {{ığüşöç}}", "{'İsim': 'Işıl', 'ığüşöç': 'ğ'}", "Işıl ğ"},
                    rendering{"{{a.b.c}}", "{'a': {'b': {'c': 'x'}}}", "x"}, rendering{"{{a.b}}", "{'a': {}}", ""},
                    rendering{"{{a.b}}", "{'a': 'text'}", ""}, rendering{"{{a.b}}", "{'a.b': 1}", ""},
                    rendering{"{{a.1}}", "{'a': ['x', 'y']}", "y"}, rendering{"{{a.2}}", "{'a': ['x', 'y']}", ""},
                    rendering{"{{a.01x}}", "{'a': ['x', 'y']}", ""}, rendering{"{{a.-1}}", "{'a': ['x', 'y']}", ""}));

INSTANTIATE_TEST_SUITE_P(wording, mustache_rule,
                         testing::Values(written("0", "0"), written("-7", "-7"),
                                         written("18446744073709551615", "18446744073709551615"), written("0.0", "0.0"),
                                         written("1.25", "1.25"), written("1e-7", "1e-07"), written("1e300", "1e+300"),
                                         written("true", "true"), written("false", "false"), bracketed("null", "[]"),
                                         bracketed("''", "[]"), bracketed("[]", "[]"), bracketed("{}", "[]"),
                                         written("[1, 'a', null]", "[1,\"a\",null]"),
                                         rendering{"{{x.y}}", "{'x': {'y': {'z': 1}}}", "{\"z\":1}"},
                                         rendering{"{{.}}", "{'a': 'b', 'n': 1, 'e': [], 'o': {}, 'z': null}",
                                                   "{\"a\":\"b\",\"n\":1,\"e\":[],\"o\":{},\"z\":null}"}));

INSTANTIATE_TEST_SUITE_P(
    sections, mustache_rule,
    testing::Values(section("true", "yes"), section("false", ""), rendering{"{{#x}}yes{{/x}}", "{}", ""}, section("null", ""),
                    section("0", ""), section("0.0", ""), section("''", ""), section("[]", ""), section("{}", ""),
                    rendering{"{{#x}}{{.}}{{/x}}", "{'x': 3}", "3"}, rendering{"{{#x}}Hi {{.}}!{{/x}}", "{'x': 'Ada'}", "Hi Ada!"},
                    rendering{"{{#x}}{{y}}{{/x}}", "{'x': {'y': 1}, 'y': 2}", "1"},
                    rendering{"{{#x}}{{z}}{{/x}}", "{'x': {'y': 1}, 'z': 2}", "2"},
                    rendering{"{{#x}}<{{.}}>{{/x}}", "{'x': [1, 'b', 2.5]}", "<1><b><2.5>"},
                    rendering{"{{#x}}{{n}},{{/x}}", "{'x': [{'n': 1}, {'n': 2}, {}], 'n': 9}", "1,2,9,"},
                    rendering{"{{#x}}{{#.}}{{.}}{{/.}};{{/x}}", "{'x': [[1, 2], [], [3]]}", "12;;3;"},
                    rendering{"{{#x}}{{#x}}{{/x}}{{/x}}{{#y}}y{{/y}}", "{'x': 1, 'y': 1}", "y"},
                    rendering{"{{#a.b}}{{c}}{{/a.b}}", "{'a': {'b': [{'c': 1}, {'c': 2}]}}", "12"},
                    rendering{"{{#a}}{{b.c}}{{/a}}", "{'a': {'b': {}}, 'b': {'c': 'wrong'}}", ""},
                    rendering{"{{^x}}none{{/x}}", "{}", "none"}, inverted("[]", "none"), inverted("0", "none"), inverted("[0]", ""),
                    rendering{"{{#x}}a{{/x}}{{^x}}b{{/x}}", "{'x': 'v'}", "a"},
                    rendering{"{{#çiçek}}{{adı}}{{/çiçek}}", "{'çiçek': [{'adı': 'gül'}, {'adı': 'lâle'}]}", "güllâle"}));

INSTANTIATE_TEST_SUITE_P(lines, mustache_rule,
                         testing::Values(rendering{"a\n{{#x}}\nb\n{{/x}}\nc", "{'x': [1, 2]}", "a\nb\nb\nc"},
                                         rendering{"a\n \t{{#x}} \nb\n{{/x}}\t\nc", "{'x': 1}", "a\nb\nc"},
                                         rendering{"a\r\n{{#x}}\r\nb\r\n{{/x}}\r\nc", "{'x': 1}", "a\r\nb\r\nc"},
                                         rendering{"{{#x}}\nb\n{{/x}}", "{'x': 1}", "b\n"},
                                         rendering{"{{#x}} b\n{{/x}}", "{'x': 1}", " b\n"},
                                         rendering{"{{#x}}{{/x}}\n", "{'x': 1}", "\n"}, rendering{" {{x}}\n", "{'x': 1}", " 1\n"},
                                         rendering{"a {{! b }}\nc", "{}", "a \nc"}, rendering{"a\n  {{! b\n b }}\nc", "{}", "a\nc"},
                                         rendering{"{{!}}\n{{! {{x}}", "{}", ""},
                                         rendering{"{{=<% %>=}}\n<%x%> {{x}}", "{'x': 1}", "1 {{x}}"},
                                         rendering{"{{= | | =}}|x||={{ }}=|{{x}}", "{'x': 1}", "11"},
                                         rendering{"{{=<< >>=}}<<{x}>> <<&x>>", "{'x': '&'}", "& &"},
                                         rendering{"{{=« »=}}«#x»«.»«/x»", "{'x': ['ğ', 'ş']}", "ğş"}));

TEST(mustache_template, writes_the_same_text_through_invoke_partial_and_bare_value)
{
    const prompt_template t("{{#polite}}Please. {{/polite}}{{topic}}", mustache());
    EXPECT_EQ(t.format(values("topic", "bears", "polite", true)), "Please. bears");
    EXPECT_EQ(t.partial("polite", false).format("bears"), "bears");
    int calls = 0;
    const auto counted = t.partial("polite", std::function<prompt_value()>([&] { return ++calls; }));
    EXPECT_EQ(counted.format(values("topic", "bears")), "Please. bears");
    EXPECT_EQ(calls, 1);
}

TEST(mustache_template, keeps_the_values_of_many_functions_while_it_renders)
{
    std::string text;
    std::string expected;
    for (int i = 0; i < 40; ++i) {
        text += "{{#v" + std::to_string(i) + "}}";
        expected = std::to_string(i);
    }
    text += "{{.}}";
    for (int i = 39; i >= 0; --i)
        text += "{{/v" + std::to_string(i) + "}}{{#v" + std::to_string(i) + "}}{{/v" + std::to_string(i) + "}}";
    prompt_template t(text, mustache());
    for (int i = 0; i < 40; ++i)
        t = t.partial("v" + std::to_string(i), std::function<prompt_value()>([i] {
                          return prompt_value(zincir::json::value{i == 0 ? "0" : std::to_string(i)});
                      }));
    EXPECT_EQ(t.format({}), expected);
}

TEST(mustache_template, escapes_html_by_option_only)
{
    const auto given = values("x", "<a href=\"b\">&'</a>");
    EXPECT_EQ(render("{{x}}", given), "<a href=\"b\">&'</a>");
    auto options = mustache();
    options.escape_html = true;
    EXPECT_EQ(render("{{x}}", given, options), "&lt;a href=&quot;b&quot;&gt;&amp;'&lt;/a&gt;");
    EXPECT_EQ(render("{{{x}}}{{&x}}", values("x", "<"), options), "<<");
    EXPECT_EQ(render("{{x}} {{{x}}}", data("{'x': ['<']}"), options), "[&quot;&lt;&quot;] [\"<\"]");
    EXPECT_EQ(render("<{{.}}>", values("<", "&"), options), "<{&quot;&lt;&quot;:&quot;&amp;&quot;}>");
}

TEST(mustache_template, lists_the_first_names_outside_of_sections)
{
    const auto names = [](std::string_view text) { return prompt_template(text, mustache()).variables(); };
    EXPECT_THAT(names("{{b}} {{a.x}} {{{b}}} {{&c}} {{.}} {{! d }}"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(names("{{#a}}{{b}}{{#c}}{{d}}{{/c}}{{/a}}{{^e}}{{f}}{{/e}}"), ElementsAre("a", "e"));
    EXPECT_THAT(names("{{#.}}{{b}}{{/.}}"), IsEmpty());
    EXPECT_THAT(names("{{>partial}}{{>*dynamic.name}}"), ElementsAre("dynamic"));
    EXPECT_THAT(names("{{<p}}{{ignored}}{{$b}}{{used}}{{/b}}{{/p}}{{$c}}{{also}}{{/c}}"), ElementsAre("also", "used"));
    auto options = mustache();
    options.environment.add_lambda("upper", [](std::string_view) { return std::string(); });
    EXPECT_THAT(prompt_template("{{#upper}}{{a}}{{/upper}}{{b}}", options).variables(), ElementsAre("b"));
}

TEST(mustache_template, loops_over_messages)
{
    zincir::message pictured(zincir::role::user, "one ");
    pictured.content.emplace_back(zincir::text_block("two"));
    pictured.name = "Ayşe";
    const zincir::messages turns(pictured, zincir::assistant("ok"));
    EXPECT_EQ(render("{{#history}}{{#name}}{{.}}, {{/name}}{{role}}: {{content}}\n{{/history}}{{history.1.content}}",
                     values("history", turns)),
              "Ayşe, user: one two\nassistant: ok\nok");
    const auto e = thrown_by_rendering("a {{history}}", values("history", turns));
    EXPECT_EQ(e.code(), zincir::errc::invalid_argument);
    EXPECT_THAT(e.what(), testing::HasSubstr("line 1, column 3: messages stand where a text is wanted"));
}

TEST(mustache_template, fills_the_parts_of_a_chat_prompt)
{
    std::vector<zincir::chat_prompt_part> parts;
    parts.emplace_back(zincir::system("You are {{name}}.{{#rules}}\n- {{.}}{{/rules}}"));
    parts.emplace_back(zincir::messages_placeholder("history").optional());
    parts.emplace_back(
        zincir::user_parts(zincir::text_block("{{person.question}}"), zincir::image_url("https://x/{{picture}}.png")));
    const zincir::chat_prompt_template<> prompt(std::move(parts), mustache());
    EXPECT_THAT(prompt.variables(), ElementsAre("name", "person", "picture", "rules"));
    const auto turns =
        prompt.format(data("{'name': 'Ada', 'rules': ['be {brief}', 'be kind'], 'person': {'question': 'Why?'}, 'picture': 7}"));
    ASSERT_EQ(turns.size(), 2U);
    EXPECT_EQ(turns[0].text(), "You are Ada.\n- be {brief}\n- be kind");
    EXPECT_EQ(turns[1].text(), "Why?");
    EXPECT_EQ(std::get<zincir::image_block>(turns[1].content[1]).source.url, "https://x/7.png");
    const auto e = thrown_by([&] { (void)prompt.format(values("name", "Ada")); });
    EXPECT_THAT(e.what(), testing::HasSubstr("message 2 (user), line 1, column 1: no value for {{person.question}}"));
}

}  // namespace

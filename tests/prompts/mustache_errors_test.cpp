// Templates and values that cannot be rendered: each a typed error with its place, in bounded time, memory and stack.

#include "mustache_support.hpp"

using namespace mustache_tests;
using testing::EndsWith;
using testing::HasSubstr;
using zincir::errc;
using zincir::undefined_policy;
using zincir::values;

namespace {

struct refusal {
    std::string text;
    std::string place;
    std::string why;
};
std::ostream& operator<<(std::ostream& out, const refusal& r) { return out << r.text; }

class mustache_refusal : public testing::TestWithParam<refusal> {};

TEST_P(mustache_refusal, names_place_and_reason)
{
    const auto e = thrown_by([] { zincir::prompt_template t(GetParam().text, mustache()); });
    EXPECT_EQ(e.code(), errc::invalid_template);
    EXPECT_THAT(e.what(), HasSubstr("template \"template\", " + GetParam().place + ": "));
    EXPECT_THAT(e.what(), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    malformed, mustache_refusal,
    testing::Values(
        refusal{"a {{name", "line 1, column 3", "this tag is never closed: }} is missing (for {{ in the text"},
        refusal{"{{", "line 1, column 1", "never closed"}, refusal{"çğ\nş {{#", "line 2, column 3", "never closed"},
        refusal{"{{{x}}", "line 1, column 1", "}}} is missing"}, refusal{"{{! x", "line 1, column 1", "never closed"},
        refusal{"{{a {{b}}", "line 1, column 1", "another one begins inside it"},
        refusal{"{{}}", "line 1, column 1", "a tag has no name: write {{name}}"},
        refusal{"x{{ # }}", "line 1, column 2", "no name"}, refusal{"{{>*}}", "line 1, column 1", "a name is missing behind the *"},
        refusal{"{{a..b}}", "line 1, column 1", "the name \"a..b\" has an empty part"},
        refusal{"{{#.a}}{{/.a}}", "line 1, column 1", "empty part"}, refusal{"{{a.}}", "line 1, column 1", "empty part"},
        refusal{"a\n {{#x}}\n{{#y}}{{/y}}", "line 2, column 2", "\"x\" is opened here and never closed: {{/x}} is missing"},
        refusal{"{{^x}}", "line 1, column 1", "{{/x}} is missing"}, refusal{"{{<x}}", "line 1, column 1", "{{/x}} is missing"},
        refusal{"{{$x}}", "line 1, column 1", "{{/x}} is missing"}, refusal{"{{<*x}}", "line 1, column 1", "{{/*x}} is missing"},
        refusal{"{{=| |=}}|#x|", "line 1, column 10", "|/x| is missing"},
        refusal{"{{/x}}", "line 1, column 1", "\"x\" is closed here, and nothing is open"},
        refusal{"{{#a}}\n  {{#b}}{{/a}}{{/b}}", "line 2, column 9",
                "\"a\" is closed here, but \"b\" is open, since line 2, column 3"},
        refusal{"{{#a.b}}{{/a}}", "line 1, column 9", "\"a\" is closed here, but \"a.b\" is open, since line 1, column 1"},
        refusal{"{{<*a}}{{/a}}", "line 1, column 8", "\"a\" is closed here, but \"*a\" is open"},
        refusal{"{{#a}}{{/*a}}", "line 1, column 7", "\"*a\" is closed here, but \"a\" is open"},
        refusal{"{{=<% %>}}", "line 1, column 1", "a tag that sets delimiters holds two"},
        refusal{"{{=}}", "line 1, column 1", "and ends with = and the old one"},
        refusal{"{{==}}", "line 1, column 1", "a tag that sets delimiters holds two"},
        refusal{"{{=<%=}}", "line 1, column 1", "a tag that sets delimiters holds two"},
        refusal{"{{=a b c=}}", "line 1, column 1", "a tag that sets delimiters holds two"},
        refusal{"{{==a b=}}", "line 1, column 1", "a tag that sets delimiters holds two"}));

TEST(mustache_refusal, shows_the_line_with_a_caret_below)
{
    const auto e = thrown_by([] { zincir::prompt_template t("ok\nğüş {{#öğün}}…", mustache()); });
    EXPECT_THAT(e.what(), EndsWith("\n    ğüş {{#öğün}}…\n        ^"));
}

TEST(mustache_refusal, of_invalid_utf8_names_the_byte)
{
    const auto e = thrown_by([] { zincir::prompt_template t("{{x}}\xff", mustache()); });
    EXPECT_EQ(e.code(), errc::invalid_template);
    EXPECT_THAT(e.what(), HasSubstr("is not UTF-8: byte 5"));
}

struct absence {
    std::string text;
    std::string data;
    std::string why;
};
std::ostream& operator<<(std::ostream& out, const absence& a) { return out << a.text; }

class mustache_absence : public testing::TestWithParam<absence> {};

TEST_P(mustache_absence, is_an_error_with_its_place)
{
    const auto e = thrown_by_rendering("ı " + GetParam().text, data(GetParam().data));
    EXPECT_EQ(e.code(), errc::missing_variable);
    EXPECT_THAT(e.what(), HasSubstr("template \"template\", line 1, column "));
    EXPECT_THAT(e.what(), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    variables, mustache_absence,
    testing::Values(absence{"{{topic}}", "{}", "column 3: no value for {{topic}}"},
                    absence{"{{topci}}", "{'topic': 1}", "did you mean \"topic\"?"},
                    absence{"{{a.b}}", "{'a': {'c': 1}}", "no value for {{a.b}}: \"a\" was given, but has no \"b\""},
                    absence{"{{a.b.c}}", "{'a': null}", "\"a\" was given, but has no \"b.c\""},
                    absence{"{{a.b}}", "{}", "no value for {{a.b}}"},
                    absence{"{{#l}}{{n}}{{/l}}", "{'l': [{'n': 1}, {}]}", "column 9: no value for {{n}}"},
                    absence{"{{&x}}", "{}", "write {{#x}}{{.}}{{/x}}"}, absence{"{{{x}}}", "{}", "no value for {{x}}"}));

TEST(mustache_absence, is_empty_or_kept_by_policy)
{
    const std::string text = "[{{x}} {{{ y.z }}} {{&w}} {{#s}}in{{/s}}{{^s}}out{{/s}}]";
    EXPECT_EQ(render(text, values("y", 1), mustache(undefined_policy::empty)), "[   out]");
    EXPECT_EQ(render(text, values("y", 1), mustache(undefined_policy::keep)), "[{{x}} {{{ y.z }}} {{&w}} out]");
    EXPECT_EQ(render(render("{{a}} {{b}}", values("a", 1), mustache(undefined_policy::keep)), values("b", 2)), "1 2");
}

TEST(mustache_absence, of_a_null_is_no_absence) { EXPECT_EQ(render("[{{x}}]", data("{'x': null}")), "[]"); }

// Cut anywhere, a template is a typed error or a good one: never a crash, never another exception.
TEST(mustache_cut, at_every_byte_is_an_error_or_a_text)
{
    const auto options = with_partials({{"p", "P {{x}}\n"}, {"q", "{{$b}}d{{/b}}"}}, undefined_policy::empty);
    for (const std::string text :
         {"{{x}} {{{y}}} {{&a.b}} ğ {{! note }} {{.}}", "a\n{{#l}}\n {{.}}{{^n}}!{{/n}}\n{{/l}}\nb",
          "{{=<% %>=}}<%#l%><%x%><%/l%><%={{ }}=%>{{x}}", " {{>p}}\n{{>*name}}\n{{<q}}{{$b}}\n  one\n  {{x}}\n{{/b}}{{/q}}\n",
          "{{<*name}}{{$b}}{{$c}}deep{{/c}}{{/b}}{{/*name}} {{#a}}{{#b}}{{c.0.d}}{{/b}}{{/a}}"}) {
        std::size_t good = 0;
        for (std::size_t n = 0; n <= text.size(); ++n) {
            try {
                (void)render(std::string_view(text).substr(0, n),
                             data("{'x': 'X', 'y': 1, 'a': {'b': [{'c': [{'d': 1}]}]}, 'l': [1, 2], 'name': 'q'}"), options);
                ++good;
            } catch (const zincir::error& e) {
                EXPECT_EQ(e.code(), errc::invalid_template) << text.substr(0, n);
            }
        }
        EXPECT_GE(good, 2U) << text;
    }
}

TEST(mustache_limit, refuses_a_deep_nesting_at_the_tag_that_exceeds_it)
{
    for (const std::string tag : {"#", "^", "$", "<"}) {
        std::string text;
        for (int i = 0; i < 100'000; ++i)
            text += "{{" + tag + "x}}";
        const auto e = thrown_by([&] { zincir::prompt_template t(text, mustache()); });
        EXPECT_EQ(e.code(), errc::limit_exceeded);
        EXPECT_THAT(e.what(), HasSubstr("column 601: the nesting is deeper than 100 (template_limits::depth)"));
    }
}

TEST(mustache_limit, lets_the_nesting_go_as_deep_as_it_is_set)
{
    constexpr int depth = 30'000;
    std::string text;
    for (int i = 0; i < depth; ++i)
        text += "{{#x}}";
    text += "bottom";
    for (int i = 0; i < depth; ++i)
        text += "{{/x}}";
    auto options = mustache();
    options.limits.depth = depth;
    options.limits.steps = SIZE_MAX;
    EXPECT_EQ(render(text, data("{'x': true}"), options), "bottom");
}

// A text that has the whole limit is good, one byte more is not.
TEST(mustache_limit, counts_the_bytes_of_the_output)
{
    auto options = mustache();
    options.limits.output_bytes = 6;
    EXPECT_EQ(render("ab{{x}}", values("x", "cdef"), options), "abcdef");
    const auto e = thrown_by_rendering("ab{{x}}", values("x", "cdefg"), options);
    EXPECT_EQ(e.code(), errc::limit_exceeded);
    EXPECT_THAT(e.what(), HasSubstr("column 3: the text grows beyond 6 bytes (template_limits::output_bytes)"));
    EXPECT_EQ(thrown_by_rendering("{{x}}", data("{'x': [1, 2, 3]}"), options).code(), errc::limit_exceeded);
    options.escape_html = true;
    EXPECT_EQ(thrown_by_rendering("{{x}}", values("x", "<<"), options).code(), errc::limit_exceeded);
}

struct bomb {
    std::string name;
    std::string text;
    zincir::memory_loader::map partials;
    std::string limit;
};
std::ostream& operator<<(std::ostream& out, const bomb& b) { return out << b.name; }

class mustache_bomb : public testing::TestWithParam<bomb> {};

TEST_P(mustache_bomb, ends_at_a_limit)
{
    const auto& b = GetParam();
    auto options = with_partials(b.partials);
    options.environment.add_lambda("twice", [](std::string_view t) { return std::string(t) + std::string(t); });
    options.environment.add_lambda("again", [](std::string_view t) { return "{{#again}}" + std::string(t) + "{{/again}}"; });
    const auto given = data("{'l': [1,2,3,4,5,6,7,8,9,10], 'x': true, 'long': '" + std::string(100'000, 'x') + "'}");
    const auto e = thrown_by_rendering(b.text, given, options);
    EXPECT_EQ(e.code(), errc::limit_exceeded);
    EXPECT_THAT(e.what(), HasSubstr("(template_limits::" + b.limit + ")"));
}

std::string nested(int depth, const std::string& inner)
{
    return depth == 0 ? inner : "{{#l}}" + nested(depth - 1, inner) + "{{/l}}";
}

std::string repeated(int n, std::string_view piece)
{
    std::string all;
    while (n-- > 0)
        all += piece;
    return all;
}

zincir::memory_loader::map doubling(int levels, const std::string& tag, const std::string& end)
{
    zincir::memory_loader::map all;
    for (int i = 0; i < levels; ++i) {
        const auto next = std::to_string(i + 1);
        all["p" + std::to_string(i)] = tag + next + end + tag + next + end;
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(
    all, mustache_bomb,
    testing::Values(bomb{"nested loops", nested(20, "."), {}, "steps"}, bomb{"nested empty loops", nested(99, ""), {}, "steps"},
                    bomb{"loops over a long value", nested(10, "{{long}}"), {}, "output_bytes"},
                    bomb{"a deep search", nested(99, "{{#nobody}}{{/nobody}}"), {}, "steps"},
                    bomb{"a partial that uses itself", "{{>p}}", {{"p", "a{{>p}}"}}, "depth"},
                    bomb{"a parent that uses itself", "{{<p}}{{/p}}", {{"p", "{{<p}}{{$b}}x{{/b}}{{/p}}"}}, "depth"},
                    bomb{"two that use each other", "{{>p}}", {{"p", "{{>q}}"}, {"q", "{{>p}}"}}, "depth"},
                    bomb{"doubling partials", "{{>p0}}", doubling(90, "{{>p", "}}"), "steps"},
                    bomb{"doubling parents", "{{<p0}}{{$b}}x{{/b}}{{/p0}}", doubling(90, "{{$b}}{{/b}}{{>p", "}}"), "steps"},
                    bomb{"growing indentation", "{{>p}}", {{"p", std::string(900'000, ' ') + "{{>p}}\n"}}, "value_bytes"},
                    bomb{"a lambda that makes itself", "{{#again}}x{{/again}}", {}, "depth"},
                    bomb{"a lambda in a loop", nested(20, "{{#twice}}a{{/twice}}"), {}, "steps"},
                    bomb{"many names", repeated(10'000, "{{>none}}{{#l}}{{.}}{{#l}}{{.}}{{/l}}{{/l}}"), {}, "steps"}));

TEST(mustache_limit, counts_the_texts_that_a_loader_gives)
{
    struct endless final : zincir::template_loader {
        std::optional<std::string> load(std::string_view) const override { return std::string(500'000, 'x'); }
    };
    zincir::json::array names;
    for (int i = 0; i < 100; ++i)
        names.push_back(zincir::json::string(std::to_string(i)));
    auto options = mustache();
    options.environment.set_loader(std::make_shared<endless>());
    options.limits.output_bytes = SIZE_MAX / 2;
    const auto e = thrown_by_rendering("{{#n}}{{>*.}}{{/n}}", values("n", zincir::json::value(names)), options);
    EXPECT_EQ(e.code(), errc::limit_exceeded);
    EXPECT_THAT(e.what(), HasSubstr("(template_limits::value_bytes)"));
}

TEST(mustache_limit, counts_the_bytes_of_a_template_and_of_its_partials)
{
    auto options = with_partials({{"p", std::string(101, 'x')}});
    options.limits.template_bytes = 100;
    EXPECT_EQ(thrown_by([&] { zincir::prompt_template t(std::string(101, 'x'), options); }).code(), errc::limit_exceeded);
    const auto e = thrown_by_rendering("{{>p}}", {}, options);
    EXPECT_EQ(e.code(), errc::limit_exceeded);
    EXPECT_THAT(e.what(), HasSubstr("used at template \"template\", line 1, column 1"));
}

}  // namespace

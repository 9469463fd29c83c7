// Templates and values that nobody should have written: each a typed error with its place, in bounded time, memory and stack.

#include "template_support.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/monotonic_resource.hpp>

#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>

#include <pthread.h>

namespace {

using namespace zincir;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using format = template_format;
using zincir::testing::repeated;
using zincir::testing::source;
using zincir::testing::syntax;

std::string failure_of(std::string_view text, const values& given, const template_options& options, errc code)
{
    try {
        ADD_FAILURE() << "it rendered: " << prompt_template(text, options).format(given).substr(0, 200);
    } catch (const error& e) {
        EXPECT_EQ(e.code(), code) << e.what();
        return e.facts().message;
    }
    return {};
}

struct bad {
    format syntax;
    std::string text;
    std::string why;
    errc code = errc::invalid_template;
};
std::ostream& operator<<(std::ostream& out, const bad& b) { return out << b.text; }

class bad_template : public ::testing::TestWithParam<bad> {};

TEST_P(bad_template, is_refused_with_its_place)
{
    const auto& b = GetParam();
    const values given("a", "text", "n", 3, "l", parse_json("[1, 2]"), "o", parse_json(R"({"ö": 1})"));
    EXPECT_THAT(failure_of("İlk satır\n ş " + b.text, given, syntax(b.syntax), b.code), HasSubstr("line 2, column " + b.why));
}

INSTANTIATE_TEST_SUITE_P(unclosed, bad_template,
                         ::testing::Values(bad{format::fstring, "{a", "4: this { is never closed"},
                                           bad{format::fstring, "a}", "5: a single }"},
                                           bad{format::mustache, "{{a", "4: this tag is never closed"},
                                           bad{format::mustache, "{{#l}}x", "4: \"l\" is opened"},
                                           bad{format::jinja, "{{ a", "4: this {{ is never closed"},
                                           bad{format::jinja, "{% if a", "4: this {% is never closed"},
                                           bad{format::jinja, "{% if a %}x", "7: this {% if %} is never closed"},
                                           bad{format::jinja, "{# x", "4: this comment"},
                                           bad{format::jinja, "{% raw %}x", "4: this {% raw %} is never closed"},
                                           bad{format::jinja, "{{ 'x }}", "7: this string is never closed"},
                                           bad{format::jinja, "{{ (1 }}", "10: this } does not"}));

INSTANTIATE_TEST_SUITE_P(wrongly_nested, bad_template,
                         ::testing::Values(bad{format::mustache, "{{#l}}{{/a}}", "10: \"a\" is closed here"},
                                           bad{format::mustache, "{{/a}}", "4: \"a\" is closed here"},
                                           bad{format::jinja, "{% for x in l %}{% endif %}", "23: {% endif %} closes nothing"},
                                           bad{format::jinja, "{% endfor %}", "7: {% endfor %} closes nothing"},
                                           bad{format::jinja, "{% else %}", "7: the tag \"else\" is not known"},
                                           bad{format::jinja, "{{ [1) }}", "9: this ) does not fit the [ before it"},
                                           bad{format::jinja, "{% break %}", "7: {% break %} stands outside of a loop"}));

INSTANTIATE_TEST_SUITE_P(
    unknown, bad_template,
    ::testing::Values(bad{format::jinja, "{{ a|uper }}", "9: there is no filter \"uper\"; did you mean \"upper\"?"},
                      bad{format::jinja, "{{ a is strng }}", "12: there is no test \"strng\"; did you mean \"string\"?"},
                      bad{format::jinja, "{% switch a %}", "7: the tag \"switch\" is not known"},
                      bad{format::fstring, "{a:q}", "4: the format specification \"q\" is not usable"},
                      bad{format::fstring, "{a!x}", "4: a conversion is !s, !r or !a"},
                      bad{format::jinja, "{{ nobody }}", "4: no value for {{ nobody }}", errc::missing_variable},
                      bad{format::fstring, "{nobody}", "4: no value for {nobody}", errc::missing_variable},
                      bad{format::mustache, "{{nobody}}", "4: no value for {{nobody}}", errc::missing_variable}));

INSTANTIATE_TEST_SUITE_P(
    of_the_wrong_type, bad_template,
    ::testing::Values(bad{format::fstring, "{a:d}", "4: the format specification \"d\" does not fit", errc::invalid_argument},
                      bad{format::fstring, "{n:s}", "4: the format specification \"s\" does not fit", errc::invalid_argument},
                      bad{format::jinja, "{{ a + 1 }}", "9: + takes no values", errc::invalid_argument},
                      bad{format::jinja, "{{ n|items }}", "9: items takes a dict", errc::invalid_argument},
                      bad{format::jinja, "{% for x in n %}{% endfor %}", "16: a value of the type int has no elements",
                          errc::invalid_argument},
                      bad{format::jinja, "{{ l() }}", "8: a value of the type list cannot be called", errc::invalid_argument},
                      bad{format::jinja, "{{ 'x'.center(9, 'ab') }}", "17: what fills up is one character", errc::invalid_argument},
                      bad{format::jinja, "{{ '{:d}'.format('x') }}", "20: a format does not fit: it is meant for a number",
                          errc::invalid_argument},
                      bad{format::jinja, "{{ '%x' % 1.5 }}", "12: an integer is needed for %x", errc::invalid_argument},
                      bad{format::jinja, "{{ '%ş' % 1 }}", "12: the format %ş is not known", errc::invalid_argument},
                      bad{format::jinja, "{{ 1 is sameas }}", "12: this test takes a value", errc::invalid_argument}));

INSTANTIATE_TEST_SUITE_P(
    beyond_64_bits, bad_template,
    ::testing::Values(
        bad{format::jinja, "{{ 9223372036854775808 }}", "7: the number 9223372036854775808 does not fit"},
        bad{format::jinja, "{{ 9223372036854775807 + 1 }}", "27: the result does not fit", errc::invalid_argument},
        bad{format::jinja, "{{ -9223372036854775807 - 2 }}", "28: the result does not fit", errc::invalid_argument},
        bad{format::jinja, "{{ 9223372036854775807 * 2 }}", "27: the result does not fit", errc::invalid_argument},
        bad{format::jinja, "{{ 3 ** 99 }}", "9: the result does not fit", errc::invalid_argument},
        bad{format::jinja, "{{ (-9223372036854775807 - 1) // -1 }}", "34: the result does not fit", errc::invalid_argument},
        bad{format::jinja, "{{ '99999999999999999999'|int }}", "30: the number does not fit", errc::invalid_argument}));

TEST(bad_template_bytes, are_named_by_their_offset)
{
    for (const auto f : {format::fstring, format::mustache, format::jinja})
        for (const std::string_view bytes : {"\xFF", "\xC5", "\xED\xA0\x80", "\xC0\xAF", "\xF5\x80\x80\x80"})
            EXPECT_THAT(failure_of("ğüş" + std::string(bytes) + "x", {}, syntax(f), errc::invalid_template),
                        HasSubstr("is not UTF-8: byte 6"));
}

class undefined_values : public ::testing::TestWithParam<source> {};

TEST_P(undefined_values, follow_the_policy)
{
    const auto& [f, text] = GetParam();
    auto options = syntax(f);
    failure_of(text, {}, options, errc::missing_variable);
    options.undefined = undefined_policy::empty;
    EXPECT_EQ(prompt_template(text, options).format({}), "[]");
    options.undefined = undefined_policy::keep;
    EXPECT_EQ(prompt_template(text, options).format({}), text);
}

INSTANTIATE_TEST_SUITE_P(of_each_syntax, undefined_values,
                         ::testing::Values(source{format::fstring, "[{şey}]"}, source{format::mustache, "[{{şey}}]"},
                                           source{format::jinja, "[{{ şey }}]"}));

TEST(circles, of_templates_end_with_the_place_of_the_last_use)
{
    auto loader = std::make_shared<memory_loader>();
    loader->add("p", "\n{% include 'q' %}")
        .add("q", "{% include 'p' %}")
        .add("e", "{% extends 'e' %}")
        .add("i", "{% import 'i' as i %}");
    auto options = syntax(format::jinja);
    options.environment.set_loader(loader);
    EXPECT_THAT(failure_of("{% include 'p' %}", {}, options, errc::limit_exceeded), HasSubstr("template \"p\", line 2, column 4"));
    EXPECT_THAT(failure_of("{% extends 'e' %}", {}, options, errc::limit_exceeded), HasSubstr("template \"e\", line 1"));
    EXPECT_THAT(failure_of("{% import 'i' as i %}", {}, options, errc::limit_exceeded), HasSubstr("template \"i\", line 1"));
}

// JSON has no way to write them; Python has its own.
TEST(numbers_that_are_none, are_written_as_python_writes_them)
{
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    const auto inf = std::numeric_limits<double>::infinity();
    const values given("a", nan, "b", inf, "c", -inf);
    EXPECT_EQ(prompt_template("{a} {b} {c} {a:.2f} {b:>5}").format(given), "nan inf -inf nan   inf");
    EXPECT_EQ(prompt_template("{{a}} {{b}} {{c}}", syntax(format::mustache)).format(given), "nan inf -inf");
    EXPECT_EQ(prompt_template("{{ a }} {{ b }} {{ c }} {{ [a, b, c]|tojson }}", syntax(format::jinja)).format(given),
              "nan inf -inf [NaN, Infinity, -Infinity]");
    EXPECT_EQ(prompt_template("{{ a == a }} {{ a < b }} {{ [3, a, 1]|sort|length }} {{ b > 1 }} {{ a|int }} {{ '%d' % 1.9 }}",
                              syntax(format::jinja))
                  .format(given),
              "False False 3 True 0 1");
    failure_of("{{ '%d' % a }}", given, syntax(format::jinja), errc::invalid_argument);
}

TEST(ends_of_64_bits, are_counted_to)
{
    const auto render = [](std::string_view text) { return prompt_template(text, syntax(format::jinja)).format({}); };
    EXPECT_EQ(render("{{ range(-9223372036854775807 - 1, 9223372036854775807, 9223372036854775807)|list }}"),
              "[-9223372036854775808, -1, 9223372036854775806]");
    EXPECT_EQ(render("{{ range(9223372036854775800, 9223372036854775807, 5)[2:]|list }}"), "[]");
    EXPECT_EQ(render("{{ 'a'|center(-9223372036854775807 - 1) }}{{ 'b'.rjust(-9223372036854775807 - 1) }}"), "ab");
    EXPECT_EQ(render("{{ 'abc'|truncate(9223372036854775807, true, '', 9223372036854775807) }}"), "abc");
}

TEST(texts_of_many_bytes, are_cut_between_letters)
{
    const auto render = [](std::string_view text) { return prompt_template(text, syntax(format::jinja)).format({}); };
    EXPECT_EQ(
        render("{{ 'şaş'|trim('ş') }} {{ 'xğ'|trim('ş') }} {{ 'ğüş'[1:2] }} {{ 'ğüş'[-1:] }} {{ 'ğüş'|first }}{{ 'ğüş'|last }}"),
        "a xğ ü ş ğş");
}

struct excerpt {
    std::string text;
    std::string shown;
};
std::ostream& operator<<(std::ostream& out, const excerpt& e) { return out << source{format::jinja, e.text}; }
class excerpts : public ::testing::TestWithParam<excerpt> {};

TEST_P(excerpts, show_the_line_with_a_caret_below_the_place)
{
    EXPECT_THAT(failure_of(GetParam().text, {}, syntax(format::jinja), errc::invalid_template), EndsWith(GetParam().shown));
}

INSTANTIATE_TEST_SUITE_P(of_lines, excerpts,
                         ::testing::Values(excerpt{"ilk\nğüş {{ ş|yok }} son\nüçüncü", "\n    ğüş {{ ş|yok }} son\n             ^"},
                                           excerpt{"\tğ\t{{ a|yok }}\r\nx", "\n    \tğ\t{{ a|yok }}\n    \t \t     ^"},
                                           excerpt{std::string(500, 'x') + "{{ a|yok }}" + repeated("ş", 500),
                                                   "\n    …" + std::string(54, 'x') + "{{ a|yok }}" + repeated("ş", 54) +
                                                       "…\n    " + std::string(60, ' ') + "^"}));

TEST(errors, do_not_repeat_a_name_of_a_million_letters)
{
    const std::string name(900'000, 'x');
    EXPECT_LT(failure_of("{" + name + "}", values("y", 1), syntax(format::fstring), errc::missing_variable).size(), 3'000U);
    EXPECT_LT(failure_of("{{" + name + "}}", values("y", 1), syntax(format::mustache), errc::missing_variable).size(), 10'000U);
    EXPECT_LT(failure_of("{{ " + name + " }}", values("y", 1), syntax(format::jinja), errc::missing_variable).size(), 3'000U);
    EXPECT_LT(failure_of("{{ y|" + name + " }}", values("y", 1), syntax(format::jinja), errc::invalid_template).size(), 3'000U);
}

// --- nesting, on a thread whose stack is small

#if defined(__has_feature)
#define ZINCIR_HAS_FEATURE(name) __has_feature(name)
#else
#define ZINCIR_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || ZINCIR_HAS_FEATURE(address_sanitizer)
constexpr std::size_t small_stack = std::size_t{4} << 20;  // a frame is several times as large
#else
constexpr std::size_t small_stack = std::size_t{512} << 10;
#endif

void on_a_small_stack(std::function<void()> f)
{
    pthread_attr_t attributes;
    pthread_t thread;
    ASSERT_EQ(::pthread_attr_init(&attributes), 0);
    ASSERT_EQ(::pthread_attr_setstacksize(&attributes, small_stack), 0);
    const auto run = [](void* what) -> void* {
        (*static_cast<std::function<void()>*>(what))();
        return nullptr;
    };
    ASSERT_EQ(::pthread_create(&thread, &attributes, run, &f), 0);
    ::pthread_join(thread, nullptr);
    ::pthread_attr_destroy(&attributes);
}

class nested_templates : public ::testing::TestWithParam<source> {};

TEST_P(nested_templates, end_in_an_error)
{
    on_a_small_stack([] {
        const auto& [f, text] = GetParam();
        auto options = syntax(f);
        for (const std::size_t depth : {std::size_t{100}, std::size_t{1'000'000}}) {
            options.limits.depth = depth;
            try {
                static_cast<void>(prompt_template(text, options).format(values("x", 1, "l", parse_json("[1]"))));
                ADD_FAILURE() << "it rendered";
            } catch (const error& e) {
                EXPECT_TRUE(e.code() == errc::limit_exceeded || e.code() == errc::invalid_template) << e.what();
            }
        }
    });
}

constexpr std::size_t deep = 100'000;

INSTANTIATE_TEST_SUITE_P(
    of_each_kind, nested_templates,
    ::testing::Values(
        source{format::jinja, "{{ " + repeated("(", deep) + "1" + repeated(")", deep) + " }}"},
        source{format::jinja, "{{ " + repeated("[", deep) + repeated("]", deep) + " }}"},
        source{format::jinja, "{{ " + repeated("{1:", deep) + "1" + repeated("}", deep) + " }}"},
        source{format::jinja, "{{ " + repeated("not ", deep) + "1 }}"}, source{format::jinja, "{{ " + repeated("-", deep) + "1 }}"},
        source{format::jinja, "{{ " + repeated("1 if x else ", deep / 2) + "1 }}"},
        source{format::jinja, "{{ x" + repeated("[0", deep) + repeated("]", deep) + " }}"},
        source{format::jinja, "{{ x" + repeated("|default(x", deep / 2) + repeated(")", deep / 2) + " }}"},
        source{format::jinja, "{{ 1" + repeated("|string", deep) + " }}"},
        source{format::jinja, "{{ x" + repeated(".y", deep) + " }}"}, source{format::jinja, "{{ x" + repeated("()", deep) + " }}"},
        source{format::jinja, "{% set " + repeated("(", deep) + "a" + repeated(")", deep) + " = 1 %}"},
        source{format::jinja, repeated("{% if x %}", 90'000)},
        source{format::jinja, repeated("{%for a in l%}", 30'000) + repeated("{%endfor%}", 30'000)},
        source{format::jinja, repeated("{", deep)},
        source{format::jinja, repeated("{%call x()%}", 40'000) + repeated("{%endcall%}", 40'000)},
        source{format::jinja,
               "{% macro m(n) %}{{ (((((((((([m(n + 1)]))))))))))[0]|string|upper|lower|trim }}{% endmacro %}{{ m(1) }}"},
        source{format::mustache, repeated("{{#x}}", deep)}, source{format::mustache, repeated("{{^x}}", deep)},
        source{format::mustache, repeated("{{$x}}", deep)}, source{format::mustache, repeated("{", deep)},
        source{format::fstring, repeated("{", deep + 1)}, source{format::fstring, "{x:" + repeated("{", deep) + "}"}));

// Boost.JSON itself cannot take a value that deep apart, so that it lies in memory which is given back as a whole.
class deep_value {
public:
    const values& given() const { return given_; }
    deep_value()
    {
        json::value lists(1, &memory_), objects(1, &memory_);
        for (std::size_t i = 0; i < deep; ++i) {
            json::array outer(&memory_);
            outer.push_back(std::move(lists));
            lists = std::move(outer);
            json::object around(&memory_);
            around.emplace("a", std::move(objects));
            objects = std::move(around);
        }
        given_.set("deep", prompt_value(std::move(lists))).set("o", prompt_value(std::move(objects)));
    }

private:
    json::monotonic_resource memory_{};
    values given_{};
};

class deep_values : public ::testing::TestWithParam<source> {};

TEST_P(deep_values, are_not_written_or_compared)
{
    on_a_small_stack([] {
        const deep_value v;
        const auto& [f, text] = GetParam();
        failure_of(text, v.given(), syntax(f), errc::limit_exceeded);
    });
}

INSTANTIATE_TEST_SUITE_P(
    in_each_way, deep_values,
    ::testing::Values(source{format::fstring, "{deep}"}, source{format::fstring, "{deep:>10}"}, source{format::fstring, "{o!r}"},
                      source{format::mustache, "{{deep}}"}, source{format::mustache, "{{o}}"},
                      source{format::mustache, "{{#o}}{{.}}{{/o}}"}, source{format::mustache, "{{.}}"},
                      source{format::jinja, "{{ deep }}"}, source{format::jinja, "{{ o|string }}"},
                      source{format::jinja, "{{ deep|tojson }}"}, source{format::jinja, "{{ o|tojson(indent=2) }}"},
                      source{format::jinja, "{{ deep|pprint }}"}, source{format::jinja, "{{ [deep[0]] == deep[0] }}"},
                      source{format::jinja, "{{ deep in [[deep]] }}"}, source{format::jinja, "{{ [[deep], deep]|sort }}"},
                      source{format::jinja, "{{ [deep, 1]|join }}"}, source{format::jinja, "{{ [[deep]].index(deep) }}"},
                      source{format::jinja, "{{ o ~ 'x' }}"}));

TEST(deep_values_that_are_only_looked_into, are_no_error)
{
    on_a_small_stack([] {
        const deep_value v;
        EXPECT_EQ(
            prompt_template("{{ deep[0][0][0]|length }}{{ o.a.a is mapping }}{{ deep == deep }}{{ deep in [deep] }}{{ 1 if deep }}",
                            syntax(format::jinja))
                .format(v.given()),
            "1TrueTrueTrue1");
        EXPECT_EQ(prompt_template("{{#o.a.a}}yes{{/o.a.a}}{{#deep}}once{{/deep}}", syntax(format::mustache)).format(v.given()),
                  "yesonce");
    });
}

}  // namespace

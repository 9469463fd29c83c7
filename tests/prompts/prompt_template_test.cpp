#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include "thrown.hpp"

#include <gmock/gmock.h>

#include <limits>

using testing::ElementsAre;
using testing::HasSubstr;
using zincir::errc;
using zincir::error;
using zincir::prompt_template;
using zincir::prompt_value;
using zincir::values;
using zincir::testing::thrown_by;

namespace {

struct rendering {
    std::string text;
    prompt_value x;
    std::string expected;
    friend std::ostream& operator<<(std::ostream& out, const rendering& c) { return out << c.text; }
};
class field : public testing::TestWithParam<rendering> {};

TEST_P(field, renders) { EXPECT_EQ(prompt_template(GetParam().text).format(values("x", GetParam().x)), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    plain_and_formatted, field,
    testing::Values(rendering{"{x}", "a", "a"}, rendering{"", "a", ""}, rendering{"no fields", "a", "no fields"},
                    rendering{"{{}}", "a", "{}"}, rendering{"{{{x}}}", "a", "{a}"}, rendering{"${x}", 5, "$5"},
                    rendering{"{x:>5}|", "ab", "   ab|"}, rendering{"{x:*^7}", "cat", "**cat**"}, rendering{"{x:.2}", "cat", "ca"},
                    rendering{"{x:>4}", "ğ", "   ğ"}, rendering{"{x:ş<3}", "a", "aşş"}, rendering{"{x:,}", 1234567, "1,234,567"},
                    rendering{"{x:_}", -1234, "-1_234"}, rendering{"{x:,}", 123, "123"},
                    rendering{"{x:,.1f}", 12345.67, "12,345.7"}, rendering{"{x:05}", -42, "-0042"}, rendering{"{x:+d}", 42, "+42"},
                    rendering{"{x:x}", 255, "ff"}, rendering{"{x:#x}", 255, "0xff"}, rendering{"{x:.2f}", 3.14159, "3.14"},
                    rendering{"{x:%}", 0.125, "12.500000%"}, rendering{"{x:.0%}", 0.5, "50%"}, rendering{"{x:g}", 1e10, "1e+10"},
                    rendering{"{x:e}", 5, "5.000000e+00"}, rendering{"{x!r}", "it's", "\"it's\""},
                    rendering{"{x!r}", "a\n", "'a\\n'"}, rendering{"{x!a}", "é", "'\\xe9'"}, rendering{"{x!a}", "ş", "'\\u015f'"},
                    rendering{"{x!s:>3}", 7, "  7"}, rendering{"{x}", 1.0, "1.0"}));

struct refused {
    std::string text;
    std::string message;
    friend std::ostream& operator<<(std::ostream& out, const refused& c) { return out << c.text; }
};
class malformed : public testing::TestWithParam<refused> {};

TEST_P(malformed, is_refused_with_its_place)
{
    const auto e = thrown_by([] { prompt_template t(GetParam().text); });
    EXPECT_EQ(e.code(), errc::invalid_template);
    EXPECT_THAT(e.what(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    template_text, malformed,
    testing::Values(refused{"{", "line 1, column 1: a single { ends"}, refused{"a { b", "column 3: this { is never closed"},
                    refused{"a\nİ}", "line 2, column 2: a single }"}, refused{"{}", "has no name"}, refused{"{:>3}", "has no name"},
                    refused{"{0}", "{0} is numbered"}, refused{"{a.b}", "reaches into a value"},
                    refused{"{a[0]}", "reaches into a value"}, refused{"{x:{w}}", "a field of its own"},
                    refused{"{x!q}", "a conversion is"}, refused{"{x!r.y}", "and then comes } or :"},
                    refused{"{stop}", "must not be called \"stop\""}, refused{"{x:.}", "without a precision"},
                    refused{"{x:Q}", "it knows no \"Q\""}, refused{"{x:99999}", "width is over 10000"},
                    refused{"{x:.501f}", "precision is over 500"}, refused{"{x:,x}", "not grouped by , with the type x"},
                    refused{"{x:,_}", "it knows no \"_\""}, refused{"{x", "never closed"}, refused{"\xff", "not UTF-8: byte 0"},
                    refused{"ab\xc3", "not UTF-8: byte 2"}, refused{"\xed\xa0\x80", "not UTF-8: byte 0"}));

TEST(prompt_template, shows_where_a_text_is_wrong)
{
    const auto e = thrown_by([] { prompt_template t("İyi günler {ad}, } nasılsın?"); });
    EXPECT_THAT(e.what(), HasSubstr("\n    İyi günler {ad}, } nasılsın?\n                     ^"));
}

TEST(prompt_template, never_looks_at_a_value_again)
{
    const prompt_template t("{a}{b}");
    for (const auto* hostile : {"{b}", "{{b}}", "{", "}", "{a", "{b!r}", "{{"})
        EXPECT_EQ(t.format(values("a", hostile, "b", "B")), std::string(hostile) + "B");
}

TEST(prompt_template, names_what_is_missing_and_what_was_meant)
{
    zincir::template_options options;
    options.name = "greeting";
    const prompt_template t("Hello\n  {name}", options);
    const auto e = thrown_by([&] { t.format(values("nmae", "Ada")); });
    EXPECT_EQ(e.code(), errc::missing_variable);
    EXPECT_THAT(e.what(), HasSubstr("template \"greeting\", line 2, column 3: no value for {name}; did you mean \"nmae\"?"));
}

TEST(prompt_template, understands_turkish_misspellings)
{
    const prompt_template t("Merhaba\nİyi günler {şehir}, {ılık}");
    const auto near = [&](const values& given) { return std::string(thrown_by([&] { t.format(given); }).what()); };
    EXPECT_THAT(near(values("sehir", "Van")), HasSubstr("line 2, column 12: no value for {şehir}; did you mean \"sehir\"?"));
    EXPECT_THAT(near(values("şehir", "Van", "ilik", 1)),
                HasSubstr("line 2, column 21: no value for {ılık}; did you mean \"ilik\"?"));
    EXPECT_THAT(near(values("s\u0327ehir", "Van")), HasSubstr("did you mean \"s\u0327ehir\"? (one of the two has its letters as"));
}

TEST(prompt_template, takes_a_bare_value_for_its_only_variable)
{
    EXPECT_EQ(prompt_template("{şehir} güzel, {şehir} büyük").format("İzmir"), "İzmir güzel, İzmir büyük");
    const auto e = thrown_by([] { prompt_template("{a} {b}").format("x"); });
    EXPECT_THAT(e.what(), HasSubstr("2 variables (a, b)"));
    EXPECT_THAT(thrown_by([] { prompt_template("none").format("x"); }).what(), HasSubstr("no variable left"));
}

TEST(prompt_template, keeps_spaces_in_names_as_python_does) { EXPECT_EQ(prompt_template("{ x }").format(values(" x ", 1)), "1"); }

TEST(prompt_template, prefers_the_call_to_what_was_given_beforehand)
{
    const auto t = prompt_template("{a} {b}").partial("a", "first");
    EXPECT_THAT(t.variables(), ElementsAre("b"));
    EXPECT_EQ(t.format("x"), "first x");
    EXPECT_EQ(t.format(values("a", "call", "b", "x")), "call x");
}

TEST(prompt_template, calls_a_partial_function_once_a_rendering)
{
    int calls = 0;
    const auto t = prompt_template("{n} {n}").partial("n", [&] { return prompt_value(++calls); });
    EXPECT_EQ(t.format(values()), "1 1");
    EXPECT_EQ(t.format(values()), "2 2");
}

TEST(prompt_template, says_when_a_value_does_not_fit_its_specification)
{
    const auto e = thrown_by([] { prompt_template("{x:d}").format(values("x", "text")); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), HasSubstr("\"d\" does not fit the value of {x}"));
}

TEST(prompt_template, ends_at_its_limits)
{
    zincir::template_options options;
    options.limits.template_bytes = 8;
    EXPECT_EQ(thrown_by([&] { prompt_template t("123456789", options); }).code(), errc::limit_exceeded);
    options.limits.output_bytes = 4;
    EXPECT_EQ(thrown_by([&] { prompt_template("{x}", options).format("12345"); }).code(), errc::limit_exceeded);
    EXPECT_EQ(thrown_by([&] { prompt_template("{x}1234", options).format("5"); }).code(), errc::limit_exceeded);
}

TEST(prompt_template, leaves_out_a_variable_without_value_when_told)
{
    zincir::template_options options;
    options.undefined = zincir::undefined_policy::empty;
    EXPECT_EQ(prompt_template("a{x:>9}{y!r}b{z}", options).format(values("z", "ı")), "abı");
}

TEST(prompt_template, keeps_a_variable_without_value_when_told)
{
    zincir::template_options options;
    options.undefined = zincir::undefined_policy::keep;
    EXPECT_EQ(prompt_template("ş{x:>9}{y!r} {{{z}}}", options).format(values("z", "ı")), "ş{x:>9}{y!r} {ı}");
}

TEST(prompt_template, allocates_nothing_beyond_its_limit)
{
    std::string fields;
    for (int i = 0; i < 300'000; ++i)
        fields += "{x}";
    const prompt_template t(fields);
    EXPECT_EQ(thrown_by([&] { t.format(std::string(std::size_t{8} << 20, 'a')); }).code(), errc::limit_exceeded);
}

// Python's results; tests/peers/format_specs.py compares with Python itself.
INSTANTIATE_TEST_SUITE_P(
    as_python_writes_it, field,
    testing::Values(
        rendering{"{x:#06x}", 255, "0x00ff"}, rendering{"{x:#06x}", -10, "-0x00a"}, rendering{"{x:#012b}", 255, "0b0011111111"},
        rendering{"{x:#o}", 8, "0o10"}, rendering{"{x:#_X}", 0xABCDEF, "0XAB_CDEF"}, rendering{"{x:08,}", 1234, "0,001,234"},
        rendering{"{x:+012_.1f}", 1234.5, "+0_001_234.5"}, rendering{"{x:<05}", 42, "42000"}, rendering{"{x:05}", "ab", "ab000"},
        rendering{"{x:x=6}", -1, "-xxxx1"}, rendering{"{x:3c}|", 0x131, "  ı|"},
        rendering{"{x:d}", UINT64_MAX, "18446744073709551615"}, rendering{"{x:,}", INT64_MIN, "-9,223,372,036,854,775,808"},
        rendering{"{x:.3}", 1234.0, "1.23e+03"}, rendering{"{x:.6}", 1234.0, "1234.0"}, rendering{"{x:.3g}", 1234.0, "1.23e+03"},
        rendering{"{x:#.3g}", 1.0, "1.00"}, rendering{"{x:#.0f}", 2.0, "2."}, rendering{"{x:#.0e}", 2.0, "2.e+00"},
        rendering{"{x:#}", 1e20, "1.e+20"}, rendering{"{x}", -0.0, "-0.0"}, rendering{"{x:.1f}", -0.04, "-0.0"},
        rendering{"{x:z.1f}", -0.04, "0.0"}, rendering{"{x:010}", std::numeric_limits<double>::infinity(), "0000000inf"},
        rendering{"{x:+F}", std::numeric_limits<double>::quiet_NaN(), "+NAN"}, rendering{"{x:.0%}", 0.125, "12%"},
        rendering{"{x:d}", true, "1"}, rendering{"{x:+}", false, "+0"}, rendering{"{x:>6}", true, "  true"},
        rendering{"{x:>4}|", "日本", "  日本|"}, rendering{"{x:.1}", "e\u0301", "e"},
        rendering{"{x!r}", "a\u200b\u00a0\\'\"", "'a\\u200b\\xa0\\\\\\'\"'"}, rendering{"{x!a}", "🤖", "'\\U0001f916'"},
        rendering{"{x!a}", zincir::json::value{"ş", "🤖"}, R"(["\u015f","\ud83e\udd16"])"}));

struct misfit {
    std::string text;
    prompt_value x;
    friend std::ostream& operator<<(std::ostream& out, const misfit& c) { return out << c.text; }
};
class specification_of_another_type : public testing::TestWithParam<misfit> {};

TEST_P(specification_of_another_type, is_refused)
{
    const auto e = thrown_by([] { (void)prompt_template(GetParam().text).format(values("x", GetParam().x)); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), HasSubstr("does not fit the value of {x}"));
}

INSTANTIATE_TEST_SUITE_P(of, specification_of_another_type,
                         testing::Values(misfit{"{x:d}", "1"}, misfit{"{x:+}", "1"}, misfit{"{x:#}", "1"}, misfit{"{x:,}", "1"},
                                         misfit{"{x:z}", "1"}, misfit{"{x:=5}", "1"}, misfit{"{x:s}", 1}, misfit{"{x:.1}", 1},
                                         misfit{"{x:z}", 1}, misfit{"{x:d}", 1.0}, misfit{"{x:c}", 1.0}, misfit{"{x:c}", -1},
                                         misfit{"{x:c}", 0xD800}, misfit{"{x:c}", 0x110000}, misfit{"{x:+c}", 65},
                                         misfit{"{x:#c}", 65}, misfit{"{x!r:d}", 1}));

TEST(prompt_template, is_a_step)
{
    const auto chain = prompt_template("about {topic}") | [](std::string s) { return s.size(); };
    EXPECT_EQ(zincir::sync_wait(chain.invoke("bears")), 11U);
}

}  // namespace

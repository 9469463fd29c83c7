#include "thrown.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace {

using zincir::errc;
using zincir::error;
using zincir::prompt_template;
using zincir::template_format;
using zincir::template_options;
using zincir::undefined_policy;
using zincir::values;
namespace json = zincir::json;

template_options jinja(undefined_policy undefined = undefined_policy::error)
{
    template_options o;
    o.format = template_format::jinja;
    o.undefined = undefined;
    return o;
}

std::string shown(std::string_view text, const values& given = values(), template_options o = jinja())
{
    return prompt_template(text, std::move(o)).format(given);
}

error refused(std::string_view text, const values& given = values(), template_options o = jinja())
{
    return zincir::testing::thrown_by([&] { shown(text, given, std::move(o)); });
}

values data(std::string_view text) { return values::from_json(json::value(boost::json::parse(text)).as_object()); }

TEST(jinja_template, writes_values_as_python_does)
{
    EXPECT_EQ(shown("{{ [true, none, 1.0, 1e16, 'it\\'s', (1,), {'a': 2}] }}"),
              "[True, None, 1.0, 1e+16, \"it's\", (1,), {'a': 2}]");
}

TEST(jinja_template, divides_and_takes_remainders_as_python_does)
{
    EXPECT_EQ(shown("{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }}"), "-4 2 3.5 1024 0.5");
}

TEST(jinja_template, compares_in_chains_and_looks_into_values)
{
    EXPECT_EQ(shown("{{ 1 < 2 < 3 }} {{ 'b' in 'abc' }} {{ 4 not in [1, 2] }} {{ 'k' in {'k': 1} }}"), "True True True True");
}

TEST(jinja_template, takes_for_blanks_and_line_ends_what_python_does)
{
    const auto given = data(R"({"s": "\u3000 a\u2003b \u00a0c\u3000", "lines": "a\u2028b\r\nc\u0085d\n"})");
    EXPECT_EQ(shown("[{{ s | trim }}][{{ s.lstrip() }}][{{ s.rstrip() }}]", given),
              "[a\u2003b \u00a0c][a\u2003b \u00a0c\u3000][\u3000 a\u2003b \u00a0c]");
    EXPECT_EQ(shown("{{ s.split() | join('|') }} {{ s.split(none, 1) | join('|') }} {{ s.rsplit(none, 1) | join('|') }}", given),
              "a|b|c a|b \u00a0c\u3000 \u3000 a\u2003b|c");
    EXPECT_EQ(shown("{{ lines.splitlines() }} {{ '\u2029'.isspace() }}", given), "['a', 'b', 'c', 'd'] True");
    EXPECT_EQ(shown("{{ 'ğaşğ' | trim('ğ') }} {{ 'ğaşğ'.strip('şğ') }}"), "aş a");
}

TEST(jinja_template, slices_by_code_points)
{
    EXPECT_EQ(shown("{{ 'çığ'[::-1] }} {{ 'İstanbul'[:2] }} {{ [1,2,3,4][-2:] }} {{ 'ş'|length }}"), "ğıç İs [3, 4] 1");
}

TEST(jinja_template, keeps_a_variable_set_in_a_loop_to_the_loop)
{
    EXPECT_EQ(shown("{% set x = 0 %}{% for i in [1, 2] %}{% set x = i %}{{ x }}{% endfor %}{{ x }}"), "120");
}

TEST(jinja_template, carries_a_namespace_out_of_a_loop)
{
    EXPECT_EQ(shown("{% set n = namespace(t='') %}{% for i in 'abc' %}{% set n.t = n.t + i %}{% endfor %}{{ n.t }}"), "abc");
}

TEST(jinja_template, does_not_show_a_macro_the_names_of_its_caller)
{
    EXPECT_EQ(shown("{% macro m() %}[{{ x is defined }}]{% endmacro %}{% for x in [1] %}{{ m() }}{% endfor %}"), "[False]");
}

TEST(jinja_template, gives_a_macro_defaults_varargs_and_a_caller)
{
    EXPECT_EQ(shown("{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ caller('x') }}{% endmacro %}"
                    "{% call(v) m(1, 3, 4) %}<{{ v }}>{% endcall %}"),
              "13(4,)<x>");
}

TEST(jinja_template, loops_with_all_of_loop)
{
    EXPECT_EQ(
        shown("{% for c in 'ab' %}{{ loop.index }}/{{ loop.length }}{{ loop.first }}{{ loop.last }}{{ loop.cycle('x', 'y') }};{% "
              "endfor %}"),
        "1/2TrueFalsex;2/2FalseTruey;");
}

TEST(jinja_template, recurses_in_a_loop)
{
    EXPECT_EQ(shown("{% for n in t recursive %}{{ n.v }}{% if n.c %}({{ loop(n.c) }}){% endif %}{% endfor %}",
                    data(R"({"t": [{"v": 1, "c": [{"v": 2}, {"v": 3}]}]})"), jinja(undefined_policy::empty)),
              "1(23)");
}

TEST(jinja_template, breaks_continues_and_takes_the_else_of_an_empty_loop)
{
    EXPECT_EQ(shown("{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% "
                    "endfor %}"
                    "{% for i in [] %}{% else %}none{% endfor %}"),
              "02none");
}

TEST(jinja_template, goes_through_what_a_filter_gives_in_turn_once)
{
    EXPECT_EQ(shown("{% set m = [1, 2]|map('string') %}{{ m|join }}|{{ m|join }}"), "12|");
}

TEST(jinja_template, writes_json_as_chat_templates_expect_it)
{
    EXPECT_EQ(shown("{{ t|tojson }}", data(R"({"t": {"b": "<ş>", "a": [1, 2.0, null]}})")), R"({"b": "<ş>", "a": [1, 2.0, null]})");
    EXPECT_EQ(shown("{{ [1]|tojson(indent=2) }}"), "[\n  1\n]");
}

TEST(jinja_template, maps_case_by_unicode_and_turkish_by_its_own_filter)
{
    EXPECT_EQ(shown("{{ 'ışığı'|upper }} {{ 'iı'|upper_tr }} {{ 'Iİ'|lower_tr }} {{ 'ß'|upper }}"), "IŞIĞI İI ıi SS");
    EXPECT_EQ(shown("{{ 'İ'|lower }}"), "i\xCC\x87");
}

TEST(jinja_template, maps_the_case_of_all_letters_of_unicode)
{
    EXPECT_EQ(shown("{{ 'ŉǆﬁ'|upper }} {{ 'ǆor ﬁn'|capitalize }} {{ 'ΟΔΟΣ ΣΑΣ.'|lower }}"), "ʼNǄFI ǅor ﬁn οδος σας.");
    EXPECT_EQ(shown("{{ 'ILIK iş'|title_tr }} {{ 'iZMİR'|capitalize_tr }} {{ 'ılık iş'|title }}"), "Ilık İş İzmir Ilık Iş");
}

TEST(jinja_template, controls_white_space)
{
    auto o = jinja();
    o.trim_blocks = o.lstrip_blocks = true;
    EXPECT_EQ(shown("a\n  {% if true %}\nb\n  {% endif %}\nc\n", values(), o), "a\nb\nc");
    EXPECT_EQ(shown("a \n {%- if true -%} \n b {%- endif %}"), "ab");
}

TEST(jinja_template, names_a_missing_variable_its_place_and_the_nearest)
{
    const auto e = refused("şşş {{ topik }}", values("topic", "bears"));
    EXPECT_EQ(e.code(), errc::missing_variable);
    EXPECT_NE(e.facts().message.find("line 1, column 5"), std::string::npos) << e.what();
    EXPECT_NE(e.facts().message.find("\"topic\""), std::string::npos) << e.what();
}

TEST(jinja_template, asks_whether_a_missing_variable_is_there_under_every_policy)
{
    EXPECT_EQ(shown("{{ x is defined }}{{ x|default('d') }}"), "Falsed");
    EXPECT_EQ(shown("{{ 1 if x else 2 }}", values(), jinja(undefined_policy::empty)), "2");
    EXPECT_EQ(refused("{% if x %}{% endif %}").code(), errc::missing_variable);
}

TEST(jinja_template, changes_lists_and_dicts_as_python_does)
{
    EXPECT_EQ(shown("{% set l = [3, 1, 2] %}{% do l.sort() %}{% do l.remove(1) %}{{ l }}{% do l.clear() %}{{ l }}"), "[2, 3][]");
    EXPECT_EQ(shown("{% set d = {'a': 1, 'b': 2} %}{{ d.popitem() }}{{ d }}{% do d.clear() %}{{ d }}"), "('b', 2){'a': 1}{}");
    EXPECT_EQ(refused("{% set l = [] %}{% do l.remove(1) %}").code(), errc::invalid_argument);
}

TEST(jinja_template, has_the_methods_of_pythons_texts)
{
    EXPECT_EQ(shown("{{ 'şaşa'.find('ş', 1) }}{{ 'aXa'.count('a', 1) }}{{ 'abc'.startswith('b', 1) }}"), "21True");
    EXPECT_EQ(shown("{{ 'a\tb'.expandtabs(4) }}|{{ 'Ab Cd'.istitle() }}|{{ '{x[0]}{y}'.format_map({'x': [1], 'y': 2}) }}"),
              "a   b|True|12");
    EXPECT_EQ(refused("{{ '{} {0}'.format(1) }}").code(), errc::invalid_argument);
}

TEST(jinja_template, makes_links_of_addresses)
{
    EXPECT_EQ(shown("{{ '(see http://a.org/?q=<x>) mail a@b.io'|urlize }}"),
              "(see <a href=\"http://a.org/?q=&lt;x&gt;\" rel=\"noopener\">http://a.org/?q=&lt;x&gt;</a>) "
              "mail <a href=\"mailto:a@b.io\">a@b.io</a>");
}

TEST(jinja_template, keeps_integers_beyond_int64_exact)
{
    EXPECT_EQ(
        shown("{{ n }} {{ n|tojson }} {{ n is integer }} {{ '18446744073709551615'|int }}", data(R"({"n": 12345678901234567890})")),
        "12345678901234567890 12345678901234567890 True 18446744073709551615");
}

TEST(jinja_template, shows_a_block_again_by_self) { EXPECT_EQ(shown("{% block b %}x{% endblock %}{{ self.b() }}"), "xx"); }

TEST(jinja_template, refuses_a_caller_parameter_without_a_default)
{
    EXPECT_EQ(refused("{% macro m(caller) %}{{ caller() }}{% endmacro %}").code(), errc::invalid_template);
    EXPECT_EQ(shown("{% macro m(caller=none) %}{{ caller is none }}{% endmacro %}{{ m() }}"), "True");
}

TEST(jinja_template, keeps_a_tag_whose_variable_is_missing)
{
    EXPECT_EQ(shown("{{ a }} {{ b|upper }} {{- c }}", values("c", 1), jinja(undefined_policy::keep)), "{{ a }} {{ b|upper }}1");
}

TEST(jinja_template, keeps_what_a_loops_condition_let_through_while_a_tag_asks_for_more)
{
    // loop.last looks one item ahead, so the items that fulfil the condition grow while a tag is printed.
    std::string expected;
    for (int x = 1; x <= 40; ++x)
        expected += (x < 40 ? "False['" : "True['") + std::to_string(x) + "aaaaaaaaaaaaaaaaaaaaaaaa', " + std::to_string(x) + "];";
    EXPECT_EQ(shown("{% for x in range(1, 41) if x %}{{ loop.last }}{{ [x ~ 'aaaaaaaaaaaaaaaaaaaaaaaa', x] }};{% endfor %}"),
              expected);
}

TEST(jinja_template, gives_the_last_part_of_and_and_or_whether_it_is_there_or_not)
{
    EXPECT_EQ(shown("{{ (1 and d.b) is defined }}{{ (0 or d.b) is defined }}", data(R"({"d": {}})")), "FalseFalse");
    EXPECT_EQ(refused("{% if 1 and d.b %}x{% endif %}", data(R"({"d": {}})")).code(), errc::missing_variable);
    EXPECT_EQ(refused("{{ d.b and 1 }}", data(R"({"d": {}})")).code(), errc::missing_variable);
}

TEST(jinja_template, refuses_what_it_does_not_know_with_the_nearest_name)
{
    EXPECT_NE(refused("{{ 'a'|uper }}").facts().message.find("\"upper\""), std::string::npos);
    EXPECT_EQ(refused("{% trans %}x{% endtrans %}").code(), errc::invalid_template);
    EXPECT_EQ(refused("{% for x in y %}").code(), errc::invalid_template);
}

TEST(jinja_template, does_not_change_the_callers_values)
{
    EXPECT_EQ(refused("{% do a.append(1) %}", data(R"({"a": [1]})")).code(), errc::invalid_argument);
    EXPECT_EQ(shown("{% set a = [1] %}{% do a.append(2) %}{{ a }}"), "[1, 2]");
    auto o = jinja();
    o.changeable_values = false;
    EXPECT_EQ(refused("{% set a = [1] %}{% do a.append(2) %}", values(), o).code(), errc::invalid_argument);
}

TEST(jinja_template, extends_includes_and_imports_through_the_loader)
{
    auto loader = std::make_shared<zincir::memory_loader>();
    loader->add("base", "<{% block b %}base{% endblock %}>");
    loader->add("part", "[{{ x }}]");
    loader->add("macros", "{% macro m(v) %}({{ v }}){% endmacro %}");
    auto o = jinja();
    o.environment.set_loader(loader);
    EXPECT_EQ(shown("{% extends 'base' %}{% block b %}{{ super() }}+{% endblock %}", values(), o), "<base+>");
    EXPECT_EQ(shown("{% set x = 1 %}{% include 'part' %}{% include 'no' ignore missing %}", values(), o), "[1]");
    EXPECT_EQ(shown("{% from 'macros' import m as k %}{% import 'macros' as f %}{{ k(1) }}{{ f.m(2) }}", values(), o), "(1)(2)");
    EXPECT_EQ(refused("{% include 'part' %}").code(), errc::invalid_template);
}

TEST(jinja_template, runs_functions_of_the_user)
{
    auto o = jinja();
    o.environment.add_filter("twice",
                             [](const zincir::template_arguments& a) { return json::value(a.find(0, "v")->as_int64() * 2); });
    EXPECT_EQ(shown("{{ 4|twice }}", values(), o), "8");
}

TEST(jinja_template, finds_the_variables_that_it_reads)
{
    const prompt_template t("{% for m in messages %}{{ m.role }}{{ x }}{% endfor %}{% set y = 1 %}{{ y }}{{ range(z) }}", jinja());
    EXPECT_EQ(t.variables(), (std::vector<std::string>{"messages", "x", "z"}));
}

TEST(jinja_template, hides_a_name_from_the_beginning_of_the_scope_that_sets_it)
{
    const auto o = jinja(undefined_policy::empty);
    EXPECT_EQ(shown("{% for i in [1] %}[{{ x }}]{% endfor %}{% set x = 2 %}{{ x }}", values("x", 1), o), "[]2");
    EXPECT_EQ(shown("{% set x %}[{{ x }}]{% endset %}{{ x }}", values("x", 1), o), "[]");
    EXPECT_EQ(shown("{{ x }}{% set x = 2 %}{{ x }}", values("x", 1), o), "12");
    EXPECT_EQ(shown("{% if no %}{% set x = 2 %}{% endif %}{{ x }}", values("x", 1), o), "1");
    EXPECT_EQ(shown("{% macro m() %}{{ x }}{% endmacro %}[{{ m() }}]{% set x = 2 %}{{ m() }}", values("x", 1), o), "[]2");
}

TEST(jinja_template, looks_at_the_condition_of_a_loop_one_item_at_a_time)
{
    EXPECT_EQ(
        shown("{% set n = namespace(s=[]) %}{% for i in [1, 2, 1] if i not in n.s %}{% set n.s = n.s + [i] %}{{ i }}{% endfor %}"),
        "12");
}

TEST(jinja_template, takes_the_else_of_a_loop_whose_turns_were_all_left)
{
    EXPECT_EQ(shown("{% for i in [1, 2] %}{% continue %}{% else %}e{% endfor %}{% for i in [1, 2] %}{% if i == 2 %}{% break %}{% "
                    "endif %}{% else %}e{% endfor %}"),
              "e");
}

TEST(jinja_template, gives_a_default_the_arguments_behind_it)
{
    EXPECT_EQ(shown("{% macro m(a=b, b=3) %}{{ a }}{{ b }}{% endmacro %}{{ m(b=5) }}"), "55");
}

TEST(jinja_template, writes_what_stands_before_extends_and_hides_imported_names_from_importers)
{
    auto loader = std::make_shared<zincir::memory_loader>();
    loader->add("base", "<{% block b %}{% endblock %}>");
    loader->add("inner", "{% set k = 1 %}");
    loader->add("outer", "{% from 'inner' import k %}{% set _p = 2 %}{% set q = 3 %}");
    auto o = jinja(undefined_policy::empty);
    o.environment.set_loader(loader);
    EXPECT_EQ(shown("a{% extends 'base' %}b{% block b %}c{% endblock %}", values(), o), "a<c>");
    EXPECT_EQ(shown("{% import 'outer' as m %}[{{ m.k }}{{ m._p }}{{ m.q }}]", values(), o), "[3]");
}

TEST(jinja_template, refuses_keys_that_python_cannot_hash)
{
    EXPECT_EQ(refused("{{ {[]: 1} }}").code(), errc::invalid_argument);
    EXPECT_EQ(refused("{{ [1] in {'a': 1} }}").code(), errc::invalid_argument);
    EXPECT_EQ(shown("{{ {(1, 2): 3}[(1, 2)] }}"), "3");
}

TEST(jinja_template, formats_as_python_does)
{
    EXPECT_EQ(shown("{{ '%05d|%-4s|%+.1f|%x|%%' % (-42, 'ş', 2.25, -255) }}"), "-0042|ş   |+2.2|-ff|%");
    EXPECT_EQ(shown("{{ '{:>{}}|{:010,}|{!r:>5}|{:.3}'.format('a', 3, 1234567, 'b', 1234.0) }}"), "  a|01,234,567|  'b'|1.23e+03");
    EXPECT_EQ(refused("{{ '%s' % (1, 2) }}").code(), errc::invalid_argument);
}

TEST(jinja_template, divides_and_compares_integers_exactly)
{
    EXPECT_EQ(shown("{{ 9007199254740993 / 7 }} {{ 9007199254740993 == 9007199254740992.0 }} {{ 7 // 0.1 }} {{ -7.5 % 2 }}"),
              "1286742750677284.8 False 69.0 0.5");
}

TEST(jinja_template, shows_characters_that_cannot_be_printed_as_escapes)
{
    EXPECT_EQ(shown("{{ ['\\u200b\\x85é'] }}"), "['\\u200b\\x85é']");
}

TEST(jinja_template, slices_inside_a_with_inside_a_loop)
{
    EXPECT_EQ(shown("{% for x in [1, 2] %}{% with w = [1, 2, 3][:x] %}{{ w }}{% endwith %}{% endfor %}"), "[1][1, 2]");
}

}  // namespace

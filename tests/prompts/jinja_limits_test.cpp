#include "template_support.hpp"
#include "thrown.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <gtest/gtest.h>

namespace {

using zincir::errc;
using zincir::testing::repeated;
using zincir::testing::thrown_by;

zincir::template_options jinja() { return zincir::testing::syntax(zincir::template_format::jinja); }
std::string shown(const std::string& text) { return zincir::prompt_template(text, jinja()).format(zincir::values()); }

// Two values of sixty levels, each of which holds the one below twice.
std::string twice_as_deep(const std::string& open, const std::string& close)
{
    const auto doubled = [&](const std::string& name) {
        return "{% set n." + name + " = " + open + "n." + name + ", n." + name + close + " %}";
    };
    return "{% set n = namespace(a=1, b=1) %}{% for i in range(60) %}" + doubled("a") + doubled("b") + "{% endfor %}";
}

struct bomb : zincir::testing::source {
    bomb(std::string made) : source{zincir::template_format::jinja, std::move(made)} {}
    bomb(const char* made) : bomb(std::string(made)) {}
};
class jinja_bomb : public testing::TestWithParam<bomb> {};

TEST_P(jinja_bomb, ends_in_a_limit)
{
    const auto e = thrown_by([] { shown(GetParam().text); });
    EXPECT_EQ(e.code(), errc::limit_exceeded) << e.what();
}

INSTANTIATE_TEST_SUITE_P(
    of_each_kind, jinja_bomb,
    testing::ValuesIn(std::vector<bomb>{
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ range(1000000000)|list }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 'a'|indent(1000000000, true) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set n = namespace(t='ab') %}{% for i in range(99) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
        "{% set n = namespace(t=[1]) %}{% for i in range(99) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}",
        "{% set l = [] %}{% do l.append(l) %}{{ l }}",
        "{% set l = [] %}{% do l.append(l) %}{{ l|pprint }}",
        "{% set l = [] %}{% set m = [l] %}{% do l.append(m) %}{% set k = [] %}{% set j = [k] %}{% do k.append(j) %}{{ l == k }}",
        twice_as_deep("[", "]") + "{{ n.a == n.b }}",
        twice_as_deep("(", ",)") + "{{ n.a < n.b }}",
        twice_as_deep("(", ",)") + "{{ {n.a: 1} }}",
        twice_as_deep("[", "]") + "{{ n.a|pprint }}",
        twice_as_deep("[", "]") + "{{ n.a|tojson }}",
        "{% set l = [1] %}{% for i in l %}{% do l.append(i) %}{% endfor %}",
        "{{ '%999999999d' % 1 }}",
        "{{ '%.999999999d' % 1 }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ [1]|batch(9223372036854775807, 0)|list }}",
        "{{ [1]|slice(9223372036854775807)|list }}",
        "{{ 'a'.zfill(9223372036854775807) }}",
        "{{ [1] * 9223372036854775807 }}",
        "{% set l = [] %}{% do l.append(l) %}{{ l|tojson }}",
        "{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}",
        "{{ 'a' ~ 'b' * 99999999 }}",
        "{{ " + repeated("(", 100000) + "1" + repeated(")", 100000) + " }}",
        "{{ " + repeated("[", 100000) + repeated("]", 100000) + " }}",
        "{{ " + repeated("not ", 100000) + "1 }}",
        "{{ " + repeated("-", 100000) + "1 }}",
        repeated("{% if 1 %}", 50000),
        "{{ 1" + repeated("|string", 50000) + " }}",
        "{{ " + repeated("{1:", 50000) + "1" + repeated("}", 50000) + " }}",
        "{{ a" + repeated("[0]", 50000) + " }}"}));

TEST(jinja_limits, take_a_long_chain_of_operators)
{
    EXPECT_EQ(zincir::prompt_template("{{ 1" + repeated(" + 1", 20000) + " }}", jinja()).format(zincir::values()), "20001");
}

TEST(jinja_limits, stop_templates_that_include_each_other)
{
    auto o = jinja();
    auto loader = std::make_shared<zincir::memory_loader>();
    loader->add("a", "{% include 'b' %}");
    loader->add("b", "{% include 'a' %}");
    loader->add("c", "{% extends 'c' %}");
    o.environment.set_loader(loader);
    for (const auto* text : {"{% include 'a' %}", "{% extends 'c' %}"})
        try {
            zincir::prompt_template(text, o).format(zincir::values());
            ADD_FAILURE() << text;
        } catch (const zincir::error& e) {
            EXPECT_EQ(e.code(), errc::limit_exceeded) << e.what();
        }
}

TEST(jinja_limits, say_that_an_integer_overflows)
{
    for (const auto* text : {"{{ 9223372036854775807 + 1 }}", "{{ 2 ** 64 }}", "{{ -9223372036854775807 - 2 }}",
                             "{{ (-9223372036854775807 - 1) // -1 }}", "{{ (-9223372036854775807 - 1)|abs }}",
                             "{{ -(-9223372036854775807 - 1) }}", "{{ 9223372036854775807|round(-1) }}", "{{ 1e19|int }}",
                             "{{ '99999999999999999999'|int }}", "{{ [9223372036854775807, 1]|sum }}"})
        EXPECT_EQ(thrown_by([&] { shown(text); }).code(), errc::invalid_argument) << text;
}

TEST(jinja_limits, take_bounds_of_any_size)
{
    EXPECT_EQ(
        shown("{{ [1, 2, 3][-9223372036854775807:9223372036854775807:9223372036854775807] }}{{ [1, 2][::-9223372036854775807] }}"),
        "[1][2]");
    EXPECT_EQ(shown("{{ 'abc'[(-9223372036854775807 - 1):] }}{{ 'a b'|truncate(9223372036854775807) }}"), "abca b");
    EXPECT_EQ(shown("{{ (-9223372036854775807 - 1) % -1 }}{{ 5|round(-400) }}{{ 'a b'|wordwrap(9223372036854775807) }}"), "00a b");
}

TEST(jinja_limits, take_a_long_word_with_many_addresses)
{
    EXPECT_EQ(zincir::prompt_template("{{ ('a@' * 100000)|urlize|length }}", jinja()).format(zincir::values()), "200000");
}

// What a tag looks at in passing must outlive the tag.
TEST(jinja_limits, keep_what_a_loop_looked_ahead_for)
{
    EXPECT_EQ(zincir::prompt_template("{% for v in range(50) if v is odd %}{{ loop.last }}{% if loop.last %}{{ loop.previtem }}/{{ "
                                      "v }}{% endif %}{{ ''|upper }}{% endfor %}",
                                      jinja())
                  .format(zincir::values())
                  .substr(24 * 5),
              "True47/49");
}

TEST(jinja_limits, let_a_loop_go_on_while_its_list_shrinks)
{
    EXPECT_EQ(zincir::prompt_template("{% set l = [1, 2, 3] %}{% for i in l %}{% do l.pop() %}{{ i }}{% endfor %}", jinja())
                  .format(zincir::values()),
              "12");
}

}  // namespace

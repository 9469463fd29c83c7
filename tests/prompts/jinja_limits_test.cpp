#include <zincir/prompts/prompt_template.hpp>

#include <gtest/gtest.h>

namespace {

using zincir::errc;

zincir::template_options jinja()
{
    zincir::template_options o;
    o.format = zincir::template_format::jinja;
    return o;
}

std::string repeated(std::string_view part, std::size_t n)
{
    std::string all;
    for (; n > 0; --n)
        all += part;
    return all;
}

class jinja_bomb : public testing::TestWithParam<std::string> {};

TEST_P(jinja_bomb, ends_in_a_limit)
{
    try {
        zincir::prompt_template(GetParam(), jinja()).format(zincir::values());
        FAIL() << "it rendered";
    } catch (const zincir::error& e) {
        EXPECT_EQ(e.code(), errc::limit_exceeded) << e.what();
    }
}

INSTANTIATE_TEST_SUITE_P(
    of_each_kind, jinja_bomb,
    testing::Values("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                    "{{ range(1000000000)|list }}", "{{ 'a' * 1000000000 }}", "{{ 'a'|center(1000000000) }}",
                    "{{ 'a'|indent(1000000000, true) }}", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                    "{% set n = namespace(t='ab') %}{% for i in range(99) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
                    "{% set n = namespace(t=[1]) %}{% for i in range(99) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}",
                    "{% set l = [] %}{% do l.append(l) %}{{ l }}", "{% set l = [] %}{% do l.append(l) %}{{ l|tojson }}",
                    "{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}", "{{ 'a' ~ 'b' * 99999999 }}",
                    "{{ " + repeated("(", 100000) + "1" + repeated(")", 100000) + " }}",
                    "{{ " + repeated("[", 100000) + repeated("]", 100000) + " }}", "{{ " + repeated("not ", 100000) + "1 }}",
                    "{{ " + repeated("-", 100000) + "1 }}", repeated("{% if 1 %}", 50000),
                    "{{ 1" + repeated("|string", 50000) + " }}",
                    "{{ " + repeated("{1:", 50000) + "1" + repeated("}", 50000) + " }}", "{{ a" + repeated("[0]", 50000) + " }}"));

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
    for (const auto* text : {"{{ 9223372036854775807 + 1 }}", "{{ 2 ** 64 }}", "{{ -9223372036854775807 - 2 }}"})
        EXPECT_THROW(zincir::prompt_template(text, jinja()).format(zincir::values()), zincir::error) << text;
}

}  // namespace

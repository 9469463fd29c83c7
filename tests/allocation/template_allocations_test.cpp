// A rendering takes memory for its output, once, and for nothing else.

#include "allocation_counter.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/static_prompt_template.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using zincir::testing::allocations;

zincir::template_options syntax(zincir::template_format format)
{
    zincir::template_options options;
    options.format = format;
    return options;
}
zincir::template_options mustache() { return syntax(zincir::template_format::mustache); }
zincir::template_options jinja() { return syntax(zincir::template_format::jinja); }

std::size_t of_one_rendering(const zincir::prompt_template& t, const zincir::values& given, std::string_view expected)
{
    EXPECT_EQ(t.format(given), expected);
    const auto before = allocations::so_far();
    const auto text = t.format(given);
    return (allocations::so_far() - before).count;
}

TEST(template_allocations, of_mustache_variables_are_one_for_the_output)
{
    const zincir::prompt_template t("Tell {{who}} about {{a.topic}}, {{n}} times in {{{language}}}, {{x}}.", mustache());
    const zincir::values given("who", "Ada", "a", zincir::parse_json(R"({"topic": "bears"})"), "n", 3, "language", "Turkish", "x",
                               1.5);
    EXPECT_EQ(of_one_rendering(t, given, "Tell Ada about bears, 3 times in Turkish, 1.5."), 1U);
}

TEST(template_allocations, of_mustache_sections_are_one_for_the_output)
{
    const zincir::prompt_template t("{{#items}}\n- {{name}}{{#tags}} #{{.}}{{/tags}}{{^tags}} (none){{/tags}}\n{{/items}}",
                                    mustache());
    const zincir::values given("items", zincir::parse_json(R"([{"name": "a", "tags": ["x", "y"]}, {"name": "b", "tags": []}])"));
    EXPECT_EQ(of_one_rendering(t, given, "- a #x #y\n- b (none)\n"), 1U);
}

TEST(template_allocations, of_fstring_fields_are_one_for_the_output)
{
    const zincir::prompt_template t("Tell {who} about {topic}, {n} times in {language}, and then once more.");
    const zincir::values given("who", "Ada", "topic", "bears in winter", "n", 3, "language", "Turkish");
    EXPECT_LE(of_one_rendering(t, given, "Tell Ada about bears in winter, 3 times in Turkish, and then once more."), 1U);
}

TEST(template_allocations, of_jinja_variables_are_one_for_the_output)
{
    const zincir::prompt_template t("Tell {{ who }} about {{ a.topic }}, {{ n }} times in {{ language }}, {{ x }}.", jinja());
    const zincir::values given("who", "Ada", "a", zincir::parse_json(R"({"topic": "bears"})"), "n", 3, "language", "Turkish", "x",
                               1.5);
    EXPECT_EQ(of_one_rendering(t, given, "Tell Ada about bears, 3 times in Turkish, 1.5."), 1U);
}

zincir::values turns(std::size_t n)
{
    zincir::json::array all;
    for (std::size_t i = 0; i < n; ++i)
        all.push_back(zincir::parse_json(i % 2 == 0 ? R"({"role": "user", "content": "a question of some length"})"
                                                    : R"({"role": "assistant", "content": " an answer "})"));
    return zincir::values("messages", zincir::json::value(std::move(all)));
}

// What a chat template does with each message. Ten times the messages let the output double a few times more, and the values that
// tags make take their place in blocks of 16 KiB.
TEST(template_allocations, of_a_jinja_chat_do_not_grow_with_its_messages)
{
    const zincir::prompt_template t(
        "{% for m in messages %}{% set first = loop.index0 == 0 %}{% if m['role'] == 'user' and not first %}\n{% endif %}"
        "{{ '<|' + m.role + '|>' + m['content'] | trim }}{% if loop.last %}{{ '<|end|>' }}{% endif %}{% endfor %}",
        jinja());
    const auto few = turns(4);
    const auto many = turns(400);
    const auto count = [&](const zincir::values& given) { return of_one_rendering(t, given, t.format(given)); };
    EXPECT_LE(count(few), 3U);
    EXPECT_LE(count(many), 12U);
}

TEST(template_allocations, of_a_prompt_in_the_source_are_none_beside_the_output)
{
    using namespace zincir::literals;
    std::string out;
    out.reserve(200);
    const auto before = allocations::so_far();
    "Tell {who} about {topic}, {n} times in a text that is longer than a small string."_prompt.format_to(
        out, "who"_a = "Ada", "topic"_a = "bears", "n"_a = 3);
    EXPECT_EQ((allocations::so_far() - before).count, 0U);
    EXPECT_EQ(out, "Tell Ada about bears, 3 times in a text that is longer than a small string.");
}

}  // namespace

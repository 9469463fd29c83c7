// The three syntaxes and prompts in the source text beside fmt, which writes the same text into a buffer that is there already.

#include "count_allocations.hpp"

#include <zincir/prompts/prompt_template.hpp>
#include <zincir/prompts/static_prompt_template.hpp>

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>

namespace {

zincir::template_options syntax(zincir::template_format format)
{
    zincir::template_options options;
    options.format = format;
    return options;
}

void render_four_variables(benchmark::State& state, zincir::template_format format, std::string_view text)
{
    const zincir::prompt_template t(text, syntax(format));
    const zincir::values given("who", "Ada", "topic", "bears in winter", "language", "Turkish", "n", 3);
    count_allocations counter;
    for (auto _ : state)
        benchmark::DoNotOptimize(t.format(given));
    counter.done(state, state.iterations());
}

void fstring_of_four_variables(benchmark::State& state)
{
    render_four_variables(state, zincir::template_format::fstring, "Tell {who} about {topic} in {language}, in {n} sentences.");
}
BENCHMARK(fstring_of_four_variables);

void mustache_of_four_variables(benchmark::State& state)
{
    render_four_variables(state, zincir::template_format::mustache,
                          "Tell {{who}} about {{topic}} in {{language}}, in {{n}} sentences.");
}
BENCHMARK(mustache_of_four_variables);

void jinja_of_four_variables(benchmark::State& state)
{
    render_four_variables(state, zincir::template_format::jinja,
                          "Tell {{ who }} about {{ topic }} in {{ language }}, in {{ n }} sentences.");
}
BENCHMARK(jinja_of_four_variables);

void literal_of_four_variables(benchmark::State& state)
{
    using namespace zincir::literals;
    constexpr auto t = "Tell {who} about {topic} in {language}, in {n} sentences."_prompt;
    const std::string who = "Ada";
    const std::string topic = "bears in winter";
    const std::string language = "Turkish";
    int n = 3;
    std::string out;
    count_allocations counter;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(n);
        t.format_to(out, "who"_a = who, "topic"_a = topic, "language"_a = language, "n"_a = n);
        benchmark::DoNotOptimize(out.data());
    }
    counter.done(state, state.iterations());
}
BENCHMARK(literal_of_four_variables);

void fmt_of_four_variables(benchmark::State& state)
{
    const std::string who = "Ada";
    const std::string topic = "bears in winter";
    const std::string language = "Turkish";
    int n = 3;
    std::string out;
    count_allocations counter;
    for (auto _ : state) {
        out.clear();
        benchmark::DoNotOptimize(n);
        fmt::format_to(std::back_inserter(out), "Tell {} about {} in {}, in {} sentences.", who, topic, language, n);
        benchmark::DoNotOptimize(out.data());
    }
    counter.done(state, state.iterations());
}
BENCHMARK(fmt_of_four_variables);

}  // namespace

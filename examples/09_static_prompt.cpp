// A prompt that the compiler reads: a misspelt variable does not compile.
//
//   $ scripts/run.sh static_prompt --model offline "Türkiye'nin başkenti Ankara'dır. Nüfusu beş milyondan fazladır."
//   asks: Summarise in 1 sentence: Türkiye'nin başkenti Ankara'dır. Nüfusu beş milyondan fazladır.
//   [zincir offline model: fixed rules, no language model]
//   Nüfusu beş milyondan fazladır.

#include <zincir/prompts/static_prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

struct summary_request {
    std::string text;
    int sentences = 1;
};
BOOST_DESCRIBE_STRUCT(summary_request, (), (text, sentences))

constexpr auto summarise = "Summarise in {sentences} sentence: {text}"_prompt;

awaitable<void> static_prompt(example::arguments args)
{
    summary_request request;
    request.text = args.text("Bears sleep through the winter. They wake up in spring, and they are hungry.");
    fmt::print("asks: {}\n", summarise.format("sentences"_a = request.sentences, "text"_a = request.text));

    const auto chain = summarise.of<summary_request>() | args.model() | to_text();
    fmt::print("{}\n", co_await chain.invoke(std::move(request)));
}

int main(int argc, char** argv) { return example::run(argc, argv, "static_prompt [text]", static_prompt); }

// A first chain: a prompt, a model and a parser, piped together.
//
//   $ scripts/run.sh hello --model offline
//   [zincir offline model: fixed rules, no language model]
//   I have no rule for this: Tell me one fact about honey bees, in one short sentence.

#include <zincir/prompts/prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

awaitable<void> hello(example::arguments args)
{
    auto prompt = prompt_template("Tell me one fact about {topic}, in one short sentence.");
    auto chain = prompt | args.model() | to_text();

    std::string answer = co_await chain.invoke(args.text("honey bees"));
    fmt::print("{}\n", answer);
}

int main(int argc, char** argv) { return example::run(argc, argv, "hello [topic]", hello); }

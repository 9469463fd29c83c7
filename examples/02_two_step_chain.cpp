// Two steps on one model: the first drafts a text, the second rewrites or translates it. Both arrive word by word.
//
//   $ scripts/run.sh two_step_chain --model offline
//   Draft
//   [zincir offline model: fixed rules, no language model]
//   I have no rule for this: Explain in two sentences why the sky is blue.
//
//   Rewrite this text in one short, simple sentence
//   [zincir offline model: fixed rules, no language model]
//   I have no rule for this: Explain in two sentences why the sky is blue.
//
//   offline · 56 tokens in, 40 out · … s

#include <zincir/prompts/prompt_template.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

// Prints a reply while it arrives, and returns it whole.
awaitable<message> show(std::string title, stream<message_chunk> pieces)
{
    fmt::print("{}\n", title);
    message_builder reply;
    while (auto piece = co_await pieces.next()) {
        fmt::print("{}", piece->text());
        std::fflush(stdout);
        reply.add(std::move(*piece));
    }
    fmt::print("\n\n");
    auto whole = reply.take();
    example::tell(whole);
    co_return whole;
}

awaitable<void> two_steps(example::arguments args)
{
    const auto start = std::chrono::steady_clock::now();
    chat_options options;
    options.max_output_tokens = 120;
    options.temperature = 0.2;
    auto model = args.model(options);

    auto draft = prompt_template("Explain in two sentences {topic}.") | model;
    auto rework = prompt_template("{task}:\n\n{text}") | model;

    auto first = co_await show("Draft", draft.stream(args.text("why the sky is blue")));

    auto language = args.option("--translate-to", "");
    auto task = language.empty() ? "Rewrite this text in one short, simple sentence" : "Translate this text into " + language;
    auto second = co_await show(task, rework.stream(values("task", task, "text", first.text())));

    const usage spent = first.usage().value_or(usage()) + second.usage().value_or(usage());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    fmt::print("{} · {} tokens in, {} out · {:.1f} s\n", second.model(), spent.input_tokens, spent.output_tokens, seconds.count());
}

int main(int argc, char** argv) { return example::run(argc, argv, "two_step_chain [topic] [--translate-to LANGUAGE]", two_steps); }

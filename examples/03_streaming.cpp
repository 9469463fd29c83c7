// A chain that passes on each piece of the model's text as it comes, stopped after the first few: leaving a stream ends the
// request.
//
//   $ scripts/run.sh streaming --model offline --pieces 14
//   0 prompt_template: answers whole
//   1 chat_model(offline): streams
//   2 to_text: continues in pieces
//
//   [zincir offline model: fixed rules, no language model]
//   I have no rule for this:
//   14 pieces, the first after … ms; the rest was not waited for

#include <zincir/prompts/prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

awaitable<void> streaming(example::arguments args)
{
    auto prompt = prompt_template("Write a short story about {topic}.");
    auto chain = prompt | args.model() | to_text();
    fmt::print("{}\n", chain.explain());

    const std::size_t limit = args.number("--pieces", 40);
    const auto start = std::chrono::steady_clock::now();
    std::chrono::duration<double, std::milli> first{};
    std::size_t count = 0;
    {
        stream<std::string> pieces = chain.stream(args.text("a fox who learns to read"));
        while (auto piece = co_await pieces.next()) {
            if (count == 0)
                first = std::chrono::steady_clock::now() - start;
            fmt::print("{}", *piece);
            std::fflush(stdout);
            if (++count == limit)
                break;
        }
    }  // the stream ends here, and with it the request: the connection closes at once
    fmt::print("\n{} pieces, the first after {:.0f} ms{}\n", count, first.count(),
               count == limit ? "; the rest was not waited for" : "");
}

int main(int argc, char** argv) { return example::run(argc, argv, "streaming [topic] [--pieces N]", streaming); }

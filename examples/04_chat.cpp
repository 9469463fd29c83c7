// A conversation on the terminal. The model is sent all of it each time, so it can refer to what was said. Ctrl-D ends it.
//
//   $ scripts/run.sh chat --model offline < tests/examples/chat_input.txt
//   [zincir offline model: fixed rules, no language model]
//   I have no rule for this: My cat is called Boncuk and she likes fish.
//
//   [zincir offline model: fixed rules, no language model]
//   I found: My cat is called Boncuk and she likes fish.
//
//   [zincir offline model: fixed rules, no language model]
//   I have no rule for this: Ilık süt içer, ağaca çıkar.
//
//   3 turns, 7 messages

#include <zincir/core/chat_model.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

awaitable<void> chat(example::arguments args)
{
    auto model = args.model();
    messages history(zincir::system(args.option("--system", "You are friendly and brief.")));

    std::size_t turns = 0;
    while (auto line = co_await example::read_line("\nyou> ")) {
        if (line->empty())
            continue;
        history.push_back(user(*line));

        message_builder reply;
        auto pieces = model.stream(history);
        while (auto piece = co_await pieces.next()) {
            fmt::print("{}", piece->text());
            std::fflush(stdout);
            reply.add(std::move(*piece));
        }
        fmt::print("\n\n");
        history.push_back(reply.take());
        example::tell(history.back());
        ++turns;
    }
    fmt::print("{} turns, {} messages\n", turns, history.size());
}

int main(int argc, char** argv) { return example::run(argc, argv, "chat [--system TEXT]", chat); }

// A model of your own: `generate` is enough; with `stream` it answers in pieces. It then works wherever a model does.
//
//   $ scripts/run.sh custom_backend
//   Arrr! Honey bees dance to show where the flowers are, matey!
//   Arrr! |Honey |bees |dance |to |show |where |the |flowers |are, |matey!|

#include <zincir/core/chat_model.hpp>
#include <zincir/prompts/prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

class pirate_backend final : public chat_backend {
public:
    awaitable<message> generate(chat_request request, run_context) const override { co_return assistant(answer(request)); }

    // The function inside is called for each piece that somebody asks for. The last piece says that the reply is complete.
    zincir::stream<message_chunk> stream(chat_request request, run_context) const override
    {
        return zincir::stream<message_chunk>([rest = answer(request)]() mutable -> awaitable<std::optional<message_chunk>> {
            if (rest.empty())
                co_return std::nullopt;
            const auto end = std::min(rest.find(' '), rest.size() - 1) + 1;
            message_chunk piece(rest.substr(0, end));
            rest.erase(0, end);
            if (rest.empty()) {
                auto facts = std::make_shared<chunk_facts>();
                facts->finish = finish_reason::stop;
                piece.facts = std::move(facts);
            }
            co_return piece;
        });
    }

private:
    static std::string answer(const chat_request& request) { return "Arrr! " + request.messages.back().text() + ", matey!"; }
};

awaitable<void> custom_backend(example::arguments args)
{
    auto chain = prompt_template("{text}") | make_chat_model<pirate_backend>() | to_text();
    auto input = args.text("Honey bees dance to show where the flowers are");
    fmt::print("{}\n", co_await chain.invoke(input));
    auto pieces = chain.stream(input);
    while (auto piece = co_await pieces.next())
        fmt::print("{}|", *piece);
    fmt::print("\n");
}

int main(int argc, char** argv) { return example::run(argc, argv, "custom_backend [text]", custom_backend); }

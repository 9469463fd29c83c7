// How often a chain allocates, in numbers that a change must not raise. Coroutine frames count, too: Asio recycles those of up to
// 1020 bytes, so a frame that grows beyond shows here first.

#include "allocation_counter.hpp"

#include <zincir/core/chain.hpp>
#include <zincir/core/chat_model.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace {

using zincir::awaitable;
using zincir::message;
using zincir::run_context;
using zincir::testing::allocations;

/// Answers at once from memory: the network's part is left out, the library's is not.
class memory_backend final : public zincir::chat_backend {
public:
    awaitable<message> generate(zincir::chat_request, run_context) const override
    {
        message reply(zincir::role::assistant, std::string("Bears sleep through the winter and wake up in spring."));
        reply.finish = zincir::finish_reason::stop;
        co_return reply;
    }

    /// As many short deltas as the last message has bytes.
    zincir::stream<zincir::message_chunk> stream(zincir::chat_request request, run_context) const override
    {
        const auto deltas = request.messages.back().text().size();
        return zincir::stream<zincir::message_chunk>(
            [left = deltas, last = false]() mutable -> awaitable<std::optional<zincir::message_chunk>> {
                if (left > 0) {
                    --left;
                    co_return zincir::message_chunk(" bear", 1);
                }
                if (std::exchange(last, true))
                    co_return std::nullopt;
                auto facts = std::make_shared<zincir::chunk_facts>();
                facts->finish = zincir::finish_reason::stop;
                zincir::message_chunk end;
                end.facts = std::move(facts);
                co_return end;
            });
    }
};

auto three_steps()
{
    return zincir::chat_prompt_template(zincir::system("You are an assistant who knows about animals."),
                                        zincir::user("{question}")) |
           zincir::make_chat_model<memory_backend>() | zincir::to_text();
}

const zincir::values question("question", "Tell me one fact about bears.");

template <class Chain, class Input>
awaitable<double> per_call(const Chain& chain, Input input)
{
    constexpr int rounds = 100;
    for (int i = 0; i < 10; ++i)
        (void)co_await chain.invoke(input);
    // The copies of the input that the calls consume are made before the count.
    std::vector<Input> inputs(rounds, input);
    const auto before = allocations::so_far();
    for (auto& one : inputs)
        (void)co_await chain.invoke(std::move(one));
    co_return static_cast<double>((allocations::so_far() - before).count) / rounds;
}

template <class Chain>
awaitable<std::size_t> of_stream(const Chain& chain, std::size_t deltas)
{
    auto pieces = chain.stream(zincir::values("question", std::string(deltas, 'x')));
    const auto before = allocations::so_far();
    while (co_await pieces.next()) {
    }
    co_return (allocations::so_far() - before).count;
}

TEST(allocations, are_counted)
{
    const auto before = allocations::so_far();
    ::operator delete(::operator new(1));  // a new expression might be optimised away
    EXPECT_EQ((allocations::so_far() - before).count, 1U);
}

TEST(allocations, of_a_pipe_of_three_functions_are_none)
{
    const auto add = [](int i) { return i + 1; };
    const auto chain = zincir::make_step(add) | add | add;
    EXPECT_EQ(zincir::sync_wait(per_call(chain, 1)), 0);
}

TEST(allocations, of_prompt_model_and_parser_are_at_most_six)
{
    const auto chain = three_steps();
    EXPECT_LE(zincir::sync_wait(per_call(chain, question)), 6);
}

TEST(allocations, of_the_erased_chain_are_at_most_six_too)
{
    const zincir::chain<zincir::values, std::string> chain = three_steps();
    EXPECT_LE(zincir::sync_wait(per_call(chain, question)), 6);
}

TEST(allocations, of_a_stream_do_not_grow_with_its_deltas)
{
    const auto chain = three_steps();
    const auto few = zincir::sync_wait(of_stream(chain, 100));
    const auto many = zincir::sync_wait(of_stream(chain, 1100));
    EXPECT_EQ(many, few);
}

}  // namespace

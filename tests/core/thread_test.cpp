// What is shared by calls on several threads: chains, models, contexts. Run under ThreadSanitizer, too.

#include <zincir/core/batch.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/chat_model.hpp>
#include <zincir/core/runtime.hpp>

#include "thrown.hpp"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <vector>

namespace zincir {
namespace {

class counter : public observer {
public:
    void on_start(const run_context& ctx, std::string_view) override { started += ctx.path().empty() ? 0 : 1; }
    void on_end(const run_context&, std::string_view) override { ++ended; }
    std::atomic<int> started = 0;
    std::atomic<int> ended = 0;
};

class echo : public chat_backend {
public:
    awaitable<message> generate(chat_request request, run_context) const override
    {
        auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
        co_return assistant(request.messages.back().text());
    }
};

constexpr int calls = 64;

TEST(chain, is_invoked_and_streamed_by_many_threads_at_once)
{
    auto watcher = std::make_shared<counter>();
    const auto ctx = run_context().with_observer(watcher).with_tag("shared");
    const chain ask = make_step([](int n) { return messages(std::to_string(n)); }) | make_chat_model<echo>() |
                      [](const message& reply) { return reply.text(); };
    runtime rt(4);
    std::vector<job<std::string>> whole;
    std::vector<job<std::string>> streamed;
    for (int i = 0; i < calls; ++i) {
        whole.push_back(rt.spawn(ask.invoke(i, ctx)));
        streamed.push_back(rt.spawn(collect(ask.stream(i, ctx))));
    }
    for (std::size_t i = 0; i < calls; ++i) {
        EXPECT_EQ(whole[i].get(), std::to_string(i));
        EXPECT_EQ(streamed[i].get(), std::to_string(i));
    }
    constexpr int steps = calls * 2 * 3;  // three steps, invoked and streamed
    EXPECT_EQ(watcher->started, steps);
    EXPECT_EQ(watcher->ended, steps);
}

TEST(chat_model, is_changed_by_many_threads_at_once_each_for_itself)
{
    const auto model = make_chat_model<echo>();
    auto own = [](chat_model m, int n) -> awaitable<std::int64_t> {
        chat_options over;
        over.seed = n;
        const auto changed = m.with(over);
        co_await changed.invoke("x");
        co_return *changed.options().seed;
    };
    runtime rt(4);
    std::vector<job<std::int64_t>> seeds;
    for (int i = 0; i < calls; ++i)
        seeds.push_back(rt.spawn(own(model, i)));
    for (int i = 0; i < calls; ++i)
        EXPECT_EQ(seeds[static_cast<std::size_t>(i)].get(), i);
}

TEST(batch, runs_on_one_strand_whatever_the_number_of_threads)
{
    runtime rt(4);
    // Were two inputs at work on two threads at once, the plain counter would lose steps.
    auto plain = std::make_shared<int>(0);
    auto step = make_step([plain](int n) -> awaitable<int> {
        auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 50; ++i) {
            co_await asio::post(executor, asio::use_awaitable);
            ++*plain;
        }
        co_return n;
    });
    rt.run(batch(step, std::vector<int>(20, 1), batch_options(10)));
    EXPECT_EQ(*plain, 20 * 50);
}

TEST(job, is_cancelled_by_several_threads_at_once)
{
    runtime rt(4);
    auto endless = []() -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        for (;;)
            co_await asio::post(executor, asio::use_awaitable);
    };
    auto victim = rt.spawn(endless());
    auto cancelling = [&victim]() -> awaitable<void> {
        victim.cancel();
        co_return;
    };
    std::vector<job<void>> hands;
    for (int i = 0; i < 8; ++i)
        hands.push_back(rt.spawn(cancelling()));
    for (auto& hand : hands)
        hand.get();
    EXPECT_EQ(testing::thrown_by([&] { victim.get(); }).code(), errc::cancelled);
}

}  // namespace
}  // namespace zincir

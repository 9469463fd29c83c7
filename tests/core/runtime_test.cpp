#include <zincir/core/error.hpp>
#include <zincir/core/runtime.hpp>

#include "stage.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>

namespace zincir {
namespace {

using testing::thrown_by;
using testing::tracked;

awaitable<std::thread::id> where() { co_return std::this_thread::get_id(); }

// Waits until it is cancelled.
awaitable<int> forever(std::shared_ptr<std::promise<void>> started = nullptr)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    if (started)
        started->set_value();
    co_await timer.async_wait(asio::use_awaitable);
    co_return 0;
}

TEST(runtime, runs_work_on_its_own_thread)
{
    runtime rt;
    EXPECT_NE(rt.run(where()), std::this_thread::get_id());
}

TEST(runtime, run_throws_what_the_work_throws)
{
    runtime rt;
    auto bad = []() -> awaitable<int> {
        throw error(errc::not_found, "nothing");
        co_return 1;
    };
    EXPECT_EQ(thrown_by([&] { rt.run(bad()); }).code(), errc::not_found);
}

TEST(runtime, running_on_its_own_thread_is_refused_where_it_would_wait_for_itself)
{
    runtime rt;
    auto nested = [&rt]() -> awaitable<std::thread::id> { co_return rt.run(where()); };
    EXPECT_EQ(thrown_by([&] { rt.run(nested()); }).code(), errc::invalid_argument);
}

TEST(runtime, zero_threads_count_as_one)
{
    runtime rt(0);
    EXPECT_NO_THROW(rt.run(where()));
}

TEST(runtime, many_calls_run_side_by_side_each_on_one_strand)
{
    runtime rt(4);
    // One call hops many times; were it on two threads at once, the plain counter would lose steps.
    auto hopping = []() -> awaitable<int> {
        int steps = 0;
        auto executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 200; ++i) {
            co_await asio::post(executor, asio::use_awaitable);
            ++steps;
        }
        co_return steps;
    };
    std::vector<job<int>> jobs;
    for (int i = 0; i < 50; ++i)
        jobs.push_back(rt.spawn(hopping()));
    for (auto& j : jobs)
        EXPECT_EQ(j.get(), 200);
}

TEST(job, cancel_ends_the_call_from_another_thread)
{
    runtime rt;
    auto started = std::make_shared<std::promise<void>>();
    auto running = started->get_future();
    auto j = rt.spawn(forever(started));
    running.wait();
    j.cancel();
    j.cancel();
    EXPECT_EQ(thrown_by([&] { j.get(); }).code(), errc::cancelled);
    j.cancel();
}

TEST(job, cancelling_before_the_call_began_ends_it_too)
{
    runtime rt;
    auto j = rt.spawn(forever());
    j.cancel();
    EXPECT_EQ(thrown_by([&] { j.get(); }).code(), errc::cancelled);
}

TEST(job, can_be_waited_for_a_while)
{
    runtime rt;
    auto j = rt.spawn(forever());
    EXPECT_FALSE(j.wait_for(std::chrono::milliseconds(1)));
    j.cancel();
    EXPECT_TRUE(j.wait_for(std::chrono::seconds(10)));
}

TEST(job, gives_a_result_that_can_only_be_moved)
{
    runtime rt;
    auto make = []() -> awaitable<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    EXPECT_EQ(*rt.spawn(make()).get(), 7);
}

TEST(job, dropping_the_handle_lets_the_call_go_on)
{
    runtime rt;
    std::promise<int> done;
    auto work = [&done]() -> awaitable<void> {
        done.set_value(1);
        co_return;
    };
    {
        auto dropped = rt.spawn(work());
    }
    EXPECT_EQ(done.get_future().get(), 1);
}

TEST(runtime, its_destructor_cancels_and_waits)
{
    int alive = 0;
    std::optional<job<int>> j;
    {
        runtime rt(2);
        auto started = std::make_shared<std::promise<void>>();
        auto running = started->get_future();
        auto guarded = [](std::shared_ptr<std::promise<void>> s, tracked) -> awaitable<int> {
            co_return co_await forever(std::move(s));
        };
        j = rt.spawn(guarded(started, tracked(alive)));
        running.wait();
    }
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(thrown_by([&] { j->get(); }).code(), errc::cancelled);
}

}  // namespace
}  // namespace zincir

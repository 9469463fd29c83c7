#include <zincir/core/error.hpp>
#include <zincir/core/sync_wait.hpp>

#include "stage.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace zincir {
namespace {

using testing::thrown_by;

awaitable<int> answer(int n) { co_return n; }

TEST(sync_wait, returns_the_value)
{
    EXPECT_EQ(sync_wait(answer(42)), 42);
    auto pointer = []() -> awaitable<std::unique_ptr<int>> { co_return std::make_unique<int>(1); };
    EXPECT_EQ(*sync_wait(pointer()), 1);
}

TEST(sync_wait, returns_after_work_without_a_value)
{
    bool ran = false;
    auto work = [&ran]() -> awaitable<void> {
        ran = true;
        co_return;
    };
    sync_wait(work());
    EXPECT_TRUE(ran);
}

TEST(sync_wait, throws_every_exception_as_an_error)
{
    auto ours = []() -> awaitable<void> {
        throw error(errc::refusal, "no");
        co_return;
    };
    auto foreign = []() -> awaitable<int> {
        throw std::runtime_error("foreign");
        co_return 1;
    };
    EXPECT_EQ(thrown_by([&] { sync_wait(ours()); }).code(), errc::refusal);
    EXPECT_THROW(sync_wait(foreign()), error);
}

TEST(sync_wait, an_interrupt_cancels_the_work_where_asked)
{
    auto work = []() -> awaitable<void> {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        std::raise(SIGINT);
        co_await timer.async_wait(asio::use_awaitable);
    };
    const auto e = thrown_by([&] { sync_wait(work(), on_interrupt::cancel); });
    EXPECT_EQ(e.code(), errc::cancelled);
}

TEST(sync_wait, gives_the_signals_back_afterwards)
{
    sync_wait(answer(1), on_interrupt::cancel);
    struct sigaction now{};
    sigaction(SIGINT, nullptr, &now);
    EXPECT_EQ(now.sa_handler, SIG_DFL);  // NOLINT
}

TEST(sync_wait, may_be_nested)
{
    auto outer = []() -> awaitable<int> {
        const auto inner = sync_wait(answer(20));
        co_return inner + co_await answer(1);
    };
    EXPECT_EQ(sync_wait(outer()), 21);
}

}  // namespace
}  // namespace zincir

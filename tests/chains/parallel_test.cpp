#include <zincir/chains/parallel.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/sync_wait.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>

namespace zincir {
namespace {

using ::testing::ElementsAre;
using testing::gate;
using testing::stage;
using testing::thrown_by;

auto length = [](const std::string& s) { return s.size(); };
auto doubled = [](const std::string& s) { return s + s; };

auto waits_at(gate door)
{
    return make_step([door](int n) -> awaitable<int> {
        co_await door.pass();
        co_return n;
    });
}

TEST(parallel, yields_the_outputs_in_order)
{
    const auto s = parallel(make_step(length), make_step(doubled));
    EXPECT_EQ(sync_wait(s.invoke("ab")), std::tuple(2U, std::string("abab")));
}

TEST(parallel, pipes_into_a_function_of_the_tuple)
{
    const chain c = parallel(make_step(length), make_step(doubled)) |
                    [](std::tuple<std::size_t, std::string> t) { return std::get<1>(t) + std::to_string(std::get<0>(t)); };
    EXPECT_EQ(sync_wait(c.invoke("x")), "xx1");
}

TEST(parallel, runs_all_at_the_same_time)
{
    stage on;
    gate door;
    auto call = on.start(parallel(waits_at(door), waits_at(door), waits_at(door)).invoke(1));
    on.settle();
    EXPECT_EQ(door.waiting(), 3);
    door.open();
    on.settle();
    EXPECT_EQ(call.get(), std::tuple(1, 1, 1));
}

TEST(parallel, the_first_failure_ends_the_others_before_it_is_thrown)
{
    stage on;
    gate never;
    gate door;
    auto failing = make_step([door](int) -> awaitable<int> {
        co_await door.pass();
        throw error(errc::refusal, "no");
    });
    auto call = on.start(parallel(waits_at(never), failing, waits_at(never)).invoke(1));
    on.settle();
    EXPECT_FALSE(call.ended());
    door.open();
    on.settle();
    ASSERT_TRUE(call.ended());
    EXPECT_EQ(call.failure().code(), errc::refusal);
    EXPECT_EQ(call.failure().facts().step, "parallel[1]");
    EXPECT_EQ(never.cancelled(), 2);
    EXPECT_EQ(never.waiting(), 0);
}

TEST(parallel, a_named_branch_is_named_in_the_path)
{
    const chain inner = make_step([](int n) { return n; }) | [](int) -> int { throw error(errc::refusal, "no"); };
    const chain c = make_step([](int n) { return n; }) |
                    parallel(branch("question", make_step([](int n) { return n; })), branch("context", inner));
    EXPECT_EQ(thrown_by([&] { sync_wait(c.invoke(1)); }).facts().step, "chain[1]/parallel.context/chain[1]");
}

TEST(parallel, cancelling_ends_every_branch)
{
    stage on;
    gate never;
    auto call = on.start(parallel(waits_at(never), waits_at(never)).invoke(1));
    on.settle();
    call.cancel();
    on.settle();
    ASSERT_TRUE(call.ended());
    EXPECT_TRUE(call.failure().is(condition::stopped));
    EXPECT_EQ(never.cancelled(), 2);
}

TEST(parallel, tells_the_observer_of_each_branch)
{
    class recorder : public observer {
    public:
        void on_start(const run_context& ctx, std::string_view step) override
        {
            started.push_back(std::string(ctx.path()) + " " + std::string(step));
        }
        std::vector<std::string> started{};
    };
    auto watcher = std::make_shared<recorder>();
    const auto s = parallel(branch("a", make_step(length)), make_step(doubled));
    sync_wait(s.invoke("x", run_context().with_observer(watcher)));
    EXPECT_THAT(watcher->started, ElementsAre("parallel.a function", "parallel[1] function"));
}

}  // namespace
}  // namespace zincir

#include <zincir/core/batch.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/sync_wait.hpp>

#include "recorder.hpp"
#include "stage.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace zincir {
namespace {

using ::testing::ElementsAre;
using testing::gate;
using ::testing::IsEmpty;
using testing::recorder;
using testing::stage;
using testing::thrown_by;

std::vector<int> numbers(int n)
{
    std::vector<int> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

TEST(batch, keeps_the_inputs_order_whichever_ends_first)
{
    stage on;
    std::vector<gate> doors(3);
    auto step = make_step([&doors](int i) -> awaitable<int> {
        co_await doors[static_cast<std::size_t>(i)].pass();
        co_return 10 * i;
    });
    auto call = on.start(batch(step, numbers(3)));
    on.settle();
    for (auto i : {2U, 0U, 1U}) {
        doors[i].open();
        on.settle();
    }
    EXPECT_THAT(call.get(), ElementsAre(0, 10, 20));
}

TEST(batch, of_nothing_is_nothing)
{
    EXPECT_THAT(sync_wait(batch(make_step([](int n) { return n; }), std::vector<int>())), IsEmpty());
}

TEST(batch, has_at_most_n_at_work)
{
    stage on;
    gate door;
    int at_work = 0;
    int most = 0;
    auto step = make_step([&, door](int i) -> awaitable<int> {
        most = std::max(most, ++at_work);
        co_await door.pass();
        --at_work;
        co_return i;
    });
    auto call = on.start(batch(step, numbers(10), batch_options(3)));
    on.settle();
    EXPECT_EQ(at_work, 3);
    door.open();
    on.settle();
    EXPECT_EQ(call.get().size(), 10U);
    EXPECT_EQ(most, 3);
}

TEST(batch, zero_in_flight_counts_as_one)
{
    EXPECT_THAT(sync_wait(batch(make_step([](int n) { return n; }), numbers(3), batch_options(0))), ElementsAre(0, 1, 2));
}

TEST(batch, moves_inputs_and_outputs_that_cannot_be_copied)
{
    std::vector<std::unique_ptr<int>> inputs;
    for (int i = 0; i < 3; ++i)
        inputs.push_back(std::make_unique<int>(i));
    auto outputs = sync_wait(batch(make_step([](std::unique_ptr<int> p) { return p; }), std::move(inputs)));
    ASSERT_EQ(outputs.size(), 3U);
    EXPECT_EQ(*outputs[2], 2);
}

TEST(batch, reports_progress)
{
    std::vector<std::pair<std::size_t, std::size_t>> seen;
    batch_options options(1);
    options.on_done = [&](std::size_t index, std::size_t done) { seen.emplace_back(index, done); };
    sync_wait(batch(make_step([](int n) { return n; }), numbers(3), options));
    EXPECT_THAT(seen, ElementsAre(std::pair(0U, 1U), std::pair(1U, 2U), std::pair(2U, 3U)));
}

TEST(batch, tells_the_observer_of_each_input)
{
    auto watcher = std::make_shared<recorder>();
    auto step = make_step([](int n) {
        if (n == 1)
            throw error(errc::refusal, "one");
        return n;
    });
    sync_wait(try_batch(step, numbers(2), batch_options(1), run_context().with_observer(watcher)));
    EXPECT_THAT(watcher->notes, ElementsAre("start batch[0] function", "end batch[0] function", "start batch[1] function",
                                            "error refusal batch[1] function"));
}

TEST(batch, what_the_progress_report_throws_ends_it)
{
    batch_options options(1);
    options.on_done = [](std::size_t, std::size_t done) {
        if (done == 2)
            throw std::runtime_error("the disk is full");
    };
    int ran = 0;
    auto step = make_step([&ran](int n) {
        ++ran;
        return n;
    });
    EXPECT_EQ(thrown_by([&] { sync_wait(try_batch(step, numbers(5), options)); }).code(), errc::foreign_exception);
    EXPECT_EQ(ran, 2);
}

TEST(batch, the_first_failure_names_its_input_and_stops_the_others_before_it_returns)
{
    stage on;
    gate never;
    gate door;
    int started = 0;
    auto step = make_step([&started, never, door](int i) -> awaitable<int> {
        ++started;
        if (i == 1) {
            co_await door.pass();
            throw error(errc::refusal, "not this one");
        }
        co_await never.pass();
        co_return i;
    });
    auto call = on.start(batch(step, numbers(100), batch_options(4)));
    on.settle();
    EXPECT_FALSE(call.ended());
    door.open();
    on.settle();
    ASSERT_TRUE(call.ended());
    EXPECT_EQ(call.failure().code(), errc::refusal);
    EXPECT_EQ(call.failure().facts().step, "batch[1]");
    EXPECT_EQ(started, 4);
    EXPECT_EQ(never.cancelled(), 3);
    EXPECT_EQ(never.waiting(), 0);
}

TEST(batch, writes_the_whole_path)
{
    const chain inner = make_step([](int n) { return n; }) | [](int n) {
        if (n == 2)
            throw error(errc::refusal, "two");
        return n;
    };
    const auto outer = make_step([](int n) { return numbers(n); }) |
                       make_step<std::vector<int>>([inner](std::vector<int> all) { return batch(inner, std::move(all)); });
    EXPECT_EQ(thrown_by([&] { sync_wait(outer.invoke(4)); }).facts().step, "chain[1]/batch[2]/chain[1]");
}

TEST(batch, cancelling_ends_every_child_before_it_returns)
{
    stage on;
    gate never;
    auto step = make_step([never](int i) -> awaitable<int> {
        co_await never.pass();
        co_return i;
    });
    auto call = on.start(batch(step, numbers(5), batch_options(5)));
    on.settle();
    EXPECT_EQ(never.waiting(), 5);
    call.cancel();
    on.settle();
    ASSERT_TRUE(call.ended());
    EXPECT_TRUE(call.failure().is(condition::stopped));
    EXPECT_EQ(never.cancelled(), 5);
    EXPECT_EQ(never.waiting(), 0);
}

TEST(try_batch, puts_a_failure_in_the_place_of_its_input)
{
    auto step = make_step([](int n) {
        if (n % 2)
            throw error(errc::output_mismatch, "odd");
        return n;
    });
    auto outputs = sync_wait(try_batch(step, numbers(4), batch_options(2)));
    ASSERT_EQ(outputs.size(), 4U);
    EXPECT_EQ(outputs[0].value(), 0);
    EXPECT_EQ(outputs[2].value(), 2);
    EXPECT_EQ(outputs[1].error().code(), errc::output_mismatch);
    EXPECT_EQ(outputs[3].error().facts().step, "batch[3]");
}

TEST(try_batch, throws_only_when_cancelled)
{
    stage on;
    gate never;
    auto step = make_step([never](int i) -> awaitable<int> {
        if (i == 0)
            throw error(errc::refusal, "no");
        co_await never.pass();
        co_return i;
    });
    auto call = on.start(try_batch(step, numbers(3), batch_options(2)));
    on.settle();
    EXPECT_FALSE(call.ended());
    call.cancel();
    on.settle();
    ASSERT_TRUE(call.ended());
    EXPECT_TRUE(call.failure().is(condition::stopped));
    EXPECT_EQ(never.waiting(), 0);
}

TEST(run_group, waits_for_all_when_not_told_to_stop)
{
    stage on;
    gate door;
    std::vector<awaitable<void>> tasks;
    auto failing = []() -> awaitable<void> {
        throw error(errc::connection, "first");
        co_return;
    };
    tasks.push_back(door.pass());
    tasks.push_back(failing());
    auto call = on.start(detail::run_group(std::move(tasks), false));
    on.settle();
    EXPECT_FALSE(call.ended());
    door.open();
    on.settle();
    auto outcome = call.get();
    EXPECT_EQ(outcome.errors.size(), 2U);
    EXPECT_FALSE(outcome.errors[0]);
    EXPECT_TRUE(outcome.errors[1]);
    EXPECT_EQ(to_error(outcome.first).code(), errc::connection);
}

}  // namespace
}  // namespace zincir

#include <zincir/chains/timeout.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/sync_wait.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>

namespace zincir {
namespace {

using namespace std::chrono_literals;
using testing::gate;
using ::testing::HasSubstr;
using testing::stage;
using testing::thrown_by;

auto waits_at(gate door)
{
    return make_step([door](int n) -> awaitable<int> {
        co_await door.pass();
        co_return n;
    });
}

// Yields numbers, and waits at a gate before the third.
struct dripping : step<int, std::string> {
    explicit dripping(gate g) : door(std::move(g)) {}
    awaitable<std::string> invoke(int, run_context) const { co_return ""; }
    zincir::stream<std::string> stream(int, run_context) const
    {
        return zincir::stream<std::string>([door = door, n = 0]() mutable -> awaitable<std::optional<std::string>> {
            if (++n == 3)
                co_await door.pass();
            co_return std::to_string(n);
        });
    }
    gate door;
};

TEST(with_timeout, lets_a_quick_step_through_and_leaves_no_timer)
{
    stage on;
    auto call = on.start(with_timeout(make_step([](int n) { return n + 1; }), 1h).invoke(1));
    EXPECT_TRUE(on.finish());
    EXPECT_EQ(call.get(), 2);
}

TEST(with_timeout, lets_a_step_through_that_waited)
{
    stage on;
    gate door;
    auto call = on.start(with_timeout(waits_at(door), 1h).invoke(1));
    on.settle();
    EXPECT_FALSE(call.ended());
    door.open();
    EXPECT_TRUE(on.finish());
    EXPECT_EQ(call.get(), 1);
}

TEST(with_timeout, cancels_a_slow_step_and_says_where)
{
    stage on;
    gate never;
    const chain c = make_step([](int n) { return n; }) | with_timeout(waits_at(never), 5ms);
    auto call = on.start(c.invoke(1));
    EXPECT_TRUE(on.finish());
    EXPECT_EQ(call.failure().code(), errc::deadline_exceeded);
    EXPECT_EQ(call.failure().facts().step, "chain[1]");
    EXPECT_THAT(call.failure().what(), HasSubstr("5 ms"));
    EXPECT_EQ(never.cancelled(), 1);
}

TEST(with_timeout, the_steps_own_failure_comes_through)
{
    const auto s = with_timeout(make_step([](int) -> int { throw error(errc::refusal, "no"); }), 1h);
    EXPECT_EQ(thrown_by([&] { sync_wait(s.invoke(1)); }).code(), errc::refusal);
}

TEST(with_timeout, cancelling_is_not_a_timeout)
{
    stage on;
    gate never;
    auto call = on.start(with_timeout(waits_at(never), 1h).invoke(1));
    on.settle();
    call.cancel();
    EXPECT_TRUE(on.finish());
    EXPECT_EQ(call.failure().code(), errc::cancelled);
    EXPECT_EQ(never.cancelled(), 1);
}

TEST(with_timeout, tells_the_step_its_deadline)
{
    const auto s = with_timeout(make_step([](int, run_context ctx) { return ctx.has_deadline(); }), 1h);
    EXPECT_TRUE(sync_wait(s.invoke(1)));
}

TEST(with_timeout, holds_for_a_whole_stream)
{
    stage on;
    gate never;
    auto reading = [](stream<std::string> s) -> awaitable<std::string> {
        std::string all;
        try {
            while (auto piece = co_await s.next())
                all += *piece;
        } catch (const error& e) {
            all += name(static_cast<errc>(e.code().value()));
        }
        co_return all;
    };
    auto call = on.start(reading(with_timeout(dripping(never), 10ms).stream(0)));
    EXPECT_TRUE(on.finish());
    EXPECT_EQ(call.get(), "12deadline_exceeded");
    EXPECT_EQ(never.cancelled(), 1);
}

class hanging : public chat_backend {
public:
    explicit hanging(gate g) : door(std::move(g)) {}
    awaitable<message> generate(chat_request, run_context) const override
    {
        co_await door.pass();
        co_return assistant("late");
    }
    gate door;
};

TEST(with_timeout, of_a_chat_model_is_a_chat_model)
{
    stage on;
    gate never;
    const chat_model model = with_timeout(make_chat_model<hanging>(never), 5ms);
    auto call = on.start(model.invoke("x"));
    EXPECT_TRUE(on.finish());
    EXPECT_EQ(call.failure().code(), errc::deadline_exceeded);
    EXPECT_EQ(model.step_name(), "chat_model(timeout(custom))");
}

}  // namespace
}  // namespace zincir

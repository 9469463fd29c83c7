#include <zincir/core/chain.hpp>
#include <zincir/core/sync_wait.hpp>

#include "stage.hpp"

#include <gtest/gtest.h>

namespace zincir {
namespace {

using testing::gate;
using testing::stage;
using testing::tracked;

auto plus_one = [](int n) { return n + 1; };

struct counter : step<int, std::string> {
    explicit counter(std::string w) : word(std::move(w)) {}
    awaitable<std::string> invoke(int, run_context) const { co_return word; }
    zincir::stream<std::string> stream(int n, run_context) const
    {
        return zincir::stream<std::string>([this, n]() mutable -> awaitable<std::optional<std::string>> {
            if (n-- == 0)
                co_return std::nullopt;
            co_return word;
        });
    }
    std::string step_name() const { return "counter " + word; }
    std::string word;
};

TEST(chain, deduces_its_types)
{
    const chain c = make_step(plus_one) | [](int n) { return std::to_string(n); };
    static_assert(std::same_as<std::remove_cv_t<decltype(c)>, chain<int, std::string>>);
    EXPECT_EQ(sync_wait(c.invoke(1)), "2");
}

TEST(chain, is_a_step_of_other_chains)
{
    const chain inner = make_step(plus_one) | plus_one;
    const chain outer = inner | inner;
    EXPECT_EQ(sync_wait(outer.invoke(0)), 4);
}

TEST(chain, converts_its_input_and_output)
{
    const chain<const char*, std::string> c =
        make_step([](std::string s) { return s.c_str()[0] == 'a' ? "yes" : "no"; }) | [](std::string s) { return s; };
    EXPECT_EQ(sync_wait(c.invoke("abc")), "yes");
}

TEST(chain, a_call_keeps_its_steps_when_the_handle_is_gone)
{
    stage on;
    gate door;
    int alive = 0;
    auto handle =
        std::make_unique<chain<int, int>>(make_step([door, guard = tracked(alive)](int n) -> awaitable<int> {
                                              co_await door.pass();
                                              co_return n;
                                          }) |
                                          [word = std::string(50, 'w')](int n) { return n + static_cast<int>(word.size()); });
    auto call = on.start(handle->invoke(1));
    handle.reset();
    on.settle();
    EXPECT_EQ(alive, 1);
    door.open();
    on.settle();
    EXPECT_EQ(call.get(), 51);
    EXPECT_EQ(alive, 0);
}

TEST(chain, a_stream_keeps_its_steps_when_the_handle_is_gone)
{
    auto handle = std::make_unique<chain<int, std::string>>(counter(std::string(100, 'c')));
    auto pieces = handle->stream(2);
    handle.reset();
    EXPECT_EQ(sync_wait(collect(std::move(pieces))), std::string(200, 'c'));
}

TEST(chain, copies_share_one_step)
{
    int alive = 0;
    {
        const chain<int, int> a = make_step([guard = tracked(alive)](int n) { return n; });
        const auto b = a;
        EXPECT_EQ(alive, 1);
        EXPECT_EQ(sync_wait(b.invoke(3)), 3);
    }
    EXPECT_EQ(alive, 0);
}

TEST(chain, explains_what_it_holds)
{
    const chain single = counter("x");
    EXPECT_EQ(single.explain(), "0 counter x: streams\n");
    const chain both = make_step(plus_one) | counter("y");
    EXPECT_EQ(both.explain(), "0 function: answers whole\n1 counter y: streams\n");
}

TEST(chain, an_abandoned_call_runs_nothing)
{
    bool ran = false;
    const chain c = make_step([&ran](int n) {
        ran = true;
        return n;
    });
    {
        auto dropped = c.invoke(1);
    }
    EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace zincir

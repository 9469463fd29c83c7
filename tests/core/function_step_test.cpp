#include <zincir/core/function_step.hpp>
#include <zincir/core/sync_wait.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>

namespace zincir {
namespace {

int twice(int n) { return 2 * n; }
awaitable<int> later(int n) { co_return n + 1; }

struct shouter {
    using input_type = std::string;
    using output_type = std::string;
    awaitable<std::string> invoke(std::string text, run_context) const { co_return text + "!"; }
};

struct named : step<int, int> {
    awaitable<int> invoke(int n, run_context) const { co_return n; }
    std::string step_name() const { return "named step"; }
};

static_assert(runnable<shouter>);
static_assert(runnable<named>);
static_assert(!runnable<int>);
static_assert(!runnable<decltype(&twice)>);
static_assert(std::same_as<chunk_of<shouter>, std::string>);
static_assert(!streams_natively<shouter>);

TEST(runnable, needs_no_base_class) { EXPECT_EQ(sync_wait(shouter().invoke("hey", run_context())), "hey!"); }

TEST(make_step, takes_a_function_pointer)
{
    auto s = make_step(&twice);
    static_assert(std::same_as<input_of<decltype(s)>, int> && std::same_as<output_of<decltype(s)>, int>);
    EXPECT_EQ(sync_wait(s.invoke(21)), 42);
}

TEST(make_step, awaits_a_coroutine_function)
{
    auto s = make_step(&later);
    static_assert(std::same_as<output_of<decltype(s)>, int>);
    EXPECT_EQ(sync_wait(s.invoke(1)), 2);
}

TEST(make_step, reads_the_input_type_of_a_lambda_without_reference_and_const)
{
    auto s = make_step([](const std::string& text) { return text.size(); });
    static_assert(std::same_as<input_of<decltype(s)>, std::string>);
    EXPECT_EQ(sync_wait(s.invoke("abc")), 3U);
}

TEST(make_step, hands_the_context_to_functions_that_ask_for_it)
{
    auto s = make_step([](int, run_context ctx) { return std::string(ctx.run_id()); });
    EXPECT_EQ(sync_wait(s.invoke(0, run_context().with_run_id("r-1"))), "r-1");
}

TEST(make_step, awaits_a_lambda_that_is_a_coroutine)
{
    auto s = make_step(
        [](int n, run_context ctx) -> awaitable<std::string> { co_return std::string(ctx.run_id()) + std::to_string(n); });
    EXPECT_EQ(sync_wait(s.invoke(7, run_context().with_run_id("r"))), "r7");
}

TEST(make_step, takes_generic_callables_with_a_stated_input)
{
    auto s = make_step<int>([](auto n) { return n * 1.5; });
    EXPECT_DOUBLE_EQ(sync_wait(s.invoke(2)), 3.0);
}

TEST(make_step, moves_inputs_that_cannot_be_copied)
{
    auto s = make_step([](std::unique_ptr<int> p) { return *p; });
    EXPECT_EQ(sync_wait(s.invoke(std::make_unique<int>(5))), 5);
}

int next_of(int n) noexcept { return n + 1; }

struct person {
    std::string name{};
    int age = 0;
    const std::string& called() const { return name; }
    int years() const noexcept { return age; }
};

person at(int age)
{
    person p;
    p.name = "Ayşe";
    p.age = age;
    return p;
}

TEST(make_step, takes_functions_that_are_noexcept)
{
    const auto up = make_step(&next_of);
    const auto down = make_step([](int n) noexcept { return n - 1; });
    EXPECT_EQ(sync_wait(up.invoke(1)), 2);
    EXPECT_EQ(sync_wait(down.invoke(1)), 0);
}

TEST(make_step, takes_a_std_function)
{
    const std::function<int(const std::string&)> length = [](const std::string& s) { return static_cast<int>(s.size()); };
    const auto s = make_step(length);
    EXPECT_EQ(sync_wait(s.invoke("abc")), 3);
}

TEST(make_step, takes_members_and_member_functions_of_its_input)
{
    const auto age = make_step(&person::age);
    const auto years = make_step(&person::years);
    static_assert(std::same_as<input_of<decltype(age)>, person> && std::same_as<output_of<decltype(age)>, int>);
    EXPECT_EQ(sync_wait(age.invoke(at(7))), 7);
    EXPECT_EQ(sync_wait(years.invoke(at(8))), 8);
}

TEST(make_step, copies_what_a_function_returns_by_reference)
{
    const auto s = make_step(&person::called);
    static_assert(std::same_as<output_of<decltype(s)>, std::string>);
    EXPECT_EQ(sync_wait(s.invoke(at(1))), "Ayşe");
}

TEST(make_step, hands_the_context_over_by_reference_too)
{
    const auto s = make_step([](int, const run_context& ctx) { return std::string(ctx.run_id()); });
    EXPECT_EQ(sync_wait(s.invoke(0, run_context().with_run_id("r-2"))), "r-2");
}

TEST(make_step, carries_large_values)
{
    using block = std::array<char, 20000>;
    auto s = make_step([](block b) {
        b[1] = 'y';
        return b;
    });
    block in{};
    in[0] = 'x';
    auto out = sync_wait(s.invoke(in));
    EXPECT_EQ(out[0], 'x');
    EXPECT_EQ(out[1], 'y');
}

TEST(make_step, runs_nothing_before_it_is_awaited)
{
    bool ran = false;
    {
        auto s = make_step([&ran](int n) {
            ran = true;
            return n;
        });
        auto dropped = s.invoke(1);
        EXPECT_FALSE(ran);
    }
    EXPECT_FALSE(ran);
}

TEST(step_name, is_the_steps_own_or_its_readable_type)
{
    EXPECT_EQ(step_name(named()), "named step");
    EXPECT_EQ(step_name(make_step(&twice)), "function");
    EXPECT_EQ(step_name(shouter()), "shouter");
}

TEST(stream_of, is_the_one_value_of_a_step_that_answers_whole)
{
    auto s = stream_of(shouter(), "hey", run_context());  // the step is copied: the temporary is gone by now
    EXPECT_EQ(sync_wait(s.next()), "hey!");
    EXPECT_EQ(sync_wait(s.next()), std::nullopt);
}

}  // namespace
}  // namespace zincir

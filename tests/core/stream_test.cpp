#include <zincir/core/error.hpp>
#include <zincir/core/stream.hpp>
#include <zincir/core/sync_wait.hpp>

#include "stage.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace zincir {

struct weight {
    double grams = 0;
};
template <>
struct stream_traits<weight> {
    using sum_type = double;
    static void add(double& sum, weight&& w) { sum += w.grams; }
    static std::string finish(double&& sum) { return std::to_string(static_cast<int>(sum)) + " g"; }
};

namespace {

using testing::gate;
using testing::stage;
using testing::tracked;

stream<std::string> of(std::vector<std::string> pieces)
{
    return stream<std::string>([pieces = std::move(pieces), i = std::size_t{0}]() mutable -> awaitable<std::optional<std::string>> {
        if (i == pieces.size())
            co_return std::nullopt;
        co_return pieces[i++];
    });
}

awaitable<std::vector<std::string>> drain(stream<std::string> pieces)
{
    std::vector<std::string> all;
    while (auto piece = co_await pieces.next())
        all.push_back(std::move(*piece));
    co_return all;
}

static_assert(!std::copy_constructible<stream<std::string>>);
static_assert(std::move_constructible<stream<std::string>>);
static_assert(summable<std::string> && summable<weight>);
static_assert(!summable<int>);

TEST(stream, default_constructed_is_at_its_end)
{
    stream<int> empty;
    EXPECT_EQ(sync_wait(empty.next()), std::nullopt);
    EXPECT_EQ(sync_wait(empty.next()), std::nullopt);
}

TEST(stream, yields_in_order_then_ends)
{
    EXPECT_EQ(sync_wait(drain(of({"a", "b", "c"}))), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(stream, pulls_only_when_asked)
{
    int calls = 0;
    stream<int> counting([&calls]() -> awaitable<std::optional<int>> { co_return ++calls; });
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(sync_wait(counting.next()), 1);
    EXPECT_EQ(calls, 1);
}

TEST(stream, passes_on_what_its_source_throws)
{
    stream<int> bad([n = 0]() mutable -> awaitable<std::optional<int>> {
        if (n++ == 1)
            throw error(errc::truncated, "cut");
        co_return n;
    });
    EXPECT_EQ(sync_wait(bad.next()), 1);
    EXPECT_EQ(testing::thrown_by([&] { sync_wait(bad.next()); }).code(), errc::truncated);
}

TEST(stream, destroying_it_midway_destroys_its_source)
{
    int alive = 0;
    {
        stream<int> s([guard = tracked(alive)]() -> awaitable<std::optional<int>> { co_return 1; });
        EXPECT_EQ(sync_wait(s.next()), 1);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

TEST(stream, cancelling_the_reader_reaches_the_source)
{
    stage on;
    gate never;
    auto reading = [](stream<int> s) -> awaitable<int> { co_return *co_await s.next(); };
    auto reader = on.start(reading(stream<int>([never]() -> awaitable<std::optional<int>> {
        co_await never.pass();
        co_return 1;
    })));
    on.settle();
    EXPECT_EQ(never.waiting(), 1);
    reader.cancel();
    on.settle();
    ASSERT_TRUE(reader.ended());
    EXPECT_TRUE(reader.failure().is(condition::stopped));
    EXPECT_EQ(never.cancelled(), 1);
}

TEST(stream, moves_values_that_cannot_be_copied)
{
    stream<std::unique_ptr<int>> s([n = 0]() mutable -> awaitable<std::optional<std::unique_ptr<int>>> {
        if (n++)
            co_return std::nullopt;
        co_return std::make_unique<int>(7);
    });
    auto got = sync_wait(s.next());
    ASSERT_TRUE(got);
    EXPECT_EQ(**got, 7);
    EXPECT_FALSE(sync_wait(s.next()));
}

TEST(collect, joins_texts) { EXPECT_EQ(sync_wait(collect(of({"İz", "mir", ""}))), "İzmir"); }

TEST(collect, of_nothing_is_the_empty_sum)
{
    EXPECT_EQ(sync_wait(collect(stream<std::string>())), "");
    EXPECT_EQ(sync_wait(collect(stream<weight>())), "0 g");
}

TEST(collect, follows_the_traits_of_the_chunk)
{
    auto s = stream<weight>([n = 0]() mutable -> awaitable<std::optional<weight>> {
        if (n == 3)
            co_return std::nullopt;
        weight w;
        w.grams = ++n;
        co_return w;
    });
    EXPECT_EQ(sync_wait(collect(std::move(s))), "6 g");
}

TEST(collect, throws_what_the_stream_throws_and_drops_the_sum)
{
    auto s = stream<std::string>([n = 0]() mutable -> awaitable<std::optional<std::string>> {
        if (n++ == 2)
            throw error(errc::idle_timeout, "nothing came");
        co_return "x";
    });
    EXPECT_EQ(testing::thrown_by([&] { sync_wait(collect(std::move(s))); }).code(), errc::idle_timeout);
}

TEST(single, makes_its_value_on_the_first_pull_only)
{
    int made = 0;
    auto s = single<int>([&made]() -> awaitable<int> { co_return ++made; });
    EXPECT_EQ(made, 0);
    EXPECT_EQ(sync_wait(s.next()), 1);
    EXPECT_EQ(sync_wait(s.next()), std::nullopt);
    EXPECT_EQ(made, 1);
}

TEST(single, is_over_after_a_failure)
{
    auto s = single<int>([]() -> awaitable<int> {
        throw error(errc::connection, "refused");
        co_return 0;
    });
    EXPECT_EQ(testing::thrown_by([&] { sync_wait(s.next()); }).code(), errc::connection);
    EXPECT_EQ(sync_wait(s.next()), std::nullopt);
}

TEST(deferred_stream, opens_once_and_late)
{
    int opened = 0;
    auto s = deferred_stream<std::string>([&opened]() -> awaitable<stream<std::string>> {
        ++opened;
        std::vector<std::string> pieces{"a", "b"};
        co_return of(std::move(pieces));
    });
    EXPECT_EQ(opened, 0);
    EXPECT_EQ(sync_wait(drain(std::move(s))), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(opened, 1);
}

TEST(deferred_stream, is_over_when_opening_failed)
{
    int opened = 0;
    auto s = deferred_stream<int>([&opened]() -> awaitable<stream<int>> {
        ++opened;
        throw error(errc::authentication, "no key");
        co_return stream<int>();
    });
    EXPECT_EQ(testing::thrown_by([&] { sync_wait(s.next()); }).code(), errc::authentication);
    EXPECT_EQ(sync_wait(s.next()), std::nullopt);
    EXPECT_EQ(opened, 1);
}

}  // namespace
}  // namespace zincir

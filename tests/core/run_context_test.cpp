#include <zincir/core/run_context.hpp>

#include <gtest/gtest.h>

namespace zincir {
namespace {

using namespace std::chrono_literals;
using clock = run_context::clock;

TEST(run_context, starts_without_anything)
{
    const run_context ctx;
    EXPECT_FALSE(ctx.has_deadline());
    EXPECT_EQ(ctx.deadline(), clock::time_point::max());
    EXPECT_FALSE(ctx.observed());
    EXPECT_EQ(ctx.watcher(), nullptr);
    EXPECT_EQ(ctx.run_id(), "");
    EXPECT_EQ(ctx.path(), "");
    EXPECT_TRUE(ctx.tags().empty());
}

TEST(run_context, a_deadline_only_comes_nearer)
{
    const auto now = clock::now();
    const auto near = run_context().with_deadline(now + 1s);
    EXPECT_EQ(near.with_deadline(now + 5s).deadline(), now + 1s);
    EXPECT_EQ(near.with_deadline(now + 10ms).deadline(), now + 10ms);
    EXPECT_EQ(near.deadline(), now + 1s);
}

TEST(run_context, a_timeout_counts_from_now)
{
    const auto before = clock::now();
    const auto ctx = run_context().with_timeout(1s);
    EXPECT_GE(ctx.deadline(), before + 1s);
    EXPECT_LE(ctx.deadline(), clock::now() + 1s);
}

TEST(run_context, an_endless_timeout_is_none) { EXPECT_FALSE(run_context().with_timeout(clock::duration::max()).has_deadline()); }

TEST(run_context, a_timeout_beyond_the_clock_is_none)
{
    EXPECT_FALSE(run_context().with_timeout(std::chrono::milliseconds::max()).has_deadline());
    EXPECT_FALSE(run_context().with_timeout(std::chrono::hours::max()).has_deadline());
    EXPECT_LT(run_context().with_timeout(std::chrono::hours::min()).deadline(), clock::now());
}

TEST(run_context, observing_gives_it_an_id_of_its_own)
{
    auto watcher = std::make_shared<observer>();
    const auto a = run_context().with_observer(watcher);
    const auto b = run_context().with_observer(watcher);
    EXPECT_TRUE(a.observed());
    EXPECT_EQ(a.watcher(), watcher.get());
    EXPECT_FALSE(a.run_id().empty());
    EXPECT_NE(a.run_id(), b.run_id());
    EXPECT_EQ(run_context().with_run_id("mine").with_observer(watcher).run_id(), "mine");
}

TEST(run_context, keeps_its_observer_alive)
{
    auto watcher = std::make_shared<observer>();
    const std::weak_ptr<observer> weak = watcher;
    {
        const auto ctx = run_context().with_observer(std::move(watcher));
        EXPECT_FALSE(weak.expired());
    }
    EXPECT_TRUE(weak.expired());
}

TEST(run_context, the_path_grows_while_observed_and_is_free_otherwise)
{
    const auto ctx = run_context().with_observer(std::make_shared<observer>());
    EXPECT_EQ(ctx.enter("chain[2]").enter("parallel.context").path(), "chain[2]/parallel.context");
    EXPECT_EQ(ctx.path(), "");
    EXPECT_EQ(run_context().enter("chain[0]").path(), "");
}

TEST(run_context, entering_keeps_deadline_id_and_tags)
{
    const auto at = clock::now() + 1s;
    const auto inner = run_context()
                           .with_deadline(at)
                           .with_run_id("r")
                           .with_tag("a")
                           .with_tag("b")
                           .with_observer(std::make_shared<observer>())
                           .enter("chain[0]");
    EXPECT_EQ(inner.deadline(), at);
    EXPECT_EQ(inner.run_id(), "r");
    EXPECT_EQ(inner.tags(), (std::vector<std::string>{"a", "b"}));
}

TEST(run_context, changing_a_copy_leaves_the_original)
{
    const auto original = run_context().with_tag("a");
    const auto changed = original.with_tag("b").with_run_id("x");
    EXPECT_EQ(original.tags(), std::vector<std::string>{"a"});
    EXPECT_EQ(original.run_id(), "");
    EXPECT_EQ(changed.tags().size(), 2U);
}

}  // namespace
}  // namespace zincir

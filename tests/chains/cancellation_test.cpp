// A cancellation may come between any two moments of a run. Each composition is cancelled at every one of them.

#include <zincir/chains/fallback.hpp>
#include <zincir/chains/parallel.hpp>
#include <zincir/chains/retry.hpp>
#include <zincir/chains/timeout.hpp>
#include <zincir/core/batch.hpp>
#include <zincir/core/chain.hpp>

#include "stage.hpp"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <functional>
#include <string>
#include <vector>

namespace zincir {
namespace {

using namespace std::chrono_literals;
using testing::stage;
using testing::tracked;

awaitable<void> hop()
{
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
}

// Answers after some hops; `failures` calls fail before. A cancellation travels by hops, too, one for each coroutine that was
// spawned.
auto hopping(tracked guard, int failures = 0)
{
    return make_step([guard, left = std::make_shared<int>(failures)](int n) -> awaitable<int> {
        const auto held = guard;  // lives in the frame
        for (int i = 0; i < 5; ++i)
            co_await hop();
        if (*left > 0) {
            --*left;
            throw error(errc::connection, "not yet");
        }
        co_return n;
    });
}

// Three pieces, a hop before each.
struct dripping : step<int, std::string> {
    explicit dripping(tracked g) : guard(g) {}
    awaitable<std::string> invoke(int, run_context) const { co_return "012"; }
    zincir::stream<std::string> stream(int, run_context) const
    {
        return zincir::stream<std::string>([guard = guard, n = 0]() mutable -> awaitable<std::optional<std::string>> {
            co_await hop();
            if (n == 3)
                co_return std::nullopt;
            co_return std::to_string(n++);
        });
    }
    tracked guard;
};

retry_policy quick()
{
    retry_policy p;
    p.first_delay = 1ms;
    p.max_delay = 1ms;
    return p;
}

template <class Step>
awaitable<void> call(Step step, input_of<Step> input)
{
    co_await step.invoke(std::move(input));
}

template <class Step>
awaitable<void> read(Step step, input_of<Step> input)
{
    auto pieces = step.stream(std::move(input));
    while (co_await pieces.next()) {
    }
}

awaitable<void> batched(chain<int, int> step)
{
    std::vector<int> inputs(5, 1);
    co_await try_batch(step, std::move(inputs), batch_options(2));
}

struct composition {
    std::string name;
    std::function<awaitable<void>(tracked)> run;
    errc own_failure{};  // with which it ends if it is not stopped
    friend std::ostream& operator<<(std::ostream& out, const composition& c) { return out << c.name; }
};

std::vector<composition> compositions()
{
    std::vector<composition> all;
    const auto add = [&](std::string name, auto run, errc own_failure = errc{}) {
        composition c;
        c.name = std::move(name);
        c.run = std::move(run);
        c.own_failure = own_failure;
        all.push_back(std::move(c));
    };
    add("sequence", [](tracked t) { return call(chain(hopping(t) | hopping(t)), 1); });
    add("parallel", [](tracked t) { return call(parallel(hopping(t), hopping(t), hopping(t)), 1); });
    add(
        "parallel_that_fails", [](tracked t) { return call(parallel(hopping(t), hopping(t, 1), with_retry(hopping(t, 2))), 1); },
        errc::connection);
    add("retry", [](tracked t) { return call(with_retry(hopping(t, 2), quick()), 1); });
    add("fallback", [](tracked t) { return call(with_fallback(hopping(t, 1), hopping(t, 1), hopping(t)), 1); });
    add("timeout", [](tracked t) { return call(with_timeout(hopping(t), 1h), 1); });
    add("timeout_that_passes", [](tracked t) { return call(with_timeout(hopping(t), 0ms), 1); }, errc::deadline_exceeded);
    add("batch", [](tracked t) { return batched(with_fallback(hopping(t, 2), hopping(t))); });
    add("all_in_one", [](tracked t) {
        return call(chain(hopping(t) | parallel(with_timeout(with_retry(hopping(t, 1), quick()), 1h), hopping(t)) |
                          [](std::tuple<int, int> both) { return std::get<0>(both); } | with_fallback(hopping(t, 1), hopping(t))),
                    1);
    });
    add("stream", [](tracked t) { return read(hopping(t) | dripping(t), 1); });
    add("stream_under_retry_and_timeout", [](tracked t) { return read(with_retry(with_timeout(dripping(t), 1h)), 1); });
    add("stream_under_fallback", [](tracked t) { return read(with_fallback(dripping(t), dripping(t)), 1); });
    return all;
}

class cancelling : public ::testing::TestWithParam<composition> {};

TEST_P(cancelling, at_any_moment_ends_the_run_and_frees_what_it_held)
{
    bool over = false;
    int stopped = 0;
    for (int moment = 0; !over; ++moment) {
        ASSERT_LT(moment, 500);
        int alive = 0;
        {
            stage on;
            auto run = on.start(GetParam().run(tracked(alive)));
            for (int i = 0; i < moment && !run.ended(); ++i) {
                on.io().restart();
                on.io().run_one();
            }
            over = run.ended();  // it was not cancelled: the last round
            run.cancel();
            EXPECT_TRUE(on.finish(5s)) << "at " << moment;
            ASSERT_TRUE(run.ended()) << "at " << moment;
            const auto end = run.failure();
            EXPECT_TRUE(end.is(condition::stopped) || (moment > 0 && (!end.code() || end.code() == GetParam().own_failure)))
                << end.what() << " at " << moment;
            stopped += end.is(condition::stopped);
        }
        EXPECT_EQ(alive, 0) << "at " << moment;
    }
    EXPECT_GE(stopped, 1);
}

TEST_P(cancelling, dropping_the_run_at_any_moment_frees_what_it_held)
{
    bool over = false;
    for (int moment = 0; !over; ++moment) {
        ASSERT_LT(moment, 500);
        int alive = 0;
        {
            stage on;
            auto run = on.start(GetParam().run(tracked(alive)));
            for (int i = 0; i < moment && !run.ended(); ++i) {
                on.io().restart();
                on.io().run_one();
            }
            over = run.ended();
        }
        EXPECT_EQ(alive, 0) << "at " << moment;
    }
}

INSTANTIATE_TEST_SUITE_P(each, cancelling, ::testing::ValuesIn(compositions()), [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace zincir

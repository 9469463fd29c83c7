#include <zincir/chains/retry.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/sync_wait.hpp>

#include "attempts.hpp"
#include "recorder.hpp"
#include "stage.hpp"

#include <gmock/gmock.h>

namespace zincir {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::breaks;
using ::testing::ElementsAre;
using testing::recorder;
using testing::says;
using testing::stage;
using testing::thrown_by;
using testing::told;

constexpr auto endless = std::chrono::nanoseconds::max();

retry_policy quick(std::size_t attempts = 3)
{
    retry_policy p;
    p.max_attempts = attempts;
    p.first_delay = 1ms;
    p.max_delay = 2ms;
    return p;
}

error limited(milliseconds retry_after)
{
    diagnostics facts;
    facts.retry_after = retry_after;
    return error(errc::rate_limited, facts);
}

TEST(retry_policy, doubles_up_to_its_limit)
{
    retry_policy p;
    const diagnostics none;
    EXPECT_EQ(p.delay(1, none, 0), 500ms);
    EXPECT_EQ(p.delay(2, none, 0), 1000ms);
    EXPECT_EQ(p.delay(4, none, 0), 4000ms);
    EXPECT_EQ(p.delay(5, none, 0), 8000ms);
    EXPECT_EQ(p.delay(6, none, 0), 8000ms);
    EXPECT_EQ(p.delay(1000, none, 0), 8000ms);
}

TEST(retry_policy, chance_takes_away_at_most_the_jitter)
{
    retry_policy p;
    const diagnostics none;
    EXPECT_EQ(p.delay(2, none, 0.5), 875ms);
    EXPECT_GT(p.delay(2, none, 0.999999), 749ms);
    p.jitter = 0;
    EXPECT_EQ(p.delay(2, none, 0.9), 1000ms);
}

TEST(retry_policy, waits_exactly_as_long_as_the_provider_asks)
{
    const retry_policy p;
    EXPECT_EQ(p.next(1, limited(20s), endless, 0.7), 20s);
    EXPECT_EQ(p.next(1, limited(0ms), endless, 0.7), 0ms);
}

TEST(retry_policy, does_not_wait_longer_than_its_limit_or_the_deadline)
{
    const retry_policy p;
    EXPECT_EQ(p.next(1, limited(60s), endless, 0), 60s);
    EXPECT_EQ(p.next(1, limited(61s), endless, 0), std::nullopt);
    EXPECT_EQ(p.next(1, limited(5s), 5s, 0), std::nullopt);
    EXPECT_EQ(p.next(1, limited(5s), 6s, 0), 5s);
    EXPECT_EQ(p.next(1, error(errc::connection, ""), 400ms, 0), std::nullopt);
    EXPECT_EQ(p.next(1, error(errc::connection, ""), -1s, 0), std::nullopt);
}

TEST(retry_policy, takes_waits_beyond_the_clock)
{
    retry_policy p;
    p.max_retry_after = milliseconds::max();
    EXPECT_EQ(p.next(1, limited(milliseconds::max()), endless, 0), std::nullopt);
    EXPECT_EQ(p.next(1, limited(milliseconds::max() / 2), 1s, 0), std::nullopt);
}

TEST(retry_policy, counts_calls)
{
    const retry_policy p;
    const error e(errc::connection, "");
    EXPECT_TRUE(p.next(2, e, endless, 0));
    EXPECT_FALSE(p.next(3, e, endless, 0));
}

TEST(retry_policy, repeats_only_what_may_pass)
{
    const retry_policy p;
    for (auto code : {errc::authentication, errc::refusal, errc::cancelled, errc::deadline_exceeded, errc::output_mismatch})
        EXPECT_FALSE(p.next(1, error(code, ""), endless, 0)) << name(code);
    for (auto code : {errc::rate_limited, errc::server_fault, errc::connection, errc::idle_timeout, errc::truncated})
        EXPECT_TRUE(p.next(1, error(code, ""), endless, 0)) << name(code);
    diagnostics no;
    no.should_retry = false;
    EXPECT_FALSE(p.next(1, error(errc::rate_limited, no), endless, 0));
}

TEST(with_retry, calls_again_until_it_works)
{
    int calls = 0;
    const auto s = with_retry(make_step([&calls](std::string text) {
                                  if (++calls < 3)
                                      throw error(errc::server_fault, "busy");
                                  return text + "!";
                              }),
                              quick());
    EXPECT_EQ(sync_wait(s.invoke("input stays whole")), "input stays whole!");
    EXPECT_EQ(calls, 3);
}

TEST(with_retry, throws_the_last_failure_with_its_number)
{
    int calls = 0;
    const auto s =
        make_step([](int n) { return n; }) |
        with_retry(make_step([&calls](int) -> int { throw error(errc::connection, "call " + std::to_string(++calls)); }), quick());
    const auto e = thrown_by([&] { sync_wait(s.invoke(1)); });
    EXPECT_EQ(e.facts().message, "call 3");
    EXPECT_EQ(e.facts().step, "chain[1]/retry#2");
}

TEST(with_retry, does_not_repeat_what_cannot_help)
{
    int calls = 0;
    const auto s = with_retry(make_step([&calls](int) -> int {
                                  ++calls;
                                  throw error(errc::authentication, "no key");
                              }),
                              quick());
    EXPECT_EQ(thrown_by([&] { sync_wait(s.invoke(1)); }).code(), errc::authentication);
    EXPECT_EQ(calls, 1);
}

TEST(with_retry, fails_at_once_when_the_provider_asks_for_more_time_than_there_is)
{
    int calls = 0;
    const auto s = with_retry(make_step([&calls](int) -> int {
                                  ++calls;
                                  throw limited(30s);
                              }),
                              quick());
    const auto before = std::chrono::steady_clock::now();
    const auto e = thrown_by([&] { sync_wait(s.invoke(1, run_context().with_timeout(10s))); });
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    EXPECT_EQ(e.code(), errc::rate_limited);
    EXPECT_EQ(e.facts().retry_after, 30s);
    EXPECT_EQ(calls, 1);
}

TEST(with_retry, cancelling_ends_the_wait)
{
    stage on;
    retry_policy slow;
    slow.first_delay = 1h;
    slow.max_delay = 1h;
    const auto s = with_retry(make_step([](int) -> int { throw error(errc::connection, "refused"); }), slow);
    auto call = on.start(s.invoke(1));
    on.settle();
    EXPECT_FALSE(call.ended());
    call.cancel();
    on.settle();
    ASSERT_TRUE(call.ended());
    EXPECT_EQ(call.failure().code(), errc::cancelled);
}

TEST(with_retry, outlives_its_handle)
{
    stage on;
    testing::gate door;
    auto call = [&] {
        const auto s = with_retry(make_step([door](int n) -> awaitable<int> {
                                      co_await door.pass();
                                      co_return n;
                                  }),
                                  quick());
        return on.start(s.invoke(5));
    }();
    on.settle();
    door.open();
    on.settle();
    EXPECT_EQ(call.get(), 5);
}

TEST(with_retry, of_a_chat_model_is_a_chat_model)
{
    told backend({breaks(errc::rate_limited), says({"hi"})});
    const chat_model model = with_retry(backend.model, quick());
    EXPECT_EQ(sync_wait(model.invoke("x")).text(), "hi");
    EXPECT_EQ(backend.log->asked.size(), 2U);
    EXPECT_EQ(model.step_name(), "chat_model(retry(told))");
}

TEST(with_retry, settings_and_tools_reach_the_model_inside)
{
    told backend({says({"a"}), says({"b"})});
    chat_options own;
    own.seed = 7;
    own.temperature = 0.5;
    const auto model = with_retry(backend.model.with(own), quick());
    chat_options over;
    over.temperature = 0;
    std::vector<tool_definition> tools(1);
    tools[0].name = "t";
    sync_wait(model.with(over).with_tools(tools).invoke("x"));
    EXPECT_EQ(backend.log->asked[0].options->seed, 7);
    EXPECT_EQ(backend.log->asked[0].options->temperature, 0.0);
    EXPECT_EQ(backend.log->asked[0].tools->size(), 1U);
    sync_wait(model.invoke("x"));
    EXPECT_EQ(backend.log->asked[1].options->temperature, 0.5);
}

TEST(with_retry, a_stream_that_broke_before_its_content_is_opened_again)
{
    told backend({breaks(errc::connection), says({"mer", "haba"})});
    const auto whole = sync_wait(collect(with_retry(backend.model, quick()).stream("x")));
    EXPECT_EQ(whole.text(), "merhaba");
    EXPECT_EQ(whole.status, message_status::complete);
    EXPECT_THAT(whole.warnings(), ElementsAre("first"));  // facts of the broken attempt are gone
    EXPECT_EQ(backend.log->asked.size(), 2U);
}

TEST(with_retry, a_stream_that_broke_after_its_content_is_not)
{
    told backend({breaks(errc::truncated, {"half"}), says({"never asked for"})});
    auto pieces = with_retry(backend.model, quick()).stream("x");
    sync_wait(pieces.next());
    EXPECT_EQ(sync_wait(pieces.next())->text(), "half");
    EXPECT_EQ(thrown_by([&] { sync_wait(pieces.next()); }).code(), errc::truncated);
    EXPECT_EQ(backend.log->asked.size(), 1U);
}

TEST(with_retry, a_stream_gives_up_like_a_call)
{
    told backend({breaks(errc::connection), breaks(errc::connection), says({"too late"})});
    auto pieces = with_retry(backend.model, quick(2)).stream("x");
    EXPECT_EQ(thrown_by([&] { sync_wait(pieces.next()); }).facts().step, "retry#1");
    EXPECT_EQ(sync_wait(pieces.next()), std::nullopt);
    EXPECT_EQ(backend.log->asked.size(), 2U);
}

TEST(with_retry, tells_the_observer_of_every_call)
{
    auto watcher = std::make_shared<recorder>();
    const auto ctx = run_context().with_observer(watcher);
    const auto step = with_retry(make_step([n = std::make_shared<int>(0)](int i) {
                                     if (++*n == 1)
                                         throw error(errc::connection, "once");
                                     return i;
                                 }),
                                 quick());
    sync_wait(step.invoke(1, ctx));
    EXPECT_THAT(watcher->notes, ElementsAre("start retry#0 function", "error connection retry#0 function", "start retry#1 function",
                                            "end retry#1 function"));

    watcher->notes.clear();
    told streaming({breaks(errc::connection), says({"a"})});
    const auto model = retry_step<chat_model>(streaming.model, quick());
    EXPECT_EQ(sync_wait(collect(model.stream("x", ctx))).text(), "a");
    EXPECT_THAT(watcher->notes, ElementsAre("start retry#0 chat_model(told)", "error connection retry#0 chat_model(told)",
                                            "start retry#1 chat_model(told)", "end retry#1 chat_model(told)"));
}

}  // namespace
}  // namespace zincir

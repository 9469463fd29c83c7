#include <zincir/chains/fallback.hpp>
#include <zincir/chains/retry.hpp>
#include <zincir/core/sync_wait.hpp>

#include "attempts.hpp"
#include "stage.hpp"

#include <gmock/gmock.h>

namespace zincir {
namespace {

using testing::breaks;
using testing::says;
using testing::thrown_by;
using testing::told;

TEST(with_fallback, asks_the_next_model_only_when_one_failed)
{
    told first({says({"from the first"}), breaks(errc::authentication)});
    told second({says({"from the second"})});
    const chat_model model = with_fallback(first.model, second.model);
    EXPECT_EQ(sync_wait(model.invoke("x")).text(), "from the first");
    EXPECT_TRUE(second.log->asked.empty());
    EXPECT_EQ(sync_wait(model.invoke("x")).text(), "from the second");
    EXPECT_EQ(model.step_name(), "chat_model(fallback(told, told))");
}

TEST(with_fallback, throws_the_last_failure_with_its_place)
{
    told first({breaks(errc::connection)});
    told second({breaks(errc::rate_limited)});
    const auto e = thrown_by([&] { sync_wait(with_fallback(first.model, second.model).invoke("x")); });
    EXPECT_EQ(e.code(), errc::rate_limited);
    EXPECT_EQ(e.facts().step, "fallback[1]");
}

class hopeless_for_all : public ::testing::TestWithParam<errc> {};

TEST_P(hopeless_for_all, does_not_fall_back)
{
    told first({breaks(GetParam())});
    told second({says({"no"})});
    EXPECT_EQ(thrown_by([&] { sync_wait(with_fallback(first.model, second.model).invoke("x")); }).code(), GetParam());
    EXPECT_TRUE(second.log->asked.empty());
}
INSTANTIATE_TEST_SUITE_P(codes, hopeless_for_all,
                         ::testing::Values(errc::cancelled, errc::deadline_exceeded, errc::invalid_argument),
                         [](const auto& i) { return std::string(name(i.param)); });

TEST(with_fallback, asks_the_next_step_after_a_foreign_exception)
{
    const auto first = make_step([](int) -> int { throw std::runtime_error("the database is down"); });
    const auto both = with_fallback(first, make_step([](int n) { return n + 1; }));
    EXPECT_EQ(sync_wait(both.invoke(1)), 2);
}

TEST(with_fallback, passes_over_a_model_that_cannot_take_the_request)
{
    model_profile blind;
    blind.images = false;
    model_profile sees;
    sees.images = true;
    told first({}, blind);
    told second({says({"a cat"})}, sees);
    const auto model = with_fallback(first.model, second.model);
    EXPECT_EQ(sync_wait(model.invoke(user_parts(image_url("https://example.org/cat.png")))).text(), "a cat");
    EXPECT_TRUE(first.log->asked.empty());
}

TEST(with_fallback, its_profile_is_what_all_agree_on)
{
    model_profile a;
    a.model = "x:a";
    a.tools = true;
    a.images = true;
    a.context_window = 1000;
    auto b = a;
    b.model = "y:b";
    b.images = false;
    b.context_window = 2000;
    const auto profile = with_fallback(told({}, a).model, told({}, b).model).profile();
    EXPECT_EQ(profile.model, "x:a or y:b");
    EXPECT_EQ(profile.tools, true);
    EXPECT_EQ(profile.images, std::nullopt);
    EXPECT_EQ(profile.context_window, std::nullopt);
}

TEST(with_fallback, a_stream_moves_on_before_its_content_only)
{
    told first({breaks(errc::connection), breaks(errc::truncated, {"half"})});
    told second({says({"whole"})});
    const auto model = with_fallback(first.model, second.model);
    EXPECT_EQ(sync_wait(collect(model.stream("x"))).text(), "whole");
    const auto e = thrown_by([&] { sync_wait(collect(model.stream("x"))); });
    EXPECT_EQ(e.code(), errc::truncated);
    EXPECT_EQ(e.facts().step, "fallback[0]");
    EXPECT_EQ(second.log->asked.size(), 1U);
}

TEST(with_fallback, holds_models_that_retry)
{
    retry_policy once_more;
    once_more.max_attempts = 2;
    once_more.first_delay = std::chrono::milliseconds(1);
    told first({breaks(errc::connection), breaks(errc::connection)});
    told second({says({"second"})});
    EXPECT_EQ(sync_wait(with_fallback(with_retry(first.model, once_more), second.model).invoke("x")).text(), "second");
    EXPECT_EQ(first.log->asked.size(), 2U);
}

TEST(with_fallback, refuses_an_empty_list)
{
    EXPECT_EQ(thrown_by([] { with_fallback(std::vector<chat_model>()); }).code(), errc::invalid_argument);
}

TEST(with_fallback, of_any_steps_of_equal_types)
{
    const auto s = with_fallback(make_step([](std::string) -> int { throw error(errc::output_mismatch, "no number"); }),
                                 make_step([](std::string text) { return static_cast<int>(text.size()); }));
    EXPECT_EQ(sync_wait(s.invoke("four")), 4);
    EXPECT_EQ(s.step_name(), "fallback(function, function)");
}

}  // namespace
}  // namespace zincir

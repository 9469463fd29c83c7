#include <zincir/core/chat_request.hpp>

#include <gmock/gmock.h>

namespace zincir {
namespace {

using ::testing::ElementsAre;

TEST(chat_options, an_overlay_replaces_what_it_sets_and_leaves_the_rest)
{
    chat_options base;
    base.model = "a";
    base.temperature = 0.5;
    base.stop = {{"x"}};
    chat_options over;
    over.temperature = 0;
    over.stop = {{"y", "z"}};
    const auto merged = base.overlaid(over);
    EXPECT_EQ(merged.model, "a");
    EXPECT_EQ(merged.temperature, 0.0);
    EXPECT_THAT(*merged.stop, ElementsAre("y", "z"));
    EXPECT_EQ(base.temperature, 0.5);
}

// One of each setting, so that none is forgotten by the overlay.
TEST(chat_options, every_setting_is_overlaid)
{
    chat_options over;
    over.model = "m";
    over.temperature = 1;
    over.top_p = 1;
    over.max_output_tokens = 1;
    over.stop.emplace();
    over.seed = 1;
    over.presence_penalty = 1;
    over.frequency_penalty = 1;
    over.n = 1;
    over.logprobs = true;
    over.top_logprobs = 1;
    over.logit_bias.emplace();
    over.tool_choice = tool_choice::required();
    over.parallel_tool_calls = false;
    over.response_format = response_format::json_object();
    over.reasoning_effort = "low";
    over.reasoning_format = "parsed";
    over.service_tier = "flex";
    over.verbosity = "low";
    over.user = "u";
    over.prompt_cache_key = "k";
    over.store = true;
    over.request_metadata.emplace();
    over.timeouts.emplace();
    const auto m = chat_options().overlaid(over);
    EXPECT_TRUE(m.model && m.temperature && m.top_p && m.max_output_tokens && m.stop && m.seed && m.presence_penalty);
    EXPECT_TRUE(m.frequency_penalty && m.n && m.logprobs && m.top_logprobs && m.logit_bias && m.tool_choice &&
                m.parallel_tool_calls);
    EXPECT_TRUE(m.response_format && m.reasoning_effort && m.reasoning_format && m.service_tier && m.verbosity && m.user);
    EXPECT_TRUE(m.prompt_cache_key && m.store && m.request_metadata && m.timeouts);
}

TEST(chat_options, extra_merges_key_by_key_and_null_counts)
{
    chat_options base;
    base.extra["a"] = 1;
    base.extra["b"] = 2;
    chat_options over;
    over.extra["b"] = nullptr;
    over.extra["c"] = 3;
    const auto merged = base.overlaid(over).extra;
    EXPECT_EQ(merged.at("a"), 1);
    EXPECT_TRUE(merged.at("b").is_null());
    EXPECT_EQ(merged.at("c"), 3);
}

TEST(tool_choice, says_what_and_which)
{
    EXPECT_EQ(tool_choice::automatic().what(), tool_choice::kind::automatic);
    EXPECT_EQ(tool_choice::none().what(), tool_choice::kind::none);
    EXPECT_EQ(tool_choice::named("weather").what(), tool_choice::kind::named);
    EXPECT_EQ(tool_choice::named("weather").tool(), "weather");
}

TEST(response_format, carries_its_schema)
{
    json::object schema;
    schema["type"] = "object";
    const auto format = response_format::json_schema("poem", schema);
    EXPECT_EQ(format.what(), response_format::kind::json_schema);
    EXPECT_EQ(format.name(), "poem");
    EXPECT_EQ(format.schema().at("type"), "object");
    EXPECT_EQ(format.strict(), true);
    EXPECT_EQ(response_format::json_schema("p", schema, std::nullopt).strict(), std::nullopt);
}

TEST(chat_timeouts, have_finite_defaults)
{
    using namespace std::chrono_literals;
    const chat_timeouts t;
    EXPECT_EQ(t.connect, 10s);
    EXPECT_EQ(t.first_content, 300s);
    EXPECT_EQ(t.idle, 120s);
    EXPECT_EQ(t.request, 600s);
}

}  // namespace
}  // namespace zincir

#include "decoder_support.hpp"

#include <zincir/core/json.hpp>

#include <gmock/gmock.h>

#include <ostream>

namespace zincir::testing {
namespace {

using call_list = std::vector<std::array<std::string, 2>>;  // name, arguments

struct recorded {
    std::string file;
    std::string text{};
    std::string reasoning{};
    std::string refusal{};
    call_list calls{};
    finish_reason finish = finish_reason::stop;
    std::optional<errc> failure{};
    friend std::ostream& operator<<(std::ostream& out, const recorded& r) { return out << r.file; }
};

recorded with_text(std::string file, std::string text, std::string reasoning = std::string())
{
    recorded r{std::move(file)};
    r.text = std::move(text);
    r.reasoning = std::move(reasoning);
    return r;
}

recorded with_calls(std::string file, call_list calls, finish_reason finish = finish_reason::tool_calls,
                    std::string text = std::string())
{
    recorded r{std::move(file)};
    r.calls = std::move(calls);
    r.finish = finish;
    r.text = std::move(text);
    return r;
}

recorded failing(std::string file, errc code, std::string text, call_list calls = call_list())
{
    recorded r{std::move(file)};
    r.failure = code;
    r.text = std::move(text);
    r.calls = std::move(calls);
    return r;
}

recorded refused(std::string file, std::string refusal)
{
    recorded r{std::move(file)};
    r.refusal = std::move(refusal);
    return r;
}

std::vector<recorded> all_recorded()
{
    return {
        with_text("groq_text", "Gökyüzü mavi, çünkü ışık dağılır."),
        with_calls("groq_tools", {{"weather", R"({"city":"İzmir"})"}, {"clock", "{}"}}),
        with_text("groq_reasoning", "There are 3.", "Count the r's: three."),
        failing("groq_x_groq_error", errc::server_fault, "Once upon"),
        failing("groq_tool_use_failed", errc::output_mismatch, ""),
        with_text("openai_text", "Hi 👋🏽 — “quotes” and \\ and \n tab\tend"),
        with_calls("openai_parallel_tools",
                   {{"get_weather", R"({"city":"Paris"})"}, {"get_weather", R"({"city":"London","units":"c"})"}}),
        refused("openai_refusal", "I'm sorry, I can't assist with that."),
        with_text("openai_logprobs", "Foo!"),
        with_text("openrouter_reasoning", "4", "Two and two make four."),
        failing("openrouter_error_beside_choices", errc::rate_limited, "The answer", {{"search", R"({"q":"whole"})"}}),
        with_text("deepseek_reasoning", "Three r's.", "strawberry has r, r, r."),
        with_text("mistral_thinking", "2 + 2 = 4", "The user asks for 2+2."),
        with_text("llama_cpp_text", "The sky is blue."),
        failing("llama_cpp_error_field", errc::context_overflow, "The"),
        with_text("vllm_usage", "Bonjour le monde"),
        failing("vllm_event_error", errc::invalid_request, "Bon"),
        with_calls("ollama_tools", {{"add", R"({"a":1,"b":2})"}, {"add", R"({"a":3,"b":4})"}}),
        with_text("azure_filters", "Merhaba dünya"),
        failing("gateway_bare_done", errc::truncated, "Half an ans"),
        with_text("lone_cr", "ağ 🚀 ok"),
        with_calls("length_cut_call", {{"first", R"({"a":1})"}}, finish_reason::length, "Let me look."),
        with_calls("legacy_function_call", {{"lookup", R"({"k":"v"})"}}),
        with_text("perplexity_no_done", "Ankara is the capital."),
        with_text("whole_in_stream", "All at once"),
        failing("lm_studio_error", errc::server_fault, ""),
        failing("unframed_error", errc::server_fault, "Par"),
        failing("not_json", errc::malformed_reply, "Par"),
    };
}

call_list calls_of(const message& m)
{
    call_list calls;
    for (const auto& call : m.tool_calls())
        calls.push_back({call.name, call.arguments});
    return calls;
}

void expect_as_recorded(const outcome& got, const recorded& want, const std::string& how)
{
    ASSERT_TRUE(got.check.ok()) << how << "\n" << got.check.report();
    ASSERT_EQ(got.failure.has_value(), want.failure.has_value()) << how << (got.failure ? got.failure->what() : "");
    if (want.failure) {
        ASSERT_EQ(got.failure->code(), make_error_code(*want.failure)) << how << got.failure->what();
    }
    const auto& m = want.failure ? *got.failure->facts().partial : got.sum;
    ASSERT_EQ(m.text(), want.text) << how;
    ASSERT_EQ(m.reasoning(), want.reasoning) << how;
    ASSERT_EQ(m.refusal(), want.refusal) << how;
    ASSERT_EQ(calls_of(m), want.calls) << how;
    if (!want.failure) {
        ASSERT_EQ(m.finish, want.finish) << how;
    }
}

// From here on a prefix of the stream is a whole reply: the event with the finish reason is there to its last byte.
std::size_t end_of_finish(const std::string& bytes)
{
    std::size_t at = 0;
    for (const std::string_view word : {"stop", "length", "tool_calls", "function_call", "error"}) {
        auto found = bytes.find("\"finish_reason\":\"" + std::string(word) + "\"");
        if (found != std::string::npos)
            at = std::max(at, bytes.find_first_of("\r\n", found));
    }
    return at == 0 ? bytes.size() + 1 : at;
}

class recorded_stream : public ::testing::TestWithParam<recorded> {
protected:
    std::string bytes = read_stream_file(GetParam().file + ".sse");
};

TEST_P(recorded_stream, adds_up_to_what_the_model_said) { expect_as_recorded(decode_stream(bytes), GetParam(), "whole"); }

TEST_P(recorded_stream, is_the_same_split_at_every_byte)
{
    const std::string_view all = bytes;
    for (std::size_t i = 0; i <= all.size(); ++i)
        expect_as_recorded(decode_stream({all.substr(0, i), all.substr(i)}), GetParam(), "split at " + std::to_string(i));
    std::vector<std::string_view> single_bytes;
    for (std::size_t i = 0; i < all.size(); ++i)
        single_bytes.push_back(all.substr(i, 1));
    expect_as_recorded(decode_stream(single_bytes), GetParam(), "byte by byte");
}

TEST_P(recorded_stream, is_no_success_when_cut_before_its_finish_reason)
{
    const std::string_view all = bytes;
    const auto whole_from = end_of_finish(bytes);
    for (std::size_t i = 0; i <= all.size(); ++i) {
        const auto got = decode_stream(all.substr(0, i));
        ASSERT_TRUE(got.check.ok()) << "cut at " << i << "\n" << got.check.report();
        if (GetParam().failure) {
            ASSERT_TRUE(got.failure) << "cut at " << i;
        } else if (i < whole_from) {
            ASSERT_TRUE(got.failure) << "cut at " << i;
            ASSERT_EQ(got.failure->code(), errc::truncated) << "cut at " << i << got.failure->what();
            ASSERT_EQ(got.failure->facts().partial->status, message_status::failed);
            ASSERT_TRUE(GetParam().text.starts_with(got.failure->facts().partial->text())) << "cut at " << i;
        } else {
            expect_as_recorded(got, GetParam(), "cut at " + std::to_string(i));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(providers, recorded_stream, ::testing::ValuesIn(all_recorded()),
                         [](const auto& test) { return test.param.file; });

// The same reply, streamed and sent whole.
class recorded_pair : public ::testing::TestWithParam<std::string> {};

json::object comparable(const message& m)
{
    json::object o;
    o["text"] = m.text();
    o["reasoning"] = m.reasoning();
    o["refusal"] = m.refusal();
    json::array blocks;
    for (const auto& block : m.content) {
        blocks.push_back(static_cast<std::int64_t>(block.index()));
        if (const auto* reasoning = std::get_if<reasoning_block>(&block))
            blocks.push_back(reasoning->details);
        if (const auto* call = std::get_if<tool_call>(&block))
            blocks.push_back(json::array{call->id, call->name, call->arguments});
    }
    o["blocks"] = std::move(blocks);
    o["status"] = json::string_view(name(m.status));
    o["finish"] = json::string_view(name(m.finish));
    o["raw_finish"] = m.info().raw_finish;
    o["id"] = m.info().id;
    o["model"] = m.model();
    o["metadata"] = m.metadata();
    if (m.usage())
        o["usage"] = json::array{m.usage()->input_tokens, m.usage()->output_tokens, m.usage()->total_tokens,
                                 m.usage()->cached_input_tokens.value_or(-1), m.usage()->reasoning_tokens.value_or(-1)};
    return o;
}

TEST_P(recorded_pair, folds_to_the_message_of_the_whole_body)
{
    const auto streamed = decode_stream(read_stream_file(GetParam() + ".sse"));
    const auto whole = decode_body(read_stream_file(GetParam() + ".json"));
    ASSERT_TRUE(whole) << whole.error().what();
    const auto sum = comparable(streamed.sum);
    const auto body = comparable(*whole);
    EXPECT_TRUE(sum == body) << pretty_json(sum) << "\n" << pretty_json(body);
}

INSTANTIATE_TEST_SUITE_P(providers, recorded_pair,
                         ::testing::Values("groq_text", "groq_tools", "openai_text", "openai_parallel_tools", "openai_refusal",
                                           "openai_logprobs", "openrouter_reasoning", "deepseek_reasoning", "mistral_thinking"),
                         [](const auto& test) { return test.param; });

TEST(recorded_streams, usage_of_each_provider_is_read)
{
    const auto usage_of = [](const std::string& file) {
        return decode_stream(read_stream_file(file + ".sse")).sum.usage().value();
    };
    EXPECT_EQ(usage_of("groq_text").total_tokens, 51);
    EXPECT_EQ(usage_of("groq_reasoning").reasoning_tokens, 12);
    EXPECT_EQ(usage_of("openai_text").cached_input_tokens, 4);
    EXPECT_EQ(usage_of("vllm_usage").output_tokens, 4);
    EXPECT_EQ(usage_of("perplexity_no_done").input_tokens, 5);
    EXPECT_EQ(usage_of("llama_cpp_text").total_tokens, 37);
}

TEST(recorded_streams, extras_keep_their_names)
{
    const auto metadata_of = [](const std::string& file) { return decode_stream(read_stream_file(file + ".sse")).sum.metadata(); };
    EXPECT_EQ(metadata_of("groq_text").at("system_fingerprint"), "fp_9e1e8f8435");
    EXPECT_EQ(metadata_of("groq_text").at("x_groq").at("id"), "req_01kb1");
    EXPECT_EQ(metadata_of("openrouter_reasoning").at("native_finish_reason"), "eos");
    EXPECT_EQ(metadata_of("openrouter_reasoning").at("provider"), "DeepInfra");
    EXPECT_EQ(metadata_of("llama_cpp_text").at("timings").at("predicted_n"), 6);
    EXPECT_EQ(metadata_of("vllm_usage").at("stop_reason"), "</s>");
    EXPECT_EQ(metadata_of("perplexity_no_done").at("citations").as_array().size(), 1U);
    EXPECT_FALSE(metadata_of("openai_text").contains("obfuscation"));
    EXPECT_EQ(metadata_of("openai_logprobs").at("logprobs").at("content").as_array().size(), 2U);
    const auto cut = metadata_of("length_cut_call").at("unfinished_tool_calls").as_array();
    ASSERT_EQ(cut.size(), 1U);
    EXPECT_EQ(cut.front().at("arguments"), R"({"text":"unfinished)");
}

TEST(recorded_streams, what_groq_could_not_read_is_kept)
{
    const auto got = decode_stream(read_stream_file("groq_tool_use_failed.sse"));
    ASSERT_TRUE(got.failure);
    EXPECT_TRUE(got.failure->is(condition::unusable_output));
    EXPECT_EQ(got.failure->facts().provider_code, "tool_use_failed");
    EXPECT_EQ(got.failure->facts().partial->metadata().at("failed_generation"), R"(<function=weather>{"city": Izmir}</function>)");
}

}  // namespace
}  // namespace zincir::testing

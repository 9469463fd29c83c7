#include "request_support.hpp"

#include <gmock/gmock.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace zincir::testing {
namespace {

std::string body_of(chat_options options, bool streamed = false, const openai_profile& profile = gateway())
{
    return encode_openai_chat(request_of(messages("Hi"), std::move(options)), profile, streamed).body;
}

json::object object(std::string_view text) { return parse_json(text).get_object(); }

// The text of a member of the body: the number as it is on the wire.
std::string text_of(const std::string& body, const std::string& member)
{
    const auto at = body.find("\"" + member + "\":");
    if (at == body.npos)
        return {};
    const auto begin = at + member.size() + 3;
    return body.substr(begin, body.find_first_of(",}", begin) - begin);
}

class numbers : public ::testing::TestWithParam<double> {};

// std::from_chars, as parsers that round correctly do: Boost.JSON 1.81 does not.
double read(const std::string& text)
{
    double n = std::numeric_limits<double>::quiet_NaN();
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

TEST_P(numbers, read_back_as_the_same_number)
{
    chat_options options;
    options.temperature = GetParam();
    const auto text = text_of(body_of(options), "temperature");
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read(text)), std::bit_cast<std::uint64_t>(GetParam())) << text;
    EXPECT_TRUE(try_parse_json(body_of(options)).has_value()) << text;
}

TEST_P(numbers, stay_the_same_beside_extra)
{
    chat_options options;
    options.temperature = GetParam();
    options.logit_bias = {{"1", GetParam()}};
    options.extra = object(R"({"top_k":4,"logit_bias":{"2":1}})");
    const auto body = body_of(options);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read(text_of(body, "temperature"))), std::bit_cast<std::uint64_t>(GetParam())) << body;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read(text_of(body, "1"))), std::bit_cast<std::uint64_t>(GetParam())) << body;
}

INSTANTIATE_TEST_SUITE_P(doubles, numbers,
                         ::testing::Values(0.0, -0.0, 0.1, 0.2, 0.3, 0.7, 1.0, 1.1, 2.0, 1.0 / 3, 0.30000000000000004, 1e-8, 5e-324,
                                           1e22, 1e23, 123456789012345680.0, 1.7976931348623157e308, 2.2250738585072014e-308));

TEST(openai_request, refuses_numbers_that_json_cannot_say)
{
    chat_options options;
    options.temperature = std::numeric_limits<double>::quiet_NaN();
    EXPECT_REFUSED(body_of(options), invalid_argument, "\"temperature\"");
    options.temperature.reset();
    options.logit_bias = {{"11", std::numeric_limits<double>::infinity()}};
    EXPECT_REFUSED(body_of(options), invalid_argument, "infinite");
}

TEST(openai_request, writes_the_whole_range_of_integers)
{
    chat_options options;
    options.seed = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(text_of(body_of(options), "seed"), "-9223372036854775808");
    options.seed = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(text_of(body_of(options), "seed"), "9223372036854775807");
}

TEST(openai_request, names_the_default_model_unless_the_call_names_one)
{
    EXPECT_EQ(parse_json(body_of(chat_options(), false, builtin("groq"))).at("model"), "llama-3.3-70b-versatile");
    chat_options options;
    options.model = "openai/gpt-oss-20b";
    EXPECT_EQ(parse_json(body_of(options, false, builtin("groq"))).at("model"), "openai/gpt-oss-20b");
}

TEST(openai_request, asks_a_stream_for_usage_only_where_the_profile_says)
{
    for (const auto& profile : builtin_profiles()) {
        const auto whole = object(body_of(chat_options(), false, profile));
        EXPECT_FALSE(whole.contains("stream")) << profile.name;
        EXPECT_FALSE(whole.contains("stream_options")) << profile.name;
        const auto streamed = object(body_of(chat_options(), true, profile));
        EXPECT_EQ(streamed.at("stream"), true) << profile.name;
        EXPECT_EQ(streamed.contains("stream_options"), profile.name != "openrouter" && profile.name != "mistral") << profile.name;
    }
}

TEST(openai_request, merges_extra_member_by_member_and_deeply)
{
    chat_options options;
    options.temperature = 0.5;
    options.response_format = response_format::json_schema("a", object(R"({"type":"object"})"));
    options.stop = {"x"};
    options.extra =
        object(R"({"temperature":null,"stop":["y","z"],"response_format":{"json_schema":{"strict":false,"more":{"b":[]}}},
                               "provider":{"order":["a"]}})");
    EXPECT_EQ(parse_json(body_of(options)),
              parse_json(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"temperature":null,
        "stop":["y","z"],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"},"strict":false,
        "more":{"b":[]}}},"provider":{"order":["a"]}})"));
}

TEST(openai_request, replaces_by_extra_what_is_no_object_on_both_sides)
{
    chat_options options;
    options.response_format = response_format::text();
    options.extra = object(R"({"response_format":"plain","model":{"id":1},"messages":[]})");
    EXPECT_EQ(parse_json(body_of(options)), parse_json(R"({"model":{"id":1},"messages":[],"response_format":"plain"})"));
}

TEST(openai_request, finds_members_by_what_their_escaped_names_mean)
{
    chat_options options;
    options.request_metadata.emplace()["a\"b\\\n\u00e7"] = "{\"not\": \"an object\", [}";
    options.extra["metadata"] = json::object();
    options.extra["metadata"].get_object()["a\"b\\\n\u00e7"] = "new";
    EXPECT_EQ(parse_json(body_of(options)).at("metadata"), json::value(options.extra["metadata"]));
    options.extra = object(R"({"metadata":{"c":1}})");
    const auto merged = parse_json(body_of(options)).at("metadata").get_object();
    EXPECT_EQ(merged.size(), 2u);
    EXPECT_EQ(merged.at("a\"b\\\n\u00e7"), "{\"not\": \"an object\", [}");
}

TEST(openai_request, merges_into_empty_objects)
{
    chat_options options;
    options.logit_bias.emplace();
    options.extra = object(R"({"logit_bias":{"1":2}})");
    EXPECT_EQ(parse_json(body_of(options)).at("logit_bias"), parse_json(R"({"1":2})"));
    options.extra = object(R"({"logit_bias":{}})");
    EXPECT_EQ(parse_json(body_of(options)).at("logit_bias"), parse_json("{}"));
}

TEST(openai_request, lays_the_extra_of_a_call_over_the_models_deeply)
{
    chat_options models, calls;
    models.extra = object(R"({"provider":{"order":["a"],"sort":"price"},"top_k":1})");
    calls.extra = object(R"({"provider":{"sort":"speed"},"min_p":0})");
    EXPECT_EQ(models.overlaid(calls).extra, object(R"({"provider":{"order":["a"],"sort":"speed"},"top_k":1,"min_p":0})"));
}

using spoil = void (*)(chat_request&, openai_profile&, const std::string&);

TEST(openai_request, refuses_text_that_is_not_utf8_wherever_it_stands)
{
    const std::pair<const char*, spoil> places[] = {
        {"model",
         [](chat_request& r, openai_profile&, const std::string& t) {
             chat_options o;
             o.model = t;
             r.options = o;
         }},
        {"stop",
         [](chat_request& r, openai_profile&, const std::string& t) {
             chat_options o;
             o.stop = {t};
             r.options = o;
         }},
        {"user",
         [](chat_request& r, openai_profile&, const std::string& t) {
             chat_options o;
             o.user = t;
             r.options = o;
         }},
        {"extra",
         [](chat_request& r, openai_profile&, const std::string& t) {
             chat_options o;
             o.extra["a"] = t;
             r.options = o;
         }},
        {"content", [](chat_request& r, openai_profile&, const std::string& t) { r.messages = messages(user(t)); }},
        {"description",
         [](chat_request& r, openai_profile&, const std::string& t) {
             tool_definition tool;
             tool.name = "f";
             tool.description = t;
             r.tools = std::vector<tool_definition>{tool};
         }},
        {"parameters",
         [](chat_request& r, openai_profile&, const std::string& t) {
             tool_definition tool;
             tool.name = "f";
             tool.parameters["title"] = t;
             r.tools = std::vector<tool_definition>{tool};
         }},
        {"max_\xFF",
         [](chat_request& r, openai_profile& p, const std::string& t) {
             chat_options o;
             o.max_output_tokens = 1;
             p.output_limit_field = "max_" + t.substr(t.size() - 1);
             r.options = o;
         }},
    };
    for (const auto& [place, break_it] : places) {
        auto request = request_of(messages("Hi"));
        auto profile = gateway();
        break_it(request, profile, "a\xFF");
        EXPECT_REFUSED(encode_openai_chat(request, profile, false), invalid_argument, "is not UTF-8");
        EXPECT_REFUSED(encode_openai_chat(request, profile, false), invalid_argument, std::string("\"") + place + "\"");
        EXPECT_REFUSED(encode_openai_chat(request, profile, false), invalid_argument, "byte");
    }
}

TEST(openai_request, holds_a_rule_of_a_profile_for_every_setting)
{
    const auto profile = try_parse_profiles(R"({"profiles":[{"name":"p","base_url":"http://h/v1","default_model":"m",
        "reasoning_effort_form":"reasoning_object","output_limit_field":"limit",
        "settings":{"reasoning_effort":{"support":"warn","why":"w"},"response_format":{"field":"format"},"tool_choice":{"field":"choose"},
                    "logit_bias":{"field":"bias"},"request_metadata":{"field":"labels"},"stop":{"field":"stops"},"seed":{"support":"refuse"},
                    "user":{"field":"a \"user\""}}}]})")
                             .value()
                             .at(0);
    chat_options options;
    options.reasoning_effort = "low";
    options.response_format = response_format::text();
    options.tool_choice = tool_choice::required();
    options.logit_bias = {{"1", 1.0}};
    options.request_metadata.emplace()["a"] = "b";
    options.stop = {"s"};
    options.max_output_tokens = 5;
    options.user = "u";
    tool_definition tool;
    tool.name = "f";
    const auto encoded = encode_openai_chat(request_of(messages("Hi"), options, {tool}), profile, false);
    auto body = object(encoded.body);
    body.erase("tools");
    EXPECT_EQ(body, object(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"limit":5,"stops":["s"],"bias":{"1":1},
        "choose":"required","format":{"type":"text"},"a \"user\"":"u","labels":{"a":"b"}})"));
    EXPECT_THAT(encoded.warnings, ::testing::ElementsAre("reasoning_effort was not sent: p does not take it (w)"));
    options.seed = 1;
    EXPECT_REFUSED(encode_openai_chat(request_of(messages("Hi"), options), profile, false), unsupported, "p does not take seed");
}

TEST(openai_request, refuses_tools_where_the_provider_has_none)
{
    auto profile = gateway();
    profile.tools = false;
    tool_definition tool;
    tool.name = "f";
    EXPECT_REFUSED(encode_openai_chat(request_of(messages("Hi"), chat_options(), {tool}), profile, false), unsupported,
                   "does not take tools");
}

TEST(openai_request, is_pure)
{
    chat_options options;
    options.temperature = 0.5;
    options.extra = object(R"({"a":{"b":1}})");
    const auto request = request_of(messages("Hi"), options);
    EXPECT_EQ(encode_openai_chat(request, gateway(), true).body, encode_openai_chat(request, gateway(), true).body);
    EXPECT_EQ(request.options->extra, options.extra);
}

}  // namespace
}  // namespace zincir::testing

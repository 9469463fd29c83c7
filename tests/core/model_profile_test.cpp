#include <zincir/core/chat_request.hpp>
#include <zincir/core/model_profile.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace zincir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

chat_request asking(messages input, chat_options options = chat_options(), std::vector<tool_definition> tools = {})
{
    chat_request request;
    request.messages = std::move(input);
    request.options = std::move(options);
    request.tools = std::move(tools);
    return request;
}

error refusal_of(const chat_request& request, const model_profile& profile)
{
    return testing::thrown_by([&] { check_request(request, profile); });
}

model_profile incapable()
{
    model_profile p;
    p.model = "acme:small";
    p.tools = p.json_schema = p.images = p.audio = p.files = p.reasoning = false;
    return p;
}

std::vector<tool_definition> one_tool()
{
    std::vector<tool_definition> tools(1);
    tools[0].name = "t";
    return tools;
}

chat_request with_everything()
{
    chat_options options;
    options.response_format = response_format::json_schema("s", json::object());
    options.reasoning_effort = "high";
    options.max_output_tokens = 1'000'000;
    return asking(
        user_parts(image_url("https://example.org/a.png"), audio_bytes("x", "audio/wav"), file_bytes("x", "text/plain", "a.txt")),
        options, one_tool());
}

TEST(check_request, an_unknown_fact_refuses_nothing) { EXPECT_NO_THROW(check_request(with_everything(), model_profile())); }

struct senseless {
    std::string words;
    chat_options options{};
    std::vector<tool_definition> tools{};
    friend std::ostream& operator<<(std::ostream& out, const senseless& c) { return out << c.words; }
};

std::vector<tool_definition> tools_called(std::vector<std::string> names)
{
    std::vector<tool_definition> tools;
    for (auto& name : names)
        tools.emplace_back().name = std::move(name);
    return tools;
}

template <class Set>
senseless setting(std::string words, Set set)
{
    senseless c;
    c.words = std::move(words);
    set(c);
    return c;
}

class senseless_request : public ::testing::TestWithParam<senseless> {};

TEST_P(senseless_request, is_refused_whatever_the_model)
{
    const auto e = refusal_of(asking("hi", GetParam().options, GetParam().tools), model_profile());
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    all, senseless_request,
    ::testing::Values(setting("temperature must be a number", [](auto& c) { c.options.temperature = std::nan(""); }),
                      setting("top_p must be a number", [](auto& c) { c.options.top_p = HUGE_VAL; }),
                      setting("max_output_tokens must be positive, not 0", [](auto& c) { c.options.max_output_tokens = 0; }),
                      setting("n, the number of replies, must be positive, not -1", [](auto& c) { c.options.n = -1; }),
                      setting("tool 1 has no name", [](auto& c) { c.tools = tools_called({"a", ""}); }),
                      setting("two tools are called \"a\"", [](auto& c) { c.tools = tools_called({"a", "b", "a"}); }),
                      setting("\"wether\", which is not among the tools; did you mean \"weather\"?", [](auto& c) {
                          c.tools = tools_called({"clock", "weather"});
                          c.options.tool_choice = tool_choice::named("wether");
                      })));

TEST(check_request, refuses_what_the_model_lacks_and_names_it)
{
    const auto e = refusal_of(asking("hi", chat_options(), one_tool()), incapable());
    EXPECT_EQ(e.code(), errc::unsupported);
    EXPECT_THAT(e.what(), AllOf(HasSubstr("acme:small"), HasSubstr("tools")));

    chat_options options;
    options.response_format = response_format::json_schema("s", json::object());
    EXPECT_THAT(refusal_of(asking("hi", options), incapable()).what(), AllOf(HasSubstr("schema"), HasSubstr("json_object")));
    options.response_format = response_format::json_object();
    EXPECT_NO_THROW(check_request(asking("hi", options), incapable()));

    EXPECT_THAT(refusal_of(asking(user_parts(image_url("https://example.org/a.png"))), incapable()).what(), HasSubstr("images"));
    EXPECT_THAT(refusal_of(asking(user_parts(audio_bytes("x", "audio/wav"))), incapable()).what(), HasSubstr("audio"));
    EXPECT_THAT(refusal_of(asking(user_parts(file_bytes("x", "text/plain", "a"))), incapable()).what(), HasSubstr("files"));
}

TEST(check_request, knows_the_words_for_reasoning_effort)
{
    chat_options options;
    options.reasoning_effort = "high";
    EXPECT_THAT(refusal_of(asking("hi", options), incapable()).what(), HasSubstr("does not reason"));
    options.reasoning_effort = "none";
    EXPECT_NO_THROW(check_request(asking("hi", options), incapable()));
    model_profile p;
    p.reasoning_efforts = {"low", "medium"};
    options.reasoning_effort = "high";
    EXPECT_THAT(refusal_of(asking("hi", options), p).what(), AllOf(HasSubstr("\"high\""), HasSubstr("low, medium")));
    options.reasoning_effort = "low";
    EXPECT_NO_THROW(check_request(asking("hi", options), p));
}

TEST(check_request, holds_the_output_limit)
{
    model_profile p;
    p.max_output_tokens = 4096;
    chat_options options;
    options.max_output_tokens = 4096;
    EXPECT_NO_THROW(check_request(asking("hi", options), p));
    options.max_output_tokens = 4097;
    EXPECT_EQ(refusal_of(asking("hi", options), p).code(), errc::unsupported);
    options.max_output_tokens = 0;
    EXPECT_EQ(refusal_of(asking("hi", options), model_profile()).code(), errc::invalid_argument);
}

TEST(check_request, refuses_an_input_that_no_tokenizer_could_fit)
{
    model_profile p;
    p.model = "acme:small";
    p.context_window = 100;
    EXPECT_NO_THROW(check_request(asking(user(std::string(800, 'a'))), p));
    const auto e = refusal_of(asking(messages(user(std::string(500, 'a')), user(std::string(500, 'a')))), p);
    EXPECT_EQ(e.code(), errc::context_overflow);
    EXPECT_THAT(e.what(), AllOf(HasSubstr("1000 bytes"), HasSubstr("acme:small")));
}

}  // namespace
}  // namespace zincir

#include "request_support.hpp"

#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/init_chat_model.hpp>
#include <zincir/llms/model_catalog.hpp>
#include <zincir/net/scripted_transport.hpp>

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace zincir::testing {
namespace {

model_catalog catalog_of(std::string_view rows)
{
    model_catalog catalog;
    catalog.add(rows);
    return catalog;
}

TEST(model_catalog, knows_the_current_models)
{
    const auto& catalog = model_catalog::standard();
    const auto llama = catalog.find("groq", "llama-3.3-70b-versatile");
    EXPECT_EQ(llama.model, "groq:llama-3.3-70b-versatile");
    EXPECT_EQ(llama.context_window, 131072);
    EXPECT_EQ(llama.max_output_tokens, 32768);
    EXPECT_EQ(llama.tools, true);
    EXPECT_EQ(llama.images, false);
    EXPECT_FALSE(llama.deprecated);
    const auto gpt = catalog.find("openai", "gpt-5");
    EXPECT_EQ(gpt.temperature, false);
    EXPECT_EQ(gpt.reasoning_efforts, (std::vector<std::string>{"minimal", "low", "medium", "high"}));
    EXPECT_TRUE(catalog.find("groq", "gemma2-9b-it").deprecated);
    for (const char* provider : {"groq", "openai"})
        EXPECT_TRUE(catalog.find(provider, builtin(provider).default_model).context_window) << provider;
}

TEST(model_catalog, finds_a_dated_name_by_the_name_without_its_date)
{
    const auto catalog = catalog_of(
        R"({"models":{"p:m":{"context_window":1},"p:m-2024-08-06":{"context_window":2},"p:m-70b-8192":{"context_window":3}}})");
    EXPECT_EQ(catalog.find("p", "m-2025-01-31").context_window, 1);
    EXPECT_EQ(catalog.find("p", "m-2025-01-31").model, "p:m-2025-01-31");
    EXPECT_EQ(catalog.find("p", "m-0613").context_window, 1);
    EXPECT_EQ(catalog.find("p", "m-2024-08-06").context_window, 2) << "a row of its own comes first";
    EXPECT_EQ(catalog.find("p", "m-70b-8192").context_window, 3);
}

TEST(model_catalog, knows_nothing_but_the_name_of_others)
{
    const auto catalog = catalog_of(R"({"models":{"p:m":{"context_window":1}}})");
    for (const char* model : {"m-mini", "m-2024-8-6", "m-20240806", "m2024-08-06", "m-061", "-0613", "", "M"}) {
        const auto found = catalog.find("p", model);
        EXPECT_EQ(found.context_window, std::nullopt) << model;
        EXPECT_EQ(found.model, std::string("p:") + model);
    }
    EXPECT_EQ(catalog.find("q", "m").context_window, std::nullopt);
}

TEST(model_catalog, lays_rows_over_rows_member_by_member)
{
    auto catalog = model_catalog::standard();
    const auto size = catalog.size();
    catalog.add(
        R"({"models":{"groq:llama-3.3-70b-versatile":{"context_window":4096,"images":null},"mine:m":{"tools":false,"reasoning_efforts":["low"]}}})");
    const auto changed = catalog.find("groq", "llama-3.3-70b-versatile");
    EXPECT_EQ(changed.context_window, 4096);
    EXPECT_EQ(changed.max_output_tokens, 32768) << "what the row leaves out stays";
    EXPECT_EQ(changed.images, false) << "null says nothing";
    EXPECT_EQ(catalog.find("mine", "m").tools, false);
    EXPECT_EQ(catalog.find("mine", "m").reasoning_efforts, std::vector<std::string>{"low"});
    EXPECT_EQ(catalog.size(), size + 1);
    EXPECT_EQ(model_catalog::standard().find("groq", "llama-3.3-70b-versatile").context_window, 131072) << "a copy is a copy";
}

TEST(model_catalog, points_at_the_place_of_an_error)
{
    const std::pair<const char*, const char*> faults[] = {
        {R"({"models":{"p:m":{"contxt":1}}})", "/models/p:m/contxt"},
        {R"({"models":{"p:a/b~c":{"x/y":1}}})", "/models/p:a~1b~0c/x~1y"},
        {R"({"models":{"p:m":{"context_window":"big"}}})", "/models/p:m/context_window"},
        {R"({"models":{"p:m":{"context_window":1.5}}})", "/models/p:m/context_window"},
        {R"({"models":{"p:m":{"reasoning_efforts":["low",1]}}})", "/models/p:m/reasoning_efforts/1"},
        {R"({"models":{"p:m":3}})", "/models/p:m"},
        {R"({"models":{"m":{}}})", "/models/m"},
        {R"({"models":[]})", "/models"},
        {R"({})", "/models"},
        {R"([])", "/models"},
        {R"({"models":{)", "line 1"},
    };
    for (const auto& fault : faults) {
        model_catalog catalog;
        EXPECT_REFUSED(catalog.add(fault.first), invalid_argument, fault.second);
    }
}

TEST(model_catalog, has_all_rows_of_a_text_or_none)
{
    auto catalog = catalog_of(R"({"models":{"p:m":{"context_window":1}}})");
    EXPECT_REFUSED(catalog.add(R"({"models":{"p:m":{"context_window":2},"p:n":{"oops":1}}})"), invalid_argument,
                   "/models/p:n/oops");
    EXPECT_EQ(catalog.find("p", "m").context_window, 1);
    EXPECT_EQ(catalog.size(), 1u);
}

TEST(model_catalog, reads_a_file_and_names_it_in_errors)
{
    const auto path = ::testing::TempDir() + "zincir_models_" + std::to_string(::getpid()) + ".json";
    std::ofstream(path) << R"({"models":{"p:m":{"tools":true}}})";
    model_catalog catalog;
    catalog.load(path);
    EXPECT_EQ(catalog.find("p", "m").tools, true);
    std::ofstream(path) << R"({"models":{"p:m":{"tools":1}}})";
    EXPECT_REFUSED(catalog.load(path), invalid_argument, path + ": /models/p:m/tools");
    std::remove(path.c_str());
    EXPECT_REFUSED(catalog.load(path), invalid_argument, path);
}

class refused_before_sending : public ::testing::Test {
protected:
    std::shared_ptr<scripted_transport> transport = std::make_shared<scripted_transport>();

    chat_model model(const char* provider, const char* name, chat_options options = chat_options()) const
    {
        options.model = name;
        return chat_model_of(builtin(provider), std::move(options), transport, secret("sk-1"));
    }
    void expect_refused(const chat_model& asked, messages input, errc code, const std::string& words) const
    {
        for (const bool streamed : {false, true}) {
            const auto refusal = error_of([&] {
                if (streamed)
                    sync_wait([](chat_model m, messages in) -> awaitable<void> {
                        auto pieces = m.stream(std::move(in));
                        while (co_await pieces.next())
                            ;
                    }(asked, input));
                else
                    sync_wait(asked.invoke(input));
            });
            ASSERT_TRUE(refusal);
            EXPECT_EQ(refusal->code(), code) << refusal->what();
            EXPECT_THAT(refusal->facts().message, ::testing::HasSubstr(words));
            EXPECT_THAT(refusal->facts().message, ::testing::HasSubstr(asked.profile().model));
        }
        EXPECT_TRUE(transport->requests().empty());
    }
};

TEST_F(refused_before_sending, more_output_than_the_model_writes)
{
    chat_options options;
    options.max_output_tokens = 32769;
    expect_refused(model("groq", "llama-3.3-70b-versatile", options), "Hi", errc::unsupported, "at most 32768 tokens");
}

TEST_F(refused_before_sending, tools_on_a_model_without_tools)
{
    tool_definition tool;
    tool.name = "f";
    expect_refused(model("groq", "allam-2-7b").with_tools({tool}), "Hi", errc::unsupported, "does not call tools");
}

TEST_F(refused_before_sending, an_image_on_a_model_without_images)
{
    expect_refused(model("groq", "llama-3.3-70b-versatile"),
                   messages(user_parts(text_block("What?"), image_url("https://h/a.png"))), errc::unsupported,
                   "does not see images");
}

TEST_F(refused_before_sending, a_sound_on_a_model_without_audio)
{
    expect_refused(model("groq", "llama-3.3-70b-versatile"), messages(user_parts(audio_bytes("a", "audio/wav"))), errc::unsupported,
                   "does not hear audio");
}

TEST_F(refused_before_sending, a_schema_on_a_model_that_follows_none)
{
    chat_options options;
    options.response_format = response_format::json_schema("a", json::object());
    expect_refused(model("openai", "gpt-4", options), "Hi", errc::unsupported, "does not follow a JSON schema");
}

TEST_F(refused_before_sending, reasoning_that_the_model_does_not_have)
{
    chat_options options;
    options.reasoning_effort = "low";
    expect_refused(model("groq", "llama-3.3-70b-versatile", options), "Hi", errc::unsupported, "does not reason");
    options.reasoning_effort = "extreme";
    expect_refused(model("openai", "gpt-5", options), "Hi", errc::unsupported, "it knows minimal, low, medium, high");
}

TEST_F(refused_before_sending, a_conversation_that_no_tokenizer_fits_into_the_context)
{
    expect_refused(model("groq", "allam-2-7b"), std::string(std::size_t{9} * 4096, 'a'), errc::context_overflow, "4096 tokens");
}

TEST_F(refused_before_sending, nothing_of_a_model_that_nobody_knows)
{
    transport->then(scripted_response(
        200, R"({"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]})"));
    chat_options options;
    options.max_output_tokens = 1'000'000'000;
    options.reasoning_effort = "extreme";
    tool_definition tool;
    tool.name = "f";
    const auto asked = model("groq", "unheard-of", options).with_tools({tool});
    EXPECT_EQ(sync_wait(asked.invoke(messages(user_parts(image_url("https://h/a.png"))))).text(), "ok");
    EXPECT_EQ(transport->requests().size(), 1u);
}

TEST_F(refused_before_sending, not_a_temperature_which_is_left_out_with_a_warning)
{
    transport->then(scripted_response(
        200, R"({"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]})"));
    chat_options options;
    options.temperature = 0.5;
    const auto reply = sync_wait(model("openai", "gpt-5", options).invoke("Hi"));
    EXPECT_THAT(reply.warnings(), ::testing::Contains(::testing::HasSubstr("temperature was not sent")));
    EXPECT_FALSE(parse_json(transport->requests().at(0).body).get_object().contains("temperature"));
}

TEST_F(refused_before_sending, no_temperature_of_a_model_that_is_told_not_to_reason)
{
    transport->then(scripted_response(
        200, R"({"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]})"));
    chat_options options;
    options.temperature = 0.5;
    options.top_p = 0.5;
    options.reasoning_effort = "none";
    const auto reply = sync_wait(model("openai", "gpt-5.6", options).invoke("Hi"));
    EXPECT_TRUE(reply.warnings().empty());
    EXPECT_EQ(parse_json(transport->requests().at(0).body).at("temperature"), 0.5);
}

}  // namespace
}  // namespace zincir::testing

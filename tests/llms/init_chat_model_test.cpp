#include "environment_guard.hpp"
#include "request_support.hpp"

#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/init_chat_model.hpp>
#include <zincir/llms/offline_model.hpp>
#include <zincir/net/scripted_transport.hpp>

#include <gmock/gmock.h>

#include <memory>

namespace zincir::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* good_reply =
    R"({"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]})";

// No variable of the machine has a say in a test.
class init_chat_model_spec : public ::testing::Test {
protected:
    init_chat_model_spec()
    {
        for (const auto& profile : builtin_profiles())
            for (const auto& name : {profile.key_variable, profile.url_variable})
                if (!name.empty())
                    cleared_.push_back(std::make_unique<environment_guard>(name, nullptr));
        for (const char* name : {"ZINCIR_LOCAL_URL", "OPENAI_COMPATIBLE_API_KEY"})
            cleared_.push_back(std::make_unique<environment_guard>(name, nullptr));
    }

    // What a call of the model sends.
    recorded_request sent(std::string_view spec, chat_options defaults = chat_options())
    {
        const auto transport = std::make_shared<scripted_transport>(scripted_response(200, good_reply));
        return sent_by(init_chat_model(spec, std::move(defaults), transport), *transport);
    }
    static recorded_request sent_by(const chat_model& model, const scripted_transport& transport)
    {
        EXPECT_EQ(sync_wait(model.invoke("Hi")).text(), "ok");
        const auto requests = transport.requests();
        EXPECT_EQ(requests.size(), 1u);
        return requests.at(0);
    }
    static std::string model_in(const recorded_request& request)
    {
        return std::string(parse_json(request.body).at("model").as_string());
    }

private:
    std::vector<std::unique_ptr<environment_guard>> cleared_{};
};

TEST_F(init_chat_model_spec, names_a_model_of_a_provider)
{
    const environment_guard key("GROQ_API_KEY", "gsk-1");
    const auto request = sent("groq:openai/gpt-oss-20b");
    EXPECT_EQ(request.url, "https://api.groq.com/openai/v1/chat/completions");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(model_in(request), "openai/gpt-oss-20b");
    EXPECT_TRUE(request.had_bearer);
    EXPECT_THAT(request.body, Not(HasSubstr("gsk-1")));
    for (const auto& [name, value] : request.headers.fields())
        EXPECT_THAT(value, Not(HasSubstr("gsk-1"))) << name;
}

TEST_F(init_chat_model_spec, takes_the_default_model_of_every_provider)
{
    for (const auto& profile : builtin_profiles()) {
        const environment_guard key(profile.key_variable, "sk-1");
        const auto request = sent(profile.name);
        EXPECT_EQ(model_in(request), profile.default_model) << profile.name;
        EXPECT_EQ(request.url, profile.base_url + profile.chat_path) << profile.name;
        EXPECT_TRUE(request.had_bearer) << profile.name;
    }
}

TEST_F(init_chat_model_spec, splits_at_the_first_colon_only) { EXPECT_EQ(model_in(sent("ollama:llama3.2:1b")), "llama3.2:1b"); }

TEST_F(init_chat_model_spec, is_what_a_chain_calls_the_model)
{
    EXPECT_EQ(init_chat_model("ollama:llama3.2:1b").step_name(), "chat_model(ollama:llama3.2:1b)");
    EXPECT_EQ(init_chat_model("http://localhost/v1#mine").step_name(), "chat_model(openai_compatible:mine)");
    chat_options options;
    options.model = "other";
    EXPECT_EQ(init_chat_model("ollama", options).step_name(), "chat_model(ollama:other)");
}

TEST_F(init_chat_model_spec, wins_over_the_model_of_the_options)
{
    chat_options options;
    options.model = "other";
    options.temperature = 0.5;
    const auto named = sent("ollama:mine", options);
    EXPECT_EQ(model_in(named), "mine");
    EXPECT_EQ(parse_json(named.body).at("temperature"), 0.5);
    EXPECT_EQ(model_in(sent("ollama", options)), "other");
}

TEST_F(init_chat_model_spec, takes_the_address_of_a_gateway)
{
    const auto request = sent("http://localhost:9000/v1");
    EXPECT_EQ(request.url, "http://localhost:9000/v1/chat/completions");
    EXPECT_EQ(model_in(request), "default");
    EXPECT_FALSE(request.had_bearer);
    EXPECT_EQ(sent("https://h.example/v1/").url, "https://h.example/v1/chat/completions");
}

TEST_F(init_chat_model_spec, keeps_the_query_of_a_gateway_behind_the_path)
{
    EXPECT_EQ(sent("https://h.example/v1?api-version=2").url, "https://h.example/v1/chat/completions?api-version=2");
    EXPECT_EQ(sent("https://h.example/v1/?a=b#m").url, "https://h.example/v1/chat/completions?a=b");
}

TEST_F(init_chat_model_spec, takes_the_whole_address_of_a_gateway_as_it_is)
{
    EXPECT_EQ(sent("https://h.example/v1/chat/completions").url, "https://h.example/v1/chat/completions");
    EXPECT_EQ(sent("https://h.example").url, "https://h.example/chat/completions");
}

TEST_F(init_chat_model_spec, takes_the_model_of_a_gateway_after_the_hash)
{
    const auto request = sent("https://h.example/v1#org/model:7b");
    EXPECT_EQ(request.url, "https://h.example/v1/chat/completions");
    EXPECT_EQ(model_in(request), "org/model:7b");
    EXPECT_REFUSED(init_chat_model("https://h.example/v1#"), invalid_argument, "no model after the #");
}

TEST_F(init_chat_model_spec, sends_a_gateway_its_key_if_one_is_set)
{
    const environment_guard key("OPENAI_COMPATIBLE_API_KEY", "sk-1");
    EXPECT_TRUE(sent("https://h.example/v1").had_bearer);
}

TEST_F(init_chat_model_spec, sends_a_gateway_no_key_of_another_provider)
{
    const environment_guard key("OPENAI_API_KEY", "sk-1");
    EXPECT_FALSE(sent("https://h.example/v1").had_bearer);
}

TEST_F(init_chat_model_spec, local_is_the_llama_server_at_its_address)
{
    EXPECT_EQ(sent("local").url, "http://127.0.0.1:8080/v1/chat/completions");
    EXPECT_FALSE(sent("local").had_bearer);
    const environment_guard url("ZINCIR_LOCAL_URL", "http://127.0.0.1:9999/v1/");
    EXPECT_EQ(sent("local").url, "http://127.0.0.1:9999/v1/chat/completions");
}

TEST_F(init_chat_model_spec, offline_needs_no_transport)
{
    const auto transport = std::make_shared<scripted_transport>();
    const auto model = init_chat_model("offline", chat_options(), transport);
    EXPECT_FALSE(sync_wait(model.invoke("Hi")).text().empty());
    EXPECT_TRUE(transport->requests().empty());
}

TEST_F(init_chat_model_spec, url_variables_replace_addresses)
{
    for (const auto& profile : builtin_profiles()) {
        if (profile.url_variable.empty())
            continue;
        const environment_guard key(profile.key_variable, "sk-1");
        const environment_guard url(profile.url_variable, "https://proxy.example/x//");
        EXPECT_EQ(sent(profile.name).url, "https://proxy.example/x" + profile.chat_path) << profile.name;
    }
}

TEST_F(init_chat_model_spec, refuses_a_url_variable_without_an_address)
{
    const environment_guard url("OLLAMA_BASE_URL", "localhost:11434");
    EXPECT_REFUSED(init_chat_model("ollama"), invalid_argument, "OLLAMA_BASE_URL");
    EXPECT_REFUSED(init_chat_model("ollama"), invalid_argument, "http://");
}

TEST_F(init_chat_model_spec, refuses_a_missing_or_bad_key_before_anything_is_sent)
{
    const auto transport = std::make_shared<scripted_transport>();
    EXPECT_REFUSED(init_chat_model("groq", chat_options(), transport), authentication, "GROQ_API_KEY");
    EXPECT_REFUSED(init_chat_model("groq", chat_options(), transport), authentication, "https://console.groq.com/keys");
    const environment_guard key("GROQ_API_KEY", "\"gsk-1\"");
    EXPECT_REFUSED(init_chat_model("groq", chat_options(), transport), authentication, "GROQ_API_KEY holds quotation marks");
    EXPECT_TRUE(transport->requests().empty());
}

TEST_F(init_chat_model_spec, checks_a_key_that_is_given)
{
    const auto refusal = error_of([] { openai_compatible("http://h/v1", chat_options(), nullptr, secret("gsk 1")); });
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->code(), errc::authentication);
    EXPECT_THAT(refusal->facts().message, HasSubstr("the key given for openai_compatible holds white space"));
    EXPECT_THAT(refusal->facts().message, Not(HasSubstr("gsk")));
}

TEST_F(init_chat_model_spec, a_key_that_is_given_wins_over_the_variable)
{
    const environment_guard key("GROQ_API_KEY", "not a key");
    const auto transport = std::make_shared<scripted_transport>(scripted_response(200, good_reply));
    EXPECT_TRUE(sent_by(chat_model_of(builtin("groq"), chat_options(), transport, secret("gsk-1")), *transport).had_bearer);
}

TEST_F(init_chat_model_spec, names_what_there_is_and_what_is_nearest)
{
    struct misspelt {
        std::string spec{};
        std::string nearest{};
    };
    for (const auto& m : {misspelt{"grok:llama", "groq"}, misspelt{"Groq:llama", "groq"}, misspelt{"opnai", "openai"},
                          misspelt{"olama:x", "ollama"}, misspelt{"llamacpp", "llama_cpp"}, misspelt{"ofline", "offline"},
                          misspelt{"lokal", "local"}}) {
        EXPECT_REFUSED(init_chat_model(m.spec), invalid_argument,
                       "\"" + m.spec + "\" names no model; did you mean \"" + m.nearest + "\"?");
        for (const auto& profile : builtin_profiles())
            EXPECT_REFUSED(init_chat_model(m.spec), invalid_argument, profile.name);
    }
}

TEST_F(init_chat_model_spec, names_no_nearest_where_none_is_near)
{
    for (const char* spec : {"", ":", ":m", "some-very-different-provider:m", "ftp://h/v1"}) {
        const auto refusal = error_of([&] { init_chat_model(spec); });
        ASSERT_TRUE(refusal) << spec;
        EXPECT_EQ(refusal->code(), errc::invalid_argument) << spec;
        EXPECT_THAT(refusal->facts().message, Not(HasSubstr("did you mean"))) << spec;
        EXPECT_THAT(refusal->facts().message, HasSubstr("provider:model")) << spec;
    }
}

TEST_F(init_chat_model_spec, refuses_a_provider_with_an_empty_model)
{
    const environment_guard key("GROQ_API_KEY", "gsk-1");
    EXPECT_REFUSED(init_chat_model("groq:"), invalid_argument, "llama-3.3-70b-versatile");
}

TEST_F(init_chat_model_spec, gives_the_model_its_profile)
{
    const environment_guard key("GROQ_API_KEY", "gsk-1");
    EXPECT_EQ(init_chat_model("groq").profile().model, "groq:llama-3.3-70b-versatile");
    EXPECT_EQ(init_chat_model("groq").profile().context_window, 131072);
    EXPECT_EQ(init_chat_model("groq:unheard-of").profile().model, "groq:unheard-of");
    EXPECT_EQ(init_chat_model("groq:unheard-of").profile().context_window, std::nullopt);
}

}  // namespace
}  // namespace zincir::testing

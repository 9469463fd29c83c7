#include "profile_row.hpp"
#include "request_support.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <set>

namespace zincir::testing {
namespace {

using form = openai_profile::effort_form;
using formats = openai_profile::formats;

// What the providers document, apart from the rows: a row that is changed by accident is found here.
struct facts {
    const char* name;
    const char* base_url;
    const char* key_variable;
    bool key_required;
    const char* output_limit_field;
    const char* request_id_header;
    bool ask_stream_usage;
    formats response_formats;
    form effort;
};

TEST(openai_profile, has_the_documented_facts_of_every_provider)
{
    const facts documented[] = {
        {"groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", true, "max_completion_tokens", "x-request-id", true,
         formats::json_schema, form::word},
        {"openai", "https://api.openai.com/v1", "OPENAI_API_KEY", true, "max_completion_tokens", "x-request-id", true,
         formats::json_schema, form::word},
        {"ollama", "http://localhost:11434/v1", "OLLAMA_API_KEY", false, "max_tokens", "x-request-id", true, formats::json_schema,
         form::word},
        {"llama_cpp", "http://localhost:8080/v1", "LLAMACPP_API_KEY", false, "max_tokens", "x-request-id", true,
         formats::json_schema, form::word},
        {"vllm", "http://localhost:8000/v1", "VLLM_API_KEY", false, "max_tokens", "x-request-id", true, formats::json_schema,
         form::word},
        {"openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", true, "max_tokens", "x-request-id", false,
         formats::json_schema, form::reasoning_object},
        {"deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", true, "max_tokens", "x-request-id", true, formats::json_object,
         form::thinking_switch},
        {"mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", true, "max_tokens", "mistral-correlation-id", false,
         formats::json_schema, form::word},
        {"together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", true, "max_tokens", "x-request-id", true, formats::none,
         form::enabled_switch},
        {"xai", "https://api.x.ai/v1", "XAI_API_KEY", true, "max_tokens", "x-request-id", true, formats::json_schema, form::word},
        {"lm_studio", "http://localhost:1234/v1", "LM_STUDIO_API_KEY", false, "max_tokens", "x-request-id", true,
         formats::json_schema, form::word},
    };
    EXPECT_EQ(builtin_profiles().size(), std::size(documented));
    for (const auto& fact : documented) {
        const auto profile = builtin(fact.name);
        EXPECT_EQ(profile.base_url, fact.base_url) << fact.name;
        EXPECT_EQ(profile.key_variable, fact.key_variable) << fact.name;
        EXPECT_EQ(profile.key_required, fact.key_required) << fact.name;
        EXPECT_EQ(profile.output_limit_field, fact.output_limit_field) << fact.name;
        EXPECT_EQ(profile.request_id_header, fact.request_id_header) << fact.name;
        EXPECT_EQ(profile.ask_stream_usage, fact.ask_stream_usage) << fact.name;
        EXPECT_EQ(profile.response_formats, fact.response_formats) << fact.name;
        EXPECT_EQ(profile.reasoning_effort_form, fact.effort) << fact.name;
        EXPECT_FALSE(profile.default_model.empty()) << fact.name;
        EXPECT_FALSE(profile.done_without_finish_reason) << fact.name;
        EXPECT_EQ(profile.key_page.empty(), !fact.key_required) << fact.name;
    }
}

TEST(openai_profile, names_no_provider_twice)
{
    std::set<std::string> names;
    for (const auto& profile : builtin_profiles())
        EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
}

TEST(openai_profile, is_found_by_its_exact_name)
{
    ASSERT_NE(find_profile("groq"), nullptr);
    EXPECT_EQ(find_profile("groq")->name, "groq");
    for (const char* name : {"Groq", "groq ", "", "offline", "local", "openai_compatible"})
        EXPECT_EQ(find_profile(name), nullptr) << name;
}

TEST(openai_profile, survives_being_written_as_a_row_and_read_again)
{
    for (const auto& profile : builtin_profiles()) {
        const auto row = row_of(profile);
        const auto read = try_parse_profiles(file_of(row));
        ASSERT_TRUE(read.has_value()) << read.error().what();
        ASSERT_EQ(read->size(), 1u);
        EXPECT_EQ(row_of(read->front()), row) << profile.name;
    }
}

// Each member away from its default: nothing is read into the wrong place, or not at all.
TEST(openai_profile, reads_every_member)
{
    openai_profile p;
    p.name = "n";
    p.base_url = "http://h/v1";
    p.url_variable = "U";
    p.key_variable = "K";
    p.key_required = false;
    p.key_page = "https://keys";
    p.chat_path = "/chat";
    p.default_model = "m";
    p.request_id_header = "x-id";
    p.output_limit_field = "limit";
    p.developer_role = true;
    p.fold_system_messages = true;
    p.ask_stream_usage = false;
    p.done_without_finish_reason = true;
    p.finish_words = {{"a", finish_reason::stop},
                      {"b", finish_reason::length},
                      {"c", finish_reason::tool_calls},
                      {"d", finish_reason::content_filter},
                      {"e", finish_reason::other}};
    p.tools = false;
    p.tool_choices = {"auto"};
    p.response_formats = formats::none;
    p.format_with_tools = false;
    p.forced_choice_with_format = false;
    p.forced_choice_with_reasoning = false;
    p.reasoning_effort_form = form::enabled_switch;
    p.reasoning_back = openai_profile::reasoning_echo::details;
    p.media = {"audio"};
    p.image_urls = false;
    p.file_urls = p.plain_media = true;
    p.call_extras_back = false;
    p.refused_extra = {{"x", "why"}};
    setting_rule rule;
    rule.how = setting_rule::support::refuse;
    rule.field = "f";
    rule.why = "w";
    rule.true_as = 1;
    rule.max_items = 3;
    rule.refused_streamed = true;
    rule.zero_as = 0.5;
    rule.words = {{"a", "b"}};
    p.settings = {{"stop", rule}};
    const auto row = row_of(p);
    const auto plain = row_of(openai_profile());
    for (const auto& member : row)
        EXPECT_NE(member.value(), plain.at(member.key())) << "the test has the default of " << member.key();
    EXPECT_EQ(row_of(try_parse_profiles(file_of(row)).value().at(0)), row);
}

TEST(openai_profile, takes_openais_ways_for_what_a_row_leaves_out)
{
    const auto p = try_parse_profiles(R"({"profiles":[{"name":"p","base_url":"http://h/v1"}]})").value().at(0);
    auto expected = gateway();
    expected.name = "p";
    expected.base_url = "http://h/v1";
    expected.default_model.clear();
    EXPECT_EQ(row_of(p), row_of(expected));
}

TEST(openai_profile, needs_a_key_where_a_row_names_its_variable)
{
    const auto rows = try_parse_profiles(R"({"profiles":[{"name":"a","base_url":"http://h","key_variable":"K"},
        {"name":"b","base_url":"http://h"},{"name":"c","base_url":"http://h","key_variable":"K","key_required":false}]})")
                          .value();
    EXPECT_TRUE(rows.at(0).key_required);
    EXPECT_FALSE(rows.at(1).key_required);
    EXPECT_FALSE(rows.at(2).key_required);
}

TEST(openai_profile, points_at_the_place_of_an_error)
{
    const std::pair<std::string, std::string> faults[] = {
        {R"({"name":"p","base_url":"http://h","nme":1})", "/profiles/0/nme"},
        {R"({"base_url":"http://h"})", "/profiles/0/name"},
        {R"({"name":"p"})", "/profiles/0/base_url"},
        {R"({"name":"a:b","base_url":"http://h"})", "/profiles/0/name"},
        {R"({"name":"","base_url":"http://h"})", "/profiles/0/name"},
        {R"({"name":"p","base_url":"h/v1"})", "/profiles/0/base_url"},
        {R"({"name":"p","base_url":"http://h","tools":"yes"})", "/profiles/0/tools"},
        {R"({"name":"p","base_url":"http://h","tool_choices":["auto",1]})", "/profiles/0/tool_choices/1"},
        {R"({"name":"p","base_url":"http://h","tool_choices":["always"]})", "/profiles/0/tool_choices/0"},
        {R"({"name":"p","base_url":"http://h","response_formats":"xml"})", "/profiles/0/response_formats"},
        {R"({"name":"p","base_url":"http://h","reasoning_effort_form":"x"})", "/profiles/0/reasoning_effort_form"},
        {R"({"name":"p","base_url":"http://h","reasoning_back":"x"})", "/profiles/0/reasoning_back"},
        {R"({"name":"p","base_url":"http://h","media":["image","video"]})", "/profiles/0/media/1"},
        {R"({"name":"p","base_url":"http://h","finish_words":{"done":"end"}})", "/profiles/0/finish_words/done"},
        {R"({"name":"p","base_url":"http://h","settings":{"temprature":{}}})", "/profiles/0/settings/temprature"},
        {R"({"name":"p","base_url":"http://h","settings":{"a/b~":{}}})", "/profiles/0/settings/a~1b~0"},
        {R"({"name":"p","base_url":"http://h","settings":{"seed":{"suport":"warn"}}})", "/profiles/0/settings/seed/suport"},
        {R"({"name":"p","base_url":"http://h","settings":{"seed":{"support":"maybe"}}})", "/profiles/0/settings/seed/support"},
        {R"({"name":"p","base_url":"http://h","settings":{"stop":{"max_items":-1}}})", "/profiles/0/settings/stop/max_items"},
        {R"(7)", "/profiles/0"},
    };
    for (const auto& [row, place] : faults) {
        const auto read = try_parse_profiles("{\"profiles\":[" + row + "]}");
        ASSERT_FALSE(read.has_value()) << row;
        EXPECT_EQ(read.error().code(), errc::invalid_argument) << row;
        EXPECT_THAT(read.error().facts().message, ::testing::StartsWith(place + ":")) << row;
    }
    for (const char* text : {"[]", "{}", R"({"profiles":{}})"})
        EXPECT_THAT(try_parse_profiles(text).error().facts().message, ::testing::StartsWith("/profiles:")) << text;
    EXPECT_EQ(try_parse_profiles("{").error().code(), errc::invalid_argument);
}

TEST(openai_profile, names_the_file_in_errors)
{
    const auto path = ::testing::TempDir() + "zincir_profiles_" + std::to_string(::getpid()) + ".json";
    EXPECT_REFUSED(load_profiles(path), invalid_argument, path);
    std::ofstream(path) << R"({"profiles":[{"name":"p","base_url":"http://h","x":1}]})";
    EXPECT_REFUSED(load_profiles(path), invalid_argument, path + ": /profiles/0/x");
    std::ofstream(path) << R"({"profiles":[{"name":"p","base_url":"http://h"},{"name":"q","base_url":"http://i"}]})";
    EXPECT_EQ(load_profiles(path).size(), 2u);
    std::remove(path.c_str());
}

TEST(openai_profile, of_an_unknown_gateway_is_what_openai_documents)
{
    const auto p = unknown_gateway("http://h/v1//");
    EXPECT_EQ(p.base_url, "http://h/v1");
    EXPECT_FALSE(p.key_required);
    EXPECT_TRUE(p.settings.empty());
    EXPECT_TRUE(unknown_gateway("http://h/v1", "K").key_required);
}

}  // namespace
}  // namespace zincir::testing

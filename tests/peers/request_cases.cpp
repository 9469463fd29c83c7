#include "request_cases.hpp"

#include <zincir/core/json.hpp>

#include <functional>

namespace zincir::peers {
namespace {

json::object object(std::string_view text) { return parse_json(text).get_object(); }

// The bytes of a picture of one pixel are of no interest to a schema: any will do.
constexpr std::string_view png_bytes("\x89PNG\r\n\x1a\n", 8);
constexpr std::string_view wav_bytes("RIFF\x04\0\0\0WAVE", 12);
constexpr std::string_view mp3_bytes("ID3\x04\0\0\0\0\0\0", 10);
constexpr std::string_view pdf_bytes("%PDF-1.7\n");

tool_definition weather_tool()
{
    tool_definition tool;
    tool.name = "get_weather";
    tool.description = "The weather of a city now.";
    tool.parameters = object(R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"],
                                 "additionalProperties":false})");
    tool.strict = true;
    return tool;
}

tool_definition bare_tool()
{
    tool_definition tool;
    tool.name = "now";
    return tool;
}

response_format answer_format(std::optional<bool> strict = true)
{
    return response_format::json_schema("answer", object(R"({"type":"object","properties":{"answer":{"type":"string"}},
                                                             "required":["answer"],"additionalProperties":false})"),
                                        strict);
}

messages terse_question() { return messages(system("You are terse."), user("Merhaba, nasılsın?")); }

messages tool_history()
{
    message call(role::assistant, content());
    call.content.emplace_back(tool_call("call_1", "get_weather", R"({"city":"Ankara"})"));
    return messages(system("You are terse."), user("Weather in Ankara?"), std::move(call), tool_result("call_1", "12 degrees"),
                    assistant("12 degrees."), user("And in JSON?"));
}

// The calls that other clients are asked to make, too: compare_clients.py writes them in their words.
std::vector<request_case> compared_cases()
{
    std::vector<request_case> cases;
    auto& lecture = cases.emplace_back();
    lecture.name = "lecture";
    lecture.messages = messages(system("You are a helpful assistant."), user("Explain what an LLM chain is in one sentence."));
    lecture.options.temperature = 0.7;

    auto& all = cases.emplace_back();
    all.name = "everything";
    all.messages = terse_question();
    all.options.temperature = 0.2;
    all.options.max_output_tokens = 64;
    all.options.response_format = answer_format();
    all.tools = {weather_tool()};

    auto& zero = cases.emplace_back();
    zero.name = "temperature_zero";
    zero.messages = messages("Hi");
    zero.options.temperature = 0;

    auto& history = cases.emplace_back();
    history.name = "tool_history";
    history.messages = tool_history();
    history.tools = {weather_tool()};

    auto& picture = cases.emplace_back();
    picture.name = "image";
    picture.messages = messages(user_parts(text_block("What is this?"), image_url("https://images.example/cat.png", "low")));
    return cases;
}

using change = std::function<void(request_case&)>;

struct named_change {
    const char* name;
    change apply;
};

std::vector<named_change> setting_changes()
{
    return {
        {"model", [](request_case& c) { c.options.model = "gpt-4o"; }},
        {"top_p", [](request_case& c) { c.options.top_p = 0.9; }},
        {"max_output_tokens", [](request_case& c) { c.options.max_output_tokens = 1; }},
        {"stop_one", [](request_case& c) { c.options.stop = {"\n"}; }},
        {"stop_four", [](request_case& c) { c.options.stop = {"a", "b", "c", "\"\\"}; }},
        {"seed", [](request_case& c) { c.options.seed = -7; }},
        {"presence_penalty", [](request_case& c) { c.options.presence_penalty = -2.0; }},
        {"frequency_penalty", [](request_case& c) { c.options.frequency_penalty = 2.0; }},
        {"n_one", [](request_case& c) { c.options.n = 1; }},
        {"n_two", [](request_case& c) { c.options.n = 2; }},
        {"logprobs",
         [](request_case& c) {
             c.options.logprobs = true;
             c.options.top_logprobs = 5;
         }},
        {"logit_bias", [](request_case& c) { c.options.logit_bias = {{"50256", -100.0}, {"11", 1.0}}; }},
        {"reasoning_effort",
         [](request_case& c) {
             c.options.model = "o4-mini";
             c.options.reasoning_effort = "low";
         }},
        {"reasoning_effort_none", [](request_case& c) { c.options.reasoning_effort = "none"; }},
        {"reasoning_format", [](request_case& c) { c.options.reasoning_format = "parsed"; }},
        {"service_tier", [](request_case& c) { c.options.service_tier = "flex"; }},
        {"verbosity", [](request_case& c) { c.options.verbosity = "low"; }},
        {"user", [](request_case& c) { c.options.user = "u-1"; }},
        {"prompt_cache_key", [](request_case& c) { c.options.prompt_cache_key = "k"; }},
        {"store", [](request_case& c) { c.options.store = false; }},
        {"request_metadata", [](request_case& c) { c.options.request_metadata.emplace()["team"] = "a"; }},
        {"extra", [](request_case& c) { c.options.extra = object(R"({"modalities":["text"],"safety_identifier":"s"})"); }},
    };
}

std::vector<named_change> tool_and_format_changes()
{
    return {
        {"tool_bare", [](request_case& c) { c.tools = {bare_tool()}; }},
        {"tools_two", [](request_case& c) { c.tools = {weather_tool(), bare_tool()}; }},
        {"tools_parallel",
         [](request_case& c) {
             c.tools = {weather_tool()};
             c.options.parallel_tool_calls = false;
         }},
        {"choice_automatic",
         [](request_case& c) {
             c.tools = {weather_tool()};
             c.options.tool_choice = tool_choice::automatic();
         }},
        {"choice_none",
         [](request_case& c) {
             c.tools = {weather_tool()};
             c.options.tool_choice = tool_choice::none();
         }},
        {"choice_required",
         [](request_case& c) {
             c.tools = {weather_tool()};
             c.options.tool_choice = tool_choice::required();
         }},
        {"choice_named",
         [](request_case& c) {
             c.tools = {weather_tool()};
             c.options.tool_choice = tool_choice::named("get_weather");
         }},
        {"choice_without_tools", [](request_case& c) { c.options.tool_choice = tool_choice::required(); }},
        {"format_text", [](request_case& c) { c.options.response_format = response_format::text(); }},
        {"format_json_object",
         [](request_case& c) {
             c.messages = messages("Hi, in JSON");
             c.options.response_format = response_format::json_object();
         }},
        {"format_schema_strict", [](request_case& c) { c.options.response_format = answer_format(); }},
        {"format_schema_lenient", [](request_case& c) { c.options.response_format = answer_format(false); }},
        {"format_schema_unsaid", [](request_case& c) { c.options.response_format = answer_format(std::nullopt); }},
    };
}

message refusal_reply()
{
    message m(role::assistant, content());
    m.content.emplace_back(refusal_block("I will not."));
    return m;
}

message reasoned_reply()
{
    message m(role::assistant, content());
    m.content.emplace_back(reasoning_block("Let me see."));
    m.content.emplace_back(text_block("4"));
    return m;
}

message two_calls(std::string text)
{
    message m(role::assistant, std::move(text));
    m.content.emplace_back(tool_call("call_1", "get_weather", R"({"city":"Ankara"})"));
    m.content.emplace_back(tool_call("call_2", "now", "{}"));
    return m;
}

message named_user()
{
    auto m = user("Hi");
    m.name = "ayse";
    return m;
}

std::vector<named_change> message_changes()
{
    return {
        {"user_only", [](request_case&) {}},
        {"escapes", [](request_case& c) { c.messages = messages("tab\t quote\" back\\ nul\x01 emoji \xF0\x9F\x98\x80"); }},
        {"developer", [](request_case& c) { c.messages = messages(developer("Be terse."), user("Hi")); }},
        {"system_twice",
         [](request_case& c) { c.messages = messages(system("a"), user("b"), assistant("c"), system("d"), user("e")); }},
        {"participant", [](request_case& c) { c.messages = messages(named_user()); }},
        {"text_parts", [](request_case& c) { c.messages = messages(user_parts(text_block("a"), text_block("b"))); }},
        {"empty_reply", [](request_case& c) { c.messages = messages(user("a"), assistant(""), user("b")); }},
        {"refusal", [](request_case& c) { c.messages = messages(user("a"), refusal_reply(), user("b")); }},
        {"reasoning", [](request_case& c) { c.messages = messages(user("2+2"), reasoned_reply(), user("sure?")); }},
        {"image_bytes", [](request_case& c) { c.messages = messages(user_parts(image_bytes(png_bytes, "image/png"))); }},
        {"image_and_text_after",
         [](request_case& c) { c.messages = messages(user_parts(image_url("https://images.example/a.png"), text_block("?"))); }},
        {"audio",
         [](request_case& c) {
             c.options.model = "gpt-4o-audio-preview";
             c.messages = messages(user_parts(text_block("?"), audio_bytes(wav_bytes, "audio/wav")));
         }},
        {"audio_mpeg",
         [](request_case& c) {
             c.options.model = "gpt-4o-audio-preview";
             c.messages = messages(user_parts(audio_bytes(mp3_bytes, "audio/mpeg")));
         }},
        {"file",
         [](request_case& c) {
             c.messages = messages(user_parts(text_block("?"), file_bytes(pdf_bytes, "application/pdf", "a.pdf")));
         }},
        {"two_calls",
         [](request_case& c) {
             c.messages =
                 messages(user("a"), two_calls("I look."), tool_result("call_1", "12"), tool_result("call_2", "late", true));
             c.tools = {weather_tool(), bare_tool()};
         }},
        {"history_without_tools", [](request_case& c) { c.messages = tool_history(); }},
    };
}

}  // namespace

std::vector<request_case> request_cases()
{
    auto cases = compared_cases();
    for (const auto& changes : {setting_changes(), tool_and_format_changes(), message_changes()})
        for (const auto& [name, apply] : changes) {
            auto& added = cases.emplace_back();
            added.name = name;
            added.messages = messages("Hi");
            apply(added);
        }
    return cases;
}

}  // namespace zincir::peers

#include "request_support.hpp"

#include <gmock/gmock.h>

namespace zincir::testing {
namespace {

json::value expected(std::string_view text) { return parse_json(text); }

message called(std::string text, std::vector<tool_call> calls)
{
    auto m = assistant(std::move(text));
    if (m.text().empty())
        m.content.clear();
    for (auto& call : calls)
        m.content.emplace_back(std::move(call));
    return m;
}

TEST(openai_messages, write_the_five_roles)
{
    const messages history(zincir::system("S"), developer("D"), user("U"), called("A", {tool_call("c", "f", "{}")}),
                           tool_result("c", "R"));
    EXPECT_EQ(encoded_messages(history, builtin("openai")),
              expected(R"([{"role":"system","content":"S"},{"role":"developer","content":"D"},
        {"role":"user","content":"U"},{"role":"assistant","content":"A","tool_calls":[{"id":"c","type":"function","function":{"name":"f",
        "arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"R"}])"));
}

TEST(openai_messages, send_a_developer_as_system_except_to_openai)
{
    for (const auto& profile : builtin_profiles())
        EXPECT_EQ(encoded_messages(messages(developer("D")), profile).at(0).at("role"),
                  profile.name == "openai" ? "developer" : "system")
            << profile.name;
}

TEST(openai_messages, write_one_text_as_a_string_and_several_joined)
{
    EXPECT_EQ(encoded_messages(messages("a")), expected(R"([{"role":"user","content":"a"}])"));
    EXPECT_EQ(encoded_messages(messages(user_parts(text_block("a"), text_block("b")))),
              expected(R"([{"role":"user","content":"ab"}])"));
}

TEST(openai_messages, write_parts_in_order)
{
    const auto m = user_parts(text_block("What?"), image_url("https://h/a.png", "low"), image_url("https://h/b.png"),
                              image_bytes(std::string_view("\x00\xFFz", 3), "image/png"), audio_bytes("ab", "audio/mpeg"),
                              audio_bytes("abc", "audio/x-wav"), file_bytes("%PDF", "application/pdf", "a.pdf"), text_block("!"));
    EXPECT_EQ(encoded_messages(messages(m)), expected(R"([{"role":"user","content":[{"type":"text","text":"What?"},
        {"type":"image_url","image_url":{"url":"https://h/a.png","detail":"low"}},{"type":"image_url","image_url":{"url":"https://h/b.png"}},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AP96"}},
        {"type":"input_audio","input_audio":{"data":"YWI=","format":"mp3"}},{"type":"input_audio","input_audio":{"data":"YWJj","format":"wav"}},
        {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="}},{"type":"text","text":"!"}]}])"));
}

TEST(openai_messages, send_a_file_by_address_only_where_the_provider_takes_one)
{
    media source;
    source.url = "https://h/a.pdf";
    const messages history(user_parts(text_block("Read"), file_block(source)));
    EXPECT_EQ(encoded_messages(history, builtin("openrouter")).at(0).at("content").at(1),
              expected(R"({"type":"file","file":{"file_data":"https://h/a.pdf"}})"));
    EXPECT_REFUSED(encoded_messages(history, builtin("openai")), unsupported, "file_bytes()");
}

TEST(openai_messages, refuse_a_sound_by_address)
{
    media source;
    source.url = "https://h/a.mp3";
    EXPECT_REFUSED(encoded_messages(messages(user_parts(audio_block(source)))), unsupported, "audio_bytes()");
}

TEST(openai_messages, write_media_as_mistral_wants_them)
{
    media source;
    source.url = "https://h/a.pdf";
    const auto m = user_parts(text_block("?"), image_url("https://h/a.png"), audio_bytes("ab", "audio/mpeg"),
                              file_bytes("%PDF", "application/pdf", "a.pdf"), file_block(source));
    EXPECT_EQ(encoded_messages(messages(m), builtin("mistral")).at(0).at("content"),
              expected(R"([{"type":"text","text":"?"},{"type":"image_url","image_url":{"url":"https://h/a.png"}},
        {"type":"input_audio","input_audio":"YWI="},
        {"type":"document_url","document_url":"data:application/pdf;base64,JVBERg==","document_name":"a.pdf"},
        {"type":"document_url","document_url":"https://h/a.pdf"}])"));
}

TEST(openai_messages, refuse_media_that_the_provider_does_not_take)
{
    const messages picture(user_parts(text_block("?"), image_url("https://h/a.png")));
    EXPECT_REFUSED(encoded_messages(picture, builtin("deepseek")), unsupported, "deepseek takes no image");
    EXPECT_REFUSED(encoded_messages(picture, builtin("ollama")), unsupported, "image_bytes()");
    EXPECT_EQ(encoded_messages(messages(user_parts(image_bytes("a", "image/png"))), builtin("ollama"))
                  .at(0)
                  .at("content")
                  .at(0)
                  .at("type"),
              "image_url");
}

TEST(openai_messages, send_back_what_came_with_a_tool_call_where_it_came_from)
{
    auto m = called("", {tool_call("c", "f", "{}"), tool_call("d", "g", "{}")});
    m.info().metadata["extra_content"] = expected(R"({"c":{"google":{"thought_signature":"s"}}})");
    const messages history(user("Q"), m, tool_result("c", "R"), tool_result("d", "R"));
    const auto sent = encoded_messages(history, unknown_gateway("http://gateway.example/v1")).at(1).at("tool_calls");
    EXPECT_EQ(sent.at(0).at("extra_content"), expected(R"({"google":{"thought_signature":"s"}})"));
    EXPECT_FALSE(sent.at(1).get_object().contains("extra_content"));
    EXPECT_FALSE(encoded_messages(history, builtin("groq")).at(1).at("tool_calls").at(0).get_object().contains("extra_content"));
}

TEST(openai_messages, leave_no_block_out_in_silence)
{
    message shown(role::assistant, "look");
    shown.content.emplace_back(image_url("https://h/a.png"));
    EXPECT_REFUSED(encoded_messages(messages(shown)), unsupported, "assistant holds a picture");
    message mixed(role::user, "and");
    mixed.content.emplace_back(tool_result_block("c", "R"));
    EXPECT_REFUSED(encoded_messages(messages(mixed)), invalid_argument, "user holds a tool result");
    auto answer = tool_result("c", "R");
    answer.content.emplace_back(text_block("more"));
    EXPECT_REFUSED(encoded_messages(messages(answer)), invalid_argument, "more than tool results");
}

TEST(openai_messages, leave_content_out_of_a_message_of_calls_alone)
{
    EXPECT_EQ(
        encoded_messages(messages(called("", {tool_call("1", "f", R"({"a":"\u00e7"})"), tool_call("2", "g", "{}")}))),
        expected(
            R"([{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":\"\\u00e7\"}"}},
              {"id":"2","type":"function","function":{"name":"g","arguments":"{}"}}]}])"));
}

TEST(openai_messages, write_empty_content_as_an_empty_string)
{
    EXPECT_EQ(encoded_messages(messages("")), expected(R"([{"role":"user","content":""}])"));
    message nothing;
    EXPECT_EQ(encoded_messages(messages(nothing)), expected(R"([{"role":"user","content":""}])"));
    nothing.role = role::assistant;
    EXPECT_EQ(encoded_messages(messages(nothing)), expected(R"([{"role":"assistant","content":""}])"));
}

TEST(openai_messages, write_each_result_of_a_message_as_a_message_and_say_errors_in_words)
{
    auto results = tool_result("1", "fine");
    results.content.emplace_back(tool_result_block("2", "no such city", true));
    results.content.emplace_back(tool_result_block("3", "Error: 404", true));
    EXPECT_EQ(encoded_messages(messages(results)), expected(R"([{"role":"tool","tool_call_id":"1","content":"fine"},
        {"role":"tool","tool_call_id":"2","content":"Error: no such city"},{"role":"tool","tool_call_id":"3","content":"Error: 404"}])"));
}

TEST(openai_messages, write_a_refusal_and_a_name)
{
    message m;
    m.role = role::assistant;
    m.name = "ana";
    m.content.emplace_back(refusal_block("no"));
    EXPECT_EQ(encoded_messages(messages(m)), expected(R"([{"role":"assistant","name":"ana","content":"","refusal":"no"}])"));
}

message reasoned()
{
    message m;
    m.role = role::assistant;
    for (const char* thought : {"hm", "!"}) {
        reasoning_block reasoning(thought);
        reasoning.details =
            parse_json(std::string(R"({"reasoning_details":[{"type":"reasoning.encrypted","data":")") + thought + "\"}]}")
                .get_object();
        m.content.emplace_back(std::move(reasoning));
    }
    m.content.emplace_back(text_block("ok"));
    return m;
}

TEST(openai_messages, send_reasoning_back_only_as_the_profile_says)
{
    const messages history(user("Q"), reasoned(), user("More"));
    for (const auto& profile : builtin_profiles()) {
        const auto sent = encoded_messages(history, profile).at(1);
        if (profile.name == "deepseek")
            EXPECT_EQ(sent, expected(R"({"role":"assistant","content":"ok","reasoning_content":"hm!"})"));
        else if (profile.name == "openrouter")
            EXPECT_EQ(
                sent,
                expected(R"({"role":"assistant","content":"ok","reasoning_details":[{"type":"reasoning.encrypted","data":"hm"},
                {"type":"reasoning.encrypted","data":"!"}]})"));
        else if (profile.name == "mistral")
            EXPECT_EQ(sent,
                      expected(R"({"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm!"}]},
                {"type":"text","text":"ok"}]})"));
        else
            EXPECT_EQ(sent, expected(R"({"role":"assistant","content":"ok"})")) << profile.name;
    }
}

TEST(openai_messages, carry_empty_reasoning_back_where_every_reply_must_have_it)
{
    EXPECT_EQ(encoded_messages(messages(assistant("ok")), builtin("deepseek")),
              expected(R"([{"role":"assistant","content":"ok","reasoning_content":""}])"));
    EXPECT_EQ(encoded_messages(messages(assistant("ok")), builtin("openrouter")),
              expected(R"([{"role":"assistant","content":"ok"}])"));
}

TEST(openai_messages, fold_later_instructions_where_one_is_taken_and_say_so)
{
    const messages history(zincir::system("A"), user("U"), zincir::system("B"), developer("C"));
    const auto encoded = encode_openai_chat(request_of(history), builtin("mistral"), false);
    EXPECT_EQ(parse_json(encoded.body).at("messages"),
              expected(R"([{"role":"system","content":"A\n\nB\n\nC"},{"role":"user","content":"U"}])"));
    ASSERT_EQ(encoded.warnings.size(), 1u);
    EXPECT_THAT(encoded.warnings[0], ::testing::HasSubstr("one system message"));
    EXPECT_EQ(encoded_messages(history, builtin("groq")).get_array().size(), 4u);
    EXPECT_TRUE(
        encode_openai_chat(request_of(messages(zincir::system("A"), user("U"))), builtin("mistral"), false).warnings.empty());
}

class texts : public ::testing::TestWithParam<std::string> {};

TEST_P(texts, arrive_as_they_were_written)
{
    const auto& text = GetParam();
    EXPECT_EQ(encoded_messages(messages(text)).at(0).at("content"), json::string(text));
    EXPECT_EQ(encoded_messages(messages(called("", {tool_call(text, text, text)}))).at(0).at("tool_calls").at(0).at("function"),
              json::value({{"name", text}, {"arguments", text}}));
    EXPECT_EQ(encoded_messages(messages(tool_result(text, text))).at(0),
              json::value({{"role", "tool"}, {"tool_call_id", text}, {"content", text}}));
}

INSTANTIATE_TEST_SUITE_P(all, texts,
                         ::testing::Values("", "Türkçe: ğüşıöç İĞÜŞÖÇ", "👩‍👩‍👧 ✓ 𝒳",
                                           "\"quoted\" \\ back\\\\slash /", "line\nbreak\r\n\ttab", std::string("a\0b", 3),
                                           "\x01\x02\x1f\x7f\b\f", "\u2028\u2029\ufeff", "</script>",
                                           R"({"json": [1, "\u00e7"]})"));

TEST(openai_messages, escape_every_control_character)
{
    std::string all;
    for (char c = 0; c < 0x20; ++c)
        all += c;
    const auto body = encode_openai_chat(request_of(messages(all)), gateway(), false).body;
    EXPECT_TRUE(std::all_of(body.begin(), body.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; }));
    EXPECT_EQ(parse_json(body).at("messages").at(0).at("content"), json::string(all));
}

TEST(openai_messages, refuse_bytes_that_are_not_utf8)
{
    for (const char* bad : {"\xFF", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
        const std::string text = bad;
        EXPECT_REFUSED(encoded_messages(messages(text)), invalid_argument, "is not UTF-8");
        EXPECT_REFUSED(encoded_messages(messages(called("", {tool_call(text, "f", "{}")}))), invalid_argument, "\"id\"");
        EXPECT_REFUSED(encoded_messages(messages(user_parts(image_url(text)))), invalid_argument, "\"url\"");
        auto named = user("U");
        named.name = text;
        EXPECT_REFUSED(encoded_messages(messages(named)), invalid_argument, "\"name\"");
        EXPECT_REFUSED(check_history(messages(text)), invalid_argument, "message 0");
    }
}

TEST(openai_messages, are_a_history_that_makes_sense_before_anything_is_sent)
{
    const auto call = called("", {tool_call("1", "f", "{}")});
    EXPECT_REFUSED(check_history(messages()), invalid_argument, "is empty");
    EXPECT_REFUSED(check_history(messages(user("U"), tool_result("1", "R"))), invalid_argument, "that no message before it made");
    EXPECT_REFUSED(check_history(messages(user("U"), call)), invalid_argument, "ends before the result");
    EXPECT_REFUSED(check_history(messages(user("U"), call, user("V"))), invalid_argument, "comes before the result");
    EXPECT_REFUSED(check_history(messages(user("U"), call, tool_result("1", "R"), tool_result("1", "R"))), invalid_argument,
                   "has its result already");
    EXPECT_REFUSED(check_history(messages(user("U"), called("", {tool_call("1", "f", "{}"), tool_call("1", "g", "{}")}))),
                   invalid_argument, "a second time");
    auto cut = assistant("half");
    cut.status = message_status::aborted;
    EXPECT_REFUSED(check_history(messages(user("U"), cut)), invalid_argument, "was cut");
    EXPECT_NO_THROW(check_history(messages(user("U"), call, tool_result("1", "R"), assistant("A"))));
}

}  // namespace
}  // namespace zincir::testing

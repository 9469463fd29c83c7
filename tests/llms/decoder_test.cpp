#include "decoder_support.hpp"

#include "../../llms/src/openai_delta.hpp"

#include <zincir/core/json.hpp>

#include <boost/json/serialize.hpp>

#include <ostream>

namespace zincir::testing {
namespace {

std::string text_of(const std::string& stream)
{
    return decode_stream(stream + chunk_of("{}", "\"stop\"") + done_event).sum.text();
}

errc failure_of(const std::string& stream)
{
    const auto got = decode_stream(stream);
    EXPECT_TRUE(got.check.ok()) << got.check.report();
    EXPECT_TRUE(got.failure);
    return got.failure ? static_cast<errc>(got.failure->code().value()) : errc();
}

// The chunk that the scanner reads, with this JSON string as its content.
std::string common(std::string_view content_json)
{
    return R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":)" +
           std::string(content_json) + R"(},"logprobs":null,"finish_reason":null}]})";
}

struct escape_case {
    const char* name;
    const char* json;
    const char* text;
    friend std::ostream& operator<<(std::ostream& out, const escape_case& c) { return out << c.name; }
};

class delta_text : public ::testing::TestWithParam<escape_case> {};

TEST_P(delta_text, is_decoded_without_a_document)
{
    const auto event = common(GetParam().json);
    detail::openai_delta delta;
    ASSERT_TRUE(detail::scan_openai_delta(event, delta));
    std::string scratch;
    EXPECT_EQ(detail::decode(delta.content, scratch), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(strings, delta_text,
                         ::testing::Values(escape_case{"plain", R"("hello")", "hello"},
                                           escape_case{"turkish", R"("ığüşöçİĞÜŞÖÇ")", "ığüşöçİĞÜŞÖÇ"},
                                           escape_case{"turkish_escaped", R"("\u0131\u011f\u0130")", "ığİ"},
                                           escape_case{"emoji", R"("👩‍💻🇹🇷")", "👩‍💻🇹🇷"},
                                           escape_case{"emoji_escaped", R"("\uD83D\ude80!")", "🚀!"},
                                           escape_case{"simple_escapes", R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
                                           escape_case{"escaped_backslash_before_u", R"("\\u0041")", "\\u0041"},
                                           escape_case{"lone_low_surrogate", R"("a\ude80b")",
                                                       "a\xEF\xBF\xBD"
                                                       "b"},
                                           escape_case{"two_high_surrogates", R"("\ud83d\ud83d\ude80")", "\xEF\xBF\xBD🚀"}),
                         [](const auto& test) { return test.param.name; });

struct rejected_case {
    const char* name;
    std::string json;
    friend std::ostream& operator<<(std::ostream& out, const rejected_case& c) { return out << c.name; }
};

class no_common_chunk : public ::testing::TestWithParam<rejected_case> {};

TEST_P(no_common_chunk, is_left_to_the_full_parser)
{
    detail::openai_delta delta;
    EXPECT_FALSE(detail::scan_openai_delta(GetParam().json, delta));
}

std::string choice(std::string_view inside) { return R"({"id":"c","choices":[{)" + std::string(inside) + "}]}"; }

INSTANTIATE_TEST_SUITE_P(
    events, no_common_chunk,
    ::testing::Values(rejected_case{"invalid_utf8", common("\"\xC3\x28\"")}, rejected_case{"overlong", common("\"\xC0\xAF\"")},
                      rejected_case{"encoded_surrogate", common("\"\xED\xA0\x80\"")},
                      rejected_case{"beyond_unicode", common("\"\xF4\x90\x80\x80\"")},
                      rejected_case{"control_character", common("\"a\nb\"")}, rejected_case{"bad_escape", common(R"("\x")")},
                      rejected_case{"bad_hex", common(R"("\u12g4")")}, rejected_case{"trailing_text", common("\"a\"") + "x"},
                      rejected_case{"trailing_comma", R"({"id":"c","choices":[{"index":0,"delta":{"content":"a",}}]})"},
                      rejected_case{"second_choice", choice(R"("index":1,"delta":{"content":"a"})")},
                      rejected_case{"finish_reason", choice(R"("index":0,"delta":{},"finish_reason":"stop")")},
                      rejected_case{"logprobs", choice(R"("index":0,"delta":{"content":"a"},"logprobs":{"content":[1]})")},
                      rejected_case{"no_delta", choice(R"("index":0)")},
                      rejected_case{"error_object", R"({"object":"error","message":"x","choices":[{"index":0,"delta":{}}]})"},
                      rejected_case{"error_beside_choices", R"({"error":{"message":"x"},"choices":[{"index":0,"delta":{}}]})"},
                      rejected_case{"leading_zero", R"({"created":01,"choices":[{"index":0,"delta":{}}]})"},
                      rejected_case{"named_call", choice(R"("index":0,"delta":{"tool_calls":[{"index":0,"id":"a"}]})")}),
    [](const auto& test) { return test.param.name; });

TEST(delta_scanner, stops_at_every_cut)
{
    const auto event = common(R"("a\u011f\"ş🚀")");
    detail::openai_delta whole;
    ASSERT_TRUE(detail::scan_openai_delta(event, whole));
    for (std::size_t i = 0; i < event.size(); ++i) {
        const std::string cut = event.substr(0, i);  // its own memory, so that a sanitizer sees a byte too far
        detail::openai_delta delta;
        EXPECT_FALSE(detail::scan_openai_delta(cut, delta)) << i;
    }
}

TEST(delta_scanner, agrees_with_the_full_parser_on_every_damaged_byte)
{
    const auto event = common(R"("a\u011f\"ş")");
    for (std::size_t i = 0; i < event.size(); ++i)
        for (const char c : {'"', '\\', '{', '}', ',', ':', '0', ' ', '\x80', '\n', 'x'}) {
            auto damaged = event;
            damaged[i] = c;
            detail::openai_delta delta;
            if (detail::scan_openai_delta(damaged, delta)) {
                EXPECT_TRUE(try_parse_json(damaged)) << damaged;
            }
        }
}

TEST(delta_scanner, reads_a_piece_of_arguments)
{
    const auto event =
        choice(R"("index":0,"delta":{"tool_calls":[{"index":3,"function":{"arguments":"{\"a"}}]},"finish_reason":null)");
    detail::openai_delta delta;
    ASSERT_TRUE(detail::scan_openai_delta(event, delta));
    EXPECT_TRUE(delta.has_call);
    EXPECT_EQ(delta.call_index, 3);
    EXPECT_EQ(delta.call_arguments.raw, R"({\"a)");
}

TEST(openai_decoder, reads_an_event_like_the_one_before_as_if_it_were_the_first)
{
    const auto opening = chunk_of(R"({"role":"assistant"})");
    const auto before = event_of(common(R"("first ")"));
    const auto event = common(R"("a\u011f\"ş")");
    for (std::size_t i = 0; i < event.size(); ++i)
        for (const char c : {'"', '\\', '}', ',', '0', '\x80', 'x'}) {
            auto damaged = event;
            damaged[i] = c;
            const auto alone = decode_stream(opening + event_of(damaged));
            const auto second = decode_stream(opening + before + event_of(damaged));
            ASSERT_EQ(second.failure->code(), alone.failure->code()) << damaged;
            ASSERT_EQ(second.failure->facts().partial->text(), "first " + alone.failure->facts().partial->text()) << damaged;
        }
}

TEST(openai_decoder, ignores_keep_alives_of_every_kind)
{
    for (const char* keep_alive : {": ping\n\n", "data: : OPENROUTER PROCESSING\n\n", "data:\n\n", "data: null\n\n", "data: {}\n\n",
                                   "event: ping\ndata: {\"type\":\"ping\"}\n\n", "data: : keepalive\n\n"})
        EXPECT_EQ(text_of(chunk_of(R"({"content":"a"})") + keep_alive + chunk_of(R"({"content":"b"})")), "ab") << keep_alive;
}

TEST(openai_decoder, counts_no_keep_alive_as_content)
{
    chat_emitter out;
    openai_decoder decoder(reply_rules());
    sse_parser parser;
    parser.feed(std::string_view(": ping\n\ndata: : x\n\ndata: null\n\ndata: {\"choices\":[]}\n\n"));
    while (const auto e = parser.next())
        decoder.event(*e, out);
    EXPECT_EQ(out.contents(), 0U);
}

TEST(openai_decoder, treats_only_an_error_that_says_something_as_one)
{
    for (const char* empty : {"null", "\"\"", "{}", "false", "[]", "0"})
        EXPECT_EQ(text_of(event_of(R"({"error":)" + std::string(empty) + R"(,"choices":[{"index":0,"delta":{"content":"a"}}]})")),
                  "a")
            << empty;
    for (const char* real : {"\"overloaded\"", "{\"message\":\"x\"}", "true", "{\"code\":500}"})
        EXPECT_EQ(failure_of(event_of(R"({"error":)" + std::string(real) + R"(,"choices":[{"index":0,"delta":{"content":"a"}}]})")),
                  errc::server_fault)
            << real;
}

TEST(openai_decoder, fails_on_an_event_named_error_whatever_it_holds)
{
    for (const char* payload : {"{\"code\":500,\"details\":\"x\"}", "oops", "{}", "null"})
        EXPECT_EQ(failure_of(chunk_of(R"({"content":"a"})") + "event: error\ndata: " + payload + "\n\n"), errc::server_fault)
            << payload;
}

TEST(openai_decoder, fails_on_a_finish_reason_error_without_an_object)
{
    EXPECT_EQ(failure_of(chunk_of(R"({"content":"a"})") + chunk_of("{}", "\"error\"") + done_event), errc::server_fault);
}

TEST(openai_decoder, knows_an_error_by_its_code_never_by_its_words)
{
    const auto failing = [](std::string_view inside) { return failure_of(event_of("{\"error\":{" + std::string(inside) + "}}")); };
    EXPECT_EQ(failing(R"("message":"x","code":"context_length_exceeded")"), errc::context_overflow);
    EXPECT_EQ(failing(R"("message":"x","code":429)"), errc::rate_limited);
    EXPECT_EQ(failing(R"("message":"x","code":"rate_limit_exceeded")"), errc::rate_limited);
    EXPECT_EQ(failing(R"("message":"x","code":"insufficient_quota")"), errc::quota_exceeded);
    EXPECT_EQ(failing(R"("message":"x","code":"content_filter")"), errc::refusal);
    EXPECT_EQ(failing(R"("message":"rate limit context length invalid api key")"), errc::server_fault);
}

TEST(openai_decoder, does_not_let_a_later_empty_finish_reason_overwrite)
{
    const auto got =
        decode_stream(chunk_of(R"({"content":"a"})", "\"length\"") + chunk_of("{}", "\"\"") + chunk_of("{}") + done_event);
    EXPECT_EQ(got.sum.finish, finish_reason::length);
}

TEST(openai_decoder, tolerates_null_and_missing_parts)
{
    EXPECT_EQ(text_of(event_of(R"({"choices":null})") + event_of(R"({"choices":[{"index":0,"delta":null}]})") +
                      event_of(R"({"choices":[{"index":0}]})") + chunk_of(R"({"role":"","content":null})") +
                      chunk_of(R"({"content":"a"})")),
              "a");
}

TEST(openai_decoder, joins_a_surrogate_pair_that_was_split_between_chunks)
{
    EXPECT_EQ(text_of(chunk_of(R"({"content":"a\ud83d"})") + chunk_of(R"({"content":"\ude80b"})")), "a🚀b");
    EXPECT_EQ(text_of(chunk_of(R"({"content":"a\ud83d"})") + chunk_of(R"({"content":"b"})")),
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(text_of(chunk_of(R"({"content":"a\ud83d"})")), "a\xEF\xBF\xBD");
    EXPECT_EQ(text_of(chunk_of(R"({"content":"a\\ud83d"})")), "a\\ud83d");
}

TEST(openai_decoder, joins_split_pairs_of_reasoning_and_arguments_each_with_its_own)
{
    const auto call = [](int index, std::string_view arguments) {
        return chunk_of(R"({"tool_calls":[{"index":)" + std::to_string(index) + R"(,"function":{"arguments":")" +
                        std::string(arguments) + "\"}}]}");
    };
    const auto got =
        decode_stream(chunk_of(R"({"reasoning":"a\ud83d"})") + chunk_of(R"({"reasoning":"\ude80"})") +
                      chunk_of(R"({"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":""}}]})") +
                      call(0, R"({\"a\":\"\ud83d)") + call(0, R"(\ude80\ud83d)") + chunk_of(R"({"content":"\ude80"})") +
                      call(0, R"(\"})") + chunk_of("{}", "\"stop\"") + done_event);
    ASSERT_FALSE(got.failure);
    EXPECT_EQ(got.sum.reasoning(), "a🚀");
    EXPECT_EQ(got.sum.text(), "\xEF\xBF\xBD") << "a half of another text is none of this one";
    ASSERT_EQ(got.sum.tool_calls().size(), 1U);
    EXPECT_EQ(got.sum.tool_calls()[0].arguments, "{\"a\":\"🚀\xEF\xBF\xBD\"}");
}

// What is read goes with its event.
bool lies_in_the_heap(const json::value& v)
{
    const auto all_in = [](const auto& parts, auto value_of) {
        return std::all_of(parts.begin(), parts.end(), [&](const auto& part) { return lies_in_the_heap(value_of(part)); });
    };
    if (v.storage() != json::storage_ptr())
        return false;
    if (v.is_array())
        return all_in(v.get_array(), [](const json::value& e) -> const json::value& { return e; });
    return !v.is_object() || all_in(v.get_object(), [](const json::key_value_pair& m) -> const json::value& { return m.value(); });
}

TEST(openai_decoder, keeps_nothing_in_the_memory_of_an_event)
{
    const std::string cite = R"({"annotations":[{"type":"url_citation","url_citation":{"url":"https://e.example","title":["İ"]}}],)"
                             R"("extra":{"a":[{"b":{}}]},"reasoning_details":[{"type":"reasoning.text","text":"r"}]})";
    const auto got = decode_stream(chunk_of(cite) + chunk_of(cite) + "data: {\"type\":[{}]}\n\n" +
                                   R"(data: {"choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"a"}]}},)"
                                   R"({"index":1,"delta":{"x":[{}]}}]})"
                                   "\n\n" +
                                   chunk_of("{}", "\"stop\"") + done_event);
    ASSERT_FALSE(got.failure);
    EXPECT_EQ(got.sum.metadata().at("annotations").as_array().size(), 2U);
    for (const auto& member : got.sum.metadata())
        EXPECT_TRUE(lies_in_the_heap(member.value())) << member.key();
    for (const auto& block : got.sum.content)
        if (const auto* thought = std::get_if<reasoning_block>(&block)) {
            EXPECT_TRUE(lies_in_the_heap(json::value(thought->details)));
        }
}

TEST(openai_decoder, adds_up_sounds_and_lists_piece_by_piece)
{
    std::string stream = chunk_of(R"({"audio":{"id":"a","transcript":"bir "},"annotations":[0]})");
    for (int i = 1; i < 500; ++i)
        stream += chunk_of(R"({"audio":{"data":"QUJD","transcript":"."},"annotations":[)" + std::to_string(i) + "]}");
    stream += chunk_of(R"({"audio":{"expires_at":7}})", "\"stop\"") + done_event;
    const auto got = decode_stream(stream);
    ASSERT_FALSE(got.failure);
    EXPECT_EQ(got.sum.text(), "bir " + std::string(499, '.'));
    const auto& audio = got.sum.metadata().at("audio");
    EXPECT_EQ(audio.at("id"), "a");
    EXPECT_EQ(audio.at("expires_at"), 7);
    EXPECT_EQ(audio.at("data").as_string().size(), 499U * 4);
    EXPECT_EQ(got.sum.metadata().at("annotations").as_array().size(), 500U);
    EXPECT_EQ(got.sum.metadata().at("annotations").at(499), 499);
}

TEST(openai_decoder, takes_no_piece_of_a_stream_for_a_whole_body)
{
    const auto m = decode_body(R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]})");
    ASSERT_FALSE(m);
    EXPECT_EQ(m.error().code(), errc::truncated);
    EXPECT_EQ(m.error().facts().partial->text(), "a");
}

TEST(openai_decoder, says_when_the_server_speaks_another_protocol)
{
    const std::string foreign = event_of(R"({"type":"response.created","response":{"id":"r"}})") +
                                event_of(R"({"type":"response.output_text.delta","delta":"a"})");
    for (const auto& end : {done_event, std::string()}) {
        const auto got = decode_stream(foreign + end);
        ASSERT_TRUE(got.failure);
        EXPECT_EQ(got.failure->code(), errc::malformed_reply);
        EXPECT_NE(got.failure->facts().provider_message.find("response.created"), std::string::npos);
        EXPECT_NE(std::string(got.failure->what()).find("https://api.example.org/v1/chat/completions"), std::string::npos);
    }
    EXPECT_EQ(decode_stream(foreign + chunk_of(R"({"content":"a"})") + done_event).failure->code(), errc::truncated);
}

TEST(openai_decoder, reads_numbers_that_are_written_as_text)
{
    const auto call = [](std::string_view index, std::string_view name, std::string_view arguments) {
        return chunk_of(R"({"tool_calls":[{"index":")" + std::string(index) + R"(","function":{"name":")" + std::string(name) +
                        R"(","arguments":")" + std::string(arguments) + "\"}}]}");
    };
    const auto got = decode_stream(
        call("0", "f", "{") + call("1", "g", "{") + call("0", "", "}") + call("1", "", "}") + chunk_of("{}", "\"tool_calls\"") +
        event_of(R"({"choices":[],"usage":{"prompt_tokens":"3","completion_tokens":"4","total_tokens":"7"}})") + done_event);
    ASSERT_FALSE(got.failure);
    ASSERT_EQ(got.sum.tool_calls().size(), 2U);
    EXPECT_EQ(got.sum.tool_calls()[0].arguments, "{}");
    ASSERT_TRUE(got.sum.usage());
    EXPECT_EQ(got.sum.usage()->total_tokens, 7);
}

TEST(openai_decoder, keeps_texts_of_another_kind_as_data)
{
    const auto got =
        decode_stream(chunk_of(R"({"reasoning":{"text":"r"},"refusal":[1],"content":7})") +
                      chunk_of(R"({"tool_calls":{"id":"x","function":{"name":"f","arguments":"{}"}}})", "\"stop\"") + done_event);
    ASSERT_FALSE(got.failure);
    EXPECT_EQ(got.sum.metadata().at("reasoning").at("text"), "r");
    EXPECT_EQ(got.sum.metadata().at("refusal").at(0), 1);
    EXPECT_EQ(got.sum.metadata().at("content"), 7);
    EXPECT_EQ(got.sum.tool_calls().size(), 1U);
}

TEST(openai_decoder, prefers_the_first_reasoning_key_that_is_not_empty)
{
    const auto got = decode_stream(chunk_of(R"({"reasoning_content":"","reasoning":"one","reasoning_text":"two"})") +
                                   chunk_of(R"({"reasoning_text":"!"})") + chunk_of("{}", "\"stop\"") + done_event);
    EXPECT_EQ(got.sum.reasoning(), "one!");
}

TEST(openai_decoder, puts_reasoning_first_however_late_it_comes)
{
    const auto got =
        decode_stream(chunk_of(R"({"content":"a"})") + chunk_of(R"({"reasoning":"r"})") + chunk_of("{}", "\"stop\"") + done_event);
    ASSERT_EQ(got.sum.content.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<reasoning_block>(got.sum.content[0]));
    EXPECT_EQ(got.chunks.front().text(), "a");
}

TEST(openai_decoder, takes_the_candidate_with_index_0_and_keeps_the_others)
{
    const auto other = [](std::string_view delta, std::string_view finish) {
        return event_of(R"({"id":"c1","choices":[{"index":1,"delta":)" + std::string(delta) + R"(,"finish_reason":)" +
                        std::string(finish) + "}]}");
    };
    const auto got = decode_stream(other(R"({"role":"assistant","content":"B"})", "null") + chunk_of(R"({"content":"A"})") +
                                   other(R"({"content":"b"})", "\"stop\"") + chunk_of("{}", "\"stop\"") + done_event);
    EXPECT_EQ(got.sum.text(), "A");
    const auto& others = got.sum.metadata().at("choices").as_array();
    ASSERT_EQ(others.size(), 1U);
    EXPECT_EQ(others.at(0).at("message").at("content"), "Bb");

    const auto whole = decode_body(
        R"({"choices":[{"index":1,"message":{"role":"assistant","content":"Bb"},"finish_reason":"stop"},
            {"index":0,"message":{"role":"assistant","content":"A"},"finish_reason":"stop"}]})");
    ASSERT_TRUE(whole) << whole.error().what();
    EXPECT_EQ(whole->text(), "A");
    EXPECT_TRUE(whole->metadata().at("choices") == got.sum.metadata().at("choices"));
}

TEST(openai_decoder, reads_content_in_parts_and_as_an_object)
{
    EXPECT_EQ(text_of(chunk_of(R"({"content":[{"type":"text","text":"a"},"b",{"type":"reference","reference_ids":[1]}]})") +
                      chunk_of(R"({"content":{"type":"text","text":"c"}})")),
              "abc");
    const auto got = decode_stream(chunk_of(R"({"content":[{"type":"reference","reference_ids":[1]}]})", "\"stop\"") + done_event);
    EXPECT_EQ(got.sum.metadata().at("content_parts").as_array().size(), 1U);
}

TEST(openai_decoder, keeps_a_thought_signature_by_its_call)
{
    const auto got = decode_stream(
        chunk_of(
            R"({"tool_calls":[{"id":"f1","type":"function","function":{"name":"f","arguments":{"a":1}},"extra_content":{"google":{"thought_signature":"S"}}}]})") +
        chunk_of("{}", "\"stop\"") + done_event);
    ASSERT_EQ(got.sum.tool_calls().size(), 1U);
    EXPECT_EQ(got.sum.tool_calls()[0].arguments, R"({"a":1})") << "arguments sent as an object";
    EXPECT_EQ(got.sum.metadata().at("extra_content").at("f1").at("google").at("thought_signature"), "S");
}

TEST(openai_decoder, keeps_what_it_does_not_know)
{
    const auto got =
        decode_stream(event_of(R"({"type":"telemetry","n":1})") + chunk_of(R"({"content":"a"})", "\"stop\"") + done_event);
    EXPECT_EQ(got.sum.text(), "a");
    EXPECT_EQ(got.sum.metadata().at("unmodelled").as_array().at(0).at("type"), "telemetry");
}

struct finish_case {
    const char* word;
    finish_reason reason;
    friend std::ostream& operator<<(std::ostream& out, const finish_case& c) { return out << c.word; }
};

class finish_word : public ::testing::TestWithParam<finish_case> {};

TEST_P(finish_word, has_one_meaning)
{
    const std::map<std::string, finish_reason, std::less<>> own{{"verbose_stop", finish_reason::stop}};
    EXPECT_EQ(unified_finish(GetParam().word, own), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    words, finish_word,
    ::testing::Values(finish_case{"stop", finish_reason::stop}, finish_case{"END_TURN", finish_reason::stop},
                      finish_case{"eos", finish_reason::stop}, finish_case{"model_length", finish_reason::length},
                      finish_case{"max_tokens", finish_reason::length}, finish_case{"function_call", finish_reason::tool_calls},
                      finish_case{"tool_use", finish_reason::tool_calls},
                      finish_case{"content_filter", finish_reason::content_filter},
                      finish_case{"SAFETY", finish_reason::content_filter}, finish_case{"", finish_reason::none},
                      finish_case{"verbose_stop", finish_reason::stop}, finish_case{"no such word", finish_reason::other}));

TEST(openai_usage, is_read_in_every_spelling)
{
    const auto read = [](const char* text) { return read_openai_usage(parse_json(text)); };
    const auto clamped = read(R"({"prompt_tokens":5,"completion_tokens":3,"completion_tokens_details":{"reasoning_tokens":9}})");
    ASSERT_TRUE(clamped);
    EXPECT_EQ(clamped->reasoning_tokens, 3) << "never more reasoning than output";
    EXPECT_EQ(clamped->total_tokens, 8);
    EXPECT_EQ(read(R"({"prompt_tokens":9,"total_tokens":10,"num_cached_tokens":4})")->output_tokens, 1);
    EXPECT_EQ(read(R"({"prompt_tokens":9,"total_tokens":10,"num_cached_tokens":4})")->cached_input_tokens, 4);
    EXPECT_EQ(read(R"({"prompt_tokens":9,"prompt_cache_hit_tokens":2,"completion_tokens":0})")->cached_input_tokens, 2);
    EXPECT_FALSE(read(R"({"prompt_tokens":9,"completion_tokens":1})")->cached_input_tokens) << "absent is not zero";
    EXPECT_FALSE(read("null"));
    EXPECT_FALSE(read("{}"));
}

TEST(openai_decoder, accepts_a_whole_body_without_a_finish_reason_with_a_warning)
{
    const auto m = decode_body(R"({"choices":[{"message":{"role":"assistant","content":"a"}}]})");
    ASSERT_TRUE(m) << m.error().what();
    EXPECT_EQ(m->text(), "a");
    EXPECT_EQ(m->finish, finish_reason::stop);
    EXPECT_EQ(m->warnings().size(), 1U);
}

TEST(openai_decoder, refuses_bodies_that_are_no_reply)
{
    const auto code = [](std::string_view body) {
        const auto m = decode_body(body);
        return m ? errc() : static_cast<errc>(m.error().code().value());
    };
    EXPECT_EQ(code("{not json"), errc::malformed_reply);
    EXPECT_EQ(code("{}"), errc::malformed_reply);
    EXPECT_EQ(code(R"({"choices":[]})"), errc::malformed_reply);
    EXPECT_EQ(code(R"({"error":{"message":"x","code":"invalid_api_key"}})"), errc::authentication);
    EXPECT_EQ(code(R"({"message":"x","status":403})"), errc::permission);
    EXPECT_EQ(code(R"({"object":"error","message":"x","code":400})"), errc::invalid_request);
    EXPECT_EQ(code(R"([{"error":{"code":404,"message":"x"}}])"), errc::not_found);
}

TEST(openai_decoder, redacts_the_key_from_what_the_provider_says)
{
    const auto m = decode_body(R"({"error":{"message":"bad key sk-test-key given","code":"sk-test-key"}})");
    ASSERT_FALSE(m);
    EXPECT_EQ(m.error().facts().provider_message, "bad key [secret] given");
    EXPECT_EQ(m.error().facts().provider_code, "[secret]");
}

TEST(openai_decoder, keeps_no_key_that_a_server_repeats_in_what_it_does_not_know)
{
    const auto stream = event_of(R"({"headers":{"authorization":["Bearer sk-test-key"]}})") +
                        chunk_of(R"({"content":"a","echo":"sk-test-key"})", "\"stop\"") + done_event;
    const auto read = decode_stream(stream);
    ASSERT_FALSE(read.failure);
    EXPECT_EQ(json::serialize(read.sum.metadata()).find("sk-test-key"), std::string::npos);
    EXPECT_EQ(read.sum.metadata().at("echo"), "[secret]");
}

}  // namespace
}  // namespace zincir::testing

#include <zincir/llms/chat_emitter.hpp>
#include <zincir/llms/stream_validator.hpp>

#include <gtest/gtest.h>

#include <type_traits>

namespace zincir {
namespace {

using kind = message_chunk::kind;

// A decoder is given an emitter and nothing else: an end that no emitter made does not exist.
static_assert(!std::is_default_constructible_v<chat_end>);
static_assert(!std::is_constructible_v<chat_end, error>);

std::vector<message_chunk> taken(chat_emitter& out)
{
    std::vector<message_chunk> chunks;
    while (auto chunk = out.pop())
        chunks.push_back(std::move(*chunk));
    return chunks;
}

tool_call_fragment fragment(std::optional<std::int64_t> index, std::string_view id, std::string_view name,
                            std::string_view arguments)
{
    tool_call_fragment f;
    f.index = index;
    f.id = id;
    f.name = name;
    f.arguments = arguments;
    return f;
}

errc code_of(const chat_emitter& out) { return static_cast<errc>(out.end()->failure().code().value()); }

TEST(chat_emitter, ends_well_after_a_finish_reason_without_an_end_mark)
{
    chat_emitter out;
    out.text("hi");
    out.finish(finish_reason::stop, "stop");
    EXPECT_EQ(out.end(), nullptr);
    out.end_of_input();
    ASSERT_NE(out.end(), nullptr);
    EXPECT_TRUE(out.end()->good());
}

TEST(chat_emitter, calls_an_end_mark_without_a_finish_reason_truncated)
{
    chat_emitter out;
    out.text("half");
    out.done();
    ASSERT_FALSE(out.end()->good());
    EXPECT_EQ(code_of(out), errc::truncated);
    EXPECT_EQ(out.end()->failure().facts().partial->text(), "half");
    EXPECT_EQ(out.end()->failure().facts().partial->status, message_status::failed);
}

TEST(chat_emitter, calls_the_end_of_the_bytes_before_a_finish_reason_truncated)
{
    chat_emitter out;
    out.end_of_input();
    EXPECT_EQ(code_of(out), errc::truncated);
}

TEST(chat_emitter, takes_the_end_mark_alone_where_the_profile_says_so_and_something_came)
{
    emission_rules rules;
    rules.done_without_finish_reason = true;
    chat_emitter nothing(rules);
    nothing.done();
    EXPECT_EQ(code_of(nothing), errc::truncated);

    chat_emitter out(rules);
    out.modelled();
    out.text("whole");
    out.done();
    ASSERT_TRUE(out.end()->good());
    const auto last = taken(out).back();
    EXPECT_EQ(last.facts->finish, finish_reason::stop);
    EXPECT_EQ(last.facts->warnings.size(), 1U);

    chat_emitter cut(rules);
    cut.modelled();
    cut.end_of_input();
    EXPECT_EQ(code_of(cut), errc::truncated) << "the end of the bytes is no end mark";
}

TEST(chat_emitter, says_nothing_after_the_end)
{
    chat_emitter out;
    out.text("a");
    out.fail(error(errc::server_fault, "gone"));
    out.text("b");
    out.finish(finish_reason::stop, "stop");
    out.done();
    out.end_of_input();
    EXPECT_EQ(code_of(out), errc::server_fault);
    EXPECT_EQ(taken(out).size(), 1U);
}

TEST(chat_emitter, keeps_the_first_finish_reason)
{
    chat_emitter out;
    out.text("a");
    out.finish(finish_reason::length, "max_tokens");
    out.finish(finish_reason::none, "");
    out.finish(finish_reason::stop, "stop");
    out.text("b");
    out.done();
    const auto chunks = taken(out);
    EXPECT_EQ(chunks.back().facts->finish, finish_reason::length);
    EXPECT_EQ(chunks.back().facts->raw_finish, "max_tokens");
    message_builder sum;
    for (const auto& chunk : chunks)
        sum.add(chunk);
    const auto m = sum.take();
    EXPECT_EQ(m.text(), "ab") << "text after the finish reason is tolerated";
    EXPECT_EQ(m.status, message_status::length);
}

TEST(chat_emitter, opens_and_closes_each_block_once)
{
    chat_emitter out;
    out.reasoning("r1");
    out.text("t1");
    out.reasoning("r2");
    out.text("t2");
    out.refusal("no");
    out.finish(finish_reason::stop, "stop");
    out.done();
    testing::stream_validator check;
    for (const auto& chunk : taken(out))
        check.chunk(chunk);
    check.end();
    EXPECT_TRUE(check.ok()) << check.report();
    const auto m = check.fold();
    ASSERT_EQ(m.content.size(), 3U);
    EXPECT_EQ(m.reasoning(), "r1r2");
    EXPECT_EQ(m.text(), "t1t2");
    EXPECT_EQ(m.refusal(), "no");
}

TEST(chat_emitter, delivers_whole_calls_before_an_error_and_drops_the_others)
{
    chat_emitter out;
    out.tool_call(fragment(0, "a", "first", R"({"x":1})"));
    out.tool_call(fragment(1, "b", "second", R"({"x":)"));
    out.fail(error(errc::server_fault, "gone"));
    testing::stream_validator check;
    for (const auto& chunk : taken(out))
        check.chunk(chunk);
    check.error(out.end()->failure());
    EXPECT_TRUE(check.ok()) << check.report();
    const auto calls = out.end()->failure().facts().partial->tool_calls();
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].name, "first");
    const auto& cut = out.end()->failure().facts().partial->metadata().at("unfinished_tool_calls").as_array();
    EXPECT_EQ(cut.at(0).at("arguments"), R"({"x":)");
}

TEST(chat_emitter, keeps_a_call_open_while_its_arguments_may_still_grow)
{
    chat_emitter out;
    out.tool_call(fragment(0, "a", "f", "{}"));
    for (const auto& chunk : taken(out))
        EXPECT_FALSE(chunk.closes);
    out.finish(finish_reason::tool_calls, "tool_calls");
    out.done();
    const auto chunks = taken(out);
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_TRUE(chunks[0].closes);
    EXPECT_EQ(chunks[0].what, kind::tool_call);
}

TEST(chat_emitter, refuses_a_call_that_never_gets_a_name)
{
    chat_emitter out;
    out.tool_call(fragment(0, "a", "", "{}"));
    out.finish(finish_reason::tool_calls, "tool_calls");
    out.done();
    EXPECT_EQ(code_of(out), errc::malformed_reply);
}

TEST(chat_emitter, unifies_the_finish_reason_with_the_calls)
{
    chat_emitter with_calls;
    with_calls.tool_call(fragment(0, "a", "f", "{}"));
    with_calls.finish(finish_reason::stop, "stop");
    with_calls.done();
    EXPECT_EQ(taken(with_calls).back().facts->finish, finish_reason::tool_calls);

    chat_emitter without;
    without.text("x");
    without.finish(finish_reason::tool_calls, "tool_calls");
    without.done();
    const auto last = taken(without).back();
    EXPECT_EQ(last.facts->finish, finish_reason::stop);
    EXPECT_EQ(last.facts->raw_finish, "tool_calls");
    EXPECT_EQ(last.facts->warnings.size(), 1U);
}

TEST(chat_emitter, mints_ids_that_no_two_calls_share)
{
    chat_emitter out;
    out.tool_call(fragment(0, "", "f", "{}"));
    out.tool_call(fragment(1, "null", "g", "{}"));
    out.finish(finish_reason::stop, "stop");
    out.done();
    std::vector<std::string> ids;
    for (const auto& chunk : taken(out))
        if (chunk.opens)
            ids.push_back(chunk.facts->call_id);
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_EQ(ids[0].size(), 9U);
    EXPECT_NE(ids[0], ids[1]);
}

TEST(chat_emitter, forgives_a_broken_connection_after_the_finish_reason_only)
{
    chat_emitter before;
    before.text("x");
    before.end_of_input(error(errc::connection, "reset"));
    EXPECT_EQ(code_of(before), errc::connection);

    chat_emitter after;
    after.text("x");
    after.finish(finish_reason::stop, "stop");
    after.end_of_input(error(errc::connection, "reset"));
    ASSERT_TRUE(after.end()->good());
    EXPECT_EQ(taken(after).back().facts->warnings.size(), 1U);

    chat_emitter cancelled;
    cancelled.text("x");
    cancelled.finish(finish_reason::stop, "stop");
    cancelled.end_of_input(error(errc::cancelled, "stop"));
    EXPECT_EQ(code_of(cancelled), errc::cancelled);
    EXPECT_EQ(cancelled.end()->failure().facts().partial->status, message_status::aborted);
}

TEST(chat_emitter, keeps_the_last_usage)
{
    chat_emitter out;
    usage first;
    first.total_tokens = 1;
    usage second;
    second.total_tokens = 7;
    out.usage(first);
    out.usage(second);
    out.finish(finish_reason::stop, "stop");
    out.done();
    EXPECT_EQ(taken(out).back().facts->usage->total_tokens, 7);
}

TEST(chat_emitter, warns_of_an_empty_reply)
{
    chat_emitter out;
    out.finish(finish_reason::stop, "stop");
    out.done();
    ASSERT_EQ(taken(out).back().facts->warnings, std::vector<std::string>{"the reply is empty"});
}

TEST(chat_emitter, joins_reasoning_details_by_type_and_index)
{
    chat_emitter out(emission_rules(), chat_emitter::mode::whole);
    const auto entry = [](const char* text, const char* signature) {
        json::object o;
        o["type"] = "reasoning.text";
        o["index"] = 0;
        o["text"] = text;
        o["signature"] = signature;
        json::array all;
        all.push_back(std::move(o));
        return all;
    };
    out.reasoning_details(entry("a", ""));
    out.reasoning_details(entry("b", "s"));
    out.finish(finish_reason::stop, "stop");
    out.done();
    const auto m = out.take();
    const auto& details = std::get<reasoning_block>(m.content.at(0)).details.at("reasoning_details").as_array();
    ASSERT_EQ(details.size(), 1U);
    EXPECT_EQ(details.at(0).at("text"), "ab");
    EXPECT_EQ(details.at(0).at("type"), "reasoning.text");
    EXPECT_EQ(details.at(0).at("signature"), "s");
}

struct limit_case {
    const char* name;
    void (*grow)(chat_emitter&);
    friend std::ostream& operator<<(std::ostream& out, const limit_case& c) { return out << c.name; }
};

class chat_emitter_limit : public ::testing::TestWithParam<limit_case> {};

TEST_P(chat_emitter_limit, is_a_typed_error)
{
    emission_rules rules;
    rules.max_text_bytes = 10;
    rules.max_tool_calls = 2;
    rules.max_argument_bytes = 10;
    rules.max_idle_events = 3;
    chat_emitter out(rules);
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(out.end(), nullptr);
        GetParam().grow(out);
        if (out.end())
            break;
    }
    ASSERT_NE(out.end(), nullptr);
    EXPECT_EQ(code_of(out), errc::limit_exceeded);
}

INSTANTIATE_TEST_SUITE_P(
    all, chat_emitter_limit,
    ::testing::Values(limit_case{"text", [](chat_emitter& out) { out.text("12345"); }},
                      limit_case{"calls", [](chat_emitter& out) { out.tool_call(fragment({}, "", "f", "{}")); }},
                      limit_case{"arguments", [](chat_emitter& out) { out.tool_call(fragment(0, "a", "", "12345")); }},
                      limit_case{"idle_events", [](chat_emitter& out) { out.count_event(); }}),
    [](const auto& test) { return test.param.name; });

// Fragments, and the calls that they make: name, arguments.
struct assembly {
    const char* name;
    std::vector<tool_call_fragment> fragments;
    std::vector<std::array<std::string, 2>> calls;
    friend std::ostream& operator<<(std::ostream& out, const assembly& c) { return out << c.name; }
};

class tool_calls : public ::testing::TestWithParam<assembly> {};

TEST_P(tool_calls, are_assembled)
{
    chat_emitter out;
    for (const auto& f : GetParam().fragments)
        out.tool_call(f);
    out.finish(finish_reason::tool_calls, "tool_calls");
    out.done();
    ASSERT_TRUE(out.end()->good()) << out.end()->failure().what();
    testing::stream_validator check;
    for (const auto& chunk : taken(out))
        check.chunk(chunk);
    check.end();
    EXPECT_TRUE(check.ok()) << check.report();
    std::vector<std::array<std::string, 2>> got;
    for (const auto& call : check.fold().tool_calls())
        got.push_back({call.name, call.arguments});
    EXPECT_EQ(got, GetParam().calls);
}

INSTANTIATE_TEST_SUITE_P(
    oddities, tool_calls,
    ::testing::Values(
        assembly{"by_index",
                 {fragment(0, "a", "f", ""), fragment(0, "", "", "{\"x\""), fragment(0, "", "", ":1}")},
                 {{"f", "{\"x\":1}"}}},
        assembly{"interleaved",
                 {fragment(0, "a", "f", ""), fragment(1, "b", "g", ""), fragment(0, "", "", "{\"x\""),
                  fragment(1, "", "", "{\"y\""), fragment(0, "", "", ":1}"), fragment(1, "", "", ":2}")},
                 {{"f", "{\"x\":1}"}, {"g", "{\"y\":2}"}}},
        assembly{"by_id_without_index", {fragment({}, "a", "f", "{\"x\""), fragment({}, "a", "", ":1}")}, {{"f", "{\"x\":1}"}}},
        assembly{
            "latest_without_id_and_index", {fragment({}, "", "f", "{\"x\""), fragment({}, "", "", ":1}")}, {{"f", "{\"x\":1}"}}},
        assembly{"name_begins_a_call_without_index",
                 {fragment({}, "", "f", "{}"), fragment({}, "", "g", "{}")},
                 {{"f", "{}"}, {"g", "{}"}}},
        assembly{"all_numbered_0_with_ids", {fragment(0, "a", "f", "{}"), fragment(0, "b", "g", "{}")}, {{"f", "{}"}, {"g", "{}"}}},
        assembly{"all_numbered_0_without_ids",
                 {fragment(0, "", "f", "{\"x\":1}"), fragment(0, "", "f", "{\"x\":2}")},
                 {{"f", "{\"x\":1}"}, {"f", "{\"x\":2}"}}},
        assembly{"new_id_and_name_in_the_same_place",
                 {fragment(0, "a", "f", "{\"x\":"), fragment(0, "a", "", "1}"), fragment(0, "b", "g", "{}")},
                 {{"f", "{\"x\":1}"}, {"g", "{}"}}},
        assembly{"fresh_id_with_every_chunk",
                 {fragment(0, "a", "f", "{\"x\""), fragment(0, "b", "", ":1"), fragment(0, "c", "", "}")},
                 {{"f", "{\"x\":1}"}}},
        assembly{"id_and_name_repeated", {fragment(0, "a", "f", "{\"x\""), fragment(0, "a", "f", ":1}")}, {{"f", "{\"x\":1}"}}},
        assembly{"one_id_for_two_calls", {fragment(0, "a", "f", "{}"), fragment(1, "a", "g", "{}")}, {{"f", "{}"}, {"g", "{}"}}},
        assembly{"late_name",
                 {fragment(0, "a", "", "{\"x\""), fragment(0, "", "", ":1}"), fragment(0, "", "f", "")},
                 {{"f", "{\"x\":1}"}}},
        assembly{"late_id", {fragment(0, "", "f", ""), fragment(0, "a", "", "{}")}, {{"f", "{}"}}},
        assembly{"name_in_pieces",
                 {fragment(0, "a", "get_", ""), fragment(0, "", "weather", ""), fragment(0, "", "", "{}")},
                 {{"get_weather", "{}"}}},
        assembly{"sent_again_at_the_end",
                 {fragment(0, "a", "f", "{\"x\""), fragment(0, "", "", ":1}"), fragment(0, "a", "f", "{\"x\":1}")},
                 {{"f", "{\"x\":1}"}}},
        assembly{"null_arguments", {fragment(0, "a", "f", "null")}, {{"f", "{}"}}},
        assembly{
            "null_before_the_real_ones", {fragment(0, "a", "f", "null"), fragment(0, "", "", "{\"x\":1}")}, {{"f", "{\"x\":1}"}}},
        assembly{"no_arguments", {fragment(0, "a", "f", "")}, {{"f", "{}"}}},
        assembly{"encoded_twice", {fragment(0, "a", "f", R"("{\"x\":1}")")}, {{"f", "{\"x\":1}"}}},
        assembly{"not_json", {fragment(0, "a", "f", "x = 1")}, {{"f", "x = 1"}}},
        assembly{"index_from_1", {fragment(1, "a", "f", "{}"), fragment(2, "b", "g", "{}")}, {{"f", "{}"}, {"g", "{}"}}}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace zincir

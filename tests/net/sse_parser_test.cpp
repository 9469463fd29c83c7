#include <zincir/core/error.hpp>
#include <zincir/net/sse_parser.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace zincir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using event = std::tuple<std::string, std::string, std::string>;  // type, data, id
using events = std::vector<event>;

event copy(const sse_event& e) { return {std::string(e.type), std::string(e.data), std::string(e.id)}; }

// Each chunk is fed from memory of its own that is gone before the next one comes.
events parse(const std::vector<std::string>& chunks, sse_parser& parser)
{
    events found;
    for (const auto& chunk : chunks) {
        std::vector<char> bytes(chunk.begin(), chunk.end());
        parser.feed(std::string_view(bytes.data(), bytes.size()));
        while (const auto e = parser.next())
            found.push_back(copy(*e));
        std::fill(bytes.begin(), bytes.end(), '!');
    }
    return found;
}

events parse(const std::vector<std::string>& chunks)
{
    sse_parser parser;
    return parse(chunks, parser);
}

event message(std::string data, std::string id = "") { return {"message", std::move(data), std::move(id)}; }

struct framing_case {
    const char* name;
    std::string bytes;
    events expected;
    friend std::ostream& operator<<(std::ostream& out, const framing_case& c) { return out << c.name; }
};

class sse_framing : public testing::TestWithParam<framing_case> {};

TEST_P(sse_framing, gives_the_standards_events) { EXPECT_EQ(parse({GetParam().bytes}), GetParam().expected); }

TEST_P(sse_framing, is_the_same_split_at_every_pair_of_places)
{
    const auto& bytes = GetParam().bytes;
    for (std::size_t i = 0; i <= bytes.size(); ++i)
        for (std::size_t j = i; j <= bytes.size(); ++j)
            ASSERT_EQ(parse({bytes.substr(0, i), bytes.substr(i, j - i), bytes.substr(j)}), GetParam().expected) << i << ", " << j;
}

TEST_P(sse_framing, is_the_same_byte_by_byte)
{
    std::vector<std::string> bytes;
    for (const char c : GetParam().bytes)
        bytes.emplace_back(1, c);
    EXPECT_EQ(parse(bytes), GetParam().expected);
}

TEST_P(sse_framing, yields_only_a_prefix_when_cut_at_any_byte)
{
    const auto& [name, bytes, expected] = GetParam();
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto found = parse({bytes.substr(0, cut)});
        ASSERT_LE(found.size(), expected.size());
        ASSERT_EQ(found, events(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(found.size()))) << cut;
    }
}

INSTANTIATE_TEST_SUITE_P(
    table, sse_framing,
    testing::Values(framing_case{"lf", "data: a\n\ndata: b\n\n", {message("a"), message("b")}},
                    framing_case{"crlf", "data: a\r\n\r\ndata: b\r\n\r\n", {message("a"), message("b")}},
                    framing_case{"lone_cr", "data: a\r\rdata: b\r\r", {message("a"), message("b")}},
                    framing_case{"mixed_ends", "data:a\r\ndata\ndata:b\r\n\r", {message("a\n\nb")}},
                    framing_case{"cr_then_crlf", "data: a\r\r\n\ndata: b\n\n", {message("a"), message("b")}},
                    framing_case{"joins_data_lines", "data: {\ndata: \"a\":\ndata: 1}\n\n", {message("{\n\"a\":\n1}")}},
                    framing_case{"data_without_space", "data:x\n\n", {message("x")}},
                    framing_case{"drops_one_space_only", "data:  x\n\n", {message(" x")}},
                    framing_case{"keeps_a_tab", "data:\tx\n\n", {message("\tx")}},
                    framing_case{"field_without_colon_is_empty", "data\n\ndata\ndata\n\n", {message(""), message("\n")}},
                    framing_case{"empty_data_is_an_event", "data:\n\n", {message("")}},
                    framing_case{"an_event_without_data_is_none", "event: ping\n\ndata: a\n\n", {message("a")}},
                    framing_case{"a_type_holds_for_one_event", "event: e\ndata: a\n\ndata: b\n\n", {{"e", "a", ""}, message("b")}},
                    framing_case{"an_empty_type_is_message", "event:\ndata: a\n\n", {message("a")}},
                    framing_case{"an_id_stays",
                                 "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
                                 {message("a", "1"), message("b", "1"), message("c")}},
                    framing_case{"an_id_with_nul_is_ignored", std::string("id: 1\nid: 2\0\ndata: a\n\n", 22), {message("a", "1")}},
                    framing_case{"nul_in_data_stays", std::string("data:\0\n\n", 8), {message(std::string(1, '\0'))}},
                    framing_case{"comments_are_skipped", ": keep-alive\n\n:\ndata: a\n: x\n\n", {message("a")}},
                    framing_case{"one_byte_order_mark",
                                 "\xEF\xBB\xBF"
                                 "data: a\n\n",
                                 {message("a")}},
                    framing_case{"only_one_byte_order_mark",
                                 "\xEF\xBB\xBF\xEF\xBB\xBF"
                                 "data: a\n\ndata: b\n\n",
                                 {message("b")}},
                    framing_case{"half_a_mark_is_text",
                                 "\xEF\xBB"
                                 "data: a\n\ndata: b\n\n",
                                 {message("b")}},
                    framing_case{"no_mark_later",
                                 "data: a\n\n\xEF\xBB\xBF"
                                 "data: b\n\n",
                                 {message("a")}},
                    framing_case{"utf8_passes",
                                 "data: T\xC3\xBCrk\xC3\xA7"
                                 "e \xF0\x9F\x98\xB6\n\n",
                                 {message("T\xC3\xBCrk\xC3\xA7"
                                          "e \xF0\x9F\x98\xB6")}},
                    framing_case{"unknown_fields_are_ignored", "garbage\nfoo: bar\ndata: a\n dat: b\n\n", {message("a")}},
                    framing_case{"names_are_exact", "Data: a\ndata : b\ndatax: c\n\n", {}},
                    framing_case{"the_last_event_needs_its_blank_line", "data: a\n\ndata: b\n", {message("a")}},
                    framing_case{"a_colon_in_the_data", "data: {\"a\": \"b: c\"}\n\n", {message("{\"a\": \"b: c\"}")}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(sse_parser, delivers_a_lone_cr_event_before_the_next_byte_comes)
{
    EXPECT_THAT(parse({"data: a\r\r"}), ElementsAre(message("a")));
    EXPECT_THAT(parse({"data: a\r\n\r"}), ElementsAre(message("a")));
}

TEST(sse_parser, does_not_copy_an_event_that_lies_whole_in_the_bytes)
{
    const std::string bytes = "event: x\ndata: hello\n\ndata: again\n\n";
    sse_parser parser;
    parser.feed(bytes);
    auto e = parser.next();
    ASSERT_TRUE(e);
    EXPECT_EQ(e->data.data(), bytes.data() + bytes.find("hello"));
    e = parser.next();
    ASSERT_TRUE(e);
    EXPECT_EQ(e->data.data(), bytes.data() + bytes.find("again"));
}

TEST(sse_parser, can_be_moved_between_calls)
{
    sse_parser first;
    first.feed("id: 7\nevent: e\ndata: a\ndata");
    EXPECT_FALSE(first.next());
    sse_parser second = std::move(first);
    second.feed(": b\n\n");
    const auto e = second.next();
    ASSERT_TRUE(e);
    EXPECT_EQ(copy(*e), event("e", "a\nb", "7"));
}

TEST(sse_parser, finish_gives_the_event_that_no_blank_line_ended)
{
    for (const char* tail : {"data: [DONE]", "data: [DONE]\n", "data: [DONE]\r", "data: [DONE]\r\n"}) {
        sse_parser parser;
        EXPECT_THAT(parse({"data: a\n\n", tail}, parser), ElementsAre(message("a"))) << tail;
        const auto last = parser.finish();
        ASSERT_TRUE(last) << tail;
        EXPECT_TRUE(last->has_data);
        EXPECT_EQ(last->data, "[DONE]");
        EXPECT_FALSE(parser.finish());
        EXPECT_FALSE(parser.next());
    }
}

TEST(sse_parser, finish_tells_a_type_without_data)
{
    sse_parser parser;
    EXPECT_THAT(parse({"event: error\n"}, parser), IsEmpty());
    const auto last = parser.finish();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->type, "error");
    EXPECT_FALSE(last->has_data);
}

TEST(sse_parser, finish_gives_nothing_after_a_whole_event)
{
    sse_parser parser;
    EXPECT_THAT(parse({"event: e\ndata: a\n\n"}, parser), ElementsAre(event("e", "a", "")));
    EXPECT_FALSE(parser.finish());
}

TEST(sse_parser, reads_retry_in_digits_only)
{
    const std::vector<std::pair<std::string, std::optional<unsigned>>> table = {
        {"retry: 2000\n", 2000U},      {"retry:02000\n", 2000U},   {"retry: 1000x\n", std::nullopt},
        {"retry: -1\n", std::nullopt}, {"retry:\n", std::nullopt}, {"retry: 99999999999999999999\n", std::nullopt},
        {"retry: 5\nretry: x\n", 5U}};
    for (const auto& [bytes, expected] : table) {
        sse_parser parser;
        parse({bytes}, parser);
        EXPECT_EQ(parser.retry(), expected) << bytes;
    }
}

TEST(sse_parser, keeps_lines_that_are_no_field_for_an_error_message)
{
    sse_parser parser;
    parse({": comment\ndata: a\n\n{\"error\":", " {\"message\": \"overloaded\"}}\nerror: {\"code\":", "500}"}, parser);
    parser.finish();
    EXPECT_EQ(parser.strays(), "{\"error\": {\"message\": \"overloaded\"}}\nerror: {\"code\":500}\n");
}

TEST(sse_parser, keeps_no_more_than_four_kibibytes_of_strays)
{
    sse_parser parser;
    for (int i = 0; i < 100; ++i)
        parse({"<html>" + std::string(500, 'x') + "\n"}, parser);
    EXPECT_EQ(parser.strays().size(), 4096U);
    EXPECT_TRUE(parser.strays().starts_with("<html>xxx"));
}

errc limit_of(const std::vector<std::string>& chunks, std::size_t line, std::size_t event_bytes)
{
    sse_limits limits;
    limits.line = line;
    limits.event = event_bytes;
    sse_parser parser(limits);
    try {
        parse(chunks, parser);
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::limit_exceeded);
        EXPECT_NE(std::string(e.what()).find("sse_limits::"), std::string::npos) << e.what();
        parser.feed("data: more\n\n");
        EXPECT_FALSE(parser.next());
        EXPECT_FALSE(parser.finish());
        return errc::limit_exceeded;
    }
    return errc{};
}

TEST(sse_parser, holds_a_line_to_its_limit_however_it_is_split)
{
    const std::string at_limit = "data: " + std::string(94, 'x');
    EXPECT_EQ(limit_of({at_limit + "\n\n"}, 100, 1000), errc{});
    EXPECT_EQ(limit_of({at_limit + "x\n\n"}, 100, 1000), errc::limit_exceeded);
    EXPECT_EQ(limit_of({at_limit, "x"}, 100, 1000), errc::limit_exceeded);
    EXPECT_EQ(limit_of({std::string(60, ':'), std::string(60, ':')}, 100, 1000), errc::limit_exceeded);
}

TEST(sse_parser, holds_an_event_to_its_limit)
{
    EXPECT_EQ(limit_of({"data: 12345\ndata: 7890\n\n"}, 100, 10), errc{});
    EXPECT_EQ(limit_of({"data: 12345\ndata: 78901\n\n"}, 100, 10), errc::limit_exceeded);
    EXPECT_EQ(limit_of({"data: 12345678901\n\n"}, 100, 10), errc::limit_exceeded);
}

}  // namespace
}  // namespace zincir

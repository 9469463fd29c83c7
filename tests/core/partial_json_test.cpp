#include <zincir/core/json.hpp>

#include <gmock/gmock.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace zincir {
namespace {

struct row {
    std::string text;
    std::string_view value;
    friend std::ostream& operator<<(std::ostream& out, const row& c) { return out << c.text; }
};
class partial_json : public ::testing::TestWithParam<row> {};

TEST_P(partial_json, is_what_can_be_used)
{
    const auto parsed = try_parse_partial_json(GetParam().text);
    ASSERT_TRUE(parsed) << parsed.error().what();
    EXPECT_EQ(*parsed, parse_json(GetParam().value)) << json::serialize(*parsed);
}

INSTANTIATE_TEST_SUITE_P(
    cut, partial_json,
    ::testing::Values(row{R"({)", R"({})"}, row{R"({"a)", R"({})"}, row{R"({"a")", R"({})"}, row{R"({"a":)", R"({})"},
                      row{R"({"a":"x)", R"({"a":"x"})"}, row{R"({"a":"x",)", R"({"a":"x"})"}, row{R"({"a":1,"b":tr)", R"({"a":1})"},
                      row{R"({"a":-)", R"({})"}, row{R"({"a":1.)", R"({"a":1})"}, row{R"({"a":1.5e)", R"({"a":1.5})"},
                      row{R"({"a":1E+)", R"({"a":1})"}, row{R"([1,)", R"([1])"}, row{R"([[{"a":[)", R"([[{"a":[]}]])"},
                      row{R"("half)", R"("half")"}, row{R"("a\)", R"("a")"}, row{R"("a\u00)", R"("a")"},
                      row{R"("a\u0131)", R"("aı")"}, row{R"("a\ud83d)", R"("a")"}, row{R"("a\ud83d\ude0)", R"("a")"},
                      row{R"("\ud83d\ude00)", R"("😀")"}, row{"\"a\xc4", R"("a")"}, row{"\"a\xf0\x9f\x98", R"("a")"},
                      row{"  \n[ 1 ", R"([1])"}, row{"true", "true"}, row{"12", "12"}));

INSTANTIATE_TEST_SUITE_P(what_follows_is_left_out, partial_json,
                         ::testing::Values(row{"{\"a\":1}\n```\nThat is all.", R"({"a":1})"}, row{"[1 2", "[1]"},
                                           row{R"({"a":1,,"b":2)", R"({"a":1})"}, row{R"({"a":01)", R"({"a":0})"},
                                           row{R"({a:1)", "{}"}, row{R"("bob",)", R"("bob")"}, row{R"([1,])", "[1]"},
                                           row{R"({"a":1,"b":nil})", R"({"a":1})"}));

INSTANTIATE_TEST_SUITE_P(raw_control_characters_stay, partial_json,
                         ::testing::Values(row{"{\"a\":\"l1\nl2", R"({"a":"l1\nl2"})"}, row{"\"\t\x01\"", R"("\t\u0001")"}));

INSTANTIATE_TEST_SUITE_P(a_string_that_cannot_be_one_is_left_out, partial_json,
                         ::testing::Values(row{R"({"a":1,"b":"\x)", R"({"a":1})"}, row{"{\"a\":1,\"b\":\"\xff\"", R"({"a":1})"},
                                           row{R"([1,"\udc00"])", "[1]"}));

class hopeless : public ::testing::TestWithParam<std::string> {};

TEST_P(hopeless, is_output_mismatch)
{
    const auto parsed = try_parse_partial_json(GetParam());
    ASSERT_FALSE(parsed) << json::serialize(*parsed);
    EXPECT_EQ(parsed.error().code(), errc::output_mismatch);
    EXPECT_STRNE(parsed.error().what(), "output_mismatch: ");
}

INSTANTIATE_TEST_SUITE_P(texts, hopeless,
                         ::testing::Values("", "   ", "France", "-", "tru", "}", "{]", "[}", "{\"a\":1]", ": 3", "\"\\x", "\"\xff",
                                           "json\n{\"a\":1}"));

TEST(try_parse_partial_json, limits_depth_and_size)
{
    json_limits limits;
    limits.depth = 2;
    EXPECT_TRUE(try_parse_partial_json("[[1", limits));
    EXPECT_EQ(try_parse_partial_json("[[[1", limits).error().code(), errc::limit_exceeded);
    limits.bytes = 3;
    EXPECT_EQ(try_parse_partial_json("[[12", limits).error().code(), errc::limit_exceeded);
    limits.bytes = 4;
    EXPECT_TRUE(try_parse_partial_json("\"\n\n\n", limits));  // longer once it is repaired
}

// Every beginning of a document parses, and never says less than a shorter one did.
TEST(try_parse_partial_json, grows_with_every_byte)
{
    const std::string document =
        R"({"başlık": "Çığ \"gibi\" \u0131ş\ud83d\ude00", "n": [1, -2.5e10, 3E+2, 0], "t": true, "f": false, "z": null, "o": {"k": {"kk": []}}})";
    std::size_t before = 0;
    for (std::size_t i = 1; i <= document.size(); ++i) {
        const auto parsed = try_parse_partial_json(std::string_view(document).substr(0, i));
        ASSERT_TRUE(parsed) << document.substr(0, i) << ": " << parsed.error().what();
        const auto now = parsed->as_object().size();
        EXPECT_GE(now, before);
        before = now;
    }
    EXPECT_EQ(try_parse_partial_json(document).value(), parse_json(document));
}

}  // namespace
}  // namespace zincir

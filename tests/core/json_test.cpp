#include <zincir/core/json.hpp>

#include <gmock/gmock.h>

namespace zincir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(parse_json, takes_any_json_value)
{
    EXPECT_EQ(parse_json("1"), 1);
    EXPECT_EQ(parse_json(" \"ığ\\u0131\" \n"), "ığı");
    EXPECT_EQ(parse_json("[true,null]").as_array().size(), 2U);
    EXPECT_EQ(parse_json(R"({"a":{"b":2}})").at("a").at("b"), 2);
}

class not_json : public ::testing::TestWithParam<std::string> {};

TEST_P(not_json, is_output_mismatch)
{
    const auto parsed = try_parse_json(GetParam());
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code(), errc::output_mismatch);
    EXPECT_THROW(parse_json(GetParam()), error);
}

INSTANTIATE_TEST_SUITE_P(texts, not_json,
                         ::testing::Values("", "  ", "{", "[1,]", "{'a':1}", "{\"a\":1,}", "NaN", "// c\n1", "01", "\"\t\"",
                                           "\"\xff\"", "1 2", "{} x", "\"\\ud800\""));

TEST(try_parse_json, says_line_column_and_what_stands_there)
{
    const auto parsed = try_parse_json("{\n  \"şehir\": \"İzmir\" oops\n}");
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().what(), AllOf(HasSubstr("line 2"), HasSubstr("oops")));
}

TEST(try_parse_json, columns_count_characters_not_bytes)
{
    const auto parsed = try_parse_json("\"ığüşöç\" x");
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().what(), HasSubstr("line 1, column "));
    EXPECT_THAT(parsed.error().what(), ::testing::AnyOf(HasSubstr("column 9"), HasSubstr("column 10")));
}

TEST(try_parse_json, says_when_the_text_just_ends)
{
    const auto parsed = try_parse_json("{\"a\": [1, 2");
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().what(), HasSubstr("the end of the text"));
}

TEST(try_parse_json, names_the_place_of_a_number_that_no_double_can_hold)
{
    const auto parsed = try_parse_json(R"({"a/b":[1,-1e400]})");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code(), errc::output_mismatch);
    EXPECT_THAT(parsed.error().what(), HasSubstr("/a~1b/1: expected a number in the range of a double"));
}

TEST(try_parse_json, takes_a_zero_with_any_exponent)
{
    EXPECT_EQ(parse_json("[0E999,-0e999,0.0e-999,1e-999]"), json::value({0.0, 0.0, 0.0, 0.0}));
}

TEST(try_parse_json, limits_depth_and_size)
{
    json_limits limits;
    limits.depth = 3;
    EXPECT_TRUE(try_parse_json("[[[1]]]", limits));
    const auto deep = try_parse_json("[[[[1]]]]", limits);
    ASSERT_FALSE(deep);
    EXPECT_EQ(deep.error().code(), errc::limit_exceeded);
    limits.bytes = 4;
    EXPECT_TRUE(try_parse_json("1234", limits));
    EXPECT_EQ(try_parse_json("12345", limits).error().code(), errc::limit_exceeded);
}

TEST(try_parse_json, a_hundred_thousand_brackets_are_an_error_not_a_crash)
{
    EXPECT_EQ(try_parse_json(std::string(100000, '[')).error().code(), errc::limit_exceeded);
    EXPECT_EQ(try_parse_partial_json(std::string(100000, '[')).error().code(), errc::limit_exceeded);
}

TEST(try_parse_json, its_message_is_utf8_even_when_cut)
{
    const auto parsed = try_parse_json("x" + std::string(38, 'a') + "ğğğğ");
    ASSERT_FALSE(parsed);
    const std::string what = parsed.error().what();
    EXPECT_THAT(what, HasSubstr("ğ…\""));
}

TEST(try_parse_json, its_message_is_utf8_where_the_text_is_not)
{
    const auto of = [](std::string_view text) { return std::string(zincir::try_parse_json(text).error().facts().message); };
    EXPECT_NE(of("[\xFF\xC5\x9F\xE2]").find("\"\xEF\xBF\xBD\xC5\x9F\xEF\xBF\xBD]\""), std::string::npos)
        << of("[\xFF\xC5\x9F\xE2]");
    EXPECT_LT(of(std::string(1'000'000, '\x80')).size(), 1'000U);
}

TEST(pretty_json, indents_and_keeps_empty_ones_on_a_line)
{
    EXPECT_EQ(pretty_json(parse_json(R"({"a":[1,{"b":"ğ"}],"c":{},"d":[]})")),
              "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"ğ\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
    EXPECT_EQ(pretty_json(json::value()), "null");
}

TEST(pretty_json, parses_to_the_same_value)
{
    const auto value = parse_json(R"({"k\"ey":[[],[null,true,-1.5e300]],"":"\n"})");
    EXPECT_EQ(parse_json(pretty_json(value)), value);
}

}  // namespace
}  // namespace zincir

#include <zincir/core/json.hpp>
#include <zincir/core/message_chunk.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

namespace zincir {
namespace {

json::object object(std::string_view text) { return parse_json(text).as_object(); }

struct row {
    std::string_view left;
    std::string_view right;
    std::string_view sum;
    friend std::ostream& operator<<(std::ostream& out, const row& c) { return out << c.left << " + " << c.right; }
};
class merging : public ::testing::TestWithParam<row> {};

TEST_P(merging, adds_up)
{
    auto left = object(GetParam().left);
    merge_json(left, object(GetParam().right));
    EXPECT_EQ(json::value(left), parse_json(GetParam().sum)) << json::serialize(left);
}

INSTANTIATE_TEST_SUITE_P(
    members, merging,
    ::testing::Values(row{R"({})", R"({"a":1})", R"({"a":1})"},                                   //
                      row{R"({"a":null})", R"({"a":[1]})", R"({"a":[1]})"},                       //
                      row{R"({"a":"x"})", R"({"a":null})", R"({"a":"x"})"},                       //
                      row{R"({"a":"ab"})", R"({"a":"cd"})", R"({"a":"abcd"})"},                   //
                      row{R"({"type":"text"})", R"({"type":"text"})", R"({"type":"texttext"})"},  //
                      row{R"({"id":"x"})", R"({"id":"x"})", R"({"id":"x"})"},                     //
                      row{R"({"id":"x"})", R"({"id":"y"})", R"({"id":"xy"})"},                    //
                      row{R"({"index":"lc_1"})", R"({"index":"lc_2"})", R"({"index":"lc_1"})"},   //
                      row{R"({"n":2})", R"({"n":3})", R"({"n":5})"},                              //
                      row{R"({"n":2})", R"({"n":2})", R"({"n":2})"},                              //
                      row{R"({"n":1.5})", R"({"n":1.5})", R"({"n":1.5})"},                        //
                      row{R"({"created":1,"index":0,"timestamp":5})", R"({"created":2,"index":1,"timestamp":6})",
                          R"({"created":2,"index":1,"timestamp":6})"},  //
                      row{R"({"a":{"b":"x","c":1}})", R"({"a":{"b":"y","d":2}})", R"({"a":{"b":"xy","c":1,"d":2}})"},
                      row{R"({"a":true})", R"({"a":true})", R"({"a":true})"}));

INSTANTIATE_TEST_SUITE_P(
    elements, merging,
    ::testing::Values(row{R"({"l":[1]})", R"({"l":[1,2]})", R"({"l":[1,1,2]})"},
                      row{R"({"l":[{"index":0,"s":"a"}]})", R"({"l":[{"index":0,"s":"b"}]})", R"({"l":[{"index":0,"s":"ab"}]})"},
                      row{R"({"l":[{"index":0,"s":"a"}]})", R"({"l":[{"index":1,"s":"b"}]})",
                          R"({"l":[{"index":0,"s":"a"},{"index":1,"s":"b"}]})"},
                      row{R"({"l":[{"index":0,"id":"x"}]})", R"({"l":[{"index":0,"id":"y"}]})",
                          R"({"l":[{"index":0,"id":"x"},{"index":0,"id":"y"}]})"},
                      row{R"({"l":[{"index":0,"id":"x","s":"a"}]})", R"({"l":[{"index":0,"id":null,"s":"b"}]})",
                          R"({"l":[{"index":0,"id":"x","s":"ab"}]})"},
                      row{R"({"l":[{"index":0,"id":"","s":"a"}]})", R"({"l":[{"index":0,"id":"y","s":"b"}]})",
                          R"({"l":[{"index":0,"id":"y","s":"ab"}]})"},
                      row{R"({"l":[{"index":"one","s":"a"}]})", R"({"l":[{"index":"one","s":"b"}]})",
                          R"({"l":[{"index":"one","s":"a"},{"index":"one","s":"b"}]})"},
                      row{R"({"l":[{"index":"lc_t","s":"a"}]})", R"({"l":[{"index":"lc_t","s":"b"}]})",
                          R"({"l":[{"index":"lc_t","s":"ab"}]})"},
                      row{R"({"l":[{"index":0,"type":"text"}]})", R"({"l":[{"index":0,"type":"text","s":"b"}]})",
                          R"({"l":[{"index":0,"type":"text","s":"b"}]})"},
                      row{R"({"l":[{"index":0,"type":"text"}]})", R"({"l":[{"index":0,"type":"non_standard","value":{"k":1}}]})",
                          R"({"l":[{"index":0,"type":"text","extras":{"k":1}}]})"}));

struct clash {
    std::string_view left;
    std::string_view right;
    friend std::ostream& operator<<(std::ostream& out, const clash& c) { return out << c.left << " + " << c.right; }
};
class contradiction : public ::testing::TestWithParam<clash> {};

TEST_P(contradiction, is_an_error_that_names_the_key)
{
    auto left = object(GetParam().left);
    const auto e = testing::thrown_by([&] { merge_json(left, object(GetParam().right)); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), ::testing::HasSubstr("\"key\""));
}

INSTANTIATE_TEST_SUITE_P(values, contradiction,
                         ::testing::Values(clash{R"({"key":1})", R"({"key":"1"})"}, clash{R"({"key":true})", R"({"key":false})"},
                                           clash{R"({"key":1.5})", R"({"key":2.5})"}, clash{R"({"key":1})", R"({"key":1.5})"},
                                           clash{R"({"key":[1]})", R"({"key":{"a":1}})"},
                                           clash{R"({"key":9223372036854775807})", R"({"key":1})"},
                                           clash{R"({"in":{"key":1}})", R"({"in":{"key":"x"}})"}));

TEST(merge_json, leaves_what_it_adds_alone)
{
    auto left = object(R"({"l":[{"index":0,"s":"a"}]})");
    const auto right = object(R"({"l":[{"index":0,"s":"b"}],"m":{"x":"y"}})");
    merge_json(left, right);
    merge_json(left, right);
    EXPECT_EQ(json::value(right), parse_json(R"({"l":[{"index":0,"s":"b"}],"m":{"x":"y"}})"));
    EXPECT_EQ(json::value(left), parse_json(R"({"l":[{"index":0,"s":"abb"}],"m":{"x":"yy"}})"));
}

}  // namespace
}  // namespace zincir

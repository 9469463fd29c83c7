#include <zincir/llms/offline_model.hpp>

#include <zincir/core/described.hpp>
#include <zincir/core/sync_wait.hpp>

#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema_check.hpp"

using namespace zincir;
using ::testing::HasSubstr;

namespace {

message ask(const json::object& schema, const std::string& prompt)
{
    chat_options options;
    options.response_format = response_format::json_schema("reply", schema);
    return sync_wait(offline_model(options).invoke(prompt));
}
json::value instance(const std::string& schema, const std::string& prompt)
{
    return parse_json(ask(parse_json(schema).as_object(), prompt).text());
}

const std::string prompt =
    "Give me a person: Ada Lovelace is 36 years old, lives in Ankara, likes red, green and blue and is married. Score: 7.5";

enum class mood { happy, sad };
BOOST_DESCRIBE_ENUM(mood, happy, sad)
struct place {
    std::string city;
    std::optional<std::string> street;
};
BOOST_DESCRIBE_STRUCT(place, (), (city, street))
struct person {
    std::string name;
    int age = 0;
    bool married = false;
    mood feels = mood::happy;
    std::vector<std::string> colours;
    place home;
    std::map<std::string, double> scores;
};
BOOST_DESCRIBE_STRUCT(person, (), (name, age, married, feels, colours, home, scores))

}  // namespace

class offline_schema : public ::testing::TestWithParam<const char*> {};

TEST_P(offline_schema, is_met_by_the_reply)
{
    const auto schema = parse_json(GetParam());
    for (const auto& text : {prompt, std::string("x"), std::string("Şehir: İzmir, yaş 7"), std::string("-3 0 1000000 2.5")}) {
        const auto value = parse_json(ask(schema.as_object(), text).text());
        EXPECT_EQ(zincir_test::schema_fault(schema, value, schema), "") << json::serialize(value);
    }
}

INSTANTIATE_TEST_SUITE_P(
    shapes, offline_schema,
    ::testing::Values(
        R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false})",
        R"({"type":"object","properties":{"n":{"type":"integer","minimum":10,"maximum":12}},"required":["n"]})",
        R"({"type":"object","properties":{"n":{"type":"integer","exclusiveMinimum":3,"exclusiveMaximum":5}}})",
        R"({"type":"object","properties":{"n":{"type":"integer","multipleOf":7,"minimum":8}}})",
        R"({"type":"object","properties":{"x":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}}})",
        R"({"type":"object","properties":{"x":{"type":"number","multipleOf":0.25,"maximum":2}}})",
        R"({"type":"object","properties":{"s":{"type":"string","minLength":40,"maxLength":50}}})",
        R"({"type":"object","properties":{"s":{"type":"string","maxLength":3}}})",
        R"({"type":"object","properties":{"c":{"enum":["red","green",3,null]}},"required":["c"]})",
        R"({"type":"object","properties":{"c":{"const":{"a":[1]}}},"required":["c"]})",
        R"({"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":["null","integer"]}},"required":["a","b"]})",
        R"({"type":"object","properties":{"a":{"anyOf":[{"type":"null"},{"type":"integer","minimum":5}]}},"required":["a"]})",
        R"({"type":"object","properties":{"a":{"oneOf":[{"type":"string"},{"type":"integer"}]}},"required":["a"]})",
        R"({"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"integer"}},"required":["b"]}]})",
        R"({"type":"object","properties":{"list":{"type":"array","items":{"type":"string"},"minItems":5,"uniqueItems":true}},"required":["list"]})",
        R"({"type":"object","properties":{"list":{"type":"array","items":{"type":"integer"},"minItems":6,"maxItems":6,"uniqueItems":true}}})",
        R"({"type":"object","properties":{"list":{"type":"array","items":{"enum":["a","b","c"]},"minItems":3,"uniqueItems":true}}})",
        R"({"type":"object","properties":{"list":{"type":"array","maxItems":0,"items":{"type":"string"}}}})",
        R"({"type":"object","properties":{"pair":{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false}}})",
        R"({"type":"object","properties":{"map":{"type":"object","additionalProperties":{"type":"number"},"minProperties":3}},"required":["map"]})",
        R"({"type":"object","properties":{"f":{"type":"boolean"},"z":{"type":"null"}},"required":["f","z"]})",
        R"({"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#/$defs/node"}},"required":["v"]}},"$ref":"#/$defs/node"})",
        R"({"$defs":{"node":{"type":"object","properties":{"v":{"type":"string"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["v","next"]}},"$ref":"#/$defs/node"})",
        R"({"type":"object","properties":{"tree":{"type":"array","items":{"$ref":"#"}}},"required":["tree"]})",
        R"({"type":"object","required":["undeclared"]})", R"({"properties":{"typeless":{"minimum":4}}})",
        R"({"type":"object","properties":{"anything":true,"d":{"type":"string","format":"date"},"m":{"type":"string","format":"email"}}})"));

TEST(offline_schema, is_met_for_a_described_struct)
{
    const auto schema = json_schema<person>();
    const auto reply = ask(schema, prompt);
    const auto value = parse_json(reply.text());
    EXPECT_EQ(zincir_test::schema_fault(json::value(schema), value, json::value(schema)), "") << reply.text();
    const auto ada = from_json<person>(value);
    EXPECT_EQ(ada.name, "Ada Lovelace");
    EXPECT_EQ(ada.age, 36);
    EXPECT_TRUE(ada.married);
}

TEST(offline_schema, takes_values_from_labels)
{
    const auto v = instance(
        R"({"type":"object","properties":{"first_name":{"type":"string"},"city":{"type":"string"},"age":{"type":"integer"}}})",
        "city: İzmir, first name: Ayşe; age: 41");
    EXPECT_EQ(v.at("first_name").as_string(), "Ayşe");
    EXPECT_EQ(v.at("city").as_string(), "İzmir");
    EXPECT_EQ(v.at("age").as_int64(), 41);
}

TEST(offline_schema, chooses_the_enum_member_that_the_prompt_mentions)
{
    const auto schema = R"({"type":"object","properties":{"sentiment":{"enum":["positive","negative","neutral"]}}})";
    EXPECT_EQ(instance(schema, "I would call that rather negative").at("sentiment").as_string(), "negative");
    EXPECT_EQ(instance(schema, "no word of it").at("sentiment").as_string(), "positive");
}

TEST(offline_schema, finds_formats_in_the_prompt)
{
    const auto v = instance(
        R"({"type":"object","properties":{"mail":{"type":"string","format":"email"},"day":{"type":"string","format":"date"},"page":{"type":"string","format":"uri"}}})",
        "Write to ada@example.com before 2026-03-04, see https://example.com/x.");
    EXPECT_EQ(v.at("mail").as_string(), "ada@example.com");
    EXPECT_EQ(v.at("day").as_string(), "2026-03-04");
    EXPECT_EQ(v.at("page").as_string(), "https://example.com/x");
}

TEST(offline_schema, lists_what_the_prompt_enumerates)
{
    const auto v = instance(R"({"type":"object","properties":{"fruits":{"type":"array","items":{"type":"string"}}}})",
                            "List the fruits: elma, armut ve kiraz.");
    EXPECT_EQ(json::serialize(v.at("fruits")), R"(["elma","armut","kiraz"])");
}

TEST(offline_schema, meets_a_pattern_with_a_word_of_the_prompt_or_says_that_it_did_not)
{
    const auto schema =
        parse_json(R"({"type":"object","properties":{"code":{"type":"string","pattern":"^[A-Z]{2}-[0-9]+$"}}})").as_object();
    const auto met = ask(schema, "the code is hidden in TR-42 here");
    EXPECT_EQ(parse_json(met.text()).at("code").as_string(), "TR-42");
    EXPECT_TRUE(met.warnings().empty());
    const auto unmet = ask(schema, "there is none");
    ASSERT_EQ(unmet.warnings().size(), 1U);
    EXPECT_THAT(unmet.warnings()[0], HasSubstr("pattern"));
}

TEST(offline_schema, names_the_keywords_it_does_not_look_at)
{
    const auto reply =
        ask(parse_json(R"({"type":"object","not":{"required":["x"]},"properties":{"a":{"type":"string"}}})").as_object(), "x");
    ASSERT_EQ(reply.warnings().size(), 1U);
    EXPECT_THAT(reply.warnings()[0], HasSubstr("\"not\""));
}

TEST(offline_schema, refuses_what_nothing_can_meet)
{
    for (const auto* schema :
         {R"({"type":"object","properties":{"a":false},"required":["a"]})",
          R"({"type":"object","properties":{"a":{"enum":[]}},"required":["a"]})",
          R"({"type":"object","properties":{"a":{"type":"integer","minimum":3,"maximum":2}},"required":["a"]})",
          R"({"type":"object","properties":{"me":{"$ref":"#"}},"required":["me"]})",
          R"({"type":"object","properties":{"a":{"$ref":"#/$defs/nowhere"}},"required":["a"]})"}) {
        try {
            ask(parse_json(schema).as_object(), "x");
            ADD_FAILURE() << schema;
        } catch (const error& e) {
            EXPECT_EQ(e.code(), errc::unsupported) << schema << ": " << e.what();
        }
    }
}

TEST(offline_schema, is_filled_the_same_way_every_time)
{
    EXPECT_EQ(ask(json_schema<person>(), prompt).text(), ask(json_schema<person>(), prompt).text());
}

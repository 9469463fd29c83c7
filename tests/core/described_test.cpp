#include <zincir/core/described.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

#include <cstdint>

namespace zincir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

enum class mood { calm, joyful };
BOOST_DESCRIBE_ENUM(mood, calm, joyful)

struct author {
    std::string name{};
    std::optional<int> born{};
};
BOOST_DESCRIBE_STRUCT(author, (), (name, born))

struct poem {
    std::string title{};
    author by{};
    std::vector<std::string> lines{};
    std::map<std::string, double> scores{};
    mood feeling = mood::calm;
    bool rhymes = false;
    std::uint8_t stars = 0;
    json::value notes{};
};
BOOST_DESCRIBE_STRUCT(poem, (), (title, by, lines, scores, feeling, rhymes, stars, notes))

struct part {
    std::string name{};
    std::vector<part> parts{};
};
BOOST_DESCRIBE_STRUCT(part, (), (name, parts))

struct machine {
    part body{};
    std::optional<author> maker{};
    std::map<std::string, part> spares{};
};
BOOST_DESCRIBE_STRUCT(machine, (), (body, maker, spares))

struct shape {
    std::array<float, 2> at{};
    std::variant<std::int64_t, std::string, author> tag{};
    std::unordered_map<std::string, bool> flags{};
};
BOOST_DESCRIBE_STRUCT(shape, (), (at, tag, flags))

struct coloured_shape : shape {
    mood colour = mood::calm;
};
BOOST_DESCRIBE_STRUCT(coloured_shape, (shape), (colour))

struct recipe {
    std::string title{};
    int minutes = 0;
};
BOOST_DESCRIBE_STRUCT(recipe, (), (title, minutes))

}  // namespace

template <>
inline constexpr auto json_descriptions<recipe> =
    std::to_array<member_description>({{"", "a recipe for four"}, {"minutes", "from the first cut to the table"}});

namespace {

constexpr std::string_view whole =
    R"({"title":"Sessiz Gemi","by":{"name":"Yahya Kemal","born":1884},"lines":["Artık demir almak günü gelmişse zamandan"],)"
    R"("scores":{"a":0.25,"b":0.5},"feeling":"joyful","rhymes":true,"stars":5,"notes":[1,null]})";

json::value with(std::string_view key, json::value value)
{
    auto document = parse_json(whole);
    document.as_object()[key] = std::move(value);
    return document;
}

std::string refused(const json::value& document)
{
    const auto parsed = try_from_json<poem>(document);
    EXPECT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code(), errc::output_mismatch);
    return parsed.error().what();
}

TEST(from_json, reads_every_kind_of_member)
{
    const auto p = from_json<poem>(parse_json(whole));
    EXPECT_EQ(p.title, "Sessiz Gemi");
    EXPECT_EQ(p.by.born, 1884);
    EXPECT_EQ(p.lines.size(), 1U);
    EXPECT_EQ(p.scores.at("b"), 0.5);
    EXPECT_EQ(p.feeling, mood::joyful);
    EXPECT_TRUE(p.rhymes);
    EXPECT_EQ(p.stars, 5);
    EXPECT_EQ(p.notes, parse_json("[1,null]"));
}

TEST(from_json, an_optional_may_be_missing_or_null)
{
    EXPECT_EQ(from_json<author>(parse_json(R"({"name":"a"})")).born, std::nullopt);
    EXPECT_EQ(from_json<author>(parse_json(R"({"name":"a","born":null})")).born, std::nullopt);
}

TEST(from_json, surplus_keys_are_ignored) { EXPECT_EQ(from_json<author>(parse_json(R"({"name":"a","extra":[1]})")).name, "a"); }

TEST(from_json, a_whole_double_is_an_integer)
{
    EXPECT_EQ(from_json<author>(parse_json(R"({"name":"a","born":1884.0})")).born, 1884);
}

TEST(from_json, names_the_place_as_a_json_pointer)
{
    EXPECT_THAT(refused(with("lines", parse_json(R"(["a",3])"))), HasSubstr("/lines/1: expected a string, got 3"));
    EXPECT_THAT(refused(with("by", parse_json(R"({"name":"a","born":"x"})"))),
                HasSubstr("/by/born: expected an integer, got \"x\""));
    EXPECT_THAT(refused(with("scores", parse_json(R"({"a/b~c":"x"})"))), HasSubstr("/scores/a~1b~0c: expected a number"));
    EXPECT_THAT(refused(with("by", parse_json(R"({})"))), HasSubstr("/by/name: missing"));
    EXPECT_THAT(refused(parse_json("[]")), HasSubstr("the document: expected an object, got []"));
}

TEST(from_json, an_empty_key_is_a_key_of_the_pointer)
{
    EXPECT_THAT(refused(with("scores", parse_json(R"({"":"x"})"))), HasSubstr("/scores/: expected"));
}

TEST(from_json, lists_the_names_of_an_enum)
{
    EXPECT_THAT(refused(with("feeling", "angry")),
                AllOf(HasSubstr("/feeling"), HasSubstr("one of calm joyful"), HasSubstr("angry")));
    EXPECT_THAT(refused(with("feeling", 1)), HasSubstr("one of calm joyful"));
}

struct integer_row {
    json::value value;
    bool fits;
    friend std::ostream& operator<<(std::ostream& out, const integer_row& c) { return out << c.value; }
};
class small_integer : public ::testing::TestWithParam<integer_row> {};

TEST_P(small_integer, must_fit_its_type)
{
    EXPECT_EQ(try_from_json<poem>(with("stars", GetParam().value)).has_value(), GetParam().fits);
}

INSTANTIATE_TEST_SUITE_P(values, small_integer,
                         ::testing::Values(integer_row{0, true}, integer_row{255, true}, integer_row{256, false},
                                           integer_row{-1, false}, integer_row{1.5, false}, integer_row{"5", false},
                                           integer_row{true, false}, integer_row{nullptr, false}));

TEST(from_json, reads_the_ends_of_the_widest_types)
{
    EXPECT_EQ(from_json<std::int64_t>(parse_json("-9223372036854775808")), INT64_MIN);
    EXPECT_EQ(from_json<std::uint64_t>(parse_json("18446744073709551615")), UINT64_MAX);
    EXPECT_FALSE(try_from_json<std::int64_t>(parse_json("18446744073709551615")));
}

class shape_row : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(shape_row, is_refused_with_its_place)
{
    const auto parsed = try_from_json<shape>(parse_json(GetParam().first));
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().what(), HasSubstr(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    all, shape_row,
    ::testing::Values(
        std::pair(R"({"at":[1],"tag":1,"flags":{}})", "/at: expected an array of 2 elements, got [1"),
        std::pair(R"({"at":[1,1e300],"tag":1,"flags":{}})", "/at/1: expected a number of at most"),
        std::pair(R"({"at":[1,2],"tag":[],"flags":{}})",
                  "/tag: fits none of its 3 alternatives: /tag: expected an integer, got []; /tag: expected a string"),
        std::pair(R"({"at":[1,2],"tag":{"name":3},"flags":{}})", "/tag/name: expected a string, got 3"),
        std::pair(R"({"at":[1,2],"tag":1,"flags":{"a":1}})", "/flags/a: expected true or false")));

TEST(from_json, takes_the_first_alternative_that_fits)
{
    const auto tag = [](const char* text) {
        auto document = parse_json(R"({"at":[1,2],"flags":{"on":true}})");
        document.as_object()["tag"] = parse_json(text);
        return from_json<shape>(document).tag;
    };
    EXPECT_EQ(std::get<std::int64_t>(tag("3")), 3);
    EXPECT_EQ(std::get<std::string>(tag("\"x\"")), "x");
    EXPECT_EQ(std::get<author>(tag(R"({"name":"a"})")).name, "a");
}

TEST(from_json, reads_members_of_bases_and_structs_that_hold_themselves)
{
    const auto c = from_json<coloured_shape>(parse_json(R"({"at":[1,2],"tag":"t","flags":{},"colour":"joyful"})"));
    EXPECT_EQ(c.at[1], 2);
    EXPECT_EQ(c.colour, mood::joyful);
    const auto p = parse_json(R"({"name":"a","parts":[{"name":"b","parts":[{"name":"c","parts":[]}]}]})");
    EXPECT_EQ(from_json<part>(p).parts[0].parts[0].name, "c");
    EXPECT_EQ(to_json(from_json<part>(p)), p);
}

TEST(from_json, shows_no_more_than_a_piece_of_a_long_value)
{
    std::string long_text;
    for (int i = 0; i < 500; ++i)
        long_text += "ğ";
    const auto what = refused(with("by", json::value(long_text)));
    EXPECT_LT(what.size(), 200U);
    EXPECT_THAT(what, HasSubstr("ğ…"));
}

TEST(to_json, is_what_from_json_reads)
{
    const auto document = parse_json(whole);
    EXPECT_EQ(to_json(from_json<poem>(document)), document) << json::serialize(to_json(from_json<poem>(document)));
}

TEST(to_json, an_empty_optional_is_null) { EXPECT_EQ(to_json(author()), parse_json(R"({"name":"","born":null})")); }

TEST(json_schema, is_closed_and_requires_all)
{
    EXPECT_EQ(json::value(json_schema<author>()), parse_json(R"({
        "type": "object",
        "properties": {"name": {"type": "string"}, "born": {"type": ["integer", "null"]}},
        "required": ["name", "born"],
        "additionalProperties": false})"));
}

TEST(json_schema, describes_every_kind_of_member)
{
    const auto schema = json_schema<poem>();
    const auto& properties = schema.at("properties");
    EXPECT_EQ(properties.at("lines"), parse_json(R"({"type":"array","items":{"type":"string"}})"));
    EXPECT_EQ(properties.at("scores"), parse_json(R"({"type":"object","additionalProperties":{"type":"number"}})"));
    EXPECT_EQ(properties.at("feeling"), parse_json(R"({"type":"string","enum":["calm","joyful"]})"));
    EXPECT_EQ(properties.at("rhymes"), parse_json(R"({"type":"boolean"})"));
    EXPECT_EQ(properties.at("stars"), parse_json(R"({"type":"integer"})"));
    EXPECT_EQ(properties.at("notes"), parse_json("{}"));
    EXPECT_EQ(properties.at("by").at("type"), "object");
}

TEST(json_schema, an_optional_enum_may_be_null)
{
    EXPECT_EQ(json::value(json_schema<std::optional<mood>>()),
              parse_json(R"({"type":["string","null"],"enum":["calm","joyful",null]})"));
}

TEST(json_schema, refers_to_a_struct_that_holds_itself)
{
    EXPECT_EQ(json::value(json_schema<part>()), parse_json(R"({
        "type": "object",
        "properties": {"name": {"type": "string"}, "parts": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["name", "parts"],
        "additionalProperties": false})"));
    const auto schema = json_schema<machine>();
    EXPECT_EQ(schema.at("properties").at("body"), parse_json(R"({"$ref":"#/$defs/part"})"));
    EXPECT_EQ(schema.at("properties").at("spares").at("additionalProperties"), parse_json(R"({"$ref":"#/$defs/part"})"));
    EXPECT_EQ(schema.at("properties").at("maker").at("type"), parse_json(R"(["object","null"])"));
    EXPECT_EQ(schema.at("$defs").at("part").at("properties").at("parts").at("items"), parse_json(R"({"$ref":"#/$defs/part"})"));
    EXPECT_EQ(schema.at("$defs").as_object().size(), 1U);
    EXPECT_EQ(json::value(json_schema<std::vector<part>>().at("items")), parse_json(R"({"$ref":"#/$defs/part"})"));
}

TEST(json_schema, knows_arrays_variants_maps_and_bases)
{
    const auto schema = json_schema<coloured_shape>();
    EXPECT_EQ(schema.at("properties").at("at"),
              parse_json(R"({"type":"array","items":{"type":"number"},"minItems":2,"maxItems":2})"));
    const auto& tag = schema.at("properties").at("tag").at("anyOf").as_array();
    ASSERT_EQ(tag.size(), 3U);
    EXPECT_EQ(tag[0], parse_json(R"({"type":"integer"})"));
    EXPECT_EQ(tag[2].at("required"), parse_json(R"(["name","born"])"));
    EXPECT_EQ(schema.at("properties").at("flags"), parse_json(R"({"type":"object","additionalProperties":{"type":"boolean"}})"));
    EXPECT_EQ(schema.at("required"), parse_json(R"(["at","tag","flags","colour"])"));
    using choice = std::variant<int, bool>;
    EXPECT_EQ(json::value(json_schema<std::optional<choice>>()),
              parse_json(R"({"anyOf":[{"anyOf":[{"type":"integer"},{"type":"boolean"}]},{"type":"null"}]})"));
}

TEST(json_schema, carries_descriptions)
{
    EXPECT_EQ(json::value(json_schema<recipe>()), parse_json(R"({
        "type": "object",
        "description": "a recipe for four",
        "properties": {"title": {"type": "string"},
                       "minutes": {"type": "integer", "description": "from the first cut to the table"}},
        "required": ["title", "minutes"],
        "additionalProperties": false})"));
}

}  // namespace
}  // namespace zincir

#include <zincir/prompts/values.hpp>

#include <gtest/gtest.h>

using zincir::prompt_value;
using zincir::to_prompt_text;
using zincir::values;

namespace {

struct question {
    std::string topic;
    int count = 0;
    std::optional<std::string> tone;
    std::vector<int> years;
};
BOOST_DESCRIBE_STRUCT(question, (), (topic, count, tone, years))

struct dated_question : question {
    int year = 0;
};
BOOST_DESCRIBE_STRUCT(dated_question, (question), (year))

}  // namespace

TEST(values, are_made_of_names_and_values_in_turn)
{
    const values v("topic", "bears", "n", 3, "ratio", 0.5);
    ASSERT_EQ(v.entries().size(), 3U);
    EXPECT_EQ(std::get<std::string>(v.find("topic")->get()), "bears");
    EXPECT_EQ(std::get<std::int64_t>(v.find("n")->get()), 3);
    EXPECT_EQ(std::get<double>(v.find("ratio")->get()), 0.5);
    EXPECT_EQ(v.find("other"), nullptr);
    EXPECT_EQ(v.bare(), nullptr);
}

TEST(values, keep_the_last_value_of_a_name)
{
    const values v("a", 1, "a", 2);
    ASSERT_EQ(v.entries().size(), 1U);
    EXPECT_EQ(std::get<std::int64_t>(v.find("a")->get()), 2);
}

TEST(values, convert_from_a_bare_value)
{
    const values text = "bears";
    ASSERT_NE(text.bare(), nullptr);
    EXPECT_EQ(to_prompt_text(*text.bare()), "bears");
    const values number = 7;
    EXPECT_EQ(to_prompt_text(*number.bare()), "7");
}

TEST(values, convert_from_a_described_struct)
{
    question q;
    q.topic = "İstanbul";
    q.count = 2;
    q.years = {1453, 1923};
    const values v(q);
    EXPECT_EQ(to_prompt_text(*v.find("topic")), "İstanbul");
    EXPECT_EQ(to_prompt_text(*v.find("count")), "2");
    EXPECT_EQ(to_prompt_text(*v.find("tone")), "null");
    EXPECT_EQ(to_prompt_text(*v.find("years")), "[1453,1923]");
}

TEST(values, hold_the_members_of_a_structs_bases)
{
    dated_question q;
    q.topic = "bears";
    q.year = 1923;
    const values v(q);
    EXPECT_EQ(to_prompt_text(*v.find("topic")), "bears");
    EXPECT_EQ(to_prompt_text(*v.find("year")), "1923");
}

struct wording {
    prompt_value value;
    std::string text;
    friend std::ostream& operator<<(std::ostream& out, const wording& c) { return out << c.text; }
};
class prompt_text : public testing::TestWithParam<wording> {};

TEST_P(prompt_text, is_what_the_value_reads_like) { EXPECT_EQ(to_prompt_text(GetParam().value), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(of, prompt_text,
                         testing::Values(wording{"plain", "plain"}, wording{42, "42"}, wording{-1, "-1"}, wording{1.0, "1.0"},
                                         wording{0.1, "0.1"}, wording{1e-07, "1e-07"}, wording{100000.0, "100000.0"},
                                         wording{1e22, "1e+22"}, wording{true, "true"},
                                         wording{zincir::json::value(nullptr), "null"},
                                         wording{zincir::json::value(zincir::json::array()), "[]"},
                                         wording{UINT64_MAX, "18446744073709551615"}));

TEST(prompt_text, is_not_there_for_messages) { EXPECT_THROW(to_prompt_text(prompt_value(zincir::user("hi"))), zincir::error); }

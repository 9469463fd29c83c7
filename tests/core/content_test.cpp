#include <zincir/core/content.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace zincir {
namespace {

std::string text_of(const content& c)
{
    std::string all;
    for (const auto& block : c)
        all += std::get<text_block>(block).text + "|";
    return all;
}

content of(std::size_t n)
{
    content c;
    for (std::size_t i = 0; i < n; ++i)
        c.emplace_back(text_block(std::to_string(i)));
    return c;
}

class blocks : public ::testing::TestWithParam<std::size_t> {};

TEST_P(blocks, are_kept_in_order_and_in_full_by_copies_and_moves)
{
    const auto expected = [&] {
        std::string all;
        for (std::size_t i = 0; i < GetParam(); ++i)
            all += std::to_string(i) + "|";
        return all;
    }();
    auto c = of(GetParam());
    EXPECT_EQ(c.size(), GetParam());
    EXPECT_EQ(text_of(c), expected);
    auto copy = c;
    EXPECT_EQ(text_of(copy), expected);
    auto moved = std::move(copy);
    EXPECT_EQ(text_of(moved), expected);
    EXPECT_TRUE(copy.empty());  // NOLINT: its state after the move is what is tested
    copy.emplace_back(text_block("again"));
    EXPECT_EQ(text_of(copy), "again|");
    for (std::size_t other : {0U, 1U, 2U, 5U}) {
        auto assigned = of(other);
        assigned = c;
        EXPECT_EQ(text_of(assigned), expected);
        auto taken = of(other);
        taken = std::move(assigned);
        EXPECT_EQ(text_of(taken), expected);
    }
    const auto& same = c;
    c = same;
    EXPECT_EQ(text_of(c), expected);
}

TEST_P(blocks, can_be_put_in_and_taken_out_at_every_place)
{
    for (std::size_t i = 0; i <= GetParam(); ++i) {
        auto c = of(GetParam());
        const auto at = c.insert(c.begin() + i, text_block("new"));
        EXPECT_EQ(std::get<text_block>(*at).text, "new");
        EXPECT_EQ(c.size(), GetParam() + 1);
        c.erase(at);
        EXPECT_EQ(text_of(c), text_of(of(GetParam())));
    }
    auto c = of(GetParam());
    while (!c.empty())
        c.pop_back();
    EXPECT_EQ(c.begin(), c.end());
}

INSTANTIATE_TEST_SUITE_P(sizes, blocks, ::testing::Values(0, 1, 2, 3, 4, 9));

TEST(content, is_made_of_a_list)
{
    const content c{text_block("a"), tool_call("1", "t", "{}")};
    EXPECT_EQ(c.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<tool_call>(c.back()));
}

TEST(content, a_block_of_its_own_may_be_appended)
{
    auto c = of(2);
    c.push_back(c.front());
    c.push_back(c[1]);
    c.emplace_back(c[2]);
    EXPECT_EQ(text_of(c), "0|1|0|1|0|");
}

TEST(content, at_checks_the_number)
{
    const auto c = of(2);
    EXPECT_EQ(std::get<text_block>(c.at(1)).text, "1");
    EXPECT_THROW(c.at(2), std::out_of_range);
}

}  // namespace
}  // namespace zincir

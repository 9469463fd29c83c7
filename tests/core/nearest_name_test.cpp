#include <zincir/core/detail/nearest_name.hpp>

#include <gmock/gmock.h>

using testing::HasSubstr;
using zincir::detail::edit_distance;
using zincir::detail::name_points;
using zincir::detail::nearest_name;
using zincir::detail::suggestion_text;

namespace {

struct misspelling {
    std::string given;
    std::string meant;
    friend std::ostream& operator<<(std::ostream& out, const misspelling& m) { return out << m.given; }
};
class nearest : public testing::TestWithParam<misspelling> {};

TEST_P(nearest, is_suggested)
{
    EXPECT_EQ(nearest_name(GetParam().given, {"ıl", "ad", "şehir", "işlem", "topic", "ağırlık"}), GetParam().meant);
}

// A letter is a letter, whatever its bytes.
INSTANTIATE_TEST_SUITE_P(of, nearest,
                         testing::Values(misspelling{"il", "ıl"}, misspelling{"İl", "ıl"}, misspelling{"adı", "ad"},
                                         misspelling{"sehir", "şehir"}, misspelling{"şehır", "şehir"},
                                         misspelling{"islem", "işlem"}, misspelling{"agirlik", "ağırlık"},
                                         misspelling{"AĞIRLIK", ""}, misspelling{"tpoic", "topic"}, misspelling{"question", ""},
                                         misspelling{"", ""}));

TEST(edit_distance, counts_letters)
{
    static_assert(edit_distance(name_points("ışık"), name_points("isik")) == 3);
    static_assert(edit_distance(name_points("a"), name_points("")) == 1);
    static_assert(edit_distance(name_points("abc"), name_points("acb")) == 2);
    EXPECT_EQ(edit_distance(name_points(std::string(1000, 'a')), name_points("")), name_points::most);
}

TEST(nearest, takes_no_name_where_there_is_none) { EXPECT_EQ(nearest_name("x", {}), ""); }

TEST(suggestion_text, tells_apart_what_looks_the_same)
{
    EXPECT_EQ(suggestion_text("x", ""), "");
    EXPECT_EQ(suggestion_text("tpoic", "topic"), "; did you mean \"topic\"?");
    EXPECT_THAT(suggestion_text("şehir", nearest_name("şehir", {"s\u0327ehir"})), HasSubstr("a letter and a combining mark"));
    EXPECT_EQ(suggestion_text("s\u0327ehir", "s\u0327ehr"), "; did you mean \"s\u0327ehr\"?");
}

}  // namespace

#include "environment_guard.hpp"
#include "request_support.hpp"

#include <zincir/llms/api_key.hpp>

#include <gmock/gmock.h>

namespace zincir::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct bad_key {
    std::string key{};
    std::string words{};  ///< of the message
    friend std::ostream& operator<<(std::ostream& out, const bad_key& c) { return out << c.words; }
};

class bad_keys : public ::testing::TestWithParam<bad_key> {};

TEST_P(bad_keys, are_refused_with_words_that_say_so_and_without_the_key)
{
    const auto checked = try_check_key(GetParam().key, "MINE_API_KEY");
    ASSERT_FALSE(checked.has_value());
    const auto& refusal = checked.error();
    EXPECT_EQ(refusal.code(), errc::authentication);
    EXPECT_TRUE(refusal.is(condition::misconfigured));
    EXPECT_THAT(refusal.facts().message, HasSubstr("MINE_API_KEY " + GetParam().words));
    EXPECT_THAT(refusal.facts().message, HasSubstr("Nothing was sent"));
    for (const std::string part : {"gsk", "f00d", "\xC3\xA7"}) {
        EXPECT_THAT(std::string(refusal.what()), Not(HasSubstr(part)));
        EXPECT_THAT(refusal.facts().message, Not(HasSubstr(part)));
    }
}

INSTANTIATE_TEST_SUITE_P(
    all, bad_keys,
    ::testing::Values(bad_key{"", "is empty"}, bad_key{"gsk f00d", "holds white space"}, bad_key{" gsk_f00d", "holds white space"},
                      bad_key{"gsk_f00d ", "holds white space"}, bad_key{"gsk\tf00d", "holds white space"},
                      bad_key{"gsk_f00d\n", "holds a line break"}, bad_key{"gsk_f00d\r\n", "holds a line break"},
                      bad_key{"gsk_f00d\r", "holds a line break"}, bad_key{"\"gsk_f00d\"", "holds quotation marks"},
                      bad_key{"'gsk_f00d'", "holds quotation marks"}, bad_key{"`gsk_f00d`", "holds quotation marks"},
                      bad_key{"\u201cgsk_f00d\u201d", "holds a character that is not ASCII"},
                      bad_key{"gsk_f00d\u00e7", "holds a character that is not ASCII"},
                      bad_key{"gsk_f00d\u00a0", "holds a character that is not ASCII"},
                      bad_key{"\xEF\xBB\xBFgsk_f00d", "holds a character that is not ASCII"},
                      bad_key{"gsk_f00d\xFF", "holds a character that is not ASCII"},
                      bad_key{std::string("gsk\0f00d", 8), "holds a control character"},
                      bad_key{"gsk\x7f"
                              "f00d",
                              "holds a control character"},
                      bad_key{"gsk\x1b[0m", "holds a control character"}));

TEST(api_key, takes_every_visible_ascii_character_but_quotation_marks)
{
    std::string key;
    for (char c = '!'; c <= '~'; ++c)
        if (c != '"' && c != '\'' && c != '`')
            key += c;
    const auto checked = try_check_key(key, "K");
    ASSERT_TRUE(checked.has_value());
    EXPECT_EQ(checked->reveal(), key);
}

TEST(api_key, is_read_from_the_variable_that_the_profile_names)
{
    for (const auto& profile : builtin_profiles()) {
        const environment_guard variable(profile.key_variable, "sk-1");
        EXPECT_EQ(key_from_environment(profile).reveal(), "sk-1") << profile.name;
    }
}

TEST(api_key, is_asked_for_where_it_is_missing_and_needed)
{
    for (const char* value : {static_cast<const char*>(nullptr), ""}) {
        for (const auto& profile : builtin_profiles()) {
            const environment_guard variable(profile.key_variable, value);
            if (!profile.key_required) {
                EXPECT_TRUE(key_from_environment(profile).empty()) << profile.name;
                continue;
            }
            EXPECT_REFUSED(key_from_environment(profile), authentication, profile.name + " needs a key");
            EXPECT_REFUSED(key_from_environment(profile), authentication, "set the environment variable " + profile.key_variable);
            EXPECT_REFUSED(key_from_environment(profile), authentication, profile.key_page);
        }
    }
}

TEST(api_key, that_is_set_badly_is_refused_even_where_none_is_needed)
{
    const environment_guard variable("OLLAMA_API_KEY", "two words");
    EXPECT_REFUSED(key_from_environment(builtin("ollama")), authentication, "OLLAMA_API_KEY holds white space");
}

TEST(api_key, is_never_read_for_a_profile_without_a_variable) { EXPECT_TRUE(key_from_environment(gateway()).empty()); }

}  // namespace
}  // namespace zincir::testing

#include <zincir/core/secret.hpp>

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <type_traits>

namespace zincir {
namespace {

template <class T>
concept printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!printable<secret>);
static_assert(!std::equality_comparable<secret>);
static_assert(!std::convertible_to<secret, std::string>);
static_assert(!std::convertible_to<std::string, secret>);

TEST(secret, reveals_what_it_was_made_of)
{
    const secret key(std::string("gsk_0123456789"));
    EXPECT_EQ(key.reveal(), "gsk_0123456789");
    EXPECT_FALSE(key.empty());
    EXPECT_TRUE(secret().empty());
}

TEST(secret, leaves_nothing_in_what_it_was_moved_from)
{
    secret key(std::string("short"));  // lives inside the string object
    const auto* bytes = key.reveal().data();
    const secret moved(std::move(key));
    EXPECT_EQ(moved.reveal(), "short");
    EXPECT_TRUE(key.empty());  // NOLINT: its state after the move is what is tested
    EXPECT_EQ(std::string(bytes, 5), std::string(5, '\0'));
}

TEST(secret, assignment_replaces_and_survives_itself)
{
    secret a(std::string(40, 'a'));
    const secret b(std::string(40, 'b'));
    a = b;
    EXPECT_EQ(a.reveal(), std::string(40, 'b'));
    const auto& same = a;
    a = same;
    EXPECT_EQ(a.reveal(), std::string(40, 'b'));
    secret c;
    c = std::move(a);
    EXPECT_EQ(c.reveal(), std::string(40, 'b'));
    EXPECT_TRUE(a.empty());  // NOLINT
}

TEST(secret, redacts_every_occurrence)
{
    const secret key(std::string("k1"));
    EXPECT_EQ(key.redact("a k1 b k1k1"), "a [secret] b [secret][secret]");
    EXPECT_EQ(key.redact("nothing here"), "nothing here");
}

TEST(secret, an_empty_one_redacts_nothing) { EXPECT_EQ(secret().redact("text"), "text"); }

TEST(secret, a_key_inside_its_own_mask_does_not_loop)
{
    const secret key(std::string("secret"));
    EXPECT_EQ(key.redact("a secret"), "a [secret]");
}

}  // namespace
}  // namespace zincir

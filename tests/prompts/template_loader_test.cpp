#include <zincir/core/error.hpp>
#include <zincir/prompts/template_environment.hpp>
#include <zincir/prompts/template_loader.hpp>

#include "confined_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace zincir {
namespace {

namespace fs = std::filesystem;

class file_loader_test : public testing::Test {
protected:
    void SetUp() override
    {
        base_ = fs::temp_directory_path() / ("zincir-loader-" + std::to_string(::getpid()));
        fs::remove_all(base_);
        fs::create_directories(base_ / "root" / "deep");
        write("root/hello.txt", "Merhaba {{ad}}");
        write("root/deep/inner.txt", "inner");
        write("secret.txt", "not for templates");
    }
    void TearDown() override { fs::remove_all(base_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(base_ / name, std::ios::binary) << text; }
    file_loader loader(std::string suffix = ".txt") const { return file_loader(base_ / "root", std::move(suffix)); }
    static errc code_of(const file_loader& from, std::string_view name)
    {
        try {
            from.load(name);
        } catch (const error& e) {
            return static_cast<errc>(e.code().value());
        }
        return errc{};
    }

    fs::path base_{};
};

TEST_F(file_loader_test, reads_files_below_its_folder)
{
    EXPECT_EQ(loader().load("hello"), "Merhaba {{ad}}");
    EXPECT_EQ(loader("").load("deep/inner.txt"), "inner");
}

TEST_F(file_loader_test, has_nothing_where_no_regular_file_is)
{
    EXPECT_EQ(loader().load("missing"), std::nullopt);
    EXPECT_EQ(loader("").load("deep"), std::nullopt);
}

TEST_F(file_loader_test, never_leaves_its_folder)
{
    for (const std::string_view name : {"../secret", "deep/../../secret", "/etc/passwd", "..", "a\\b", ""})
        EXPECT_EQ(code_of(loader(), name), errc::invalid_argument) << name;
    EXPECT_EQ(code_of(loader(), std::string_view("hello\0x", 7)), errc::invalid_argument);
}

TEST_F(file_loader_test, follows_no_link_out_and_one_inside)
{
    fs::create_symlink(base_ / "secret.txt", base_ / "root" / "out.txt");
    fs::create_directory_symlink(base_, base_ / "root" / "up");
    fs::create_symlink("hello.txt", base_ / "root" / "inside.txt");
    EXPECT_EQ(code_of(loader(), "out"), errc::invalid_argument);
    EXPECT_EQ(code_of(loader(), "up/secret"), errc::invalid_argument);
    EXPECT_EQ(loader().load("inside"), "Merhaba {{ad}}");
}

// What would happen if a part of the path became a link behind the loader's back: the reading itself follows none.
TEST_F(file_loader_test, follows_no_link_that_was_put_there_meanwhile)
{
    fs::create_symlink(base_ / "secret.txt", base_ / "root" / "out.txt");
    fs::create_directory_symlink(base_, base_ / "root" / "up");
    using detail::unread;
    const auto read = [&](const char* path) { return detail::read_confined(base_ / "root", path, 100); };
    EXPECT_EQ(std::get<unread>(read("out.txt")), unread::through_a_link);
    EXPECT_EQ(std::get<unread>(read("up/secret.txt")), unread::through_a_link);
    EXPECT_EQ(std::get<unread>(read("up/root/hello.txt")), unread::through_a_link);
    EXPECT_EQ(std::get<std::string>(read("deep/inner.txt")), "inner");
    EXPECT_EQ(std::get<unread>(read("hello.txt/x")), unread::through_a_link);
    EXPECT_EQ(std::get<unread>(read("deep/none.txt")), unread::missing);
}

TEST_F(file_loader_test, knows_which_files_may_change_with_the_same_stamp)
{
    auto stamp = detail::stamp_of(base_ / "root" / "hello.txt");
    EXPECT_EQ(stamp, detail::stamp_of(base_ / "root" / "hello.txt"));
    EXPECT_NE(stamp, detail::stamp_of(base_ / "root" / "deep" / "inner.txt"));
    EXPECT_EQ(detail::stamp_of(base_ / "none"), detail::file_stamp());
    constexpr std::int64_t second = 1'000'000'000;
    const auto written = std::max(stamp.modified, stamp.changed);
    EXPECT_TRUE(detail::may_change_unseen(stamp, written));
    EXPECT_TRUE(detail::may_change_unseen(stamp, written + second));
    EXPECT_FALSE(detail::may_change_unseen(stamp, written + 3 * second));
    stamp.modified = written + 10 * second;  // by a clock that is ahead
    EXPECT_TRUE(detail::may_change_unseen(stamp, written + 5 * second));
}

TEST_F(file_loader_test, waits_for_no_pipe)
{
    ASSERT_EQ(::mkfifo((base_ / "root" / "pipe.txt").c_str(), 0600), 0);
    EXPECT_EQ(loader().load("pipe"), std::nullopt);
}

TEST_F(file_loader_test, refuses_a_folder_beside_that_begins_like_it)
{
    fs::create_directories(base_ / "root2");
    write("root2/x.txt", "beside");
    fs::create_directory_symlink(base_ / "root2", base_ / "root" / "beside");
    EXPECT_EQ(code_of(loader(), "beside/x"), errc::invalid_argument);
}

TEST_F(file_loader_test, limits_the_size_of_a_file)
{
    write("root/long.txt", std::string(101, 'x'));
    EXPECT_EQ(code_of(file_loader(base_ / "root", ".txt", 100), "long"), errc::limit_exceeded);
    EXPECT_EQ(file_loader(base_ / "root", ".txt", 101).load("long")->size(), 101U);
}

TEST_F(file_loader_test, needs_a_folder) { EXPECT_THROW(file_loader(base_ / "secret.txt"), error); }

TEST(memory_loader, has_what_it_was_given)
{
    memory_loader loader;
    loader.add("greeting", "hi").add("greeting", "hello");
    EXPECT_EQ(loader.load("greeting"), "hello");
    EXPECT_EQ(loader.load("other"), std::nullopt);
}

TEST(template_environment, shares_until_it_is_changed)
{
    template_environment first;
    first.add_filter("shout", [](const template_arguments& a) { return a.positional.at(0); });
    auto second = first;
    second.add_test("loud", [](const template_arguments&) { return true; });
    EXPECT_TRUE(second.filter("shout"));
    EXPECT_TRUE(second.test("loud"));
    EXPECT_FALSE(first.test("loud"));
    EXPECT_EQ(second.names(), (std::vector<std::string>{"shout", "loud"}));
}

TEST(template_environment, has_no_loader_and_the_systems_clock_at_first)
{
    const template_environment plain;
    EXPECT_EQ(plain.loader(), nullptr);
    EXPECT_GT(plain.now().time_since_epoch().count(), 0);
    auto fixed = plain;
    fixed.set_clock([] { return std::chrono::system_clock::time_point(std::chrono::seconds(60)); });
    EXPECT_EQ(fixed.now().time_since_epoch(), std::chrono::seconds(60));
}

TEST(template_arguments, finds_by_place_then_by_name)
{
    const template_arguments given{{json::value(1)}, {{"width", json::value(2)}}};
    ASSERT_TRUE(given.find(0, "first"));
    EXPECT_EQ(*given.find(0, "first"), json::value(1));
    EXPECT_EQ(*given.find(1, "width"), json::value(2));
    EXPECT_EQ(given.find(1, "height"), nullptr);
}

}  // namespace
}  // namespace zincir

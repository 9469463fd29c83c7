#include "exchange_clock.hpp"

#include <gtest/gtest.h>

namespace zincir::detail {
namespace {

using namespace std::chrono_literals;
constexpr auto never = exchange_clock::time_point::max();
const exchange_clock::time_point start = exchange_clock::time_point() + 1h;

http_timeouts limits()
{
    http_timeouts t;
    t.connect = 10ms;
    t.first_content = 100ms;
    t.idle = 50ms;
    t.request = 1000ms;
    return t;
}

TEST(exchange_clock, holds_the_connect_limit_only_while_connecting)
{
    exchange_clock clock(limits(), never, nullptr, start);
    EXPECT_EQ(clock.check(start).next_check, start + 10ms);
    EXPECT_FALSE(clock.check(start + 9ms).expired);
    EXPECT_EQ(clock.check(start + 10ms).expired, errc::connect_timeout);
    clock.connected();
    EXPECT_FALSE(clock.check(start + 10ms).expired);
    clock.connecting(start + 30ms);
    EXPECT_EQ(clock.check(start + 30ms).next_check, start + 40ms);
}

TEST(exchange_clock, goes_from_first_content_to_idle)
{
    exchange_clock clock(limits(), never, nullptr, start);
    clock.connected();
    EXPECT_EQ(clock.check(start + 99ms).next_check, start + 100ms);
    EXPECT_EQ(clock.check(start + 100ms).expired, errc::first_content_timeout);
    clock.reader_left(start + 90ms);
    EXPECT_FALSE(clock.check(start + 500ms).expired);
    clock.reader_waits(start + 500ms);
    EXPECT_EQ(clock.check(start + 549ms).next_check, start + 550ms);
    EXPECT_EQ(clock.check(start + 550ms).expired, errc::idle_timeout);
}

TEST(exchange_clock, does_not_take_bytes_for_content_where_the_reader_marks_it)
{
    const auto content = std::make_shared<content_clock>();
    exchange_clock clock(limits(), never, content, start);
    clock.connected();
    clock.reader_left(start + 40ms);
    clock.reader_waits(start + 41ms);
    EXPECT_EQ(clock.check(start + 100ms).expired, errc::first_content_timeout);
    clock.reader_left(start + 60ms);
    content->mark(start + 61ms);
    clock.reader_waits(start + 62ms);
    EXPECT_EQ(clock.check(start + 63ms).next_check, start + 112ms);
    clock.reader_left(start + 80ms);
    clock.reader_waits(start + 90ms);  // no mark: only the ten milliseconds away do not count
    EXPECT_FALSE(clock.check(start + 121ms).expired);
    EXPECT_EQ(clock.check(start + 122ms).expired, errc::idle_timeout);
}

TEST(exchange_clock, waits_shorter_where_only_an_end_is_expected)
{
    const auto content = std::make_shared<content_clock>();
    exchange_clock clock(limits(), never, content, start);
    clock.connected();
    clock.reader_left(start + 10ms);
    content->mark(start + 11ms);
    content->expect_end(20ms);
    EXPECT_FALSE(clock.check(start + 500ms).expired) << "the reader is away";
    clock.reader_waits(start + 500ms);
    EXPECT_EQ(clock.check(start + 501ms).next_check, start + 520ms);
    EXPECT_EQ(clock.check(start + 520ms).expired, errc::idle_timeout);
    clock.reader_left(start + 505ms);
    content->expect_end(20ms);
    clock.reader_waits(start + 605ms);  // 5 of the 20 ms are over
    EXPECT_EQ(clock.check(start + 606ms).next_check, start + 620ms);
    clock.reader_left(start + 610ms);
    content->expect_end(7ms);
    clock.reader_waits(start + 700ms);
    EXPECT_EQ(clock.check(start + 701ms).next_check, start + 707ms) << "another limit begins anew";
}

TEST(exchange_clock, names_the_limit_that_was_passed_first)
{
    exchange_clock clock(limits(), start + 95ms, nullptr, start);
    clock.connected();
    EXPECT_EQ(clock.check(start + 96ms).expired, errc::deadline_exceeded);
    EXPECT_EQ(clock.check(start + 5s).expired, errc::deadline_exceeded);
    exchange_clock later(limits(), start + 105ms, nullptr, start);
    later.connected();
    EXPECT_EQ(later.check(start + 5s).expired, errc::first_content_timeout);
}

TEST(exchange_clock, holds_request_and_deadline_while_the_reader_is_away)
{
    exchange_clock clock(limits(), start + 2s, nullptr, start);
    clock.connected();
    clock.reader_left(start);
    EXPECT_EQ(clock.check(start + 999ms).next_check, start + 1000ms);
    EXPECT_EQ(clock.check(start + 1000ms).expired, errc::request_timeout);
}

TEST(exchange_clock, zero_and_enormous_limits_are_none)
{
    http_timeouts none;
    none.connect = none.first_content = 0ms;
    none.idle = none.request = std::chrono::milliseconds::max();
    exchange_clock clock(none, never, nullptr, start);
    EXPECT_EQ(clock.check(start + 24h).next_check, never);
    clock.connected();
    EXPECT_EQ(clock.check(start + 24h).next_check, never);
    clock.reader_left(start);
    clock.reader_waits(start);
    EXPECT_EQ(clock.check(start + 24h).next_check, never);
}

}  // namespace
}  // namespace zincir::detail

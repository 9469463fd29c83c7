#include "iso_time.hpp"

#include <zincir/core/error.hpp>

#include <algorithm>
#include <string_view>

namespace zincir_render {
namespace {

// Takes what it reads from the front of `rest`; false where something else stands there.
bool take(std::string_view& rest, std::string_view any_of)
{
    const bool there = !rest.empty() && any_of.find(rest.front()) != std::string_view::npos;
    rest.remove_prefix(there);
    return there;
}

bool take_digits(std::string_view& rest, std::size_t count, int& out)
{
    const auto digits = rest.substr(0, count);
    if (digits.size() < count || digits.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    out = 0;
    for (const char c : digits)
        out = out * 10 + (c - '0');
    rest.remove_prefix(count);
    return true;
}

struct parts {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset_hours = 0, offset_minutes = 0;
    bool west = false;
};

bool read(std::string_view rest, parts& t)
{
    if (!take_digits(rest, 4, t.year) || !take(rest, "-") || !take_digits(rest, 2, t.month) || !take(rest, "-") ||
        !take_digits(rest, 2, t.day))
        return false;
    if (rest.empty())
        return true;
    if (!take(rest, "T ") || !take_digits(rest, 2, t.hour) || !take(rest, ":") || !take_digits(rest, 2, t.minute))
        return false;
    if (take(rest, ":")) {
        if (!take_digits(rest, 2, t.second))
            return false;
        if (take(rest, ".,")) {
            const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
            if (digits == 0)
                return false;
            rest.remove_prefix(digits);
        }
    }
    if (rest.empty() || rest == "Z")
        return true;
    t.west = rest.front() == '-';
    if (!take(rest, "+-") || !take_digits(rest, 2, t.offset_hours))
        return false;
    take(rest, ":");
    return rest.empty() || (take_digits(rest, 2, t.offset_minutes) && rest.empty());
}

}  // namespace

std::chrono::system_clock::time_point read_iso_time(const std::string& text)
{
    using namespace std::chrono;
    parts t;
    const bool shaped = read(text, t);
    const year_month_day date{year(t.year), month(static_cast<unsigned>(t.month)), day(static_cast<unsigned>(t.day))};
    if (!shaped || !date.ok() || t.hour > 23 || t.minute > 59 || t.second > 59 || t.offset_hours > 23 || t.offset_minutes > 59)
        throw zincir::error(zincir::errc::invalid_argument, "--now \"" + text + "\" is no time: write 2026-11-24T09:30:15Z");
    const auto offset = hours(t.offset_hours) + minutes(t.offset_minutes);
    return sys_days(date) + hours(t.hour) + minutes(t.minute) + seconds(t.second) + (t.west ? offset : -offset);
}

}  // namespace zincir_render

#include <zincir/llms/retry_after.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace zincir {
namespace {

using namespace std::chrono;

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

std::optional<double> to_number(std::string_view text)
{
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<int> to_int(std::string_view text)
{
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

// A wait of more than a hundred years is a mistake, not a wish.
std::optional<milliseconds> ahead(double ms)
{
    constexpr double century = 100.0 * 365 * 24 * 3600 * 1000;
    if (!(ms > 0) || ms > century)
        return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(ms + 0.5));
}

std::vector<std::string_view> words_of(std::string_view text)
{
    std::vector<std::string_view> words;
    while (true) {
        const auto first = text.find_first_not_of(" ,-\t");
        if (first == std::string_view::npos)
            return words;
        text.remove_prefix(first);
        const auto length = std::min(text.find_first_of(" ,-\t"), text.size());
        words.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
}

std::optional<unsigned> month_of(std::string_view word)
{
    constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto at = std::find(names.begin(), names.end(), word);
    if (at == names.end())
        return std::nullopt;
    return static_cast<unsigned>(at - names.begin()) + 1;
}

bool is_weekday(std::string_view word)
{
    constexpr std::array<std::string_view, 7> names{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    return std::any_of(names.begin(), names.end(), [&](std::string_view n) { return word == n || word == n.substr(0, 3); });
}

std::optional<seconds> time_of_day(std::string_view word)
{
    if (word.size() != 8 || word[2] != ':' || word[5] != ':')
        return std::nullopt;
    const auto h = to_int(word.substr(0, 2));
    const auto m = to_int(word.substr(3, 2));
    const auto s = to_int(word.substr(6, 2));
    if (!h || !m || !s || *h > 23 || *m > 59 || *s > 60)
        return std::nullopt;
    return hours(*h) + minutes(*m) + seconds(*s);
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text)
{
    const auto words = words_of(text);
    if (words.empty() || !is_weekday(words[0]))
        return std::nullopt;
    std::string_view day_word, month_word, year_word, time_word;
    if (words.size() == 6) {  // Sun, 06 Nov 1994 08:49:37 GMT · Sunday, 06-Nov-94 08:49:37 GMT
        day_word = words[1], month_word = words[2], year_word = words[3], time_word = words[4];
        if (words[5] != "GMT" && words[5] != "UTC" && words[5] != "+0000")
            return std::nullopt;
    } else if (words.size() == 5) {  // Sun Nov  6 08:49:37 1994
        month_word = words[1], day_word = words[2], time_word = words[3], year_word = words[4];
    } else {
        return std::nullopt;
    }
    const auto d = to_int(day_word);
    const auto m = month_of(month_word);
    auto y = to_int(year_word);
    const auto t = time_of_day(time_word);
    if (!d || !m || !y || !t || (year_word.size() != 4 && year_word.size() != 2))
        return std::nullopt;
    if (year_word.size() == 2)
        *y += *y < 70 ? 2000 : 1900;
    const auto date = year(*y) / month(*m) / day(static_cast<unsigned>(*d));
    if (!date.ok())
        return std::nullopt;
    return sys_seconds(sys_days(date)) + *t;
}

std::optional<milliseconds> parse_retry_after(const http_headers& headers, system_clock::time_point now)
{
    if (const auto ms = headers.get("retry-after-ms"))
        if (const auto value = to_number(trimmed(*ms)))
            return ahead(*value);
    const auto field = headers.get("retry-after");
    if (!field)
        return std::nullopt;
    const auto text = trimmed(*field);
    if (const auto value = to_number(text))
        return ahead(*value * 1000);
    if (const auto at = parse_http_date(text))
        // As real numbers: the clock's own unit does not reach to all years.
        return ahead(duration<double, std::milli>(at->time_since_epoch()).count() -
                     duration<double, std::milli>(now.time_since_epoch()).count());
    return std::nullopt;
}

}  // namespace zincir

#pragma once

#include "../code_points.hpp"

#include <algorithm>
#include <string_view>

namespace zincir::detail::jinja {

/// Python's str.isspace of one character.
inline bool is_blank(char32_t c) noexcept
{
    if (c < 0x80)
        return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

/// The character at the end of `text`, which is not empty.
inline std::string_view last_code_point(std::string_view text) noexcept
{
    std::size_t n = 1;
    while (n < text.size() && (text[text.size() - n] & 0xC0) == 0x80)
        ++n;
    return text.substr(text.size() - n);
}

inline bool is_blank(std::string_view one) noexcept
{
    bool blank = false;
    for_each_code_point(one, [&](std::string_view, char32_t c) { blank = is_blank(c); });
    return blank;
}

/// Without the characters at the ends for which `drop` holds.
template <class Drop>
std::string_view stripped(std::string_view text, bool left, bool right, Drop drop)
{
    while (left && !text.empty() && drop(first_code_points(text, 1)))
        text.remove_prefix(first_code_points(text, 1).size());
    while (right && !text.empty() && drop(last_code_point(text)))
        text.remove_suffix(last_code_point(text).size());
    return text;
}
inline std::string_view without_blanks(std::string_view text, bool left, bool right)
{
    return stripped(text, left, right, [](std::string_view one) { return is_blank(one); });
}

/// The bytes up to the first blank, or from behind the last one.
inline std::string_view word_at_end(std::string_view text, bool right) noexcept
{
    auto rest = text;
    while (!rest.empty()) {
        const auto one = right ? last_code_point(rest) : first_code_points(rest, 1);
        if (is_blank(one))
            break;
        right ? rest.remove_suffix(one.size()) : rest.remove_prefix(one.size());
    }
    return right ? text.substr(rest.size()) : text.substr(0, text.size() - rest.size());
}

/// The bytes of the line end at the beginning of `text`, as Python's str.splitlines has them; 0 where there is none.
inline std::size_t line_end_length(std::string_view text) noexcept
{
    if (text.starts_with("\r\n"))
        return 2;
    const auto one = first_code_points(text, 1);
    constexpr std::string_view others[] = {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    if (one.size() == 1)
        return (one[0] >= '\n' && one[0] <= '\r') || (one[0] >= '\x1c' && one[0] <= '\x1e') ? 1 : 0;
    return std::find(std::begin(others), std::end(others), one) != std::end(others) ? one.size() : 0;
}

}  // namespace zincir::detail::jinja

#pragma once

#include <zincir/prompts/detail/format_spec.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

// UTF-8 by code points. The texts are valid: templates are checked when they are parsed, values where they enter; a stray byte
// counts as one code point and is kept.

namespace zincir::detail {

inline std::size_t code_point_length(char lead) noexcept
{
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

inline std::size_t count_code_points(std::string_view text) noexcept
{
    std::size_t n = 0;
    for (const char c : text)
        n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return n;
}

/// The bytes of the first `n` code points.
inline std::string_view first_code_points(std::string_view text, std::size_t n) noexcept
{
    std::size_t end = 0;
    for (; n > 0 && end < text.size(); --n)
        end += std::min(code_point_length(text[end]), text.size() - end);
    return text.substr(0, end);
}

/// Of a text that is not empty.
inline std::string_view last_code_point(std::string_view text) noexcept
{
    std::size_t n = 1;
    while (n < text.size() && (static_cast<unsigned char>(text[text.size() - n]) & 0xC0) == 0x80)
        ++n;
    return text.substr(text.size() - n);
}

template <class F>
void for_each_code_point(std::string_view text, F f)
{
    while (!text.empty()) {
        const auto rest = text;
        const auto point = take_code_point(text);
        f(rest.substr(0, rest.size() - text.size()), point);
    }
}

inline void append_code_point(std::string& out, char32_t point)
{
    const auto put = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

}  // namespace zincir::detail

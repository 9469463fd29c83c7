#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace zincir::detail {

/// The bytes of the code point at `i`, or 0 where they are not UTF-8 (RFC 3629: no overlong forms, no surrogates, at most
/// U+10FFFF).
constexpr std::size_t utf8_length_at(std::string_view text, std::size_t i) noexcept
{
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
    const auto lead = byte(i);
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < length)
        return 0;
    const auto second = byte(i + 1);
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high)
        return 0;
    for (std::size_t k = 2; k < length; ++k)
        if ((byte(i + k) & 0xC0) != 0x80)
            return 0;
    return length;
}

/// The offset of the first byte that is not UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view text) noexcept;
/// `text` with U+FFFD in the place of each byte that is not UTF-8: for what errors show of a text from outside.
std::string to_valid_utf8(std::string_view text);

}  // namespace zincir::detail

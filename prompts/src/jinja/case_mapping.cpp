#include "case_mapping.hpp"

namespace zincir::detail::jinja {
namespace {

bool within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// Blocks where an upper letter is followed by its lower one; true: the upper ones are even.
bool pairs_even(char32_t c)
{
    return within(c, 0x100, 0x12F) || within(c, 0x132, 0x137) || within(c, 0x14A, 0x177) || within(c, 0x1F8, 0x21F) ||
           within(c, 0x222, 0x233) || within(c, 0x3D8, 0x3EF) || within(c, 0x460, 0x481) || within(c, 0x48A, 0x4BF) ||
           within(c, 0x4D0, 0x52F) || within(c, 0x1E00, 0x1E95) || within(c, 0x1EA0, 0x1EFF) || within(c, 0x1DE, 0x1EF);
}
bool pairs_odd(char32_t c)
{
    return within(c, 0x139, 0x148) || within(c, 0x179, 0x17E) || within(c, 0x1CD, 0x1DC) || within(c, 0x4C1, 0x4CE);
}

}  // namespace

char32_t upper_of(char32_t c, bool turkish) noexcept
{
    if (turkish && c == U'i')
        return 0x130;
    if (within(c, U'a', U'z'))
        return c - 32;
    if (c < 0x80)
        return c;
    if (c == 0xB5)
        return 0x39C;
    if (c == 0xFF)
        return 0x178;
    if (within(c, 0xE0, 0xFE) && c != 0xF7)
        return c - 32;
    if (c == 0x131)
        return U'I';
    if (c == 0x17F)
        return U'S';
    if (pairs_even(c))
        return c & ~char32_t{1};
    if (pairs_odd(c))
        return c & 1 ? c : c - 1;
    if (c == 0x3AC)
        return 0x386;
    if (within(c, 0x3AD, 0x3AF))
        return c - 37;
    if (c == 0x3C2)
        return 0x3A3;
    if (within(c, 0x3B1, 0x3CB))
        return c - 32;
    if (c == 0x3CC)
        return 0x38C;
    if (c == 0x3CD || c == 0x3CE)
        return c - 63;
    if (within(c, 0x430, 0x44F))
        return c - 32;
    if (within(c, 0x450, 0x45F))
        return c - 80;
    if (within(c, 0x561, 0x586))
        return c - 48;
    return c;
}

char32_t lower_of(char32_t c, bool turkish) noexcept
{
    if (turkish && c == U'I')
        return 0x131;
    if (turkish && c == 0x130)
        return U'i';
    if (within(c, U'A', U'Z'))
        return c + 32;
    if (c < 0x80)
        return c;
    if (within(c, 0xC0, 0xDE) && c != 0xD7)
        return c + 32;
    if (c == 0x178)
        return 0xFF;
    if (c == 0x1E9E)
        return 0xDF;
    if (pairs_even(c) && c != 0x130)
        return c | 1;
    if (pairs_odd(c))
        return c & 1 ? c + 1 : c;
    if (c == 0x386)
        return 0x3AC;
    if (within(c, 0x388, 0x38A))
        return c + 37;
    if (c == 0x38C)
        return 0x3CC;
    if (c == 0x38E || c == 0x38F)
        return c + 63;
    if (within(c, 0x391, 0x3AB) && c != 0x3A2)
        return c + 32;
    if (within(c, 0x410, 0x42F))
        return c + 32;
    if (within(c, 0x400, 0x40F))
        return c + 80;
    if (within(c, 0x531, 0x556))
        return c + 48;
    return c;
}

std::string upper(std::string_view text, bool turkish)
{
    std::string out;
    out.reserve(text.size());
    for_each_code_point(text, [&](std::string_view, char32_t c) {
        if (c == 0xDF)
            out += "SS";
        else
            append_code_point(out, upper_of(c, turkish));
    });
    return out;
}

std::string lower(std::string_view text, bool turkish)
{
    std::string out;
    out.reserve(text.size());
    bool after_letter = false;
    for_each_code_point(text, [&](std::string_view bytes, char32_t c) {
        const auto* behind = bytes.data() + bytes.size();
        const bool last = behind == text.data() + text.size() || static_cast<unsigned char>(*behind) < 0x41;
        if (c == 0x130 && !turkish)
            out += "i\xCC\x87";
        else
            append_code_point(out, c == 0x3A3 && after_letter && last ? 0x3C2 : lower_of(c, turkish));
        after_letter = c >= 0x80 || upper_of(c) != c || lower_of(c) != c;
    });
    return out;
}

std::string capitalized(std::string_view text)
{
    const auto first = first_code_points(text, 1);
    return (first == "\xC3\x9F" ? "Ss" : upper(first)) + lower(text.substr(first.size()));
}

}  // namespace zincir::detail::jinja

#include "characters.hpp"

#include "character_tables.hpp"
#include "code_points.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace zincir::detail {
namespace {

const character_range* range_of(std::span<const character_range> ranges, char32_t c) noexcept
{
    const auto at = std::upper_bound(ranges.begin(), ranges.end(), c,
                                     [](char32_t wanted, const character_range& r) { return wanted < r.first; });
    return at != ranges.begin() && c <= std::prev(at)->last ? &*std::prev(at) : nullptr;
}

bool ends_line(char32_t c) noexcept
{
    return (c >= U'\n' && c <= U'\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

void append_hexadecimal(std::string& out, unsigned number, int digits)
{
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        out += "0123456789abcdef"[number >> shift & 15];
}

}  // namespace

bool is_printable(char32_t c) noexcept { return c < 0x7F ? c >= 0x20 : range_of(unprintable, c) == nullptr; }
bool is_alphabetic(char32_t c) noexcept
{
    return c < 0x80 ? (c | 0x20) >= U'a' && (c | 0x20) <= U'z' : range_of(alphabetic, c) != nullptr;
}
bool is_decimal(char32_t c) noexcept { return c < 0x80 ? c >= U'0' && c <= U'9' : range_of(decimals, c) != nullptr; }
bool is_digit(char32_t c) noexcept { return is_decimal(c) || range_of(digits, c) != nullptr; }
bool is_numeric(char32_t c) noexcept { return is_digit(c) || range_of(numerics, c) != nullptr; }
bool is_space(char32_t c) noexcept
{
    return c == U' ' || (c >= U'\t' && c <= U'\r') || (c >= 0x1C && c <= 0x1F) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}
unsigned decimal_value(char32_t c) noexcept
{
    const auto* range = range_of(decimals, c);
    return range ? (c - range->first) % 10 : 0;
}

char32_t first_of(std::string_view text) noexcept
{
    char32_t c = 0;
    for_each_code_point(first_code_points(text, 1), [&](std::string_view, char32_t point) { c = point; });
    return c;
}

std::string_view left_stripped(std::string_view text) noexcept
{
    while (!text.empty() && is_space(first_of(text)))
        text.remove_prefix(first_code_points(text, 1).size());
    return text;
}

std::string_view right_stripped(std::string_view text) noexcept
{
    for (std::string_view last; !text.empty() && is_space(first_of(last = last_code_point(text)));)
        text.remove_suffix(last.size());
    return text;
}

std::string_view take_line(std::string_view& rest, bool keep_end) noexcept
{
    const auto text = rest;
    for (std::size_t i = 0; i < text.size();) {
        const auto one = first_code_points(text.substr(i), 1);
        if (!ends_line(first_of(one))) {
            i += one.size();
            continue;
        }
        const auto end = i + (text.substr(i).starts_with("\r\n") ? 2 : one.size());
        rest.remove_prefix(end);
        return text.substr(0, keep_end ? end : i);
    }
    rest.remove_prefix(text.size());
    return text;
}

char quote_for(std::string_view text) noexcept
{
    const bool has_single = text.find('\'') != std::string_view::npos;
    return has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
}

void append_unquoted(std::string& out, std::string_view text, char quote, bool ascii_only)
{
    for_each_code_point(text, [&](std::string_view bytes, char32_t c) {
        const auto number = static_cast<unsigned>(c);
        if (c == U'\\' || c == static_cast<char32_t>(quote))
            (out += '\\') += bytes;
        else if (c == U'\n')
            out += "\\n";
        else if (c == U'\r')
            out += "\\r";
        else if (c == U'\t')
            out += "\\t";
        else if (ascii_only ? c >= 0x20 && c < 0x7F : is_printable(c))
            out += bytes;
        else if (c > 0xFFFF)
            append_hexadecimal(out += "\\U", number, 8);
        else if (c > 0xFF)
            append_hexadecimal(out += "\\u", number, 4);
        else
            append_hexadecimal(out += "\\x", number, 2);
    });
}

std::string quoted_text(std::string_view text, bool ascii_only)
{
    const char quote = quote_for(text);
    std::string out(1, quote);
    append_unquoted(out, text, quote, ascii_only);
    return out += quote;
}

}  // namespace zincir::detail

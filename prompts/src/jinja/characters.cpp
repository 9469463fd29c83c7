#include "characters.hpp"

#include "../code_points.hpp"
#include "case_mapping.hpp"
#include "character_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace zincir::detail::jinja {
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

std::string casefolded(std::string_view text)
{
    std::string out;
    for_each_code_point(text, [&](std::string_view, char32_t c) {
        const auto at = std::lower_bound(std::begin(folded), std::end(folded), c,
                                         [](const folded_letter& f, char32_t wanted) { return f.letter < wanted; });
        if (at != std::end(folded) && at->letter == c)
            out += at->becomes;
        else if (c == 0x130)
            out += "i\xCC\x87";
        else
            append_code_point(out, lower_of(c));
    });
    return out;
}

char32_t first_of(std::string_view text) noexcept
{
    char32_t c = 0;
    for_each_code_point(first_code_points(text, 1), [&](std::string_view, char32_t point) { c = point; });
    return c;
}

std::string_view last_bytes(std::string_view text) noexcept
{
    std::size_t n = 1;
    while (n < text.size() && (static_cast<unsigned char>(text[text.size() - n]) & 0xC0) == 0x80)
        ++n;
    return text.substr(text.size() - n);
}

std::string_view left_stripped(std::string_view text) noexcept
{
    while (!text.empty() && is_space(first_of(text)))
        text.remove_prefix(first_code_points(text, 1).size());
    return text;
}

std::string_view right_stripped(std::string_view text) noexcept
{
    for (std::string_view last; !text.empty() && is_space(first_of(last = last_bytes(text)));)
        text.remove_suffix(last.size());
    return text;
}

std::vector<std::string_view> lines_of(std::string_view text, bool keep_ends)
{
    std::vector<std::string_view> lines;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto one = first_code_points(text.substr(i), 1);
        if (!ends_line(first_of(one))) {
            i += one.size();
            continue;
        }
        const auto end = i + (text.substr(i).starts_with("\r\n") ? 2 : one.size());
        lines.push_back(text.substr(begin, (keep_ends ? end : i) - begin));
        begin = i = end;
    }
    if (begin < text.size())
        lines.push_back(text.substr(begin));
    return lines;
}

std::string quoted_text(std::string_view text, bool ascii_only)
{
    const bool has_single = text.find('\'') != std::string_view::npos;
    const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string out(1, quote);
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
        else
            out += c > 0xFFFF ? fmt::format("\\U{:08x}", number) : c > 0xFF ? fmt::format("\\u{:04x}", number) : fmt::format("\\x{:02x}", number);
    });
    return out += quote;
}

}  // namespace zincir::detail::jinja

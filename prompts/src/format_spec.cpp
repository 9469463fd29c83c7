#include "format_spec.hpp"

#include "characters.hpp"
#include "code_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace zincir::detail {
namespace {

// The reason alone: the template adds the place.
[[noreturn]] void refuse(std::string why) { throw error(errc::invalid_argument, std::move(why)); }

void append_filled(std::string& out, std::size_t n, char32_t fill)
{
    for (; n > 0; --n)
        append_code_point(out, fill);
}

// Zeros before the digits count as digits where they fill the width, so that they are grouped too.
std::string grouped(const std::string& digits, const format_spec& spec, std::size_t least)
{
    const std::size_t step = has("boxX", spec.type) ? 4 : 3;
    const auto size_with_marks = [&](std::size_t n) { return n + (n - 1) / step; };
    // A mark is not the first, so that the size may be one more than the least.
    auto n = std::max(digits.size(), least - least / (step + 1));
    if (size_with_marks(n) < least)
        ++n;
    std::string out(size_with_marks(n), '0');
    auto at = out.size();
    for (std::size_t i = 0; i < n; ++i) {
        if (i > 0 && i % step == 0)
            out[--at] = spec.grouping;
        out[--at] = i < digits.size() ? digits[digits.size() - 1 - i] : '0';
    }
    return out;
}

// What is before the point, the exponent or the percent sign is grouped; inf and nan have no digits.
number_parts split(std::string text, bool negative)
{
    number_parts n;
    n.negative = negative;
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    n.rest = text.substr(end);
    text.resize(end);
    n.digits = std::move(text);
    return n;
}

void uppercase(std::string& text)
{
    for (char& c : text)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// The general form (g) of significant digits, without sign: 0.0001234, 1234.5, 1.2345e+08. `point` is the position of the decimal
// point behind the first digit's begin. With `keeps_point` there is at least one digit behind the point, as in "1.0".
std::string general(std::string digits, int point, int precision, bool alternate, bool keeps_point)
{
    while (!alternate && digits.size() > 1 && digits.back() == '0')
        digits.pop_back();
    const bool exponent = point <= -4 || point > precision - (keeps_point ? 1 : 0);
    const int shift = exponent ? 1 : point;
    if (shift <= 0)
        digits.insert(0, static_cast<std::size_t>(1 - shift), '0');
    const auto whole = static_cast<std::size_t>(std::max(shift, 1));
    const auto least = whole + (keeps_point && !exponent ? 1U : 0U);
    if (digits.size() < least)
        digits.append(least - digits.size(), '0');
    if (digits.size() > whole || alternate)
        digits.insert(whole, 1, '.');
    return exponent ? digits + fmt::format("e{:+03d}", point - 1) : digits;
}

// All digits of the precision, which fmt makes 767 of.
std::string decimal(double n, std::chars_format form, int precision)
{
    constexpr int room = 320;  // for what stands before the point, or the exponent
    std::string text(static_cast<std::size_t>(precision) + room, '\0');
    text.resize(
        static_cast<std::size_t>(std::to_chars(text.data(), text.data() + text.size(), n, form, precision).ptr - text.data()));
    return text;
}

// "1.234e+05" → "1234", 6.
std::string significant(double n, int precision, int& point)
{
    auto text = decimal(n, std::chars_format::scientific, precision - 1);
    const auto e = text.find('e');
    point = std::stoi(text.substr(e + 1)) + 1;
    text.resize(e);
    text.erase(std::remove(text.begin(), text.end(), '.'), text.end());
    return text;
}

std::string unsigned_real(double n, const format_spec& spec)
{
    const bool has_precision = spec.precision != format_spec::no_precision;
    if (!std::isfinite(n))
        return std::isnan(n) ? "nan" : "inf";
    const char type = spec.type == 'n' ? 'g' : static_cast<char>(spec.type | ('a' ^ 'A'));
    const int precision = has_precision ? static_cast<int>(spec.precision) : 6;
    if (!spec.type && !has_precision) {
        number_buffer buffer;
        std::string text(shortest_text(n, buffer));
        if (const auto e = text.find('e'); spec.alternate && e != std::string::npos && text.find('.') == std::string::npos)
            text.insert(e, 1, '.');
        return text;
    }
    if (!spec.type || type == 'g') {
        int point = 0;
        const int digits = std::max(precision, 1);
        auto all = significant(n, digits, point);
        return general(std::move(all), point, digits, spec.alternate, !spec.type);
    }
    auto text = decimal(n, type == 'e' ? std::chars_format::scientific : std::chars_format::fixed, precision);
    if (spec.alternate && precision == 0)
        text.insert(type == 'e' ? text.find('e') : text.size(), 1, '.');
    return text;
}

// true and false are 1 and 0 to a specification that only numbers have.
bool asks_for_number(const format_spec& spec)
{
    return (spec.type && spec.type != 's') || spec.sign || spec.positive_zero || spec.alternate || spec.zero || spec.grouping ||
           spec.align == '=';
}

std::string json_in_ascii(std::string_view text)
{
    std::string out;
    for_each_code_point(text, [&](std::string_view bytes, char32_t point) {
        if (point < 0x80)
            out += bytes;
        else if (point < 0x10000)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
        else
            out += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (static_cast<unsigned>(point) >> 10),
                               0xDC00 + (static_cast<unsigned>(point) & 0x3FF));
    });
    return out;
}

number_parts character_parts(bool negative, std::uint64_t n, const format_spec& spec)
{
    if (spec.sign || spec.alternate)
        refuse("a character takes no sign and no #");
    if (negative || n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF))
        refuse((negative ? "-" : "") + std::to_string(n) + " is no code point");
    number_parts character;
    append_code_point(character.rest, static_cast<char32_t>(n));
    return character;
}

void append_text(std::string& out, std::string_view text, const format_spec& spec)
{
    const auto part = text_part(text, spec);
    const auto pad = padding_of(part, spec, '<');
    append_filled(out, pad.before, spec.fill);
    out += part;
    append_filled(out, pad.after, spec.fill);
}

void append_number(std::string& out, number_parts number, const format_spec& spec)
{
    const auto made = filled_up(std::move(number), spec);
    append_filled(out, made.before, spec.fill);
    out += made.head;
    append_filled(out, made.inside, spec.fill);
    out += made.body;
    append_filled(out, made.after, spec.fill);
}

void append_integer(std::string& out, std::int64_t n, const format_spec& spec)
{
    const auto bits = static_cast<std::uint64_t>(n);
    append_number(out, integer_parts(n < 0, n < 0 ? 0 - bits : bits, spec), spec);
}

}  // namespace

std::string reason_of(const read_spec& read, std::string_view text)
{
    switch (read.fault) {
        case spec_fault::width_too_large:
            return "its width is over " + std::to_string(read.limits.width);
        case spec_fault::precision_too_large:
            return "its precision is over " + std::to_string(read.limits.precision);
        case spec_fault::precision_missing:
            return "it has a point without a precision";
        case spec_fault::grouping_not_for_type:
            return std::string("digits are not grouped by ") + read.spec.grouping + " with the type " + read.spec.type;
        case spec_fault::unknown_text:
            return "it knows no \"" + std::string(text.substr(read.rest)) +
                   "\": a specification is [[fill]align][sign][z][#][0][width][,|_][.precision][type]";
        case spec_fault::none:
            break;
    }
    return "";
}

format_spec parse_format_spec(std::string_view text, spec_limits limits)
{
    const auto read = read_format_spec(text, limits);
    if (read.fault != spec_fault::none)
        refuse(reason_of(read, text));
    return read.spec;
}

number_parts real_parts(double n, const format_spec& spec)
{
    if (!has("eEfFgGn%", spec.type ? spec.type : 'g'))
        refuse("it is not meant for a floating-point number");
    if (spec.type == '%')
        n *= 100;
    auto text = unsigned_real(std::fabs(n), spec);
    bool negative = std::signbit(n) && !std::isnan(n);
    if (spec.positive_zero && std::isfinite(n) && text.substr(0, text.find('e')).find_first_of("123456789") == std::string::npos)
        negative = false;
    if (has("EFG", spec.type))
        uppercase(text);
    if (spec.type == '%')
        text += '%';
    return split(std::move(text), negative);
}

number_parts integer_parts(bool negative, std::uint64_t n, const format_spec& spec)
{
    if (has("eEfFgG%", spec.type))
        return real_parts(negative ? -static_cast<double>(n) : static_cast<double>(n), spec);
    if (spec.type == 's')
        refuse("it is meant for a text, and the value is a number");
    if (spec.precision != format_spec::no_precision)
        refuse("an integer takes no precision");
    if (spec.positive_zero)
        refuse("an integer takes no z");
    if (spec.type == 'c')
        return character_parts(negative, n, spec);
    number_parts number;
    number.negative = negative;
    switch (spec.type) {
        case 'b':
            number.digits = fmt::format("{:b}", n);
            break;
        case 'o':
            number.digits = fmt::format("{:o}", n);
            break;
        case 'x':
            number.digits = fmt::format("{:x}", n);
            break;
        case 'X':
            number.digits = fmt::format("{:X}", n);
            break;
        default:
            number.digits = std::to_string(n);
    }
    if (spec.alternate && has("boxX", spec.type))
        (number.prefix = '0') += spec.type;
    return number;
}

filled_text filled_up(number_parts number, const format_spec& spec)
{
    filled_text made;
    made.head = number.negative ? "-" : spec.sign == '+' || spec.sign == ' ' ? std::string(1, spec.sign) : "";
    made.head += number.prefix;
    const auto align = spec.align ? spec.align : spec.zero ? '=' : '>';
    const auto taken = made.head.size() + count_code_points(number.rest);
    const auto least = align == '=' && spec.fill == U'0' && spec.width > taken ? spec.width - taken : 0;
    made.body = spec.grouping && !number.digits.empty() ? grouped(number.digits, spec, least) : std::move(number.digits);
    const auto size = taken + made.body.size();
    const auto missing = spec.width - std::min(spec.width, size);
    made.body += number.rest;
    made.before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    made.inside = align == '=' ? missing : 0;
    made.after = missing - made.before - made.inside;
    return made;
}

std::string_view text_part(std::string_view text, const format_spec& spec)
{
    if ((spec.type && spec.type != 's') || spec.sign || spec.positive_zero || spec.alternate || spec.grouping || spec.align == '=')
        refuse("it is meant for a number, and the value is a text");
    return first_code_points(text, spec.precision);
}

padding padding_of(std::string_view text, const format_spec& spec, char default_align)
{
    const auto length = count_code_points(text);
    const auto align = spec.align ? spec.align : default_align;
    const auto missing = spec.width > length ? spec.width - length : 0;
    const auto before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    return {before, missing - before};
}

std::string_view shortest_text(double n, number_buffer& buffer)
{
    if (std::isnan(n))
        return "nan";  // without the sign that it may have
    auto* end = fmt::format_to(buffer.data(), "{}", n);
    if (std::isfinite(n) && std::none_of(buffer.data(), end, [](char c) { return c == '.' || c == 'e'; }))
        end = std::copy_n(".0", 2, end);
    return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

void append_formatted(std::string& out, const prompt_value& value, char conversion, const format_spec& spec)
{
    const auto& held = value.get();
    const auto* text = std::get_if<std::string>(&held);
    if (conversion) {
        auto shown = text && conversion != 's' ? quoted_text(*text, conversion == 'a') : to_prompt_text(value);
        return append_text(out, conversion == 'a' && !text ? json_in_ascii(shown) : shown, spec);
    }
    if (text)
        return append_text(out, *text, spec);
    if (const auto* integer = std::get_if<std::int64_t>(&held))
        return append_integer(out, *integer, spec);
    if (const auto* real = std::get_if<double>(&held))
        return append_number(out, real_parts(*real, spec), spec);
    if (const auto* yes = std::get_if<bool>(&held); yes && asks_for_number(spec))
        return append_integer(out, *yes ? 1 : 0, spec);
    if (const auto* document = std::get_if<json::value>(&held); document && document->is_uint64())
        return append_number(out, integer_parts(false, document->get_uint64(), spec), spec);
    append_text(out, to_prompt_text(value), spec);
}

}  // namespace zincir::detail

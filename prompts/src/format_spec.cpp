#include "format_spec.hpp"

#include "characters.hpp"
#include "code_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace zincir::detail {
namespace {

// The reason alone: the template adds the place.
[[noreturn]] void refuse(std::string why) { throw error(errc::invalid_argument, std::move(why)); }

void append_filled(std::string& out, std::size_t n, char32_t fill)
{
    for (; n > 0; --n)
        append_code_point(out, fill);
}

void append_padded(std::string& out, std::string_view body, const format_spec& spec, char default_align)
{
    const auto length = count_code_points(body);
    const auto align = spec.align ? spec.align : default_align;
    const auto missing = spec.width > length ? spec.width - length : 0;
    const auto before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    append_filled(out, before, spec.fill);
    out += body;
    append_filled(out, missing - before, spec.fill);
}

void append_text(std::string& out, std::string_view text, const format_spec& spec)
{
    if ((spec.type && spec.type != 's') || spec.sign || spec.positive_zero || spec.alternate || spec.grouping || spec.align == '=')
        refuse("it is meant for a number, and the value is a text");
    append_padded(out, first_code_points(text, spec.precision), spec, '<');
}

// A number before it is filled up: "-", "0x", the digits that are grouped, and what follows them.
struct number_text {
    bool negative = false;
    std::string prefix{};
    std::string digits{};
    std::string rest{};
};

// Zeros before the digits count as digits where they fill the width, so that they are grouped too.
std::string grouped(std::string digits, const format_spec& spec, std::size_t least)
{
    if (!spec.grouping || digits.empty())
        return digits;
    const std::size_t step = has("boxX", spec.type) ? 4 : 3;
    const auto size_with_marks = [&](std::size_t n) { return n + (n - 1) / step; };
    std::size_t n = digits.size();
    while (size_with_marks(n) < least)
        ++n;
    digits.insert(0, n - digits.size(), '0');
    for (auto at = n; at > step;)
        digits.insert(at -= step, 1, spec.grouping);
    return digits;
}

void append_number(std::string& out, number_text number, const format_spec& spec)
{
    std::string head = number.negative ? "-" : spec.sign == '+' || spec.sign == ' ' ? std::string(1, spec.sign) : "";
    head += number.prefix;
    const auto align = spec.align ? spec.align : spec.zero ? '=' : '>';
    if (align != '=')
        return append_padded(out, head + grouped(std::move(number.digits), spec, 0) + number.rest, spec, align);
    const auto taken = head.size() + count_code_points(number.rest);
    const auto least = spec.fill == U'0' && spec.width > taken ? spec.width - taken : 0;
    const auto digits = grouped(std::move(number.digits), spec, least);
    out += head;
    append_filled(out, spec.width - std::min(spec.width, taken + digits.size()), spec.fill);
    (out += digits) += number.rest;
}

// What is before the point, the exponent or the percent sign is grouped; inf and nan have no digits.
number_text split(std::string text, bool negative)
{
    number_text n;
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

// "1.234e+05" → "1234", 6.
std::string significant(double n, int precision, int& point)
{
    auto text = fmt::format("{:.{}e}", n, precision - 1);
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
    auto text = type == 'e' ? fmt::format("{:.{}e}", n, precision) : fmt::format("{:.{}f}", n, precision);
    if (spec.alternate && precision == 0)
        text.insert(type == 'e' ? text.find('e') : text.size(), 1, '.');
    return text;
}

void append_real(std::string& out, double n, const format_spec& spec)
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
    append_number(out, split(std::move(text), negative), spec);
}

void append_character(std::string& out, bool negative, std::uint64_t n, const format_spec& spec)
{
    if (spec.sign || spec.alternate)
        refuse("a character takes no sign and no #");
    if (negative || n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF))
        refuse((negative ? "-" : "") + std::to_string(n) + " is no code point");
    number_text character;
    append_code_point(character.rest, static_cast<char32_t>(n));
    append_number(out, std::move(character), spec);
}

void append_integer(std::string& out, bool negative, std::uint64_t n, const format_spec& spec)
{
    if (has("eEfFgG%", spec.type))
        return append_real(out, negative ? -static_cast<double>(n) : static_cast<double>(n), spec);
    if (spec.type == 's')
        refuse("it is meant for a text, and the value is a number");
    if (spec.precision != format_spec::no_precision)
        refuse("an integer takes no precision");
    if (spec.positive_zero)
        refuse("an integer takes no z");
    if (spec.type == 'c')
        return append_character(out, negative, n, spec);
    number_text number;
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
    append_number(out, std::move(number), spec);
}

void append_integer(std::string& out, std::int64_t n, const format_spec& spec)
{
    const auto bits = static_cast<std::uint64_t>(n);
    append_integer(out, n < 0, n < 0 ? 0 - bits : bits, spec);
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

}  // namespace

std::string reason_of(const read_spec& read, std::string_view text)
{
    switch (read.fault) {
        case spec_fault::width_too_large:
            return "its width is over " + std::to_string(format_spec::max_width);
        case spec_fault::precision_too_large:
            return "its precision is over " + std::to_string(format_spec::max_precision);
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

format_spec parse_format_spec(std::string_view text)
{
    const auto read = read_format_spec(text);
    if (read.fault != spec_fault::none)
        refuse(reason_of(read, text));
    return read.spec;
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
        return append_real(out, *real, spec);
    if (const auto* yes = std::get_if<bool>(&held); yes && asks_for_number(spec))
        return append_integer(out, *yes ? 1 : 0, spec);
    if (const auto* document = std::get_if<json::value>(&held); document && document->is_uint64())
        return append_integer(out, false, document->get_uint64(), spec);
    append_text(out, to_prompt_text(value), spec);
}

}  // namespace zincir::detail

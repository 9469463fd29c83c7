#include "format_spec.hpp"

#include "code_points.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>

namespace zincir::detail {
namespace {

constexpr std::size_t max_width = 10'000;  // of one field: a prompt has no use for more
constexpr std::size_t max_precision = 500;

// The reason alone: the template adds the place.
[[noreturn]] void refuse(std::string why) { throw error(errc::invalid_argument, std::move(why)); }

bool is_align(char c) { return c == '<' || c == '>' || c == '^' || c == '='; }

std::size_t read_number(std::string_view& text, std::size_t limit, const char* what)
{
    std::size_t n = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        n = n * 10 + static_cast<std::size_t>(text.front() - '0');
        if (n > limit)
            refuse(std::string("its ") + what + " is over " + std::to_string(limit));
        text.remove_prefix(1);
    }
    return n;
}

// fmt's specification for the number alone: no width, no grouping.
std::string number_body(double n, const format_spec& spec)
{
    const char type = spec.type == 'n' ? 'g' : spec.type;
    std::string pattern = "{:";
    if (spec.sign)
        pattern += spec.sign;
    if (spec.alternate)
        pattern += '#';
    if (spec.precision)
        pattern += "." + std::to_string(*spec.precision);
    if (type == '%')
        pattern += spec.precision ? "f" : ".6f";
    else if (type)
        pattern += type;
    pattern += '}';
    auto body = fmt::vformat(pattern, fmt::make_format_args(type == '%' ? n * 100 : n));
    if (type == '%')
        body += '%';
    else if (!type && !spec.precision && std::isfinite(n) && body.find_first_of(".e") == std::string::npos)
        body += ".0";
    return body;
}

std::string number_body(std::int64_t n, const format_spec& spec)
{
    if (spec.type == 'c') {
        std::string out;
        if (n < 0 || n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF))
            refuse(std::to_string(n) + " is no code point");
        append_code_point(out, static_cast<char32_t>(n));
        return out;
    }
    if (std::string_view("eEfFgG%").find(spec.type ? spec.type : 'd') != std::string_view::npos)
        return number_body(static_cast<double>(n), spec);
    if (spec.precision)
        refuse("an integer takes no precision");
    std::string pattern = "{:";
    if (spec.sign)
        pattern += spec.sign;
    if (spec.alternate)
        pattern += '#';
    if (spec.type && spec.type != 'n')
        pattern += spec.type;
    pattern += '}';
    return fmt::vformat(pattern, fmt::make_format_args(n));
}

// "1234567.5" → "1,234,567.5"; binary, octal and hexadecimal digits by fours, as Python.
std::string grouped(std::string body, const format_spec& spec)
{
    if (!spec.grouping)
        return body;
    std::size_t start = body.find_first_of("0123456789abcdefABCDEF");
    if (start == std::string::npos)
        return body;
    const bool hexadecimal = spec.type == 'x' || spec.type == 'X';
    if (spec.alternate && (hexadecimal || spec.type == 'b' || spec.type == 'B' || spec.type == 'o'))
        start = std::min(body.size(), start + (spec.type == 'o' ? 1 : 2));
    const std::size_t step = spec.type == 'x' || spec.type == 'X' || spec.type == 'b' || spec.type == 'o' ? 4 : 3;
    auto end = body.find_first_not_of(hexadecimal ? "0123456789abcdefABCDEF" : "0123456789", start);
    if (end == std::string::npos)
        end = body.size();
    for (auto at = end; at > start + step;)
        body.insert(at -= step, 1, spec.grouping);
    return body;
}

void append_padded(std::string& out, std::string_view body, const format_spec& spec, char default_align)
{
    const auto length = count_code_points(body);
    const auto align = spec.align ? spec.align : default_align;
    const auto missing = spec.width > length ? spec.width - length : 0;
    const auto before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    if (align == '=') {
        // Behind the sign and the "0x" of an alternate form, as Python and fmt do.
        std::size_t sign = !body.empty() && (body.front() == '+' || body.front() == '-' || body.front() == ' ') ? 1U : 0U;
        if (spec.alternate && spec.type && std::string_view("xXb").find(spec.type) != std::string_view::npos)
            sign = std::min(body.size(), sign + 2);
        out.append(body.substr(0, sign));
        for (std::size_t i = 0; i < missing; ++i)
            out += spec.fill;
        out.append(body.substr(sign));
        return;
    }
    for (std::size_t i = 0; i < before; ++i)
        out += spec.fill;
    out += body;
    for (std::size_t i = before; i < missing; ++i)
        out += spec.fill;
}

void append_text(std::string& out, std::string_view text, const format_spec& spec)
{
    if ((spec.type && spec.type != 's') || spec.sign || spec.alternate || spec.grouping || spec.align == '=')
        refuse("it is meant for a number, and the value is a text");
    if (spec.precision)
        text = first_code_points(text, *spec.precision);
    append_padded(out, text, spec, '<');
}

}  // namespace

format_spec parse_format_spec(std::string_view text)
{
    format_spec spec;
    const auto first = first_code_points(text, 1);
    if (!first.empty() && text.size() > first.size() && is_align(text[first.size()])) {
        spec.fill = first;
        spec.align = text[first.size()];
        text.remove_prefix(first.size() + 1);
    } else if (!text.empty() && is_align(text.front())) {
        spec.align = text.front();
        text.remove_prefix(1);
    }
    if (!text.empty() && (text.front() == '+' || text.front() == '-' || text.front() == ' ')) {
        spec.sign = text.front();
        text.remove_prefix(1);
    }
    if (!text.empty() && text.front() == '#') {
        spec.alternate = true;
        text.remove_prefix(1);
    }
    if (!text.empty() && text.front() == '0') {
        if (!spec.align) {
            spec.fill = "0";
            spec.align = '=';
        }
        text.remove_prefix(1);
    }
    spec.width = read_number(text, max_width, "width");
    if (!text.empty() && (text.front() == ',' || text.front() == '_')) {
        spec.grouping = text.front();
        text.remove_prefix(1);
    }
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        if (text.empty() || text.front() < '0' || text.front() > '9')
            refuse("it has a point without a precision");
        spec.precision = read_number(text, max_precision, "precision");
    }
    if (!text.empty() && std::string_view("bcdeEfFgGnosxX%").find(text.front()) != std::string_view::npos) {
        spec.type = text.front();
        text.remove_prefix(1);
    }
    if (!text.empty())
        refuse("it knows no \"" + std::string(text) +
               "\": a specification is [[fill]align][sign][#][0][width][,|_][.precision][type]");
    return spec;
}

std::string quoted(std::string_view text, bool ascii_only)
{
    const bool has_single = text.find('\'') != std::string_view::npos;
    const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string out(1, quote);
    for_each_code_point(text, [&](std::string_view bytes, char32_t point) {
        if (point == '\\' || point == static_cast<char32_t>(quote))
            (out += '\\') += bytes;
        else if (point == '\n')
            out += "\\n";
        else if (point == '\r')
            out += "\\r";
        else if (point == '\t')
            out += "\\t";
        else if (point < 0x20 || point == 0x7F || (ascii_only && point > 0x7F && point <= 0xFF))
            out += fmt::format("\\x{:02x}", static_cast<unsigned>(point));
        else if (ascii_only && point > 0xFFFF)
            out += fmt::format("\\U{:08x}", static_cast<unsigned>(point));
        else if (ascii_only && point > 0xFF)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
        else
            out += bytes;
    });
    return out += quote;
}

void append_formatted(std::string& out, const prompt_value& value, conversion how, const format_spec& spec)
{
    if (how) {
        const auto* text = std::get_if<std::string>(&value.get());
        append_text(out, text && how != 's' ? quoted(*text, how == 'a') : to_prompt_text(value), spec);
    } else if (const auto* text = std::get_if<std::string>(&value.get())) {
        append_text(out, *text, spec);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value.get())) {
        if (spec.type == 's')
            refuse("it is meant for a text, and the value is a number");
        append_padded(out, grouped(number_body(*integer, spec), spec), spec, '>');
    } else if (const auto* number = std::get_if<double>(&value.get())) {
        if (spec.type && std::string_view("eEfFgGn%").find(spec.type) == std::string_view::npos)
            refuse("it is not meant for a floating-point number");
        append_padded(out, grouped(number_body(*number, spec), spec), spec, '>');
    } else {
        append_text(out, to_prompt_text(value), spec);
    }
}

}  // namespace zincir::detail

namespace zincir {

prompt_value::prompt_value(json::value v)
{
    if (v.is_string())
        value_ = std::string(v.get_string());
    else if (v.is_int64())
        value_ = v.get_int64();
    else if (v.is_double())
        value_ = v.get_double();
    else if (v.is_bool())
        value_ = v.get_bool();
    else
        value_ = std::move(v);
}

std::string to_prompt_text(const prompt_value& value)
{
    if (const auto* text = std::get_if<std::string>(&value.get()))
        return *text;
    if (const auto* integer = std::get_if<std::int64_t>(&value.get()))
        return std::to_string(*integer);
    if (const auto* number = std::get_if<double>(&value.get()))
        return detail::number_body(*number, detail::format_spec());
    if (const auto* yes = std::get_if<bool>(&value.get()))
        return *yes ? "true" : "false";
    if (const auto* document = std::get_if<json::value>(&value.get()))
        return json::serialize(*document);
    throw error(errc::invalid_argument, "messages stand where a text is wanted: they go into a messages_placeholder");
}

}  // namespace zincir

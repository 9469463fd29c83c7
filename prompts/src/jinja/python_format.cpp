#include "python_format.hpp"

#include "../characters.hpp"
#include "../code_points.hpp"
#include "../format_spec.hpp"
#include "builtins.hpp"
#include "renderer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace zincir::detail::jinja {
namespace {

constexpr std::int64_t max_precision = 1000;  // of a real; more would be zeros

/// [[fill]align][sign][z][#][0][width][,|_][.precision][type]
struct layout {
    std::string_view fill = " ";
    char align = 0;
    char sign = 0;
    bool no_negative_zero = false;
    bool alternate = false;
    std::size_t width = 0;
    char grouping = 0;
    std::int64_t precision = -1;
    char type = 0;
};

// Of a text that is copied a few times on its way.
void take_room(renderer& r, std::size_t bytes)
{
    if (bytes > r.memory.room() / 4)
        throw heap_exhausted();
    r.work(bytes * 4);
}

std::int64_t number_in(renderer& r, std::string_view& s)
{
    std::int64_t n = 0;
    while (!s.empty() && s.front() >= '0' && s.front() <= '9') {
        n = n * 10 + (s.front() - '0');
        if (n > INT32_MAX)
            r.fail("a number of a format is too large");
        s.remove_prefix(1);
    }
    return n;
}

layout parsed(renderer& r, std::string_view s, bool number)
{
    layout l;
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    const auto take = [&](std::string_view marks) {
        if (s.empty() || marks.find(s.front()) == std::string_view::npos)
            return '\0';
        const char c = s.front();
        s.remove_prefix(1);
        return c;
    };
    const auto first = first_code_points(s, 1);
    bool filled = false;
    if (!first.empty() && s.size() > first.size() && is_align(s[first.size()])) {
        l.fill = first;
        l.align = s[first.size()];
        s.remove_prefix(first.size() + 1);
        filled = true;
    } else {
        l.align = take("<>^=");
    }
    l.sign = take("+- ");
    l.no_negative_zero = take("z") != 0;
    l.alternate = take("#") != 0;
    if (!filled && take("0")) {
        l.fill = "0";
        if (!l.align && number)
            l.align = '=';
    }
    l.width = static_cast<std::size_t>(number_in(r, s));
    l.grouping = take(",_");
    if (l.grouping && take(",_"))
        r.fail("a format has two separators of thousands");
    if (take(".")) {
        if (s.empty() || s.front() < '0' || s.front() > '9')
            r.fail("a format has a point without a precision");
        l.precision = number_in(r, s);
    }
    if (s.size() > 1)
        r.fail("a format is not understood from \"" + std::string(s) + "\" on");
    l.type = s.empty() ? '\0' : s.front();
    const auto grouped = std::string_view(l.grouping == '_' ? "deEfFgG%boxX" : "deEfFgG%");
    if (l.grouping && l.type && grouped.find(l.type) == std::string_view::npos)
        r.fail("this type of format has no thousands");
    return l;
}

// The digits of a number: sign, prefix such as 0x, whole part, and what stands behind it.
struct number_parts {
    bool negative = false;
    std::string prefix{}, whole{}, rest{};
};

// `digits` padded with zeros to `least`, a separator between groups; as Python, which counts the separators among the zeros.
std::string grouped(std::string_view digits, char mark, std::size_t group, std::size_t least)
{
    std::string reversed;
    auto left = static_cast<std::int64_t>(digits.size());
    auto wanted = static_cast<std::int64_t>(least);
    for (bool first = true; first || left > 0 || wanted > 0; first = false) {
        if (!first) {
            reversed += mark;
            --wanted;
            if (left <= 0 && wanted <= 0)
                wanted = 1;
        }
        const auto size = std::min(static_cast<std::int64_t>(group), std::max<std::int64_t>({left, wanted, 1}));
        for (std::int64_t i = 0; i < size; ++i, --left)
            reversed += left > 0 ? digits[static_cast<std::size_t>(left - 1)] : '0';
        wanted -= size;
        left = std::max<std::int64_t>(left, 0);
    }
    return {reversed.rbegin(), reversed.rend()};
}

std::string padded(renderer& r, std::string_view text, const layout& l, char align)
{
    const auto size = count_code_points(text);
    take_room(r, text.size());
    if (l.width > size)
        take_room(r, (l.width - size) * l.fill.size());
    const auto missing = l.width > size ? l.width - size : 0;
    const auto before = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    std::string out;
    for (std::size_t i = 0; i < before; ++i)
        out += l.fill;
    out += text;
    for (auto i = before; i < missing; ++i)
        out += l.fill;
    return out;
}

std::string assembled(renderer& r, const number_parts& n, const layout& l)
{
    take_room(r, l.width);
    auto head = std::string(n.negative ? "-" : l.sign == '+' ? "+" : l.sign == ' ' ? " " : "") + n.prefix;
    const bool inside = l.align == '=';
    const auto taken = head.size() + n.rest.size();
    const auto room = l.width > taken ? l.width - taken : 0;
    auto whole = n.whole;
    if (l.grouping && !whole.empty())
        whole = grouped(whole, l.grouping, std::string_view("boxX").find(l.type ? l.type : 'd') != std::string_view::npos ? 4 : 3,
                        inside && l.fill == "0" ? room : 0);
    if (!inside)
        return padded(r, head + whole + n.rest, l, l.align ? l.align : '>');
    for (auto i = whole.size(); i < room; ++i)
        head += l.fill;
    return head + whole + n.rest;
}

number_parts real_parts(renderer& r, double n, const layout& l)
{
    const char type = l.type == 'n' ? 'g' : l.type;
    if (type && std::string_view("eEfFgG%").find(type) == std::string_view::npos)
        r.fail("the format \"" + std::string(1, type) + "\" is not for a real number");
    number_parts parts;
    const double size = std::abs(type == '%' ? n * 100 : n);
    parts.negative = std::signbit(n) && !std::isnan(n);
    const bool upper = type == 'E' || type == 'F' || type == 'G';
    take_room(r, l.precision < 0 ? 0 : static_cast<std::size_t>(l.precision));
    const auto precision = static_cast<int>(std::min(l.precision < 0 ? 6 : l.precision, max_precision));
    std::string text;
    if (!std::isfinite(size)) {
        parts.rest = std::string(std::isnan(size) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf")) + (type == '%' ? "%" : "");
        return parts;
    }
    if (!type && l.precision < 0) {
        text = real_text(size);
    } else if (!type) {
        // As g, but with one digit behind the point, and an exponent one digit sooner.
        const auto digits = std::max(1, precision);
        text = fmt::format(fmt::runtime(l.alternate ? "{:#.{}g}" : "{:.{}g}"), size, digits);
        const auto exponent = size == 0 ? 0
                                        : std::atoi(fmt::format("{:.{}e}", size, digits - 1)
                                                        .substr(static_cast<std::size_t>(digits > 1 ? digits + 2 : 2))
                                                        .c_str());
        if (exponent >= digits - 1 && text.find('e') == std::string::npos) {
            text = fmt::format("{:.{}e}", size, digits - 1);
            const auto e = text.find('e');
            auto mantissa = text.substr(0, e);
            while (!l.alternate && mantissa.find('.') != std::string::npos && (mantissa.back() == '0' || mantissa.back() == '.')) {
                const bool point = mantissa.back() == '.';
                mantissa.pop_back();
                if (point)
                    break;
            }
            text = mantissa + text.substr(e);
        } else if (text.find_first_of(".e") == std::string::npos) {
            text += ".0";
        }
    } else {
        const char shape = type == '%' ? 'f' : type;
        text = fmt::format(fmt::runtime(std::string("{:") + (l.alternate ? "#" : "") + ".{}" + shape + "}"), size, precision);
    }
    if (l.no_negative_zero && text.find_first_of("123456789") == std::string::npos)
        parts.negative = false;
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    parts.whole = text.substr(0, end);
    parts.rest = text.substr(end) + (type == '%' ? "%" : "");
    return parts;
}

std::string digits_of(std::uint64_t n, char type)
{
    switch (type) {
        case 'b':
            return fmt::format("{:b}", n);
        case 'o':
            return fmt::format("{:o}", n);
        case 'x':
            return fmt::format("{:x}", n);
        case 'X':
            return fmt::format("{:X}", n);
        default:
            return std::to_string(n);
    }
}

number_parts integer_parts(const value& v, char type, bool alternate, std::string_view octal)
{
    number_parts parts;
    parts.negative = !v.is_natural() && v.integer() < 0;
    const auto size = v.is_natural()   ? v.natural()
                      : parts.negative ? 0 - static_cast<std::uint64_t>(v.integer())
                                       : static_cast<std::uint64_t>(v.integer());
    parts.whole = digits_of(size, type);
    if (alternate)
        parts.prefix = type == 'x' ? "0x" : type == 'X' ? "0X" : type == 'o' ? std::string(octal) : type == 'b' ? "0b" : "";
    return parts;
}

std::string letter(renderer& r, const value& v)
{
    const auto n = v.is_natural() ? -1 : v.integer();
    if (n < 0 || n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF))
        r.fail("a number is no code point");
    std::string out;
    append_code_point(out, static_cast<char32_t>(n));
    return out;
}

// Python's format(v, spec).
std::string formatted(renderer& r, const value& v, std::string_view spec)
{
    if (spec.empty() || !(v.is_text() || v.is_number())) {
        if (!spec.empty())
            r.fail("a value of the type " + std::string(type_name(v)) + " takes no format");
        std::string out;
        r.append_str(out, v);
        return out;
    }
    const auto l = parsed(r, spec, !v.is_text());
    if (v.is_text()) {
        if ((l.type && l.type != 's') || l.sign || l.no_negative_zero || l.alternate || l.align == '=' || l.grouping)
            r.fail("a text takes no format for numbers");
        const auto text = l.precision < 0 ? v.text() : first_code_points(v.text(), static_cast<std::size_t>(l.precision));
        return padded(r, text, l, l.align ? l.align : '<');
    }
    const bool whole = v.is_integer() || v.is_natural();
    if (!whole || (l.type && std::string_view("eEfFgG%").find(l.type) != std::string_view::npos))
        return assembled(r, real_parts(r, v.number(), l), l);
    if (l.type && std::string_view("dnboxXc").find(l.type) == std::string_view::npos)
        r.fail("the format \"" + std::string(1, l.type) + "\" is not for an integer");
    if (l.precision >= 0 || l.no_negative_zero || (l.type == 'c' && (l.sign || l.alternate)))
        r.fail("an integer takes no precision, and a code point no sign");
    if (l.type != 'c')
        return assembled(r, integer_parts(v, l.type, l.alternate, "0o"), l);
    number_parts parts;
    parts.rest = letter(r, v);
    if (l.align == '=' || !l.align)
        return padded(r, parts.rest, l, l.align == '=' ? '>' : '<');
    return padded(r, parts.rest, l, l.align);
}

std::string escaped(renderer& r, std::string_view text)
{
    const value v(text);
    return std::string(r.run_filter("forceescape", {&v, 1}, {}).text());
}

// The values of a % format in turn.
class percent_values {
public:
    percent_values(renderer& renderer, const value& given)
        : r(renderer), given_(given), tuple_(given.is(kind::list) && given.list().tuple)
    {}

    value next()
    {
        if (named_)
            return *std::exchange(named_, nullptr);
        const bool enough = tuple_ ? at_ < count(given_) : at_ == 0;
        if (!enough)
            r.fail("a format has too few values");
        return tuple_ ? item(given_, at_++) : (++at_, given_);
    }
    void choose(std::string_view name)
    {
        if (!given_.is_dict())
            r.fail("a format with names takes a dict");
        if (!find(given_, name, held_, r.meter))
            r.fail("a format has no value for \"" + std::string(name) + "\"");
        named_ = &held_;
        at_ = 1;
    }
    bool all_used() const
    {
        const bool has_members = given_.is_dict() ||
                                 (given_.is_list() && !tuple_ && !(given_.is(kind::list) && given_.list().once)) ||
                                 given_.is(kind::range) || given_.is_undefined();
        return has_members || (tuple_ ? at_ >= count(given_) : at_ > 0);
    }

private:
    renderer& r;
    const value& given_;
    bool tuple_;
    std::size_t at_ = 0;
    value held_{};
    const value* named_ = nullptr;
};

std::string percent_number(renderer& r, const value& v, char type, layout& l)
{
    if (std::string_view("diuoxX").find(type) != std::string_view::npos) {
        const bool whole = v.is_integer() || v.is_natural();
        const bool digits = type == 'o' || (type | 0x20) == 'x';
        if (!v.is_number() || (!whole && digits))
            r.fail((digits ? "an integer is needed for %" : "a number is needed for %") + std::string(1, type) +
                   ", not a value of the type " + std::string(type_name(v)));
        number_parts parts;
        if (whole) {
            parts = integer_parts(v, type, l.alternate, "0o");
        } else if (std::isfinite(v.number())) {
            parts.whole = fmt::format("{:.0f}", std::trunc(std::abs(v.number())));
            parts.negative = v.number() <= -1;
        } else {
            r.fail("a number that is not finite is no integer");
        }
        if (l.precision > static_cast<std::int64_t>(parts.whole.size())) {
            take_room(r, static_cast<std::size_t>(l.precision));
            parts.whole.insert(0, static_cast<std::size_t>(l.precision) - parts.whole.size(), '0');
        }
        return assembled(r, parts, l);
    }
    if (std::string_view("eEfFgG").find(type) == std::string_view::npos)
        r.fail("the format %" + std::string(1, type) + " is not known");
    if (!v.is_number())
        r.fail("a number is needed for %" + std::string(1, type) + ", not a value of the type " + std::string(type_name(v)));
    l.type = type;
    return assembled(r, real_parts(r, v.number(), l), l);
}

}  // namespace

std::string real_text(double n)
{
    number_buffer buffer;
    return std::string(shortest_text(n, buffer));
}

value percent_formatted(renderer& r, const value& text, const value& given)
{
    auto s = text.text();
    percent_values values(r, given);
    auto out = r.make_text();
    while (!s.empty()) {
        r.step();
        const auto at = std::min(s.find('%'), s.size());
        out += s.substr(0, at);
        s.remove_prefix(at);
        if (s.empty())
            break;
        s.remove_prefix(1);
        if (s.starts_with('(')) {
            std::size_t depth = 1, end = 1;
            for (; end < s.size() && depth > 0; ++end)
                depth = s[end] == '(' ? depth + 1 : s[end] == ')' ? depth - 1 : depth;
            if (depth > 0)
                r.fail("a name of a format is never closed");
            values.choose(s.substr(1, end - 2));
            s.remove_prefix(end);
        }
        if (s.starts_with('%')) {
            out += '%';
            s.remove_prefix(1);
            continue;
        }
        layout l;
        bool left = false, zero = false;
        for (; !s.empty() && std::string_view("-+ #0").find(s.front()) != std::string_view::npos; s.remove_prefix(1)) {
            left = left || s.front() == '-';
            zero = zero || s.front() == '0';
            l.alternate = l.alternate || s.front() == '#';
            if (s.front() == '+' || (s.front() == ' ' && !l.sign))
                l.sign = s.front();
        }
        const auto size = [&] {
            if (!s.starts_with('*'))
                return number_in(r, s);
            s.remove_prefix(1);
            return r.integer(values.next(), "a width");
        };
        auto width = size();
        left = left || width < 0;
        width = std::min<std::int64_t>(std::abs(std::max<std::int64_t>(width, -INT32_MAX)), INT32_MAX);
        l.width = static_cast<std::size_t>(width);
        if (s.starts_with('.')) {
            s.remove_prefix(1);
            l.precision = std::clamp<std::int64_t>(size(), 0, INT32_MAX);
        }
        if (!s.empty() && std::string_view("hlL").find(s.front()) != std::string_view::npos)
            s.remove_prefix(1);
        if (s.empty())
            r.fail("a format ends too early");
        const char type = s.front();
        s.remove_prefix(1);
        const auto v = values.next();
        if (std::string_view("sra").find(type) != std::string_view::npos || type == 'c') {
            std::string shown;
            if (type == 'c' && v.is_text() && count_code_points(v.text()) == 1)
                shown = v.text();
            else if (type == 'c')
                shown = letter(r, v.is_integer() ? v : (r.fail("%c takes a character or its number"), v));
            else if (type == 's')
                r.append_str(shown, v);
            else
                r.append_repr(shown, v, 0, type == 'a');
            if (text.is_markup() && !v.is_markup())
                shown = escaped(r, shown);
            if (l.precision >= 0 && type != 'c')
                shown = std::string(first_code_points(shown, static_cast<std::size_t>(l.precision)));
            out += padded(r, shown, l, left ? '<' : '>');
        } else {
            l.align = left ? '<' : zero ? '=' : '>';
            if (l.align == '=')
                l.fill = "0";
            out += percent_number(r, v, type, l);
        }
    }
    if (!values.all_used())
        r.fail("a format has too many values");
    return r.like(text, out);
}

namespace {

class brace_format {
public:
    brace_format(renderer& renderer, bool safe, std::span<const value> positional, std::span<const named_value> named,
                 const value* mapping)
        : r(renderer), safe_(safe), positional_(positional), named_(named), mapping_(mapping)
    {}

    std::string_view run(std::string_view s, unsigned depth)
    {
        if (depth > 2)
            r.fail("the fields of a format nest too deep");
        auto out = r.make_text();
        while (!s.empty()) {
            r.step();
            const char c = s.front();
            if (c != '{' && c != '}') {
                const auto end = std::min(s.find_first_of("{}"), s.size());
                out += s.substr(0, end);
                s.remove_prefix(end);
            } else if (s.size() > 1 && s[1] == c && depth == 1) {
                out += c;
                s.remove_prefix(2);
            } else if (c == '}' || s.size() == 1) {
                r.fail("a brace of a format stands alone");
            } else {
                s.remove_prefix(1);
                out += field(s, depth);
            }
        }
        return out.finish();
    }

private:
    // Takes the field with its closing brace off `s`.
    std::string field(std::string_view& s, unsigned depth)
    {
        std::size_t i = 0;
        for (; i < s.size() && s[i] != '}' && s[i] != ':' && s[i] != '!'; ++i) {
            if (s[i] == '{')
                r.fail("a brace stands in the name of a field");
            if (s[i] == '[')
                i = std::min(s.find(']', i), s.size() - 1);
        }
        const auto name = s.substr(0, i);
        if (i >= s.size())
            r.fail("a field of a format is never closed");
        char how = '\0';
        if (s[i] == '!') {
            how = i + 1 < s.size() ? s[i + 1] : '\0';
            i += 2;
            if (i >= s.size() || (s[i] != ':' && s[i] != '}'))
                r.fail("a conversion is one letter with : or } behind it");
        }
        std::string_view spec;
        if (s[i] == ':') {
            std::size_t level = 1, end = i + 1;
            for (; end < s.size() && level > 0; ++end)
                level = s[end] == '{' ? level + 1 : s[end] == '}' ? level - 1 : level;
            if (level > 0)
                r.fail("a field of a format is never closed");
            spec = s.substr(i + 1, end - i - 2);
            i = end - 1;
        }
        const auto v = found(name);
        s.remove_prefix(i + 1);
        const auto whole_spec = spec.find_first_of("{}") == std::string_view::npos ? spec : run(spec, depth + 1);
        std::string out;
        if (how) {
            std::string shown;
            if (how == 's')
                r.append_str(shown, v);
            else if (how == 'r' || how == 'a')
                r.append_repr(shown, v, 0, how == 'a');
            else
                r.fail("a conversion is !s, !r or !a");
            out = formatted(r, value(std::string_view(shown)), whole_spec);
        } else {
            if (safe_ && v.is_markup() && !whole_spec.empty())
                r.fail("a safe text takes no format in a safe one");
            out = formatted(r, v, whole_spec);
            if (safe_ && v.is_markup())
                return out;
        }
        return safe_ ? escaped(r, out) : out;
    }

    value found(std::string_view name)
    {
        const auto end = std::min(name.find_first_of(".["), name.size());
        auto v = root(name.substr(0, end));
        for (auto rest = name.substr(end); !rest.empty();) {
            const bool dot = rest.front() == '.';
            const auto stop = dot ? std::min(rest.find_first_of(".[", 1), rest.size()) : rest.find(']');
            if (stop == std::string_view::npos || stop == 1)
                r.fail("a field of a format has an empty part or no ]");
            const auto key = rest.substr(1, stop - 1);
            rest.remove_prefix(dot ? stop : stop + 1);
            if (!dot && !rest.empty() && rest.front() != '.' && rest.front() != '[')
                r.fail("behind the ] of a field comes . or [");
            v = member(v, key, dot);
        }
        return v;
    }

    value root(std::string_view name)
    {
        const bool digits = name.find_first_not_of("0123456789") == std::string_view::npos;
        if (digits && !mapping_) {
            const bool automatic = name.empty();
            if (numbered_ != numbering::open && (numbered_ == numbering::automatic) != automatic)
                r.fail("a format numbers all of its fields or none");
            numbered_ = automatic ? numbering::automatic : numbering::by_hand;
            const auto at = automatic         ? next_++
                            : name.size() < 9 ? static_cast<std::size_t>(std::stoul(std::string(name)))
                                              : SIZE_MAX;
            if (at >= positional_.size())
                r.fail("a field of a format has no value");
            return positional_[at];
        }
        value v;
        if (mapping_ && !digits && find(*mapping_, name, v, r.meter))
            return v;
        r.work(named_.size() * 8);
        for (const auto& n : named_)
            if (n.name == name)
                return n.held;
        r.fail("a field of a format has no value");
    }

    // As in Jinja's sandbox: a dict's members are its attributes, too.
    value member(const value& of, std::string_view key, bool dot)
    {
        const bool digits = !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string_view::npos;
        const auto index = digits && !dot ? value(static_cast<std::int64_t>(std::stoll(std::string(key)))) : value(key);
        if (of.is_undefined())
            r.use_member(of, key);
        return dot ? r.attribute(of, key) : r.at_index(of, index);
    }

    enum class numbering { open, automatic, by_hand };
    renderer& r;
    bool safe_;
    std::span<const value> positional_;
    std::span<const named_value> named_;
    const value* mapping_;
    std::size_t next_ = 0;
    numbering numbered_ = numbering::open;
};

}  // namespace

value brace_formatted(renderer& r, const value& text, std::span<const value> positional, std::span<const named_value> named,
                      const value* mapping)
{
    const auto made = brace_format(r, text.is_markup(), positional, named, mapping).run(text.text(), 1);
    return text.is_markup() ? value::markup(made) : value(made);
}

}  // namespace zincir::detail::jinja

#include "../characters.hpp"
#include "../code_points.hpp"
#include "case_mapping.hpp"
#include "python_format.hpp"
#include "renderer.hpp"
#include "wrapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace zincir::detail::jinja {
namespace {

// Of which all letters are looked up.
std::string_view letters_of(renderer& r, const value& v)
{
    const auto s = r.str(v);
    r.work(s.size() * 16);
    return s;
}
template <bool Turkish>
value f_upper(renderer& r, const call_of& c)
{
    // In pieces: a letter may become three.
    constexpr std::size_t piece = 4096;
    auto out = r.make_text();
    for (auto rest = letters_of(r, *c[0]); !rest.empty();) {
        const auto part = first_code_points(rest, piece);
        out += upper(part, Turkish);
        rest.remove_prefix(part.size());
    }
    return Turkish ? value(out.finish()) : r.like(*c[0], out);
}
template <bool Turkish>
value f_lower(renderer& r, const call_of& c)
{
    const auto made = lower(letters_of(r, *c[0]), Turkish);
    return Turkish ? r.text(made) : r.like(*c[0], made);
}
template <bool Turkish>
value f_capitalize(renderer& r, const call_of& c)
{
    return r.like(*c[0], capitalized(letters_of(r, *c[0]), Turkish));
}
value f_string(renderer& r, const call_of& c) { return c[0]->is_text() ? *c[0] : value(r.str(*c[0])); }
template <bool Turkish>
value f_title(renderer& r, const call_of& c)
{
    auto out = r.make_text();
    std::string word;
    const auto finish = [&] {
        out += capitalized(word, Turkish, true);
        word.clear();
    };
    const auto text = letters_of(r, *c[0]);
    r.work(text.size() * 16);
    for_each_code_point(text, [&](std::string_view bytes, char32_t p) {
        if (!is_space(p) && std::u32string_view(U"-({[<").find(p) == std::u32string_view::npos) {
            word += bytes;
            return;
        }
        finish();
        out += bytes;
    });
    finish();
    return out.finish();
}
value f_trim(renderer& r, const call_of& c)
{
    const value subject = c[0]->is_text() ? *c[0] : value(r.str(*c[0]));
    static const auto* const strip = find_text_method("strip");
    return strip->run(r, {{&subject, 1}, {}, {&subject, c[1]}});
}
value f_replace(renderer& r, const call_of& c)
{
    if (!c[1] || !c[2])
        r.fail("replace takes the old text and the new one");
    const auto left = c[3] && !c[3]->is(kind::none) ? r.integer(*c[3], "count") : -1;
    auto out = r.make_text();
    if (!r.options().escape_html) {
        append_replaced(r, out, r.str(*c[0]), r.str(*c[1]), r.str(*c[2]), left);
        return out.finish();
    }
    const bool safe = c[0]->is_markup() || c[1]->is_markup() || c[2]->is_markup();
    const auto s = c[1]->is_markup() || (c[2]->is_markup() && !c[0]->is_markup()) ? r.escaped(*c[0]) : r.str(*c[0]);
    append_replaced(r, out, s, r.str(*c[1]), safe ? r.escaped(*c[2]) : r.str(*c[2]), left);
    const auto made = out.finish();
    return safe ? value::markup(made) : value(made);
}
value f_center(renderer& r, const call_of& c)
{
    const auto s = r.str(*c[0]);
    const auto width = c[1] ? r.integer(*c[1], "width") : 80;
    const auto size = static_cast<std::int64_t>(count_code_points(s));
    if (width <= size)
        return r.like(*c[0], s);
    const auto pad = width - size;
    const auto left = pad / 2 + (pad & width & 1);
    auto out = r.make_text();
    out.append(" ", static_cast<std::size_t>(left));
    out += s;
    out.append(" ", static_cast<std::size_t>(pad - left));
    return r.like(*c[0], out);
}
value f_indent(renderer& r, const call_of& c)
{
    auto s = r.text_of(*c[0], "what indent takes");
    const bool given = c[1] && c[1]->is_text();
    const auto by = given ? c[1]->text() : std::string_view(" ");
    const auto times = given ? 1 : std::max<std::int64_t>(0, c[1] ? r.integer(*c[1], "width") : 4);
    const bool first = c[2] && truthy(*c[2]);
    const bool blank = c[3] && truthy(*c[3]);
    auto out = r.make_text();
    r.work(s.size() * 8);
    // Jinja gives the text one line break more before it takes the lines apart.
    if (s.ends_with('\r'))
        s.remove_suffix(1);
    auto rest = s;
    for (bool begin = true, more = true; more; begin = false) {
        r.work(16);
        const auto line = take_line(rest);
        more = line.data() + line.size() != s.data() + s.size();
        if (!begin)
            out += '\n';
        if (begin ? first : blank || !line.empty())
            out.append(by, static_cast<std::size_t>(times));
        out += line;
    }
    return r.like(*c[0], out);
}
value f_truncate(renderer& r, const call_of& c)
{
    const auto length = c[1] ? r.integer(*c[1], "length") : 255;
    const bool kill = c[2] && truthy(*c[2]);
    const auto end = c[3] ? *c[3] : value(std::string_view("..."));
    const auto leeway = c[4] && !c[4]->is(kind::none) ? r.integer(*c[4], "leeway") : 5;
    const auto end_size = static_cast<std::int64_t>(count_code_points(r.text_of(end, "the end")));
    r.work(end.text().size());
    if (length < end_size || leeway < 0)
        r.fail("truncate leaves room for the end, and a leeway that is not negative");
    std::int64_t most = 0;
    if (__builtin_add_overflow(length, leeway, &most))
        most = INT64_MAX;
    if (static_cast<std::int64_t>(r.length(*c[0])) <= most)
        return *c[0];
    auto cut = first_code_points(r.text_of(*c[0], "what truncate takes"), static_cast<std::size_t>(length - end_size));
    if (!kill)
        cut = cut.substr(0, cut.rfind(' '));
    auto out = r.make_text();
    out += cut;
    out += c[0]->is_markup() ? r.escaped(end) : end.text();
    return r.like(*c[0], out);
}
value f_wordcount(renderer& r, const call_of& c)
{
    std::int64_t n = 0;
    bool in = false;
    const auto text = letters_of(r, *c[0]);
    for_each_code_point(text, [&](std::string_view, char32_t p) {
        const bool word = p == U'_' || is_alphabetic(p) || is_numeric(p);
        n += word && !in;
        in = word;
    });
    return n;
}
value f_wordwrap(renderer& r, const call_of& c)
{
    auto rest = r.text_of(*c[0], "what wordwrap takes");
    const auto width = c[1] ? r.integer(*c[1], "width") : 79;
    if (width < 1 && !rest.empty())
        r.fail("wordwrap takes a width of at least 1");
    const auto between = c[3] && !c[3]->is(kind::none) ? r.text_of(*c[3], "wrapstring") : std::string_view("\n");
    const auto yes = [&](std::size_t i) { return !c[i] || truthy(*c[i]); };
    auto out = r.make_text();
    for (bool begin = true; !rest.empty(); begin = false) {
        r.work(16);
        out += begin ? std::string_view() : between;
        append_wrapped(r, out, take_line(rest), {static_cast<std::size_t>(width), yes(2), yes(4), between});
    }
    return out.finish();
}
value f_format(renderer& r, const call_of& c)
{
    if (c.positional.size() > 1 && !c.named.empty())
        r.fail("format takes values in order or by name");
    const auto subject = c.subject().is_text() ? c.subject() : value(r.str(c.subject()));
    auto* values = r.memory.list(c.positional.size(), true);
    for (const auto& v : c.positional.subspan(1))
        r.memory.push(*values, v);
    auto* named = r.memory.dict(c.named.size());
    for (const auto& n : c.named)
        r.memory.put(*named, value(n.name), n.held);
    return percent_formatted(r, subject, c.named.empty() ? value(values) : value(named));
}

constexpr builtin_entry table[] = {
    {"capitalize", "", f_capitalize<false>},
    {"capitalize_tr", "", f_capitalize<true>},
    {"center", "width", f_center},
    {"format", "*", f_format},
    {"indent", "width first blank", f_indent},
    {"lower", "", f_lower<false>},
    {"lower_tr", "", f_lower<true>},
    {"replace", "old new count", f_replace},
    {"string", "", f_string},
    {"title", "", f_title<false>},
    {"title_tr", "", f_title<true>},
    {"trim", "chars", f_trim},
    {"truncate", "length killwords end leeway", f_truncate},
    {"upper", "", f_upper<false>},
    {"upper_tr", "", f_upper<true>},
    {"wordcount", "", f_wordcount},
    {"wordwrap", "width break_long_words wrapstring break_on_hyphens", f_wordwrap},
};

value f_abs(renderer& r, const call_of& c)
{
    if (!c[0]->is_number())
        r.fail("abs takes a number");
    if (!c[0]->is_integer())
        return c[0]->is_natural() ? *c[0] : value(std::abs(c[0]->number()));
    const value whole(c[0]->integer());
    return whole.integer() < 0 ? r.arithmetic('-', value(std::int64_t{0}), whole) : whole;
}
// The digits of a number as Python reads them: blanks around, single underscores between digits, digits of any script.
std::optional<std::string> plain_number(renderer& r, std::string_view s)
{
    std::string out;
    bool fits = true, mark = false;
    r.work(s.size() * 16);
    for_each_code_point(stripped(s), [&](std::string_view bytes, char32_t p) {
        if (p == U'_') {
            fits = fits && !mark && !out.empty() && out.back() != '+' && out.back() != '-' && out.back() != '.';
            mark = true;
            return;
        }
        const auto at = out.size();
        if (p >= 0x80 && is_decimal(p))
            out += static_cast<char>('0' + static_cast<char>(decimal_value(p)));
        else
            out += bytes;
        fits = fits && (!mark || std::isalnum(static_cast<unsigned char>(out[at])));
        mark = false;
    });
    return fits && !mark && !out.empty() ? std::optional(out) : std::nullopt;
}
bool real_of(renderer& r, std::string_view s, double& n)
{
    const auto d = plain_number(r, s);
    if (!d)
        return false;
    auto lowered = lower(*d);
    const auto word = std::string_view(lowered).substr(lowered.starts_with('-') || lowered.starts_with('+') ? 1 : 0);
    const bool named = word == "inf" || word == "infinity" || word == "nan";
    if (!named && word.find_first_not_of("0123456789.e+-") != std::string_view::npos)
        return false;
    char* end = nullptr;
    n = std::strtod(d->c_str(), &end);
    return *end == '\0';
}
// Python's int(text, base), of a base from 2 to 36, or 0 for the one that the text names.
std::optional<value> whole_of(renderer& r, std::string_view s, int base)
{
    const auto read = plain_number(r, s);
    if (!read)
        return std::nullopt;
    std::string_view d = *read;
    const bool minus = d.front() == '-';
    if (minus || d.front() == '+')
        d.remove_prefix(1);
    const char mark = d.size() > 2 && d[0] == '0' ? static_cast<char>(d[1] | 0x20) : '\0';
    const int marked = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    if (marked && (base == 0 || base == marked)) {
        d.remove_prefix(2);
        base = marked;
    } else if (base == 0) {
        base = 10;
        if (d.size() > 1 && d[0] == '0' && d.find_first_not_of('0') != std::string_view::npos)
            return std::nullopt;
    }
    std::uint64_t n = 0;
    const auto [at, fault] = std::from_chars(d.data(), d.data() + d.size(), n, base);
    if (fault == std::errc::invalid_argument || at != d.data() + d.size())
        return std::nullopt;
    constexpr auto most = static_cast<std::uint64_t>(INT64_MAX);
    if (fault == std::errc::result_out_of_range || (minus && n > most + 1))
        r.fail("the number does not fit into 64 bits");
    if (minus)
        return value(static_cast<std::int64_t>(0 - n));
    return n > most ? value::natural(n) : value(static_cast<std::int64_t>(n));
}
value whole_part(renderer& r, double n)
{
    if (!(std::abs(n) < 9223372036854775808.0))
        r.fail("the number does not fit into 64 bits");
    return static_cast<std::int64_t>(n);
}
value f_int(renderer& r, const call_of& c)
{
    const auto otherwise = c[1] ? *c[1] : value(std::int64_t{0});
    const auto base = c[2] ? r.integer(*c[2], "base") : 10;
    if (c[0]->is_undefined())
        r.use_member(*c[0], "number");
    if (c[0]->is_integer())
        return c[0]->integer();
    if (c[0]->is_natural())
        return *c[0];
    double n = c[0]->is(kind::real) ? c[0]->number() : NAN;
    if (c[0]->is_text()) {
        if (base == 0 || (base >= 2 && base <= 36))
            if (const auto whole = whole_of(r, c[0]->text(), static_cast<int>(base)))
                return *whole;
        if (!real_of(r, c[0]->text(), n))
            return otherwise;
    }
    return std::isfinite(n) ? whole_part(r, n) : otherwise;
}
value f_float(renderer& r, const call_of& c)
{
    double n = 0;
    if (c[0]->is_undefined())
        r.use_member(*c[0], "number");
    if (c[0]->is_number())
        return c[0]->number();
    return c[0]->is_text() && real_of(r, c[0]->text(), n) ? value(n) : c[1] ? *c[1] : value(0.0);
}
// Half to even, of an integer to tens, hundreds, …
value rounded_whole(renderer& r, std::int64_t n, std::int64_t precision)
{
    std::int64_t unit = 1;
    for (auto i = precision; i < 0; ++i)
        if (__builtin_mul_overflow(unit, std::int64_t{10}, &unit))
            return std::int64_t{0};
    const auto rest = ((n % unit) + unit) % unit;
    const auto below = static_cast<std::int64_t>(static_cast<std::uint64_t>(n) - static_cast<std::uint64_t>(rest));
    const bool up = rest > unit - rest || (rest == unit - rest && (below / unit) % 2 != 0);
    return up ? r.arithmetic('+', value(below), value(unit)) : value(below);
}
value f_round(renderer& r, const call_of& c)
{
    const auto method = c[2] ? r.text_of(*c[2], "method") : std::string_view("common");
    if (method != "common" && method != "ceil" && method != "floor")
        r.fail("method is common, ceil or floor");
    if (!c[0]->is_number())
        r.fail("round takes a number");
    const auto precision = c[1] ? c[1]->is(kind::none) && method == "common" ? 0 : r.integer(*c[1], "precision") : 0;
    const auto n = c[0]->number();
    if (method == "common") {
        if (c[0]->is_natural() && precision >= 0)
            return *c[0];
        if (c[0]->is_integer())
            return precision < 0 ? rounded_whole(r, c[0]->integer(), precision) : value(c[0]->integer());
        if (c[1] && c[1]->is(kind::none))
            return whole_part(r, std::nearbyint(n));
        if (!std::isfinite(n) || precision > 400)
            return n;
        if (precision >= 0)
            return std::strtod(fmt::format("{:.{}f}", n, precision).c_str(), nullptr);
        if (precision < -308)
            return std::copysign(0.0, n);
        const auto unit = std::pow(10.0, static_cast<double>(-precision));
        return std::nearbyint(n / unit) * unit;
    }
    const auto near = [&](double scaled) {
        if (!std::isfinite(scaled))
            r.fail("a number that is not finite has no integer near it");
        return (method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) + 0.0;
    };
    if (precision > 308)
        r.fail("the precision is too large");
    if (precision < -350)
        r.fail("the precision is too small");
    const auto scale = precision < 0 ? std::strtod(("1e" + std::to_string(precision)).c_str(), nullptr)
                                     : std::pow(10.0, static_cast<double>(precision));
    return near(n * scale) / scale;
}
value f_filesizeformat(renderer& r, const call_of& c)
{
    double n = 0;
    if (c[0]->is_number())
        n = c[0]->number();
    else if (!real_of(r, r.str(*c[0]), n))
        r.fail("filesizeformat takes a number");
    const bool binary = c[1] && truthy(*c[1]);
    const double base = binary ? 1024 : 1000;
    if (n == 1)
        return std::string_view("1 Byte");
    if (n < base)
        return r.text(fmt::format("{:.0f} Bytes", std::trunc(n) + 0.0));
    constexpr std::string_view units = "kMGTPEZY";
    double unit = base * base;
    std::size_t i = 0;
    while (i + 1 < units.size() && n >= unit) {
        unit *= base;
        ++i;
    }
    const std::string prefix = binary ? std::string(1, i == 0 ? 'K' : units[i]) + "iB" : std::string(1, units[i]) + "B";
    return r.text(fmt::format("{:.1f} {}", base * n / unit, prefix));
}

constexpr builtin_entry numbers[] = {
    {"abs", "", f_abs},
    {"filesizeformat", "binary", f_filesizeformat},
    {"float", "default", f_float},
    {"int", "default base", f_int},
    {"round", "precision method", f_round},
};

}  // namespace

void append_replaced(renderer& r, text_maker& out, std::string_view s, std::string_view old, std::string_view now,
                     std::int64_t left)
{
    std::size_t i = 0;
    while (left != 0) {
        const auto at = old.empty() ? (i <= s.size() ? i : std::string_view::npos) : r.search(s, old, i);
        if (at == std::string_view::npos)
            break;
        out += s.substr(i, at - i);
        out += now;
        --left;
        r.work(16);
        i = at + old.size();
        if (old.empty()) {
            const auto one = first_code_points(s.substr(i), 1);
            out += one;
            if (i++ == s.size())
                return;
            i += one.size() - 1;
        }
    }
    if (i <= s.size())
        out += s.substr(i);
}

std::span<const builtin_entry> text_filters() noexcept { return table; }
std::span<const builtin_entry> number_filters() noexcept { return numbers; }

}  // namespace zincir::detail::jinja

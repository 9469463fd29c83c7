#include "blanks.hpp"
#include "case_mapping.hpp"
#include "renderer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace zincir::detail::jinja {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f\x1c\x1d\x1e\x1f";

value f_upper(renderer& r, const call_of& c) { return r.text(upper(r.str(*c[0]))); }
value f_lower(renderer& r, const call_of& c) { return r.text(lower(r.str(*c[0]))); }
value f_upper_tr(renderer& r, const call_of& c) { return r.text(upper(r.str(*c[0]), true)); }
value f_lower_tr(renderer& r, const call_of& c) { return r.text(lower(r.str(*c[0]), true)); }
template <bool Turkish>
value f_capitalize(renderer& r, const call_of& c)
{
    return r.text(capitalized(r.str(*c[0]), Turkish));
}
value f_string(renderer& r, const call_of& c) { return c[0]->is_text() ? *c[0] : value(r.str(*c[0])); }
template <bool Turkish>
value f_title(renderer& r, const call_of& c)
{
    std::string out;
    const auto text = r.str(*c[0]);
    constexpr std::string_view marks = "- \t\r\n\v\f([{<";
    for (std::size_t i = 0; i < text.size();) {
        const auto word = std::min(text.find_first_not_of(marks, i), text.size());
        out += text.substr(i, word - i);
        const auto end = std::min(text.find_first_of(marks, word), text.size());
        out += capitalized(text.substr(word, end - word), Turkish);
        i = end;
    }
    return r.text(out);
}
value f_trim(renderer& r, const call_of& c)
{
    const auto s = r.str(*c[0]);
    if (!c[1] || c[1]->is(kind::none))
        return without_blanks(s, true, true);
    const auto chars = r.text_of(*c[1], "the characters");
    return stripped(s, true, true, [&](std::string_view one) { return chars.find(one) != std::string_view::npos; });
}
value f_replace(renderer& r, const call_of& c)
{
    if (!c[1] || !c[2])
        r.fail("replace takes the old text and the new one");
    const auto s = r.str(*c[0]);
    const auto old = r.str(*c[1]);
    const auto now = r.str(*c[2]);
    auto left = c[3] && !c[3]->is(kind::none) ? r.integer(*c[3], "count") : -1;
    std::string out;
    std::size_t i = 0;
    r.work(s.size());
    while (left != 0) {
        const auto at = old.empty() ? (i <= s.size() ? i : std::string_view::npos) : s.find(old, i);
        if (at == std::string_view::npos)
            break;
        out += s.substr(i, at - i);
        out += now;
        --left;
        if (out.size() > r.options().limits.value_bytes)
            throw heap_exhausted();
        i = at + old.size();
        if (old.empty()) {
            const auto one = first_code_points(s.substr(i), 1);
            out += one;
            if (i++ == s.size())
                return r.text(out);
            i += one.size() - 1;
        }
    }
    if (i <= s.size())
        out += s.substr(i);
    return r.text(out);
}
std::string spaces(renderer& r, std::int64_t n)
{
    if (n > static_cast<std::int64_t>(r.options().limits.value_bytes))
        throw heap_exhausted();
    return std::string(static_cast<std::size_t>(std::max<std::int64_t>(n, 0)), ' ');
}
value f_center(renderer& r, const call_of& c)
{
    const auto s = r.str(*c[0]);
    const auto width = c[1] ? r.integer(*c[1], "width") : 80;
    const auto pad = width - static_cast<std::int64_t>(count_code_points(s));
    if (pad <= 0)
        return s;
    const auto left = pad / 2 + (pad & width & 1);
    return r.text(spaces(r, left) + std::string(s) + spaces(r, pad - left));
}
value f_indent(renderer& r, const call_of& c)
{
    const auto s = r.str(*c[0]);
    const auto by = c[1] && c[1]->is_text() ? std::string(c[1]->text()) : spaces(r, c[1] ? r.integer(*c[1], "width") : 4);
    const bool first = c[2] && truthy(*c[2]);
    const bool blank = c[3] && truthy(*c[3]);
    std::string out;
    for (std::size_t i = 0; i <= s.size();) {
        const auto end = std::min(s.find('\n', i), s.size());
        if ((i == 0 ? first : (blank || end > i)))
            out += by;
        if (out.size() > r.options().limits.value_bytes)
            throw heap_exhausted();
        out += s.substr(i, end - i);
        if (end < s.size())
            out += '\n';
        i = end + 1;
    }
    return r.text(out);
}
value f_truncate(renderer& r, const call_of& c)
{
    const auto s = r.str(*c[0]);
    const auto length = c[1] ? r.integer(*c[1], "length") : 255;
    const bool kill = c[2] && truthy(*c[2]);
    const auto end = c[3] ? r.str(*c[3]) : std::string_view("...");
    const auto leeway = c[4] && !c[4]->is(kind::none) ? r.integer(*c[4], "leeway") : 5;
    if (static_cast<std::int64_t>(count_code_points(s)) <= length + leeway)
        return s;
    const auto room = std::max<std::int64_t>(0, length - static_cast<std::int64_t>(count_code_points(end)));
    auto cut = first_code_points(s, static_cast<std::size_t>(room));
    if (!kill)
        cut = cut.substr(0, cut.rfind(' '));
    return r.text(std::string(cut) + std::string(end));
}
value f_wordcount(renderer& r, const call_of& c)
{
    std::int64_t n = 0;
    bool in = false;
    for (const char ch : r.str(*c[0])) {
        const bool word =
            (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || ch == '_' || (ch & 0x80);
        n += word && !in;
        in = word;
    }
    return n;
}
value f_wordwrap(renderer& r, const call_of& c)
{
    const auto s = r.str(*c[0]);
    const auto width = static_cast<std::size_t>(std::max<std::int64_t>(1, c[1] ? r.integer(*c[1], "width") : 79));
    const auto between = c[3] && c[3]->is_text() ? c[3]->text() : std::string_view("\n");
    std::string out;
    for (std::size_t i = 0; i <= s.size();) {
        const auto end = std::min(s.find('\n', i), s.size());
        std::size_t column = 0;
        for (auto line = s.substr(i, end - i); !line.empty();) {
            const auto gap = std::min(line.find_first_not_of(' '), line.size());
            auto word = line.substr(gap, line.find(' ', gap) - gap);
            const auto size = count_code_points(word);
            if (column && column + gap + size > width) {
                out += between;
                column = 0;
            } else {
                out += line.substr(0, gap);
                column += gap;
            }
            line.remove_prefix(gap + word.size());
            while (count_code_points(word) > width && (!c[2] || truthy(*c[2]))) {
                const auto part = first_code_points(word, width);
                out += part;
                out += between;
                word.remove_prefix(part.size());
            }
            out += word;
            column += count_code_points(word);
        }
        if (end < s.size())
            out += between;
        i = end + 1;
    }
    return r.text(out);
}
// printf's directives, as Python's % has them.
value f_format(renderer& r, const call_of& c)
{
    const auto s = r.str(c.subject());
    std::string out;
    std::size_t next = 1;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] != '%') {
            out += s[i];
            continue;
        }
        std::string spec = "%";
        value v;
        bool given = false;
        if (++i < s.size() && s[i] == '(') {
            const auto close = s.find(')', i);
            const auto name = s.substr(i + 1, close - i - 1);
            for (const auto& n : c.named)
                if (n.name == name) {
                    v = n.held;
                    given = true;
                }
            if (!given && c.positional.size() == 2 && c.positional[1].is_dict())
                given = find(c.positional[1], name, v);
            i = close == std::string_view::npos ? s.size() : close + 1;
        }
        while (i < s.size() && std::string_view("-+ #0123456789.").find(s[i]) != std::string_view::npos && spec.size() < 8)
            spec += s[i++];
        if (i >= s.size())
            r.fail("a format ends too early");
        if (s[i] == '%') {
            out += '%';
            continue;
        }
        if (!given) {
            if (next >= c.positional.size())
                r.fail("not enough values for the format");
            v = c.positional[next++];
        }
        if (s[i] == 's' || s[i] == 'r') {
            std::string shown;
            s[i] == 's' ? r.append_str(shown, v) : r.append_repr(shown, v);
            const bool left = spec.find('-') != std::string::npos;
            const auto width = static_cast<std::size_t>(std::atoi(
                spec.c_str() + spec.find_first_not_of("%-+ #0") * (spec.find_first_not_of("%-+ #0") != std::string::npos)));
            if (const auto dot = spec.find('.'); dot != std::string::npos)
                shown = first_code_points(shown, static_cast<std::size_t>(std::atoi(spec.c_str() + dot + 1)));
            const auto size = count_code_points(shown);
            const std::string pad(width > size ? width - size : 0, ' ');
            out += left ? shown + pad : pad + shown;
        } else if (!v.is_number()) {
            r.fail("a number is needed for %" + std::string(1, s[i]));
        } else {
            char made[1200];
            const bool whole = std::string_view("dixXo").find(s[i]) != std::string_view::npos;
            if (!whole && std::string_view("eEfFgG").find(s[i]) == std::string_view::npos)
                r.fail("the format %" + std::string(1, s[i]) + " is not known");
            spec += whole ? std::string("ll") + (s[i] == 'i' ? 'd' : s[i]) : std::string(1, s[i]);
            const int n =
                whole ? std::snprintf(made, sizeof made, spec.c_str(),
                                      static_cast<long long>(v.is_integer() ? v.integer() : static_cast<std::int64_t>(v.number())))
                      : std::snprintf(made, sizeof made, spec.c_str(), v.number());
            out.append(made, static_cast<std::size_t>(std::clamp(n, 0, 1199)));
        }
    }
    return r.text(out);
}

constexpr builtin_entry table[] = {
    {"capitalize", "", f_capitalize<false>},
    {"capitalize_tr", "", f_capitalize<true>},
    {"center", "width", f_center},
    {"format", "*", f_format},
    {"indent", "width first blank", f_indent},
    {"lower", "", f_lower},
    {"lower_tr", "", f_lower_tr},
    {"replace", "old new count", f_replace},
    {"string", "", f_string},
    {"title", "", f_title<false>},
    {"title_tr", "", f_title<true>},
    {"trim", "chars", f_trim},
    {"truncate", "length killwords end leeway", f_truncate},
    {"upper", "", f_upper},
    {"upper_tr", "", f_upper_tr},
    {"wordcount", "", f_wordcount},
    {"wordwrap", "width break_long_words wrapstring break_on_hyphens", f_wordwrap},
};

value f_abs(renderer& r, const call_of& c)
{
    if (!c[0]->is_number())
        r.fail("abs takes a number");
    return c[0]->number() < 0 ? c[0]->is_integer() ? r.arithmetic('-', value(std::int64_t{0}), *c[0]) : value(-c[0]->number())
                              : *c[0];
}
std::string digits_of(std::string_view s)
{
    std::string out;
    for (const char ch : s)
        if (ch != '_' && blanks.find(ch) == std::string_view::npos)
            out += ch;
    return out;
}
bool real_of(std::string_view s, double& n)
{
    const auto d = digits_of(s);
    char* end = nullptr;
    n = std::strtod(d.c_str(), &end);
    return !d.empty() && *end == '\0' && d.find_first_of("xXpP") == std::string::npos;
}
value f_int(renderer& r, const call_of& c)
{
    const auto otherwise = c[1] ? *c[1] : value(std::int64_t{0});
    if (c[0]->is_integer())
        return c[0]->integer();
    if (c[0]->is_natural())
        return *c[0];
    double n = c[0]->is(kind::real) ? c[0]->number() : NAN;
    if (c[0]->is_text()) {
        const auto base = c[2] ? r.integer(*c[2], "base") : 10;
        auto d = digits_of(c[0]->text());
        const bool minus = d.starts_with('-');
        if (minus || d.starts_with('+'))
            d.erase(0, 1);
        if (base != 10 && d.size() > 2 && d[0] == '0' && (d[1] | 0x20) == (base == 16 ? 'x' : base == 8 ? 'o' : 'b'))
            d.erase(0, 2);
        char* end = nullptr;
        errno = 0;
        const auto whole = std::strtoll(d.c_str(), &end, static_cast<int>(std::clamp<std::int64_t>(base, 2, 36)));
        if (!d.empty() && *end == '\0' && d[0] != '-' && d[0] != '+') {
            errno = 0;
            if (const auto n64 = std::strtoull(d.c_str(), &end, static_cast<int>(base)); whole == INT64_MAX && !minus && errno == 0)
                return n64 > static_cast<std::uint64_t>(INT64_MAX) ? value::natural(n64) : value(static_cast<std::int64_t>(n64));
            if (whole == INT64_MAX)
                r.fail("the number does not fit into 64 bits");
            return static_cast<std::int64_t>(minus ? -whole : whole);
        }
        if (!real_of(c[0]->text(), n))
            return otherwise;
    } else if (c[0]->is_undefined()) {
        r.use(*c[0]);
    }
    return std::isfinite(n) && std::abs(n) < 9.2e18 ? value(static_cast<std::int64_t>(n)) : otherwise;
}
value f_float(renderer& r, const call_of& c)
{
    double n = 0;
    if (c[0]->is_undefined())
        r.use(*c[0]);
    if (c[0]->is_number())
        return c[0]->number();
    return c[0]->is_text() && real_of(c[0]->text(), n) ? value(n) : c[1] ? *c[1] : value(0.0);
}
value f_round(renderer& r, const call_of& c)
{
    if (!c[0]->is_number())
        r.fail("round takes a number");
    const auto precision = c[1] ? r.integer(*c[1], "precision") : 0;
    const auto method = c[2] ? r.text_of(*c[2], "method") : std::string_view("common");
    const auto n = c[0]->number();
    if (method == "common") {
        if (c[0]->is_integer() && precision >= 0)
            return c[0]->integer();
        return precision >= 0 ? std::strtod(fmt::format("{:.{}f}", n, std::min<std::int64_t>(precision, 300)).c_str(), nullptr)
                              : std::nearbyint(n * std::pow(10.0, static_cast<double>(precision))) /
                                    std::pow(10.0, static_cast<double>(precision));
    }
    if (method != "ceil" && method != "floor")
        r.fail("method is common, ceil or floor");
    const auto scale = std::pow(10.0, static_cast<double>(precision));
    return (method == "ceil" ? std::ceil(n * scale) : std::floor(n * scale)) / scale;
}
value f_filesizeformat(renderer& r, const call_of& c)
{
    double n = 0;
    if (c[0]->is_number())
        n = c[0]->number();
    else if (!real_of(r.str(*c[0]), n))
        r.fail("filesizeformat takes a number");
    const bool binary = c[1] && truthy(*c[1]);
    const double base = binary ? 1024 : 1000;
    if (n == 1)
        return std::string_view("1 Byte");
    if (n < base)
        return r.text(fmt::format("{} Bytes", static_cast<std::int64_t>(n)));
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

std::span<const builtin_entry> text_filters() noexcept { return table; }
std::span<const builtin_entry> number_filters() noexcept { return numbers; }

}  // namespace zincir::detail::jinja

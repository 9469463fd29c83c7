// The filter tojson.

#include "../code_points.hpp"
#include "renderer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace zincir::detail::jinja {
namespace {

// Whether a byte stands for itself in a JSON text: never, without ensure_ascii, always.
enum plainness : std::uint8_t { special, plain, plainest };
constexpr auto json_letters = [] {
    std::array<plainness, 256> all{};
    for (std::size_t i = 0x20; i < all.size(); ++i)
        all[i] = i == '"' || i == '\\' ? special : i < 0x7F ? plainest : plain;
    return all;
}();

// How many bytes at the beginning of a text stand for themselves.
template <bool Ascii>
std::size_t plain_bytes(std::string_view s) noexcept
{
    // Eight at a time: a byte's highest bit tells whether the byte was zero, or less than a blank.
    constexpr std::uint64_t ones = UINT64_MAX / 0xFF, highest = ones * 0x80;
    const auto zero = [](std::uint64_t word) { return (word - ones) & ~word & highest; };
    const auto word_plain = [&](std::uint64_t word) {
        const auto odd = Ascii ? (word & highest) | zero(word ^ ones * 0x7F) : 0;
        return (odd | ((word - ones * ' ') & ~word & highest) | zero(word ^ ones * '"') | zero(word ^ ones * '\\')) == 0;
    };
    const auto all_plain = [&](const char* from) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, sizeof word);
        return word_plain(word);
    };
    std::size_t end = 0;
    while (s.size() - end >= 8 && all_plain(s.data() + end))
        end += 8;
    // The last eight bytes, some of them once more; of a short text its first four and its last.
    if (s.size() - end < 8 && s.size() >= 8 && all_plain(s.data() + s.size() - 8))
        return s.size();
    if (s.size() >= 4 && s.size() < 8) {
        std::uint32_t first = 0, last = 0;
        std::memcpy(&first, s.data(), sizeof first);
        std::memcpy(&last, s.data() + s.size() - sizeof last, sizeof last);
        if (word_plain(std::uint64_t{first} << 32 | last))
            return s.size();
    }
    const auto least = Ascii ? plainest : plain;
    while (end < s.size() && json_letters[static_cast<unsigned char>(s[end])] >= least)
        ++end;
    return end;
}

struct json_writer {
    renderer& r;
    std::string_view indent{};
    std::size_t blanks = 0;  // or so many of them as indent
    bool indented = false, ascii = false, sorted = false;
    std::string_view comma = ", ", colon = ": ";
    text_maker out = r.make_text();

    void escaped(char32_t p)
    {
        const auto unit = [&](char32_t u) {
            constexpr std::string_view digits = "0123456789abcdef";
            const char all[] = {'\\', 'u', digits[u >> 12], digits[u >> 8 & 15], digits[u >> 4 & 15], digits[u & 15]};
            out += std::string_view(all, sizeof all);
        };
        constexpr std::string_view shown = "\"\\\n\r\t\b\f", letters = "\"\\nrtbf";
        if (const auto at = p < 0x80 ? shown.find(static_cast<char>(p)) : std::string_view::npos; at != std::string_view::npos) {
            out += '\\';
            out += letters[at];
        } else if (p <= 0xFFFF) {
            unit(p);
        } else {
            unit(0xD800 + ((p - 0x10000) >> 10));
            unit(0xDC00 + ((p - 0x10000) & 0x3FF));
        }
    }
    std::size_t plain_size(std::string_view s) const noexcept { return ascii ? plain_bytes<true>(s) : plain_bytes<false>(s); }
    // What stands for itself is copied as a whole.
    void text(std::string_view s)
    {
        r.work(s.size() * 4);
        auto end = plain_size(s);
        if (end == s.size()) {
            auto* to = out.room(s.size() + 2);
            *to = '"';
            copy_bytes(to + 1, s.data(), s.size());
            to[s.size() + 1] = '"';
            out.take(s.size() + 2);
            return;
        }
        out += '"';
        for (; !s.empty(); end = plain_size(s)) {
            out += s.substr(0, end);
            s.remove_prefix(end);
            if (s.empty())
                break;
            if (const auto c = static_cast<unsigned char>(s.front()); c < 0x80) {
                escaped(c);
                s.remove_prefix(1);
                continue;
            }
            const auto one = first_code_points(s, 1);
            for_each_code_point(one, [&](std::string_view, char32_t p) { escaped(p); });
            s.remove_prefix(one.size());
        }
        out += '"';
    }
    void scalar(const value& v)
    {
        if (v.is(kind::none))
            out += "null";
        else if (v.is(kind::boolean))
            out += v.integer() ? "true" : "false";
        else if (v.is(kind::real) && !std::isfinite(v.number()))
            out += std::isnan(v.number()) ? "NaN" : v.number() < 0 ? "-Infinity" : "Infinity";
        else if (v.is_number())
            number(v);
        else
            r.fail("a value of the type " + std::string(type_name(v)) + " cannot be written as JSON");
    }
    void number(const value& v)
    {
        if (v.is(kind::integer)) {
            const fmt::format_int digits(v.integer());
            out += std::string_view(digits.data(), digits.size());
            return;
        }
        std::string shown;
        r.append_repr(shown, v);
        out += shown;
    }
    void line(unsigned depth)
    {
        if (!indented)
            return;
        if (indent.empty()) {
            const auto size = depth * blanks;
            auto* to = out.room(size + 1);
            *to = '\n';
            std::memset(to + 1, ' ', size);
            out.take(size + 1);
            return;
        }
        out += '\n';
        for (unsigned i = 0; i < depth; ++i)
            out += indent;
    }
    std::span<member> in_order(const value& dict)
    {
        const std::span members(r.memory.many<member>(count(dict)), count(dict));
        r.step(members.size() * 4);
        for (std::size_t i = 0; i < members.size(); ++i)
            members[i] = member_at(dict, i);
        std::stable_sort(members.begin(), members.end(), [&](const auto& a, const auto& b) { return r.ordered(a.key, b.key) < 0; });
        return members;
    }
    void write(const value& v, unsigned depth)
    {
        r.step();
        if (depth >= max_value_depth)
            r.fail("a value is nested too deep to be written as JSON", errc::limit_exceeded);
        if (v.is_text())
            return text(v.text());
        if ((!v.is_list() && !v.is_dict()) || (v.is(kind::list) && v.list().once))
            return scalar(v);
        const auto n = count(v);
        if (n == 0) {
            out += v.is_list() ? "[]" : "{}";
            return;
        }
        out += v.is_list() ? '[' : '{';
        const auto ordered = v.is_dict() && sorted ? in_order(v) : std::span<member>();
        for (std::size_t i = 0; i < n; ++i) {
            if (i)
                out += comma;
            line(depth + 1);
            if (v.is_list()) {
                write(item(v, i), depth + 1);
                continue;
            }
            const auto [key, held] = ordered.empty() ? member_at(v, i) : ordered[i];
            if (key.is_text()) {
                text(key.text());
            } else {
                out += '"';
                scalar(key);
                out += '"';
            }
            out += colon;
            write(held, depth + 1);
        }
        line(depth);
        out += v.is_list() ? ']' : '}';
    }
};

// As Hugging Face's; with escape_html as Jinja's own: keys sorted, <, >, & and ' as \u escapes.
value f_tojson(renderer& r, const call_of& c)
{
    const bool html = r.options().escape_html;
    json_writer w{r};
    value given_indent, ascii, separators, sorted;
    const auto place = [&](std::size_t i, std::string_view name, value& v) {
        if (i < c.positional.size())
            v = c.positional[i];
        for (const auto& n : c.named)
            if (same_text(n.name, name))
                v = n.held;
    };
    // Jinja's own has indent first.
    place(html || (c.positional.size() == 2 && c.positional[1].is(kind::integer)) ? 1 : 2, "indent", given_indent);
    if (!html) {
        place(c.positional.size() == 2 && c.positional[1].is(kind::integer) ? 9 : 1, "ensure_ascii", ascii);
        place(3, "separators", separators);
        place(4, "sort_keys", sorted);
    }
    for (const auto& n : c.named)
        if (!same_text(n.name, "indent") && (html || (n.name != "ensure_ascii" && n.name != "separators" && n.name != "sort_keys")))
            r.fail("tojson has no parameter \"" + std::string(n.name) + "\"");
    w.ascii = html || truthy(ascii);
    w.sorted = html || truthy(sorted);
    w.indented = !given_indent.is(kind::none) && !given_indent.is_undefined();
    if (given_indent.is_text())
        w.indent = given_indent.text();
    else if (w.indented)
        w.blanks = static_cast<std::size_t>(std::clamp<std::int64_t>(r.integer(given_indent, "indent"), 0, 1000));
    if (w.indented)
        w.comma = ",";
    if (separators.is_list() && count(separators) == 2) {
        w.comma = r.str(item(separators, 0));
        w.colon = r.str(item(separators, 1));
    }
    w.write(c.subject(), 0);
    if (!html)
        return w.out.finish();
    auto safe = r.make_text();
    r.work(w.out.size() * 8);
    for (const char& ch : w.out.so_far())
        safe += ch == '<'    ? "\\u003c"
                : ch == '>'  ? "\\u003e"
                : ch == '&'  ? "\\u0026"
                : ch == '\'' ? "\\u0027"
                             : std::string_view(&ch, 1);
    return value::markup(safe.finish());
}

constexpr builtin_entry table[] = {
    {"tojson", "*", f_tojson},
};

}  // namespace

std::span<const builtin_entry> json_filters() noexcept { return table; }

}  // namespace zincir::detail::jinja

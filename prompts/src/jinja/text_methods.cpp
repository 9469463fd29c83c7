#include "../characters.hpp"
#include "case_mapping.hpp"
#include "python_format.hpp"
#include "renderer.hpp"

#include <algorithm>
#include <optional>

namespace zincir::detail::jinja {
namespace {

using sv = std::string_view;

std::string_view self(const call_of& c) { return c[0]->text(); }
bool given(const value* v) { return v && !v->is(kind::none); }

// A part of the subject's text: safe as that is.
value part_of(const call_of& c, sv part) { return c[0]->is_markup() ? value::markup(part) : value(part); }

template <bool Left, bool Right>
value strip(renderer& r, const call_of& c)
{
    auto s = self(c);
    if (!given(c[1])) {
        const auto size = s.size();
        s = Left ? left_stripped(s) : s;
        s = Right ? right_stripped(s) : s;
        r.work((size - s.size()) * 8);
        return part_of(c, s);
    }
    const auto chars = r.text_of(*c[1], "the characters");
    const auto in = [&](sv one) {
        r.work(8 + chars.size());
        return chars.find(one) != sv::npos;
    };
    while (Left && !s.empty() && in(first_code_points(s, 1)))
        s.remove_prefix(first_code_points(s, 1).size());
    while (Right && !s.empty() && in(last_code_point(s)))
        s.remove_suffix(last_code_point(s).size());
    return part_of(c, s);
}
// At runs of blanks.
template <bool Right>
void split_at_blanks(renderer& r, const call_of& c, list_data& out, std::int64_t left)
{
    const auto trimmed = [](sv s) { return Right ? right_stripped(s) : left_stripped(s); };
    for (auto s = trimmed(self(c)); !s.empty(); s = trimmed(s)) {
        if (left-- == 0) {
            r.memory.push(out, part_of(c, s));
            return;
        }
        const auto whole = s;
        for (sv one; !s.empty() && !is_space(first_of(one = Right ? last_code_point(s) : first_code_points(s, 1)));)
            Right ? s.remove_suffix(one.size()) : s.remove_prefix(one.size());
        r.memory.push(out, part_of(c, Right ? whole.substr(s.size()) : whole.substr(0, whole.size() - s.size())));
    }
}
template <bool Right>
value split(renderer& r, const call_of& c)
{
    auto s = self(c);
    auto left = c[2] ? r.integer(*c[2], "maxsplit") : -1;
    auto* out = r.memory.list(0);
    r.work(s.size() * 8);
    if (!given(c[1])) {
        split_at_blanks<Right>(r, c, *out, left);
    } else {
        const auto by = r.text_of(*c[1], "the separator");
        if (by.empty())
            r.fail("the separator is empty");
        for (;;) {
            const auto at = left-- == 0 ? sv::npos : Right ? r.search_back(s, by) : r.search(s, by);
            if (at == sv::npos)
                break;
            r.memory.push(*out, part_of(c, Right ? s.substr(at + by.size()) : s.substr(0, at)));
            s = Right ? s.substr(0, at) : s.substr(at + by.size());
        }
        r.memory.push(*out, part_of(c, s));
    }
    if (Right)
        std::reverse(out->items, out->items + out->size);
    return out;
}
value splitlines(renderer& r, const call_of& c)
{
    auto* out = r.memory.list(0);
    r.work(self(c).size() * 4);
    const bool keep_ends = c[1] && truthy(*c[1]);
    for (auto rest = self(c); !rest.empty();)
        r.memory.push(*out, part_of(c, take_line(rest, keep_ends)));
    return out;
}
const value& needed(renderer& r, const call_of& c)
{
    if (!c[1])
        r.fail("an argument is missing");
    return *c[1];
}
/// The part of the text that `start` and `end` choose, counted in code points as Python's slices; none where they lie outside.
struct window {
    std::size_t start;
    sv text;
};
std::optional<window> window_of(renderer& r, const call_of& c)
{
    if (!given(c[2]) && !given(c[3]))
        return window{0, self(c)};
    r.work(self(c).size() * 4);
    const auto size = static_cast<std::int64_t>(count_code_points(self(c)));
    const auto bound = [&](const value* v, std::int64_t otherwise) {
        const auto n = given(v) ? r.integer(*v, "a bound") : otherwise;
        return n < 0 ? std::max<std::int64_t>(0, n + size) : n;
    };
    const auto start = bound(c[2], 0);
    const auto end = std::min(bound(c[3], size), size);
    if (start > end)
        return std::nullopt;
    const auto skipped = first_code_points(self(c), static_cast<std::size_t>(start)).size();
    return window{static_cast<std::size_t>(start),
                  first_code_points(self(c).substr(skipped), static_cast<std::size_t>(end - start))};
}
template <bool End>
value affix(renderer& r, const call_of& c)
{
    if (!c[1])
        r.fail("a text to look for is missing");
    const auto in = window_of(r, c);
    const auto has = [&](const value& v) {
        const auto part = r.text_of(v, "what to look for");
        r.work(8 + part.size());
        return in && (End ? in->text.ends_with(part) : in->text.starts_with(part));
    };
    if (!c[1]->is(kind::list) || !c[1]->list().tuple)
        return has(*c[1]);
    for (std::size_t i = 0; i < count(*c[1]); ++i)
        if (has(item(*c[1], i)))
            return true;
    return false;
}
template <bool End>
value remove_affix(renderer& r, const call_of& c)
{
    auto s = self(c);
    const auto part = r.text_of(needed(r, c), "what to remove");
    if (End ? s.ends_with(part) : s.starts_with(part))
        End ? s.remove_suffix(part.size()) : s.remove_prefix(part.size());
    return part_of(c, s);
}
template <bool Last, bool Must>
value find_text(renderer& r, const call_of& c)
{
    const auto part = r.text_of(needed(r, c), "what to look for");
    const auto in = window_of(r, c);
    const auto at = !in ? sv::npos : Last ? r.search_back(in->text, part) : r.search(in->text, part);
    if (at == sv::npos && Must)
        r.fail("the text is not found");
    return at == sv::npos ? value(std::int64_t{-1}) : value::size(in->start + count_code_points(in->text.substr(0, at)));
}
value count_text(renderer& r, const call_of& c)
{
    const auto part = r.text_of(needed(r, c), "what to count");
    const auto in = window_of(r, c);
    if (!in)
        return std::int64_t{0};
    if (part.empty())
        return value::size(count_code_points(in->text) + 1);
    std::size_t n = 0;
    for (auto at = r.search(in->text, part); at != sv::npos; at = r.search(in->text, part, at + part.size()))
        ++n;
    return value::size(n);
}
value join(renderer& r, const call_of& c)
{
    const auto all = r.sequence(needed(r, c));
    auto out = r.make_text();
    for (std::size_t i = 0; i < count(all); ++i) {
        r.work(16);
        if (i)
            out += self(c);
        out += c[0]->is_markup() ? r.escaped(item(all, i)) : r.text_of(item(all, i), "each part of a join");
    }
    return r.like(*c[0], out);
}
template <const char* Name>
value by_filter(renderer& r, const call_of& c)
{
    return r.run_filter(Name, c.positional, c.named);
}
constexpr char n_upper[] = "upper", n_lower[] = "lower", n_capitalize[] = "capitalize";
value casefold(renderer& r, const call_of& c)
{
    r.work(self(c).size() * 32);
    return r.like(*c[0], casefolded(self(c)));
}
value replace(renderer& r, const call_of& c)
{
    if (!c[1] || !c[2])
        r.fail("replace takes the old text and the new one");
    const auto now = r.text_of(*c[2], "the new text");
    const auto left = c[3] ? r.integer(*c[3], "count") : -1;
    auto out = r.make_text();
    append_replaced(r, out, self(c), r.text_of(*c[1], "the old text"), c[0]->is_markup() ? r.escaped(*c[2]) : now, left);
    return r.like(*c[0], out);
}
value title(renderer& r, const call_of& c)
{
    auto out = r.make_text();
    bool in = false;
    r.work(self(c).size() * 64);
    for_each_code_point(self(c), [&](sv bytes, char32_t p) {
        const bool letter = is_cased(p);
        out += !letter ? std::string(bytes) : in ? lower(bytes) : capitalized(bytes);
        in = letter;
    });
    return r.like(*c[0], out);
}
value istitle(renderer& r, const call_of& c)
{
    r.work(self(c).size() * 32);
    const bool cased = lower(self(c)) != self(c) || upper(self(c)) != self(c);
    return cased && title(r, c).text() == self(c);
}
value expandtabs(renderer& r, const call_of& c)
{
    const auto size = std::clamp<std::int64_t>(c[1] ? r.integer(*c[1], "tabsize") : 8, 0, 10'000);
    auto out = r.make_text();
    std::int64_t column = 0;
    r.work(self(c).size() * 8);
    for_each_code_point(self(c), [&](sv bytes, char32_t p) {
        if (p == U'\t') {
            const auto gap = size ? size - column % size : 0;
            out.append(" ", static_cast<std::size_t>(gap));
            column += gap;
        } else {
            out += bytes;
            column = p == U'\n' || p == U'\r' ? 0 : column + 1;
        }
    });
    return r.like(*c[0], out);
}
value swapcase(renderer& r, const call_of& c)
{
    auto out = r.make_text();
    r.work(self(c).size() * 64);
    const auto lowered = lower(self(c));  // a Σ by its place
    auto rest = sv(lowered);
    for_each_code_point(self(c), [&](sv bytes, char32_t p) {
        const auto size = lower(bytes).size();
        out += lower_of(p) != p || p == 0x130 ? std::string(rest.substr(0, size)) : upper(bytes);
        rest.remove_prefix(size);
    });
    return r.like(*c[0], out);
}
template <class Is>
bool every(renderer& r, sv s, Is is)
{
    bool all = !s.empty();
    r.work(s.size() * 16);
    for_each_code_point(s, [&](sv, char32_t p) { all = all && is(p); });
    return all;
}
value isdecimal(renderer& r, const call_of& c) { return every(r, self(c), is_decimal); }
value isdigit(renderer& r, const call_of& c) { return every(r, self(c), is_digit); }
value isnumeric(renderer& r, const call_of& c) { return every(r, self(c), is_numeric); }
value isalpha(renderer& r, const call_of& c) { return every(r, self(c), is_alphabetic); }
value isalnum(renderer& r, const call_of& c)
{
    return every(r, self(c), [](char32_t p) { return is_alphabetic(p) || is_numeric(p); });
}
value isspace(renderer& r, const call_of& c) { return every(r, self(c), is_space); }
value isprintable(renderer& r, const call_of& c) { return self(c).empty() || every(r, self(c), is_printable); }
value isidentifier(renderer& r, const call_of& c)
{
    const auto in = [](char32_t p) { return p == U'_' || is_alphabetic(p) || is_decimal(p); };
    return every(r, self(c), in) && !is_decimal(first_of(self(c)));
}
value isascii(renderer& r, const call_of& c)
{
    return self(c).empty() || every(r, self(c), [](char32_t p) { return p < 0x80; });
}
value isupper(renderer& r, const call_of& c)
{
    r.work(self(c).size() * 32);
    return upper(self(c)) == self(c) && lower(self(c)) != self(c);
}
value islower(renderer& r, const call_of& c)
{
    r.work(self(c).size() * 32);
    return lower(self(c)) == self(c) && upper(self(c)) != self(c);
}
template <int Side>
value justify(renderer& r, const call_of& c)
{
    const auto width = r.integer(needed(r, c), "width");
    const auto fill = c[2] ? r.text_of(*c[2], "fill") : Side == 2 ? sv("0") : sv(" ");
    const auto shown = c[0]->is_markup() && c[2] ? r.escaped(*c[2]) : fill;
    r.work(shown.size());
    if (count_code_points(shown) != 1)
        r.fail("what fills up is one character");
    const auto size = static_cast<std::int64_t>(count_code_points(self(c)));
    if (width <= size)
        return *c[0];
    const auto pad = width - size;
    const auto left = Side < 0 ? 0 : Side > 0 ? pad : pad / 2 + (pad & width & 1);
    auto out = r.make_text();
    auto s = self(c);
    if (Side == 2 && (s.starts_with('-') || s.starts_with('+'))) {
        out += s.substr(0, 1);
        s.remove_prefix(1);
    }
    out.append(fill, static_cast<std::size_t>(left));
    out += s;
    out.append(fill, static_cast<std::size_t>(pad - left));
    return r.like(*c[0], out);
}
template <bool Last>
value partition(renderer& r, const call_of& c)
{
    const auto s = self(c);
    const auto by = r.text_of(needed(r, c), "the separator");
    if (by.empty())
        r.fail("the separator is empty");
    const auto at = Last ? r.search_back(s, by) : r.search(s, by);
    auto* out = r.memory.list(3, true);
    const bool found = at != sv::npos;
    for (const auto part : {found  ? s.substr(0, at)
                            : Last ? sv("")
                                   : s,
                            found ? by : sv(""),
                            found  ? s.substr(at + by.size())
                            : Last ? s
                                   : sv("")})
        r.memory.push(*out, part_of(c, part));
    return out;
}
value format(renderer& r, const call_of& c) { return brace_formatted(r, c.subject(), c.positional.subspan(1), c.named, nullptr); }
value format_map(renderer& r, const call_of& c)
{
    if (!needed(r, c).is_dict())
        r.fail("format_map takes a dict");
    return brace_formatted(r, *c[0], {}, {}, c[1]);
}

constexpr builtin_entry table[] = {
    {"capitalize", "", by_filter<n_capitalize>},
    {"casefold", "", casefold},
    {"center", "/ width fillchar", justify<0>},
    {"count", "/ sub start end", count_text},
    {"endswith", "/ suffix start end", affix<true>},
    {"expandtabs", "tabsize", expandtabs},
    {"find", "/ sub start end", find_text<false, false>},
    {"format", "*", format},
    {"format_map", "/ mapping", format_map},
    {"index", "/ sub start end", find_text<false, true>},
    {"isalnum", "", isalnum},
    {"isalpha", "", isalpha},
    {"isascii", "", isascii},
    {"isdecimal", "", isdecimal},
    {"isdigit", "", isdigit},
    {"isidentifier", "", isidentifier},
    {"islower", "", islower},
    {"isnumeric", "", isnumeric},
    {"isprintable", "", isprintable},
    {"isspace", "", isspace},
    {"istitle", "", istitle},
    {"isupper", "", isupper},
    {"join", "/ iterable", join},
    {"ljust", "/ width fillchar", justify<-1>},
    {"lower", "", by_filter<n_lower>},
    {"lstrip", "/ chars", strip<true, false>},
    {"partition", "/ sep", partition<false>},
    {"removeprefix", "/ prefix", remove_affix<false>},
    {"removesuffix", "/ suffix", remove_affix<true>},
    {"replace", "/ old new count", replace},
    {"rfind", "/ sub start end", find_text<true, false>},
    {"rindex", "/ sub start end", find_text<true, true>},
    {"rjust", "/ width fillchar", justify<1>},
    {"rpartition", "/ sep", partition<true>},
    {"rsplit", "sep maxsplit", split<true>},
    {"rstrip", "/ chars", strip<false, true>},
    {"split", "sep maxsplit", split<false>},
    {"splitlines", "keepends", splitlines},
    {"startswith", "/ prefix start end", affix<false>},
    {"strip", "/ chars", strip<true, true>},
    {"swapcase", "", swapcase},
    {"title", "", title},
    {"upper", "", by_filter<n_upper>},
    {"zfill", "/ width", justify<2>},
};

}  // namespace

const builtin_entry* find_text_method(std::string_view name) noexcept
{
    for (const auto& e : table)
        if (same_text(e.name, name))
            return &e;
    return nullptr;
}

}  // namespace zincir::detail::jinja

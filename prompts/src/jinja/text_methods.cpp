#include "../format_spec.hpp"
#include "blanks.hpp"
#include "case_mapping.hpp"
#include "renderer.hpp"

#include <algorithm>
#include <optional>

namespace zincir::detail::jinja {
namespace {

using sv = std::string_view;

std::string_view self(const call_of& c) { return c[0]->text(); }
bool given(const value* v) { return v && !v->is(kind::none); }

template <bool Left, bool Right>
value strip(renderer& r, const call_of& c)
{
    if (!given(c[1]))
        return without_blanks(self(c), Left, Right);
    const auto chars = r.text_of(*c[1], "the characters");
    return stripped(self(c), Left, Right, [&](sv one) { return chars.find(one) != sv::npos; });
}
template <bool Right>
value split(renderer& r, const call_of& c)
{
    auto s = self(c);
    auto left = given(c[2]) ? r.integer(*c[2], "maxsplit") : -1;
    auto* out = r.memory.list(0);
    r.work(s.size());
    const bool blank = !given(c[1]);
    const auto by = blank ? sv() : r.text_of(*c[1], "the separator");
    if (!blank && by.empty())
        r.fail("the separator is empty");
    if (blank) {
        for (s = without_blanks(s, !Right, Right); !s.empty(); s = without_blanks(s, !Right, Right)) {
            if (left-- == 0) {
                r.memory.push(*out, value(s));
                break;
            }
            const auto word = word_at_end(s, Right);
            r.memory.push(*out, value(word));
            Right ? s.remove_suffix(word.size()) : s.remove_prefix(word.size());
        }
    } else {
        for (;;) {
            const auto at = left-- == 0 ? sv::npos : Right ? s.rfind(by) : s.find(by);
            if (at == sv::npos)
                break;
            r.memory.push(*out, value(Right ? s.substr(at + by.size()) : s.substr(0, at)));
            s = Right ? s.substr(0, at) : s.substr(at + by.size());
        }
        r.memory.push(*out, value(s));
    }
    if (Right)
        std::reverse(out->items, out->items + out->size);
    return out;
}
value splitlines(renderer& r, const call_of& c)
{
    auto s = self(c);
    auto* out = r.memory.list(0);
    while (!s.empty()) {
        std::size_t at = 0, n = 0;
        while (at < s.size() && (n = line_end_length(s.substr(at))) == 0)
            at += first_code_points(s.substr(at), 1).size();
        r.memory.push(*out, value(s.substr(0, at + (c[1] && truthy(*c[1]) ? n : 0))));
        s.remove_prefix(at + n);
    }
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
        return in && (End ? in->text.ends_with(part) : in->text.starts_with(part));
    };
    if (!c[1]->is_list())
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
    return s;
}
template <bool Last, bool Must>
value find_text(renderer& r, const call_of& c)
{
    const auto part = r.text_of(needed(r, c), "what to look for");
    r.work(self(c).size());
    const auto in = window_of(r, c);
    const auto at = !in ? sv::npos : Last ? in->text.rfind(part) : in->text.find(part);
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
    for (auto at = in->text.find(part); at != sv::npos; at = in->text.find(part, at + part.size()))
        ++n;
    return value::size(n);
}
value join(renderer& r, const call_of& c)
{
    const auto all = r.sequence(needed(r, c));
    std::string out;
    for (std::size_t i = 0; i < count(all); ++i) {
        if (i)
            out += self(c);
        out += r.text_of(item(all, i), "each part of a join");
        if (out.size() > r.options().limits.value_bytes)
            throw heap_exhausted();
    }
    return r.text(out);
}
template <const char* Name>
value by_filter(renderer& r, const call_of& c)
{
    return r.run_filter(Name, c.positional, c.named);
}
constexpr char n_upper[] = "upper", n_lower[] = "lower", n_capitalize[] = "capitalize", n_replace[] = "replace";
value title(renderer& r, const call_of& c)
{
    std::string out;
    bool in = false;
    for_each_code_point(self(c), [&](sv bytes, char32_t p) {
        const bool letter = is_cased(p);
        out += !letter ? std::string(bytes) : in ? lower(bytes) : capitalized(bytes);
        in = letter;
    });
    return r.text(out);
}
value istitle(renderer& r, const call_of& c)
{
    const bool cased = lower(self(c)) != self(c) || upper(self(c)) != self(c);
    return cased && title(r, c).text() == self(c);
}
value expandtabs(renderer& r, const call_of& c)
{
    const auto size = std::clamp<std::int64_t>(c[1] ? r.integer(*c[1], "tabsize") : 8, 0, 10'000);
    std::string out;
    std::int64_t column = 0;
    for_each_code_point(self(c), [&](sv bytes, char32_t p) {
        if (p == U'\t') {
            const auto gap = size ? size - column % size : 0;
            out.append(static_cast<std::size_t>(gap), ' ');
            column += gap;
        } else {
            out += bytes;
            column = p == U'\n' || p == U'\r' ? 0 : column + 1;
        }
        if (out.size() > r.options().limits.value_bytes)
            throw heap_exhausted();
    });
    return r.text(out);
}
value swapcase(renderer& r, const call_of& c)
{
    std::string out;
    for_each_code_point(self(c), [&](sv bytes, char32_t p) { out += lower_of(p) != p ? lower(bytes) : upper(bytes); });
    return r.text(out);
}
template <class Is>
bool every(sv s, Is is)
{
    bool all = !s.empty();
    for_each_code_point(s, [&](sv, char32_t p) { all = all && is(p); });
    return all;
}
bool digit(char32_t p) { return p >= U'0' && p <= U'9'; }
bool letter(char32_t p)
{
    return p >= 0xAA
               ? p != 0xAB && p != 0xBB && p != 0xD7 && p != 0xF7 && !(p >= 0x2000 && p < 0x2C00) && !(p >= 0x3000 && p < 0x3005)
               : upper_of(p) != p || lower_of(p) != p;
}
value isdigit(renderer&, const call_of& c) { return every(self(c), digit); }
value isalpha(renderer&, const call_of& c) { return every(self(c), letter); }
value isalnum(renderer&, const call_of& c)
{
    return every(self(c), [](char32_t p) { return digit(p) || letter(p); });
}
value isspace(renderer&, const call_of& c)
{
    return every(self(c), [](char32_t p) { return is_blank(p); });
}
value isascii(renderer&, const call_of& c)
{
    return self(c).empty() || every(self(c), [](char32_t p) { return p < 0x80; });
}
value isupper(renderer&, const call_of& c) { return upper(self(c)) == self(c) && lower(self(c)) != self(c); }
value islower(renderer&, const call_of& c) { return lower(self(c)) == self(c) && upper(self(c)) != self(c); }
template <int Side>
value justify(renderer& r, const call_of& c)
{
    const auto width = r.integer(needed(r, c), "width");
    const auto fill = c[2] ? r.text_of(*c[2], "fill") : Side == 2 ? sv("0") : sv(" ");
    const auto pad = width - static_cast<std::int64_t>(count_code_points(self(c)));
    if (pad <= 0)
        return self(c);
    if (pad > static_cast<std::int64_t>(r.options().limits.value_bytes))
        throw heap_exhausted();
    const auto left = Side < 0 ? 0 : Side > 0 ? pad : pad / 2 + (pad & width & 1);
    std::string out;
    auto s = self(c);
    if (Side == 2 && (s.starts_with('-') || s.starts_with('+'))) {
        out = s.substr(0, 1);
        s.remove_prefix(1);
    }
    for (std::int64_t i = 0; i < left; ++i)
        out += fill;
    out += s;
    for (auto i = left; i < pad; ++i)
        out += fill;
    return r.text(out);
}
template <bool Last>
value partition(renderer& r, const call_of& c)
{
    const auto s = self(c);
    const auto by = r.text_of(needed(r, c), "the separator");
    const auto at = Last ? s.rfind(by) : s.find(by);
    auto* out = r.memory.list(3, true);
    const bool found = at != sv::npos;
    for (const auto part : {found  ? s.substr(0, at)
                            : Last ? sv("")
                                   : s,
                            found ? by : sv(""),
                            found  ? s.substr(at + by.size())
                            : Last ? s
                                   : sv("")})
        r.memory.push(*out, value(part));
    return out;
}
template <bool Map>
value format(renderer& r, const call_of& c)
{
    const auto s = c.subject().text();
    if (Map && (c.positional.size() != 2 || !c.positional[1].is_dict()))
        r.fail("format_map takes a dict");
    std::string out;
    std::size_t next = 1;
    bool by_number = false;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if ((s[i] == '{' || s[i] == '}') && i + 1 < s.size() && s[i + 1] == s[i]) {
            out += s[i++];
            continue;
        }
        if (s[i] != '{' && s[i] != '}') {
            out += s[i];
            continue;
        }
        const auto close = s.find('}', i);
        if (s[i] == '}' || close == sv::npos)
            r.fail("a brace of a format stands alone");
        const auto inside = s.substr(i + 1, close - i - 1);
        const auto field = inside.substr(0, inside.find_first_of("!:"));
        const auto root = field.substr(0, field.find_first_of(".["));
        value v;
        bool known = true;
        if (Map) {
            known = find(c.positional[1], root, v);
        } else if (root.empty() || root.find_first_not_of("0123456789") == sv::npos) {
            by_number = by_number || !root.empty();
            if (by_number && (next > 1 || root.empty()))
                r.fail("a format numbers all of its fields or none");
            const auto n =
                root.empty()
                    ? next++
                    : 1 + static_cast<std::size_t>(std::min<long long>(1 << 20, std::stoll(std::string(root.substr(0, 8)))));
            known = n < c.positional.size();
            v = known ? c.positional[n] : v;
        } else {
            known = false;
            for (const auto& n : c.named)
                if (n.name == root) {
                    known = true;
                    v = n.held;
                }
        }
        if (!known)
            r.fail("a field of a format has no value");
        for (auto rest = field.substr(root.size()); !rest.empty();) {
            const bool dot = rest.front() == '.';
            const auto end = dot ? std::min(rest.find_first_of(".[", 1), rest.size()) : rest.find(']');
            if (end == sv::npos)
                r.fail("a bracket of a format is never closed");
            const auto key = rest.substr(1, end - 1);
            const bool digits = !dot && !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == sv::npos;
            v = digits ? r.at_index(v, value(static_cast<std::int64_t>(std::stoll(std::string(key))))) : r.at_index(v, value(key));
            rest.remove_prefix(dot ? end : end + 1);
        }
        const auto colon = inside.find(':');
        const auto begin = out.size();
        if (inside.size() == field.size())
            r.append_str(out, v);
        else
            append_formatted(out, prompt_value(v.is_number() || v.is_text() ? r.to_json(v) : json::value(json::string(r.str(v)))),
                             inside[field.size()] == '!' && field.size() + 1 < inside.size() ? inside[field.size() + 1] : '\0',
                             parse_format_spec(colon == sv::npos ? sv() : inside.substr(colon + 1)));
        if (c.subject().is_markup() && !v.is_markup()) {
            const value shown(r.memory.copy(std::string_view(out).substr(begin)));
            out.replace(begin, std::string::npos, r.run_filter("forceescape", {&shown, 1}, {}).text());
        }
        i = close;
    }
    return c.subject().is_markup() ? value::markup(r.memory.copy(out)) : r.text(out);
}

constexpr builtin_entry table[] = {
    {"capitalize", "", by_filter<n_capitalize>},
    {"casefold", "", by_filter<n_lower>},
    {"center", "width fillchar", justify<0>},
    {"count", "sub start end", count_text},
    {"endswith", "suffix start end", affix<true>},
    {"expandtabs", "tabsize", expandtabs},
    {"find", "sub start end", find_text<false, false>},
    {"format", "*", format<false>},
    {"format_map", "*", format<true>},
    {"index", "sub start end", find_text<false, true>},
    {"isalnum", "", isalnum},
    {"isalpha", "", isalpha},
    {"isascii", "", isascii},
    {"isdecimal", "", isdigit},
    {"isdigit", "", isdigit},
    {"islower", "", islower},
    {"isnumeric", "", isdigit},
    {"isspace", "", isspace},
    {"istitle", "", istitle},
    {"isupper", "", isupper},
    {"join", "iterable", join},
    {"ljust", "width fillchar", justify<-1>},
    {"lower", "", by_filter<n_lower>},
    {"lstrip", "chars", strip<true, false>},
    {"partition", "sep", partition<false>},
    {"removeprefix", "prefix", remove_affix<false>},
    {"removesuffix", "suffix", remove_affix<true>},
    {"replace", "*", by_filter<n_replace>},
    {"rfind", "sub start end", find_text<true, false>},
    {"rindex", "sub start end", find_text<true, true>},
    {"rjust", "width fillchar", justify<1>},
    {"rpartition", "sep", partition<true>},
    {"rsplit", "sep maxsplit", split<true>},
    {"rstrip", "chars", strip<false, true>},
    {"split", "sep maxsplit", split<false>},
    {"splitlines", "keepends", splitlines},
    {"startswith", "prefix start end", affix<false>},
    {"strip", "chars", strip<true, true>},
    {"swapcase", "", swapcase},
    {"title", "", title},
    {"upper", "", by_filter<n_upper>},
    {"zfill", "width", justify<2>},
};

}  // namespace

const builtin_entry* find_text_method(std::string_view name) noexcept
{
    for (const auto& e : table)
        if (e.name == name)
            return &e;
    return nullptr;
}

}  // namespace zincir::detail::jinja

#include "../characters.hpp"
#include "../code_points.hpp"
#include "renderer.hpp"
#include "wrapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>

namespace zincir::detail::jinja {
namespace {

template <class Out>
void append_escaped(Out& out, std::string_view text)
{
    for (const char ch : text)
        switch (ch) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&#34;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += ch;
        }
}
value f_forceescape(renderer& r, const call_of& c)
{
    auto out = r.make_text();
    const auto text = r.str(*c[0]);
    r.work(text.size() * 4);
    append_escaped(out, text);
    return value::markup(out.finish());
}
value f_escape(renderer& r, const call_of& c) { return c[0]->is_markup() ? *c[0] : f_forceescape(r, c); }
value f_safe(renderer& r, const call_of& c) { return value::markup(r.str(*c[0])); }
value f_pprint(renderer& r, const call_of& c) { return pretty_printed(r, *c[0]); }
// The character that an entity without its & and ; stands for: those of XML, and numbers.
std::optional<char32_t> entity(std::string_view name)
{
    constexpr std::pair<std::string_view, char32_t> known[] = {{"amp", U'&'},  {"lt", U'<'},    {"gt", U'>'},
                                                               {"quot", U'"'}, {"apos", U'\''}, {"nbsp", 0xA0}};
    for (const auto& [word, point] : known)
        if (name == word)
            return point;
    if (!name.starts_with('#'))
        return std::nullopt;
    name.remove_prefix(1);
    const bool hexadecimal = name.starts_with('x') || name.starts_with('X');
    name.remove_prefix(hexadecimal ? 1 : 0);
    std::uint32_t point = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), point, hexadecimal ? 16 : 10);
    const bool valid = fault == std::errc() && end == name.data() + name.size() && point > 0 && point <= 0x10FFFF &&
                       !(point >= 0xD800 && point <= 0xDFFF);
    return valid ? std::optional(static_cast<char32_t>(point)) : std::nullopt;
}
// What stands between `open` and `close` left out, with them.
std::string_view left_out(renderer& r, std::string_view s, std::string_view open, std::string_view close)
{
    auto out = r.make_text();
    for (auto at = s.find(open); at != std::string_view::npos; at = s.find(open)) {
        const auto end = s.find(close, at);
        if (end == std::string_view::npos)
            break;
        out += s.substr(0, at);
        s.remove_prefix(end + close.size());
    }
    out += s;
    return out.finish();
}
std::string_view joined_words(renderer& r, std::string_view s)
{
    auto out = r.make_text();
    bool gap = false;
    for_each_code_point(stripped(s), [&](std::string_view bytes, char32_t p) {
        if (is_space(p)) {
            gap = true;
            return;
        }
        out += gap ? " " : "";
        gap = false;
        out += bytes;
    });
    return out.finish();
}
value f_striptags(renderer& r, const call_of& c)
{
    const auto text = r.str(*c[0]);
    r.work(text.size() * 8);
    const auto s = joined_words(r, left_out(r, left_out(r, text, "<!--", "-->"), "<", ">"));
    auto out = r.make_text();
    for (std::size_t i = 0; i < s.size();) {
        const auto end = s[i] == '&' ? s.substr(i, 12).find(';') : std::string_view::npos;
        const auto point = end != std::string_view::npos ? entity(s.substr(i + 1, end - 1)) : std::nullopt;
        std::string one;
        if (point)
            append_code_point(one, *point);
        out += point ? std::string_view(one) : s.substr(i, 1);
        i += point ? end + 1 : 1;
    }
    return out.finish();
}
void append_url(renderer& r, text_maker& out, std::string_view s, std::string_view safe, bool query = false)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    r.work(s.size() * 8);
    for (const char ch : s) {
        const bool plain = (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
        if (plain || std::string_view("_.-~").find(ch) != std::string_view::npos || safe.find(ch) != std::string_view::npos)
            out += ch;
        else if (query && ch == ' ')
            out += '+';
        else
            ((out += '%') += digits[static_cast<unsigned char>(ch) >> 4]) += digits[static_cast<unsigned char>(ch) & 15];
    }
}
value f_urlencode(renderer& r, const call_of& c)
{
    auto out = r.make_text();
    if (c[0]->is_text() || !(c[0]->is_dict() || c[0]->is_list())) {
        append_url(r, out, r.str(*c[0]), "/");
        return out.finish();
    }
    for (std::size_t i = 0; i < count(*c[0]); ++i) {
        const auto pair = c[0]->is_dict() ? value() : r.sequence(item(*c[0], i));
        if (!c[0]->is_dict() && count(pair) != 2)
            r.fail("urlencode takes pairs");
        const auto m = c[0]->is_dict() ? member_at(*c[0], i) : member{item(pair, 0), item(pair, 1)};
        out += i ? "&" : "";
        r.step();
        append_url(r, out, r.str(m.key), "", true);
        out += '=';
        append_url(r, out, r.str(m.held), "", true);
    }
    return out.finish();
}
value f_xmlattr(renderer& r, const call_of& c)
{
    if (!c[0]->is_dict())
        r.fail("xmlattr takes a dict");
    auto out = r.make_text();
    for (std::size_t i = 0; i < count(*c[0]); ++i) {
        r.step();
        const auto m = member_at(*c[0], i);
        if (m.held.is(kind::none) || m.held.is_undefined())
            continue;
        const auto key = r.text_of(m.key, "the name of an attribute");
        if (key.find_first_of(" \t\n\r\f\v/>=") != std::string_view::npos)
            r.fail("an attribute's name holds a blank, / , > or =");
        r.work(key.size() * 8);
        out += out.size() == 0 && c[1] && !truthy(*c[1]) ? "" : " ";
        out += r.escaped(m.key);
        out += "=\"";
        out += r.escaped(m.held);
        out += '"';
    }
    const auto made = out.finish();
    return r.options().escape_html ? value::markup(made) : value(made);
}

// What urlize takes for a link: the grammar of jinja2.utils.urlize.
bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80);
}
bool all_of(std::string_view s, std::size_t least, std::size_t most, bool (*is)(char))
{
    return s.size() >= least && s.size() <= most && std::all_of(s.begin(), s.end(), is);
}
bool is_label(std::string_view s, std::size_t least, std::size_t most)
{
    return all_of(s, least, most, [](char c) { return is_word(c) || c == '%' || c == '-'; });
}
bool is_digits(std::string_view s, std::size_t most)
{
    return all_of(s, 1, most, [](char c) { return c >= '0' && c <= '9'; });
}
bool is_address(std::string_view host)
{
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        const auto inside = host.substr(1, host.size() - 2);
        const bool fits = all_of(
            inside, 2, 39, [](char c) { return c == ':' || is_digits({&c, 1}, 1) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); });
        return fits && std::count(inside.begin(), inside.end(), ':') >= 2;
    }
    std::size_t parts = 0;
    for (;; ++parts) {
        const auto part = host.substr(0, host.find('.'));
        if (!is_digits(part, 3))
            return false;
        if (part.size() == host.size())
            return parts == 3;
        host.remove_prefix(part.size() + 1);
    }
}
bool is_link(std::string_view whole)
{
    auto lowered = std::string(whole);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string_view s = lowered;
    const bool scheme = s.starts_with("http://") || s.starts_with("https://");
    if (scheme)
        s.remove_prefix(s.find("//") + 2);
    const bool www = !scheme && s.starts_with("www.");
    auto host = s.substr(0, s.find_first_of("/?#"));
    if (const auto colon = host.rfind(':'); colon != std::string_view::npos && is_digits(host.substr(colon + 1), 5))
        host = host.substr(0, colon);
    if (scheme && is_address(host))
        return true;
    const auto dot = host.rfind('.');
    const auto top = host.substr(dot == std::string_view::npos ? 0 : dot + 1);
    for (auto rest = host.substr(0, host.size() - top.size()); !rest.empty();) {
        const auto label = rest.substr(0, rest.find('.'));
        if (!is_label(label, scheme || www ? 1 : 2, scheme || www ? rest.size() : 63))
            return false;
        rest.remove_prefix(label.size() + 1);
    }
    if (scheme || www)
        return all_of(top, 2, 63, [](char c) { return c >= 'a' && c <= 'z'; }) ||
               (top.starts_with("xn--") && all_of(top.substr(4), 2, 59, [](char c) { return is_word(c) || c == '%'; }));
    constexpr std::string_view known[] = {"com", "net", "int", "edu", "gov", "org", "info", "mil"};
    return dot != std::string_view::npos && std::find(std::begin(known), std::end(known), top) != std::end(known);
}
bool is_email(std::string_view s)
{
    // Behind another @ there would be one in the host.
    const auto at = s.rfind('@');
    if (at == std::string_view::npos || at == 0)
        return false;
    const auto host = s.substr(at + 1);
    const auto dot = host.rfind('.');
    const auto fits = [](char c) { return is_word(c) || c == '.' || c == '-'; };
    return dot != std::string_view::npos && dot > 0 && is_word(host.front()) && std::all_of(host.begin(), host.end(), fits) &&
           all_of(host.substr(dot + 1), 1, host.size(), is_word);
}
std::size_t occurrences(std::string_view s, std::string_view part)
{
    std::size_t n = 0;
    for (auto at = s.find(part); at != std::string_view::npos; at = s.find(part, at + part.size()))
        ++n;
    return n;
}
struct url_options {
    std::int64_t limit;
    std::string attributes;
    std::vector<std::string_view> schemes;
};
std::string linked(std::string_view word, const url_options& o)
{
    const auto take_any = [](std::string_view s, std::initializer_list<std::string_view> marks, bool front) {
        for (const auto m : marks)
            if (front ? s.starts_with(m) : s.ends_with(m))
                return m.size();
        return std::size_t{0};
    };
    auto middle = word;
    while (const auto n = take_any(middle, {"(", "<", "&lt;"}, true))
        middle.remove_prefix(n);
    const auto head = word.substr(0, word.size() - middle.size());
    while (const auto n = take_any(middle, {")", ">", ".", ",", "&gt;"}, false))
        middle.remove_suffix(n);
    auto tail = word.substr(head.size() + middle.size());
    constexpr std::pair<std::string_view, std::string_view> brackets[] = {{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}};
    for (const auto& [open, close] : brackets) {
        const auto opened = occurrences(middle, open);
        if (opened <= occurrences(middle, close))
            continue;
        for (auto n = std::min(opened, occurrences(tail, close)); n > 0; --n) {
            const auto more = tail.find(close) + close.size();
            middle = {middle.data(), middle.size() + more};
            tail.remove_prefix(more);
        }
    }
    const auto link = [&](std::string_view prefix, std::string_view attributes, std::string_view shown) {
        return fmt::format("<a href=\"{}{}\"{}>{}</a>", prefix, middle, attributes, shown);
    };
    std::string made(middle);
    if (is_link(middle)) {
        auto shown = std::string(middle);
        if (o.limit >= 0 && static_cast<std::int64_t>(count_code_points(middle)) > o.limit)
            shown = std::string(first_code_points(middle, static_cast<std::size_t>(o.limit))) + "...";
        made = link(middle.starts_with("https://") || middle.starts_with("http://") ? "" : "https://", o.attributes, shown);
    } else if (middle.starts_with("mailto:") && is_email(middle.substr(7))) {
        made = link("", "", middle.substr(7));
    } else if (!middle.starts_with("www.") && !middle.starts_with('@') && middle.find(':') == std::string_view::npos &&
               is_email(middle)) {
        made = link("mailto:", "", middle);
    } else {
        for (const auto scheme : o.schemes)
            if (middle != scheme && middle.starts_with(scheme))
                made = link("", o.attributes, middle);
    }
    return std::string(head) + made + std::string(tail);
}
value f_urlize(renderer& r, const call_of& c)
{
    const auto given = [&](std::size_t i) { return c[i] && !c[i]->is(kind::none); };
    url_options o{given(1) ? std::max<std::int64_t>(0, r.integer(*c[1], "trim_url_limit")) : -1, {}, {}};
    std::vector<std::string> relations{"noopener"};
    if (given(2) && truthy(*c[2]))
        relations.emplace_back("nofollow");
    for (auto rest = given(4) ? r.str(*c[4]) : std::string_view(); !rest.empty();) {
        const auto one = rest.substr(0, rest.find(' '));
        if (!one.empty())
            relations.emplace_back(one);
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    std::sort(relations.begin(), relations.end());
    relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
    std::string all;
    for (const auto& one : relations)
        append_escaped(all += all.empty() ? "" : " ", one);
    o.attributes = " rel=\"" + all + "\"";
    if (given(3)) {
        append_escaped(o.attributes += " target=\"", r.str(*c[3]));
        o.attributes += '"';
    }
    const auto schemes = given(5) ? r.sequence(*c[5]) : value(r.memory.list(0));
    for (std::size_t i = 0; i < count(schemes); ++i) {
        const auto scheme = r.text_of(item(schemes, i), "a scheme");
        const auto colon = scheme.find(':');
        if (colon == std::string_view::npos || colon < 2 ||
            scheme.substr(colon + 1).find_first_not_of('/') != std::string_view::npos || scheme.size() - colon > 3)
            r.fail("\"" + std::string(scheme) + "\" is no URI scheme: it ends with a colon");
        o.schemes.push_back(scheme);
    }
    auto out = r.make_text();
    const auto safe = r.run_filter("escape", {c[0], 1}, {}).text();
    r.work(safe.size() * 32);
    constexpr std::string_view gaps = " \t\r\n\v\f";
    for (std::size_t i = 0; i < safe.size();) {
        const auto word = std::min(safe.find_first_not_of(gaps, i), safe.size());
        const auto end = std::min(safe.find_first_of(gaps, word), safe.size());
        r.step(8 + o.schemes.size() / 4);
        out += safe.substr(i, word - i);
        out += linked(safe.substr(word, end - word), o);
        i = end;
    }
    const auto made = out.finish();
    return r.options().escape_html ? value::markup(made) : value(made);
}

constexpr builtin_entry table[] = {
    {"e", "", f_escape},
    {"escape", "", f_escape},
    {"forceescape", "", f_forceescape},
    {"pprint", "verbose", f_pprint},
    {"safe", "", f_safe},
    {"striptags", "", f_striptags},
    {"urlencode", "", f_urlencode},
    {"urlize", "trim_url_limit nofollow target rel extra_schemes", f_urlize},
    {"xmlattr", "autospace", f_xmlattr},
};

}  // namespace

std::span<const builtin_entry> markup_filters() noexcept { return table; }

}  // namespace zincir::detail::jinja

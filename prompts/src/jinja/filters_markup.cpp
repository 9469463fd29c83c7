#include "../code_points.hpp"
#include "renderer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace zincir::detail::jinja {
namespace {

void append_escaped(std::string& out, std::string_view text)
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
value marked(renderer& r, std::string_view made) { return value::markup(r.memory.copy(made)); }
value f_forceescape(renderer& r, const call_of& c)
{
    std::string out;
    append_escaped(out, r.str(*c[0]));
    return marked(r, out);
}
value f_escape(renderer& r, const call_of& c) { return c[0]->is_markup() ? *c[0] : f_forceescape(r, c); }
value f_safe(renderer& r, const call_of& c) { return value::markup(r.str(*c[0])); }
value f_pprint(renderer& r, const call_of& c)
{
    std::string out;
    r.append_repr(out, *c[0]);
    return r.text(out);
}
value f_striptags(renderer& r, const call_of& c)
{
    std::string out;
    const auto s = r.str(*c[0]);
    bool gap = false;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '<') {
            const auto close = s.substr(i).starts_with("<!--") ? s.find("-->", i) : s.find('>', i);
            if (close != std::string_view::npos) {
                i = close + (s.substr(i).starts_with("<!--") ? 2 : 0);
                continue;
            }
        }
        if (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
            gap = true;
            continue;
        }
        if (gap && !out.empty())
            out += ' ';
        gap = false;
        out += s[i];
    }
    return r.text(out);
}
void append_url(std::string& out, std::string_view s, std::string_view safe)
{
    for (const char ch : s) {
        const bool plain = (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
        if (plain || std::string_view("_.-~").find(ch) != std::string_view::npos || safe.find(ch) != std::string_view::npos)
            out += ch;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(ch));
    }
}
value f_urlencode(renderer& r, const call_of& c)
{
    std::string out;
    if (c[0]->is_text() || !(c[0]->is_dict() || c[0]->is_list())) {
        append_url(out, r.str(*c[0]), "/");
        return r.text(out);
    }
    for (std::size_t i = 0; i < count(*c[0]); ++i) {
        const auto pair = c[0]->is_dict() ? value() : r.sequence(item(*c[0], i));
        if (!c[0]->is_dict() && count(pair) != 2)
            r.fail("urlencode takes pairs");
        const auto m = c[0]->is_dict() ? member_at(*c[0], i) : member{item(pair, 0), item(pair, 1)};
        out += i ? "&" : "";
        append_url(out, r.str(m.key), "");
        out += '=';
        append_url(out, r.str(m.held), "");
    }
    return r.text(out);
}
value f_xmlattr(renderer& r, const call_of& c)
{
    if (!c[0]->is_dict())
        r.fail("xmlattr takes a dict");
    std::string out;
    for (std::size_t i = 0; i < count(*c[0]); ++i) {
        const auto m = member_at(*c[0], i);
        if (m.held.is(kind::none) || m.held.is_undefined())
            continue;
        const auto key = r.str(m.key);
        if (key.find_first_of(" \t\n\r\f\v/>=") != std::string_view::npos)
            r.fail("an attribute's name holds a blank, / , > or =");
        out += out.empty() && c[1] && !truthy(*c[1]) ? "" : " ";
        append_escaped(out, key);
        out += "=\"";
        append_escaped(out, r.str(m.held));
        out += '"';
    }
    return marked(r, out);
}

struct json_writer {
    renderer& r;
    std::string indent{};
    bool indented = false, ascii = false, sorted = false;
    std::string_view comma = ", ", colon = ": ";
    std::string out{};

    void text(std::string_view s)
    {
        out += '"';
        r.work(s.size() * 4);
        for_each_code_point(s, [&](std::string_view bytes, char32_t p) {
            switch (p) {
                case U'"':
                    out += "\\\"";
                    break;
                case U'\\':
                    out += "\\\\";
                    break;
                case U'\n':
                    out += "\\n";
                    break;
                case U'\r':
                    out += "\\r";
                    break;
                case U'\t':
                    out += "\\t";
                    break;
                case U'\b':
                    out += "\\b";
                    break;
                case U'\f':
                    out += "\\f";
                    break;
                default:
                    if (p < 0x20 || (ascii && p > 0x7E && p <= 0xFFFF))
                        out += fmt::format("\\u{:04x}", static_cast<unsigned>(p));
                    else if (ascii && p > 0xFFFF)
                        out += fmt::format("\\u{:04x}\\u{:04x}", static_cast<unsigned>(0xD800 + ((p - 0x10000) >> 10)),
                                           static_cast<unsigned>(0xDC00 + ((p - 0x10000) & 0x3FF)));
                    else
                        out += bytes;
            }
        });
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
            r.append_repr(out, v);
        else
            r.fail("a value of the type " + std::string(type_name(v)) + " cannot be written as JSON");
    }
    void line(unsigned depth)
    {
        if (!indented)
            return;
        out += '\n';
        for (unsigned i = 0; i < depth; ++i)
            out += indent;
    }
    void write(const value& v, unsigned depth)
    {
        r.step();
        if (depth >= max_value_depth || out.size() > r.options().limits.value_bytes)
            r.fail("a value is too large or too deep to be written as JSON", errc::limit_exceeded);
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
        std::vector<member> members;
        for (std::size_t i = 0; v.is_dict() && i < n; ++i)
            members.push_back(member_at(v, i));
        if (sorted)
            std::stable_sort(members.begin(), members.end(),
                             [&](const auto& a, const auto& b) { return r.ordered(a.key, b.key) < 0; });
        for (std::size_t i = 0; i < n; ++i) {
            if (i)
                out += comma;
            line(depth + 1);
            if (v.is_list()) {
                write(item(v, i), depth + 1);
                continue;
            }
            if (members[i].key.is_text()) {
                text(members[i].key.text());
            } else {
                out += '"';
                scalar(members[i].key);
                out += '"';
            }
            out += colon;
            write(members[i].held, depth + 1);
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
            if (n.name == name)
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
        if (n.name != "indent" && n.name != "ensure_ascii" && n.name != "separators" && n.name != "sort_keys")
            r.fail("tojson has no parameter \"" + std::string(n.name) + "\"");
    w.ascii = html || truthy(ascii);
    w.sorted = html || truthy(sorted);
    w.indented = !given_indent.is(kind::none) && !given_indent.is_undefined();
    if (given_indent.is_text())
        w.indent = given_indent.text();
    else if (w.indented)
        w.indent = std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(r.integer(given_indent, "indent"), 0, 1000)), ' ');
    if (w.indented)
        w.comma = ",";
    if (separators.is_list() && count(separators) == 2) {
        w.comma = r.str(item(separators, 0));
        w.colon = r.str(item(separators, 1));
    }
    w.write(c.subject(), 0);
    if (!html)
        return r.text(w.out);
    std::string safe;
    for (const char ch : w.out)
        safe += ch == '<' ? "\\u003c" : ch == '>' ? "\\u003e" : ch == '&' ? "\\u0026" : ch == '\'' ? "\\u0027" : std::string(1, ch);
    return marked(r, safe);
}

constexpr builtin_entry table[] = {
    {"e", "", f_escape},
    {"escape", "", f_escape},
    {"forceescape", "", f_forceescape},
    {"pprint", "verbose", f_pprint},
    {"safe", "", f_safe},
    {"striptags", "", f_striptags},
    {"tojson", "*", f_tojson},
    {"urlencode", "", f_urlencode},
    {"xmlattr", "autospace", f_xmlattr},
};

}  // namespace

std::span<const builtin_entry> markup_filters() noexcept { return table; }

}  // namespace zincir::detail::jinja

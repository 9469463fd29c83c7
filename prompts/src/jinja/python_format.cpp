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

constexpr auto most = static_cast<std::size_t>(INT32_MAX);  // of a width or precision; what is made is bounded by value_bytes

// Of a text that is copied a few times on its way.
void take_room(renderer& r, std::size_t bytes)
{
    if (bytes > r.memory.room() / 8)
        throw heap_exhausted();
    r.work(bytes * 8);
}

// What `f` throws, with a place.
template <class F>
auto placed(renderer& r, F f)
{
    try {
        return f();
    } catch (const error& e) {
        r.fail("a format does not fit: " + e.facts().message, static_cast<errc>(e.code().value()));
    }
}

std::string fill_of(const format_spec& spec)
{
    std::string fill;
    append_code_point(fill, spec.fill);
    return fill;
}

void append_padded(renderer& r, text_maker& out, std::string_view text, const format_spec& spec, char default_align)
{
    r.work(text.size());
    const auto pad = padding_of(text, spec, default_align);
    const auto fill = fill_of(spec);
    out.append(fill, pad.before);
    out += text;
    out.append(fill, pad.after);
}

void append_number(renderer& r, text_maker& out, number_parts number, const format_spec& spec)
{
    if (spec.grouping)
        take_room(r, spec.width);
    const auto made = filled_up(std::move(number), spec);
    const auto fill = fill_of(spec);
    out.append(fill, made.before);
    out += made.head;
    out.append(fill, made.inside);
    out += made.body;
    out.append(fill, made.after);
}

number_parts parts_of(renderer& r, const value& v, const format_spec& spec)
{
    // A real's digits are made one by one.
    r.step(8);
    if (spec.precision != format_spec::no_precision)
        take_room(r, spec.precision);
    return placed(r, [&] {
        if (v.is_natural())
            return integer_parts(false, v.natural(), spec);
        if (!v.is_integer())
            return real_parts(v.number(), spec);
        const auto bits = static_cast<std::uint64_t>(v.integer());
        return integer_parts(v.integer() < 0, v.integer() < 0 ? 0 - bits : bits, spec);
    });
}

// Python's format(v, spec).
void append_formatted(renderer& r, text_maker& out, const value& v, std::string_view text)
{
    if (text.empty()) {
        out += r.str(v);
        return;
    }
    if (!v.is_text() && !v.is_number())
        r.fail("a value of the type " + std::string(type_name(v)) + " takes no format");
    const auto spec = placed(r, [&] { return parse_format_spec(text, {most, most}); });
    if (v.is_text())
        append_padded(r, out, placed(r, [&] { return text_part(v.text(), spec); }), spec, '<');
    else
        append_number(r, out, parts_of(r, v, spec), spec);
}

std::string_view escaped(renderer& r, std::string_view text)
{
    const value v(text);
    return r.run_filter("forceescape", {&v, 1}, {}).text();
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

void append_percent_number(renderer& r, text_maker& out, const value& v, format_spec spec)
{
    const char type = spec.type;
    const bool whole = v.is_integer() || v.is_natural();
    const bool digits = type == 'o' || type == 'x' || type == 'X';
    if (!v.is_number() || (digits && !whole))
        r.fail((digits ? "an integer is needed for %" : "a number is needed for %") + std::string(1, type) +
               ", not a value of the type " + std::string(type_name(v)));
    if (std::string_view("eEfFgG").find(type) != std::string_view::npos)
        return append_number(r, out, parts_of(r, value(v.number()), spec), spec);
    if (!std::isfinite(v.number()))
        r.fail("a number that is not finite is no integer");
    if (!digits)
        spec.type = 'd';
    const auto least = std::exchange(spec.precision, format_spec::no_precision);
    auto parts = whole ? parts_of(r, v, spec) : parts_of(r, value(std::trunc(v.number())), {.type = 'f', .precision = 0});
    parts.negative = parts.negative && !(v.number() > -1);
    if (least != format_spec::no_precision && least > parts.digits.size()) {
        take_room(r, least);
        parts.digits.insert(0, least - parts.digits.size(), '0');
    }
    append_number(r, out, std::move(parts), spec);
}

// %s, %r, %a and %c of a value.
std::string_view percent_text(renderer& r, const value& v, char type)
{
    if (type == 's')
        return r.str(v);
    if (type == 'c' && v.is_text() && count_code_points(v.text()) == 1)
        return v.text();
    std::string shown;
    if (type != 'c')
        r.append_repr(shown, v, 0, type == 'a');
    else if (v.is_integer() || v.is_natural())
        shown = parts_of(r, v, {.type = 'c'}).rest;
    else
        r.fail("%c takes a character or its number");
    return r.memory.copy(shown);
}

// The flags, width and precision of a directive, and its type.
format_spec read_directive(renderer& r, std::string_view& s, percent_values& values)
{
    format_spec spec;
    bool left = false, zero = false;
    for (; !s.empty() && std::string_view("-+ #0").find(s.front()) != std::string_view::npos; s.remove_prefix(1)) {
        left = left || s.front() == '-';
        zero = zero || s.front() == '0';
        spec.alternate = spec.alternate || s.front() == '#';
        if (s.front() == '+' || (s.front() == ' ' && !spec.sign))
            spec.sign = s.front();
    }
    const auto size = [&]() -> std::int64_t {
        if (s.starts_with('*')) {
            s.remove_prefix(1);
            return r.integer(values.next(), "a width");
        }
        const auto n = take_number(s, most);
        if (n > most)
            r.fail("a number of a format is too large");
        return static_cast<std::int64_t>(n);
    };
    const auto width = std::clamp<std::int64_t>(size(), -INT32_MAX, INT32_MAX);
    left = left || width < 0;
    spec.width = static_cast<std::size_t>(std::abs(width));
    if (s.starts_with('.')) {
        s.remove_prefix(1);
        spec.precision = static_cast<std::size_t>(std::clamp<std::int64_t>(size(), 0, INT32_MAX));
    }
    if (!s.empty() && std::string_view("hlL").find(s.front()) != std::string_view::npos)
        s.remove_prefix(1);
    if (s.empty())
        r.fail("a format ends too early");
    if (!has("sracdiuoxXeEfFgG", s.front()))
        r.fail("the format %" + std::string(first_code_points(s, 1)) + " is not known");
    spec.type = s.front();
    s.remove_prefix(1);
    spec.align = left ? '<' : '>';
    if (zero && !left && !has("srac", spec.type)) {
        spec.align = '=';
        spec.fill = U'0';
    }
    return spec;
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
        const auto spec = read_directive(r, s, values);
        const auto v = values.next();
        if (!has("srac", spec.type)) {
            append_percent_number(r, out, v, spec);
            continue;
        }
        auto shown = percent_text(r, v, spec.type);
        if (text.is_markup() && !v.is_markup())
            shown = escaped(r, shown);
        append_padded(r, out, spec.type == 'c' ? shown : first_code_points(shown, spec.precision), spec, '>');
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
                append_field(out, s, depth);
            }
        }
        return out.finish();
    }

private:
    // Takes the field with its closing brace off `s`.
    void append_field(text_maker& out, std::string_view& s, unsigned depth)
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
        if (safe_ && v.is_markup() && !how && !whole_spec.empty())
            r.fail("a safe text takes no format in a safe one");
        const auto shown = how ? value(converted(v, how)) : v;
        if (!safe_ || (v.is_markup() && !how))
            return append_formatted(r, out, shown, whole_spec);
        auto unsafe = r.make_text();
        append_formatted(r, unsafe, shown, whole_spec);
        out += escaped(r, unsafe.finish());
    }

    std::string_view converted(const value& v, char how)
    {
        if (how == 's')
            return r.str(v);
        if (how != 'r' && how != 'a')
            r.fail("a conversion is !s, !r or !a");
        std::string shown;
        r.append_repr(shown, v, 0, how == 'a');
        return r.memory.copy(shown);
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

#include "../code_points.hpp"
#include "python_format.hpp"
#include "renderer.hpp"

#include <algorithm>
#include <cmath>

namespace zincir::detail::jinja {
namespace {

// The nearest double of a quotient of integers, as Python divides them.
double quotient(std::int64_t a, std::int64_t b) noexcept
{
    __extension__ using wide = unsigned __int128;
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    if (a > -exact && a < exact && b > -exact && b < exact)
        return static_cast<double>(a) / static_cast<double>(b);
    const bool negative = (a < 0) != (b < 0);
    const auto size = [](std::int64_t n) { return n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n); };
    if (a == 0)
        return b < 0 ? -0.0 : 0.0;
    const int shift = 63 + __builtin_clzll(size(a));
    const wide shifted = static_cast<wide>(size(a)) << shift;
    auto whole = shifted / size(b);
    bool rest = shifted % size(b) != 0;
    int exponent = -shift;
    // 64 bits and one for what is left over: enough to round once.
    while (whole >> 63 != 0) {
        rest = rest || (whole & 1) != 0;
        whole >>= 1;
        ++exponent;
    }
    const auto bits = static_cast<std::uint64_t>(whole << 1) | (rest ? 1U : 0U);
    const auto result = std::ldexp(static_cast<double>(bits), exponent - 1);
    return negative ? -result : result;
}

bool integer_operation(char code, std::int64_t a, std::int64_t b, std::int64_t& r)
{
    switch (code) {
        case '+':
            return !__builtin_add_overflow(a, b, &r);
        case '-':
            return !__builtin_sub_overflow(a, b, &r);
        case '*':
            return !__builtin_mul_overflow(a, b, &r);
        case 'f':
        case '%': {
            if (a == INT64_MIN && b == -1) {
                r = 0;
                return code == '%';
            }
            const auto rest = a % b;
            const bool off = rest != 0 && (rest < 0) != (b < 0);
            r = code == '%' ? rest + (off ? b : 0) : a / b - (off ? 1 : 0);
            return true;
        }
        default:
            break;
    }
    r = 1;
    for (; b > 0; b >>= 1) {
        if ((b & 1) != 0 && __builtin_mul_overflow(r, a, &r))
            return false;
        if (b > 1 && __builtin_mul_overflow(a, a, &a))
            return false;
    }
    return true;
}

}  // namespace

// By Python's rules for floats.
value renderer::real_arithmetic(char code, double x, double y) const
{
    if ((code == '/' || code == 'f' || code == '%') && y == 0)
        fail("a division by zero");
    switch (code) {
        case '+':
            return x + y;
        case '-':
            return x - y;
        case '*':
            return x * y;
        case '/':
            return x / y;
        case 'f':
        case '%': {
            auto rest = std::fmod(x, y);
            auto whole = (x - rest) / y;
            if (rest != 0 && (y < 0) != (rest < 0)) {
                rest += y;
                whole -= 1;
            } else if (rest == 0) {
                rest = std::copysign(0.0, y);
            }
            if (code == '%')
                return rest;
            if (whole == 0)
                return std::copysign(0.0, x / y);
            const auto below = std::floor(whole);
            return whole - below > 0.5 ? below + 1 : below;
        }
        default:
            break;
    }
    if (x == 0 && y < 0)
        fail("zero has no negative power");
    if (x < 0 && std::isfinite(x) && std::isfinite(y) && std::floor(y) != y)
        fail("a negative number has no such power among the real ones");
    const auto power = std::pow(x, y);
    if (std::isinf(power) && std::isfinite(x) && std::isfinite(y))
        fail("the result does not fit into a real number");
    return power;
}

value renderer::arithmetic(char code, const value& a, const value& b)
{
    if (a.is_undefined())
        missing_value(a);
    if (b.is_undefined() && !(code == '%' && a.is_text()))
        missing_value(b);
    if (a.is_integer() && b.is_integer() && code != '/' && !(code == '^' && b.integer() < 0)) {
        if ((code == 'f' || code == '%') && b.integer() == 0)
            fail("a division by zero");
        std::int64_t r = 0;
        if (!integer_operation(code, a.integer(), b.integer(), r))
            fail("the result does not fit into 64 bits");
        return r;
    }
    if (a.is_integer() && b.is_integer() && code == '/') {
        if (b.integer() == 0)
            fail("a division by zero");
        return quotient(a.integer(), b.integer());
    }
    const auto is_whole = [](const value& v) { return v.is_integer() || v.is_natural(); };
    if ((a.is_natural() || b.is_natural()) && is_whole(a) && is_whole(b) && code != '/')
        fail("an integer beyond 64 bits is not calculated with");
    if (a.is_number() && b.is_number())
        return real_arithmetic(code, a.number(), b.number());
    if (code == '+' && a.is_text() && b.is_text()) {
        if (a.is_markup() == b.is_markup()) {
            const auto all = memory.joined(a.text(), b.text());
            return a.is_markup() ? value::markup(all) : value(all);
        }
        const auto safe = [&](const value& v) { return v.is_markup() ? v.text() : run_filter("forceescape", {&v, 1}, {}).text(); };
        const auto left = safe(a);
        return value::markup(memory.joined(left, safe(b)));
    }
    const auto once = [](const value& v) { return v.is(kind::list) && v.list().once; };
    if (code == '*' && (once(a) || once(b)))
        fail("* takes no values of the types " + std::string(type_name(a)) + " and " + std::string(type_name(b)));
    const auto tuple = [](const value& v) { return v.is(kind::list) && v.list().tuple; };
    if (code == '+' && a.is_list() && b.is_list() && !once(a) && !once(b) && tuple(a) == tuple(b)) {
        auto* l = memory.list(count(a) + count(b), a.is(kind::list) && a.list().tuple);
        for (const auto& part : {a, b})
            for (std::size_t i = 0; i < count(part); ++i)
                memory.push(*l, item(part, i));
        step(l->size / 8);
        return l;
    }
    if (code == '*' && (b.is_text() || b.is_list()) && a.is_integer())
        return arithmetic(code, b, a);
    if (code == '*' && a.is_text() && b.is_integer()) {
        const auto times = static_cast<std::size_t>(std::max<std::int64_t>(0, b.integer()));
        const auto part = a.text();
        if (part.empty() || times == 0)
            return like(a, "");
        if (times > main_.options.limits.value_bytes / part.size())
            throw heap_exhausted();
        auto* to = memory.chars(times * part.size());
        for (std::size_t i = 0; i < times; ++i)
            std::copy(part.begin(), part.end(), to + i * part.size());
        work(times * part.size());
        const std::string_view all(to, times * part.size());
        return a.is_markup() ? value::markup(all) : value(all);
    }
    if (code == '*' && a.is_list() && b.is_integer()) {
        auto* l = memory.list(0, a.is(kind::list) && a.list().tuple);
        for (std::int64_t t = 0; t < b.integer() && count(a) > 0; ++t)
            for (std::size_t i = 0; i < count(a); ++i) {
                step();
                memory.push(*l, item(a, i));
            }
        return l;
    }
    if (code == '%' && a.is_text())
        return percent_formatted(*this, a, b);
    const auto shown = code == '^' ? std::string("**") : code == 'f' ? std::string("//") : std::string(1, code);
    fail(shown + " takes no values of the types " + std::string(type_name(a)) + " and " + std::string(type_name(b)));
}

int renderer::ordered(const value& a, const value& b)
{
    if (a.is_undefined())
        missing_value(a);
    if (b.is_undefined())
        missing_value(b);
    int order = 0;
    if (!compare(a, b, order, meter))
        fail("values of the types " + std::string(type_name(a)) + " and " + std::string(type_name(b)) + " have no order");
    return order;
}

bool renderer::compare_by(char code, const value& a, const value& b)
{
    if (a.is_text() && b.is_text() && (code == '=' || code == '!')) {
        work(std::min(a.text().size(), b.text().size()));
        return same_text(a.text(), b.text()) == (code == '=');
    }
    switch (code) {
        case '=':
        case '!':
            use(a);
            use(b);
            return same(a, b) == (code == '=');
        case 'i':
            return contains(b, a);
        case 'n':
            return !contains(b, a);
        default:
            break;
    }
    const auto order = ordered(a, b);
    if (order == unordered && a.is_number())
        return false;
    return code == '<' ? order < 0 : code == '>' ? order > 0 : code == 'l' ? order <= 0 : order >= 0;
}

bool renderer::contains(const value& in, const value& what)
{
    if (in.is_text()) {
        if (!what.is_text())
            fail("only a text can be in a text, not a value of the type " + std::string(type_name(what)));
        return search(in.text(), what.text()) != std::string_view::npos;
    }
    if (in.is_dict()) {
        value found;
        if (what.is_text())
            return find(in, what.text(), found, meter);
        return find(in, key(what), found, meter);
    }
    const auto all = sequence(in);
    use(what);
    for (std::size_t i = 0; i < count(all); ++i) {
        step();
        if (same(item(all, i), what))
            return true;
    }
    return false;
}

std::int64_t renderer::integer(const value& v, std::string_view what) const
{
    if (!v.is_integer())
        fail(std::string(what) + " is an integer, not a value of the type " + std::string(type_name(v)));
    return v.integer();
}

std::string_view renderer::text_of(const value& v, std::string_view what) const
{
    if (!v.is_text())
        fail(std::string(what) + " is a text, not a value of the type " + std::string(type_name(v)));
    return v.text();
}

value renderer::at_index(const value& of, const value& key)
{
    if (of.is_dict()) {
        value found;
        if (key.is_text() ? find(of, key.text(), found, meter) : hashable(key, meter) && find(of, key, found, meter))
            return found;
    } else if (key.is_integer() && !(of.is(kind::list) && of.list().once) && (of.is_list() || of.is(kind::range) || of.is_text())) {
        const auto size = static_cast<std::int64_t>(of.is_text() ? length(of) : count(of));
        const auto at = key.integer() < 0 ? key.integer() + size : key.integer();
        if (at < 0 || at >= size)
            return value::undefined(str(key), true);
        if (!of.is_text())
            return item(of, static_cast<std::size_t>(at));
        work(of.text().size() * 2);
        const auto before = first_code_points(of.text(), static_cast<std::size_t>(at)).size();
        const auto one = first_code_points(of.text().substr(before), 1);
        return of.is_markup() ? value::markup(one) : value(one);
    }
    if (key.is_text())
        return attribute(of, key.text());
    if (of.is_undefined())
        missing_value(of);
    return value::undefined(str(key), true);
}

const value& renderer::key(const value& v)
{
    if (v.is_undefined())
        use(v);
    if (!hashable(v, meter))
        fail("a value of the type " + std::string(type_name(v)) + " can be no key");
    return v;
}

void renderer::use_member(const value& of, std::string_view name) const
{
    fail("\"" + std::string(of.text()) + "\" has no value, so it has no \"" + std::string(name) + "\"", errc::missing_variable);
}

methods methods_called(std::string_view name) noexcept
{
    if (name.starts_with("__"))
        return {};
    return {find_text_method(name), find_list_method(name), find_dict_method(name)};
}

const builtin_entry* renderer::method_of(const value& of, std::string_view name, const methods& called)
{
    if (of.is_text())
        return called.of_text;
    if (of.is_dict())
        return called.of_dict;
    if (!of.is_list())
        return nullptr;
    const bool changeable = !of.is(kind::list) || (!of.list().tuple && !of.list().once);
    return changeable || name == "count" || name == "index" ? called.of_list : nullptr;
}

value renderer::attribute(const value& of, std::string_view name)
{
    methods called;
    if (of.is_text())
        called.of_text = find_text_method(name);
    else if (of.is_dict())
        called.of_dict = find_dict_method(name);
    else if (of.is_list())
        called.of_list = find_list_method(name);
    return attribute(of, name, called);
}

value renderer::attribute(const value& of, std::string_view name, const methods& called)
{
    if (of.is_undefined())
        use_member(of, name);
    if (name.starts_with("__"))
        return value::undefined(memory.copy(name), true);
    if (const auto* method = method_of(of, name, called)) {
        auto* m = memory.make<method_object>();
        *m = {{object_kind::method}, method, of};
        return static_cast<object*>(m);
    }
    value found;
    if (of.is_dict() && find(of, name, found, meter))
        return found;
    bool known = false;
    if (of.is(kind::object))
        found = member_of_object(of, name, known);
    return known ? found : value::undefined(memory.copy(name), true);
}

value renderer::member_of_object(const value& of, std::string_view name, bool& found)
{
    auto& o = of.held();
    value v;
    if (o.what == object_kind::name_space) {
        found = find(value(static_cast<namespace_object&>(o).members), name, v, meter);
    } else if (o.what == object_kind::loop) {
        v = loop_member(static_cast<loop_object&>(o), name, found);
    } else if (o.what == object_kind::macro) {
        const auto& m = static_cast<macro_object&>(o);
        const std::pair<std::string_view, bool> flags[] = {
            {"catch_kwargs", m.code->wants_kwargs}, {"catch_varargs", m.code->wants_varargs}, {"caller", m.code->wants_caller}};
        found = true;
        if (name == "name")
            return m.name.empty() ? value() : value(m.name);
        for (const auto& [flag, yes] : flags)
            if (name == flag)
                return yes;
        found = name == "arguments";
        auto* parameters = memory.list(0, true);
        for (const auto& p : m.code->named)
            memory.push(*parameters, value(p.name.text));
        return parameters;
    } else if (o.what == object_kind::self) {
        if (const auto at = blocks_.find(name); at != blocks_.end()) {
            found = true;
            v = block_of(at->first, 0, context_);
        }
    } else if (o.what == object_kind::block && name == "super") {
        const auto& b = static_cast<block_object&>(o);
        found = true;
        v = block_of(b.name, b.level + 1, b.around);
    } else if (o.what == object_kind::module) {
        if (const auto* b = exported(static_cast<module_object&>(o), name)) {
            found = true;
            v = b->held;
        }
    } else if (o.what == object_kind::cycler) {
        auto& c = static_cast<cycler_object&>(o);
        if (name == "current") {
            found = true;
            v = c.items->items[c.at];
        } else if (const auto* e = find_function("cycler." + std::string(name))) {
            found = true;
            auto* m = memory.make<method_object>();
            *m = {{object_kind::method}, e, of};
            v = static_cast<object*>(m);
        }
    }
    return v;
}

value renderer::loop_member(loop_object& l, std::string_view name, bool& found)
{
    found = true;
    if (same_text("index0", name))
        return value::size(l.index);
    if (same_text("index", name))
        return value::size(l.index + 1);
    if (same_text("first", name))
        return l.index == 0;
    if (same_text("last", name))
        return !has_item(l, l.index + 1);
    if (same_text("length", name))
        return value::size(loop_length(l));
    if (same_text("revindex", name))
        return static_cast<std::int64_t>(loop_length(l)) - static_cast<std::int64_t>(l.index);
    if (same_text("revindex0", name))
        return static_cast<std::int64_t>(loop_length(l)) - static_cast<std::int64_t>(l.index) - 1;
    if (same_text("depth", name))
        return value::size(l.depth + 1);
    if (same_text("depth0", name))
        return value::size(l.depth);
    if (same_text("previtem", name))
        return l.index > 0 ? loop_item(l, l.index - 1) : value::undefined("there is no previous item", true);
    if (same_text("nextitem", name))
        return has_item(l, l.index + 1) ? loop_item(l, l.index + 1) : value::undefined("there is no next item", true);
    if (const auto* e = find_function("loop." + std::string(name))) {
        auto* m = memory.make<method_object>();
        *m = {{object_kind::method}, e, value(static_cast<object*>(&l))};
        return static_cast<object*>(m);
    }
    found = false;
    return {};
}

}  // namespace zincir::detail::jinja

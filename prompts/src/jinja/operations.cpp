#include "../code_points.hpp"
#include "../format_spec.hpp"
#include "renderer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace zincir::detail::jinja {
namespace {

std::string real_text(double n)
{
    number_buffer buffer;
    return std::string(shortest_text(n, buffer));
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

value renderer::arithmetic(char code, const value& a, const value& b)
{
    if (a.is_undefined())
        missing_value(a);
    if (b.is_undefined())
        missing_value(b);
    if (a.is_integer() && b.is_integer() && code != '/' && !(code == '^' && b.integer() < 0)) {
        if ((code == 'f' || code == '%') && b.integer() == 0)
            fail("a division by zero");
        std::int64_t r = 0;
        if (!integer_operation(code, a.integer(), b.integer(), r))
            fail("the result does not fit into 64 bits");
        return r;
    }
    if (a.is_number() && b.is_number()) {
        const auto x = a.number();
        const auto y = b.number();
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
                return std::floor(x / y);
            case '%': {
                const auto rest = std::fmod(x, y);
                return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
            }
            default:
                return std::pow(x, y);
        }
    }
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
            return std::string_view("");
        if (times > main_.options.limits.value_bytes / part.size())
            throw heap_exhausted();
        auto* to = memory.chars(times * part.size());
        for (std::size_t i = 0; i < times; ++i)
            std::copy(part.begin(), part.end(), to + i * part.size());
        work(times * part.size());
        return std::string_view(to, times * part.size());
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
    if (code == '%' && a.is_text()) {
        auto* all = memory.list(2);
        memory.push(*all, a);
        if (b.is(kind::list) && b.list().tuple)
            for (std::size_t i = 0; i < count(b); ++i)
                memory.push(*all, item(b, i));
        else
            memory.push(*all, b);
        return run_filter("format", {all->items, all->size}, {});
    }
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
    if (!compare(a, b, order))
        fail("values of the types " + std::string(type_name(a)) + " and " + std::string(type_name(b)) + " have no order");
    return order;
}

bool renderer::compare_by(char code, const value& a, const value& b)
{
    if (a.is_text() && b.is_text())
        work(std::min(a.text().size(), b.text().size()));
    else
        step(std::min(count(a), count(b)) / 4);
    switch (code) {
        case '=':
        case '!':
            use(a);
            use(b);
            return equal(a, b) == (code == '=');
        case 'i':
            return contains(b, a);
        case 'n':
            return !contains(b, a);
        default:
            break;
    }
    const auto order = ordered(a, b);
    if (order == 2 && !a.is_text())
        return false;
    return code == '<' ? order < 0 : code == '>' ? order > 0 : code == 'l' ? order <= 0 : order >= 0;
}

bool renderer::contains(const value& in, const value& what)
{
    if (in.is_text()) {
        if (!what.is_text())
            fail("only a text can be in a text, not a value of the type " + std::string(type_name(what)));
        work(in.text().size());
        return in.text().find(what.text()) != std::string_view::npos;
    }
    if (in.is_dict()) {
        value found;
        step(in.is(kind::dict) ? count(in) / 8 : 0);
        return find(in, what, found);
    }
    const auto all = sequence(in);
    use(what);
    for (std::size_t i = 0; i < count(all); ++i) {
        step();
        if (equal(item(all, i), what))
            return true;
    }
    return false;
}

value renderer::sequence(const value& v)
{
    if (v.is(kind::list) && v.list().once) {
        auto* all = memory.make<list_data>(v.list());
        all->once = false;
        v.list().size = 0;
        return all;
    }
    if (v.is_list() || v.is_dict() || v.is(kind::range))
        return v;
    if (v.is_undefined()) {
        use(v);
        return memory.list(0);
    }
    if (!v.is_text())
        fail("a value of the type " + std::string(type_name(v)) + " has no elements to go through");
    auto* l = memory.list(count_code_points(v.text()));
    for (auto rest = v.text(); !rest.empty();) {
        const auto one = first_code_points(rest, 1);
        memory.push(*l, value(one));
        rest.remove_prefix(one.size());
    }
    step(l->size / 8);
    return l;
}

std::size_t renderer::length(const value& v)
{
    if (v.is_text()) {
        work(v.text().size());
        return count_code_points(v.text());
    }
    if (v.is(kind::list) && v.list().once)
        fail("what a filter gives in turn has no length: make a list of it");
    return count(sequence(v));
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

std::string_view renderer::str(const value& v)
{
    if (v.is_text())
        return v.text();
    std::string made;
    append_str(made, v);
    return memory.copy(made);
}

void renderer::append_str(std::string& to, const value& v)
{
    if (v.is_text())
        to += v.text();
    else if (v.is_undefined())
        use(v);
    else
        append_repr(to, v);
}

void renderer::append_repr(std::string& to, const value& v, unsigned depth)
{
    step();
    // What a value that holds others many times over would come to, is found out before it fills the memory.
    if (to.size() > main_.options.limits.value_bytes + main_.options.limits.output_bytes)
        throw heap_exhausted();
    const auto each = [&](char open, char close) {
        if (depth >= max_value_depth)
            fail("a value is nested too deep to be written", errc::limit_exceeded);
        to += open;
        for (std::size_t i = 0; i < count(v); ++i) {
            to += i ? ", " : "";
            append_repr(to, item(v, i), depth + 1);
            if (v.is_dict()) {
                to += ": ";
                append_repr(to, member_at(v, i).held, depth + 1);
            }
        }
        if (close == ')' && count(v) == 1)
            to += ',';
        to += close;
    };
    switch (v.what()) {
        case kind::undefined:
            to += "Undefined";
            break;
        case kind::none:
            to += "None";
            break;
        case kind::boolean:
            to += v.integer() ? "True" : "False";
            break;
        case kind::integer:
            to += fmt::format_int(v.integer()).c_str();
            break;
        case kind::real:
            to += v.is_natural() ? std::to_string(v.natural()) : real_text(v.number());
            break;
        case kind::text:
            work(v.text().size() * 8);
            to += quoted(v.text(), false);
            break;
        case kind::list:
            v.list().tuple ? each('(', ')') : each('[', ']');
            break;
        case kind::json_array:
            each('[', ']');
            break;
        case kind::dict:
        case kind::json_object:
            each('{', '}');
            break;
        case kind::range: {
            const auto& r = v.range();
            to += "range(" + std::to_string(r.start) + ", " + std::to_string(r.stop) +
                  (r.step == 1 ? ")" : ", " + std::to_string(r.step) + ")");
            break;
        }
        case kind::object: {
            const auto& o = v.held();
            if (o.what == object_kind::name_space) {
                to += "<Namespace ";
                append_repr(to, value(static_cast<const namespace_object&>(o).members), depth + 1);
                to += '>';
            } else if (o.what == object_kind::macro) {
                to += "<Macro '" + std::string(static_cast<const macro_object&>(o).name) + "'>";
            } else if (o.what == object_kind::loop) {
                auto& l = static_cast<loop_object&>(v.held());
                to += "<LoopContext " + std::to_string(l.index + 1) + "/" + std::to_string(loop_length(l)) + ">";
            } else if (o.what == object_kind::module) {
                to += static_cast<const module_object&>(o).text;
            } else {
                to += "<" + std::string(type_name(v)) + ">";
            }
        }
    }
}

json::value renderer::to_json(const value& v, unsigned depth)
{
    step();
    if (depth >= max_value_depth)
        fail("a value is nested too deep", errc::limit_exceeded);
    switch (v.what()) {
        case kind::undefined:
        case kind::none:
            return nullptr;
        case kind::boolean:
            return v.integer() != 0;
        case kind::integer:
            return v.integer();
        case kind::real:
            return v.is_natural() ? json::value(v.natural()) : json::value(v.number());
        case kind::text:
            return json::string(v.text().data(), v.text().size());
        case kind::dict:
        case kind::json_object: {
            json::object made;
            for (std::size_t i = 0; i < count(v); ++i) {
                const auto m = member_at(v, i);
                const auto key = str(m.key);
                made[json::string_view(key.data(), key.size())] = to_json(m.held, depth + 1);
            }
            return made;
        }
        case kind::object:
            fail("a value of the type " + std::string(type_name(v)) + " cannot be passed on");
        default:
            break;
    }
    json::array made;
    for (std::size_t i = 0; i < count(v); ++i)
        made.push_back(to_json(item(v, i), depth + 1));
    return made;
}

value renderer::at_index(const value& of, const value& key)
{
    if (of.is_dict()) {
        value found;
        step(of.is(kind::dict) ? count(of) / 8 : 0);
        if (find(of, key, found))
            return found;
    } else if (key.is_integer() && !(of.is(kind::list) && of.list().once) && (of.is_list() || of.is(kind::range) || of.is_text())) {
        const auto size = static_cast<std::int64_t>(of.is_text() ? length(of) : count(of));
        const auto at = key.integer() < 0 ? key.integer() + size : key.integer();
        if (at < 0 || at >= size)
            return value::undefined(str(key), true);
        if (!of.is_text())
            return item(of, static_cast<std::size_t>(at));
        const auto before = first_code_points(of.text(), static_cast<std::size_t>(at)).size();
        return first_code_points(of.text().substr(before), 1);
    }
    if (key.is_text())
        return attribute(of, key.text());
    if (of.is_undefined())
        missing_value(of);
    return value::undefined(str(key), true);
}

value renderer::attribute(const value& of, std::string_view name)
{
    if (of.is_undefined())
        fail("\"" + std::string(of.text()) + "\" has no value, so it has no \"" + std::string(name) + "\"", errc::missing_variable);
    if (name.starts_with("__"))
        return value::undefined(memory.copy(name), true);
    const builtin_entry* method = of.is_text()   ? find_text_method(name)
                                  : of.is_dict() ? find_dict_method(name)
                                  : of.is_list() ? find_list_method(name)
                                                 : nullptr;
    if (method) {
        auto* m = memory.make<method_object>();
        *m = {{object_kind::method}, method, of};
        return static_cast<object*>(m);
    }
    value found;
    if (of.is_dict() && find(of, name, found))
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
        found = find(value(static_cast<namespace_object&>(o).members), name, v);
    } else if (o.what == object_kind::loop) {
        v = loop_member(static_cast<loop_object&>(o), name, found);
    } else if (o.what == object_kind::macro) {
        const auto& m = static_cast<macro_object&>(o);
        const std::pair<std::string_view, bool> flags[] = {
            {"catch_kwargs", m.code->wants_kwargs}, {"catch_varargs", m.code->wants_varargs}, {"caller", m.code->wants_caller}};
        found = true;
        if (name == "name")
            return m.name;
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
    if (name == "index0")
        return value::size(l.index);
    if (name == "index")
        return value::size(l.index + 1);
    if (name == "first")
        return l.index == 0;
    if (name == "last")
        return !has_item(l, l.index + 1);
    if (name == "length")
        return value::size(loop_length(l));
    if (name == "revindex")
        return static_cast<std::int64_t>(loop_length(l)) - static_cast<std::int64_t>(l.index);
    if (name == "revindex0")
        return static_cast<std::int64_t>(loop_length(l)) - static_cast<std::int64_t>(l.index) - 1;
    if (name == "depth")
        return value::size(l.depth + 1);
    if (name == "depth0")
        return value::size(l.depth);
    if (name == "previtem")
        return l.index > 0 ? loop_item(l, l.index - 1) : value::undefined("there is no previous item", true);
    if (name == "nextitem")
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

// Calls of functions, methods, macros, filters and tests, and what they are given.

#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {
namespace {

// About; what is nested very deep is not looked into.
std::size_t bytes_of(const json::value& v, unsigned depth)
{
    std::size_t bytes = sizeof(json::value);
    if (const auto* s = v.if_string())
        bytes += s->size();
    else if (const auto* a = v.if_array(); a && depth < max_value_depth)
        for (const auto& e : *a)
            bytes += bytes_of(e, depth + 1);
    else if (const auto* o = v.if_object(); o && depth < max_value_depth)
        for (const auto& m : *o)
            bytes += 32 + m.key().size() + bytes_of(m.value(), depth + 1);
    return bytes;
}

}  // namespace

renderer::gathered renderer::gather(const node& n, const value* subject)
{
    if (!n.b && !n.c) {
        if (n.items.empty() && n.named.empty())
            return {{subject, subject ? std::size_t{1} : 0}, {}};
        const auto size = n.items.size() + (subject ? 1 : 0);
        auto* values = size ? memory.many<value>(size) : nullptr;
        auto* to = values;
        if (subject)
            *to++ = *subject;
        for (const auto* part : n.items)
            *to++ = eval(*part);
        auto* named = n.named.empty() ? nullptr : memory.many<named_value>(n.named.size());
        for (std::size_t i = 0; i < n.named.size(); ++i)
            named[i] = {n.named[i].name.text, eval(*n.named[i].held)};
        return {{values, size}, {named, n.named.size()}};
    }
    auto* all = memory.list(n.items.size() + (subject ? 1 : 0));
    if (subject)
        memory.push(*all, *subject);
    for (const auto* part : n.items)
        memory.push(*all, eval(*part));
    if (n.b) {
        const auto more = sequence(eval(*n.b));
        for (std::size_t i = 0; i < count(more); ++i)
            memory.push(*all, item(more, i));
    }
    value more;
    std::size_t size = n.named.size();
    if (n.c && (more = eval(*n.c)).is_dict())
        size += count(more);
    auto* named = size ? memory.many<named_value>(size) : nullptr;
    std::size_t named_count = 0;
    for (const auto& argument : n.named)
        named[named_count++] = {argument.name.text, eval(*argument.held)};
    for (std::size_t i = 0; n.c && more.is_dict() && i < count(more); ++i) {
        const auto m = member_at(more, i);
        named[named_count++] = {str(m.key), m.held};
    }
    return {{all->items, all->size}, {named, named_count}};
}

value renderer::eval_call(const node& n)
{
    guard_stack();
    if (n.a->what == op::attribute)
        return eval_method_call(n);
    const auto callee = eval(*n.a);
    const auto g = gather(n, nullptr);
    at_ = &n;
    return call(callee, g.positional, g.named);
}

// A method that is called at once is no value in between.
value renderer::eval_method_call(const node& n)
{
    const auto& member = *n.a;
    step();
    const auto of = eval(*member.a);
    at_ = &member;
    if (const auto* method = method_of(of, member.name.text, member.called)) {
        const auto g = gather(n, &of);
        at_ = &n;
        return bound_call(*method, g.positional, g.named, call_kind::method);
    }
    const auto callee = attribute(of, member.name.text, member.called);
    const auto g = gather(n, nullptr);
    at_ = &n;
    return call(callee, g.positional, g.named);
}

value renderer::eval_filter(const node& n, const value* subject)
{
    guard_stack();
    const auto first = n.a ? (subject ? eval_filter(*n.a, subject) : eval(*n.a)) : *subject;
    const auto g = gather(n, &first);
    at_ = &n;
    if (n.user_filter)
        return user_call(*n.user_filter, n.name.text, g.positional, g.named);
    if (!n.builtin)
        fail(unknown_builtin(n.name.text, true, main_.options.environment), errc::invalid_template);
    return bound_call(*n.builtin, g.positional, g.named, call_kind::filter);
}

value renderer::eval_test(const node& n)
{
    const auto first = eval(*n.a);
    const auto g = gather(n, &first);
    at_ = &n;
    bool yes = false;
    if (n.user_test) {
        template_arguments given;
        handed_ = 0;
        for (const auto& v : g.positional)
            given.positional.push_back(json_of(v, 0));
        yes = (*n.user_test)(given);
    } else if (!n.builtin) {
        fail(unknown_builtin(n.name.text, false, main_.options.environment), errc::invalid_template);
    } else {
        yes = truthy(bound_call(*n.builtin, g.positional, g.named, call_kind::test));
    }
    return yes != n.flag;
}

value renderer::bound_call(const builtin_entry& e, std::span<const value> positional, std::span<const named_value> named,
                           call_kind what)
{
    call_of c{positional, named, {}};
    // Most functions go through their text once; those that do more with it say so themselves.
    if (what != call_kind::test && !positional.empty() && positional.front().is_text())
        work(positional.front().text().size());
    if (e.takes_any())
        return e.run(*this, c);
    if (named.empty() && positional.size() <= e.most + (what == call_kind::function ? 0 : 1))
        for (std::size_t i = 0; i < positional.size(); ++i)
            c.bound[i] = &positional[i];
    else
        bind_by_name(e, c, what);
    return e.run(*this, c);
}

void renderer::bind_by_name(const builtin_entry& e, call_of& c, call_kind what) const
{
    const bool with_subject = what != call_kind::function;
    std::size_t n = 0;
    if (with_subject)
        c.bound[n++] = &c.positional[0];
    const auto refuse = [&](const std::string& why) {
        constexpr std::string_view names[] = {"filter", "test", "method", "function"};
        fail("the " + std::string(names[static_cast<std::size_t>(what)]) + " \"" + std::string(e.name) + "\" " + why);
    };
    std::size_t used = 0;
    auto rest = e.parameters;
    const bool nameless = rest.starts_with('/');
    rest.remove_prefix(nameless ? 2 : 0);
    for (; !rest.empty(); ++n) {
        const auto parameter = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
        if (n < c.positional.size())
            c.bound[n] = &c.positional[n];
        for (const auto& argument : c.named)
            if (argument.name == parameter && !nameless) {
                if (n < c.positional.size())
                    refuse("got two values for \"" + std::string(parameter) + "\"");
                c.bound[n] = &argument.held;
                ++used;
            }
    }
    if (c.positional.size() > n)
        refuse("takes at most " + std::to_string(n - (with_subject ? 1 : 0)) + " arguments");
    if (used < c.named.size())
        refuse("has no such parameter; it has: " + std::string(e.parameters));
}

value renderer::user_call(const template_function& f, std::string_view name, std::span<const value> positional,
                          std::span<const named_value> named)
{
    template_arguments given;
    handed_ = 0;
    for (const auto& v : positional)
        given.positional.push_back(json_of(v, 0));
    for (const auto& v : named)
        given.named.emplace_back(std::string(v.name), json_of(v.held, 0));
    std::string why;
    json::value made;
    try {
        made = f(given);
    } catch (const std::exception& e) {
        why = e.what();
    }
    if (why.empty()) {
        memory.hold(bytes_of(made, 0));
        return keep(std::move(made));
    }
    fail("\"" + std::string(name) + "\" failed: " + why);
}

value renderer::call(const value& callee, std::span<const value> positional, std::span<const named_value> named)
{
    if (callee.is_undefined()) {
        if (callee.is_member())
            fail("nothing is called \"" + std::string(callee.text()) + "\" there");
        fail("\"" + std::string(callee.text()) + "\" is no function known here");
    }
    if (!callee.is(kind::object))
        fail("a value of the type " + std::string(type_name(callee)) + " cannot be called");
    auto& o = callee.held();
    switch (o.what) {
        case object_kind::macro:
            return captured([&] { run_macro(static_cast<const macro_object&>(o), positional, named); });
        case object_kind::function: {
            const auto* e = find_function(static_cast<const user_function_object&>(o).name);
            return bound_call(*e, positional, named, call_kind::function);
        }
        case object_kind::user_function: {
            const auto& f = static_cast<const user_function_object&>(o);
            return user_call(*f.run, f.name, positional, named);
        }
        case object_kind::method: {
            const auto& m = static_cast<const method_object&>(o);
            auto* all = memory.list(positional.size() + 1);
            memory.push(*all, m.self);
            for (const auto& v : positional)
                memory.push(*all, v);
            return bound_call(*m.entry, {all->items, all->size}, named, call_kind::method);
        }
        case object_kind::loop: {
            auto& l = static_cast<loop_object&>(o);
            if (!l.code->flag || positional.size() != 1)
                fail("only the loop of {% for … recursive %} can be called, with one argument");
            const deeper level(*this);
            const auto items = sequence(positional[0]);
            auto* home = std::exchange(unit_, l.home);
            const auto made = captured([&] { run_loop(*l.code, items, l.depth + 1, l.outer); });
            unit_ = home;
            return made;
        }
        case object_kind::joiner: {
            auto& j = static_cast<joiner_object&>(o);
            return std::exchange(j.used, true) ? value(j.between) : value(std::string_view(""));
        }
        case object_kind::block: {
            const auto& b = static_cast<const block_object&>(o);
            return captured([&] { exec_block(b.name, b.level, b.around); });
        }
        default:
            fail("a value of the type " + std::string(type_name(callee)) + " cannot be called");
    }
}

value renderer::run_filter(std::string_view name, std::span<const value> positional, std::span<const named_value> named)
{
    step();
    if (const auto* f = main_.options.environment.filter(name))
        return user_call(*f, name, positional, named);
    if (const auto* e = find_filter(name))
        return bound_call(*e, positional, named, call_kind::filter);
    fail(unknown_builtin(name, true, main_.options.environment), errc::invalid_template);
}

bool renderer::run_test(std::string_view name, std::span<const value> positional, std::span<const named_value> named)
{
    step();
    if (const auto* e = find_test(name))
        return truthy(bound_call(*e, positional, named, call_kind::test));
    fail(unknown_builtin(name, false, main_.options.environment), errc::invalid_template);
}

}  // namespace zincir::detail::jinja

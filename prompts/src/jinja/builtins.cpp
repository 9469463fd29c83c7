#include "builtins.hpp"

#include "renderer.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace zincir::detail::jinja {
namespace {

value same(renderer& r, const call_of& c)
{
    if (!c[1])
        r.fail("this test takes a value to compare with");
    return identical(*c[0], *c[1], r.meter);
}
template <char Code>
value compared(renderer& r, const call_of& c)
{
    if (!c[1])
        r.fail("this test takes a value to compare with");
    return r.compare_by(Code, *c[0], *c[1]);
}
template <bool (*Is)(const value&)>
value check(renderer&, const call_of& c)
{
    return Is(*c[0]);
}
value is_divisible(renderer& r, const call_of& c)
{
    if (!c[1])
        r.fail("divisibleby takes a number");
    return r.same(r.arithmetic('%', *c[0], *c[1]), value(std::int64_t{0}));
}
template <int Rest>
value is_parity(renderer& r, const call_of& c)
{
    return r.same(r.arithmetic('%', *c[0], value(std::int64_t{2})), value(std::int64_t{Rest}));
}
value is_upper(renderer& r, const call_of& c)
{
    const auto s = r.str(*c[0]);
    const auto entry = find_text_method("isupper");
    const value subject(s);
    return entry->run(r, {{&subject, 1}, {}, {&subject}});
}
value is_lower(renderer& r, const call_of& c)
{
    const value subject(r.str(*c[0]));
    return find_text_method("islower")->run(r, {{&subject, 1}, {}, {&subject}});
}
value is_filter(renderer& r, const call_of& c)
{
    const auto& name = r.key(*c[0]);
    return name.is_text() && (find_filter(name.text()) || r.options().environment.filter(name.text()));
}
value is_test(renderer& r, const call_of& c)
{
    const auto& name = r.key(*c[0]);
    return name.is_text() && (find_test(name.text()) || r.options().environment.test(name.text()));
}

bool defined(const value& v) { return !v.is_undefined(); }
bool undefined(const value& v) { return v.is_undefined(); }
bool none(const value& v) { return v.is(kind::none); }
bool boolean(const value& v) { return v.is(kind::boolean); }
bool integer(const value& v) { return v.is(kind::integer) || v.is_natural(); }
bool real(const value& v) { return v.is(kind::real) && !v.is_natural(); }
bool number(const value& v) { return v.is_number(); }
bool string(const value& v) { return v.is_text(); }
bool mapping(const value& v) { return v.is_dict(); }
bool iterable(const value& v) { return v.is_text() || v.is_list() || v.is_dict() || v.is(kind::range); }
bool sequence(const value& v) { return iterable(v) && !(v.is(kind::list) && v.list().once); }
bool yes(const value& v) { return v.is(kind::boolean) && v.integer(); }
bool no(const value& v) { return v.is(kind::boolean) && !v.integer(); }
bool escaped(const value& v) { return v.is_markup(); }
bool callable(const value& v)
{
    if (v.is_undefined())
        return true;
    return v.is(kind::object) && v.held().what != object_kind::name_space && v.held().what != object_kind::module &&
           v.held().what != object_kind::cycler;
}

// An undefined value is empty, and a sequence, unless it is strict.
value is_sequence(renderer& r, const call_of& c)
{
    return sequence(*c[0]) || (c[0]->is_undefined() && r.options().undefined != undefined_policy::error);
}
value is_iterable(renderer& r, const call_of& c)
{
    r.use(*c[0]);
    return iterable(*c[0]) || c[0]->is_undefined();
}

constexpr builtin_entry test_table[] = {
    {"!=", "other", compared<'!'>},
    {"<", "other", compared<'<'>},
    {"<=", "other", compared<'l'>},
    {"==", "other", compared<'='>},
    {">", "other", compared<'>'>},
    {">=", "other", compared<'g'>},
    {"boolean", "", check<boolean>},
    {"callable", "", check<callable>},
    {"defined", "", check<defined>},
    {"divisibleby", "num", is_divisible},
    {"eq", "other", compared<'='>},
    {"equalto", "other", compared<'='>},
    {"escaped", "", check<escaped>},
    {"even", "", is_parity<0>},
    {"false", "", check<no>},
    {"filter", "", is_filter},
    {"float", "", check<real>},
    {"ge", "other", compared<'g'>},
    {"greaterthan", "other", compared<'>'>},
    {"gt", "other", compared<'>'>},
    {"in", "seq", compared<'i'>},
    {"integer", "", check<integer>},
    {"iterable", "", is_iterable},
    {"le", "other", compared<'l'>},
    {"lessthan", "other", compared<'<'>},
    {"lower", "", is_lower},
    {"lt", "other", compared<'<'>},
    {"mapping", "", check<mapping>},
    {"ne", "other", compared<'!'>},
    {"none", "", check<none>},
    {"number", "", check<number>},
    {"odd", "", is_parity<1>},
    {"sameas", "other", same},
    {"sequence", "", is_sequence},
    {"string", "", check<string>},
    {"test", "", is_test},
    {"true", "", check<yes>},
    {"undefined", "", check<undefined>},
    {"upper", "", is_upper},
};

value make_range(renderer& r, const call_of& c)
{
    const auto n = c.positional.size();
    if (n < 1 || n > 3)
        r.fail("range takes one to three integers");
    const auto start = n > 1 ? r.integer(c.positional[0], "the start") : 0;
    const auto stop = r.integer(c.positional[n > 1 ? 1 : 0], "the stop");
    const auto by = n > 2 ? r.integer(c.positional[2], "the step") : 1;
    if (by == 0)
        r.fail("the step of a range is 0");
    const bool any = by > 0 ? start < stop : start > stop;
    // Unsigned: from one end of 64 bits to the other.
    const auto first = static_cast<std::uint64_t>(by > 0 ? start : stop);
    const auto span = static_cast<std::uint64_t>(by > 0 ? stop : start) - first;
    const auto apart = by > 0 ? static_cast<std::uint64_t>(by) : std::uint64_t{0} - static_cast<std::uint64_t>(by);
    const auto size = any ? (span - 1) / apart + 1 : 0;
    constexpr std::uint64_t longest = 100'000;  // as in Jinja's sandbox
    if (size > longest)
        r.fail("a range holds at most 100,000 numbers", errc::limit_exceeded);
    return static_cast<const range_data*>(r.memory.make<range_data>({start, by, static_cast<std::size_t>(size), stop}));
}

value make_dict(renderer& r, const call_of& c)
{
    auto* d = r.memory.dict(c.named.size());
    if (!c.positional.empty()) {
        const auto from = r.sequence(c.positional[0]);
        for (std::size_t i = 0; i < count(from); ++i) {
            r.step(1 + d->size / 8);
            const auto pair = from.is_dict() ? value() : r.sequence(item(from, i));
            if (!from.is_dict() && count(pair) != 2)
                r.fail("dict takes pairs");
            const auto m = from.is_dict() ? member_at(from, i) : member{item(pair, 0), item(pair, 1)};
            r.memory.put(*d, r.key(m.key), m.held);
        }
    }
    for (const auto& m : c.named)
        r.memory.put(*d, value(m.name), m.held);
    return d;
}

value make_namespace(renderer& r, const call_of& c)
{
    auto* n = r.memory.make<namespace_object>();
    *n = {{object_kind::name_space}, &make_dict(r, c).dict()};
    return static_cast<object*>(n);
}

value make_cycler(renderer& r, const call_of& c)
{
    if (c.positional.empty())
        r.fail("cycler takes at least one value");
    auto* l = r.memory.list(c.positional.size());
    for (const auto& v : c.positional)
        r.memory.push(*l, v);
    auto* o = r.memory.make<cycler_object>();
    *o = {{object_kind::cycler}, l, 0};
    return static_cast<object*>(o);
}
value cycler_next(renderer&, const call_of& c)
{
    auto& o = static_cast<cycler_object&>(c.subject().held());
    const auto v = o.items->items[o.at];
    o.at = (o.at + 1) % o.items->size;
    return v;
}
value cycler_reset(renderer&, const call_of& c)
{
    static_cast<cycler_object&>(c.subject().held()).at = 0;
    return {};
}
value make_joiner(renderer& r, const call_of& c)
{
    auto* o = r.memory.make<joiner_object>();
    *o = {{object_kind::joiner}, c.positional.empty() ? std::string_view(", ") : r.str(c.positional[0]), false};
    return static_cast<object*>(o);
}
value loop_cycle(renderer& r, const call_of& c)
{
    if (c.positional.size() < 2)
        r.fail("loop.cycle takes at least one value");
    return c.positional[1 + static_cast<const loop_object&>(c.subject().held()).index % (c.positional.size() - 1)];
}
value loop_changed(renderer& r, const call_of& c)
{
    auto& l = static_cast<loop_object&>(c.subject().held());
    auto* now = r.memory.list(c.positional.size(), true);
    for (const auto& v : c.positional.subspan(1))
        r.memory.push(*now, v);
    if (l.last && r.same(*l.last, value(now)))
        return false;
    l.last = r.memory.make<value>(value(now));
    return true;
}

value raise(renderer& r, const call_of& c)
{
    r.fail(c.positional.empty() ? std::string_view("raise_exception") : r.str(c.positional[0]));
}

value strftime_now(renderer& r, const call_of& c)
{
    if (c.positional.empty())
        r.fail("strftime_now takes a format");
    const auto format = std::string(r.text_of(c.positional[0], "a format"));
    if (format.empty())
        return std::string_view("");
    if (format.size() > r.memory.room() / 32)
        throw heap_exhausted();
    r.work(format.size() * 128);
    const auto now = std::chrono::system_clock::to_time_t(r.options().environment.now());
    std::tm parts{};
    localtime_r(&now, &parts);
    std::string made(format.size() * 32 + 64, '\0');
    made.resize(std::strftime(made.data(), made.size(), format.c_str(), &parts));
    return r.text(made);
}

constexpr builtin_entry function_table[] = {
    {"cycler", "*", make_cycler},    {"cycler.next", "*", cycler_next},   {"cycler.reset", "*", cycler_reset},
    {"dict", "*", make_dict},        {"joiner", "*", make_joiner},        {"loop.changed", "*", loop_changed},
    {"loop.cycle", "*", loop_cycle}, {"namespace", "*", make_namespace},  {"raise_exception", "*", raise},
    {"range", "*", make_range},      {"strftime_now", "*", strftime_now},
};

const builtin_entry* find_in(std::span<const builtin_entry> table, std::string_view name) noexcept
{
    const auto at = std::find_if(table.begin(), table.end(), [&](const auto& e) { return e.name == name; });
    return at == table.end() ? nullptr : &*at;
}

}  // namespace

std::span<const builtin_entry> tests() noexcept { return test_table; }

const builtin_entry* find_filter(std::string_view name) noexcept
{
    for (const auto table : {text_filters(), list_filters(), number_filters(), markup_filters(), json_filters()})
        if (const auto* e = find_in(table, name))
            return e;
    return nullptr;
}
const builtin_entry* find_test(std::string_view name) noexcept { return find_in(test_table, name); }
const builtin_entry* find_function(std::string_view name) noexcept { return find_in(function_table, name); }

std::string unknown_builtin(std::string_view name, bool filter, const template_environment& environment)
{
    const std::string what = filter ? "filter" : "test";
    for (const std::string_view out : {"random"})
        if (filter && name == out)
            return "the filter \"" + std::string(name) + "\" is left out on purpose: register one with template_environment";
    auto names = environment.names();
    if (filter) {
        for (const auto table : {text_filters(), list_filters(), number_filters(), markup_filters(), json_filters()})
            for (const auto& e : table)
                names.emplace_back(e.name);
    } else {
        for (const auto& e : test_table)
            names.emplace_back(e.name);
    }
    const auto near = nearest_name(name, names);
    return "there is no " + what + " \"" + std::string(name) + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?");
}

}  // namespace zincir::detail::jinja

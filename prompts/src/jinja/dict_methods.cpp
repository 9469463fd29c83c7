#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {
namespace {

// What the caller gave is never changed.
dict_data& own_dict(renderer& r, const value& v)
{
    if (!v.is(kind::dict) || !r.options().changeable_values)
        r.fail("only a dict that the template made can be changed");
    return v.dict();
}
value get(renderer& r, const call_of& c)
{
    value v;
    if (!c[1])
        r.fail("get takes a key");
    return find(*c[0], r.key(*c[1]), v, r.meter) ? v : c[2] ? *c[2] : value();
}
value values(renderer& r, const call_of& c)
{
    auto* out = r.memory.list(count(*c[0]));
    for (std::size_t i = 0; i < count(*c[0]); ++i)
        r.memory.push(*out, member_at(*c[0], i).held);
    return out;
}
value copy(renderer& r, const call_of& c)
{
    auto* d = r.memory.dict(count(*c[0]));
    for (std::size_t i = 0; i < count(*c[0]); ++i)
        d->items[d->size++] = member_at(*c[0], i);
    return d;
}
value pop(renderer& r, const call_of& c)
{
    auto& d = own_dict(r, *c[0]);
    for (std::size_t i = 0; c[1] && i < d.size; ++i)
        if (r.same(d.items[i].key, *c[1])) {
            const auto v = d.items[i].held;
            r.work((d.size - i) * sizeof(member));
            std::copy(d.items + i + 1, d.items + d.size, d.items + i);
            --d.size;
            return v;
        }
    if (!c[2])
        r.fail("the key is not in the dict");
    return *c[2];
}
value update(renderer& r, const call_of& c)
{
    auto& d = own_dict(r, c.subject());
    const auto put = [&](const value& k, const value& v) {
        r.step();
        r.memory.put(d, k, v);
    };
    if (c.positional.size() > 1 && c.positional[1].is_dict())
        for (std::size_t i = 0, n = count(c.positional[1]); i < n; ++i)
            put(member_at(c.positional[1], i).key, member_at(c.positional[1], i).held);
    for (const auto& n : c.named)
        put(value(n.name), n.held);
    return {};
}
value setdefault(renderer& r, const call_of& c)
{
    auto& d = own_dict(r, *c[0]);
    value v;
    if (c[1] && !find(*c[0], r.key(*c[1]), v, r.meter)) {
        v = c[2] ? *c[2] : value();
        r.memory.put(d, *c[1], v);
    }
    return v;
}
value popitem(renderer& r, const call_of& c)
{
    auto& d = own_dict(r, *c[0]);
    if (d.size == 0)
        r.fail("the dict is empty");
    const auto& m = d.items[--d.size];
    auto* pair = r.memory.list(2, true);
    r.memory.push(*pair, m.key);
    r.memory.push(*pair, m.held);
    return pair;
}
value clear(renderer& r, const call_of& c)
{
    own_dict(r, *c[0]).size = 0;
    return {};
}
template <const char* Name>
value by_filter(renderer& r, const call_of& c)
{
    return r.run_filter(Name, {c[0], 1}, {});
}
constexpr char n_items[] = "items", n_list[] = "list";

constexpr builtin_entry table[] = {
    {"clear", "", clear},
    {"copy", "", copy},
    {"get", "/ key default", get},
    {"items", "", by_filter<n_items>},
    {"keys", "", by_filter<n_list>},
    {"pop", "/ key default", pop},
    {"popitem", "", popitem},
    {"setdefault", "/ key default", setdefault},
    {"update", "*", update},
    {"values", "", values},
};

}  // namespace

const builtin_entry* find_dict_method(std::string_view name) noexcept
{
    for (const auto& e : table)
        if (same_text(e.name, name))
            return &e;
    return nullptr;
}

}  // namespace zincir::detail::jinja

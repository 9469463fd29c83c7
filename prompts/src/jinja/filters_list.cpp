#include "../code_points.hpp"
#include "case_mapping.hpp"
#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {
namespace {

value listed(renderer& r, const value& v)
{
    const auto all = r.sequence(v);
    auto* l = r.memory.list(count(all));
    for (std::size_t i = 0; i < count(all); ++i)
        r.memory.push(*l, item(all, i));
    r.step(l->size / 8);
    return l;
}
// "a.b.0" of a value.
value path_of(renderer& r, value v, const value& path)
{
    if (path.is_integer())
        return r.at_index(v, path);
    for (auto rest = r.text_of(path, "attribute");;) {
        r.step();
        const auto part = rest.substr(0, rest.find('.'));
        const bool digits = !part.empty() && part.size() < 10 && part.find_first_not_of("0123456789") == std::string_view::npos;
        v = digits ? r.at_index(v, value(static_cast<std::int64_t>(std::stoll(std::string(part))))) : r.at_index(v, value(part));
        if (part.size() == rest.size())
            return v;
        rest.remove_prefix(part.size() + 1);
    }
}
bool given(const value* v) { return v && !v->is(kind::none); }
value key_of(renderer& r, const value& v, const value* attribute, bool exact)
{
    const auto k = given(attribute) ? path_of(r, v, *attribute) : v;
    if (exact || !k.is_text())
        return k;
    r.work(k.text().size() * 16);
    return r.text(lower(k.text()));
}
value f_list(renderer& r, const call_of& c) { return listed(r, *c[0]); }
value f_length(renderer& r, const call_of& c) { return value::size(r.length(*c[0])); }
value f_first(renderer& r, const call_of& c)
{
    if (c[0]->is_text() && !c[0]->text().empty())
        return first_code_points(c[0]->text(), 1);
    const auto all = r.sequence(*c[0]);
    return count(all) ? item(all, 0) : value::undefined("the first of nothing", true);
}
value f_last(renderer& r, const call_of& c)
{
    if (c[0]->is(kind::list) && c[0]->list().once)
        r.fail("what a filter gives in turn has no last: make a list of it");
    if (c[0]->is_text() && !c[0]->text().empty())
        return c[0]->is_markup() ? value::markup(last_code_point(c[0]->text())) : value(last_code_point(c[0]->text()));
    const auto all = r.sequence(*c[0]);
    if (!count(all))
        return value::undefined("the last of nothing", true);
    return item(all, count(all) - 1);
}
value f_join(renderer& r, const call_of& c)
{
    const auto all = r.sequence(*c[0]);
    auto between = c[1] ? r.str(*c[1]) : std::string_view();
    const auto part = [&](std::size_t i) { return given(c[2]) ? path_of(r, item(all, i), *c[2]) : item(all, i); };
    bool safe = false;
    if (r.options().escape_html) {
        safe = c[1] && c[1]->is_markup();
        for (std::size_t i = 0; !safe && i < count(all); ++i)
            safe = part(i).is_markup();
    }
    const auto escaped = [&](const value& v) { return r.run_filter("escape", {&v, 1}, {}).text(); };
    if (safe && c[1])
        between = escaped(*c[1]);
    auto out = r.make_text();
    for (std::size_t i = 0; i < count(all); ++i) {
        r.step();
        if (i)
            out += between;
        const auto v = part(i);
        out += safe ? escaped(v) : r.str(v);
    }
    const auto made = out.finish();
    return safe ? value::markup(made) : value(made);
}
value f_default(renderer&, const call_of& c)
{
    const bool use = c[0]->is_undefined() || (c[2] && truthy(*c[2]) && !truthy(*c[0]));
    return use ? c[1] ? *c[1] : value(std::string_view("")) : *c[0];
}
value f_reverse(renderer& r, const call_of& c)
{
    const auto all = listed(r, *c[0]);
    std::reverse(all.list().items, all.list().items + all.list().size);
    if (!c[0]->is_text()) {
        all.list().once = true;
        return all;
    }
    auto out = r.make_text();
    for (std::size_t i = 0; i < count(all); ++i)
        out += item(all, i).text();
    return r.like(*c[0], out);
}
void sort_items(renderer& r, list_data& l, const value* attribute, bool exact, bool reverse)
{
    r.step(1 + l.size * 4);
    const std::span all(r.memory.many<member>(l.size), l.size);
    for (std::size_t i = 0; i < l.size; ++i)
        all[i] = {key_of(r, l.items[i], attribute, exact), l.items[i]};
    std::stable_sort(all.begin(), all.end(), [&](const member& a, const member& b) {
        const auto order = r.ordered(a.key, b.key);
        return reverse ? order > 0 : order < 0;
    });
    for (std::size_t i = 0; i < l.size; ++i)
        l.items[i] = all[i].held;
}
value f_sort(renderer& r, const call_of& c)
{
    const auto all = listed(r, *c[0]);
    const bool reverse = c[1] && truthy(*c[1]);
    const bool exact = c[2] && truthy(*c[2]);
    // Jinja compares lists of the attributes, where what is equal has no need of an order.
    std::vector<value> attributes;
    if (!given(c[3]) || !c[3]->is_text())
        attributes.push_back(c[3] ? *c[3] : value());
    for (auto rest = given(c[3]) && c[3]->is_text() ? c[3]->text() : std::string_view(); attributes.empty() || rest.data();) {
        if (!rest.data())
            break;
        r.step();
        const auto part = rest.substr(0, rest.find(','));
        attributes.emplace_back(part);
        rest = part.size() == rest.size() ? std::string_view() : rest.substr(part.size() + 1);
    }
    auto* keyed = r.memory.list(count(all));
    for (std::size_t i = 0; i < count(all); ++i) {
        auto* keys = r.memory.list(attributes.size());
        for (const auto& attribute : attributes)
            r.memory.push(*keys, key_of(r, item(all, i), &attribute, exact));
        auto* pair = r.memory.list(2, true);
        r.memory.push(*pair, value(keys));
        r.memory.push(*pair, item(all, i));
        r.memory.push(*keyed, value(pair));
    }
    const value first(std::int64_t{0});
    sort_items(r, *keyed, &first, true, reverse);
    for (std::size_t i = 0; i < count(all); ++i)
        all.list().items[i] = item(keyed->items[i], 1);
    return all;
}
template <int Sign>
value extreme(renderer& r, const call_of& c)
{
    const auto all = r.sequence(*c[0]);
    const bool exact = c[1] && truthy(*c[1]);
    if (!count(all))
        return value::undefined("the extreme of nothing", true);
    auto best = item(all, 0);
    auto key = key_of(r, best, c[2], exact);
    for (std::size_t i = 1; i < count(all); ++i) {
        r.step();
        const auto k = key_of(r, item(all, i), c[2], exact);
        if (r.ordered(k, key) * Sign > 0) {
            best = item(all, i);
            key = k;
        }
    }
    return best;
}
value f_sum(renderer& r, const call_of& c)
{
    auto total = c[2] ? *c[2] : value(std::int64_t{0});
    if (total.is_text())
        r.fail("sum adds no texts: join them");
    const auto all = r.sequence(*c[0]);
    for (std::size_t i = 0; i < count(all); ++i) {
        r.step();
        total = r.arithmetic('+', total, given(c[1]) ? path_of(r, item(all, i), *c[1]) : item(all, i));
    }
    return total;
}
value f_unique(renderer& r, const call_of& c)
{
    const auto all = r.sequence(*c[0]);
    auto* out = r.memory.list(0);
    auto* keys = r.memory.list(0);
    for (std::size_t i = 0; i < count(all); ++i) {
        const auto k = r.key(key_of(r, item(all, i), c[2], c[1] && truthy(*c[1])));
        if (r.contains(value(keys), k))
            continue;
        r.memory.push(*keys, k);
        r.memory.push(*out, item(all, i));
    }
    out->once = true;
    return out;
}
template <bool Keep, bool Attribute>
value chosen(renderer& r, const call_of& c)
{
    if (c.subject().is_undefined())
        r.use(c.subject());
    const auto all = truthy(c.subject()) ? r.sequence(c.subject()) : value(r.memory.list(0));
    const std::size_t at = Attribute ? 2 : 1;
    if (Attribute && c.positional.size() < 2 && truthy(c.subject()))
        r.fail("an attribute is missing");
    const auto rest = c.positional.subspan(std::min(c.positional.size(), at + 1));
    auto* arguments = r.memory.list(rest.size() + 1);
    r.memory.push(*arguments, value());
    for (const auto& v : rest)
        r.memory.push(*arguments, v);
    auto* out = r.memory.list(0);
    for (std::size_t i = 0; i < count(all); ++i) {
        r.step();
        const auto v = item(all, i);
        arguments->items[0] = Attribute ? path_of(r, v, c.positional[1]) : v;
        const bool yes = c.positional.size() > at
                             ? r.run_test(r.text_of(c.positional[at], "a test"), {arguments->items, arguments->size}, c.named)
                             : r.truth(arguments->items[0]);
        if (yes == Keep)
            r.memory.push(*out, v);
    }
    out->once = true;
    return out;
}
value f_map(renderer& r, const call_of& c)
{
    if (c.subject().is_undefined())
        r.use(c.subject());
    const auto all = truthy(c.subject()) ? r.sequence(c.subject()) : value(r.memory.list(0));
    const value* attribute = nullptr;
    const value* otherwise = nullptr;
    for (const auto& n : c.named) {
        attribute = n.name == "attribute" ? &n.held : attribute;
        otherwise = n.name == "default" ? &n.held : otherwise;
    }
    if (c.positional.size() > 1)
        attribute = otherwise = nullptr;
    for (const auto& n : c.named)
        if (attribute && count(all) && n.name != "attribute" && n.name != "default")
            r.fail("map has no parameter \"" + std::string(n.name) + "\"");
    if (!attribute && c.positional.size() < 2 && truthy(c.subject()))
        r.fail("map takes a filter or an attribute");
    auto* out = r.memory.list(count(all));
    auto* arguments = r.memory.list(c.positional.size());
    r.memory.push(*arguments, value());
    for (const auto& v : c.positional.subspan(std::min<std::size_t>(2, c.positional.size())))
        r.memory.push(*arguments, v);
    for (std::size_t i = 0; i < count(all); ++i) {
        r.step();
        if (attribute) {
            const auto v = path_of(r, item(all, i), *attribute);
            r.memory.push(*out, v.is_undefined() && otherwise ? *otherwise : v);
        } else {
            arguments->items[0] = item(all, i);
            r.memory.push(*out, r.run_filter(r.text_of(c.positional[1], "a filter"), {arguments->items, arguments->size}, c.named));
        }
    }
    out->once = true;
    return out;
}
value pairs(renderer& r, const value& v)
{
    auto* out = r.memory.list(count(v));
    for (std::size_t i = 0; i < count(v); ++i) {
        const auto m = member_at(v, i);
        auto* pair = r.memory.list(2, true);
        r.memory.push(*pair, m.key);
        r.memory.push(*pair, m.held);
        r.memory.push(*out, value(pair));
    }
    r.step(out->size);
    return out;
}
value f_items(renderer& r, const call_of& c)
{
    if (c[0]->is_undefined())
        return r.sequence(*c[0]);
    if (!c[0]->is_dict())
        r.fail("items takes a dict");
    return pairs(r, *c[0]);
}
value f_dictsort(renderer& r, const call_of& c)
{
    if (!c[0]->is_dict())
        r.fail("dictsort takes a dict");
    const auto all = pairs(r, *c[0]);
    const auto name = c[2] && c[2]->is_text() ? c[2]->text() : c[2] ? std::string_view() : "key";
    if (name != "key" && name != "value")
        r.fail("dictsort sorts by key or by value");
    const value by(static_cast<std::int64_t>(name == "value" ? 1 : 0));
    sort_items(r, all.list(), &by, c[1] && truthy(*c[1]), c[3] && truthy(*c[3]));
    return all;
}
value f_groupby(renderer& r, const call_of& c)
{
    if (!c[1])
        r.fail("groupby takes an attribute");
    const bool exact = c[3] && truthy(*c[3]);
    const auto all = listed(r, *c[0]);
    auto* keyed = r.memory.list(count(all));
    for (std::size_t i = 0; i < count(all); ++i) {
        auto* pair = r.memory.list(2, true);
        const auto k = path_of(r, item(all, i), *c[1]);
        r.memory.push(*pair, k.is_undefined() && c[2] ? *c[2] : k);
        r.memory.push(*pair, item(all, i));
        r.memory.push(*keyed, value(pair));
    }
    const value first(std::int64_t{0});
    sort_items(r, *keyed, &first, exact, false);
    auto* out = r.memory.list(0);
    for (std::size_t i = 0; i < keyed->size;) {
        auto* held = r.memory.list(0);
        const auto k = item(keyed->items[i], 0);
        const auto same = key_of(r, k, nullptr, exact);
        for (; i < keyed->size && r.same(key_of(r, item(keyed->items[i], 0), nullptr, exact), same); ++i)
            r.memory.push(*held, item(keyed->items[i], 1));
        auto* group = r.memory.list(2, true);
        r.memory.push(*group, k);
        r.memory.push(*group, value(held));
        r.memory.push(*out, value(group));
    }
    return out;
}
value f_batch(renderer& r, const call_of& c)
{
    const auto n = r.integer(c[1] ? *c[1] : value(), "linecount");
    const auto all = r.sequence(*c[0]);
    auto* out = r.memory.list(0);
    auto* line = r.memory.list(0);
    for (std::size_t i = 0; i < count(all); ++i) {
        if (static_cast<std::int64_t>(line->size) == n) {
            r.memory.push(*out, value(line));
            line = r.memory.list(0);
        }
        r.step();
        r.memory.push(*line, item(all, i));
    }
    if (line->size > 0) {
        for (auto missing = n - static_cast<std::int64_t>(line->size); given(c[2]) && missing > 0; --missing) {
            r.step();
            r.memory.push(*line, *c[2]);
        }
        r.memory.push(*out, value(line));
    }
    out->once = true;
    return out;
}
value f_slice(renderer& r, const call_of& c)
{
    const auto wanted = r.integer(c[1] ? *c[1] : value(), "slices");
    const auto all = r.sequence(*c[0]);
    if (wanted == 0)
        r.fail("slice makes at least one slice");
    const auto slices = static_cast<std::size_t>(std::max<std::int64_t>(wanted, 0));
    if (slices == 0) {
        auto* none = r.memory.list(0);
        none->once = true;
        return none;
    }
    r.step(slices);
    const auto each = count(all) / slices;
    const auto extra = count(all) % slices;
    auto* out = r.memory.list(slices);
    for (std::size_t s = 0, at = 0; s < slices; ++s) {
        auto* part = r.memory.list(0);
        for (const auto end = at + each + (s < extra ? 1 : 0); at < end; ++at)
            r.memory.push(*part, item(all, at));
        if (given(c[2]) && s >= extra)
            r.memory.push(*part, *c[2]);
        r.memory.push(*out, value(part));
    }
    out->once = true;
    return out;
}
value f_attr(renderer& r, const call_of& c)
{
    const auto name = r.text_of(c[1] ? *c[1] : value(), "the name of an attribute");
    const auto v = r.attribute(*c[0], name);
    // Attributes only: a dict's members are no attributes.
    return c[0]->is_dict() && !(v.is(kind::object) && v.held().what == object_kind::method) ? value::undefined(name, true) : v;
}

constexpr builtin_entry table[] = {
    {"attr", "name", f_attr},
    {"batch", "linecount fill_with", f_batch},
    {"count", "", f_length},
    {"d", "default_value boolean", f_default},
    {"default", "default_value boolean", f_default},
    {"dictsort", "case_sensitive by reverse", f_dictsort},
    {"first", "", f_first},
    {"groupby", "attribute default case_sensitive", f_groupby},
    {"items", "", f_items},
    {"join", "d attribute", f_join},
    {"last", "", f_last},
    {"length", "", f_length},
    {"list", "", f_list},
    {"map", "*", f_map},
    {"max", "case_sensitive attribute", extreme<1>},
    {"min", "case_sensitive attribute", extreme<-1>},
    {"reject", "*", chosen<false, false>},
    {"rejectattr", "*", chosen<false, true>},
    {"reverse", "", f_reverse},
    {"select", "*", chosen<true, false>},
    {"selectattr", "*", chosen<true, true>},
    {"slice", "slices fill_with", f_slice},
    {"sort", "reverse case_sensitive attribute", f_sort},
    {"sum", "attribute start", f_sum},
    {"unique", "case_sensitive attribute", f_unique},
};

const value& needed(renderer& r, const value* v)
{
    if (!v)
        r.fail("an argument is missing");
    return *v;
}
// What the caller gave is never changed.
list_data& own_list(renderer& r, const value& v)
{
    if (!v.is(kind::list) || v.list().tuple || !r.options().changeable_values)
        r.fail("only a list that the template made can be changed");
    return v.list();
}
value m_append(renderer& r, const call_of& c)
{
    if (!c[1])
        r.fail("append takes a value");
    r.memory.push(own_list(r, *c[0]), *c[1]);
    return {};
}
value m_extend(renderer& r, const call_of& c)
{
    auto& l = own_list(r, *c[0]);
    const auto more = r.sequence(needed(r, c[1]));
    for (std::size_t i = 0, n = count(more); i < n; ++i)
        r.memory.push(l, item(more, i));
    return {};
}
value m_insert(renderer& r, const call_of& c)
{
    auto& l = own_list(r, *c[0]);
    const auto size = static_cast<std::int64_t>(l.size);
    auto at = r.integer(needed(r, c[1]), "an index");
    at = std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
    r.work((l.size - static_cast<std::size_t>(at)) * sizeof(value));
    r.memory.push(l, needed(r, c[2]));
    std::rotate(l.items + at, l.items + l.size - 1, l.items + l.size);
    return {};
}
value m_list_pop(renderer& r, const call_of& c)
{
    auto& l = own_list(r, *c[0]);
    auto at = c[1] ? r.integer(*c[1], "an index") : -1;
    at = at < 0 ? at + static_cast<std::int64_t>(l.size) : at;
    if (at < 0 || at >= static_cast<std::int64_t>(l.size))
        r.fail("pop from beyond the list");
    const auto v = l.items[at];
    r.work((l.size - static_cast<std::size_t>(at)) * sizeof(value));
    std::copy(l.items + at + 1, l.items + l.size, l.items + at);
    --l.size;
    return v;
}
value m_list_index(renderer& r, const call_of& c)
{
    for (std::size_t i = 0; i < count(*c[0]); ++i)
        if (r.same(item(*c[0], i), needed(r, c[1])))
            return value::size(i);
    r.fail("the value is not in the list");
}
value m_list_count(renderer& r, const call_of& c)
{
    std::size_t n = 0;
    for (std::size_t i = 0; i < count(*c[0]); ++i)
        n += r.same(item(*c[0], i), needed(r, c[1]));
    return value::size(n);
}
value m_list_reverse(renderer& r, const call_of& c)
{
    auto& l = own_list(r, *c[0]);
    r.work(l.size * sizeof(value));
    std::reverse(l.items, l.items + l.size);
    return {};
}
value m_list_remove(renderer& r, const call_of& c)
{
    auto& l = own_list(r, *c[0]);
    auto* end = l.items + l.size;
    auto* at = std::find_if(l.items, end, [&](const value& v) { return r.same(v, needed(r, c[1])); });
    if (at == end)
        r.fail("the value is not in the list");
    r.work(static_cast<std::size_t>(end - at) * sizeof(value));
    std::copy(at + 1, end, at);
    --l.size;
    return {};
}
value m_list_sort(renderer& r, const call_of& c)
{
    if (given(c[1]))
        r.fail("a list is sorted by a key with the filter sort(attribute=…)");
    sort_items(r, own_list(r, *c[0]), nullptr, true, c[2] && truthy(*c[2]));
    return {};
}
value m_list_clear(renderer& r, const call_of& c)
{
    own_list(r, *c[0]).size = 0;
    return {};
}
constexpr builtin_entry list_methods[] = {
    {"append", "/ object", m_append},       {"clear", "", m_list_clear},
    {"count", "/ value", m_list_count},     {"copy", "", f_list},
    {"extend", "/ iterable", m_extend},     {"index", "/ value", m_list_index},
    {"insert", "/ index object", m_insert}, {"pop", "/ index", m_list_pop},
    {"remove", "/ value", m_list_remove},   {"reverse", "", m_list_reverse},
    {"sort", "key reverse", m_list_sort},
};

}  // namespace

std::span<const builtin_entry> list_filters() noexcept { return table; }
const builtin_entry* find_list_method(std::string_view name) noexcept
{
    for (const auto& e : list_methods)
        if (same_text(e.name, name))
            return &e;
    return nullptr;
}

}  // namespace zincir::detail::jinja

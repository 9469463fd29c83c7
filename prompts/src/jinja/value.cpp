#include "value.hpp"

#include <algorithm>
#include <cmath>

namespace zincir::detail::jinja {
namespace {

std::string_view view(const json::string& s) noexcept { return {s.data(), s.size()}; }
std::string_view view(json::string_view s) noexcept { return {s.data(), s.size()}; }

template <class T>
int order_of(const T& a, const T& b) noexcept
{
    return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

value view_of(const json::value& v) noexcept
{
    switch (v.kind()) {
        case json::kind::null:
            return {};
        case json::kind::bool_:
            return v.get_bool();
        case json::kind::int64:
            return v.get_int64();
        case json::kind::uint64: {
            const auto n = v.get_uint64();
            return n <= static_cast<std::uint64_t>(INT64_MAX) ? value(static_cast<std::int64_t>(n)) : value::natural(n);
        }
        case json::kind::double_:
            return v.get_double();
        case json::kind::string:
            return view(v.get_string());
        case json::kind::array:
            return v.get_array();
        default:
            return v.get_object();
    }
}

std::size_t count(const value& v) noexcept
{
    switch (v.what()) {
        case kind::list:
            return v.list().size;
        case kind::dict:
            return v.dict().size;
        case kind::json_array:
            return v.array().size();
        case kind::json_object:
            return v.members().size();
        case kind::range:
            return v.range().count;
        default:
            return 0;
    }
}

value item(const value& v, std::size_t index) noexcept
{
    switch (v.what()) {
        case kind::list:
            return v.list().items[index];
        case kind::dict:
            return v.dict().items[index].key;
        case kind::json_array:
            return view_of(v.array()[index]);
        case kind::json_object:
            return view(v.members().begin()[static_cast<std::ptrdiff_t>(index)].key());
        case kind::range:
            return v.range().start + static_cast<std::int64_t>(index) * v.range().step;
        default:
            return {};
    }
}

member member_at(const value& v, std::size_t index) noexcept
{
    if (v.is(kind::dict))
        return v.dict().items[index];
    const auto& at = v.members().begin()[static_cast<std::ptrdiff_t>(index)];
    return {view(at.key()), view_of(at.value())};
}

bool find(const value& dict, std::string_view key, value& found) noexcept
{
    if (dict.is(kind::json_object)) {
        const auto* at = dict.members().if_contains(json::string_view(key.data(), key.size()));
        if (at)
            found = view_of(*at);
        return at != nullptr;
    }
    const auto& d = dict.dict();
    for (std::size_t i = 0; i < d.size; ++i)
        if (d.items[i].key.is_text() && d.items[i].key.text() == key) {
            found = d.items[i].held;
            return true;
        }
    return false;
}

bool find(const value& dict, const value& key, value& found) noexcept
{
    if (key.is_text())
        return find(dict, key.text(), found);
    if (!dict.is(kind::dict))
        return false;
    const auto& d = dict.dict();
    for (std::size_t i = 0; i < d.size; ++i)
        if (equal(d.items[i].key, key)) {
            found = d.items[i].held;
            return true;
        }
    return false;
}

bool truthy(const value& v) noexcept
{
    switch (v.what()) {
        case kind::undefined:
        case kind::none:
            return false;
        case kind::boolean:
        case kind::integer:
            return v.integer() != 0;
        case kind::real:
            return v.number() != 0;
        case kind::text:
            return !v.text().empty();
        case kind::object:
            return true;
        case kind::list:
            return v.list().once || v.list().size != 0;
        default:
            return count(v) != 0;
    }
}

bool equal(const value& a, const value& b, unsigned depth) noexcept
{
    if (depth > max_value_depth)
        return false;
    if (a.is_integer() && b.is_integer())
        return a.integer() == b.integer();
    if (a.is_number() || b.is_number())
        return a.is_number() && b.is_number() && a.number() == b.number();
    if (a.is_text() || b.is_text())
        return a.is_text() && b.is_text() && a.text() == b.text();
    if (a.is_dict() && b.is_dict()) {
        bool same = count(a) == count(b);
        for (std::size_t i = 0; same && i < count(a); ++i) {
            const auto mine = member_at(a, i);
            value theirs;
            same = find(b, mine.key, theirs) && equal(mine.held, theirs, depth + 1);
        }
        return same;
    }
    const bool lists = (a.is_list() && b.is_list()) || (a.is(kind::range) && b.is(kind::range));
    if (lists) {
        const auto tuple = [](const value& v) { return v.is(kind::list) && v.list().tuple; };
        bool same = count(a) == count(b) && tuple(a) == tuple(b);
        for (std::size_t i = 0; same && i < count(a); ++i)
            same = equal(item(a, i), item(b, i), depth + 1);
        return same;
    }
    if (a.is(kind::object) && b.is(kind::object))
        return &a.held() == &b.held();
    return a.what() == b.what() && (a.is(kind::none) || a.is_undefined());
}

bool compare(const value& a, const value& b, int& order, unsigned depth) noexcept
{
    if (depth > max_value_depth)
        return false;
    if (a.is_integer() && b.is_integer()) {
        order = order_of(a.integer(), b.integer());
    } else if (a.is_number() && b.is_number()) {
        order = order_of(a.number(), b.number());
        if (std::isnan(a.number()) || std::isnan(b.number()))
            order = 2;  // neither below, equal nor above
    } else if (a.is_text() && b.is_text()) {
        order = a.text().compare(b.text());
    } else if (a.is_list() && b.is_list()) {
        const auto both = std::min(count(a), count(b));
        for (std::size_t i = 0; i < both; ++i)
            if (!equal(item(a, i), item(b, i), depth + 1))
                return compare(item(a, i), item(b, i), order, depth + 1);
        order = order_of(count(a), count(b));
    } else {
        return false;
    }
    return true;
}

std::string_view type_name(const value& v) noexcept
{
    switch (v.what()) {
        case kind::undefined:
            return "Undefined";
        case kind::none:
            return "NoneType";
        case kind::boolean:
            return "bool";
        case kind::integer:
            return "int";
        case kind::real:
            return v.is_natural() ? "int" : "float";
        case kind::text:
            return "str";
        case kind::list:
            return v.list().once ? "generator" : v.list().tuple ? "tuple" : "list";
        case kind::json_array:
            return "list";
        case kind::dict:
        case kind::json_object:
            return "dict";
        case kind::range:
            return "range";
        case kind::object:
            break;
    }
    constexpr std::string_view names[] = {"Namespace", "Macro",    "LoopContext",    "Cycler",         "Joiner",           "method",
                                          "function",  "function", "BlockReference", "TemplateModule", "TemplateReference"};
    return names[static_cast<std::size_t>(v.held().what)];
}

}  // namespace zincir::detail::jinja

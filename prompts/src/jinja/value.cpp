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

bool is_tuple(const value& v) noexcept { return v.is(kind::list) && v.list().tuple; }
// A filter's result, which Python compares by its identity.
bool in_turn(const value& v) noexcept { return v.is(kind::list) && v.list().once; }

// Exact, also where a double cannot hold the integer.
int order_with_real(std::int64_t whole, double real) noexcept
{
    if (std::isnan(real))
        return unordered;
    constexpr double beyond = 9223372036854775808.0;
    if (real >= beyond || real < -beyond)
        return real > 0 ? -1 : 1;
    const auto below = static_cast<std::int64_t>(std::floor(real));
    return whole != below ? order_of(whole, below) : order_of(static_cast<double>(below), real);
}

int order_of_numbers(const value& a, const value& b) noexcept
{
    if (a.is_natural() || b.is_natural()) {
        if (a.is_natural() && b.is_natural())
            return order_of(a.natural(), b.natural());
        const auto& other = a.is_natural() ? b : a;
        const int above = other.is_integer() || other.number() < a.number() || other.number() < b.number() ? 1 : -1;
        if (!other.is_integer() && std::isnan(other.number()))
            return unordered;
        if (other.is(kind::real) && a.number() == b.number())
            return 0;
        return a.is_natural() ? above : -above;
    }
    if (a.is_integer() && b.is_integer())
        return order_of(a.integer(), b.integer());
    if (a.is_integer())
        return order_with_real(a.integer(), b.number());
    if (b.is_integer()) {
        const int order = order_with_real(b.integer(), a.number());
        return order == unordered ? order : -order;
    }
    return std::isnan(a.number()) || std::isnan(b.number()) ? unordered : order_of(a.number(), b.number());
}

}  // namespace

void work_meter::exhausted() { throw work_exhausted(); }

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
            // Of a long range a product may not fit, where its sum does.
            return static_cast<std::int64_t>(static_cast<std::uint64_t>(v.range().start) +
                                             static_cast<std::uint64_t>(index) * static_cast<std::uint64_t>(v.range().step));
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

bool find(const value& dict, std::string_view key, value& found, work_meter& work)
{
    if (dict.is(kind::json_object)) {
        work.bytes(key.size());
        const auto& members = dict.members();
        // Boost goes through small objects, too, but without the lengths at hand.
        if (members.size() > 8) {
            work.bytes(key.size());  // its hash is made byte by byte
            const auto* at = members.if_contains(json::string_view(key.data(), key.size()));
            if (at)
                found = view_of(*at);
            return at != nullptr;
        }
        for (const auto& m : members)
            if (same_text(view(m.key()), key)) {
                found = view_of(m.value());
                return true;
            }
        return false;
    }
    const auto& d = dict.dict();
    work.bytes(d.size * 8);
    for (std::size_t i = 0; i < d.size; ++i) {
        const auto& other = d.items[i].key;
        if (!other.is_text() || other.text().size() != key.size())
            continue;
        work.bytes(key.size());
        if (same_text(other.text(), key)) {
            found = d.items[i].held;
            return true;
        }
    }
    return false;
}

bool find(const value& dict, const value& key, value& found, work_meter& work)
{
    if (key.is_text())
        return find(dict, key.text(), found, work);
    if (!dict.is(kind::dict))
        return false;
    const auto& d = dict.dict();
    for (std::size_t i = 0; i < d.size; ++i)
        if (equal(d.items[i].key, key, work)) {
            found = d.items[i].held;
            return true;
        }
    return false;
}

bool truthy_compound(const value& v) noexcept
{
    switch (v.what()) {
        case kind::real:
            return v.number() != 0;
        case kind::object:
            return true;
        case kind::list:
            return v.list().once || v.list().size != 0;
        default:
            return count(v) != 0;
    }
}

bool equal(const value& a, const value& b, work_meter& work, unsigned depth)
{
    work.bytes(16);
    if (depth > max_value_depth)
        throw value_too_deep();
    if (a.is_number() || b.is_number())
        return a.is_number() && b.is_number() && order_of_numbers(a, b) == 0;
    if (a.is_text() || b.is_text()) {
        if (!a.is_text() || !b.is_text() || a.text().size() != b.text().size())
            return false;
        work.bytes(a.text().size());
        return same_text(a.text(), b.text());
    }
    work.bytes(24);
    if (identical(a, b, work))
        return true;
    if (a.is_dict() && b.is_dict()) {
        bool same = count(a) == count(b);
        for (std::size_t i = 0; same && i < count(a); ++i) {
            const auto mine = member_at(a, i);
            value theirs;
            same = find(b, mine.key, theirs, work) && equal(mine.held, theirs, work, depth + 1);
        }
        return same;
    }
    const bool lists = (a.is_list() && b.is_list() && !in_turn(a) && !in_turn(b)) || (a.is(kind::range) && b.is(kind::range));
    if (lists) {
        bool same = count(a) == count(b) && is_tuple(a) == is_tuple(b);
        for (std::size_t i = 0; same && i < count(a); ++i)
            same = equal(item(a, i), item(b, i), work, depth + 1);
        return same;
    }
    return false;
}

bool identical(const value& a, const value& b, work_meter& work)
{
    if (a.what() != b.what())
        return false;
    switch (a.what()) {
        case kind::undefined:
        case kind::none:
            return true;
        case kind::boolean:
        case kind::integer:
            return a.integer() == b.integer();
        case kind::real:
            return a.is_natural() == b.is_natural() && a.number() == b.number();
        case kind::text:
            work.bytes(std::min(a.text().size(), b.text().size()));
            return a.is_markup() == b.is_markup() && a.text() == b.text();
        case kind::json_array:
            return &a.array() == &b.array();
        case kind::json_object:
            return &a.members() == &b.members();
        case kind::list:
            return &a.list() == &b.list();
        case kind::dict:
            return &a.dict() == &b.dict();
        case kind::range:
            return &a.range() == &b.range();
        case kind::object:
            return &a.held() == &b.held();
    }
    return false;
}

bool hashable(const value& v, work_meter& work, unsigned depth)
{
    work.bytes(24);
    if (v.is_dict() || (v.is_list() && !is_tuple(v) && !in_turn(v)) || depth > max_value_depth)
        return false;
    for (std::size_t i = 0; is_tuple(v) && i < count(v); ++i)
        if (!hashable(item(v, i), work, depth + 1))
            return false;
    return true;
}

bool compare(const value& a, const value& b, int& order, work_meter& work, unsigned depth)
{
    work.bytes(8);
    if (depth > max_value_depth)
        throw value_too_deep();
    if (a.is_number() && b.is_number()) {
        order = order_of_numbers(a, b);
    } else if (a.is_text() && b.is_text()) {
        work.bytes(std::min(a.text().size(), b.text().size()));
        order = a.text().compare(b.text());
    } else if (a.is_list() && b.is_list() && is_tuple(a) == is_tuple(b) && !in_turn(a) && !in_turn(b)) {
        work.bytes(24);
        const auto both = std::min(count(a), count(b));
        for (std::size_t i = 0; i < both; ++i)
            if (!equal(item(a, i), item(b, i), work, depth + 1))
                return compare(item(a, i), item(b, i), order, work, depth + 1);
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

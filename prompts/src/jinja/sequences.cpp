// What has elements: texts, lists, ranges.

#include "../code_points.hpp"
#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {

std::size_t renderer::search(std::string_view in, std::string_view part, std::size_t from)
{
    constexpr auto npos = std::string_view::npos;
    if (from > in.size() || part.size() > in.size() - from)
        return npos;
    if (part.empty())
        return from;
    const auto places = in.substr(0, in.size() - part.size() + 1);
    for (auto at = from;; ++at) {
        const auto next = places.find(part.front(), at);
        work(std::min(next, places.size()) - at);
        if (next == npos)
            return npos;
        at = next;
        if (begins_with(in.substr(at), part))
            return at;
    }
}

std::size_t renderer::search_back(std::string_view in, std::string_view part)
{
    constexpr auto npos = std::string_view::npos;
    if (part.size() > in.size())
        return npos;
    if (part.empty())
        return in.size();
    for (auto places = in.size() - part.size() + 1; places > 0;) {
        const auto next = in.substr(0, places).rfind(part.front());
        work((places - (next == npos ? 0 : next)) * 2);
        if (next == npos)
            return npos;
        if (begins_with(in.substr(next), part))
            return next;
        places = next;
    }
    return npos;
}

bool renderer::begins_with(std::string_view text, std::string_view part)
{
    const auto differ = std::mismatch(part.begin(), part.end(), text.begin()).first;
    work(8 + static_cast<std::size_t>(differ - part.begin()) * 2);
    return differ == part.end();
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

value renderer::eval_slice(const node& n)
{
    const auto v = eval(*n.a);
    value parts[3];
    const value* given[3] = {};
    for (std::size_t i = 0; i < 3; ++i)
        if (n.items[i] && !(parts[i] = eval(*n.items[i])).is(kind::none))
            given[i] = &parts[i];
    at_ = &n;
    return slice_of(v, given[0], given[1], given[2]);
}

value renderer::slice_of(const value& v, const value* start, const value* stop, const value* step_by)
{
    if (v.is_undefined())
        missing_value(v);
    if ((!v.is_text() && !v.is_list() && !v.is(kind::range)) || (v.is(kind::list) && v.list().once))
        fail("a value of the type " + std::string(type_name(v)) + " has no slices");
    const auto by = step_by ? integer(*step_by, "the step") : 1;
    if (by == 0)
        fail("the step of a slice is 0");
    const bool run = v.is_text() && by == 1;  // a part of the text as it is
    if (run)
        work(v.text().size() * 2);
    const auto all = v.is_text() && !run ? sequence(v) : v;
    const auto size = static_cast<std::int64_t>(run ? count_code_points(v.text()) : count(all));
    const auto bound = [&](const value* given, std::int64_t otherwise) {
        if (!given)
            return otherwise;
        const auto n = integer(*given, "a slice");
        const auto at = n < 0 ? std::max<std::int64_t>(n < -size ? -1 : n + size, by < 0 ? -1 : 0) : n;
        return std::min(at, by < 0 ? size - 1 : size);
    };
    const auto from = bound(start, by < 0 ? size - 1 : 0);
    const auto to = bound(stop, by < 0 ? -1 : size);
    if (run) {
        const auto skipped = first_code_points(v.text(), static_cast<std::size_t>(from)).size();
        const auto part =
            first_code_points(v.text().substr(skipped), static_cast<std::size_t>(std::max<std::int64_t>(0, to - from)));
        return v.is_markup() ? value::markup(part) : value(part);
    }
    if (v.is(kind::range)) {
        const auto& r = v.range();
        std::int64_t step = 0, first = 0, last = 0;
        const auto span = by > 0 ? to - from : from - to;
        const auto apart = by > 0 ? by : by == INT64_MIN ? INT64_MAX : -by;
        if (__builtin_mul_overflow(r.step, by, &step) || __builtin_mul_overflow(from, r.step, &first) ||
            __builtin_mul_overflow(to, r.step, &last))
            fail("the step of a range does not fit into 64 bits");
        // An empty slice may begin beyond 64 bits, and is then never looked at.
        const auto start_of = [&](std::int64_t n) {
            return static_cast<std::int64_t>(static_cast<std::uint64_t>(r.start) + static_cast<std::uint64_t>(n));
        };
        return static_cast<const range_data*>(memory.make<range_data>(
            {start_of(first), step, span > 0 ? static_cast<std::size_t>((span - 1) / apart + 1) : 0, start_of(last)}));
    }
    if (v.is_list() && by == 1) {
        const auto length_of_it = static_cast<std::size_t>(std::max<std::int64_t>(0, to - from));
        step(length_of_it);
        auto* part = memory.list(length_of_it, v.is(kind::list) && v.list().tuple);
        for (; part->size < length_of_it; ++part->size)
            part->items[part->size] = item(v, static_cast<std::size_t>(from) + part->size);
        return part;
    }
    auto made = make_text();
    auto* l = v.is_text() ? nullptr : memory.list(0, v.is(kind::list) && v.list().tuple);
    for (auto i = from; by > 0 ? i < to : i > to;) {
        step();
        const auto part = item(all, static_cast<std::size_t>(i));
        if (l)
            memory.push(*l, part);
        else
            made += part.text();
        if (by > size || by < -size)
            break;
        i += by;
    }
    return l ? value(l) : like(v, made);
}

}  // namespace zincir::detail::jinja

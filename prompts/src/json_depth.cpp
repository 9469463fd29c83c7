#include "json_depth.hpp"

#include <algorithm>

namespace zincir::detail {
namespace {

bool fits(const json::value& v, unsigned depth) noexcept
{
    const auto inside = [&](const json::value& part) { return !part.is_structured() || (depth > 0 && fits(part, depth - 1)); };
    if (const auto* a = v.if_array())
        return std::all_of(a->begin(), a->end(), inside);
    if (const auto* o = v.if_object())
        return std::all_of(o->begin(), o->end(), [&](const auto& member) { return inside(member.value()); });
    return true;
}

}  // namespace

void check_json_depth(const json::value& v)
{
    if (!fits(v, max_json_depth - 1))
        throw error(errc::limit_exceeded, "a value is nested more than " + std::to_string(max_json_depth) + " deep");
}

}  // namespace zincir::detail

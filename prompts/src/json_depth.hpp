#pragma once

#include <zincir/core/json.hpp>

namespace zincir::detail {

/// What writes JSON calls itself for each level, and a caller's value may have any number of them.
inline constexpr unsigned max_json_depth = 200;

/// Throws errc::limit_exceeded for a value that is nested deeper.
void check_json_depth(const json::value& v);

}  // namespace zincir::detail

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zincir::detail {

/// The one of `names` that is nearest to `name` by edit distance (Levenshtein), if it is near enough to be meant; else empty.
std::string nearest_name(std::string_view name, const std::vector<std::string>& names);

}  // namespace zincir::detail

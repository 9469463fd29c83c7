#pragma once

#include "../code_points.hpp"

#include <string>
#include <string_view>

namespace zincir::detail::jinja {

/// Unicode's default mapping of Latin, Greek, Cyrillic and Armenian letters; others stay. Turkish i and ı only with `turkish`.
char32_t upper_of(char32_t c, bool turkish = false) noexcept;
char32_t lower_of(char32_t c, bool turkish = false) noexcept;
std::string upper(std::string_view text, bool turkish = false);
std::string lower(std::string_view text, bool turkish = false);
/// The first letter upper, the others lower.
std::string capitalized(std::string_view text);

}  // namespace zincir::detail::jinja

#pragma once

#include "../code_points.hpp"

#include <string>
#include <string_view>

namespace zincir::detail::jinja {

/// Unicode's default mapping, of one letter to one; the version is that of case_tables.hpp. With `turkish`, i belongs to İ and ı to
/// I.
char32_t upper_of(char32_t c, bool turkish = false) noexcept;
char32_t lower_of(char32_t c, bool turkish = false) noexcept;
std::string upper(std::string_view text, bool turkish = false);
std::string lower(std::string_view text, bool turkish = false);
std::string casefolded(std::string_view text);
/// Whether it has an upper or a lower form.
bool is_cased(char32_t c) noexcept;
/// The first letter in title case, or the upper one, the others lower.
std::string capitalized(std::string_view text, bool turkish = false, bool upper_first = false);

}  // namespace zincir::detail::jinja

#pragma once

#include <string>
#include <string_view>

namespace zincir::detail {

/// What Python's str methods say of a character; the Unicode version is that of character_tables.hpp.
bool is_printable(char32_t c) noexcept;
bool is_alphabetic(char32_t c) noexcept;
bool is_decimal(char32_t c) noexcept;
bool is_digit(char32_t c) noexcept;
bool is_numeric(char32_t c) noexcept;
bool is_space(char32_t c) noexcept;
/// 0 to 9; only of what is_decimal().
unsigned decimal_value(char32_t c) noexcept;

/// The character at the beginning of a text that is not empty.
char32_t first_of(std::string_view text) noexcept;

std::string_view left_stripped(std::string_view text) noexcept;
std::string_view right_stripped(std::string_view text) noexcept;
inline std::string_view stripped(std::string_view text) noexcept { return left_stripped(right_stripped(text)); }

/// The first line of a text, taken off it; a line ends where Python's splitlines() ends it.
std::string_view take_line(std::string_view& rest, bool keep_end = false) noexcept;
/// Python's repr() of a text; with `ascii_only` its ascii().
std::string quoted_text(std::string_view text, bool ascii_only = false);
/// The quotes that it has, and a part of what stands between them.
char quote_for(std::string_view text) noexcept;
void append_unquoted(std::string& out, std::string_view part, char quote, bool ascii_only);

}  // namespace zincir::detail

#pragma once

#include <zincir/prompts/detail/format_spec.hpp>
#include <zincir/prompts/prompt_value.hpp>

#include <array>
#include <string>
#include <string_view>

namespace zincir::detail {

/// The specification, or errc::invalid_argument whose message is the reason.
format_spec parse_format_spec(std::string_view text);
/// Why a specification is none. `read` is what read_format_spec made of `text`.
std::string reason_of(const read_spec& read, std::string_view text);

/// Writes as Python's format() does; `conversion` is 0, 's', 'r' or 'a'. Throws errc::invalid_argument, whose message is the
/// reason, for a value that the specification does not fit.
void append_formatted(std::string& out, const prompt_value& value, char conversion, const format_spec& spec);

using number_buffer = std::array<char, 40>;
/// The shortest text that reads back, with a point or exponent, as Python's repr. A part of `buffer`.
std::string_view shortest_text(double n, number_buffer& buffer);

}  // namespace zincir::detail

#pragma once

#include <zincir/prompts/prompt_value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace zincir::detail {

/// What follows the colon of a field, parsed: [[fill]align][sign][#][0][width][,|_][.precision][type], as Python and fmt agree on
/// it.
struct format_spec {
    std::string fill = " ";  // one code point
    char align = 0;          // '<', '>', '^', '=' or 0
    char sign = 0;           // '+', '-', ' ' or 0
    bool alternate = false;
    std::size_t width = 0;
    char grouping = 0;  // ',' or '_' or 0
    std::optional<std::size_t> precision{};
    char type = 0;
};

/// What follows the exclamation mark: 0, 's', 'r' or 'a'.
using conversion = char;

/// Throws errc::invalid_argument, whose message is the reason, for a specification that is none.
format_spec parse_format_spec(std::string_view text);

/// Likewise for a value that the specification does not fit.
void append_formatted(std::string& out, const prompt_value& value, conversion how, const format_spec& spec);

/// Python's repr of a text; with `ascii_only` its ascii().
std::string quoted(std::string_view text, bool ascii_only);

}  // namespace zincir::detail

#pragma once

#include <zincir/prompts/detail/format_spec.hpp>
#include <zincir/prompts/prompt_value.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace zincir::detail {

/// The specification, or errc::invalid_argument whose message is the reason.
format_spec parse_format_spec(std::string_view text, spec_limits limits = {});
/// Why a specification is none. `read` is what read_format_spec made of `text`.
std::string reason_of(const read_spec& read, std::string_view text);

/// Writes as Python's format() does; `conversion` is 0, 's', 'r' or 'a'. Throws errc::invalid_argument, whose message is the
/// reason, for a value that the specification does not fit.
void append_formatted(std::string& out, const prompt_value& value, char conversion, const format_spec& spec);

/// A number before it is filled up: its sign, "0x", the digits that are grouped, and what follows them.
struct number_parts {
    bool negative = false;
    std::string prefix{};
    std::string digits{};
    std::string rest{};
};
/// Throw as append_formatted does. A precision takes as much memory as it has digits.
number_parts integer_parts(bool negative, std::uint64_t size, const format_spec& spec);
number_parts real_parts(double n, const format_spec& spec);

/// `before` times the fill, head, `inside` times the fill, body, `after` times the fill.
struct filled_text {
    std::size_t before = 0;
    std::size_t inside = 0;
    std::size_t after = 0;
    std::string head{};
    std::string body{};
};
/// Zeros that are grouped are part of the body: it is then as long as the width.
filled_text filled_up(number_parts number, const format_spec& spec);

/// What a precision leaves of a text. Throws as append_formatted does.
std::string_view text_part(std::string_view text, const format_spec& spec);
struct padding {
    std::size_t before = 0;
    std::size_t after = 0;
};
padding padding_of(std::string_view text, const format_spec& spec, char default_align);

using number_buffer = std::array<char, 40>;
/// The shortest text that reads back, with a point or exponent, as Python's repr. A part of `buffer`.
std::string_view shortest_text(double n, number_buffer& buffer);

}  // namespace zincir::detail

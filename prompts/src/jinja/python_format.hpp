#pragma once

#include "value.hpp"

#include <span>
#include <string>
#include <string_view>

namespace zincir::detail::jinja {

class renderer;
struct named_value;

/// Python's str() of a float.
std::string real_text(double n);

/// `text % given`: a tuple gives several values, a dict those with names. Where the text is safe, what is put in is escaped.
value percent_formatted(renderer& r, const value& text, const value& given);

/// `text.format(…)`. `mapping` takes the place of both in format_map().
value brace_formatted(renderer& r, const value& text, std::span<const value> positional, std::span<const named_value> named,
                      const value* mapping);

}  // namespace zincir::detail::jinja

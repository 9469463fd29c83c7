#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace zincir::detail::jinja {

class renderer;
class value;

/// The lines of one line of text, as Python's textwrap.wrap makes them, `between` between them. `width` is at least 1, in code points.
std::string wrapped(std::string_view line, std::size_t width, bool break_words, bool break_hyphens, std::string_view between);

/// Python's pprint.pformat.
std::string pretty_printed(renderer& r, const value& v);

}  // namespace zincir::detail::jinja

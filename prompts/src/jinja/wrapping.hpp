#pragma once

#include <cstddef>
#include <string_view>

namespace zincir::detail::jinja {

class renderer;
class text_maker;
class value;

struct wrapping {
    std::size_t width = 79;  // in code points, at least 1
    bool break_words = true;
    bool break_hyphens = true;
    std::string_view between;
};

/// The lines of one line of text, as Python's textwrap.wrap makes them.
void append_wrapped(renderer& r, text_maker& out, std::string_view line, const wrapping& how);

/// Python's pprint.pformat.
value pretty_printed(renderer& r, const value& v);

}  // namespace zincir::detail::jinja

#pragma once

#include "../template_source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir::detail::jinja {

enum class token_kind : std::uint8_t {
    data,
    variable_begin,
    variable_end,
    block_begin,
    block_end,
    name,
    text,
    integer,
    real,
    mark,
    end
};

struct token {
    token_kind kind = token_kind::end;
    std::string_view text{};  // of a string literal: between its quotes, as written
    std::size_t offset = 0;   // in the template's text

    bool is(std::string_view mark) const noexcept { return kind == token_kind::mark && text == mark; }
    bool is_name(std::string_view word) const noexcept { return kind == token_kind::name && text == word; }
};

struct lexer_options {
    bool trim_blocks = false;
    bool lstrip_blocks = false;
    bool keep_trailing_newline = false;
};

/// The tokens of a template by the rules of Jinja 3.1's lexer, whitespace control applied. Views into the source. Throws
/// errc::invalid_template.
std::vector<token> tokenize(const template_source& source, const lexer_options& options);

/// What a string literal stands for: \n, \t, \xhh, \uhhhh, … replaced as Python replaces them. None for an escape that is not
/// whole, or for half of a surrogate pair.
std::optional<std::string> unescaped(std::string_view literal);

}  // namespace zincir::detail::jinja

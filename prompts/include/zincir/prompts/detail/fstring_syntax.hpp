#pragma once

#include <zincir/prompts/detail/format_spec.hpp>

// How the f-string format is read, by the compiler and at run time: one set of rules.

namespace zincir::detail {

enum class prompt_fault {
    none,
    not_utf8,
    single_closing_brace,
    unclosed_brace,
    field_without_name,
    numbered_field,
    field_that_reaches_into_a_value,
    field_inside_a_specification,
    unknown_conversion,
    unusable_specification,
    variable_called_stop,
};

/// A field {name!conversion:spec}. Small: a text may consist of nothing else.
struct fstring_field {
    std::size_t offset = 0;  // of its brace in the text
    std::size_t size = 0;    // with its braces
    std::size_t name_size = 0;
    std::size_t spec_size = 0;
    char conversion = 0;  // behind the exclamation mark: 's', 'r', 'a' or 0
    format_spec spec{};

    constexpr bool plain() const noexcept { return conversion == 0 && spec_size == 0; }
    constexpr std::string_view name_in(std::string_view text) const { return text.substr(offset + 1, name_size); }
    constexpr std::string_view spec_in(std::string_view text) const
    {
        return text.substr(offset + size - 1 - spec_size, spec_size);
    }
};

/// A piece of a text: literal bytes, then a field or nothing. A doubled brace ends a piece, and is one brace of its bytes.
struct fstring_piece {
    std::string_view literal;
    bool has_field = false;
    fstring_field field{};
    prompt_fault fault = prompt_fault::none;
    std::size_t fault_offset = 0;
    std::size_t next = 0;  // where the next piece begins
};

constexpr prompt_fault read_fstring_field(std::string_view text, fstring_field& f)
{
    const auto inside = text.substr(f.offset + 1, f.size - 2);
    const auto mark = inside.find_first_of("!:");
    const auto name = inside.substr(0, mark);
    f.name_size = name.size();
    if (name.empty())
        return prompt_fault::field_without_name;
    if (name.find_first_not_of("0123456789") == std::string_view::npos)
        return prompt_fault::numbered_field;
    if (name.find_first_of(".[]") != std::string_view::npos)
        return prompt_fault::field_that_reaches_into_a_value;
    if (name == "stop")
        return prompt_fault::variable_called_stop;
    if (mark == std::string_view::npos)
        return prompt_fault::none;
    auto rest = inside.substr(mark);
    if (rest.front() == '!') {
        f.conversion = rest.size() > 1 ? rest[1] : '?';
        if (!has("sra", f.conversion))
            return prompt_fault::unknown_conversion;
        rest.remove_prefix(2);
        if (!rest.empty() && rest.front() != ':')
            return prompt_fault::unknown_conversion;
    }
    if (rest.empty())
        return prompt_fault::none;
    f.spec_size = rest.size() - 1;
    const auto read = read_format_spec(f.spec_in(text));
    f.spec = read.spec;
    return read.fault == spec_fault::none ? prompt_fault::none : prompt_fault::unusable_specification;
}

/// The piece that begins at `at`, which is before the text's end.
constexpr fstring_piece next_fstring_piece(std::string_view text, std::size_t at)
{
    fstring_piece piece;
    const auto fail = [&](prompt_fault why, std::size_t where) {
        piece.fault = why;
        piece.fault_offset = where;
        return piece;
    };
    const auto brace = text.find_first_of("{}", at);
    if (brace == std::string_view::npos) {
        piece.literal = text.substr(at);
        piece.next = text.size();
        return piece;
    }
    if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
        piece.literal = text.substr(at, brace + 1 - at);
        piece.next = brace + 2;
        return piece;
    }
    piece.literal = text.substr(at, brace - at);
    if (text[brace] == '}')
        return fail(prompt_fault::single_closing_brace, brace);
    const auto close = text.find_first_of("{}", brace + 1);
    if (close == std::string_view::npos)
        return fail(prompt_fault::unclosed_brace, brace);
    if (text[close] == '{') {
        const bool in_spec = has(text.substr(brace, close - brace), ':');
        return in_spec ? fail(prompt_fault::field_inside_a_specification, close) : fail(prompt_fault::unclosed_brace, brace);
    }
    piece.has_field = true;
    piece.field.offset = brace;
    piece.field.size = close + 1 - brace;
    piece.next = close + 1;
    const auto fault = read_fstring_field(text, piece.field);
    return fault == prompt_fault::none ? piece : fail(fault, brace);
}

}  // namespace zincir::detail

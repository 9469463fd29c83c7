#pragma once

#include <zincir/core/detail/utf8.hpp>
#include <zincir/prompts/detail/fixed_string.hpp>
#include <zincir/prompts/detail/fstring_syntax.hpp>

namespace zincir::detail {

/// A field, and the literal text before it: a part of literal_program::literals.
struct literal_field : fstring_field {
    std::size_t literal = 0;
    std::size_t literal_size = 0;
};

/// A prompt in the source text, as the compiler has read it.
template <std::size_t N>
struct literal_program {
    char literals[N]{};
    literal_field fields[N / 3 + 1]{};
    std::size_t count = 0;
    std::size_t tail = 0;  // the literal after the last field
    std::size_t tail_size = 0;
    prompt_fault fault = prompt_fault::none;
    std::size_t fault_offset = 0;
};

template <std::size_t N>
constexpr literal_program<N> parse_literal(const fixed_string<N>& source)
{
    literal_program<N> program;
    const auto text = source.view();
    for (std::size_t at = 0; at < text.size() && program.fault == prompt_fault::none;) {
        const auto length = utf8_length_at(text, at);
        program.fault = length == 0 ? prompt_fault::not_utf8 : prompt_fault::none;
        program.fault_offset = at;
        at += length;
    }
    if (program.fault != prompt_fault::none)
        return program;
    std::size_t written = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto piece = next_fstring_piece(text, at);
        if (piece.fault != prompt_fault::none) {
            program.fault = piece.fault;
            program.fault_offset = piece.fault_offset;
            return program;
        }
        for (const char c : piece.literal)
            program.literals[written++] = c;
        if (piece.has_field) {
            auto& f = program.fields[program.count++];
            static_cast<fstring_field&>(f) = piece.field;
            f.literal = program.tail;
            f.literal_size = written - program.tail;
            program.tail = written;
        }
        at = piece.next;
    }
    program.tail_size = written - program.tail;
    return program;
}

}  // namespace zincir::detail

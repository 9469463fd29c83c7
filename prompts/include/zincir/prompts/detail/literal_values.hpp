#pragma once

#include <zincir/prompts/detail/literal_program.hpp>
#include <zincir/prompts/values.hpp>

#include <charconv>
#include <concepts>
#include <string>

// The values of a prompt in the source text: their names, and how each is written.

namespace zincir::detail {

/// A parsed literal as functions that are no templates see it.
struct literal_view {
    std::string_view text;
    const char* literals;
    const literal_field* fields;
    std::size_t count;
    std::string_view tail;
};
/// Throw what prompt_template::format throws.
void render_literal(std::string& out, const literal_view& program, const values& input);
void append_literal_field(std::string& out, const literal_view& program, const literal_field& field, const prompt_value& value);

template <fixed_string Name, class T>
struct named_argument {
    static constexpr auto name = Name;
    const T& value;
};
template <fixed_string Name>
struct argument_name {
    template <class T>
    constexpr named_argument<Name, T> operator=(const T& value) const noexcept
    {
        return {value};
    }
};

/// What the compiler shows of a malformed prompt.
template <prompt_fault Fault, std::size_t Offset>
inline constexpr bool fault_at_byte = Fault == prompt_fault::none;

template <class T>
void append_value(std::string& out, const literal_view& program, const literal_field& field, const T& value)
{
    if constexpr (std::convertible_to<const T&, std::string_view>) {
        if (field.plain())
            out += std::string_view(value);
        else
            append_literal_field(out, program, field, prompt_value(std::string_view(value)));
    } else if constexpr (std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>) {
        if (!field.plain())
            return append_literal_field(out, program, field, prompt_value(value));
        char digits[24];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    } else {
        static_assert(std::convertible_to<const T&, prompt_value>,
                      "zincir: a value of a prompt is a text, a number, a bool or JSON");
        append_literal_field(out, program, field, prompt_value(value));
    }
}

}  // namespace zincir::detail

#pragma once

#include <zincir/prompts/detail/fixed_string.hpp>

#include <cstddef>
#include <string_view>

// How a prompt in the source text is read by the compiler: the f-string rules of prompt_template, in constant expressions.

namespace zincir::detail {

enum class literal_fault {
    none,
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

/// A field with the literal text before it. Offsets: of the literal in literal_program::literals, of the others in the source.
struct literal_field {
    std::size_t literal = 0;
    std::size_t literal_size = 0;
    std::size_t offset = 0;  // of its brace
    std::size_t name = 0;
    std::size_t name_size = 0;
    std::size_t spec = 0;
    std::size_t spec_size = 0;
    char conversion = 0;

    constexpr bool plain() const noexcept { return conversion == 0 && spec_size == 0; }
};

template <std::size_t N>
struct literal_program {
    char literals[N]{};
    literal_field fields[N / 3 + 1]{};
    std::size_t count = 0;
    std::size_t tail = 0;  // the literal after the last field
    std::size_t tail_size = 0;
    literal_fault fault = literal_fault::none;
    std::size_t fault_offset = 0;
};

/// string_view::find of a character is no constant expression to g++ 12 under UBSan.
constexpr bool has(std::string_view text, char c)
{
    for (const char one : text)
        if (one == c)
            return true;
    return false;
}

/// [[fill]align][sign][#][0][width][,|_][.precision][type]
constexpr bool is_format_spec(std::string_view text)
{
    const auto take = [&](std::string_view any) {
        if (text.empty() || !has(any, text.front()))
            return false;
        text.remove_prefix(1);
        return true;
    };
    const auto take_number = [&](std::size_t limit) {
        std::size_t n = 0;
        bool some = false;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9' && n <= limit; some = true, text.remove_prefix(1))
            n = n * 10 + static_cast<std::size_t>(text.front() - '0');
        return some && n <= limit;
    };
    std::size_t fill = text.empty() ? 0 : 1;
    while (fill < text.size() && (static_cast<unsigned char>(text[fill]) & 0xC0) == 0x80)
        ++fill;  // one code point
    if (fill < text.size() && has("<>^=", text[fill]))
        text.remove_prefix(fill + 1);
    else
        take("<>^=");
    take("+- ");
    take("#");
    take("0");
    if (!text.empty() && text.front() >= '0' && text.front() <= '9' && !take_number(10'000))
        return false;
    take(",_");
    if (take(".") && !take_number(500))
        return false;
    take("bcdeEfFgGnosxX%");
    return text.empty();
}

constexpr literal_fault read_literal_field(std::string_view text, literal_field& f)
{
    const auto inside = text.substr(f.name, f.name_size);
    const auto mark = inside.find_first_of("!:");
    const auto name = inside.substr(0, mark);
    f.name_size = name.size();
    if (name.empty())
        return literal_fault::field_without_name;
    if (name.find_first_not_of("0123456789") == std::string_view::npos)
        return literal_fault::numbered_field;
    if (name.find_first_of(".[]") != std::string_view::npos)
        return literal_fault::field_that_reaches_into_a_value;
    if (name == "stop")
        return literal_fault::variable_called_stop;
    if (mark == std::string_view::npos)
        return literal_fault::none;
    auto rest = inside.substr(mark);
    if (rest.front() == '!') {
        f.conversion = rest.size() > 1 ? rest[1] : '?';
        if (f.conversion != 's' && f.conversion != 'r' && f.conversion != 'a')
            return literal_fault::unknown_conversion;
        rest.remove_prefix(2);
        if (!rest.empty() && rest.front() != ':')
            return literal_fault::unknown_conversion;
    }
    if (!rest.empty()) {
        f.spec = f.name + inside.size() - rest.size() + 1;
        f.spec_size = rest.size() - 1;
        if (!is_format_spec(rest.substr(1)))
            return literal_fault::unusable_specification;
    }
    return literal_fault::none;
}

template <std::size_t N>
constexpr literal_program<N> parse_literal(const fixed_string<N>& source)
{
    literal_program<N> program;
    const auto text = source.view();
    std::size_t written = 0;
    std::size_t begin = 0;
    const auto fail = [&](literal_fault why, std::size_t at) {
        program.fault = why, program.fault_offset = at;
        return program;
    };
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if ((c != '{' && c != '}') || (i + 1 < text.size() && text[i + 1] == c)) {
            program.literals[written++] = c;
            i += c == '{' || c == '}' ? 2U : 1U;
            continue;
        }
        if (c == '}')
            return fail(literal_fault::single_closing_brace, i);
        const auto close = text.find_first_of("{}", i + 1);
        if (close == std::string_view::npos)
            return fail(literal_fault::unclosed_brace, i);
        if (text[close] == '{')
            return fail(
                has(text.substr(i, close - i), ':') ? literal_fault::field_inside_a_specification : literal_fault::unclosed_brace,
                i);
        auto& f = program.fields[program.count++];
        f.literal = begin;
        f.literal_size = written - begin;
        f.offset = i;
        f.name = i + 1;
        f.name_size = close - i - 1;
        if (const auto fault = read_literal_field(text, f); fault != literal_fault::none)
            return fail(fault, i);
        begin = written;
        i = close + 1;
    }
    program.tail = begin;
    program.tail_size = written - begin;
    return program;
}

}  // namespace zincir::detail

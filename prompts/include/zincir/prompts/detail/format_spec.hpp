#pragma once

#include <cstddef>
#include <string_view>

namespace zincir::detail {

/// What follows the colon of a field, as Python reads it: [[fill]align][sign][z][#][0][width][,|_][.precision][type].
struct format_spec {
    static constexpr std::size_t no_precision = static_cast<std::size_t>(-1);

    char32_t fill = U' ';
    char align = 0;              // '<', '>', '^', '=' or 0
    char sign = 0;               // '+', '-', ' ' or 0
    char grouping = 0;           // ',' or '_' or 0
    char type = 0;               // one of bcdeEfFgGnosxX% or 0
    bool positive_zero = false;  // z: -0 loses its sign
    bool alternate = false;      // #
    bool zero = false;           // 0 without a fill of its own: numbers without align are filled behind their sign
    std::size_t width = 0;
    std::size_t precision = no_precision;
};

/// Of one field: a prompt has no use for more.
struct spec_limits {
    std::size_t width = 10'000;
    std::size_t precision = 500;
};

enum class spec_fault { none, width_too_large, precision_too_large, precision_missing, grouping_not_for_type, unknown_text };

struct read_spec {
    format_spec spec{};
    spec_limits limits{};
    spec_fault fault = spec_fault::none;
    std::size_t rest = 0;  // where the text begins that was not understood
};

/// string_view::find of a character is no constant expression to g++ 12 under UBSan.
constexpr bool has(std::string_view text, char c)
{
    for (const char one : text)
        if (one == c)
            return true;
    return false;
}

/// The first code point of a text in UTF-8, taken off it.
constexpr char32_t take_code_point(std::string_view& text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    std::size_t i = 1;
    for (; i < size && i < text.size(); ++i)
        point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.remove_prefix(i);
    return point;
}

/// Digits up to `limit`; beyond it `limit` + 1.
constexpr std::size_t take_number(std::string_view& text, std::size_t limit)
{
    std::size_t n = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1))
        n = n > limit ? n : n * 10 + static_cast<std::size_t>(text.front() - '0');
    return n > limit ? limit + 1 : n;
}

constexpr bool grouping_fits(char grouping, char type)
{
    return grouping == 0 || type == 0 || has("deEfFgG%", type) || (grouping == '_' && has("boxX", type));
}

constexpr read_spec read_format_spec(std::string_view text, spec_limits limits = {})
{
    read_spec made;
    made.limits = limits;
    auto& spec = made.spec;
    const auto size = text.size();
    const auto take = [&](std::string_view any) -> char {
        if (text.empty() || !has(any, text.front()))
            return 0;
        const char taken = text.front();
        text.remove_prefix(1);
        return taken;
    };
    bool filled = false;
    if (!text.empty()) {
        auto behind = text;
        const auto fill = take_code_point(behind);
        if (!behind.empty() && has("<>^=", behind.front())) {
            filled = true;
            spec.fill = fill;
            text = behind;
        }
    }
    spec.align = take("<>^=");
    spec.sign = take("+- ");
    spec.positive_zero = take("z") != 0;
    spec.alternate = take("#") != 0;
    if (!filled && take("0")) {
        spec.fill = U'0';
        spec.zero = true;
    }
    spec.width = take_number(text, limits.width);
    spec.grouping = take(",_");
    const bool point = take(".") != 0;
    if (point && (text.empty() || text.front() < '0' || text.front() > '9'))
        made.fault = spec_fault::precision_missing;
    if (point)
        spec.precision = take_number(text, limits.precision);
    spec.type = take("bcdeEfFgGnosxX%");
    made.rest = size - text.size();
    if (made.fault != spec_fault::none)
        return made;
    if (!text.empty())
        made.fault = spec_fault::unknown_text;
    else if (spec.width > limits.width)
        made.fault = spec_fault::width_too_large;
    else if (point && spec.precision > limits.precision)
        made.fault = spec_fault::precision_too_large;
    else if (!grouping_fits(spec.grouping, spec.type))
        made.fault = spec_fault::grouping_not_for_type;
    return made;
}

}  // namespace zincir::detail

#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace zincir::detail {

/// A string literal as a template argument.
template <std::size_t N>
struct fixed_string {
    char chars[N]{};

    consteval fixed_string(const char (&characters)[N]) : fixed_string(characters, N - 1) {}
    consteval fixed_string(const char* characters, std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i)
            chars[i] = characters[i];
    }
    constexpr std::string_view view() const noexcept { return {chars, N - 1}; }
};

template <fixed_string First, fixed_string Second>
consteval auto joined()
{
    constexpr auto a = First.view();
    constexpr auto b = Second.view();
    char both[a.size() + b.size() + 1]{};
    for (std::size_t i = 0; i < a.size() + b.size(); ++i)
        both[i] = i < a.size() ? a[i] : b[i - a.size()];
    return fixed_string<a.size() + b.size() + 1>(both);
}

/// A name as an error of the compiler shows it: g++ writes the text, clang 14 would write numbers.
#ifdef __clang__
template <char...>
struct letters;
template <fixed_string Name, std::size_t... I>
letters<Name.chars[I]...> spell(std::index_sequence<I...>);
template <fixed_string Name>
using spelled = decltype(spell<Name>(std::make_index_sequence<Name.view().size()>()));
#else
template <fixed_string Name>
struct spelled;
#endif

}  // namespace zincir::detail

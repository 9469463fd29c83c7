#pragma once

#include <zincir/core/described.hpp>
#include <zincir/core/detail/nearest_name.hpp>
#include <zincir/prompts/detail/fixed_string.hpp>

#include <array>
#include <string_view>
#include <type_traits>

// The names in an error of the compiler: the one that is wrong, and the nearest one that would be right.

namespace zincir::detail {

/// What the compiler shows beside the reason: the name, or the place, that is meant.
template <class Name>
struct did_you_mean;
struct nothing_near_it;
template <class Name, class Suggestion>
inline constexpr bool the_prompt_has_no_variable = false;
template <class Name, class Suggestion>
inline constexpr bool no_value_is_given_for = false;

/// did_you_mean of the one of Names that is nearest to Name, or nothing_near_it.
template <fixed_string Name, fixed_string... Names>
consteval auto suggestion()
{
    constexpr std::array<std::string_view, sizeof...(Names)> names{Names.view()...};
    constexpr auto at = nearest_index(Name.view(), names);
    if constexpr (at < names.size())
        return static_cast<did_you_mean<spelled<fixed_string<names[at].size() + 1>(names[at].data(), names[at].size())>>*>(nullptr);
    else
        return static_cast<nothing_near_it*>(nullptr);
}
template <fixed_string Name, fixed_string... Names>
using suggested = std::remove_pointer_t<decltype(suggestion<Name, Names...>())>;

template <fixed_string Name, class... Members>
auto suggest_member(boost::mp11::mp_list<Members...>)
    -> suggested<Name, fixed_string<std::string_view(Members::name).size() + 1>(Members::name,
                                                                                std::string_view(Members::name).size())...>*;
template <class Struct, fixed_string Name>
using nearest_member =
    std::remove_pointer_t<decltype(suggest_member<Name>(boost::mp11::mp_rename<detail::members<Struct>, boost::mp11::mp_list>()))>;

}  // namespace zincir::detail

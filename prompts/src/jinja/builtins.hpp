#pragma once

#include "value.hpp"

#include <zincir/prompts/template_environment.hpp>

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace zincir::detail::jinja {

class renderer;
class text_maker;

struct named_value {
    std::string_view name{};
    value held{};
};

/// What a filter, test, method or function was given. Of a filter, test or method the subject is the first.
struct call_of {
    std::span<const value> positional{};
    std::span<const named_value> named{};
    std::array<const value*, 8> bound{};  // by the parameters of the entry; null: not given

    const value* operator[](std::size_t i) const noexcept { return bound[i]; }
    const value& subject() const noexcept { return positional.front(); }
};

struct builtin_entry {
    using function = value (*)(renderer&, const call_of&);
    constexpr builtin_entry(std::string_view its_name, std::string_view its_parameters, function f)
        : name(its_name), parameters(its_parameters), run(f)
    {
        for (std::size_t i = 0; i < parameters.size(); ++i)
            most += parameters[i] != '/' && parameters[i] != ' ' && (i == 0 || parameters[i - 1] == ' ') ? 1 : 0;
    }
    /// Whether the function looks at what was given itself.
    constexpr bool takes_any() const noexcept { return parameters == "*"; }

    std::string_view name;
    /// The names behind the subject, a space between them; or "*": see takes_any. "/" first: they are for people, arguments have
    /// no names.
    std::string_view parameters;
    function run;
    std::size_t most = 0;  // arguments behind the subject
};

/// What a name behind a dot means for a text, a list and a dict; null where it is no method.
struct methods {
    const builtin_entry* of_text = nullptr;
    const builtin_entry* of_list = nullptr;
    const builtin_entry* of_dict = nullptr;
};
methods methods_called(std::string_view name) noexcept;

/// Null where there is none.
const builtin_entry* find_filter(std::string_view name) noexcept;
const builtin_entry* find_test(std::string_view name) noexcept;
const builtin_entry* find_function(std::string_view name) noexcept;
const builtin_entry* find_text_method(std::string_view name) noexcept;
const builtin_entry* find_list_method(std::string_view name) noexcept;
const builtin_entry* find_dict_method(std::string_view name) noexcept;

/// What an error says of a filter or test that is not there: left out on purpose, or the nearest known one.
std::string unknown_builtin(std::string_view name, bool filter, const template_environment& environment);

/// Python's text.replace(old, now, count), a negative count for all.
void append_replaced(renderer& r, text_maker& out, std::string_view text, std::string_view old, std::string_view now,
                     std::int64_t count);

std::span<const builtin_entry> text_filters() noexcept;
std::span<const builtin_entry> list_filters() noexcept;
std::span<const builtin_entry> number_filters() noexcept;
std::span<const builtin_entry> markup_filters() noexcept;
std::span<const builtin_entry> json_filters() noexcept;
std::span<const builtin_entry> tests() noexcept;

}  // namespace zincir::detail::jinja

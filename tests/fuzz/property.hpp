#pragma once

#include <zincir/core/detail/utf8.hpp>
#include <zincir/core/error.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace zincir::testing {

/// What holds for every input; libFuzzer keeps the one for which it does not.
inline void require(bool holds, std::string_view claim)
{
    if (holds)
        return;
    std::cerr << "does not hold: " << claim << "\n";
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

inline bool is_utf8(std::string_view text) { return detail::find_invalid_utf8(text) == std::string_view::npos; }

/// A number that depends on all of the input: for choices that an input makes always alike.
inline std::uint64_t mixed(std::string_view text)
{
    std::uint64_t h = 14695981039346656037U;
    for (const char c : text)
        h = (h ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return h;
}

/// Of a text that was refused: a code that says whose fault it is, a reason, and its place.
inline void require_placed(const error& e)
{
    const std::string_view message = e.facts().message;
    const auto is = [&](errc code) { return e.code() == code; };
    require(is(errc::invalid_template) || is(errc::missing_variable) || is(errc::invalid_argument) || is(errc::limit_exceeded),
            "a template fails as a template, for a value, or at a limit");
    require(is_utf8(message), "an error is UTF-8");
    require(!is(errc::invalid_template) || message.find("line ") != std::string_view::npos ||
                message.find("not UTF-8: byte ") != std::string_view::npos,
            "an invalid template names the place");
}

}  // namespace zincir::testing

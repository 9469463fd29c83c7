#pragma once

#include <zincir/core/described.hpp>
#include <zincir/core/message.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace zincir {

/// What a variable of a template stands for: a text, a number, true or false, any JSON value, messages for a placeholder,
/// or a picture, sound or file.
class prompt_value {
public:
    prompt_value(std::string text) : value_(std::move(text)) {}
    prompt_value(const char* text) : value_(std::string(text)) {}
    prompt_value(std::string_view text) : value_(std::string(text)) {}
    prompt_value(bool b) : value_(b) {}
    template <std::integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    prompt_value(T n)
    {
        if constexpr (std::unsigned_integral<T>) {
            if (n > static_cast<std::uint64_t>(INT64_MAX)) {
                value_ = json::value(static_cast<std::uint64_t>(n));
                return;
            }
        }
        value_ = static_cast<std::int64_t>(n);
    }
    prompt_value(std::floating_point auto n) : value_(static_cast<double>(n)) {}
    /// Strings, integers, floating-point numbers and booleans become what they are; null, arrays and objects stay JSON.
    prompt_value(json::value v);
    prompt_value(zincir::messages turns) : value_(std::move(turns)) {}
    prompt_value(message one) : value_(zincir::messages(std::move(one))) {}
    /// A picture, sound or file for a part such as `image_url("{picture}")`: a user message that holds it.
    template <class Block>
        requires(std::same_as<Block, image_block> || std::same_as<Block, audio_block> || std::same_as<Block, file_block>)
    prompt_value(Block block) : prompt_value(user_parts(std::move(block)))
    {}

    /// What stands for a variable that was left out: an empty text, which a field writes as nothing, whatever its format
    /// specification says.
    static prompt_value nothing()
    {
        prompt_value v("");
        v.nothing_ = true;
        return v;
    }
    bool is_nothing() const noexcept { return nothing_; }

    using storage = std::variant<std::string, std::int64_t, double, bool, json::value, zincir::messages>;
    const storage& get() const noexcept { return value_; }
    storage& get() noexcept
    {
        nothing_ = false;
        return value_;
    }

private:
    storage value_;
    bool nothing_ = false;
};

/// The text that stands for `value` in a prompt: texts as they are, integers in decimal, floating-point numbers in the shortest
/// form that reads back, with a point or exponent ("1.0", "1e-07"), true and false, null, arrays and objects as compact JSON.
/// Messages have none: errc::invalid_argument.
std::string to_prompt_text(const prompt_value& value);

}  // namespace zincir

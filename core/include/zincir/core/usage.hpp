#pragma once

#include <cstdint>
#include <optional>

namespace zincir {

/// Tokens a reply cost, as the provider counted them. Absent is not zero. `cached_input_tokens` is a part of `input_tokens`,
/// `reasoning_tokens` a part of `output_tokens`.
struct usage {
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t total_tokens = 0;
    std::optional<std::int64_t> cached_input_tokens{};
    std::optional<std::int64_t> reasoning_tokens{};

    /// For sums over several calls. (The usages inside one stream are not summed: the last one stands.)
    usage& operator+=(const usage& other);
    friend usage operator+(usage a, const usage& b) { return a += b; }
    friend bool operator==(const usage&, const usage&) = default;
};

}  // namespace zincir

#pragma once

#include "../template_source.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/template_options.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace zincir::detail::handlebars {

/// What an expression names: `a.b`, `this`, `../a`, `@index`, `@root.a`.
struct path {
    enum class start : std::uint8_t { here, root, index, key, first, last };
    start from = start::here;
    std::size_t up = 0;  // contexts outwards
    std::vector<std::string_view> names{};
    std::string_view written{};
};
using operand = std::variant<path, json::value>;

enum class op : std::uint8_t { text, value, json, condition, unless, each, with, section, inverted, equal, unequal, partial };

struct node {
    op what = op::text;
    std::uint32_t begin = 0;  // text: what to write; else its tag
    std::uint32_t end = 0;
    std::vector<operand> operands{};            // of a partial: the values of names_own
    std::optional<path> context{};              // of a partial
    std::string_view name{};                    // of a partial
    std::vector<std::string_view> names_own{};  // each: `as |item index|`; partial: `a=b`
    std::size_t indent = 0;                     // json: `indent=2`
    std::vector<node> body{};
    std::vector<node> otherwise{};
};

/// A parsed text. Immutable; neither moves nor copies, as its names are views of its own text.
class program {
public:
    /// Throws errc::invalid_template with the place, also for what Handlebars has beyond this, by its name; errc::limit_exceeded
    /// for a text or a nesting beyond options.limits.
    program(std::string_view text, const template_options& options, std::string where = {});
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    const template_source& source() const noexcept { return source_; }
    const std::vector<node>& body() const noexcept { return body_; }
    /// First names that are looked for among the values of the call, and where.
    const std::vector<std::pair<std::string_view, std::uint32_t>>& variables() const noexcept { return variables_; }

private:
    friend class parser;
    template_source source_;
    std::vector<node> body_{};
    std::vector<std::pair<std::string_view, std::uint32_t>> variables_{};
};

}  // namespace zincir::detail::handlebars

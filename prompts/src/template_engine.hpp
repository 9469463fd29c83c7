#pragma once

#include "scope.hpp"
#include "template_source.hpp"

#include <zincir/prompts/template_options.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zincir::detail {

/// A parsed template of any format. Immutable, thread-safe.
class template_engine {
public:
    virtual ~template_engine() = default;

    /// Appends the text to `out`; what is in `out` already does not count against the limits.
    virtual void render(std::string& out, scope& given) const = 0;
    /// The variables that the values must or may give, sorted, each once.
    virtual const std::vector<std::string>& variables() const noexcept = 0;
    /// Where a variable is first used: "template "greeting", line 1, column 5".
    virtual std::string place_of(std::string_view variable) const = 0;
};

/// Room for `more` bytes in `out`, which doubles but for what lies beyond `limit`: memory that no rendering may fill.
void make_room(std::string& out, std::size_t more, std::size_t limit);

/// Parses `text` as options.format says. Throws what prompt_template's constructor throws.
std::unique_ptr<const template_engine> parse_template(std::string_view text, const template_options& options,
                                                      std::string where = {});

}  // namespace zincir::detail

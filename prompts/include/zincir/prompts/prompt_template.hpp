#pragma once

#include <zincir/core/sequence.hpp>
#include <zincir/prompts/prompt_explanation.hpp>
#include <zincir/prompts/template_options.hpp>
#include <zincir/prompts/values.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

namespace detail {
class template_engine;
/// Variables with values given beforehand, as values or as functions that are called at every rendering.
class partials;
struct template_piece;
struct prompt_access;
}  // namespace detail

/// A text with variables. Parsed once, at construction; rendering substitutes values and never looks at them again, so braces in a
/// value are just text. A step values → text; cheap to copy, immutable, thread-safe.
///
/// Construction throws errc::invalid_template with the template's name, line, column (in code points) and an excerpt, for
/// unbalanced braces, empty or numbered fields, attribute access and indexing (`{a.b}`, `{a[0]}`), a field inside a format
/// specification, a variable called `stop`, an unknown conversion or specification, and invalid UTF-8; errc::limit_exceeded for a
/// text beyond its limit.
/// Rendering throws errc::missing_variable, which names the variable, its place and the nearest name given
/// (template_options::undefined has gentler ways); errc::invalid_argument for a value that does not fit its format specification;
/// errc::limit_exceeded for an output beyond its limit. Format specifications are Python's:
/// [[fill]align][sign][z][#][0][width][,|_][.precision][type]; widths count code points. Surplus values are ignored.
///
/// In mustache a name is looked for from the innermost section outwards, then among the values, then among the lambdas. A variable
/// that is nowhere, or whose dots lead nowhere, is errc::missing_variable, where the specification and LangChain write nothing:
/// undefined_policy::empty is their way. A section of such a name is left out; so is one of null, false, 0, or an empty text, array
/// or object. null and empty arrays and objects write nothing, other values what to_prompt_text says. Messages are a list, each
/// with role, content and name. A partial that the loader does not have is empty; what is wrong in one is an error of the
/// rendering, and so is a nesting, of tags or of templates that use one another, beyond its limit.
class prompt_template : public step<values, std::string> {
public:
    explicit prompt_template(std::string_view text, template_options options = template_options());

    std::string format(const values& input) const;
    awaitable<std::string> invoke(values input, run_context ctx = {}) const;

    /// The same template with `name` already given: a default, for a value at the call still wins.
    [[nodiscard]] prompt_template partial(std::string_view name, prompt_value value) const;
    /// Likewise, computed at every rendering; `f` is called concurrently.
    [[nodiscard]] prompt_template partial(std::string_view name, std::function<prompt_value()> f) const;
    /// The call may leave `name` out, and then its field is nothing, whatever its conversion and format specification say; in
    /// sections and conditions, and where an expression looks at it, it is an empty text.
    [[nodiscard]] prompt_template optional(std::string_view name) const { return partial(name, prompt_value::nothing()); }

    /// Both texts, one behind the other; each keeps its syntax, name and limits. Values given beforehand hold for both; throws
    /// errc::invalid_argument for one that both were given.
    friend prompt_template operator+(const prompt_template& first, const prompt_template& second);
    /// Likewise; the text is parsed with the options of the template.
    friend prompt_template operator+(const prompt_template& first, std::string_view second);

    /// The variables a call must give, sorted, without those given beforehand. In mustache: the first names outside of sections,
    /// and the sections' own; what partials need is not known before they are loaded.
    std::vector<std::string> variables() const;
    /// JSON Schema of the values: texts in f-strings, and in mustache where they are only written; anything elsewhere. Those given
    /// beforehand are not required and have their value as default.
    json::object input_schema() const;
    /// How many tokens it takes, about, and how much of its beginning is the same in every call; values given beforehand count as
    /// constant, those of functions do not.
    prompt_explanation explain() const;
    /// Its text as written, for people to read.
    std::string pretty() const;
    std::string_view step_name() const noexcept { return "prompt_template"; }

private:
    friend struct detail::prompt_access;
    std::shared_ptr<const detail::template_engine> program_;
    std::shared_ptr<const detail::partials> partials_;
    std::shared_ptr<const std::vector<detail::template_piece>> pieces_;  // never empty
};

}  // namespace zincir

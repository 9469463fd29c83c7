#pragma once

#include <zincir/core/json.hpp>
#include <zincir/prompts/template_loader.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zincir {

/// What a template passes to a function of yours: `f(1, "a", end=2)`. A filter or test gets the value it stands behind first.
struct template_arguments {
    std::vector<json::value> positional{};
    std::vector<std::pair<std::string, json::value>> named{};

    /// The argument at `index`, else the one called `name`, else null.
    const json::value* find(std::size_t index, std::string_view name) const noexcept;
};

/// Throws zincir::error, or any std::exception, to make the rendering fail; the error then says where in the template.
using template_function = std::function<json::value(const template_arguments&)>;
using template_test = std::function<bool(const template_arguments&)>;
/// A mustache lambda: of a section, it gets the text inside as written; of a variable, an empty text. What it returns is rendered
/// as a template itself.
using template_lambda = std::function<std::string(std::string_view text)>;

/// What templates may use beside their values: functions of yours, other templates, the clock. All are called concurrently.
///
/// A value: copies share what they hold until one is changed.
class template_environment {
public:
    /// Jinja: `{{ value | name }}`, `{{ value is name }}`, `{{ name(…) }}`. One of the same name as a built-in one replaces it.
    template_environment& add_filter(std::string_view name, template_function f);
    template_environment& add_test(std::string_view name, template_test f);
    template_environment& add_function(std::string_view name, template_function f);
    /// Mustache: `{{name}}` and `{{#name}}…{{/name}}`. A value of that name wins.
    template_environment& add_lambda(std::string_view name, template_lambda f);
    /// Where partials, parents, includes and imports come from; null for nowhere, as at first.
    template_environment& set_loader(std::shared_ptr<const template_loader> loader);
    /// What strftime_now shows; the system's clock at first.
    template_environment& set_clock(std::function<std::chrono::system_clock::time_point()> clock);

    /// Null where there is none. Valid until this environment changes.
    const template_function* filter(std::string_view name) const noexcept;
    const template_test* test(std::string_view name) const noexcept;
    const template_function* function(std::string_view name) const noexcept;
    const template_lambda* lambda(std::string_view name) const noexcept;
    const template_loader* loader() const noexcept;
    std::chrono::system_clock::time_point now() const;
    /// The names of the filters, tests, functions and lambdas, for suggestions.
    std::vector<std::string> names() const;

private:
    struct state;
    state& own();
    std::shared_ptr<state> state_{};
};

}  // namespace zincir

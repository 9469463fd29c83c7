#pragma once

#include <zincir/prompts/values.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir::detail {

/// Variables with values given beforehand, as values or as functions that are called at every rendering.
class partials {
public:
    struct entry {
        std::string name;
        std::optional<prompt_value> value;
        std::function<prompt_value()> make;  // used where there is no value
    };
    const entry* find(std::string_view name) const noexcept;
    /// Sets or replaces one.
    void set(entry e);
    const std::vector<entry>& entries() const noexcept { return entries_; }

private:
    std::vector<entry> entries_;
};

/// Thrown to end a rendering: see scope.
struct variable_needed {
    std::string name;
};

/// The values of one rendering: those of the call, then those given beforehand, and the bare one for the only variable left.
/// Functions are called once a rendering.
class scope {
public:
    /// `free` are the variables that were not given beforehand. Throws errc::invalid_argument for a bare value where they are not
    /// one.
    scope(const values& input, const partials* given, const std::vector<std::string>& free);
    /// What becomes of a name that was not given as a value beforehand, in a rendering that finds out where its text begins to
    /// depend on the call: it ends the rendering by variable_needed, it stands for messages, which no text takes, or it is not
    /// there.
    enum class absent { ends, unwritable, nothing };
    scope(const partials* given, std::function<absent(std::string_view)> judge);
    /// Null where nobody gave it. Valid as long as the scope.
    const prompt_value* find(std::string_view name);
    const values& input() const noexcept { return input_; }
    /// The known name that is nearest to `name`, or empty.
    std::string nearest(std::string_view name) const;

private:
    const values& input_;
    const partials* given_;
    std::string bare_name_{};  // owned: the list it comes from is gone by the rendering
    std::vector<std::unique_ptr<const values::entry>> made_{};
    std::function<absent(std::string_view)> judge_{};
};

/// The variables of `all` that `given` lacks.
std::vector<std::string> free_variables(const std::vector<std::string>& all, const partials* given);
/// Throws errc::missing_variable. `place` is where the variable is used, and how braces are written in the text there is said.
[[noreturn]] void missing(const std::string& place, std::string_view variable, const scope& given);

}  // namespace zincir::detail

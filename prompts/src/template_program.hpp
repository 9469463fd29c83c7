#pragma once

#include "format_spec.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <optional>
#include <string>
#include <vector>

namespace zincir::detail {

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

private:
    std::vector<entry> entries_;
};

/// The values of one rendering: those of the call, then those given beforehand, and the bare one for the only variable left.
/// Functions are called once a rendering.
class scope {
public:
    /// `free` are the variables that were not given beforehand. Throws errc::invalid_argument for a bare value where they are not
    /// one.
    scope(const values& input, const partials* given, const std::vector<std::string>& free);
    /// Null where nobody gave it.
    const prompt_value* find(std::string_view name);
    /// The known name that is nearest to `name`, or empty.
    std::string nearest(std::string_view name) const;

private:
    const values& input_;
    const partials* given_;
    std::string bare_name_{};  // owned: the list it comes from is gone by the rendering
    std::vector<values::entry> made_{};
};

/// A parsed template: literal texts and fields in turn.
class template_program {
public:
    /// `where` is put before the place in errors, such as "message 1 (user)"; may be empty.
    template_program(std::string_view text, const template_options& options, std::string where = {});

    void render(std::string& out, scope& given) const;
    /// Sorted, each once.
    const std::vector<std::string>& variables() const noexcept { return variables_; }
    /// "template "greeting", message 1 (user), line 1, column 5".
    std::string place_of(std::string_view variable) const;

private:
    struct field {
        std::string name;
        std::string spec_text;
        format_spec spec;
        conversion how = 0;
        std::size_t line = 0;
        std::size_t column = 0;
        bool plain = true;  // neither specification nor conversion
    };
    struct segment {
        std::string literal;  // before the field
        std::optional<field> value;
    };
    void parse(std::string_view text);
    field parse_field(std::string_view inside, std::string_view text, std::size_t at) const;
    [[noreturn]] void refuse(std::string_view text, std::size_t at, const std::string& what) const;
    std::string describe(std::size_t line, std::size_t column) const;

    std::vector<segment> segments_;
    std::vector<std::string> variables_;
    std::size_t literal_bytes_ = 0;
    std::string name_;
    std::string where_;
    std::size_t max_output_;
};

/// The variables of `all` that `given` lacks.
std::vector<std::string> free_variables(const std::vector<std::string>& all, const partials* given);
[[noreturn]] void missing(const std::string& place, std::string_view variable, const scope& given);

}  // namespace zincir::detail

#pragma once

#include "format_spec.hpp"
#include "template_engine.hpp"

#include <optional>

namespace zincir::detail {

/// Python's f-string fields: literal texts and fields in turn.
class fstring_template : public template_engine {
public:
    fstring_template(std::string_view text, const template_options& options, std::string where = {});

    void render(std::string& out, scope& given) const override;
    const std::vector<std::string>& variables() const noexcept override { return variables_; }
    std::string place_of(std::string_view variable) const override;

private:
    struct field {
        std::string name;
        std::string spec_text;
        format_spec spec;
        conversion how = 0;
        std::size_t offset = 0;  // of its brace
        std::size_t bytes = 0;   // with its braces
        bool plain = true;       // neither specification nor conversion
    };
    struct segment {
        std::string literal;  // before the field
        std::optional<field> value;
    };
    void parse(std::string_view text);
    field parse_field(std::string_view inside, std::size_t at) const;

    template_source source_;
    std::vector<segment> segments_;
    std::vector<std::string> variables_;
    std::size_t literal_bytes_ = 0;
    undefined_policy undefined_;
    std::size_t max_output_;
};

}  // namespace zincir::detail

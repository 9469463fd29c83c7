#pragma once

#include "template_engine.hpp"

#include <zincir/prompts/detail/fstring_syntax.hpp>

#include <optional>

namespace zincir::detail {

/// The value as a field of `text` writes it. Throws errc::invalid_argument, whose message names the field, but not its place.
void append_field(std::string& out, std::string_view text, const fstring_field& f, const prompt_value& value);

/// Python's f-string fields: literal texts and fields in turn.
class fstring_template : public template_engine {
public:
    fstring_template(std::string_view text, const template_options& options, std::string where = {});

    void render(std::string& out, scope& given) const override;
    const std::vector<std::string>& variables() const noexcept override { return variables_; }
    std::string place_of(std::string_view variable) const override;

private:
    struct segment {
        std::string literal{};  // before the field
        std::optional<fstring_field> field{};
    };
    void parse(std::string_view text);
    std::string reason_of(const fstring_piece& piece) const;
    std::string_view name_of(const fstring_field& f) const { return f.name_in(source_.text()); }
    std::string shown(const fstring_field& f, const prompt_value& value) const;

    template_source source_;
    std::vector<segment> segments_;
    std::vector<std::string> variables_;
    std::size_t literal_bytes_ = 0;
    undefined_policy undefined_;
    std::size_t max_output_;
};

}  // namespace zincir::detail

#pragma once

#include "../template_engine.hpp"
#include "program.hpp"

namespace zincir::detail {

/// Handlebars, as far as .prompt files use it: see template_format::handlebars.
class handlebars_template : public template_engine {
public:
    handlebars_template(std::string_view text, const template_options& options, std::string where = {});

    void render(std::string& out, scope& given) const override;
    const std::vector<std::string>& variables() const noexcept override { return variables_; }
    std::string place_of(std::string_view variable) const override;

private:
    template_options options_;
    handlebars::program program_;
    std::vector<std::string> variables_{};
};

}  // namespace zincir::detail

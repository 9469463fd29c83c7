#pragma once

#include "../template_engine.hpp"
#include "program.hpp"

namespace zincir::detail {

/// Mustache, the whole specification (version 1.4) with its optional modules.
class mustache_template : public template_engine {
public:
    mustache_template(std::string_view text, const template_options& options, std::string where = {});

    void render(std::string& out, scope& given) const override;
    const std::vector<std::string>& variables() const noexcept override { return variables_; }
    std::string place_of(std::string_view variable) const override;

private:
    template_options options_;
    mustache::program program_;
    std::vector<std::string> variables_;
    std::size_t usual_bytes_;
};

}  // namespace zincir::detail

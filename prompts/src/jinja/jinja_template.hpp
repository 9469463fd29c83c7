#pragma once

#include "../template_engine.hpp"

namespace zincir::detail {

namespace jinja {
struct program;
}

/// Jinja 3.1 as prompts and the chat templates of models use it.
class jinja_template : public template_engine {
public:
    jinja_template(std::string_view text, const template_options& options, std::string where = {});
    ~jinja_template() override;

    void render(std::string& out, scope& given) const override;
    const std::vector<std::string>& variables() const noexcept override { return variables_; }
    std::string place_of(std::string_view variable) const override;

private:
    std::unique_ptr<const jinja::program> program_;
    std::vector<std::string> variables_;
    std::size_t usual_bytes_;
};

}  // namespace zincir::detail

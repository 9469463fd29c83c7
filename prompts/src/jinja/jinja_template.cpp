#include "jinja_template.hpp"

#include "ast.hpp"
#include "renderer.hpp"

namespace zincir::detail {

jinja_template::jinja_template(std::string_view text, const template_options& options, std::string where)
    : program_(std::make_unique<jinja::program>(text, options, std::move(where))), variables_(jinja::undeclared(*program_))
{}

jinja_template::~jinja_template() = default;

void jinja_template::render(std::string& out, scope& given) const { jinja::renderer(*program_, out, given).run(); }

std::string jinja_template::place_of(std::string_view variable) const
{
    return program_->source.describe(jinja::first_use(*program_, variable));
}

}  // namespace zincir::detail

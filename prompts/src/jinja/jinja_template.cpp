#include "jinja_template.hpp"

#include "ast.hpp"
#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail {
namespace {

// Of the text outside of blocks. What loops and branches write is anyone's guess, and the string then doubles.
std::size_t usual_bytes(const jinja::program& p) noexcept
{
    std::size_t bytes = 0;
    for (const auto* n : p.body)
        bytes += n->what == jinja::op::text ? n->constant.text().size() : 16;
    return std::min(bytes, p.options.limits.output_bytes);
}

}  // namespace

jinja_template::jinja_template(std::string_view text, const template_options& options, std::string where)
    : program_(std::make_unique<jinja::program>(text, options, std::move(where))),
      variables_(program_->undeclared),
      usual_bytes_(usual_bytes(*program_))
{}

jinja_template::~jinja_template() = default;

void jinja_template::render(std::string& out, scope& given) const
{
    out.reserve(out.size() + usual_bytes_);
    jinja::renderer(*program_, out, given).run();
}

std::string jinja_template::place_of(std::string_view variable) const
{
    return program_->source.describe(jinja::first_use(*program_, variable));
}

}  // namespace zincir::detail

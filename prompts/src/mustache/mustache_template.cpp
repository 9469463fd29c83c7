#include "mustache_template.hpp"

#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail {

mustache_template::mustache_template(std::string_view text, const template_options& options, std::string where)
    : options_(options), program_(text, options_, std::move(where))
{
    for (const auto& v : program_.variables())
        if (!options_.environment.lambda(v.name))
            variables_.emplace_back(v.name);
    usual_bytes_ = text.size() + 16 * variables_.size();
    std::sort(variables_.begin(), variables_.end());
    variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
}

void mustache_template::render(std::string& out, scope& given) const
{
    out.reserve(out.size() + std::min(usual_bytes_, options_.limits.output_bytes));
    mustache::renderer(program_, options_, given, out).run();
}

std::string mustache_template::place_of(std::string_view variable) const
{
    for (const auto& v : program_.variables())
        if (v.name == variable)
            return program_.source().describe(v.offset);
    return program_.source().describe(0);
}

}  // namespace zincir::detail

#include "template_engine.hpp"

#include "fstring_template.hpp"
#include "jinja/jinja_template.hpp"
#include "mustache/mustache_template.hpp"

namespace zincir::detail {

std::unique_ptr<const template_engine> parse_template(std::string_view text, const template_options& options, std::string where)
{
    if (options.format == template_format::jinja)
        return std::make_unique<jinja_template>(text, options, std::move(where));
    if (options.format == template_format::mustache)
        return std::make_unique<mustache_template>(text, options, std::move(where));
    return std::make_unique<fstring_template>(text, options, std::move(where));
}

}  // namespace zincir::detail

#include "template_engine.hpp"

#include "fstring_template.hpp"
#include "handlebars/handlebars_template.hpp"
#include "jinja/jinja_template.hpp"
#include "mustache/mustache_template.hpp"

#include <algorithm>

namespace zincir::detail {

void make_room(std::string& out, std::size_t more, std::size_t limit)
{
    const auto size = out.size() + more;
    if (size <= out.capacity())
        return;
    // A text of some size may double in reserve(); an empty one gets what it asks for.
    std::string larger;
    larger.reserve(std::max(size, std::min(out.capacity() * 2, limit)));
    larger += out;
    out.swap(larger);
}

std::unique_ptr<const template_engine> parse_template(std::string_view text, const template_options& options, std::string where)
{
    if (options.format == template_format::jinja)
        return std::make_unique<jinja_template>(text, options, std::move(where));
    if (options.format == template_format::handlebars)
        return std::make_unique<handlebars_template>(text, options, std::move(where));
    if (options.format == template_format::mustache)
        return std::make_unique<mustache_template>(text, options, std::move(where));
    return std::make_unique<fstring_template>(text, options, std::move(where));
}

}  // namespace zincir::detail

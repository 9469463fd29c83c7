#pragma once

#include "thrown.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>

namespace mustache_tests {

using zincir::testing::thrown_by;

inline zincir::template_options mustache(zincir::undefined_policy undefined = zincir::undefined_policy::error)
{
    zincir::template_options options;
    options.format = zincir::template_format::mustache;
    options.undefined = undefined;
    return options;
}

inline zincir::template_options with_partials(zincir::memory_loader::map partials,
                                              zincir::undefined_policy undefined = zincir::undefined_policy::error)
{
    auto options = mustache(undefined);
    options.environment.set_loader(std::make_shared<zincir::memory_loader>(std::move(partials)));
    return options;
}

/// Values as JSON: "{'a': 1}" is shorter than its C++.
inline zincir::values data(std::string text)
{
    for (auto& c : text)
        c = c == '\'' ? '"' : c;
    return zincir::values::from_json(zincir::parse_json(text).as_object());
}

inline std::string render(std::string_view text, const zincir::values& given = {}, zincir::template_options options = mustache())
{
    return zincir::prompt_template(text, std::move(options)).format(given);
}

inline zincir::error thrown_by_rendering(std::string_view text, const zincir::values& given = {},
                                         zincir::template_options options = mustache())
{
    return thrown_by([&] { (void)render(text, given, options); });
}

}  // namespace mustache_tests

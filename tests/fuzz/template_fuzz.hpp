#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace zincir::testing {

/// Parses and renders what the fuzzer made. Whatever it is, the outcome is a text within its limits or a typed error.
inline int render_anything(std::string_view text, template_format format)
{
    static const values given("a", "text {{b}} {c}", "b", 3, "c", 1.5, "d", true, "list",
                              parse_json(R"([1, "x", [2, [3]], {"a": "in"}])"), "o",
                              parse_json(R"({"a": {"b": {"c": "deep"}}, "n": null, "t": "<&>"})"));
    template_options options;
    options.format = format;
    options.limits.output_bytes = std::size_t(1) << 16;
    options.limits.value_bytes = std::size_t(1) << 20;
    options.limits.steps = 20'000;
    memory_loader partials;
    partials.add("p", text.size() < 200 ? std::string(text) : "{{a}}").add("q", "  {{>p}}\n");
    options.environment.set_loader(std::make_shared<const memory_loader>(std::move(partials)));
    for (const auto policy : {undefined_policy::error, undefined_policy::empty, undefined_policy::keep}) {
        options.undefined = policy;
        try {
            const prompt_template made(text, options);
            if (made.format(given).size() > options.limits.output_bytes) {
                std::cerr << "the text is longer than its limit\n";
                std::abort();
            }
            static_cast<void>(made.variables());
        } catch (const error& e) {
            if (e.facts().message.empty())
                std::abort();
        }
    }
    return 0;
}

}  // namespace zincir::testing

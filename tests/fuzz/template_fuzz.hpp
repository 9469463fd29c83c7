#pragma once

#include "property.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_template.hpp>

namespace zincir::testing {

inline const values& fuzz_values()
{
    static const values given("a", "text {{b}} {c}", "b", 3, "c", 1.5, "d", true, "n", json::value(nullptr), "ş",
                              "İstanbul'da ığdır", "list", parse_json(R"([1, "x", [2, [3]], {"a": "in"}, null, -0.5])"), "o",
                              parse_json(R"({"a": {"b": {"c": "deep"}}, "n": null, "t": "<&>", "k": [{"a": 1}, {"a": 2}]})"));
    return given;
}

inline template_limits fuzz_limits()
{
    template_limits limits;
    limits.output_bytes = std::size_t(1) << 16;
    limits.value_bytes = std::size_t(1) << 18;
    limits.steps = 20'000;
    return limits;
}

/// Parses and renders what the fuzzer made. Whatever it is, the outcome is a text within its limits or a typed error, and the same
/// each time.
inline void check_template(std::string_view text, const template_options& options)
{
    try {
        const prompt_template made(text, options);
        require(is_utf8(text), "only UTF-8 is parsed");
        require(made.pretty() == text, "pretty() shows the text as it was written");
        for (const auto& name : made.variables())
            require(is_utf8(name) && !name.empty(), "a variable has a name");
        static_cast<void>(made.input_schema());
        const auto explained = made.explain();
        require(is_utf8(explained.prefix), "the constant prefix is UTF-8");
        static_cast<void>(to_string(explained));
        const auto once = made.format(fuzz_values());
        require(once.size() <= options.limits.output_bytes, "the text is within its limit");
        require(is_utf8(once), "of UTF-8 comes UTF-8");
        require(made.format(fuzz_values()) == once, "the same values make the same text");
    } catch (const error& e) {
        require_placed(e);
    }
}

/// With every policy for undefined variables.
inline int check_template(std::string_view text, template_format format)
{
    template_options options;
    options.format = format;
    options.limits = fuzz_limits();
    memory_loader others;
    others.add("p", text.size() < 200 ? std::string(text) : "{{a}}").add("q", "  {{>p}}\n{% block x %}{{ a }}{% endblock %}");
    options.environment.set_loader(std::make_shared<const memory_loader>(std::move(others)));
    options.environment.set_clock([] { return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)); });
    options.environment.add_lambda("twice", [](std::string_view t) { return std::string(t) + std::string(t); });
    check_template(text, options);
    options.undefined = undefined_policy::empty;
    options.trim_blocks = options.lstrip_blocks = true;
    options.changeable_values = false;
    check_template(text, options);
    options.undefined = undefined_policy::keep;
    options.escape_html = true;
    options.changeable_values = true;
    check_template(text, options);
    return 0;
}

}  // namespace zincir::testing

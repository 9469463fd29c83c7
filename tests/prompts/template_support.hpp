#pragma once

#include <zincir/prompts/template_options.hpp>

#include <ostream>
#include <string>
#include <string_view>

namespace zincir::testing {

inline template_options syntax(template_format format, undefined_policy undefined = undefined_policy::error)
{
    template_options options;
    options.format = format;
    options.undefined = undefined;
    return options;
}

inline std::string repeated(std::string_view part, std::size_t n)
{
    std::string all;
    all.reserve(part.size() * n);
    for (; n > 0; --n)
        all += part;
    return all;
}

inline std::string_view name_of(template_format format)
{
    switch (format) {
        case template_format::fstring:
            return "fstring";
        case template_format::mustache:
            return "mustache";
        case template_format::handlebars:
            return "handlebars";
        case template_format::jinja:
            return "jinja";
    }
    return "?";
}

/// A template as a test's parameter. Its name is short, however long the text is.
struct source {
    template_format format;
    std::string text;
};

inline std::ostream& operator<<(std::ostream& out, const source& s)
{
    out << name_of(s.format) << ' ';
    if (s.text.size() <= 80)
        return out << s.text;
    const std::string_view text(s.text);
    return out << text.substr(0, 40) << "…" << text.substr(text.size() - 40);
}

}  // namespace zincir::testing

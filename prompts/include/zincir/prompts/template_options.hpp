#pragma once

#include <zincir/prompts/template_environment.hpp>

#include <cstddef>
#include <string>

namespace zincir {

/// The syntax of a template's text.
enum class template_format {
    fstring,  ///< Python's f-string fields: {name}, {name:>10}, {name!r}; {{ and }} stand for braces
    /// {{name}}, {{a.b}}, {{#section}}…{{/section}}, {{^otherwise}}…{{/otherwise}}, {{>partial}},
    /// {{<parent}}{{$block}}…{{/block}}{{/parent}},
    /// {{! comment }}, {{=<% %>=}}: the mustache specification 1.4 with its optional modules.
    mustache,
    /// Handlebars as .prompt files use it (dotprompt): {{a.b}}, {{#if x}}…{{else if y}}…{{else}}…{{/if}}, {{#unless}}, {{#each xs}}
    /// with this, @index, @key, @first, @last and `as |x i|`, {{#with}}, {{#ifEquals a b}}, {{#unlessEquals a b}}, {{#x}}, {{^x}},
    /// {{json x indent=2}}, {{../x}}, {{@root.x}}, {{>partial}}, {{~x~}}, {{! comment }}, \\{{text}}. HTML is never escaped.
    handlebars,
    /// Jinja 3.1 as prompts and the chat templates in model files use it; values are written as Python writes them.
    jinja,
};

/// What a variable without a value becomes.
enum class undefined_policy {
    error,  ///< errc::missing_variable
    empty,  ///< nothing
    keep,   ///< the field as it was written, so that a later pass can fill it
};

/// What one rendering may use, so that a template from elsewhere cannot take the process with it. Beyond: errc::limit_exceeded.
struct template_limits {
    std::size_t template_bytes = std::size_t{1} << 20;  ///< jinja: at most 200,000 names and marks besides, and 50,000 parts
    std::size_t output_bytes = std::size_t{16} << 20;   ///< of one rendered text
    std::size_t value_bytes = std::size_t{16} << 20;    ///< of all values that a rendering makes and holds at one time
    std::size_t steps = 2'000'000;  ///< instructions of one rendering; jinja: also each 64 bytes that it handles
    std::size_t depth = 100;        ///< nesting: of the text's blocks, and of partials, includes and macros in use
};

struct template_options {
    template_format format = template_format::fstring;
    std::string name = "template";  ///< what errors call it
    std::size_t first_line = 1;     ///< where its text begins in what it was taken from, such as a file: errors count from there
    std::size_t first_column = 1;
    undefined_policy undefined = undefined_policy::error;
    bool escape_html = false;       ///< mustache: {{name}} writes & " < > as entities; {{{name}}} and {{&name}} never do;
                                    ///< jinja: what is not marked safe is escaped, and tojson is Jinja's own
    bool trim_blocks = false;       ///< jinja: the line break behind a tag {% … %} is dropped; true in chat templates
    bool lstrip_blocks = false;     ///< jinja: blanks before a tag on its line are dropped; true in chat templates
    bool changeable_values = true;  ///< jinja: append, pop, update, … on what the template made; false as in Hugging Face's sandbox
    bool keep_trailing_newline = false;  ///< jinja: else one line break at the end of the text is dropped
    template_limits limits{};
    template_environment environment{};
};

}  // namespace zincir

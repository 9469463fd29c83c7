// The same prompt in three syntaxes of templates: they give the same text.
//
//   $ scripts/run.sh three_syntaxes --model offline
//   f-string  Dear Ayşe,  your order: incir, elma (2 items, 12.50).
//   mustache  Dear Ayşe,  your order: incir, elma (2 items, 12.50).
//   jinja     Dear Ayşe,  your order: incir, elma (2 items, 12.50).
//   a brace in a value is only a brace: Dear {name},

#include <zincir/prompts/prompt_template.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

prompt_template in(template_format format, std::string_view text)
{
    template_options options;
    options.format = format;
    return prompt_template(text, options);
}

awaitable<void> three_syntaxes(example::arguments)
{
    // f-strings have values and how they are written; lists are put together by the program.
    const prompt_template fstring("Dear {name:<6} your order: {list} ({count} items, {price:.2f}).");
    // mustache has sections: for each item, and what comes between them.
    const auto mustache =
        in(template_format::mustache,
           "Dear {{name}}  your order: {{#items}}{{name}}{{^last}}, {{/last}}{{/items}} ({{count}} items, {{price}}).");
    // jinja has expressions, filters and loops.
    const auto jinja = in(template_format::jinja,
                          "Dear {{ name }}  your order: {{ items | map(attribute='name') | join(', ') }} "
                          "({{ items | length }} items, {{ '%.2f' | format(amount) }}).");

    const auto items = parse_json(R"([{"name": "incir", "last": false}, {"name": "elma", "last": true}])");
    fmt::print("f-string  {}\n", fstring.format(values("name", "Ayşe,", "list", "incir, elma", "count", 2, "price", 12.5)));
    fmt::print("mustache  {}\n", mustache.format(values("name", "Ayşe,", "items", items, "count", 2, "price", "12.50")));
    fmt::print("jinja     {}\n", jinja.format(values("name", "Ayşe,", "items", items, "amount", 12.5)));
    fmt::print("a brace in a value is only a brace: {}\n", prompt_template("Dear {name},").format("{name}"));
    co_return;
}

int main(int argc, char** argv) { return example::run(argc, argv, "three_syntaxes", three_syntaxes); }

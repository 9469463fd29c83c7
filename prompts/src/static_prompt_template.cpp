#include <zincir/prompts/static_prompt_template.hpp>

#include "fstring_template.hpp"
#include "scope.hpp"

#include <zincir/prompts/template_options.hpp>

namespace zincir::detail {
namespace {

std::string place(const literal_view& program, const literal_field& field)
{
    return template_source(program.text, template_options()).describe(field.offset);
}

std::vector<std::string> names_of(const literal_view& program)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < program.count; ++i) {
        std::string name(program.fields[i].name_in(program.text));
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(std::move(name));
    }
    return names;
}

}  // namespace

void append_literal_field(std::string& out, const literal_view& program, const literal_field& field, const prompt_value& value)
{
    try {
        append_field(out, program.text, field, value);
    } catch (const error& e) {
        throw error(errc::invalid_argument, place(program, field) + ": " + e.facts().message);
    }
}

void render_literal(std::string& out, const literal_view& program, const values& input)
{
    scope all(input, nullptr, input.bare() ? names_of(program) : std::vector<std::string>());
    for (std::size_t i = 0; i < program.count; ++i) {
        const auto& field = program.fields[i];
        out.append(program.literals + field.literal, field.literal_size);
        const auto* value = all.find(field.name_in(program.text));
        if (!value)
            missing(place(program, field), field.name_in(program.text), all);
        if (const auto* text = std::get_if<std::string>(&value->get()); text && field.plain())
            out += *text;
        else
            append_literal_field(out, program, field, *value);
    }
    out += program.tail;
}

}  // namespace zincir::detail

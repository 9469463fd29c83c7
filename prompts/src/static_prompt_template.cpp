#include <zincir/prompts/static_prompt_template.hpp>

#include "format_spec.hpp"
#include "scope.hpp"
#include "template_source.hpp"

#include <zincir/prompts/template_options.hpp>

namespace zincir::detail {
namespace {

std::string place(const literal_view& program, const literal_field& field)
{
    return template_source(program.text, template_options()).describe(field.offset);
}

std::string_view name_of(const literal_view& program, const literal_field& field)
{
    return program.text.substr(field.name, field.name_size);
}

std::vector<std::string> names_of(const literal_view& program)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < program.count; ++i) {
        std::string name(name_of(program, program.fields[i]));
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(std::move(name));
    }
    return names;
}

}  // namespace

void append_field(std::string& out, const literal_view& program, const literal_field& field, const prompt_value& value)
{
    const auto spec = program.text.substr(field.spec, field.spec_size);
    try {
        if (field.plain())
            out += to_prompt_text(value);
        else
            append_formatted(out, value, field.conversion, parse_format_spec(spec));
    } catch (const error& e) {
        throw error(errc::invalid_argument, place(program, field) + ": the value of {" + std::string(name_of(program, field)) +
                                                "} does not fit" + (spec.empty() ? "" : " \"" + std::string(spec) + "\"") + ": " +
                                                e.facts().message);
    }
}

void render_literal(std::string& out, const literal_view& program, const values& input)
{
    scope all(input, nullptr, input.bare() ? names_of(program) : std::vector<std::string>());
    for (std::size_t i = 0; i < program.count; ++i) {
        const auto& field = program.fields[i];
        out.append(program.literals + field.literal, field.literal_size);
        const auto* value = all.find(name_of(program, field));
        if (!value)
            missing(place(program, field), name_of(program, field), all);
        if (const auto* text = std::get_if<std::string>(&value->get()); text && field.plain())
            out += *text;
        else
            append_field(out, program, field, *value);
    }
    out += program.tail;
}

}  // namespace zincir::detail

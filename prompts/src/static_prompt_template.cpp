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

void append_field(std::string& out, const literal_view& program, const literal_field& field, const prompt_value& value)
{
    try {
        if (field.plain())
            out += to_prompt_text(value);
        else
            append_formatted(out, value, field.conversion, field.spec);
    } catch (const error& e) {
        const auto spec = field.spec_in(program.text);
        throw error(errc::invalid_argument, place(program, field) + ": the value of {" + std::string(field.name_in(program.text)) +
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
        const auto* value = all.find(field.name_in(program.text));
        if (!value)
            missing(place(program, field), field.name_in(program.text), all);
        if (const auto* text = std::get_if<std::string>(&value->get()); text && field.plain())
            out += *text;
        else
            append_field(out, program, field, *value);
    }
    out += program.tail;
}

}  // namespace zincir::detail

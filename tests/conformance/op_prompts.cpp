#include "op_prompts.hpp"

#include "op_mustache.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace conformance {

void refuse(const std::string& why) { throw zincir::error(zincir::errc::invalid_argument, why); }

namespace {

// Whether Python's repr is another text than JSON.
bool is_worded_otherwise(const json::value& v)
{
    if (const auto* array = v.if_array())
        return array->size() > 1 || (array->size() == 1 && (array->front().is_string() || is_worded_otherwise(array->front())));
    return v.is_bool() || v.is_null() || (v.is_object() && !v.get_object().empty());
}

}  // namespace

void check_values(const json::object& vars)
{
    for (const auto& member : vars) {
        if (is_worded_otherwise(member.value()))
            throw skip("Python writes True, None and dict reprs into a prompt; zincir writes JSON");
    }
}

bool is_mustache(const json::object& where)
{
    const auto* format = where.if_contains("format");
    return format && *format == "mustache";
}

bool is_jinja(const json::object& where)
{
    const auto* format = where.if_contains("format");
    return format && *format == "jinja2";
}

zincir::template_options syntax_of(const json::object& where)
{
    const auto* format = where.if_contains("format");
    if (!format || *format == "f-string")
        return {};
    if (*format == "mustache")
        return mustache_options();
    if (*format != "jinja2")
        refuse("no template format " + text_of(*format));
    zincir::template_options made;
    made.format = zincir::template_format::jinja;
    made.undefined = zincir::undefined_policy::empty;
    return made;
}

json::object used(const json::object& vars, const std::vector<std::string>& names)
{
    json::object out;
    for (const auto& name : names)
        if (const auto* value = vars.if_contains(name))
            out[name] = *value;
    return out;
}

const json::object& members_of(const json::object& input, std::string_view key)
{
    static const json::object none;
    const auto* v = input.if_contains(key);
    return v && v->is_object() ? v->get_object() : none;
}

namespace {

json::value render(const json::object& input)
{
    const auto options = syntax_of(input);
    if (const auto* args = input.if_contains("args"); args && !args->get_array().empty())
        refuse("values go by name");
    if (is_mustache(input))
        return render_mustache(input, input.at("vars"));
    zincir::prompt_template t(text_of(input.at("template")), options);
    for (const auto& given : members_of(input, "partial_variables"))
        t = t.partial(std::string(given.key()), zincir::prompt_value(given.value()));
    const auto vars = used(members_of(input, "vars"), t.variables());
    if (!is_jinja(input))
        check_values(vars);
    return json::value(t.format(zincir::values::from_json(vars)));
}

json::value variables(const json::object& input)
{
    json::array names;
    for (const auto& name : zincir::prompt_template(text_of(input.at("template")), syntax_of(input)).variables())
        names.push_back(json::string(name));
    return names;
}

json::value validate(const json::object& input)
{
    const auto found = zincir::prompt_template(text_of(input.at("template"))).variables();
    for (const auto& name : found) {
        const auto& declared = input.at("input_variables").as_array();
        if (std::find(declared.begin(), declared.end(), json::value(name)) == declared.end())
            refuse("variable " + name + " is not declared");
    }
    return nullptr;
}

handler on_input(json::value (*op)(const json::object&))
{
    return [op](const json::object& request_case) { return op(request_case.at("input").as_object()); };
}

}  // namespace

void register_prompt_ops(ops& all)
{
    for (const auto* name : {"vformat", "format", "prompt_template.format"})
        all.add(name, on_input(render));
    // Cases of Jinja's suite have these operations too.
    const auto unless_jinja = [](handler otherwise) {
        return [otherwise](const json::object& c) {
            const auto* suite = c.if_contains("suite");
            return suite && *suite == "jinja_subset" ? jinja_variables(c) : otherwise(c);
        };
    };
    all.add("get_template_variables", unless_jinja(on_input(variables)));
    all.add("validate_input_variables", on_input(validate));
    all.add("check_valid_template", [](const json::object& c) {
        const auto* suite = c.if_contains("suite");
        if (!suite || *suite != "jinja_subset")
            return on_input(validate)(c);
        jinja_variables(c);
        return json::value();
    });
    // What the library itself writes, for our own comparisons.
    all.add("zincir.format", on_input([](const json::object& input) {
                zincir::template_options options;
                if (is_mustache(input))
                    options.format = zincir::template_format::mustache;
                const auto given = zincir::values::from_json(input.at("vars").as_object());
                return json::value(zincir::prompt_template(text_of(input.at("template")), options).format(given));
            }));
}

}  // namespace conformance

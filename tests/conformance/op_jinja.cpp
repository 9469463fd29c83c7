#include "driver.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <algorithm>

namespace conformance {
namespace {

using zincir::template_options;
using zincir::undefined_policy;

template_options options_of(const json::object& input)
{
    template_options made;
    made.format = zincir::template_format::jinja;
    made.undefined = undefined_policy::empty;
    const auto* given = input.if_contains("options");
    if (!given || !given->is_object())
        return made;
    for (const auto& option : given->get_object()) {
        const auto& [name, value] = option;
        if (name == "trim_blocks")
            made.trim_blocks = value.as_bool();
        else if (name == "lstrip_blocks")
            made.lstrip_blocks = value.as_bool();
        else if (name == "keep_trailing_newline")
            made.keep_trailing_newline = value.as_bool();
        else if (name == "autoescape")
            made.escape_html = value.as_bool();
        else if (name == "undefined")
            made.undefined = value == "StrictUndefined" ? undefined_policy::error : undefined_policy::empty;
        else if (name == "env")
            made.changeable_values = value != "ImmutableSandboxedEnvironment";
        else
            throw skip("the delimiters, line statements and line breaks of a template are Jinja's own: no option " +
                       std::string(name));
    }
    return made;
}

// Cases that ask for something else on purpose.
std::string_view decided(std::string_view id)
{
    constexpr std::pair<std::string_view, std::string_view> decisions[] = {
        {"jinja-453", "calls a function of its test, which the case does not carry"},
        {"jinja-455", "calls a function of its test, which the case does not carry"},
        {"jinja-456", "calls a function of its test, which the case does not carry"},
        {"jinja-469", "needs its test's finalize function, which the case does not carry"},
        {"jinja-470", "needs its test's finalize function, which the case does not carry"},
        {"jinja-471", "needs its test's finalize function, which the case does not carry"},
        {"minja-121", "the caller's values are never changed"},
        {"minja-134", "Jinja 3.1 writes None here, and so do we"},
    };
    for (const auto& [known, why] : decisions)
        if (known == id)
            return why;
    return {};
}

json::value render(const json::object& request_case)
{
    if (const auto why = decided(text_of(request_case.at("id"))); !why.empty())
        throw skip(std::string(why));
    const auto* inner = request_case.if_contains("input");
    const auto& input = inner && inner->is_object() ? inner->get_object() : request_case;
    const auto text = text_of(input.at("template"));
    auto options = options_of(input);
    if (const auto* templates = input.if_contains("templates")) {
        auto loader = std::make_shared<zincir::memory_loader>();
        for (const auto& [name, loaded] : templates->as_object())
            loader->add(std::string(name), text_of(loaded));
        options.environment.set_loader(loader);
    }
    const auto values = zincir::values::from_json(input.at("vars").as_object());
    return json::value(zincir::prompt_template(text, options).format(values));
}

}  // namespace

json::value jinja_variables(const json::object& request_case)
{
    const auto* inner = request_case.if_contains("input");
    const auto& input = inner && inner->is_object() ? inner->get_object() : request_case;
    json::array names;
    for (const auto& name : zincir::prompt_template(text_of(input.at("template")), options_of(input)).variables())
        names.emplace_back(name);
    return names;
}

void register_jinja_ops(ops& all) { all.add("jinja.render", render); }

}  // namespace conformance

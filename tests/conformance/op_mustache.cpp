#include "op_mustache.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>

namespace conformance {
namespace {

using zincir::template_environment;
using zincir::template_format;
using zincir::template_options;

// The mustache specification's lambdas, known by their Python text.
zincir::template_lambda lambda_of(std::string_view python)
{
    using text = std::string_view;
    if (python == "lambda: globals().update(calls=globals().get(\"calls\",0)+1) or calls")
        return [calls = std::make_shared<int>(0)](text) { return std::to_string(++*calls); };
    if (python == "lambda text: text == \"{{x}}\" and \"yes\" or \"no\"")
        return [](text t) { return std::string(t == "{{x}}" ? "yes" : "no"); };
    // lambda text: "…%s…" % text, or the same for each of (text, text)
    constexpr text formatted = "lambda text: \"";
    if (const auto end = python.rfind('"'); python.starts_with(formatted) && python.substr(end).starts_with("\" % ")) {
        return [pattern = std::string(python.substr(formatted.size(), end - formatted.size()))](text t) {
            auto made = pattern;
            for (auto at = made.find("%s"); at != std::string::npos; at = made.find("%s", at + t.size()))
                made.replace(at, 2, t);
            return made;
        };
    }
    if (python == "lambda text: 0")
        return [](text) { return std::string(); };
    constexpr text constant = "lambda: \"";
    if (python.starts_with(constant) && python.ends_with('"'))
        return [made = std::string(python.substr(constant.size(), python.size() - constant.size() - 1))](text) { return made; };
    throw skip("a lambda in another language, not known by its text");
}

const json::object* code_of(const json::value& v)
{
    const auto* o = v.if_object();
    const auto* tag = o ? o->if_contains("__tag__") : nullptr;
    return tag && *tag == "code" ? o : nullptr;
}

zincir::values values_of(const json::value& data, template_environment& environment)
{
    zincir::values all;
    const auto* members = data.if_object();
    if (!members) {
        all.set(".", zincir::prompt_value(data));
        return all;
    }
    for (const auto& member : *members) {
        const std::string name(member.key());
        if (const auto* code = code_of(member.value()))
            environment.add_lambda(name, lambda_of(text_of(code->at("python"))));
        else
            all.set(name, zincir::prompt_value(member.value()));
    }
    return all;
}

template_options options_of(const json::object& input)
{
    auto options = mustache_options();
    if (const auto* partials = input.if_contains("partials"); partials && partials->is_object()) {
        auto loader = std::make_shared<zincir::memory_loader>();
        for (const auto& partial : partials->get_object())
            loader->add(std::string(partial.key()), text_of(partial.value()));
        options.environment.set_loader(std::move(loader));
    }
    return options;
}

std::string rendered(const json::object& input, const json::value& data, template_options options)
{
    const auto all = values_of(data, options.environment);
    return zincir::prompt_template(text_of(input.at("template")), std::move(options)).format(all);
}

bool writes_container(std::string_view out, const json::value& data)
{
    const auto* array = data.if_array();
    const auto* object = data.if_object();
    if ((!array || array->empty()) && (!object || object->empty()))
        return false;
    if (out.find(json::serialize(data)) != std::string_view::npos)
        return true;
    if (array)
        return std::any_of(array->begin(), array->end(), [&](const json::value& v) { return writes_container(out, v); });
    return std::any_of(object->begin(), object->end(), [&](const auto& member) { return writes_container(out, member.value()); });
}

json::value spec(const json::object& input)
{
    auto options = options_of(input);
    options.escape_html = true;
    return json::value(rendered(input, input.at("data"), std::move(options)));
}

}  // namespace

json::value without_booleans(const json::value& data)
{
    if (const auto* yes = data.if_bool())
        return *yes ? 20260 : 0;
    if (const auto* array = data.if_array()) {
        json::array out;
        for (const auto& v : *array)
            out.push_back(without_booleans(v));
        return out;
    }
    if (const auto* object = data.if_object()) {
        json::object out;
        for (const auto& member : *object)
            out[member.key()] = without_booleans(member.value());
        return out;
    }
    return data;
}

template_options mustache_options()
{
    template_options options;
    options.format = template_format::mustache;
    options.undefined = zincir::undefined_policy::empty;
    return options;
}

json::value render_mustache(const json::object& input, const json::value& data)
{
    auto out = rendered(input, data, options_of(input));
    if (out != rendered(input, without_booleans(data), options_of(input)) || writes_container(out, data))
        throw skip("Python writes True and reprs of lists and dicts into a prompt; zincir writes JSON");
    return json::value(std::move(out));
}

void register_mustache_ops(ops& all)
{
    all.add("mustache.render", [](const json::object& request_case) { return spec(request_case); });
    all.add("render", [](const json::object& request_case) {
        const auto& input = request_case.at("input").as_object();
        return render_mustache(input, input.at("data"));
    });
}

}  // namespace conformance

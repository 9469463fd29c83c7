#include <zincir/prompts/pipeline_prompt_template.hpp>

#include "scope.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <set>

namespace zincir::detail {
namespace {

error in_part(const error& e, const std::string& name)
{
    auto facts = e.facts();
    facts.message = "prompt part \"" + name + "\": " + facts.message;
    return e.with(std::move(facts));
}

void add_members(json::object& to, const json::object& schema, const std::set<std::string>& made)
{
    const auto* properties = schema.if_contains("properties");
    if (!properties || !properties->is_object())
        return;
    for (const auto& member : properties->get_object())
        if (!made.contains(std::string(member.key())) && !to.contains(member.key()))
            to[member.key()] = member.value();
}

}  // namespace

pipeline_parts::pipeline_parts(std::vector<named_prompt> parts, const std::vector<std::string>& wanted, const json::object& schema)
    : parts_(std::move(parts))
{
    std::set<std::string> made, needed;
    const auto add = [&](const std::vector<std::string>& names) {
        std::copy_if(names.begin(), names.end(), std::inserter(needed, needed.end()),
                     [&](const std::string& name) { return !made.contains(name); });
    };
    for (const auto& part : parts_) {
        add(part.variables());
        add_members(schema_, part.input_schema(), made);
        if (!made.insert(part.name()).second)
            throw error(errc::invalid_argument, "two parts of a pipeline are called \"" + part.name() + "\"");
    }
    add(wanted);
    add_members(schema_, schema, made);
    free_.assign(needed.begin(), needed.end());
}

std::vector<std::string> pipeline_parts::variables(const partials* given) const { return free_variables(free_, given); }

json::object pipeline_parts::input_schema(const partials* given) const
{
    json::object schema;
    schema["type"] = "object";
    auto properties = schema_;
    for (auto& member : properties) {
        const auto* entry = given ? given->find(std::string_view(member.key().data(), member.key().size())) : nullptr;
        const auto* text = entry && entry->value ? std::get_if<std::string>(&entry->value->get()) : nullptr;
        if (text && member.value().is_object())
            member.value().get_object()["default"] = json::string(*text);
    }
    schema["properties"] = std::move(properties);
    const auto required = variables(given);
    schema["required"] = json::array(required.begin(), required.end());
    return schema;
}

// The input by names, with what was given beforehand.
values pipeline_parts::named(const values& input, const partials* given) const
{
    values all = input;
    if (const auto* bare = input.bare()) {
        const auto names = variables(given);
        const scope checked(input, nullptr, names);
        all = values();
        all.set(names.front(), *bare);
    }
    if (given)
        for (const auto& e : given->entries())
            if (!all.find(e.name))
                all.set(e.name, e.value ? *e.value : e.make());
    return all;
}

values pipeline_parts::fill(const values& input, const partials* given) const
{
    auto all = named(input, given);
    for (const auto& part : parts_) {
        try {
            all.set(part.name(), part.format(all));
        } catch (const error& e) {
            throw in_part(e, part.name());
        }
    }
    return all;
}

awaitable<values> pipeline_parts::fill(std::shared_ptr<const pipeline_parts> self, std::shared_ptr<const partials> given,
                                       values input, run_context ctx)
{
    auto all = self->named(input, given.get());
    for (const auto& part : self->parts_) {
        try {
            auto made = co_await part.invoke(all, ctx);
            all.set(part.name(), std::move(made));
        } catch (const error& e) {
            throw in_part(e, part.name());
        }
    }
    co_return all;
}

}  // namespace zincir::detail

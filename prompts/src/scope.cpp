#include "scope.hpp"

#include "code_points.hpp"

#include <zincir/core/detail/nearest_name.hpp>
#include <zincir/core/error.hpp>

#include <algorithm>

namespace zincir::detail {

const partials::entry* partials::find(std::string_view name) const noexcept
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.name == name; });
    return at == entries_.end() ? nullptr : &*at;
}

void partials::set(entry e)
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& old) { return old.name == e.name; });
    if (at != entries_.end())
        *at = std::move(e);
    else
        entries_.push_back(std::move(e));
}

scope::scope(const values& input, const partials* given, const std::vector<std::string>& free) : input_(input), given_(given)
{
    if (!input.bare())
        return;
    if (free.size() == 1) {
        bare_name_ = free.front();
        return;
    }
    std::string names;
    for (const auto& name : free)
        names += (names.empty() ? "" : ", ") + name;
    throw error(errc::invalid_argument, free.empty()
                                            ? "a bare value was given, but the template has no variable left to take it"
                                            : "a bare value was given, but the template has " + std::to_string(free.size()) +
                                                  " variables (" + names + "): give values(\"" + free.front() + "\", …)");
}

namespace {
const values no_values;
const prompt_value unwritable{messages()};
}  // namespace

scope::scope(const partials* given, std::function<absent(std::string_view)> judge)
    : input_(no_values), given_(given), judge_(std::move(judge))
{}

const prompt_value* scope::find(std::string_view name)
{
    if (judge_) {
        const auto* entry = given_ ? given_->find(name) : nullptr;
        if (entry && entry->value)
            return &*entry->value;
        const auto verdict = judge_(name);
        if (verdict == absent::ends)
            throw variable_needed{std::string(name)};
        return verdict == absent::unwritable ? &unwritable : nullptr;
    }
    if (const auto* value = input_.find(name))
        return value;
    if (!bare_name_.empty() && name == bare_name_)
        return input_.bare();
    const auto* entry = given_ ? given_->find(name) : nullptr;
    if (!entry)
        return nullptr;
    if (entry->value)
        return &*entry->value;
    const auto at = std::find_if(made_.begin(), made_.end(), [&](const auto& e) { return e->name == name; });
    if (at != made_.end())
        return &(*at)->value;
    made_.push_back(std::make_unique<const values::entry>(values::entry{std::string(name), entry->make()}));
    return &made_.back()->value;
}

std::string scope::nearest(std::string_view name) const
{
    std::vector<std::string> names;
    for (const auto& entry : input_.entries())
        names.push_back(entry.name);
    return nearest_name(name, names);
}

std::vector<std::string> free_variables(const std::vector<std::string>& all, const partials* given)
{
    std::vector<std::string> left;
    std::copy_if(all.begin(), all.end(), std::back_inserter(left),
                 [&](const std::string& name) { return !given || !given->find(name); });
    return left;
}

void missing(const std::string& place, std::string_view variable, const scope& given)
{
    constexpr std::size_t longest = 200;
    if (variable.size() > longest)
        throw error(errc::missing_variable, place + ": no value for {" + std::string(first_code_points(variable, longest)) + "…}");
    throw error(errc::missing_variable, place + ": no value for {" + std::string(variable) + "}" +
                                            suggestion_text(variable, given.nearest(variable)) +
                                            " (for braces in the text write {{" + std::string(variable) + "}})");
}

}  // namespace zincir::detail

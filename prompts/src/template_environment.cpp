#include <zincir/prompts/template_environment.hpp>

#include <map>

namespace zincir {

struct template_environment::state {
    template <class F>
    using table = std::map<std::string, F, std::less<>>;

    table<template_function> filters{};
    table<template_test> tests{};
    table<template_function> functions{};
    table<template_lambda> lambdas{};
    std::shared_ptr<const template_loader> loader{};
    std::function<std::chrono::system_clock::time_point()> clock{};
};

namespace {
template <class Table>
auto find_in(const Table& table, std::string_view name) noexcept -> const typename Table::mapped_type*
{
    const auto at = table.find(name);
    return at == table.end() ? nullptr : &at->second;
}
}  // namespace

const json::value* template_arguments::find(std::size_t index, std::string_view name) const noexcept
{
    if (index < positional.size())
        return &positional[index];
    for (const auto& [key, value] : named)
        if (key == name)
            return &value;
    return nullptr;
}

template_environment::state& template_environment::own()
{
    if (!state_)
        state_ = std::make_shared<state>();
    else if (state_.use_count() > 1)
        state_ = std::make_shared<state>(*state_);
    return *state_;
}

template_environment& template_environment::add_filter(std::string_view name, template_function f)
{
    own().filters.insert_or_assign(std::string(name), std::move(f));
    return *this;
}

template_environment& template_environment::add_test(std::string_view name, template_test f)
{
    own().tests.insert_or_assign(std::string(name), std::move(f));
    return *this;
}

template_environment& template_environment::add_function(std::string_view name, template_function f)
{
    own().functions.insert_or_assign(std::string(name), std::move(f));
    return *this;
}

template_environment& template_environment::add_lambda(std::string_view name, template_lambda f)
{
    own().lambdas.insert_or_assign(std::string(name), std::move(f));
    return *this;
}

template_environment& template_environment::set_loader(std::shared_ptr<const template_loader> loader)
{
    own().loader = std::move(loader);
    return *this;
}

template_environment& template_environment::set_clock(std::function<std::chrono::system_clock::time_point()> clock)
{
    own().clock = std::move(clock);
    return *this;
}

const template_function* template_environment::filter(std::string_view name) const noexcept
{
    return state_ ? find_in(state_->filters, name) : nullptr;
}

const template_test* template_environment::test(std::string_view name) const noexcept
{
    return state_ ? find_in(state_->tests, name) : nullptr;
}

const template_function* template_environment::function(std::string_view name) const noexcept
{
    return state_ ? find_in(state_->functions, name) : nullptr;
}

const template_lambda* template_environment::lambda(std::string_view name) const noexcept
{
    return state_ ? find_in(state_->lambdas, name) : nullptr;
}

const template_loader* template_environment::loader() const noexcept { return state_ ? state_->loader.get() : nullptr; }

std::chrono::system_clock::time_point template_environment::now() const
{
    return state_ && state_->clock ? state_->clock() : std::chrono::system_clock::now();
}

std::vector<std::string> template_environment::names() const
{
    std::vector<std::string> all;
    const auto take = [&](const auto& table) {
        for (const auto& entry : table)
            all.push_back(entry.first);
    };
    if (state_) {
        take(state_->filters);
        take(state_->tests);
        take(state_->functions);
        take(state_->lambdas);
    }
    return all;
}

}  // namespace zincir

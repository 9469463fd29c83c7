#pragma once

#include <zincir/core/batch.hpp>
#include <zincir/core/detail/run_step.hpp>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace zincir {

/// A step with a name, for `parallel`. Made by branch().
template <runnable R>
class named_branch : public step<input_of<R>, output_of<R>> {
public:
    named_branch(std::string name, R inner) : name_(std::move(name)), inner_(std::move(inner)) {}
    awaitable<output_of<R>> invoke(input_of<R> input, run_context ctx = {}) const
    {
        return inner_.invoke(std::move(input), std::move(ctx));
    }
    const std::string& branch_name() const noexcept { return name_; }
    std::string step_name() const { return zincir::step_name(inner_); }

private:
    std::string name_;
    R inner_;
};

/// `step` under a name: errors and observers then see "parallel.name".
template <runnable R>
named_branch<R> branch(std::string name, R step)
{
    return named_branch<R>(std::move(name), std::move(step));
}

/// Several steps on one input at the same time. Made by parallel().
///
/// Yields a tuple of their outputs, in the order of the steps. The first failure cancels the others, waits for their end, and is
/// thrown with "parallel[i]" or "parallel.name" in its path. Cancelling ends all. All run on the caller's executor.
template <runnable First, runnable... Others>
    requires std::copy_constructible<input_of<First>> && (std::convertible_to<const input_of<First>&, input_of<Others>> && ...)
class parallel_step : public step<input_of<First>, std::tuple<output_of<First>, output_of<Others>...>> {
    using steps = std::tuple<First, Others...>;
    using input = input_of<First>;
    using outputs = std::tuple<output_of<First>, output_of<Others>...>;

public:
    explicit parallel_step(First first, Others... others)
        : steps_(std::make_shared<const steps>(std::move(first), std::move(others)...))
    {}

    awaitable<outputs> invoke(input in, run_context ctx = {}) const
    {
        return run(std::make_shared<call>(steps_, std::move(in), std::move(ctx)), std::index_sequence_for<First, Others...>());
    }

    std::string step_name() const { return "parallel"; }

private:
    // Shared by the branches of one call.
    struct call {
        call(std::shared_ptr<const steps> s, input i, run_context c) : all(std::move(s)), in(std::move(i)), ctx(std::move(c)) {}
        std::shared_ptr<const steps> all;
        input in;
        run_context ctx;
        std::tuple<std::optional<output_of<First>>, std::optional<output_of<Others>>...> slots{};
    };

    template <std::size_t I>
    static std::string segment(const steps& all)
    {
        if constexpr (requires { std::get<I>(all).branch_name(); })
            return "parallel." + std::get<I>(all).branch_name();
        else
            return "parallel[" + std::to_string(I) + "]";
    }

    template <std::size_t I>
    static awaitable<void> run_branch(std::shared_ptr<call> c)
    {
        const auto& step = std::get<I>(*c->all);
        std::get<I>(c->slots).emplace(co_await detail::invoke_inside(step, c->in, c->ctx, segment<I>(*c->all)));
    }

    template <std::size_t... I>
    static awaitable<outputs> run(std::shared_ptr<call> c, std::index_sequence<I...>)
    {
        std::vector<awaitable<void>> branches;
        branches.reserve(sizeof...(I));
        (branches.push_back(run_branch<I>(c)), ...);
        auto outcome = co_await detail::run_group(std::move(branches), true);
        if (outcome.first)
            std::rethrow_exception(outcome.first);
        co_return outputs(std::move(*std::get<I>(c->slots))...);
    }

    std::shared_ptr<const steps> steps_;
};

/// Runs the steps at the same time on copies of one input.
template <runnable First, runnable... Others>
parallel_step<First, Others...> parallel(First first, Others... others)
{
    return parallel_step<First, Others...>(std::move(first), std::move(others)...);
}

}  // namespace zincir

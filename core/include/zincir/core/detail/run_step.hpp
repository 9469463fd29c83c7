#pragma once

#include <zincir/core/detail/observation.hpp>
#include <zincir/core/error.hpp>
#include <zincir/core/step.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace zincir {

template <runnable... Steps>
    requires(sizeof...(Steps) >= 2)
class sequence;

namespace detail {
run_context enter_chain(const run_context& ctx, std::size_t index);
struct explained_step {
    std::string name;
    bool pieces;  // passes pieces on as they come
};
std::string explain(const std::vector<explained_step>& steps);

// g++ 12 gives this coroutine's frame a linkage that a step made of a local lambda has not, and warns about it in user code.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif
template <runnable R>
awaitable<output_of<R>> invoke_observed(const R& step, input_of<R> input, run_context ctx)
{
    observation watch(ctx, step_name(step));
    try {
        auto output = co_await step.invoke(std::move(input), ctx);
        watch.succeeded();
        co_return output;
    } catch (...) {
        watch.failed(std::current_exception());
        throw;
    }
}

/// Invokes `step`; the observer of `ctx`, if there is one, is told. `step` must outlive the call.
template <runnable R>
awaitable<output_of<R>> invoke_reported(const R& step, input_of<R> input, run_context ctx)
{
    return ctx.observed() ? invoke_observed(step, std::move(input), std::move(ctx)) : step.invoke(std::move(input), std::move(ctx));
}

/// Invokes `step`, number `index` of its chain, likewise. By reference: each copy of a context would widen the chain's one frame.
template <runnable R>
awaitable<output_of<R>> invoke_in_chain(const R& step, input_of<R>&& input, const run_context& ctx, std::size_t index)
{
    return ctx.observed() ? invoke_observed(step, std::move(input), enter_chain(ctx, index)) : step.invoke(std::move(input), ctx);
}

/// Invokes `step` as the part `segment` of the step around it: the observer is told, and errors say so. `step` must outlive the
/// call.
template <runnable R>
awaitable<output_of<R>> invoke_inside(const R& step, input_of<R> input, run_context ctx, std::string segment)
{
    try {
        co_return co_await invoke_reported(step, std::move(input), ctx.enter(segment));
    } catch (...) {
        throw to_error(std::current_exception()).inside(segment);
    }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

template <class R>
std::tuple<R> as_steps(R step)
{
    return std::tuple<R>(std::move(step));
}
template <class... Steps>
std::tuple<Steps...> as_steps(sequence<Steps...> steps)
{
    return steps.steps();
}
template <class... Steps>
sequence<Steps...> make_sequence(std::tuple<Steps...> steps)
{
    return sequence<Steps...>(std::move(steps));
}
}  // namespace detail

}  // namespace zincir

#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/step.hpp>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace zincir {

template <runnable... Steps>
    requires(sizeof...(Steps) >= 2)
class sequence;

namespace detail {
[[noreturn]] void rethrow_inside_chain(std::size_t index);
run_context enter_chain(const run_context& ctx, std::size_t index);
void report_start(const run_context& ctx, std::string_view step);
void report_end(const run_context& ctx, std::string_view step);
[[noreturn]] void report_error_and_rethrow(const run_context& ctx, std::string_view step);
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
    auto name = step_name(step);
    report_start(ctx, name);
    try {
        auto output = co_await step.invoke(std::move(input), ctx);
        report_end(ctx, name);
        co_return output;
    } catch (...) {
        report_error_and_rethrow(ctx, name);
    }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

template <runnable R>
awaitable<output_of<R>> invoke_step(const R& step, input_of<R>&& input, const run_context& ctx, std::size_t index)
{
    if (ctx.observed())
        return invoke_observed(step, std::move(input), enter_chain(ctx, index));
    return step.invoke(std::move(input), ctx);
}

/// `pieces`, whose errors say that they came from step `index`; keeps `owner` for as long as it lives.
template <class T>
stream<T> inside_chain(stream<T> pieces, std::size_t index, std::shared_ptr<const void> owner)
{
    return stream<T>([owner = std::move(owner), pieces = std::move(pieces), index]() mutable -> awaitable<std::optional<T>> {
        try {
            co_return co_await pieces.next();
        } catch (...) {
            rethrow_inside_chain(index);
        }
    });
}

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
template <class Output>
struct left_step_produces {};
template <class Input>
struct right_step_expects {};
template <class Produces, class Expects>
inline constexpr bool steps_fit = false;
struct steps_that_do_not_fit {};
}  // namespace detail

}  // namespace zincir

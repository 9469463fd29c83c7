#pragma once

#include <zincir/core/sequence.hpp>

namespace zincir::detail {

// See invoke_observed: a g++ 12 warning about frames that hold a step made of a local lambda.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif

/// Invokes `step` as the part `segment` of the step around it: the observer is told, and errors say so. `step` must outlive the
/// call.
template <runnable R>
awaitable<output_of<R>> invoke_inside(const R& step, input_of<R> input, run_context ctx, std::string segment)
{
    try {
        if (ctx.observed())
            co_return co_await invoke_observed(step, std::move(input), ctx.enter(segment));
        co_return co_await step.invoke(std::move(input), ctx);
    } catch (...) {
        throw to_error(std::current_exception()).inside(segment);
    }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

}  // namespace zincir::detail

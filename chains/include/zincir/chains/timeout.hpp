#pragma once

#include <zincir/core/chat_model.hpp>
#include <zincir/core/step.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace zincir {

namespace detail {
/// Awaits `work`, at most until the deadline of `ctx`: then cancels it, waits for its end, and throws errc::deadline_exceeded.
awaitable<void> run_before_deadline(awaitable<void> work, run_context ctx, std::chrono::milliseconds allowed);

template <class T>
awaitable<void> store_into(awaitable<T> work, std::shared_ptr<std::optional<T>> slot)
{
    slot->emplace(co_await std::move(work));
}
}  // namespace detail

/// `R`, given a time for each call. Made by with_timeout().
///
/// When the time is over the step is cancelled, has ended, and errc::deadline_exceeded is thrown. A stream has the time from its
/// first next() to its end. A step that does not react to cancellation holds the call up.
template <runnable R>
class timeout_step : public step<input_of<R>, output_of<R>, chunk_of<R>> {
public:
    timeout_step(R inner, std::chrono::milliseconds allowed)
        : inner_(std::make_shared<const R>(std::move(inner))), allowed_(allowed)
    {}

    awaitable<output_of<R>> invoke(input_of<R> input, run_context ctx = {}) const
    {
        return run(inner_, allowed_, std::move(input), std::move(ctx));
    }

    zincir::stream<chunk_of<R>> stream(input_of<R> input, run_context ctx = {}) const
        requires streams_natively<R>
    {
        using chunk = chunk_of<R>;
        return zincir::stream<chunk>([inner = inner_, allowed = allowed_, input = std::optional<input_of<R>>(std::move(input)),
                                      ctx = std::move(ctx),
                                      pieces = zincir::stream<chunk>()]() mutable -> awaitable<std::optional<chunk>> {
            if (input) {
                ctx = ctx.with_timeout(allowed);
                pieces = inner->stream(std::move(*input), ctx);
                input.reset();
            }
            auto slot = std::make_shared<std::optional<std::optional<chunk>>>();
            co_await detail::run_before_deadline(detail::store_into(pieces.next(), slot), ctx, allowed);
            co_return std::move(**slot);
        });
    }

    std::string step_name() const { return "timeout(" + zincir::step_name(*inner_) + ")"; }

private:
    static awaitable<output_of<R>> run(std::shared_ptr<const R> inner, std::chrono::milliseconds allowed, input_of<R> input,
                                       run_context ctx)
    {
        ctx = ctx.with_timeout(allowed);
        auto slot = std::make_shared<std::optional<output_of<R>>>();
        co_await detail::run_before_deadline(detail::store_into(inner->invoke(std::move(input), ctx), slot), ctx, allowed);
        co_return std::move(**slot);
    }
    std::shared_ptr<const R> inner_;
    std::chrono::milliseconds allowed_;
};

template <runnable R>
    requires(!std::same_as<R, chat_model>)
timeout_step<R> with_timeout(R step, std::chrono::milliseconds allowed)
{
    return timeout_step<R>(std::move(step), allowed);
}

/// A chat model that gives each call this time: a deadline that its backend keeps, without a timer for every chunk.
chat_model with_timeout(chat_model model, std::chrono::milliseconds allowed);

}  // namespace zincir

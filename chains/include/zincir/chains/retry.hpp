#pragma once

#include <zincir/chains/detail/restart.hpp>
#include <zincir/core/chat_model.hpp>
#include <zincir/core/detail/step_stream.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace zincir {

/// When, and after what time, a failed call is tried again. A pure value: no clock, no randomness of its own.
class retry_policy {
public:
    std::size_t max_attempts = 3;                       ///< calls in all; 1 never tries again
    std::chrono::milliseconds first_delay{500};         ///< doubles with every failure
    std::chrono::milliseconds max_delay{8'000};         ///< of our own choice; a provider may ask for more
    std::chrono::milliseconds max_retry_after{60'000};  ///< a provider that asks for more is not waited for
    double jitter = 0.25;                               ///< the part of our own delay that is left to chance

    /// How long to wait after failure number `failures` (1 is the first). What the provider asks for stands as it is; else
    /// first_delay · 2^(failures-1), at most max_delay, less up to its `jitter` part. `random` is in [0, 1).
    std::chrono::milliseconds delay(std::size_t failures, const diagnostics& facts, double random) const;

    /// The delay, or nothing where the call must not be tried again: the error is not retryable(), the attempts are used up, or the
    /// wait would be longer than `remaining` or than max_retry_after.
    std::optional<std::chrono::milliseconds> next(std::size_t failures, const error& e, std::chrono::nanoseconds remaining,
                                                  double random) const;
};

namespace detail {
// Waits as the policy says, or throws `failed`.
awaitable<void> wait_before_retry(const retry_policy& policy, std::size_t failures, std::exception_ptr failed, run_context ctx);
}  // namespace detail

/// `R`, tried again after a failure that may pass. Made by with_retry().
///
/// Throws the last attempt's error, with "retry#n" in its path from the second call on; an observer is told of each call.
/// Cancelling ends the attempt or the wait at once; a wait that would end after the deadline is not begun. A stream is opened again
/// only before its first content.
template <runnable R>
    requires std::copy_constructible<input_of<R>>
class retry_step : public step<input_of<R>, output_of<R>, chunk_of<R>> {
public:
    retry_step(R inner, retry_policy policy) : inner_(std::make_shared<const R>(std::move(inner))), policy_(policy) {}

    awaitable<output_of<R>> invoke(input_of<R> input, run_context ctx = {}) const
    {
        return run(inner_, policy_, std::move(input), std::move(ctx));
    }

    zincir::stream<chunk_of<R>> stream(input_of<R> input, run_context ctx = {}) const
        requires streams_natively<R>
    {
        return detail::restartable<chunk_of<R>>(
            [inner = inner_, policy = policy_, input = std::move(input), ctx = std::move(ctx),
             failures = std::size_t{0}](std::exception_ptr failed) mutable -> awaitable<zincir::stream<chunk_of<R>>> {
                if (!failed)
                    co_return attempt(*inner, input, ctx.enter("retry#0"));
                ++failures;
                co_await detail::wait_before_retry(policy, failures, std::move(failed), ctx);
                const auto segment = "retry#" + std::to_string(failures);
                co_return detail::inside(attempt(*inner, input, ctx.enter(segment)), segment);
            });
    }

    std::string step_name() const { return "retry(" + zincir::step_name(*inner_) + ")"; }

private:
    static zincir::stream<chunk_of<R>> attempt(const R& inner, input_of<R> input, const run_context& ctx)
        requires streams_natively<R>
    {
        return detail::observed_stream(inner.stream(std::move(input), ctx), inner, ctx);
    }
    static awaitable<output_of<R>> run(std::shared_ptr<const R> inner, retry_policy policy, input_of<R> input, run_context ctx)
    {
        for (std::size_t failures = 0;;) {
            std::exception_ptr failed;
            try {
                if (failures == 0)
                    co_return co_await detail::invoke_reported(*inner, input, ctx.enter("retry#0"));
                co_return co_await detail::invoke_inside(*inner, input, ctx, "retry#" + std::to_string(failures));
            } catch (...) {
                failed = std::current_exception();
            }
            ++failures;
            co_await detail::wait_before_retry(policy, failures, std::move(failed), ctx);
        }
    }
    std::shared_ptr<const R> inner_;
    retry_policy policy_;
};

template <runnable R>
    requires(!std::same_as<R, chat_model>)
retry_step<R> with_retry(R step, retry_policy policy = retry_policy())
{
    return retry_step<R>(std::move(step), policy);
}

/// A chat model that tries again: settings and tools laid over it reach `model`, whose own come first.
chat_model with_retry(chat_model model, retry_policy policy = retry_policy());

}  // namespace zincir

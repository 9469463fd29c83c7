#pragma once

#include <zincir/core/detail/run_step.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace zincir {

/// How a batch runs.
class batch_options {
public:
    batch_options() = default;
    /// At most `n` inputs at work at once; 0 counts as 1.
    explicit batch_options(std::size_t n) : max_in_flight(n) {}

    std::size_t max_in_flight = 8;
    /// Called on the batch's strand after each input is done, with its index and how many are done by then. What it throws ends the
    /// batch.
    std::function<void(std::size_t index, std::size_t done)> on_done{};
};

namespace detail {
/// Runs `tasks` at once on the awaiting coroutine's executor and returns when all have ended, each with its exception or null.
/// With `stop_at_first`, the first failure cancels the others. Cancelling the wait cancels them all.
struct group_outcome {
    std::vector<std::exception_ptr> errors{};
    std::exception_ptr first{};  // the one that failed first
};
awaitable<group_outcome> run_group(std::vector<awaitable<void>> tasks, bool stop_at_first);

template <class R>
struct batch_state {
    R step;
    std::vector<input_of<R>> inputs;
    batch_options options;
    run_context ctx;
    bool keep_errors;
    std::vector<std::optional<result<output_of<R>>>> slots;
    std::size_t next = 0;
    std::size_t done = 0;
};

template <class R>
awaitable<void> batch_worker(std::shared_ptr<batch_state<R>> state)
{
    while (state->next < state->inputs.size()) {
        const auto i = state->next++;
        std::exception_ptr failed;
        try {
            auto output =
                co_await invoke_inside(state->step, std::move(state->inputs[i]), state->ctx, "batch[" + std::to_string(i) + "]");
            state->slots[i].emplace(std::move(output));
        } catch (...) {
            failed = std::current_exception();
        }
        if (failed) {
            auto e = to_error(failed);
            if (!state->keep_errors || e.is(condition::stopped))
                throw e;
            state->slots[i].emplace(std::move(e));
        }
        ++state->done;
        if (state->options.on_done)
            state->options.on_done(i, state->done);
    }
}

template <class R>
awaitable<void> run_batch(std::shared_ptr<batch_state<R>> state)
{
    state->slots.resize(state->inputs.size());
    std::vector<awaitable<void>> workers;
    const auto n = std::min(std::max<std::size_t>(state->options.max_in_flight, 1), state->inputs.size());
    for (std::size_t i = 0; i < n; ++i)
        workers.push_back(batch_worker<R>(state));
    auto outcome = co_await run_group(std::move(workers), true);
    if (outcome.first)
        std::rethrow_exception(outcome.first);
}

template <class R>
std::shared_ptr<batch_state<R>> make_batch(R step, std::vector<input_of<R>> inputs, batch_options options, run_context ctx,
                                           bool keep_errors)
{
    return std::shared_ptr<batch_state<R>>(
        new batch_state<R>{std::move(step), std::move(inputs), std::move(options), std::move(ctx), keep_errors, {}, 0, 0});
}
}  // namespace detail

/// `step` on every input; the outputs keep the inputs' order.
///
/// The first failure cancels what is at work, waits for it and is thrown, its path beginning with "batch[i]". Cancelling ends all.
/// Runs on the awaiting coroutine's executor; keeps the step and the inputs until all have ended.
template <runnable R>
awaitable<std::vector<output_of<R>>> batch(R step, std::vector<input_of<R>> inputs, batch_options options = batch_options(),
                                           run_context ctx = {})
{
    auto state = detail::make_batch<R>(std::move(step), std::move(inputs), std::move(options), std::move(ctx), false);
    co_await detail::run_batch(state);
    std::vector<output_of<R>> outputs;
    outputs.reserve(state->slots.size());
    for (auto& slot : state->slots)
        outputs.push_back(std::move(**slot));
    co_return outputs;
}

/// As `batch`, but an input's failure takes that input's place in the result and the others go on. Only cancellation throws, and
/// what batch_options::on_done throws.
template <runnable R>
awaitable<std::vector<result<output_of<R>>>> try_batch(R step, std::vector<input_of<R>> inputs,
                                                       batch_options options = batch_options(), run_context ctx = {})
{
    auto state = detail::make_batch<R>(std::move(step), std::move(inputs), std::move(options), std::move(ctx), true);
    co_await detail::run_batch(state);
    std::vector<result<output_of<R>>> outputs;
    outputs.reserve(state->slots.size());
    for (auto& slot : state->slots)
        outputs.push_back(std::move(*slot));
    co_return outputs;
}

}  // namespace zincir

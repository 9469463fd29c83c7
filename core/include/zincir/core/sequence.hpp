#pragma once

#include <zincir/core/detail/pipe_errors.hpp>
#include <zincir/core/detail/run_step.hpp>
#include <zincir/core/detail/step_stream.hpp>

namespace zincir {

/// L's output can be handed to R.
template <class L, class R>
concept pipes_into = runnable<L> && runnable<R> && std::convertible_to<output_of<L>, input_of<R>>;

/// Steps one after another: what `|` makes. Holds its steps by value and allocates nothing of its own.
///
/// `invoke` throws what a step throws, with the step's place ("chain[1]") in front of the error's path. Cancelling the awaiting
/// coroutine cancels the step at work. A sequence must outlive the coroutines it returned (`chain` takes care of that itself).
template <runnable... Steps>
    requires(sizeof...(Steps) >= 2)
class sequence {
    template <std::size_t I>
    using at = std::tuple_element_t<I, std::tuple<Steps...>>;
    static constexpr std::size_t count = sizeof...(Steps);

public:
    using input_type = input_of<at<0>>;
    using output_type = output_of<at<count - 1>>;
    using chunk_type = chunk_of<at<count - 1>>;

    explicit sequence(std::tuple<Steps...> steps) : steps_(std::move(steps)) {}

    awaitable<output_type> invoke(input_type input, run_context ctx = {}) const&
    {
        return run(std::move(input), std::move(ctx), std::index_sequence_for<Steps...>());
    }
    awaitable<output_type> invoke(input_type, run_context = {}) const&& = delete;  // the coroutine would outlive the sequence

    /// Runs what cannot stream to its end, and the rest piece by piece: see `explain()`. The stream keeps a copy of the steps.
    zincir::stream<chunk_type> stream(input_type input, run_context ctx = {}) const
    {
        return stream_shared(std::make_shared<const sequence>(*this), std::move(input), std::move(ctx));
    }

    /// As `stream`, for a sequence that is shared already.
    static zincir::stream<chunk_type> stream_shared(std::shared_ptr<const sequence> self, input_type input, run_context ctx)
    {
        if constexpr (first_streaming == 0)
            return detail::chain_stream<0>(std::move(self), std::move(input), ctx);
        else
            return deferred_stream<chunk_type>([self = std::move(self), input = std::move(input),
                                                ctx = std::move(ctx)]() mutable -> awaitable<zincir::stream<chunk_type>> {
                auto middle = co_await self->run(std::move(input), ctx, std::make_index_sequence<first_streaming>());
                co_return detail::chain_stream<first_streaming>(self, std::move(middle), ctx);
            });
    }

    /// Whether the last step passes pieces on while the first one is still producing them.
    static constexpr bool streams_end_to_end()
    {
        // Steps before the model (prompts, plain functions) have nothing to stream; what matters is that none waits after it.
        constexpr bool sources[] = {streams_natively<Steps>...};
        std::size_t first = 0;
        while (first < count && !sources[first])
            ++first;
        return first == first_streaming;
    }

    /// One line a step: its name, and whether it streams, continues in pieces, or waits for all of its input.
    std::string explain() const { return detail::explain(describe(std::index_sequence_for<Steps...>())); }

    /// Such as "chat_prompt_template | chat_model(groq) | to_text".
    std::string step_name() const
    {
        std::string all;
        std::apply([&](const auto&... step) { ((all += (all.empty() ? "" : " | ") + zincir::step_name(step)), ...); }, steps_);
        return all;
    }

    const std::tuple<Steps...>& steps() const noexcept { return steps_; }

private:
    template <std::size_t I>
    static constexpr bool continues()
    {
        if constexpr (I == 0)
            return streams_natively<at<0>>;
        else
            return transforms<at<I>, chunk_of<at<I - 1>>>;
    }
    // The step that starts the stream: every step after it continues in pieces.
    template <std::size_t I = count - 1>
    static constexpr std::size_t find_first()
    {
        if constexpr (I == 0)
            return 0;
        else if constexpr (continues<I>() && (streams_natively<at<I - 1>> || continues<I - 1>()))
            return find_first<I - 1>();
        else
            return I;
    }
    static constexpr std::size_t first_streaming = find_first();

    // What step I takes; beyond the last step, what the sequence gives.
    template <std::size_t I>
    using value = std::tuple_element_t<I, std::tuple<input_of<Steps>..., output_type>>;

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // a false alarm of g++ 12 about Asio's frames, in user code
#endif
    // Runs the first sizeof...(I) steps.
    template <std::size_t... I>
    awaitable<value<sizeof...(I)>> run(input_type input, run_context ctx, std::index_sequence<I...>) const
    {
        std::tuple<std::optional<value<I>>..., std::optional<value<sizeof...(I)>>> slots;
        std::get<0>(slots).emplace(std::move(input));
        std::size_t current = 0;
        try {
            ((current = I, std::get<I + 1>(slots).emplace(
                               co_await detail::invoke_in_chain(std::get<I>(steps_), std::move(*std::get<I>(slots)), ctx, I))),
             ...);
        } catch (...) {
            detail::rethrow_inside_chain(current);
        }
        co_return std::move(*std::get<sizeof...(I)>(slots));
    }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

    template <std::size_t... I>
    std::vector<detail::explained_step> describe(std::index_sequence<I...>) const
    {
        std::vector<detail::explained_step> rows;
        (rows.push_back({zincir::step_name(std::get<I>(steps_)), streams_natively<at<I>> || (I > 0 && continues<I>())}), ...);
        return rows;
    }

    std::tuple<Steps...> steps_;
};

/// `first`, then `second` on its output.
template <runnable L, runnable R>
    requires pipes_into<L, R>
auto operator|(L first, R second)
{
    return detail::make_sequence(std::tuple_cat(detail::as_steps(std::move(first)), detail::as_steps(std::move(second))));
}

/// A function may follow a step: its input type is the step's output type.
template <runnable L, class F>
    requires(!runnable<F> && detail::callable_step<F, output_of<L>>)
auto operator|(L first, F f)
{
    return std::move(first) | make_step<output_of<L>>(std::move(f));
}

/// A function with one parameter may start a chain.
template <class F, runnable R, class In = typename detail::parameter<F>::type>
    requires(!runnable<F>)
auto operator|(F f, R second)
{
    return make_step<In>(std::move(f)) | std::move(second);
}

/// The next four are chosen only where nothing fits, to say so in one line.
template <runnable L, runnable R>
    requires(!pipes_into<L, R>)
auto operator|(L, R)
{
    static_assert(detail::steps_fit<detail::left_step_produces<output_of<L>>, detail::right_step_expects<input_of<R>>>,
                  "zincir: these steps do not fit: what the left step produces does not convert to what the right step expects");
    return detail::steps_that_do_not_fit();
}
template <runnable L, class F, class In = typename detail::parameter<F>::type>
    requires(!runnable<F> && !detail::callable_step<F, output_of<L>>)
auto operator|(L, F)
{
    static_assert(
        detail::steps_fit<detail::left_step_produces<output_of<L>>, detail::right_step_expects<In>>,
        "zincir: these steps do not fit: the function on the right does not take what the left step produces (a function takes its "
        "input by value or by const reference)");
    return detail::steps_that_do_not_fit();
}
template <runnable L, class F>
    requires(!runnable<F> && !detail::callable_step<F, output_of<L>> && !detail::has_parameter<F>)
auto operator|(L&&, F&&)
{
    detail::refuse_operand<std::remove_cvref_t<F>, detail::right_operand<std::remove_cvref_t<F>>>();
    return detail::steps_that_do_not_fit();
}
template <class F, class R>
    requires(!runnable<F> && !detail::has_parameter<F> && (runnable<R> || detail::claims_to_be_a_step<std::remove_cvref_t<F>>))
auto operator|(F&&, R&&)
{
    detail::refuse_operand<std::remove_cvref_t<F>, detail::left_operand<std::remove_cvref_t<F>>>();
    return detail::steps_that_do_not_fit();
}

}  // namespace zincir

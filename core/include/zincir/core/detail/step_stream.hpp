#pragma once

#include <zincir/core/detail/run_step.hpp>

#include <memory>
#include <optional>
#include <tuple>

namespace zincir::detail {

/// What the streams of one run of a chain share: the error that has its place already. Steps after the one that failed let it pass.
struct placed_error {
    std::optional<error> last{};
};
/// Throws the current exception as an error of step `index`; as it is if `placed` knows it.
[[noreturn]] void rethrow_inside_chain(std::size_t index, placed_error* placed = nullptr);

/// The pieces of step `index`, whose errors say so. Keeps `steps`, which the pieces may refer to, for as long as it lives.
template <class T>
class placed_source {
public:
    placed_source(stream<T> pieces, std::size_t index, std::shared_ptr<placed_error> placed, std::shared_ptr<const void> steps)
        : steps_(std::move(steps)), placed_(std::move(placed)), index_(index), pieces_(std::move(pieces))
    {}

    awaitable<std::optional<T>> operator()()
    {
        try {
            co_return co_await pieces_.next();
        } catch (...) {
            rethrow_inside_chain(index_, placed_.get());
        }
    }

private:
    std::shared_ptr<const void> steps_;  // outlives the pieces: members go in reverse
    std::shared_ptr<placed_error> placed_;
    std::size_t index_;
    stream<T> pieces_;
};

/// What the transformer of step `index` makes of `pieces`. With `Placed` the errors of the pieces have their place; without, they
/// are those of the step before. One coroutine for both, since a model's deltas pass here one by one.
template <class Transformer, class In, class Out, bool Placed>
class transformed_source {
public:
    transformed_source(stream<In> pieces, Transformer transformer, std::size_t index, std::shared_ptr<placed_error> placed,
                       std::shared_ptr<const void> steps)
        : steps_(std::move(steps)),
          placed_(std::move(placed)),
          transformer_(std::move(transformer)),
          index_(index),
          pieces_(std::move(pieces))
    {}

    awaitable<std::optional<Out>> operator()()
    {
        if (ended_)
            co_return std::nullopt;
        auto at = index_ - 1;
        try {
            for (;;) {
                auto piece = co_await pieces_.next();
                at = index_;
                if (!piece) {
                    ended_ = true;
                    co_return transformer_.finish();
                }
                if (auto made = transformer_.next(std::move(*piece)))
                    co_return made;
                at = index_ - 1;
            }
        } catch (...) {
            ended_ = true;
            if (Placed && at != index_)
                throw;
            rethrow_inside_chain(at, placed_.get());
        }
    }

private:
    std::shared_ptr<const void> steps_;
    std::shared_ptr<placed_error> placed_;
    Transformer transformer_;
    std::size_t index_;
    bool ended_ = false;
    stream<In> pieces_;
};

template <class T>
class observed_source {
public:
    observed_source(stream<T> pieces, run_context ctx, std::string name)
        : pieces_(std::move(pieces)), ctx_(std::move(ctx)), name_(std::move(name))
    {}

    awaitable<std::optional<T>> operator()()
    {
        if (!watch_)
            watch_ = std::make_unique<observation>(ctx_, name_);
        try {
            auto piece = co_await pieces_.next();
            if (!piece)
                watch_->succeeded();
            co_return piece;
        } catch (...) {
            watch_->failed(std::current_exception());
            throw;
        }
    }

private:
    stream<T> pieces_;
    run_context ctx_;
    std::string name_;
    std::unique_ptr<observation> watch_{};
};

/// `pieces`, of whose first next() and end the observer of `ctx` is told; as they are where nobody observes.
template <class Step, class T>
stream<T> observed_stream(stream<T> pieces, const Step& step, const run_context& ctx)
{
    if (!ctx.observed())
        return pieces;
    return stream<T>(observed_source<T>(std::move(pieces), ctx, step_name(step)));
}

/// The streams of one run of a chain, put together one step after the other.
template <class Chain>
class stream_builder {
    template <std::size_t I>
    using at = std::tuple_element_t<I, std::remove_cvref_t<decltype(std::declval<const Chain&>().steps())>>;
    static constexpr std::size_t count = std::tuple_size_v<std::remove_cvref_t<decltype(std::declval<const Chain&>().steps())>>;
    using result = stream<typename Chain::chunk_type>;

public:
    stream_builder(std::shared_ptr<const Chain> chain, const run_context& ctx) : chain_(std::move(chain)), ctx_(ctx) {}

    /// Step I streams, the others continue.
    template <std::size_t I>
    result start(input_of<at<I>> input)
    {
        if constexpr (has_transform_from<I + 1>())
            placed_ = std::make_shared<placed_error>();
        const auto& step = std::get<I>(chain_->steps());
        const auto inside = enter_chain(ctx_, I);
        return go_on<I + 1, false>(observed_stream(stream_of(step, std::move(input), inside), step, inside));
    }

private:
    // A transform() passes errors on that have their place already; a transformer sees none.
    template <std::size_t I>
    static constexpr bool has_transform_from()
    {
        if constexpr (I == count)
            return false;
        else
            return !transforms_piecewise<at<I>, chunk_of<at<I - 1>>> || has_transform_from<I + 1>();
    }
    // Placed: the errors of `pieces`, which step I - 1 makes, have their place already.
    template <std::size_t I, bool Placed, class Chunk>
    result go_on(stream<Chunk> pieces)
    {
        if constexpr (I == count && Placed) {
            return pieces;
        } else if constexpr (I == count) {
            return place<I - 1>(std::move(pieces));
        } else if constexpr (transforms_piecewise<at<I>, Chunk>) {
            const auto& step = std::get<I>(chain_->steps());
            using made = chunk_of<at<I>>;
            using source = transformed_source<decltype(step.transformer()), Chunk, made, Placed>;
            stream<made> next(source(std::move(pieces), step.transformer(), I, placed_, chain_));
            return go_on<I + 1, true>(observed_stream(std::move(next), step, enter_chain(ctx_, I)));
        } else if constexpr (!Placed) {
            return go_on<I, true>(place<I - 1>(std::move(pieces)));
        } else {
            const auto& step = std::get<I>(chain_->steps());
            const auto inside = enter_chain(ctx_, I);
            return go_on<I + 1, false>(observed_stream(step.transform(std::move(pieces), inside), step, inside));
        }
    }
    template <std::size_t I, class Chunk>
    stream<Chunk> place(stream<Chunk> pieces) const
    {
        return stream<Chunk>(placed_source<Chunk>(std::move(pieces), I, placed_, chain_));
    }

    std::shared_ptr<const Chain> chain_;
    const run_context& ctx_;
    std::shared_ptr<placed_error> placed_{};
};

/// Step I of `chain` streams `input`'s answer, the steps after it continue in pieces.
template <std::size_t I, class Chain, class Input>
auto chain_stream(std::shared_ptr<const Chain> chain, Input input, const run_context& ctx)
{
    return stream_builder<Chain>(std::move(chain), ctx).template start<I>(std::move(input));
}

}  // namespace zincir::detail

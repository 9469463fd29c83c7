#pragma once

#include <zincir/core/sequence.hpp>

namespace zincir {

/// Any runnable with this input, output and chunk: the type to store, return and pass.
///
/// A handle: copies share one immutable step, which may be invoked concurrently from any number of threads, each call on its own
/// strand. A call keeps the step alive, so the handle may go while one is at work. It throws what the step throws, and cancelling
/// it cancels the step. Costs one indirect call and one coroutine more than the typed pipe.
template <class In, class Out, class Chunk = Out>
class chain {
public:
    using input_type = In;
    using output_type = Out;
    using chunk_type = Chunk;

    template <class R>
        requires(!std::same_as<std::remove_cvref_t<R>, chain>) && runnable<R> && std::convertible_to<In, input_of<R>> &&
                std::convertible_to<output_of<R>, Out> && std::same_as<chunk_of<R>, Chunk>
    chain(R step) : step_(std::make_shared<const model<R>>(std::move(step)))
    {}

    awaitable<Out> invoke(In input, run_context ctx = {}) const { return run(step_, std::move(input), std::move(ctx)); }
    zincir::stream<Chunk> stream(In input, run_context ctx = {}) const
    {
        return step_->stream(step_, std::move(input), std::move(ctx));
    }
    /// See `sequence::explain()`.
    std::string explain() const { return step_->explain(); }
    std::string step_name() const { return step_->name(); }

private:
    struct base {
        virtual ~base() = default;
        virtual awaitable<Out> invoke(In, run_context) const = 0;
        // `self` is this object.
        virtual zincir::stream<Chunk> stream(std::shared_ptr<const base> self, In, run_context) const = 0;
        virtual std::string explain() const = 0;
        virtual std::string name() const = 0;
    };
    template <class R>
    struct model final : base {
        explicit model(R r) : step(std::move(r)) {}
        awaitable<Out> invoke(In in, run_context c) const override
        {
            if constexpr (std::same_as<output_of<R>, Out>)
                return step.invoke(std::move(in), std::move(c));
            else
                return convert(step, std::move(in), std::move(c));
        }
        static awaitable<Out> convert(const R& step, In in, run_context c)
        {
            co_return co_await step.invoke(std::move(in), std::move(c));
        }
        zincir::stream<Chunk> stream(std::shared_ptr<const base> self, In in, run_context c) const override
        {
            if constexpr (requires { &R::stream_shared; })
                return R::stream_shared(std::shared_ptr<const R>(std::move(self), &step), std::move(in), std::move(c));
            else
                return zincir::stream<Chunk>(
                    [self = std::move(self),
                     pieces = stream_of(step, std::move(in), std::move(c))]() mutable -> awaitable<std::optional<Chunk>> {
                        co_return co_await pieces.next();
                    });
        }
        std::string explain() const override
        {
            if constexpr (requires { step.explain(); })
                return step.explain();
            else
                return detail::explain(std::vector<detail::explained_step>{{zincir::step_name(step), streams_natively<R>}});
        }
        std::string name() const override { return zincir::step_name(step); }
        R step;
    };
    // Keeps the step alive for as long as the coroutine runs.
    static awaitable<Out> run(std::shared_ptr<const base> step, In input, run_context ctx)
    {
        co_return co_await step->invoke(std::move(input), std::move(ctx));
    }
    std::shared_ptr<const base> step_;
};

template <runnable R>
chain(R) -> chain<input_of<R>, output_of<R>, chunk_of<R>>;

}  // namespace zincir

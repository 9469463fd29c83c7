#pragma once

#include <zincir/core/awaitable.hpp>
#include <zincir/core/run_context.hpp>
#include <zincir/core/stream.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace zincir {

/// Base of every step. It names the types, and lets `|` be found between two user types.
///
/// A step adds `awaitable<Out> invoke(In, run_context) const`. It may add
/// - `stream<Chunk> stream(In, run_context) const`: it answers in pieces;
/// - `stream<Chunk> transform(stream<InChunk>, run_context) const`: it continues in pieces what the step before it streams; or
/// - `transformer() const`, which does the same without waiting for anything: see transforms_piecewise.
///
/// Steps are values: copied into the chains they join, immutable there, and invoked concurrently. What a step returns may refer to
/// the step: the chain keeps it until the coroutine or stream has ended.
template <class In, class Out, class Chunk = Out>
struct step {
    using input_type = In;
    using output_type = Out;
    using chunk_type = Chunk;
};

template <class R>
using input_of = typename std::remove_cvref_t<R>::input_type;
template <class R>
using output_of = typename std::remove_cvref_t<R>::output_type;

/// A copyable value with fixed input and output types whose `invoke` is a coroutine. Anything of this shape is a step of a chain.
template <class R>
concept runnable =
    // The member types come first: asking a tuple that holds a chain whether it is copyable would ask this concept again.
    requires {
        typename input_of<R>;
        typename output_of<R>;
    } && std::copy_constructible<std::remove_cvref_t<R>> &&
    requires(const std::remove_cvref_t<R>& step, input_of<R> input, run_context ctx) {
        { step.invoke(std::move(input), std::move(ctx)) } -> std::same_as<awaitable<output_of<R>>>;
    };

namespace detail {
template <class R>
struct chunk {
    using type = output_of<R>;
};
template <class R>
    requires requires { typename R::chunk_type; }
struct chunk<R> {
    using type = typename R::chunk_type;
};

/// A type's name without its namespaces' noise, for explain() and for errors.
std::string readable_name(const char* mangled);
}  // namespace detail

/// What `stream()` yields: R::chunk_type where declared, else the whole output once.
template <class R>
using chunk_of = typename detail::chunk<std::remove_cvref_t<R>>::type;

/// R answers in pieces.
template <class R>
concept streams_natively = runnable<R> && requires(const std::remove_cvref_t<R>& r, input_of<R> in, run_context ctx) {
    { r.stream(std::move(in), ctx) } -> std::same_as<stream<chunk_of<R>>>;
};

/// R continues in pieces a stream of Chunk by a state machine without I/O: `transformer()` makes one for each stream. Its
/// `next(piece)` gives what to hand on, or nothing; its `finish()`, called once after the last piece, likewise. Both may throw. It
/// may refer to the step. Cheaper than a transform(): no coroutine of its own.
template <class R, class Chunk>
concept transforms_piecewise = runnable<R> && requires(const std::remove_cvref_t<R>& r, Chunk piece) {
    { r.transformer().next(std::move(piece)) } -> std::same_as<std::optional<chunk_of<R>>>;
    { r.transformer().finish() } -> std::same_as<std::optional<chunk_of<R>>>;
};

/// R continues in pieces a stream of Chunk.
template <class R, class Chunk>
concept transforms =
    transforms_piecewise<R, Chunk> || (runnable<R> && requires(const std::remove_cvref_t<R>& r, stream<Chunk> in, run_context ctx) {
        { r.transform(std::move(in), ctx) } -> std::same_as<stream<chunk_of<R>>>;
    });

/// The answer of any runnable as a stream: its own if it has one, else its one value. The step is copied into the stream.
template <runnable R>
stream<chunk_of<R>> stream_of(const R& step, input_of<R> input, run_context ctx)
{
    if constexpr (streams_natively<R>) {
        return step.stream(std::move(input), std::move(ctx));
    } else {
        static_assert(std::same_as<chunk_of<R>, output_of<R>>,
                      "zincir: a step whose chunks differ from its output needs a stream() of its own");
        return single<chunk_of<R>>([step, input = std::move(input), ctx = std::move(ctx)]() mutable {
            return step.invoke(std::move(input), std::move(ctx));
        });
    }
}

/// What a step is called in explain() and in paths: its `step_name()` if it has one, else its type.
template <class R>
std::string step_name(const R& step)
{
    if constexpr (requires {
                      { step.step_name() } -> std::convertible_to<std::string_view>;
                  })
        return std::string(step.step_name());
    else
        return detail::readable_name(typeid(R).name());
}

}  // namespace zincir

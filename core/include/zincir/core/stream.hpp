#pragma once

#include <zincir/core/awaitable.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace zincir {

/// Values of type T that arrive over time. Move-only, single pass.
///
/// *Pull*: nothing happens between two calls of `next()`, so a slow reader slows the source down. *Errors*: `next()` throws what
/// the source throws; the stream is over then. A reply that was cut is an error, never an end. *After its end* or its error a
/// stream of this library stays at its end; a source of your own is called again and should do the same. *Cancellation*: cancelling
/// the coroutine that awaits `next()`, or destroying the stream, stops the source and closes its connection at once. *Lifetime*:
/// one `next()` at a time, awaited before the next one is called and before the stream is moved or destroyed. Not thread-safe.
template <class T>
class [[nodiscard]] stream {
public:
    using value_type = T;

    /// An empty stream: the first next() yields nullopt.
    stream() = default;

    /// A stream that calls `source` once per next(). `source` returns awaitable<std::optional<T>>; it lives as long as the stream.
    template <class Source>
        requires std::same_as<std::invoke_result_t<Source&>, awaitable<std::optional<T>>>
    explicit stream(Source source) : source_(std::make_unique<model<Source>>(std::move(source)))
    {}

    /// The next value, or nullopt once the stream has ended.
    awaitable<std::optional<T>> next()
    {
        if (!source_)
            return ended();
        return source_->next();
    }

private:
    struct base {
        virtual ~base() = default;
        virtual awaitable<std::optional<T>> next() = 0;
    };
    template <class Source>
    struct model final : base {
        explicit model(Source s) : source(std::move(s)) {}
        awaitable<std::optional<T>> next() override { return source(); }
        Source source;
    };
    static awaitable<std::optional<T>> ended() { co_return std::nullopt; }

    std::unique_ptr<base> source_;
};

/// How the chunks of a stream add up to a whole. Specialise it for a chunk type of your own:
///
///     template <> struct zincir::stream_traits<my_chunk> {
///         using sum_type = my_sum;                              // default constructible
///         static void add(sum_type& sum, my_chunk&& chunk);
///         static my_whole finish(sum_type&& sum);
///     };
template <class Chunk>
struct stream_traits;

template <>
struct stream_traits<std::string> {
    using sum_type = std::string;
    static void add(std::string& sum, std::string&& part) { sum += part; }
    static std::string finish(std::string&& sum) { return std::move(sum); }
};

/// A chunk type that says how it adds up.
template <class Chunk>
concept summable = requires(typename stream_traits<Chunk>::sum_type sum, Chunk chunk) {
    stream_traits<Chunk>::add(sum, std::move(chunk));
    stream_traits<Chunk>::finish(std::move(sum));
};

/// Reads `pieces` to their end and adds them up. Throws what the stream throws.
template <summable T>
auto collect(stream<T> pieces) -> awaitable<decltype(stream_traits<T>::finish(std::declval<typename stream_traits<T>::sum_type>()))>
{
    typename stream_traits<T>::sum_type sum{};
    while (auto piece = co_await pieces.next())
        stream_traits<T>::add(sum, std::move(*piece));
    co_return stream_traits<T>::finish(std::move(sum));
}

/// A stream that awaits `make()` on its first next() and yields that one value.
template <class T, class Make>
stream<T> single(Make make)
{
    return stream<T>([make = std::move(make), done = false]() mutable -> awaitable<std::optional<T>> {
        if (std::exchange(done, true))
            co_return std::nullopt;
        co_return co_await make();
    });
}

namespace detail {
/// The source of a deferred_stream. Once open it hands out the opened stream's own coroutines and adds none.
template <class T, class Open>
class deferred_source {
public:
    explicit deferred_source(Open open) : open_(std::move(open)) {}

    awaitable<std::optional<T>> operator()() { return opened_ ? inner_.next() : first(*this); }

private:
    static awaitable<std::optional<T>> first(deferred_source& self)
    {
        self.opened_ = true;
        self.inner_ = co_await self.open_();
        co_return co_await self.inner_.next();
    }

    Open open_;
    bool opened_ = false;
    stream<T> inner_{};
};
}  // namespace detail

/// A stream that awaits `open()` on its first next() and then yields what the opened stream yields.
template <class T, class Open>
stream<T> deferred_stream(Open open)
{
    return stream<T>(detail::deferred_source<T, Open>(std::move(open)));
}

}  // namespace zincir

#pragma once

#include <zincir/core/step.hpp>

namespace zincir {

namespace detail {
template <class T>
struct awaited {
    using type = T;
    static constexpr bool is_async = false;
};
template <class T>
struct awaited<awaitable<T>> {
    using type = T;
    static constexpr bool is_async = true;
};

/// The one parameter (beside an optional run_context) and nothing else of a callable that is not overloaded.
template <class F>
struct parameter {};
template <class F>
    requires requires { &F::operator(); }
struct parameter<F> : parameter<decltype(&F::operator())> {};
template <class R, class In>
struct parameter<R (*)(In)> {
    using type = std::remove_cvref_t<In>;
};
template <class R, class In>
struct parameter<R (*)(In, run_context)> : parameter<R (*)(In)> {};
template <class R, class C, class In>
struct parameter<R (C::*)(In) const> : parameter<R (*)(In)> {};
template <class R, class C, class In>
struct parameter<R (C::*)(In, run_context) const> : parameter<R (*)(In)> {};

template <class F, class In>
concept callable_step = std::invocable<const F&, In> || std::invocable<const F&, In, run_context>;

template <class F, class In, bool = std::invocable<const F&, In, run_context>>
struct call_result {
    using type = std::invoke_result_t<const F&, In, run_context>;
};
template <class F, class In>
struct call_result<F, In, false> {
    using type = std::invoke_result_t<const F&, In>;
};
}  // namespace detail

/// A function as a step. F is called as `f(In)` or `f(In, run_context)` and returns a value, or an awaitable of one.
/// F is copied with the chain and may be called concurrently.
template <class In, class F>
class function_step : public step<In, typename detail::awaited<typename detail::call_result<F, In>::type>::type> {
    using returned = detail::awaited<typename detail::call_result<F, In>::type>;

public:
    explicit function_step(F f) : f_(std::move(f)) {}

    awaitable<typename returned::type> invoke(In input, run_context ctx = {}) const
    {
        if constexpr (returned::is_async)
            co_return co_await call(std::move(input), std::move(ctx));
        else
            co_return call(std::move(input), std::move(ctx));
    }

    std::string_view step_name() const noexcept { return "function"; }

private:
    decltype(auto) call(In input, run_context ctx) const
    {
        if constexpr (std::invocable<const F&, In, run_context>)
            return f_(std::move(input), std::move(ctx));
        else
            return f_(std::move(input));
    }
    F f_;
};

/// Makes a step of a generic or overloaded callable, whose input type cannot be read off: `make_step<int>([](auto i) { … })`.
template <class In, class F>
    requires detail::callable_step<F, In>
function_step<In, F> make_step(F f)
{
    return function_step<In, F>(std::move(f));
}

/// Makes a step of a function or lambda with one parameter.
template <class F, class In = typename detail::parameter<F>::type>
function_step<In, F> make_step(F f)
{
    return function_step<In, F>(std::move(f));
}

}  // namespace zincir

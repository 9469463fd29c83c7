#pragma once

#include <zincir/core/step.hpp>

#include <functional>

namespace zincir {

namespace detail {
template <class T>
struct awaited {
    using type = T;
    static constexpr bool is_async = false;
};
template <class T>
struct awaited<awaitable<T>> {
    using type = std::remove_cvref_t<T>;
    static constexpr bool is_async = true;
};

// The input type of a callable that is not overloaded: its one parameter, beside which it may take a run_context.
template <class... Parameters>
struct input_parameter {};
template <class In>
struct input_parameter<In> {
    using type = std::remove_cvref_t<In>;
};
template <class In, class Context>
    requires std::same_as<std::remove_cvref_t<Context>, run_context>
struct input_parameter<In, Context> : input_parameter<In> {};

template <class CallOperator>
struct call_operator {};
template <class R, class C, class... P, bool N>
struct call_operator<R (C::*)(P...) const noexcept(N)> : input_parameter<P...> {};
template <class R, class C, class... P, bool N>
struct call_operator<R (C::*)(P...) const & noexcept(N)> : input_parameter<P...> {};

template <class F>
struct parameter {};
template <class F>
    requires requires { &F::operator(); }
struct parameter<F> : call_operator<decltype(&F::operator())> {};
template <class R, class... P, bool N>
struct parameter<R (*)(P...) noexcept(N)> : input_parameter<P...> {};
/// A member, or a member function without parameters: taken of the input.
template <class M, class C>
    requires std::invocable<M C::*, C>
struct parameter<M C::*> {
    using type = C;
};

template <class F, class In>
concept callable_step = std::invocable<const F&, In> || std::invocable<const F&, In, run_context>;

// What F returns. A value is what a step hands on, so a reference becomes one.
template <class F, class In>
struct call_result {
    using type = void;
};
template <class F, class In>
    requires std::invocable<const F&, In, run_context>
struct call_result<F, In> {
    using type = std::remove_cvref_t<std::invoke_result_t<const F&, In, run_context>>;
};
template <class F, class In>
    requires(std::invocable<const F&, In> && !std::invocable<const F&, In, run_context>)
struct call_result<F, In> {
    using type = std::remove_cvref_t<std::invoke_result_t<const F&, In>>;
};
}  // namespace detail

/// A function as a step. F is called as `f(In)` or `f(In, run_context)` and returns a value, or an awaitable of one.
///
/// F may be a function, a lambda, a std::function, or a pointer to a member of In. It is copied with the chain, is const there, and
/// may be called concurrently. What it throws becomes an `error` in the chain: see to_error(). Cancelling ends a coroutine where it
/// awaits; any other function runs to its end on the run's strand, so it must be short. The step must outlive its calls, as a
/// sequence must.
template <class In, class F>
class function_step : public step<In, typename detail::awaited<typename detail::call_result<F, In>::type>::type> {
    using returned = detail::awaited<typename detail::call_result<F, In>::type>;

    static_assert(std::copy_constructible<F>,
                  "zincir: a step is copied with its chain: hold what the function cannot copy by std::shared_ptr");
    static_assert(
        detail::callable_step<F, In>,
        "zincir: this function cannot be a step: it must be callable while const (no `mutable`) and take its input by value "
        "or by const reference");
    static_assert(!detail::callable_step<F, In> || !std::is_void_v<typename returned::type>,
                  "zincir: a step hands a value on: let this function return one");

public:
    explicit function_step(F f) : f_(std::move(f)) {}

    awaitable<typename returned::type> invoke(In input, run_context ctx = {}) const&
    {
        if constexpr (returned::is_async)
            co_return co_await call(std::move(input), std::move(ctx));
        else
            co_return call(std::move(input), std::move(ctx));
    }
    awaitable<typename returned::type> invoke(In, run_context = {}) const&& = delete;  // the coroutine would outlive the step

    std::string_view step_name() const noexcept { return "function"; }

private:
    decltype(auto) call(In input, run_context ctx) const
    {
        if constexpr (std::invocable<const F&, In, run_context>)
            return std::invoke(f_, std::move(input), std::move(ctx));
        else
            return std::invoke(f_, std::move(input));
    }
    F f_;
};

/// Makes a step of a generic or overloaded callable, whose input type cannot be read off: `make_step<int>([](auto i) { … })`.
template <class In, class F>
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

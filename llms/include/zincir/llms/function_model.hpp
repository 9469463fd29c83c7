#pragma once

#include <zincir/core/chat_model.hpp>

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace zincir {

namespace detail {
/// An assistant's reply that ended well: a missing finish reason becomes the one that fits.
message finished_reply(message reply);
inline message finished_reply(std::string text) { return finished_reply(message(role::assistant, std::move(text))); }
/// Throws errc::deadline_exceeded when the deadline of `ctx` has passed.
void check_deadline(const run_context& ctx);

template <class T>
struct reply_of {
    using type = T;
    static constexpr bool is_async = false;
};
template <class T>
struct reply_of<awaitable<T>> {
    using type = T;
    static constexpr bool is_async = true;
};
template <class T>
concept reply = std::same_as<T, message> || std::convertible_to<T, std::string>;

template <class F>
class function_backend final : public chat_backend {
    static constexpr bool takes_context = std::invocable<const F&, chat_request, run_context>;
    static decltype(auto) call(const F& f, chat_request request, run_context ctx)
    {
        if constexpr (takes_context)
            return f(std::move(request), std::move(ctx));
        else
            return f(std::move(request));
    }
    using returned = reply_of<decltype(call(std::declval<const F&>(), std::declval<chat_request>(), run_context()))>;
    static_assert(reply<typename returned::type>,
                  "zincir: the function of a function_model returns a message, a text, or an awaitable of one");

public:
    function_backend(F f, std::string name) : f_(std::move(f)), name_(std::move(name)) {}

    awaitable<message> generate(chat_request request, run_context ctx) const override
    {
        check_deadline(ctx);
        if constexpr (returned::is_async)
            co_return finished_reply(co_await call(f_, std::move(request), std::move(ctx)));
        else
            co_return finished_reply(call(f_, std::move(request), std::move(ctx)));
    }
    std::string name() const override { return name_; }

private:
    F f_;
    std::string name_;
};
}  // namespace detail

/// A model that answers by calling `f`, which takes a chat_request, or a chat_request and a run_context, and returns a message, a
/// text, or an awaitable of one. For tests, rules and routers; it costs one coroutine.
///
///     auto echo = function_model([](const chat_request& r) { return r.messages.back().text(); });
///
/// `f` is shared by all copies and called concurrently. What it throws, the call throws; cancelling reaches what it awaits.
template <class F>
    requires std::invocable<const F&, chat_request> || std::invocable<const F&, chat_request, run_context>
chat_model function_model(F f, std::string name = "function")
{
    return chat_model(std::make_shared<const detail::function_backend<F>>(std::move(f), std::move(name)));
}

}  // namespace zincir

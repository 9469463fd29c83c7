#include "pause.hpp"

#include <zincir/core/error.hpp>
#include <zincir/llms/function_model.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace zincir::detail {

awaitable<void> pause(run_context::clock::duration length, run_context ctx)
{
    check_deadline(ctx);
    if (length <= run_context::clock::duration::zero())
        co_return;
    const auto now = run_context::clock::now();
    const auto end = length < run_context::clock::time_point::max() - now ? now + length : run_context::clock::time_point::max();
    asio::steady_timer timer(co_await asio::this_coro::executor, std::min(end, ctx.deadline()));
    error_code ec;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (ec)
        throw error(errc::cancelled, "the caller cancelled the call");
    check_deadline(ctx);
}

}  // namespace zincir::detail

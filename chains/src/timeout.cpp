#include <zincir/chains/timeout.hpp>

#include "wrapped_model.hpp"

#include <zincir/core/batch.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace zincir {
namespace {

struct race {
    explicit race(const asio::any_io_executor& on) : clock(on) {}
    asio::steady_timer clock;
    bool done = false;
};

awaitable<void> run(awaitable<void> work, std::shared_ptr<race> r)
{
    co_await std::move(work);
    r->done = true;
    r->clock.cancel();
}

awaitable<void> watch(std::shared_ptr<race> r, run_context::clock::time_point until, std::chrono::milliseconds allowed)
{
    error_code ec;
    r->clock.expires_at(until);
    if (!r->done)
        co_await r->clock.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if (!r->done && !ec)
        throw error(errc::deadline_exceeded, "the deadline passed while the step was at work; with_timeout gives it " +
                                                 std::to_string(allowed.count()) + " ms");
}

class timeout_backend final : public detail::wrapped_model {
public:
    timeout_backend(chat_model model, std::chrono::milliseconds allowed) : wrapped_model({std::move(model)}), allowed_(allowed) {}

    awaitable<message> generate(chat_request request, run_context ctx) const override
    {
        auto target = timeout_step<chat_model>(at(0, request), allowed_);
        co_return co_await target.invoke(std::move(request.messages), std::move(ctx));
    }
    zincir::stream<message_chunk> stream(chat_request request, run_context ctx) const override
    {
        return deferred_stream<message_chunk>([target = at(0, request), allowed = allowed_, input = std::move(request.messages),
                                               ctx = std::move(ctx)]() mutable -> awaitable<zincir::stream<message_chunk>> {
            co_return target.stream(std::move(input), ctx.with_timeout(allowed));
        });
    }
    std::string name() const override { return "timeout(" + names() + ")"; }

private:
    std::chrono::milliseconds allowed_;
};

}  // namespace

awaitable<void> detail::run_before_deadline(awaitable<void> work, run_context ctx, std::chrono::milliseconds allowed)
{
    auto r = std::make_shared<race>(co_await asio::this_coro::executor);
    std::vector<awaitable<void>> both;
    both.push_back(run(std::move(work), r));
    both.push_back(watch(r, ctx.deadline(), allowed));
    auto outcome = co_await run_group(std::move(both), true);
    if (outcome.first && !r->done)
        std::rethrow_exception(outcome.first);
}

chat_model with_timeout(chat_model model, std::chrono::milliseconds allowed)
{
    return make_chat_model<timeout_backend>(std::move(model), allowed);
}

}  // namespace zincir

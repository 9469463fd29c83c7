#include <zincir/chains/retry.hpp>

#include "wrapped_model.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cmath>
#include <random>

namespace zincir {

using std::chrono::milliseconds;

milliseconds retry_policy::delay(std::size_t failures, const diagnostics& facts, double random) const
{
    if (facts.retry_after)
        return std::max(*facts.retry_after, milliseconds(0));
    // 2^30 times any delay is beyond every max_delay; more would overflow.
    const auto doublings = static_cast<int>(std::min<std::size_t>(failures > 0 ? failures - 1 : 0, 30));
    const auto wanted = std::ldexp(static_cast<double>(first_delay.count()), doublings);
    const auto capped = std::min(wanted, static_cast<double>(max_delay.count()));
    return milliseconds(std::llround(capped * (1.0 - std::clamp(jitter, 0.0, 1.0) * random)));
}

std::optional<milliseconds> retry_policy::next(std::size_t failures, const error& e, std::chrono::nanoseconds remaining,
                                               double random) const
{
    if (!e.retryable() || failures >= max_attempts)
        return std::nullopt;
    if (e.facts().retry_after && *e.facts().retry_after > max_retry_after)
        return std::nullopt;
    const auto wait = delay(failures, e.facts(), random);
    // As seconds: the longest of one unit is beyond the range of the other.
    using seconds = std::chrono::duration<double>;
    return seconds(wait) < seconds(remaining) ? std::optional(wait) : std::nullopt;
}

namespace detail {

awaitable<void> wait_before_retry(const retry_policy& policy, std::size_t failures, std::exception_ptr failed, run_context ctx)
{
    const auto e = to_error(std::move(failed));
    std::random_device source;
    const auto random = std::generate_canonical<double, 32>(source);
    const auto remaining = ctx.has_deadline() ? ctx.deadline() - run_context::clock::now() : run_context::clock::duration::max();
    const auto wait = policy.next(failures, e, remaining, random);
    if (!wait)
        throw e;
    asio::steady_timer timer(co_await asio::this_coro::executor, *wait);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace detail

namespace {

class retry_backend final : public detail::wrapped_model {
public:
    retry_backend(chat_model model, retry_policy policy) : wrapped_model({std::move(model)}), policy_(policy) {}

    awaitable<message> generate(chat_request request, run_context ctx) const override
    {
        auto target = retry_step<chat_model>(at(0, request), policy_);
        co_return co_await target.invoke(std::move(request.messages), std::move(ctx));
    }
    zincir::stream<message_chunk> stream(chat_request request, run_context ctx) const override
    {
        return retry_step<chat_model>(at(0, request), policy_).stream(std::move(request.messages), std::move(ctx));
    }
    std::string name() const override { return "retry(" + names() + ")"; }

private:
    retry_policy policy_;
};

}  // namespace

chat_model with_retry(chat_model model, retry_policy policy) { return make_chat_model<retry_backend>(std::move(model), policy); }

}  // namespace zincir

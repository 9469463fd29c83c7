#include <zincir/core/batch.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace zincir::detail {

awaitable<group_outcome> run_group(std::vector<awaitable<void>> tasks, bool stop_at_first)
{
    group_outcome outcome;
    if (tasks.empty())
        co_return outcome;
    auto executor = co_await asio::this_coro::executor;
    using operation = decltype(asio::co_spawn(executor, std::move(tasks.front()), asio::deferred));
    std::vector<operation> operations;
    operations.reserve(tasks.size());
    for (auto& task : tasks)
        operations.push_back(asio::co_spawn(executor, std::move(task), asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(operations));
    // The group itself waits for every member before it completes, cancelled or not.
    std::vector<std::size_t> order;
    if (stop_at_first)
        std::tie(order, outcome.errors) = co_await group.async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
    else
        std::tie(order, outcome.errors) = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (auto i : order)
        if (!outcome.first)
            outcome.first = outcome.errors[i];
    co_return outcome;
}

}  // namespace zincir::detail

#pragma once

#include <zincir/core/sync_wait.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <future>
#include <memory>

namespace zincir {

template <class T>
class job;

/// Threads and an io_context for programs that do not bring their own executor.
///
/// Each spawned call runs on a strand of its own, so one call never runs on two threads at once while many run side by side.
/// All members are thread-safe. The destructor cancels what is still running, waits for it, and joins the threads.
class runtime {
public:
    /// `threads` 0 counts as 1.
    explicit runtime(std::size_t threads = 1);
    ~runtime();
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;

    /// Starts `work` at once.
    template <class T>
    job<T> spawn(awaitable<T> work);

    /// Runs `work` and blocks the calling thread, which must not be one of the runtime's, until its result is there.
    template <class T>
    T run(awaitable<T> work)
    {
        return spawn(std::move(work)).get();
    }

    asio::any_io_executor executor() const;

private:
    template <class T>
    friend class job;
    using cancel_function = std::function<void()>;
    // Starts `work`; `done` is called once on its strand. Returns the function that cancels it.
    cancel_function start(awaitable<void> work, std::function<void(std::exception_ptr)> done);

    struct implementation;
    std::unique_ptr<implementation> impl_;
};

/// A call at work in a runtime. Dropping the handle lets the call go on. The runtime must outlive `cancel()`.
template <class T>
class job {
public:
    /// Blocks until the call has ended; its result, or throws what it threw. Once.
    T get() { return future_.get(); }
    /// Asks the call to stop; it ends with errc::cancelled unless it was done already. From any thread, any number of times.
    void cancel() { cancel_(); }
    std::future<T>& future() noexcept { return future_; }

private:
    friend class runtime;
    std::future<T> future_;
    std::function<void()> cancel_;
};

template <class T>
job<T> runtime::spawn(awaitable<T> work)
{
    auto promise = std::make_shared<std::promise<T>>();
    job<T> handle;
    handle.future_ = promise->get_future();
    if constexpr (std::is_void_v<T>) {
        handle.cancel_ = start(std::move(work), [promise](std::exception_ptr e) {
            if (e)
                promise->set_exception(e);
            else
                promise->set_value();
        });
    } else {
        auto slot = std::make_shared<std::optional<T>>();
        auto keep = [](awaitable<T> w, std::shared_ptr<std::optional<T>> s) -> awaitable<void> {
            s->emplace(co_await std::move(w));
        };
        handle.cancel_ = start(keep(std::move(work), slot), [promise, slot](std::exception_ptr e) {
            if (e)
                promise->set_exception(e);
            else
                promise->set_value(std::move(**slot));
        });
    }
    return handle;
}

}  // namespace zincir

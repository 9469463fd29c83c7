#pragma once

#include <zincir/core/run_context.hpp>
#include <zincir/core/sync_wait.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <exception>
#include <functional>
#include <memory>

namespace zincir {

namespace detail {
/// Where a thread waits for a call's end. Thread-safe. (A std::future would cost every user's file a tenth of a second.)
class call_end {
public:
    call_end();
    /// The call has ended, with its exception or null. Once.
    void set(std::exception_ptr failed);
    bool wait_until(run_context::clock::time_point at) const;
    /// Waits, and rethrows what the call ended with.
    void wait() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};
}  // namespace detail

template <class T>
class job;

/// Threads and an io_context for programs that do not bring their own executor.
///
/// Each spawned call runs on a strand of its own, so one call never runs on two threads at once while many run side by side.
/// All members are thread-safe. The destructor cancels what is still running, waits for it, and joins the threads: it must not run
/// on one of them, and no call may be spawned any more.
class runtime {
public:
    /// `threads` 0 counts as 1. Throws std::system_error where the system gives no thread.
    explicit runtime(std::size_t threads = 1);
    ~runtime();
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;

    /// Starts `work` at once, on a strand of its own. The handle's get() has its outcome.
    template <class T>
    job<T> spawn(awaitable<T> work);

    /// Runs `work` and blocks the calling thread until its result is there, or throws as job::get(). On one of the runtime's own
    /// threads, which would wait for itself, throws errc::invalid_argument.
    template <class T>
    T run(awaitable<T> work)
    {
        check_outside();
        return spawn(std::move(work)).get();
    }

    /// Where all threads work: what is not thread-safe belongs on `asio::make_strand(rt.executor())`. A handler of yours that
    /// throws ends the process.
    asio::any_io_executor executor() const;

private:
    template <class T>
    friend class job;
    using cancel_function = std::function<void()>;
    // Starts `work`; `done` is called once on its strand. Returns the function that cancels it.
    cancel_function start(awaitable<void> work, std::function<void(std::exception_ptr)> done);
    void check_outside() const;

    struct implementation;
    std::unique_ptr<implementation> impl_;
};

/// A call at work in a runtime. Dropping the handle lets the call go on. The runtime must outlive `cancel()`.
template <class T>
class job {
public:
    /// Blocks until the call has ended; its result, or throws what it threw, as an `error`: see to_error(). Once: a result is moved
    /// out.
    T get()
    {
        end_.wait();
        if constexpr (!std::is_void_v<T>)
            return std::move(**slot_);
    }
    /// Blocks for at most this time. True if the call has ended: get() will not block then.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> time) const
    {
        return end_.wait_until(run_context().with_timeout(time).deadline());
    }
    /// Asks the call to stop; it ends with errc::cancelled unless it was done already. From any thread, any number of times.
    void cancel() { cancel_(); }

private:
    friend class runtime;
    using value = std::conditional_t<std::is_void_v<T>, bool, T>;
    job() = default;
    detail::call_end end_{};
    std::shared_ptr<std::optional<value>> slot_ = std::make_shared<std::optional<value>>();
    std::function<void()> cancel_{};
};

template <class T>
job<T> runtime::spawn(awaitable<T> work)
{
    job<T> handle;
    auto done = [end = handle.end_](std::exception_ptr e) mutable { end.set(std::move(e)); };
    if constexpr (std::is_void_v<T>) {
        handle.cancel_ = start(std::move(work), std::move(done));
    } else {
        auto keep = [](awaitable<T> w, std::shared_ptr<std::optional<T>> s) -> awaitable<void> {
            s->emplace(co_await std::move(w));
        };
        handle.cancel_ = start(keep(std::move(work), handle.slot_), std::move(done));
    }
    return handle;
}

}  // namespace zincir

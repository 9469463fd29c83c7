#pragma once

#include "thrown.hpp"

#include <zincir/core/awaitable.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

// Coroutines under a test's control: started, looked at while they wait, cancelled, and run to their end.

namespace zincir::testing {

struct nothing {};

/// A started coroutine. Copies share it.
template <class T>
class performance {
    using slot = std::conditional_t<std::is_void_v<T>, nothing, T>;
    struct state {
        asio::cancellation_signal stop{};
        bool ended = false;
        std::exception_ptr failed{};
        std::optional<slot> value{};
    };

public:
    performance(asio::io_context& io, awaitable<T> work) : state_(std::make_shared<state>())
    {
        asio::co_spawn(io, run(std::move(work), state_),
                       asio::bind_cancellation_slot(state_->stop.slot(), [s = state_](std::exception_ptr e) {
                           s->ended = true;
                           s->failed = std::move(e);
                       }));
    }

    bool ended() const { return state_->ended; }
    void cancel() { state_->stop.emit(asio::cancellation_type::all); }
    /// The result, or throws what the coroutine threw; std::logic_error while it is still at work.
    T get()
    {
        if (!state_->ended)
            throw std::logic_error("the coroutine has not ended");
        if (state_->failed)
            std::rethrow_exception(state_->failed);
        if constexpr (!std::is_void_v<T>)
            return std::move(*state_->value);
    }
    /// What it failed with; an error without a code if it did not.
    error failure() const { return state_->failed ? to_error(state_->failed) : error(); }

private:
    static awaitable<void> run(awaitable<T> work, std::shared_ptr<state> s)
    {
        if constexpr (std::is_void_v<T>)
            co_await std::move(work);
        else
            s->value.emplace(co_await std::move(work));
    }
    std::shared_ptr<state> state_;
};

/// A single-threaded place for coroutines.
class stage {
public:
    template <class T>
    performance<T> start(awaitable<T> work)
    {
        return performance<T>(io_, std::move(work));
    }
    /// Runs all that can run without waiting.
    void settle()
    {
        io_.restart();
        io_.poll();
    }
    /// Runs until nothing is left, at most `limit` of real time. True if nothing is left.
    bool finish(std::chrono::milliseconds limit = std::chrono::seconds(10))
    {
        io_.restart();
        io_.run_for(limit);
        return io_.stopped();
    }
    asio::io_context& io() noexcept { return io_; }

private:
    asio::io_context io_{1};
};

/// What coroutines of a test wait for: closed until opened. Copies share it.
class gate {
public:
    /// Returns once the gate is open. Ends with operation_aborted when cancelled.
    awaitable<void> pass() const { return wait(state_); }
    void open()
    {
        state_->open = true;
        for (auto* timer = state_->first; timer; timer = timer->next)
            timer->timer.cancel();
    }
    /// How many wait here now.
    int waiting() const { return state_->waiting; }
    /// How many waits were cancelled.
    int cancelled() const { return state_->cancelled; }

private:
    struct waiter {
        explicit waiter(const asio::any_io_executor& on) : timer(on, asio::steady_timer::time_point::max()) {}
        asio::steady_timer timer;
        waiter* next = nullptr;
    };
    struct state {
        bool open = false;
        int waiting = 0;
        int cancelled = 0;
        waiter* first = nullptr;
    };
    // Takes the waiter out of the list however the wait ends, also by destruction of a suspended coroutine.
    struct entry {
        entry(state& s, waiter& w) : all(s), mine(w)
        {
            mine.next = std::exchange(all.first, &mine);
            ++all.waiting;
        }
        ~entry()
        {
            auto** at = &all.first;
            while (*at != &mine)
                at = &(*at)->next;
            *at = mine.next;
            --all.waiting;
        }
        entry(const entry&) = delete;
        state& all;
        waiter& mine;
    };
    static awaitable<void> wait(std::shared_ptr<state> s)
    {
        if (s->open)
            co_return;
        waiter mine(co_await asio::this_coro::executor);
        const entry listed(*s, mine);
        try {
            co_await mine.timer.async_wait(asio::use_awaitable);
        } catch (const boost::system::system_error&) {
            if (s->open)
                co_return;
            ++s->cancelled;
            throw;
        }
    }
    std::shared_ptr<state> state_ = std::make_shared<state>();
};

/// Counts how many of its copies live: a member of what must not leak.
class tracked {
public:
    explicit tracked(int& alive) : alive_(&alive) { ++*alive_; }
    tracked(const tracked& other) : alive_(other.alive_) { ++*alive_; }
    tracked& operator=(const tracked&) = delete;
    ~tracked() { --*alive_; }

private:
    int* alive_;
};

}  // namespace zincir::testing

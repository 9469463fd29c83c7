#include <zincir/core/runtime.hpp>

#include <zincir/core/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace zincir {

struct detail::call_end::state {
    std::mutex mutex{};
    std::condition_variable ended{};
    bool is_over = false;         // guarded by mutex
    std::exception_ptr failed{};  // guarded by mutex
};

detail::call_end::call_end() : state_(std::make_shared<state>()) {}

void detail::call_end::set(std::exception_ptr failed)
{
    const std::lock_guard lock(state_->mutex);
    state_->failed = std::move(failed);
    state_->is_over = true;
    state_->ended.notify_all();
}

bool detail::call_end::wait_until(run_context::clock::time_point at) const
{
    std::unique_lock lock(state_->mutex);
    return state_->ended.wait_until(lock, at, [this] { return state_->is_over; });
}

void detail::call_end::wait() const
{
    std::unique_lock lock(state_->mutex);
    state_->ended.wait(lock, [this] { return state_->is_over; });
    if (state_->failed)
        std::rethrow_exception(state_->failed);
}

struct runtime::implementation {
    using strand = asio::strand<asio::io_context::executor_type>;
    struct call {
        explicit call(strand s) : on(std::move(s)) {}
        strand on;
        asio::cancellation_signal stop{};  // used on `on` only
    };

    explicit implementation(std::size_t n) : io(static_cast<int>(std::max<std::size_t>(n, 1))), keep_running(io.get_executor())
    {
        try {
            for (std::size_t i = 0; i < std::max<std::size_t>(n, 1); ++i)
                threads.emplace_back([this] { io.run(); });
        } catch (...) {
            join();
            throw;
        }
    }

    ~implementation()
    {
        std::unordered_map<std::uint64_t, std::shared_ptr<call>> running;
        {
            const std::lock_guard lock(mutex);
            running = calls;
        }
        for (auto& [id, c] : running)
            cancel(c);
        join();
    }

    void join()
    {
        keep_running.reset();
        for (auto& thread : threads)
            thread.join();
    }

    static void cancel(const std::shared_ptr<call>& c)
    {
        asio::post(c->on, [c] { c->stop.emit(asio::cancellation_type::all); });
    }

    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> keep_running;
    std::mutex mutex{};
    std::unordered_map<std::uint64_t, std::shared_ptr<call>> calls{};  // guarded by mutex
    std::uint64_t next_id = 0;                                         // guarded by mutex
    std::vector<std::thread> threads{};
};

runtime::runtime(std::size_t threads) : impl_(std::make_unique<implementation>(threads)) {}

runtime::~runtime() = default;

asio::any_io_executor runtime::executor() const { return impl_->io.get_executor(); }

void runtime::check_outside() const
{
    if (impl_->io.get_executor().running_in_this_thread())
        throw error(
            errc::invalid_argument,
            "runtime::run() was called on one of the runtime's own threads, which would wait for itself: co_await the work");
}

runtime::cancel_function runtime::start(awaitable<void> work, std::function<void(std::exception_ptr)> done)
{
    auto c = std::make_shared<implementation::call>(asio::make_strand(impl_->io));
    std::uint64_t id = 0;
    {
        const std::lock_guard lock(impl_->mutex);
        id = impl_->next_id++;
        impl_->calls.emplace(id, c);
    }
    auto finish = [impl = impl_.get(), id, done = std::move(done)](std::exception_ptr e) {
        {
            const std::lock_guard lock(impl->mutex);
            impl->calls.erase(id);
        }
        done(e ? std::make_exception_ptr(to_error(std::move(e))) : nullptr);
    };
    asio::co_spawn(c->on, std::move(work), asio::bind_cancellation_slot(c->stop.slot(), std::move(finish)));
    return [weak = std::weak_ptr(c)] {
        if (auto alive = weak.lock())
            implementation::cancel(alive);
    };
}

}  // namespace zincir

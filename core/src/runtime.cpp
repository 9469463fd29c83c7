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
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace zincir {

struct runtime::implementation {
    using strand = asio::strand<asio::io_context::executor_type>;
    struct call {
        explicit call(strand s) : on(std::move(s)) {}
        strand on;
        asio::cancellation_signal stop{};  // used on `on` only
    };

    explicit implementation(std::size_t n) : io(static_cast<int>(std::max<std::size_t>(n, 1))), keep_running(io.get_executor())
    {
        for (std::size_t i = 0; i < std::max<std::size_t>(n, 1); ++i)
            threads.emplace_back([this] { io.run(); });
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

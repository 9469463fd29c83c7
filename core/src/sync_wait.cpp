#include <zincir/core/sync_wait.hpp>

#include <zincir/core/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <optional>

namespace zincir::detail {

void run_to_end(awaitable<void> work, on_interrupt interrupt)
{
    asio::io_context io(1);
    asio::cancellation_signal stop;
    std::optional<asio::signal_set> signals;
    if (interrupt == on_interrupt::cancel) {
        signals.emplace(io, SIGINT, SIGTERM);
        signals->async_wait([&](const error_code& ec, int) {
            if (ec)
                return;
            signals.reset();  // the next one has the process's own handling again
            stop.emit(asio::cancellation_type::all);
        });
    }
    std::exception_ptr failed;
    asio::co_spawn(io, std::move(work), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) {
                       failed = std::move(e);
                       signals.reset();
                   }));
    io.run();
    if (failed)
        throw to_error(failed);
}

}  // namespace zincir::detail

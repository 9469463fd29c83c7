#pragma once

#include <zincir/core/awaitable.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace zincir {

/// What Ctrl-C does to the work of a sync_wait.
enum class on_interrupt {
    leave,   ///< nothing: the process's own handling stays
    cancel,  ///< SIGINT or SIGTERM cancels the work, which then ends with errc::cancelled; a second one ends the process
};

namespace detail {
/// Runs `work` on a private io_context until it ends; rethrows what it throws.
void run_to_end(awaitable<void> work, on_interrupt interrupt);

template <class T>
awaitable<void> store(awaitable<T> work, std::optional<T>& slot)
{
    slot.emplace(co_await std::move(work));
}
}  // namespace detail

/// Runs `work` to its end on the calling thread and returns its result, or throws what it throws, as an `error`: see to_error().
/// For main() and tests: it blocks, so never call it in a coroutine, and connections do not outlive the call. A program with more
/// to do has a `runtime`.
template <class T>
T sync_wait(awaitable<T> work, on_interrupt interrupt = on_interrupt::leave)
{
    if constexpr (std::is_void_v<T>) {
        detail::run_to_end(std::move(work), interrupt);
    } else {
        std::optional<T> slot;
        detail::run_to_end(detail::store(std::move(work), slot), interrupt);
        return std::move(*slot);
    }
}

}  // namespace zincir

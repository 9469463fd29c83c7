#pragma once

#include <zincir/core/awaitable.hpp>
#include <zincir/core/run_context.hpp>

namespace zincir::detail {

/// Waits for `length` on the awaiting coroutine's executor; zero only looks at the clock. Throws errc::deadline_exceeded as soon as
/// the deadline of `ctx` passes and errc::cancelled as soon as the coroutine is cancelled.
awaitable<void> pause(run_context::clock::duration length, run_context ctx);

}  // namespace zincir::detail

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

namespace zincir {

namespace asio = boost::asio;

/// What every asynchronous operation of this library returns: an Asio coroutine that starts when it is awaited.
///
/// It runs on the awaiting coroutine's executor. One call (a chain and all it awaits) must run on one strand: an `io_context` run
/// by a single thread, or an explicit strand as `runtime` makes for each call.
template <class T>
using awaitable = asio::awaitable<T>;

}  // namespace zincir

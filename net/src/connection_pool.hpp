#pragma once

#include "proxy_rules.hpp"
#include "wire.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace zincir::detail {

using tcp = asio::ip::tcp;
using time_point = run_context::clock::time_point;

/// What all pools of one transport share. Immutable but for the guarded parts.
class connection_pool;
struct transport_state {
    transport_state(beast_transport_options o, proxy_rules p) : options(std::move(o)), proxies(std::move(p)) {}
    /// Made at the first use: reading the trust store takes milliseconds.
    std::shared_ptr<const tls_context> tls();

    const beast_transport_options options;
    const proxy_rules proxies;
    std::mutex mutex{};
    std::shared_ptr<const tls_context> tls_{};            // guarded by mutex
    std::vector<std::weak_ptr<connection_pool>> pools{};  // guarded by mutex
};

/// One TCP connection, with TLS or without. Used by one call at a time.
struct connection {
    connection(const asio::any_io_executor& executor, std::size_t header_bytes) : socket(executor), parser(header_bytes) {}

    io_result read(char* to, std::size_t size);
    /// `first`, then `second`, in one write where the protocol allows.
    io_result write(std::string_view first, std::string_view second);
    /// Whether an idle connection can be used: nothing came, not even its end.
    bool still_idle();

    /// Bytes that a wait may read into, so that it costs one system call and not two (asking to be woken, then reading). Only where
    /// few connections are open: calls that wait by the thousand hold no buffer. Never with TLS.
    void want_inbox(bool wanted);
    bool has_inbox() const noexcept { return inbox_ != nullptr; }
    asio::mutable_buffer inbox() noexcept { return asio::buffer(inbox_.get(), inbox_size); }
    /// What such a wait brought; the next `read` tells of it.
    void received(const boost::system::error_code& ec, std::size_t bytes) noexcept;

    static constexpr std::size_t inbox_size = std::size_t{4} << 10;

private:
    std::unique_ptr<char[]> inbox_{};  // outlives the socket, which may be reading into it
    std::optional<io_result> received_{};

public:
    tcp::socket socket;
    std::unique_ptr<tls_session> tls{};
    reply_parser parser;
    std::string unparsed{};  ///< bytes that need more after them to be parsed
    time_point idle_since{};
    bool reused = false;
};

/// What the pool and the watch know of a call. Its functions run on the call's strand.
class pending_call : public std::enable_shared_from_this<pending_call> {
public:
    explicit pending_call(asio::any_io_executor e) : executor(std::move(e)) {}
    virtual ~pending_call() = default;
    /// The time asked for has come.
    virtual void on_check() = 0;
    /// What the call waits for may be there.
    virtual void wake() = 0;
    /// The execution context is going: let go of all that belongs to it.
    virtual void leave_context() = 0;

    asio::any_io_executor executor;

private:
    friend class context_service;
    friend class connection_pool;
    enum class turn { none, waiting, granted };
    // Guarded by the context_service's mutex.
    bool watched_ = false;
    time_point next_check_ = time_point::max();
    pending_call* before_ = nullptr;
    pending_call* after_ = nullptr;
    // Guarded by the pool's mutex.
    turn turn_ = turn::none;
    std::unique_ptr<connection> granted_{};
};

/// The connections of one transport in one execution context. Thread-safe.
class connection_pool {
public:
    struct origin {
        origin_address address{};
        std::string authority{};  // for the Host field
        const proxy_address* proxy = nullptr;
        std::vector<std::unique_ptr<connection>> idle{};  // the last one was used last
        std::size_t open = 0;                             // idle, at work and being opened
        std::deque<pending_call*> waiting{};
    };

    explicit connection_pool(std::shared_ptr<transport_state> transport) : transport_(std::move(transport)) {}

    /// Which origin `written` names. Throws errc::invalid_argument. Valid as long as the caller holds one of its places.
    enum class outcome { reuse, open, wait };
    struct place {
        origin* at = nullptr;
        std::unique_ptr<connection> idle{};
        outcome what = outcome::open;
        bool roomy = false;  ///< few connections are open
    };
    /// A place for `call`: an idle connection, leave to open one, or, with the cap reached, a place in the queue.
    place take(std::string_view written, pending_call& call);
    /// After outcome::wait: false while there is none; else the place is the call's, with a connection or leave to open one.
    bool turn_has_come(pending_call& call, std::unique_ptr<connection>& idle);
    /// The call no longer waits. A place granted meanwhile goes to the next.
    void stop_waiting(origin& at, pending_call& call);
    /// Gives the place back, with the connection if it can be used again.
    void give_back(origin& at, std::unique_ptr<connection> reusable);
    /// Closes what is idle, for good.
    void close();
    bool closed() const;
    const std::shared_ptr<transport_state>& transport() const noexcept { return transport_; }

private:
    void evict(time_point now, std::vector<std::unique_ptr<connection>>& doomed);

    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    const std::shared_ptr<transport_state> transport_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::unique_ptr<origin>, text_hash, std::equal_to<>> origins_;
    time_point evicted_at_{};
    bool closed_ = false;
};

/// One in each execution context: its pools, and one timer that looks after all calls at work. Idle connections close with the
/// context.
class context_service final : public asio::execution_context::service {
public:
    using key_type = context_service;
    static asio::execution_context::id id;

    explicit context_service(asio::execution_context& context) : service(context) {}

    std::shared_ptr<connection_pool> pool_of(const std::shared_ptr<transport_state>& transport);
    /// Calls `call.on_check()` at about `at`; replaces an earlier request. time_point::max(): only when the context goes.
    void watch(pending_call& call, time_point at);
    void unwatch(pending_call& call);

private:
    void shutdown() override;
    void arm(time_point at, const asio::any_io_executor& executor);
    void tick();

    std::mutex mutex_{};
    std::vector<std::shared_ptr<connection_pool>> pools_{};
    pending_call* first_ = nullptr;
    std::optional<asio::steady_timer> timer_{};
    time_point armed_ = time_point::max();
    bool gone_ = false;
};

}  // namespace zincir::detail

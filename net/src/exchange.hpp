#pragma once

#include "connection_pool.hpp"
#include "exchange_clock.hpp"

#include <exception>

namespace zincir::detail {

/// One call from its first byte to its last: what is still to be written, what was read, its limits and its connection. All
/// members run on the call's strand. Functions throw `error`; whoever owns the call then drops it by `abandon`.
class exchange final : public pending_call {
public:
    exchange(std::shared_ptr<transport_state> transport, asio::any_io_executor executor, const http_timeouts& limits,
             time_point deadline, std::shared_ptr<content_clock> content);
    ~exchange() override;

    /// What a step wants before the next one.
    enum class need { nothing, readable, writable, fresh_connection };

    /// Finds a place, and an idle connection if there is one. False: `open_connection` has to be awaited.
    bool take_connection(std::string_view origin);
    /// A pooled connection turned out to be dead: keep the place, drop the connection, send again.
    void drop_connection();
    /// `open_connection` has ended.
    void connected() noexcept { clock_.connected(); }
    void send(http_request request);
    /// Writes and reads what can be without waiting. need::nothing: the head of the final response is there.
    need advance();
    /// Reads what can be of the body. need::nothing: a piece, the end or a failure is there.
    need read_more();

    /// Before a wait for need::writable: a server may answer before it has read everything, and then read no more.
    void listen_while_writing();
    /// Around each wait. `awoke` is told how many bytes came into the inbox; it throws when the call was cancelled or out of time.
    void before_wait();
    static constexpr std::size_t nothing_read = ~std::size_t{0};
    void awoke(const error_code& ec, std::size_t received = nothing_read);
    /// Whether to wait for need::readable by reading into `inbox`.
    bool has_inbox() const noexcept { return connection_->has_inbox(); }
    asio::mutable_buffer inbox() noexcept { return connection_->inbox(); }
    tcp::socket& socket() { return connection_->socket; }
    asio::steady_timer& waker();

    unsigned status() const noexcept { return status_; }
    /// Throws errc::permission where it was not the server that answered, but a proxy that wants to know who asks.
    void check_proxy() const;
    http_headers take_headers() { return std::move(headers_); }
    /// The end was reached: the connection went back, or is closed.
    bool ended() const noexcept { return ended_; }
    bool has_piece() const noexcept { return !piece_.empty(); }
    std::string take_piece() { return std::exchange(piece_, {}); }
    void rethrow_failure();
    bool wants_read() const noexcept { return bytes_may_wait_; }
    void reader_waits();
    void reader_left();

    /// Closes the connection at once and forgets the call. Does no harm twice.
    void abandon() noexcept;

    void on_check() override;
    void wake() override;
    void leave_context() override;

private:
    friend awaitable<void> open_connection(std::shared_ptr<exchange> self);
    friend struct dialer;

    need write_some();
    need read_some();
    void take_bytes(std::string_view bytes);
    bool unsent() const noexcept { return written_ < head_.reveal().size() + body_.size(); }
    need closed(const io_result& how);
    void forget_request();
    void watch();
    void leave_pool(std::unique_ptr<connection> reusable);
    std::string peer() const { return place_ ? place_->address.host_and_port() : std::string("the server"); }
    [[noreturn]] void out_of_time() const;

    std::shared_ptr<transport_state> transport_;
    context_service* service_;
    std::shared_ptr<connection_pool> pool_;
    connection_pool::origin* place_ = nullptr;
    const proxy_address* asked_proxy_ = nullptr;  // of an http address: it reads the request. Owned by transport_
    std::unique_ptr<connection> connection_{};
    std::unique_ptr<asio::steady_timer> waker_{};
    exchange_clock clock_;
    std::chrono::milliseconds connect_limit_;
    time_point checked_at_ = time_point::max();  // what the watch was asked for
    std::optional<errc> expired_{};

    secret head_{};  // with the key in it
    std::string body_{};
    std::size_t written_ = 0;
    std::string piece_{};
    http_headers headers_{};
    std::exception_ptr failure_{};
    unsigned status_ = 0;
    bool roomy_ = false;   // its connection may have an inbox
    bool queued_ = false;  // has a place in the origin's queue, or was granted one
    bool head_request_ = false;
    bool begun_ = false;    // writing to this connection
    bool replied_ = false;  // a byte of the response came
    bool head_there_ = false;
    bool write_failed_ = false;
    bool waiting_ = false;
    bool listening_ = false;  // see listen_while_writing
    bool peer_spoke_ = false;
    bool woken_ = false;  // since a wait for a turn was last asked
    bool ended_ = false;
    bool bytes_may_wait_ = false;  // reading stopped before the connection was drained
};

/// Waits for a turn if the origin is full, then connects: look-up, TCP, proxy, TLS.
awaitable<void> open_connection(std::shared_ptr<exchange> self);

}  // namespace zincir::detail

#include "exchange.hpp"

#include <zincir/core/error.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>

namespace zincir::detail {

namespace {

constexpr std::size_t read_size = std::size_t{32} << 10;
constexpr std::size_t piece_size = std::size_t{256} << 10;

// RFC 9112: what frames the message and the connection is the transport's.
bool is_ours(std::string_view name) noexcept
{
    for (const std::string_view own :
         {"Host", "Content-Length", "Connection", "Accept-Encoding", "Transfer-Encoding", "Expect", "Keep-Alive", "TE", "Upgrade"})
        if (same_name(name, own))
            return true;
    return false;
}

}  // namespace

exchange::exchange(std::shared_ptr<transport_state> transport, asio::any_io_executor e, const http_timeouts& limits,
                   time_point deadline, std::shared_ptr<content_clock> content)
    : pending_call(std::move(e)),
      transport_(std::move(transport)),
      service_(&asio::use_service<context_service>(asio::query(executor, asio::execution::context))),
      pool_(service_->pool_of(transport_)),
      clock_(limits, deadline, std::move(content), run_context::clock::now()),
      connect_limit_(limits.connect)
{}

exchange::~exchange() { abandon(); }

bool exchange::take_connection(std::string_view origin)
{
    auto place = pool_->take(origin, *this);
    place_ = place.at;
    roomy_ = place.roomy;
    queued_ = place.what == connection_pool::outcome::wait;
    connection_ = std::move(place.idle);
    if (connection_)
        clock_.connected();
    return connection_ != nullptr;
}

void exchange::send(http_request request)
{
    const auto& origin = *place_;
    const auto target = split(request.url).target;
    head_request_ = request.method == "HEAD";
    asked_proxy_ = origin.address.tls ? nullptr : origin.proxy;
    std::string head;
    std::size_t size = request.method.size() + target.size() + 2 * origin.authority.size() + request.bearer.reveal().size() +
                       transport_->options.user_agent.size() + 192;
    for (const auto& [name, value] : request.headers.fields())
        size += name.size() + value.size() + 4;
    // A key must not stay behind in memory that a growing string gave back.
    head.reserve(size);
    head += request.method;
    head += ' ';
    if (asked_proxy_)
        head.append("http://").append(origin.authority);
    if (!target.starts_with('/'))
        head += '/';
    head += target;
    head.append(" HTTP/1.1\r\nHost: ").append(origin.authority).append("\r\n");
    bool names_agent = false;
    for (const auto& [name, value] : request.headers.fields()) {
        if (is_ours(name) || (!request.bearer.empty() && same_name(name, "Authorization")))
            continue;
        names_agent = names_agent || same_name(name, "User-Agent");
        head.append(name).append(": ").append(value).append("\r\n");
    }
    if (!request.bearer.empty())
        head.append("Authorization: Bearer ").append(request.bearer.reveal()).append("\r\n");
    if (!names_agent && !transport_->options.user_agent.empty())
        head.append("User-Agent: ").append(transport_->options.user_agent).append("\r\n");
    if (asked_proxy_ && !asked_proxy_->authorization.empty())
        head.append("Proxy-Authorization: ").append(asked_proxy_->authorization.reveal()).append("\r\n");
    head += "Accept-Encoding: identity\r\n";
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
        head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    head += "\r\n";
    body_ = std::move(request.body);
    // One TLS record, one segment, where they fit in one.
    if (origin.address.tls && body_.size() < piece_size) {
        std::string whole;
        whole.reserve(head.size() + body_.size());
        whole.append(head).append(body_);
        head_ = secret(std::move(head));  // overwritten by what follows
        head_ = secret(std::move(whole));
        body_ = std::string();
    } else {
        head_ = secret(std::move(head));
    }
    written_ = 0;
    connection_->want_inbox(roomy_);
}

void exchange::check_proxy() const
{
    if (status_ != 407 || !asked_proxy_)
        return;
    diagnostics facts;
    facts.message = "the proxy " + asked_proxy_->host + ":" + std::to_string(asked_proxy_->port) +
                    " answered 407: put the user and password into the proxy's address";
    facts.http_status = status_;
    throw error(errc::permission, std::move(facts));
}

void exchange::drop_connection()
{
    connection_.reset();
    written_ = 0;
    begun_ = false;
    listening_ = peer_spoke_ = false;
}

void exchange::forget_request()
{
    head_ = secret();
    body_ = std::string();
    written_ = 0;
}

exchange::need exchange::write_some()
{
    const std::string_view head = head_.reveal();
    while (written_ < head.size() + body_.size()) {
        const auto from_head = std::min(written_, head.size());
        const auto result = connection_->write(head.substr(from_head), std::string_view(body_).substr(written_ - from_head));
        switch (result.status) {
            case io_status::done:
                written_ += result.bytes;
                break;
            case io_status::want_read:
                return need::readable;
            case io_status::want_write:
                return need::writable;
            default:
                // A server that refuses a long body answers and closes while it is being written: its answer may be there.
                write_failed_ = true;
                return need::nothing;
        }
    }
    return need::nothing;
}

exchange::need exchange::advance()
{
    if (!std::exchange(begun_, true)) {
        connection_->parser.start(head_request_);
        replied_ = head_there_ = write_failed_ = false;
    }
    if (std::exchange(peer_spoke_, false)) {
        const auto want = read_some();
        if (want == need::nothing)
            forget_request();
        if (want == need::nothing || want == need::fresh_connection)
            return want;
    }
    if (!write_failed_ && unsent()) {
        if (const auto want = write_some(); want != need::nothing)
            return want;
        if (!write_failed_) {
            if (!connection_->reused)
                forget_request();  // it will not be sent again
            // The answer cannot be there yet.
            if (!connection_->tls)
                return need::readable;
        }
    }
    const auto want = read_some();
    if (want == need::readable && write_failed_)
        return closed(io_result());
    if (want == need::nothing)
        forget_request();
    return want;
}

exchange::need exchange::read_more()
{
    if (ended_ || failure_ || !piece_.empty())
        return need::nothing;
    return read_some();
}

// The buffer lives on the stack for the length of one read, so a call that waits holds none.
exchange::need exchange::read_some()
{
    char buffer[read_size];
    const bool head_was_there = head_there_;
    const auto has_news = [&] { return head_there_ && (!head_was_there || !piece_.empty()); };
    bytes_may_wait_ = false;
    for (;;) {
        const auto result = connection_->read(buffer, sizeof buffer);
        try {
            switch (result.status) {
                case io_status::want_read:
                case io_status::want_write:
                    if (has_news())
                        return need::nothing;
                    return result.status == io_status::want_read ? need::readable : need::writable;
                case io_status::closed:
                case io_status::failed:
                    return closed(result);
                case io_status::done:
                    take_bytes(std::string_view(buffer, result.bytes));
                    break;
            }
        } catch (const error&) {
            if (!head_there_)
                throw;
            // What came before is good; the reader gets it first.
            failure_ = std::current_exception();
            return need::nothing;
        }
        if (ended_)
            return need::nothing;
        // TLS keeps bytes of its own that the socket does not tell of.
        const bool drained = result.drained && !connection_->tls;
        if (drained || piece_.size() >= piece_size) {
            bytes_may_wait_ = !drained;
            if (has_news())
                return need::nothing;
            if (drained)
                return need::readable;
        }
    }
}

void exchange::take_bytes(std::string_view bytes)
{
    auto& c = *connection_;
    replied_ = true;
    if (!c.unparsed.empty()) {
        c.unparsed.append(bytes);
        bytes = c.unparsed;
    }
    for (;;) {
        bytes.remove_prefix(c.parser.put(bytes, piece_));
        if (!head_there_ && c.parser.head_done()) {
            if (c.parser.status() / 100 == 1) {
                c.parser.start(head_request_);
                if (!bytes.empty())
                    continue;
                break;
            }
            head_there_ = true;
            status_ = c.parser.status();
            headers_ = c.parser.take_headers();
        }
        break;
    }
    const bool done = c.parser.done();
    const bool left_over = !bytes.empty();
    std::string rest(bytes);
    c.unparsed.swap(rest);
    if (!done)
        return;
    c.unparsed.clear();
    ended_ = true;
    clock_.complete();
    const bool keep = c.parser.keep_alive() && !left_over && !write_failed_ && !unsent();
    auto connection = std::move(connection_);
    leave_pool(keep ? std::move(connection) : nullptr);
}

exchange::need exchange::closed(const io_result& how)
{
    if (!replied_) {
        if (connection_->reused && transport_->options.repeat_on_stale)
            return need::fresh_connection;
        throw error(errc::connection, peer() + " closed the connection before it answered" +
                                          (how.failure ? " (" + how.failure.message() + ")" : std::string()));
    }
    if (head_there_ && how.status == io_status::closed && how.clean && connection_->parser.put_close()) {
        ended_ = true;
        connection_.reset();
        leave_pool(nullptr);
        return need::nothing;
    }
    error cut(errc::truncated, "the connection to " + peer() + " closed in the middle of the response's " +
                                   (head_there_ ? "body" : "head") +
                                   (how.failure ? " (" + how.failure.message() + ")" : std::string()));
    if (!head_there_)
        throw cut;
    failure_ = std::make_exception_ptr(std::move(cut));
    return need::nothing;
}

void exchange::rethrow_failure()
{
    if (!failure_)
        return;
    auto failure = std::exchange(failure_, nullptr);
    abandon();
    std::rethrow_exception(failure);
}

void exchange::watch()
{
    if (!service_ || ended_)
        return;
    const auto at = clock_.check(run_context::clock::now()).next_check;
    if (at < checked_at_ || checked_at_ == time_point::max()) {
        checked_at_ = at;
        service_->watch(*this, at);
    }
}

void exchange::listen_while_writing()
{
    if (std::exchange(listening_, true))
        return;
    // It ends with the response at the latest, so it does not outlast the call.
    auto heard = [weak = weak_from_this(), link = connection_.get()](const error_code& ec) {
        const auto alive = std::static_pointer_cast<exchange>(weak.lock());
        if (!alive || alive->connection_.get() != link)
            return;
        alive->listening_ = false;
        if (ec || !alive->unsent())
            return;
        alive->peer_spoke_ = true;
        error_code ignored;
        link->socket.cancel(ignored);
    };
    socket().async_wait(tcp::socket::wait_read, asio::bind_executor(executor, std::move(heard)));
}

void exchange::before_wait()
{
    if (expired_)
        out_of_time();
    watch();
    waiting_ = true;
}

void exchange::awoke(const error_code& ec, std::size_t received)
{
    waiting_ = false;
    if (expired_)
        out_of_time();
    if (ec == asio::error::operation_aborted && !peer_spoke_)
        throw error(errc::cancelled, "the call to " + peer() + " was cancelled");
    if (received != nothing_read && ec != asio::error::operation_aborted)
        connection_->received(ec, received);
}

void exchange::out_of_time() const { throw error(*expired_, clock_.describe(*expired_, peer())); }

asio::steady_timer& exchange::waker()
{
    if (!waker_)
        waker_ = std::make_unique<asio::steady_timer>(executor, time_point::max());
    return *waker_;
}

void exchange::reader_waits()
{
    if (expired_)
        out_of_time();
    clock_.reader_waits(run_context::clock::now());
}

void exchange::reader_left() { clock_.reader_left(run_context::clock::now()); }

void exchange::on_check()
{
    if (ended_ || !service_)
        return;
    checked_at_ = time_point::max();
    const auto verdict = clock_.check(run_context::clock::now());
    if (!verdict.expired) {
        watch();
        return;
    }
    expired_ = verdict.expired;
    if (!waiting_) {
        connection_.reset();  // the reader learns it at its next call
        return;
    }
    wake();
    error_code ignored;
    if (connection_)
        connection_->socket.cancel(ignored);
}

void exchange::wake()
{
    woken_ = true;
    if (waker_)
        waker_->cancel();
}

void exchange::leave_pool(std::unique_ptr<connection> reusable)
{
    if (service_)
        service_->unwatch(*this);
    if (place_ && queued_)
        pool_->stop_waiting(*place_, *this);
    else if (place_)
        pool_->give_back(*place_, std::move(reusable));
    queued_ = false;
    place_ = nullptr;
}

void exchange::abandon() noexcept
{
    if (ended_)
        return;
    connection_.reset();
    leave_pool(nullptr);
    ended_ = true;
}

void exchange::leave_context()
{
    service_ = nullptr;
    connection_.reset();
    waker_.reset();
    if (!ended_)
        expired_ = errc::cancelled;
    abandon();
    executor = asio::any_io_executor();
}

}  // namespace zincir::detail

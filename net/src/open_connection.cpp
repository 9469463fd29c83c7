#include "exchange.hpp"

#include <zincir/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace zincir::detail {

namespace {

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);
// Without a connect limit of its own, how long one of several addresses may keep the others waiting.
constexpr auto patience = std::chrono::seconds(5);

struct look_up {
    explicit look_up(const asio::any_io_executor& executor) : resolver(executor) {}
    tcp::resolver resolver;
    std::vector<tcp::endpoint> found{};
    error_code failure{};
    bool done = false;
};

// Addresses that need no look-up, hence no thread of Asio's.
std::vector<tcp::endpoint> known_endpoints(const std::string& host, std::uint16_t port)
{
    std::vector<tcp::endpoint> found;
    error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    if (!ec) {
        found.emplace_back(address, port);
    } else if (host == "localhost" || host.ends_with(".localhost")) {  // RFC 6761 §6.3: always loopback
        found.emplace_back(asio::ip::address_v4::loopback(), port);
        found.emplace_back(asio::ip::address_v6::loopback(), port);
    }
    return found;
}

awaitable<std::vector<tcp::endpoint>> resolve(std::shared_ptr<exchange> call, std::string host, std::uint16_t port)
{
    auto known = known_endpoints(host, port);
    if (!known.empty())
        co_return known;
    auto task = std::make_shared<look_up>(call->executor);
    // The look-up itself cannot be stopped: the call only stops waiting for it.
    auto arrived = [task, weak = std::weak_ptr<exchange>(call)](const error_code& ec, const tcp::resolver::results_type& results) {
        task->failure = ec;
        for (const auto& entry : results)
            task->found.push_back(entry.endpoint());
        task->done = true;
        if (const auto alive = weak.lock())
            alive->wake();
    };
    task->resolver.async_resolve(host, std::to_string(port), tcp::resolver::address_configured,
                                 asio::bind_executor(call->executor, std::move(arrived)));
    while (!task->done) {
        call->before_wait();
        auto [ec] = co_await call->waker().async_wait(tuple);
        call->awoke(task->done ? error_code() : ec);
    }
    if (task->failure || task->found.empty())
        throw error(errc::connection, "no address found for the host '" + host + "'" +
                                          (task->failure ? " (" + task->failure.message() + ")" : std::string()) +
                                          ": check its spelling and the network");
    co_return std::move(task->found);
}

[[noreturn]] void cannot_connect(const std::string& what, const error_code& why)
{
    const bool refused = why == asio::error::connection_refused;
    throw error(errc::connection, "cannot connect to " + what + " (" + why.message() + ")" +
                                      (refused ? ": is a server running there?" : ": check the address and the network"));
}

}  // namespace

struct dialer {
    static awaitable<void> wait(std::shared_ptr<exchange> call, exchange::need want)
    {
        const auto direction = want == exchange::need::writable ? tcp::socket::wait_write : tcp::socket::wait_read;
        call->before_wait();
        auto [ec] = co_await call->socket().async_wait(direction, tuple);
        call->awoke(ec);
    }

    /// Waits for a place where the origin is full. True: with a connection.
    static awaitable<bool> wait_for_turn(std::shared_ptr<exchange> call)
    {
        while (!call->pool_->turn_has_come(*call, call->connection_)) {
            call->before_wait();
            auto [ec] = co_await call->waker().async_wait(tuple);
            // Being woken is what cancels the timer; a cancelled call is noticed by its next co_await.
            call->awoke(call->woken_ ? error_code() : ec);
            call->woken_ = false;
        }
        call->queued_ = false;
        co_return call->connection_ != nullptr;
    }

    static awaitable<void> connect(std::shared_ptr<exchange> call, std::string host, std::uint16_t port, std::string what)
    {
        const auto endpoints = co_await resolve(call, std::move(host), port);
        error_code last = asio::error::host_not_found;
        for (std::size_t i = 0; i < endpoints.size(); ++i) {
            call->connection_ = std::make_unique<connection>(call->executor, call->transport_->options.header_bytes);
            auto& socket = call->socket();
            socket.open(endpoints[i].protocol(), last);
            if (last)
                continue;
            bool gave_up = false;
            std::unique_ptr<asio::steady_timer> impatience;
            if (i + 1 < endpoints.size()) {
                const auto limit = call->connect_limit_ / static_cast<int>(endpoints.size());
                impatience = std::make_unique<asio::steady_timer>(call->executor);
                impatience->expires_after(limit > std::chrono::milliseconds::zero() ? limit : patience);
                auto next_please = [&gave_up, weak = std::weak_ptr<exchange>(call)](const error_code& ec) {
                    const auto alive = weak.lock();
                    if (ec || !alive || !alive->connection_)
                        return;
                    gave_up = true;
                    error_code ignored;
                    alive->socket().cancel(ignored);
                };
                impatience->async_wait(asio::bind_executor(call->executor, std::move(next_please)));
            }
            call->before_wait();
            auto [ec] = co_await socket.async_connect(endpoints[i], tuple);
            impatience.reset();
            call->awoke(gave_up ? error_code() : ec);
            last = gave_up ? error_code(asio::error::timed_out) : ec;
            if (!last)
                break;
        }
        if (last)
            cannot_connect(what, last);
        error_code ignored;
        call->socket().set_option(tcp::no_delay(true), ignored);
        call->socket().non_blocking(true, ignored);
    }

    static awaitable<void> tunnel(std::shared_ptr<exchange> call, std::string what)
    {
        const auto& place = *call->place_;
        const auto target = place.address.host_and_port();
        std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
        if (!place.proxy->authorization.empty())
            head += "Proxy-Authorization: " + place.proxy->authorization.reveal() + "\r\n";
        head += "\r\n";
        auto& link = *call->connection_;
        link.parser.start(true);
        for (std::size_t written = 0; written < head.size();) {
            const auto result = link.write(std::string_view(head).substr(written), {});
            if (result.status == io_status::want_write)
                co_await wait(call, exchange::need::writable);
            else if (result.status == io_status::done)
                written += result.bytes;
            else
                cannot_connect(what, result.failure);
        }
        std::string unparsed;
        std::string no_body;
        while (!link.parser.done()) {
            co_await wait(call, exchange::need::readable);
            char buffer[1024];
            const auto result = link.read(buffer, sizeof buffer);
            if (result.status == io_status::want_read)
                continue;
            if (result.status != io_status::done)
                throw error(errc::connection, "the " + what + " closed the connection");
            unparsed.append(buffer, result.bytes);
            unparsed.erase(0, link.parser.put(unparsed, no_body));
        }
        const auto status = link.parser.status();
        if (status / 100 == 2)
            co_return;
        auto code = errc::connection;
        std::string why = "the " + what + " answered " + std::to_string(status) + " to the request for a tunnel to " + target;
        if (status == 407 || status == 403) {
            code = errc::permission;
            why += status == 407 ? ": put the user and password into the proxy's address" : ": it does not allow this host";
        }
        diagnostics facts;
        facts.message = std::move(why);
        facts.http_status = status;
        throw error(code, std::move(facts));
    }

    static awaitable<void> handshake(std::shared_ptr<exchange> call)
    {
        auto& link = *call->connection_;
        link.tls = std::make_unique<tls_session>(call->transport_->tls(), link.socket.native_handle(), call->place_->address);
        for (;;) {
            const auto result = link.tls->handshake();
            if (result.status == io_status::done)
                co_return;
            if (result.status == io_status::want_read)
                co_await wait(call, exchange::need::readable);
            else if (result.status == io_status::want_write)
                co_await wait(call, exchange::need::writable);
            else
                throw error(errc::connection, call->peer() + " closed the connection during the TLS handshake" +
                                                  (result.failure ? " (" + result.failure.message() + ")" : std::string()));
        }
    }

    /// All of it: a turn, TCP, proxy, TLS.
    static awaitable<void> open(std::shared_ptr<exchange> call)
    {
        if (call->queued_ && co_await wait_for_turn(call))
            co_return;
        const auto& place = *call->place_;
        if (place.proxy) {
            const auto what = "proxy " + place.proxy->host + ":" + std::to_string(place.proxy->port);
            co_await connect(call, place.proxy->host, place.proxy->port, what);
            if (place.address.tls)
                co_await tunnel(call, what);
        } else {
            co_await connect(call, place.address.host, place.address.port, place.address.host_and_port());
        }
        if (place.address.tls)
            co_await handshake(call);
    }
};

awaitable<void> open_connection(std::shared_ptr<exchange> self)
{
    self->clock_.connecting(run_context::clock::now());
    const auto& place = *self->place_;
    // Without a coroutine between: ten thousand calls that connect at once hold a frame less each.
    if (!self->queued_ && !place.proxy && !place.address.tls)
        return dialer::connect(self, place.address.host, place.address.port, place.address.host_and_port());
    return dialer::open(std::move(self));
}

}  // namespace zincir::detail

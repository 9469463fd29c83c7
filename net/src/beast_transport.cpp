#include <zincir/net/beast_transport.hpp>

#include "exchange.hpp"

#include <zincir/core/error.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdlib>

namespace zincir {

struct beast_transport::shared : detail::transport_state {
    using transport_state::transport_state;
};

namespace {

using detail::exchange;
using need = exchange::need;

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

detail::tcp::socket::wait_type direction_of(need want)
{
    return want == need::writable ? detail::tcp::socket::wait_write : detail::tcp::socket::wait_read;
}

// Waits once: reads into the inbox of a connection that has one. Completes with the error and the bytes for exchange::awoke.
auto wait_once(exchange& call, need want)
{
    auto start = [&call, want](auto handler) {
        if (want == need::readable && call.has_inbox())
            call.socket().async_receive(call.inbox(), std::move(handler));
        else
            call.socket().async_wait(direction_of(want), asio::append(std::move(handler), exchange::nothing_read));
    };
    return asio::async_initiate<decltype(tuple), void(boost::system::error_code, std::size_t)>(std::move(start), tuple);
}

// Closes the connection when the call's coroutine, or the body, goes before its end.
class call_handle {
public:
    explicit call_handle(std::shared_ptr<exchange> call) : call_(std::move(call)) {}
    call_handle(call_handle&&) noexcept = default;
    call_handle& operator=(call_handle&&) = delete;
    ~call_handle()
    {
        if (call_)
            call_->abandon();
    }
    exchange* operator->() const noexcept { return call_.get(); }
    const std::shared_ptr<exchange>& call() const noexcept { return call_; }

private:
    std::shared_ptr<exchange> call_;
};

[[noreturn]] void throw_as_error(const boost::system::system_error& e)
{
    if (e.code() == asio::error::operation_aborted)
        throw error(errc::cancelled, "the call was cancelled");
    throw error(errc::connection, e.what());
}

awaitable<std::optional<std::string>> next_piece(std::shared_ptr<exchange> call)
{
    std::optional<std::string> piece;
    if (!call->has_piece() && !call->ended()) {
        try {
            call->rethrow_failure();
            call->reader_waits();
            auto want = call->wants_read() ? call->read_more() : need::readable;
            while (want != need::nothing) {
                call->before_wait();
                auto [ec, bytes] = co_await wait_once(*call, want);
                call->awoke(ec, bytes);
                want = call->read_more();
            }
            if (!call->has_piece())
                call->rethrow_failure();
        } catch (const error&) {
            call->abandon();
            throw;
        } catch (const boost::system::system_error& e) {
            call->abandon();
            throw_as_error(e);
        }
    }
    if (call->has_piece()) {
        piece = call->take_piece();
        call->reader_left();
    }
    co_return piece;
}

class body_source {
public:
    explicit body_source(call_handle call) : call_(std::move(call)) {}
    awaitable<std::optional<std::string>> operator()() { return next_piece(call_.call()); }

private:
    call_handle call_;
};

void check_request(const http_request& request)
{
    detail::check_field(request.method, {});
    for (const auto& [name, value] : request.headers.fields())
        detail::check_field(name, value);
    detail::check_field("Authorization", request.bearer.reveal());
}

// The body was asked for as it is; what is compressed all the same would reach the caller as noise.
void check_encoding(const http_headers& headers)
{
    for (const char* field : {"Content-Encoding", "Transfer-Encoding"}) {
        const auto encoding = headers.get(field);
        if (encoding && !encoding->empty() && !detail::same_name(*encoding, "identity") && !detail::same_name(*encoding, "chunked"))
            throw error(errc::malformed_reply, "the server compressed its response (" + std::string(field) + ": " +
                                                   std::string(encoding->substr(0, 40)) + "), although it was asked not to");
    }
}

// The request is on the heap, to be gone while the call waits.
awaitable<http_response> send_request(std::shared_ptr<detail::transport_state> transport, std::unique_ptr<http_request> request,
                                      detail::time_point deadline)
{
    call_handle call(std::make_shared<exchange>(std::move(transport), co_await asio::this_coro::executor, request->timeouts,
                                                deadline, std::move(request->content)));
    try {
        check_request(*request);
        if (!call->take_connection(detail::split(request->url).origin)) {
            co_await open_connection(call.call());
            call->connected();
        }
        call->send(std::move(*request));
        request.reset();
        for (auto want = call->advance(); want != need::nothing; want = call->advance()) {
            if (want == need::fresh_connection) {
                call->drop_connection();
                co_await open_connection(call.call());
                call->connected();
                continue;
            }
            if (want == need::writable)
                call->listen_while_writing();
            call->before_wait();
            auto [ec, bytes] = co_await wait_once(*call.call(), want);
            call->awoke(ec, bytes);
        }
    } catch (const error&) {
        call->abandon();
        throw;
    } catch (const boost::system::system_error& e) {
        call->abandon();
        throw_as_error(e);
    }
    http_response response;
    response.status = call->status();
    response.headers = call->take_headers();
    call->check_proxy();
    check_encoding(response.headers);
    call->reader_left();
    response.body = stream<std::string>(body_source(std::move(call)));
    co_return response;
}

}  // namespace

beast_transport::beast_transport(beast_transport_options options)
{
    detail::proxy_rules proxies(options.proxy, [](const char* name) -> const char* { return std::getenv(name); });
    options.proxy.http = options.proxy.https = secret();
    shared_ = std::make_shared<shared>(std::move(options), std::move(proxies));
    if (!shared_->options.ca_file.empty() || !shared_->options.ca_pem.empty())
        shared_->tls();
}

beast_transport::~beast_transport()
{
    std::vector<std::weak_ptr<detail::connection_pool>> pools;
    {
        const std::lock_guard lock(shared_->mutex);
        pools.swap(shared_->pools);
    }
    for (const auto& weak : pools)
        if (const auto pool = weak.lock())
            pool->close();
}

awaitable<http_response> beast_transport::send(http_request request, run_context ctx)
{
    return send_request(shared_, std::make_unique<http_request>(std::move(request)), ctx.deadline());
}

}  // namespace zincir

#pragma once

#include <zincir/net/http_transport.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace zincir {

/// Where requests go through a proxy. Addresses are `http://[user:password@]host:port`; https is tunnelled with CONNECT, http is
/// asked for by its absolute address.
struct proxy_options {
    /// Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, small letters first, when the transport is made. A proxy from the
    /// environment is not used for localhost and loopback addresses.
    bool from_environment = true;
    secret http{};   ///< for http addresses, instead of the environment's
    secret https{};  ///< for https addresses, instead of the environment's
    /// Hosts that are asked directly, by comma: `example.com` (and what is under it), `host:port`, `192.0.2.1`, `10.0.0.0/8`, `*`.
    /// Added to the environment's.
    std::string no_proxy{};
};

struct beast_transport_options {
    /// Connections to one origin at once, in one execution context; a further call waits for its turn, within its timeouts. 0: no
    /// cap.
    std::size_t max_connections = 0;
    /// Idle connections kept for one origin.
    std::size_t max_idle = 1024;
    /// An idle connection older than this is not used again, and is closed when a later call comes by: no timer holds the context.
    std::chrono::milliseconds idle_lifetime{60'000};
    /// Sends a request again, on a fresh connection, whose kept-alive one closed before a byte of the response came. A POST may
    /// then have been done twice (RFC 9110 §9.2.2), which with a model costs tokens and nothing else; false: errc::connection
    /// instead.
    bool repeat_on_stale = true;
    std::size_t header_bytes = std::size_t{64} << 10;  ///< of one response's head, and of one chunk's
    std::string ca_file{};                             ///< PEM file of further certificate authorities, beside the system's
    std::string ca_pem{};                              ///< the same as text
    std::string user_agent = "zincir/0.1";
    proxy_options proxy{};
};

/// HTTP/1.1 over TCP and TLS: a pool of kept-alive connections for each origin.
///
/// *TLS*: 1.2 or newer, SNI, session reuse. The peer's certificate and host name are always verified, against the system's trust
/// store (SSL_CERT_FILE and SSL_CERT_DIR hold) and the authorities of the options; there is no way to turn that off.
///
/// *Connections* belong to the execution context (io_context) of the call that opened them and are reused by calls on the same one;
/// they close with it, or with the transport. Either may go first. One goes back to the pool when its body was read to the end that
/// HTTP states: a reader that saw an end of its own, such as `[DONE]`, calls next() until nullopt if it wants that. A kept-alive
/// connection that fails before the first byte of a response is replaced by a fresh one, once, and the request is sent again
/// (repeat_on_stale).
///
/// *Responses*: redirects are returned, not followed; 1xx are skipped; a body that ends early is errc::truncated. The whole of a
/// short reply is often there when send() completes.
///
/// *Time*: one check per call compares the limits with the last content; nothing is armed per piece. The idle limit runs only while
/// next() is awaited. *Cancellation* and destroying the body close the socket at once. A host-name look-up that was cancelled goes
/// on in Asio's own thread, unheeded, and its io_context is not out of work before it ends.
///
/// *Threads*: the transport is thread-safe; each call stays on its own strand, bodies too.
class beast_transport final : public http_transport {
public:
    /// Throws errc::invalid_argument for a proxy address or a certificate file that cannot be read.
    explicit beast_transport(beast_transport_options options = beast_transport_options());
    /// Closes idle connections. Calls and bodies at work go on.
    ~beast_transport() override;
    beast_transport(const beast_transport&) = delete;
    beast_transport& operator=(const beast_transport&) = delete;

    /// See http_transport::send. errc::permission besides: the proxy refused.
    awaitable<http_response> send(http_request request, run_context ctx) override;

    struct shared;

private:
    std::shared_ptr<shared> shared_;
};

}  // namespace zincir

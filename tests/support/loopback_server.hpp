#pragma once

#include "tls_identity.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace zincir::testing {

struct received_request {
    std::string method{};
    std::string target{};
    std::map<std::string, std::string> headers{};  // names in small letters
    std::string body{};
};

/// The server's end of one connection. Blocking, used by one thread.
class loopback_peer {
public:
    loopback_peer(int socket, const tls_identity* identity);
    ~loopback_peer();
    loopback_peer(const loopback_peer&) = delete;
    loopback_peer& operator=(const loopback_peer&) = delete;

    /// False where the client did not accept the certificate.
    bool ready() const noexcept { return ready_; }
    /// The next request, or nullopt when the client has closed.
    std::optional<received_request> read_request();
    /// False once the client is gone.
    bool send(std::string_view bytes);
    /// A whole response with a Content-Length.
    bool reply(unsigned status, std::string_view body, std::string_view content_type = "application/json",
               std::string_view more_headers = "");
    void begin_chunked(std::string_view content_type = "text/event-stream");
    bool chunk(std::string_view bytes);
    bool end_chunked();
    void close();
    /// Ends the connection with RST instead of FIN.
    void reset();
    /// Whether the client closed, within `limit`; bytes it still sends are dropped.
    bool closed_within(std::chrono::milliseconds limit);
    bool session_was_reused() const;
    std::string server_name() const;  ///< SNI
    /// Raw bytes, at most `size`; "" when the client has closed.
    std::string receive(std::size_t size);
    int socket() const noexcept { return socket_; }

private:
    struct tls_state;
    int socket_;
    bool ready_ = true;
    std::string buffered_{};
    std::unique_ptr<tls_state> tls_;
};

/// A server on an ephemeral port of 127.0.0.1. Each connection has a thread that runs `script` once and then closes it.
class loopback_server {
public:
    using script = std::function<void(loopback_peer&)>;
    explicit loopback_server(script run, std::shared_ptr<const tls_identity> identity = nullptr, std::uint16_t port = 0);
    /// Closes everything and waits for the scripts to end.
    ~loopback_server();
    loopback_server(const loopback_server&) = delete;
    loopback_server& operator=(const loopback_server&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    /// "http://127.0.0.1:port/path"; https and localhost with an identity.
    std::string url(std::string_view path = "/") const;
    /// Connections accepted so far.
    int connections() const noexcept { return connections_; }

private:
    void accept_all();
    script run_;
    std::shared_ptr<const tls_identity> identity_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_{};
    std::vector<int> sockets_{};        // guarded by mutex_
    std::vector<std::thread> peers_{};  // guarded by mutex_
    std::thread acceptor_{};
};

/// Answers every request on a connection with `status` and `body`, keeping it alive.
loopback_server::script always(unsigned status, std::string body);

/// A port of 127.0.0.1 at which nobody listens.
std::uint16_t closed_port();

}  // namespace zincir::testing

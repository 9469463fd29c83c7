#include "loopback_server.hpp"

#include "tls_state.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace zincir::testing {

namespace {

int listen_at(std::uint16_t& port)
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 1024) != 0)
        throw std::runtime_error("no port to listen at");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    return listener;
}

std::string small_letters(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

struct loopback_peer::tls_state {
    SSL* ssl = nullptr;
    ~tls_state() { SSL_free(ssl); }
};

loopback_peer::loopback_peer(int socket, const tls_identity* identity) : socket_(socket)
{
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (!identity)
        return;
    tls_ = std::make_unique<tls_state>();
    tls_->ssl = SSL_new(identity->impl().context);
    SSL_set_fd(tls_->ssl, socket_);
    ready_ = SSL_accept(tls_->ssl) == 1;
    ERR_clear_error();
}

loopback_peer::~loopback_peer() { close(); }

std::string loopback_peer::receive(std::size_t size)
{
    std::string bytes(size, '\0');
    const auto n = tls_ ? static_cast<ssize_t>(SSL_read(tls_->ssl, bytes.data(), static_cast<int>(size)))
                        : ::recv(socket_, bytes.data(), size, 0);
    ERR_clear_error();
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
}

std::optional<received_request> loopback_peer::read_request()
{
    std::size_t end = 0;
    while ((end = buffered_.find("\r\n\r\n")) == std::string::npos) {
        const auto more = receive(65536);
        if (more.empty())
            return std::nullopt;
        buffered_ += more;
    }
    received_request request;
    std::size_t line = buffered_.find("\r\n");
    const auto first = buffered_.substr(0, line);
    request.method = first.substr(0, first.find(' '));
    request.target = first.substr(first.find(' ') + 1, first.rfind(' ') - first.find(' ') - 1);
    while (line < end) {
        const auto next = buffered_.find("\r\n", line + 2);
        const auto field = buffered_.substr(line + 2, next - line - 2);
        const auto colon = field.find(": ");
        request.headers[small_letters(field.substr(0, colon))] = field.substr(colon + 2);
        line = next;
    }
    buffered_.erase(0, end + 4);
    const auto length = request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0UL;
    while (buffered_.size() < length) {
        const auto more = receive(65536);
        if (more.empty())
            return std::nullopt;
        buffered_ += more;
    }
    request.body = buffered_.substr(0, length);
    buffered_.erase(0, length);
    return request;
}

bool loopback_peer::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto n = tls_ ? static_cast<ssize_t>(SSL_write(tls_->ssl, bytes.data(), static_cast<int>(bytes.size())))
                            : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        ERR_clear_error();
        if (n <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

bool loopback_peer::reply(unsigned status, std::string_view body, std::string_view content_type, std::string_view more_headers)
{
    std::string head = "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Type: " + std::string(content_type) + "\r\n" +
                       std::string(more_headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return send(head + std::string(body));
}

void loopback_peer::begin_chunked(std::string_view content_type)
{
    send("HTTP/1.1 200 OK\r\nContent-Type: " + std::string(content_type) + "\r\nTransfer-Encoding: chunked\r\n\r\n");
}

bool loopback_peer::chunk(std::string_view bytes)
{
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return send(size + std::string(bytes) + "\r\n");
}

bool loopback_peer::end_chunked() { return send("0\r\n\r\n"); }

void loopback_peer::close()
{
    if (tls_ && ready_ && socket_ >= 0)
        SSL_shutdown(tls_->ssl);
    ERR_clear_error();
    if (socket_ >= 0)
        ::shutdown(socket_, SHUT_RDWR);
}

void loopback_peer::reset()
{
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    // Connecting to "no address" resets at once, while the descriptor stays with the server.
    sockaddr nowhere{};
    nowhere.sa_family = AF_UNSPEC;
    ::connect(socket_, &nowhere, sizeof nowhere);
}

bool loopback_peer::closed_within(std::chrono::milliseconds limit)
{
    const auto until = std::chrono::steady_clock::now() + limit;
    char bytes[4096];
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        pollfd one{socket_, POLLIN, 0};
        if (::poll(&one, 1, static_cast<int>(std::max<long>(left, 0))) <= 0)
            return false;
        if (::recv(socket_, bytes, sizeof bytes, 0) <= 0)
            return true;
    }
}

bool loopback_peer::session_was_reused() const { return tls_ && SSL_session_reused(tls_->ssl) == 1; }

std::string loopback_peer::server_name() const
{
    const char* name = tls_ ? SSL_get_servername(tls_->ssl, TLSEXT_NAMETYPE_host_name) : nullptr;
    return name ? name : "";
}

loopback_server::loopback_server(script run, std::shared_ptr<const tls_identity> identity, std::uint16_t port)
    : run_(std::move(run)), identity_(std::move(identity)), port_(port)
{
    listener_ = listen_at(port_);
    acceptor_ = std::thread([this] { accept_all(); });
}

loopback_server::~loopback_server()
{
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int socket : sockets_)
            ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& peer : peers_)
        peer.join();
    for (const int socket : sockets_)
        ::close(socket);
    ::close(listener_);
}

std::string loopback_server::url(std::string_view path) const
{
    return (identity_ ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port_) + std::string(path);
}

void loopback_server::accept_all()
{
    while (!stopping_) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0)
            continue;
        ++connections_;
        const std::lock_guard lock(mutex_);
        sockets_.push_back(socket);
        peers_.emplace_back([this, socket] {
            // OpenSSL writes to closed sockets. Only this thread ignores it: a client that raises SIGPIPE must be seen.
            sigset_t pipe;
            sigemptyset(&pipe);
            sigaddset(&pipe, SIGPIPE);
            pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
            loopback_peer peer(socket, identity_.get());
            if (peer.ready())
                run_(peer);
        });
    }
}

loopback_server::script always(unsigned status, std::string body)
{
    return [status, body = std::move(body)](loopback_peer& peer) {
        while (peer.read_request())
            if (!peer.reply(status, body))
                return;
    };
}

std::uint16_t closed_port()
{
    std::uint16_t port = 0;
    ::close(listen_at(port));
    return port;
}

}  // namespace zincir::testing

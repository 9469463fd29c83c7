#pragma once

#include "address.hpp"

#include <zincir/net/http_transport.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace zincir::detail {

enum class io_status { done, want_read, want_write, closed, failed };

/// What one attempt on a non-blocking connection did.
struct io_result {
    io_status status = io_status::done;
    std::size_t bytes = 0;
    boost::system::error_code failure{};
    bool drained = false;  ///< nothing was left to read
    bool clean = true;     ///< closed as its protocol wants it: with TLS, by close_notify
};

/// Trust store, TLS settings, and the sessions to resume. Thread-safe.
class tls_context {
public:
    /// Throws errc::invalid_argument for authorities that cannot be read.
    tls_context(const std::string& ca_file, const std::string& ca_pem);
    ~tls_context();
    struct implementation;
    implementation& impl() const noexcept { return *impl_; }

private:
    std::unique_ptr<implementation> impl_;
};

/// TLS over a connected, non-blocking socket, which it does not own and which must outlive it.
class tls_session {
public:
    tls_session(std::shared_ptr<const tls_context> context, int socket, const origin_address& peer);
    /// Says good-bye (close_notify) if it can without waiting.
    ~tls_session();

    /// Throws errc::certificate, or errc::invalid_argument where the peer does not speak TLS.
    io_result handshake();
    io_result read(char* to, std::size_t size);
    io_result write(const char* from, std::size_t size);

    struct implementation;

private:
    std::unique_ptr<implementation> impl_;
};

/// Takes the bytes of one response after another.
class reply_parser {
public:
    explicit reply_parser(std::size_t header_bytes);
    ~reply_parser();

    /// Before each response. `bodiless`: it has no body whatever its head says (to HEAD, to CONNECT).
    void start(bool bodiless);
    /// Consumes what it can and appends the body's bytes to `body`; what is left is to be presented again, with more. Throws
    /// errc::malformed_reply and errc::limit_exceeded.
    std::size_t put(std::string_view bytes, std::string& body);
    /// The connection closed. True if that is where the response ends.
    bool put_close();

    bool head_done() const noexcept;
    bool done() const noexcept;
    bool keep_alive() const noexcept;
    unsigned status() const noexcept;
    http_headers take_headers();

    struct implementation;

private:
    std::unique_ptr<implementation> impl_;
};

}  // namespace zincir::detail

// The one file that includes Beast and OpenSSL: the parser of responses, and TLS over a non-blocking socket.
#include "wire.hpp"

#include <zincir/core/error.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace zincir::detail {

namespace http = boost::beast::http;

// ---- responses

struct reply_parser::implementation {
    class parser final : public http::basic_parser<false> {
    public:
        parser(implementation& owner, std::size_t header_bytes, bool bodiless) : owner_(owner)
        {
            header_limit(static_cast<std::uint32_t>(header_bytes));
            body_limit(boost::none);
            eager(true);
            skip(bodiless);
        }

    private:
        using string_view = boost::beast::string_view;
        using code = boost::beast::error_code;
        void on_request_impl(http::verb, string_view, string_view, int, code&) override {}
        void on_response_impl(int code_of_reply, string_view, int, code& ec) override
        {
            owner_.status = static_cast<unsigned>(code_of_reply);
            // Nothing that this library sends asks for another protocol.
            if (code_of_reply == 101)
                ec = http::error::bad_status;
        }
        void on_field_impl(http::field, string_view name, string_view value, code& ec) override
        {
            owner_.header_bytes += name.size() + value.size() + 4;
            if (owner_.header_bytes > owner_.header_limit)
                ec = http::error::header_limit;
            else if (!owner_.in_trailer)
                owner_.headers.add(std::string(name), std::string(value));
        }
        void on_header_impl(code&) override { owner_.in_trailer = true; }
        void on_body_init_impl(const boost::optional<std::uint64_t>&, code&) override {}
        std::size_t on_body_impl(string_view bytes, code&) override
        {
            owner_.body->append(bytes.data(), bytes.size());
            return bytes.size();
        }
        void on_chunk_header_impl(std::uint64_t, string_view, code&) override {}
        std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, code&) override
        {
            owner_.body->append(bytes.data(), bytes.size());
            return bytes.size();
        }
        void on_finish_impl(code&) override {}

        implementation& owner_;
    };

    std::size_t header_limit = 0;
    std::size_t header_bytes = 0;
    bool in_trailer = false;
    unsigned status = 0;
    http_headers headers{};
    std::string* body = nullptr;
    std::optional<parser> current{};
};

reply_parser::reply_parser(std::size_t header_bytes) : impl_(std::make_unique<implementation>())
{
    impl_->header_limit = header_bytes;
}

reply_parser::~reply_parser() = default;

void reply_parser::start(bool bodiless)
{
    impl_->header_bytes = 0;
    impl_->in_trailer = false;
    impl_->status = 0;
    impl_->headers = http_headers();
    impl_->current.emplace(*impl_, impl_->header_limit, bodiless);
}

std::size_t reply_parser::put(std::string_view bytes, std::string& body)
{
    impl_->body = &body;
    auto& parser = *impl_->current;
    // RFC 8446 §5.1: an alert record, which a TLS port answers plain HTTP with.
    if (!parser.got_some() && !bytes.empty() && (bytes[0] == '\x15' || bytes[0] == '\x16'))
        throw error(errc::invalid_argument, "the server answered in TLS: does its address begin with https://?");
    boost::beast::error_code ec;
    std::size_t used = 0;
    // One call stops at the end of the head.
    while (used < bytes.size() && !parser.is_done()) {
        const auto n = parser.put(asio::const_buffer(bytes.data() + used, bytes.size() - used), ec);
        used += n;
        if (ec == http::error::need_more) {
            ec = {};
            break;
        }
        if (ec)
            break;
    }
    if (!ec && bytes.size() - used > impl_->header_limit)
        ec = http::error::header_limit;
    if (!ec)
        return used;
    if (ec == http::error::header_limit)
        throw error(errc::limit_exceeded, "the head of the response, or of one of its chunks, is longer than the limit of " +
                                              std::to_string(impl_->header_limit) +
                                              " bytes (beast_transport_options::header_bytes)");
    throw error(errc::malformed_reply,
                "what the server sent is not HTTP/1.1 (" + ec.message() + "): is this the address of an HTTP server?");
}

bool reply_parser::put_close()
{
    auto& parser = *impl_->current;
    if (!parser.got_some() || !parser.is_header_done() || parser.is_done() || !parser.need_eof())
        return parser.is_done();
    boost::beast::error_code ec;
    parser.put_eof(ec);
    return !ec;
}

bool reply_parser::head_done() const noexcept { return impl_->current->is_header_done(); }
bool reply_parser::done() const noexcept { return impl_->current->is_done(); }
bool reply_parser::keep_alive() const noexcept { return impl_->current->is_header_done() && impl_->current->keep_alive(); }
unsigned reply_parser::status() const noexcept { return impl_->status; }
http_headers reply_parser::take_headers() { return std::move(impl_->headers); }

// ---- TLS

namespace {

template <auto Free>
struct free_with {
    template <class T>
    void operator()(T* p) const noexcept
    {
        Free(p);
    }
};
using context_ptr = std::unique_ptr<SSL_CTX, free_with<SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, free_with<SSL_free>>;
using session_ptr = std::unique_ptr<SSL_SESSION, free_with<SSL_SESSION_free>>;
using method_ptr = std::unique_ptr<BIO_METHOD, free_with<BIO_meth_free>>;
using certificate_ptr = std::unique_ptr<X509, free_with<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, free_with<BIO_free>>;

constexpr std::size_t max_sessions = 8;  // for one host and port

std::string last_openssl_error()
{
    const auto code = ERR_peek_last_error();
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    return reason ? reason : "no reason given";
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a closed connection would end the process by SIGPIPE.
struct socket_bio {
    int socket = -1;
    bool closed = false;
};

int bio_read(BIO* bio, char* to, int size)
{
    auto& state = *static_cast<socket_bio*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto n = ::recv(state.socket, to, static_cast<std::size_t>(size), 0);
    state.closed = n == 0;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        BIO_set_retry_read(bio);
    return static_cast<int>(n);
}

int bio_write(BIO* bio, const char* from, int size)
{
    auto& state = *static_cast<socket_bio*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const auto n = ::send(state.socket, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        BIO_set_retry_write(bio);
    return static_cast<int>(n);
}

long bio_control(BIO* bio, int command, long, void*)
{
    if (command == BIO_CTRL_EOF)
        return static_cast<socket_bio*>(BIO_get_data(bio))->closed ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

struct tls_context::implementation {
    context_ptr context{SSL_CTX_new(TLS_client_method())};
    method_ptr method{BIO_meth_new(BIO_TYPE_SOURCE_SINK, "zincir socket")};
    std::mutex mutex{};
    std::unordered_map<std::string, std::vector<session_ptr>> sessions{};  // by host:port; guarded by mutex

    // RFC 8446 §C.4: a ticket of TLS 1.3 is used once. A session of TLS 1.2 may be resumed again and again.
    session_ptr session_for(const std::string& peer)
    {
        const std::lock_guard lock(mutex);
        const auto found = sessions.find(peer);
        if (found == sessions.end() || found->second.empty())
            return nullptr;
        auto& kept = found->second;
        if (SSL_SESSION_get_protocol_version(kept.back().get()) < TLS1_3_VERSION)
            return session_ptr(SSL_SESSION_dup(kept.back().get()));
        auto session = std::move(kept.back());
        kept.pop_back();
        return session;
    }
    void keep(const std::string& peer, session_ptr session)
    {
        const std::lock_guard lock(mutex);
        auto& kept = sessions[peer];
        if (kept.size() >= max_sessions)
            kept.erase(kept.begin());
        kept.push_back(std::move(session));
    }
};

struct tls_session::implementation {
    std::shared_ptr<const tls_context> context{};
    socket_bio io{};
    std::string peer{};
    std::string host{};
    ssl_ptr ssl{};
    std::string names{};  // of a certificate that was not accepted
    bool established = false;
    bool broken = false;

    io_result outcome(int returned, std::size_t bytes)
    {
        io_result result;
        result.bytes = bytes;
        const int saved = errno;
        switch (SSL_get_error(ssl.get(), returned)) {
            case SSL_ERROR_NONE:
                break;
            case SSL_ERROR_WANT_READ:
                result.status = io_status::want_read;
                break;
            case SSL_ERROR_WANT_WRITE:
                result.status = io_status::want_write;
                break;
            case SSL_ERROR_ZERO_RETURN:
                result.status = io_status::closed;
                break;
            case SSL_ERROR_SYSCALL:
                broken = true;
                result.status = io_status::failed;
                result.failure = error_code(saved, boost::system::system_category());
                if (saved == 0)
                    result.failure = asio::error::eof;
                break;
            default:
                broken = true;
                result.clean = false;
                result.status =
                    ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? io_status::closed : io_status::failed;
                result.failure = asio::error::connection_reset;
        }
        return result;
    }
};

namespace {

int store_session(SSL* ssl, SSL_SESSION* session)
{
    auto& self = *static_cast<tls_session::implementation*>(SSL_get_app_data(ssl));
    // A copy: the connection goes on using its own, perhaps on another thread than the next one's.
    if (session_ptr copy{SSL_SESSION_dup(session)})
        self.context->impl().keep(self.peer, std::move(copy));
    return 0;
}

[[noreturn]] void refuse_authorities(const std::string& what)
{
    throw error(errc::invalid_argument, "no certificate authority could be read from beast_transport_options::" + what +
                                            " (PEM is wanted): " + last_openssl_error());
}

std::string address_text(std::string_view bytes)
{
    if (asio::ip::address_v4::bytes_type v4; bytes.size() == v4.size()) {
        std::copy(bytes.begin(), bytes.end(), v4.begin());
        return asio::ip::address_v4(v4).to_string();
    }
    if (asio::ip::address_v6::bytes_type v6; bytes.size() == v6.size()) {
        std::copy(bytes.begin(), bytes.end(), v6.begin());
        return asio::ip::address_v6(v6).to_string();
    }
    return "an address";
}

std::string names_of(X509* certificate)
{
    std::string names;
    auto* list = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; list && i < sk_GENERAL_NAME_num(list) && names.size() < 200; ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(list, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        const auto* text = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
        const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                     static_cast<std::size_t>(ASN1_STRING_length(text)));
        names += names.empty() ? "" : ", ";
        names += name->type == GEN_DNS ? std::string(bytes) : address_text(bytes);
    }
    GENERAL_NAMES_free(list);
    return names.empty() ? "other names" : names;
}

// OpenSSL forgets a certificate that it refuses; the message wants its names.
int note_names(int accepted, X509_STORE_CTX* verification)
{
    if (accepted == 1)
        return accepted;
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& self = *static_cast<tls_session::implementation*>(SSL_get_app_data(ssl));
    if (X509* certificate = X509_STORE_CTX_get0_cert(verification))
        self.names = names_of(certificate);
    return accepted;
}

error certificate_error(const std::string& host, const std::string& names, long verdict)
{
    const std::string subject = "the TLS certificate of " + host + " was not accepted: ";
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return error(errc::certificate, subject + "it has expired (or this machine's clock is wrong)");
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return error(errc::certificate, subject + "it is not valid yet (or this machine's clock is wrong)");
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return error(errc::certificate, subject + "it is for another host (" + names + "): check the address");
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return error(errc::certificate, subject + "it is not trusted (" + X509_verify_cert_error_string(verdict) +
                                                "): install the ca-certificates package, or name a private authority in "
                                                "beast_transport_options::ca_file or in SSL_CERT_FILE");
        default:
            return error(errc::certificate, subject + X509_verify_cert_error_string(verdict));
    }
}

}  // namespace

tls_context::tls_context(const std::string& ca_file, const std::string& ca_pem) : impl_(std::make_unique<implementation>())
{
    auto* context = impl_->context.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, note_names);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS |
                                  SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, store_session);
    static constexpr unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols - 1);
    BIO_meth_set_read(impl_->method.get(), bio_read);
    BIO_meth_set_write(impl_->method.get(), bio_write);
    BIO_meth_set_ctrl(impl_->method.get(), bio_control);

    SSL_CTX_set_default_verify_paths(context);
    ERR_clear_error();
    if (!ca_file.empty() && SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1)
        refuse_authorities("ca_file '" + ca_file + "'");
    if (!ca_pem.empty()) {
        const bio_ptr text(BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())));
        std::size_t count = 0;
        while (const certificate_ptr authority{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)})
            count += X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1 ? 1U : 0U;
        if (count == 0)
            refuse_authorities("ca_pem");
        ERR_clear_error();  // the end of the text is an error to PEM_read_bio_X509
    }
}

tls_context::~tls_context() = default;

tls_session::tls_session(std::shared_ptr<const tls_context> context, int socket, const origin_address& peer)
    : impl_(std::make_unique<implementation>())
{
    auto& self = *impl_;
    self.context = std::move(context);
    self.io.socket = socket;
    self.peer = peer.host_and_port();
    self.host = peer.host;
    self.ssl.reset(SSL_new(self.context->impl().context.get()));
    auto* ssl = self.ssl.get();
    SSL_set_app_data(ssl, &self);
    BIO* bio = BIO_new(self.context->impl().method.get());
    BIO_set_data(bio, &self.io);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    if (peer.is_ip()) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), peer.host.c_str());
    } else {
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        SSL_set1_host(ssl, peer.host.c_str());
        SSL_set_tlsext_host_name(ssl, peer.host.c_str());
    }
    if (const auto session = self.context->impl().session_for(self.peer))
        SSL_set_session(ssl, session.get());
    SSL_set_connect_state(ssl);
}

tls_session::~tls_session()
{
    ERR_clear_error();
    if (impl_->established && !impl_->broken)
        SSL_shutdown(impl_->ssl.get());
    // Otherwise OpenSSL would take the session for a bad one and never resume it.
    if (!impl_->broken)
        SSL_set_shutdown(impl_->ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ERR_clear_error();
}

io_result tls_session::handshake()
{
    auto& self = *impl_;
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_do_handshake(self.ssl.get());
    const auto reason = returned == 1 ? 0 : ERR_GET_REASON(ERR_peek_error());
    const auto verdict = SSL_get_verify_result(self.ssl.get());
    auto result = self.outcome(returned, 0);
    if (returned == 1)
        self.established = true;
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED || (returned != 1 && verdict != X509_V_OK))
        throw certificate_error(self.host, self.names, verdict);
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG)
        throw error(errc::invalid_argument, self.peer + " does not speak TLS: does its address begin with http://?");
    if (reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL)
        throw error(errc::connection, self.peer + " offers no TLS 1.2 or newer: nothing older is used");
    if (result.status == io_status::failed && reason != 0)
        throw error(errc::connection, "the TLS handshake with " + self.peer + " failed: " + last_openssl_error());
    return result;
}

io_result tls_session::read(char* to, std::size_t size)
{
    ERR_clear_error();
    errno = 0;
    std::size_t bytes = 0;
    const int returned = SSL_read_ex(impl_->ssl.get(), to, size, &bytes);
    return impl_->outcome(returned, bytes);
}

io_result tls_session::write(const char* from, std::size_t size)
{
    ERR_clear_error();
    errno = 0;
    std::size_t bytes = 0;
    const int returned = SSL_write_ex(impl_->ssl.get(), from, size, &bytes);
    return impl_->outcome(returned, bytes);
}

}  // namespace zincir::detail

#include "tls_state.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace zincir::testing {

namespace {

constexpr long day = 24L * 60 * 60;

EVP_PKEY* make_key()
{
    EVP_PKEY* key = EVP_EC_gen("P-256");
    if (!key)
        throw std::runtime_error("no key could be made");
    return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (!extension)
        throw std::runtime_error("bad certificate extension: " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

X509* make_certificate(EVP_PKEY* key, const std::string& name, int from_day, int to_day)
{
    static std::atomic<long> serial{1};
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_day * day);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to_day * day);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    return certificate;
}

}  // namespace

struct tls_authority::implementation {
    EVP_PKEY* key = make_key();
    X509* certificate = make_certificate(key, "zincir test authority", -365, 365);
    ~implementation()
    {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
};

tls_identity::tls_identity(std::unique_ptr<implementation> impl) : impl_(std::move(impl)) {}
tls_identity::~tls_identity() = default;

tls_authority::tls_authority() : impl_(std::make_unique<implementation>())
{
    X509_set_issuer_name(impl_->certificate, X509_get_subject_name(impl_->certificate));
    add_extension(impl_->certificate, impl_->certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(impl_->certificate, impl_->certificate, NID_key_usage, "critical,keyCertSign");
    X509_sign(impl_->certificate, impl_->key, EVP_sha256());
}

tls_authority::~tls_authority() = default;

std::string tls_authority::pem() const
{
    BIO* text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(text, impl_->certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(text, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(text);
    return pem;
}

std::shared_ptr<const tls_identity> tls_authority::issue(const std::string& names, int from_day, int to_day) const
{
    EVP_PKEY* key = make_key();
    X509* certificate = make_certificate(key, "zincir test server", from_day, to_day);
    X509_set_issuer_name(certificate, X509_get_subject_name(impl_->certificate));
    add_extension(certificate, impl_->certificate, NID_subject_alt_name, names);
    X509_sign(certificate, impl_->key, EVP_sha256());

    auto impl = std::make_unique<tls_identity::implementation>();
    impl->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(impl->context, certificate);
    SSL_CTX_use_PrivateKey(impl->context, key);
    static constexpr unsigned char session_context[] = "zincir";
    SSL_CTX_set_session_id_context(impl->context, session_context, sizeof session_context - 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return std::make_shared<const tls_identity>(std::move(impl));
}

}  // namespace zincir::testing

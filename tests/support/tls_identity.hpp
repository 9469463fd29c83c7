#pragma once

#include <memory>
#include <string>

namespace zincir::testing {

/// A private key with its certificate, and a server's TLS settings made of them.
class tls_identity {
public:
    struct implementation;
    explicit tls_identity(std::unique_ptr<implementation> impl);
    ~tls_identity();
    const implementation& impl() const noexcept { return *impl_; }

private:
    std::unique_ptr<implementation> impl_;
};

/// A certificate authority made for one test: nobody else trusts it.
class tls_authority {
public:
    tls_authority();
    ~tls_authority();
    /// The authority's own certificate, as PEM.
    std::string pem() const;
    /// An identity for these subject alternative names, such as "DNS:localhost,IP:127.0.0.1". Its validity begins and ends so many
    /// days from now.
    std::shared_ptr<const tls_identity> issue(const std::string& names, int from_day = -1, int to_day = 30) const;

private:
    struct implementation;
    std::unique_ptr<implementation> impl_;
};

}  // namespace zincir::testing

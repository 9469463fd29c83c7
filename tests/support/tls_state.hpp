#pragma once

#include "tls_identity.hpp"

#include <openssl/ssl.h>

namespace zincir::testing {

struct tls_identity::implementation {
    SSL_CTX* context = nullptr;
    ~implementation() { SSL_CTX_free(context); }
};

}  // namespace zincir::testing

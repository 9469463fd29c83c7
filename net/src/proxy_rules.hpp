#pragma once

#include "address.hpp"

#include <zincir/net/beast_transport.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace zincir::detail {

struct proxy_address {
    std::string host{};
    std::uint16_t port = 0;
    secret authorization{};  ///< "Basic …", or empty
};

/// The value of an environment variable, or null.
using environment = std::function<const char*(const char*)>;

/// Which proxy, if any, a request goes through. Immutable.
class proxy_rules {
public:
    /// Throws errc::invalid_argument for a proxy address that cannot be used.
    proxy_rules(const proxy_options& options, const environment& variable);
    /// The proxy for `origin`, or null. Valid while this object lives.
    const proxy_address* proxy_for(const origin_address& origin) const;

private:
    struct rule {
        std::optional<proxy_address> address{};
        bool from_environment = false;
    };
    rule http_{};
    rule https_{};
    std::vector<std::string> direct_{};
};

/// Whether one entry of NO_PROXY covers `origin`.
bool no_proxy_entry_matches(std::string_view entry, const origin_address& origin);

}  // namespace zincir::detail

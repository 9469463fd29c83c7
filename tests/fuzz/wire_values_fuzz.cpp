// Single values of the wire and of the environment: waiting times, dates, addresses, the rules of proxies.

#include "property.hpp"

#include "proxy_rules.hpp"

#include <zincir/llms/retry_after.hpp>

namespace {

using namespace zincir;

template <class F>
void tolerate(F f)
{
    try {
        f();
    } catch (const error& e) {
        testing::require(e.code() == errc::invalid_argument, "what cannot be used is the caller's fault");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace std::chrono;
    const auto text = testing::text_of(data, size);
    const system_clock::time_point now(seconds(1'700'000'000));
    for (const auto* field : {"retry-after", "retry-after-ms"}) {
        http_headers headers;
        headers.add(field, std::string(text));
        const auto wait = parse_retry_after(headers, now);
        testing::require(!wait || *wait >= milliseconds(0), "a wait lies ahead");
    }
    static_cast<void>(parse_http_date(text));
    tolerate([&] {
        const auto parts = detail::split(text);
        const auto origin = detail::parse_origin(parts.origin);
        testing::require(!origin.host.empty() && origin.port != 0, "an origin has a host and a port");
        static_cast<void>(detail::no_proxy_entry_matches(text, origin));
        // What was read is read back alike.
        const auto again = detail::parse_origin((origin.tls ? "https://" : "http://") + origin.host_and_port());
        testing::require(again.host == origin.host && again.port == origin.port && again.tls == origin.tls,
                         "an origin is read back alike");
    });
    tolerate([&] {
        const std::string value(text);
        const detail::proxy_rules rules(proxy_options(), [&](const char* name) -> const char* {
            const std::string_view wanted(name);
            return wanted == "HTTPS_PROXY" || wanted == "https_proxy" || wanted == "NO_PROXY" ? value.c_str() : nullptr;
        });
        const detail::origin_address origin{true, "api.example.org", 443};
        static_cast<void>(rules.proxy_for(origin));
    });
    tolerate([&] { detail::check_field(text.substr(0, size / 2), text.substr(size / 2)); });
    return 0;
}

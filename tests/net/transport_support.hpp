#pragma once

#include "loopback_server.hpp"

#include <zincir/core/error.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/net/beast_transport.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>

namespace zincir {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::loopback_peer;
using testing::loopback_server;

inline beast_transport_options direct()
{
    beast_transport_options options;
    options.proxy.from_environment = false;
    return options;
}

inline http_request post(std::string url, std::string body = "{}")
{
    http_request request;
    request.url = std::move(url);
    request.body = std::move(body);
    return request;
}

struct whole_response {
    unsigned status = 0;
    http_headers headers{};
    std::string body{};
};

inline awaitable<whole_response> fetch(http_transport& transport, http_request request, run_context ctx = run_context())
{
    auto response = co_await transport.send(std::move(request), std::move(ctx));
    whole_response whole;
    whole.status = response.status;
    whole.headers = std::move(response.headers);
    whole.body = co_await read_all(std::move(response.body), std::size_t(1) << 30);
    co_return whole;
}

inline whole_response get(http_transport& transport, http_request request, run_context ctx = run_context())
{
    return sync_wait(fetch(transport, std::move(request), std::move(ctx)));
}

/// What the call throws; fails the test where it throws nothing.
template <class Call>
error failure_of(Call call)
{
    try {
        call();
    } catch (const error& e) {
        return e;
    }
    ADD_FAILURE() << "nothing was thrown";
    return error(errc::invalid_argument, "nothing was thrown");
}

inline error failure_of(http_transport& transport, http_request request, run_context ctx = run_context())
{
    return failure_of([&] { get(transport, std::move(request), std::move(ctx)); });
}

}  // namespace zincir

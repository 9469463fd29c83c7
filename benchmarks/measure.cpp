#include "measure.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace measure {
namespace {

double cpu_seconds()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// From /proc and not from getrusage, whose peak includes that of the program that started this one.
std::int64_t resident_bytes(const char* field)
{
    long long kilobytes = 0;
    if (auto* file = std::fopen("/proc/self/status", "r")) {
        char line[256];
        while (std::fgets(line, sizeof line, file) != nullptr)
            if (std::strncmp(line, field, std::strlen(field)) == 0)
                kilobytes = std::atoll(line + std::strlen(field));
        std::fclose(file);
    }
    return kilobytes * 1024;
}

// How many connections the mock has accepted, without the one that asks. Nothing where the server is not the mock.
std::optional<std::int64_t> accepted_connections(const arguments& a)
{
    addrinfo* found = nullptr;
    if (::getaddrinfo(a.host.c_str(), a.port.c_str(), nullptr, &found) != 0)
        return std::nullopt;
    const int fd = ::socket(found->ai_family, SOCK_STREAM, 0);
    const bool connected = ::connect(fd, found->ai_addr, found->ai_addrlen) == 0;
    ::freeaddrinfo(found);
    std::string reply;
    if (connected) {
        const std::string request = "GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n";
        (void)!::write(fd, request.data(), request.size());
        char buffer[2048];
        const auto got = ::read(fd, buffer, sizeof buffer);
        reply.assign(buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
    ::close(fd);
    constexpr std::string_view key = "\"connections\":";
    const auto at = reply.find(key);
    if (at == std::string::npos)
        return std::nullopt;
    static std::int64_t own = 0;
    return std::atoll(reply.c_str() + at + key.size()) - ++own;
}

[[noreturn]] void explain(const char* program)
{
    std::fprintf(stderr, "usage: %s http://HOST:PORT/PATH TOTAL CONCURRENCY STREAM(0|1)\n", program);
    std::exit(2);
}

}  // namespace

arguments parse(int argc, char** argv)
{
    constexpr std::string_view scheme = "http://";
    if (argc != 5 || !std::string_view(argv[1]).starts_with(scheme))
        explain(argv[0]);
    arguments a;
    a.url = argv[1];
    std::string_view rest(a.url);
    rest.remove_prefix(scheme.size());
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto authority = rest.substr(0, slash);
    const auto colon = authority.find(':');
    a.host = authority.substr(0, colon);
    a.port = colon == std::string_view::npos ? "80" : authority.substr(colon + 1);
    a.path = rest.substr(slash);
    while (a.path.ends_with('/'))
        a.path.pop_back();
    a.total = std::strtoul(argv[2], nullptr, 10);
    a.concurrency = std::strtoul(argv[3], nullptr, 10);
    a.streams = argv[4][0] == '1';
    if (a.total == 0 || a.concurrency == 0)
        explain(argv[0]);
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    return a;
}

recorder::recorder(const arguments& a) : arguments_(a)
{
    latencies_.reserve(a.total + a.concurrency);
    connections_before_ = accepted_connections(a);
    resident_before_ = resident_bytes("VmRSS:");
}

void recorder::begin()
{
    latencies_.clear();
    deltas_ = 0;
    wall_ = clock::now();
    cpu_ = cpu_seconds();
}

void recorder::end()
{
    const auto cpu = cpu_seconds() - cpu_;
    const auto wall = std::chrono::duration<double>(clock::now() - wall_).count();
    const auto peak = resident_bytes("VmHWM:");
    if (latencies_.empty())
        std::exit(1);
    std::sort(latencies_.begin(), latencies_.end());
    const auto quantile = [&](double q) {
        const auto at = static_cast<std::size_t>(q * static_cast<double>(latencies_.size() - 1));
        return std::chrono::duration<double, std::milli>(latencies_[at]).count();
    };
    const auto calls = static_cast<double>(latencies_.size());
    const auto deltas = static_cast<double>(deltas_);
    std::string connections = "null";
    if (connections_before_)
        connections = std::to_string(accepted_connections(arguments_).value_or(0) - *connections_before_);
    std::printf(
        "{\"requests\":%zu,\"requests_per_second\":%.1f,\"cpu_us_per_request\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
        "\"peak_rss_mb\":%.2f,\"connections\":%s,\"deltas_per_second\":%.0f,\"deltas_per_cpu_second\":%.0f,"
        "\"kb_per_call_in_flight\":%.2f}\n",
        latencies_.size(), calls / wall, cpu / calls * 1e6, quantile(0.5), quantile(0.99), static_cast<double>(peak) / 1048576.0,
        connections.c_str(), deltas / wall, cpu > 0 ? deltas / cpu : 0.0,
        static_cast<double>(peak - resident_before_) / 1024.0 / static_cast<double>(arguments_.concurrency));
}

}  // namespace measure

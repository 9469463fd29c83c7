#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace measure {

/// What every client program of the benchmarks is told: `URL TOTAL CONCURRENCY STREAM(0|1)`.
struct arguments {
    std::string host{};
    std::string port{};
    std::string path{};  ///< of the base URL, without a slash at its end
    std::string url{};
    std::size_t total = 0;
    std::size_t concurrency = 1;
    bool streams = false;
};

/// Ends the program with a message where the arguments are none. Raises the limit of open files, too.
arguments parse(int argc, char** argv);

/// Collects one run's numbers and prints them. `begin()` comes after the warm-up, in which every worker makes one call.
class recorder {
public:
    using clock = std::chrono::steady_clock;

    explicit recorder(const arguments& a);
    void begin();
    /// A call that began at `start` is done.
    void add(clock::time_point start, std::size_t deltas)
    {
        latencies_.push_back(clock::now() - start);
        deltas_ += deltas;
    }
    /// Prints one line of JSON to standard output.
    void end();

private:
    const arguments& arguments_;
    std::int64_t resident_before_ = 0;  // bytes
    std::optional<std::int64_t> connections_before_{};
    clock::time_point wall_{};
    double cpu_ = 0;  // seconds
    std::vector<clock::duration> latencies_{};
    std::size_t deltas_ = 0;
};

}  // namespace measure

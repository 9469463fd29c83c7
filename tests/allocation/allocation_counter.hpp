#pragma once

#include <cstddef>

namespace zincir::testing {

/// How often, and how much, the calling thread has allocated since it began. Linking allocation_counter.cpp replaces every global
/// operator new of the program, and `aligned_alloc`, from which Asio takes coroutine frames.
struct allocations {
    std::size_t count = 0;
    std::size_t bytes = 0;

    static allocations so_far() noexcept;
    friend allocations operator-(const allocations& a, const allocations& b) { return {a.count - b.count, a.bytes - b.bytes}; }
};

/// The most that the calling thread held at one time, above what it held when this was made, of what operator new gave it. One at
/// a time.
class peak_bytes {
public:
    peak_bytes() noexcept;
    std::size_t so_far() const noexcept;

private:
    std::ptrdiff_t at_start_;
};

}  // namespace zincir::testing

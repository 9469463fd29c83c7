#pragma once

#include "allocation_counter.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

/// Reports the allocations between its construction and `done`, per operation.
class count_allocations {
public:
    void done(benchmark::State& state, std::size_t operations)
    {
        const auto made = zincir::testing::allocations::so_far() - before_;
        const auto each = static_cast<double>(operations);
        state.counters["allocs"] = static_cast<double>(made.count) / each;
        state.counters["bytes"] = static_cast<double>(made.bytes) / each;
        state.SetItemsProcessed(static_cast<std::int64_t>(operations));
    }

private:
    zincir::testing::allocations before_ = zincir::testing::allocations::so_far();
};

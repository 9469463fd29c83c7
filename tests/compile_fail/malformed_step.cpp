#include <zincir/core/chain.hpp>

struct counter : zincir::step<int, int> {
    int invoke(int) const;
};

auto chain = counter() | [](int n) { return n; };

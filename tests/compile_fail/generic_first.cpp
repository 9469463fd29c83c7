#include <zincir/core/chain.hpp>

auto chain = [](auto x) { return x; } | zincir::make_step([](int n) { return n; });

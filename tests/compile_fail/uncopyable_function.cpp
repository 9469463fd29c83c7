#include <zincir/core/chain.hpp>

auto chain = zincir::make_step([](int n) { return n; }) | [p = std::make_unique<int>(1)](int n) { return n + *p; };

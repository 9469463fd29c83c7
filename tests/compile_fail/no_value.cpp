#include <zincir/core/chain.hpp>

auto chain = zincir::make_step([](int n) { return n; }) | [](int) {};

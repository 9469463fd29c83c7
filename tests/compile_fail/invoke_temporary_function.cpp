#include <zincir/core/chain.hpp>

auto call = zincir::make_step([](int n) { return n; }).invoke(1);

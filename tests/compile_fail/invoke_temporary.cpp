// The coroutine would outlive the sequence it runs.
#include <zincir/core/chain.hpp>

auto call = (zincir::make_step([](int n) { return n; }) | [](int n) { return n; }).invoke(1);

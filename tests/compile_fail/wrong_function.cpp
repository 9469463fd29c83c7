// Text into a function that wants numbers.
#include <zincir/core/chain.hpp>

#include <string>
#include <vector>

auto chain = zincir::make_step([](int) { return std::string(); }) | [](std::vector<int> v) { return v; };

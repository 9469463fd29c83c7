// Text into a step that wants numbers.
#include <zincir/core/chain.hpp>

#include <string>
#include <vector>

auto chain = zincir::make_step([](int) { return std::string(); }) | zincir::make_step([](std::vector<int> v) { return v; });

// A struct without a description.
#include <zincir/core/described.hpp>

struct poem {
    int stars = 0;
};
auto value = zincir::from_json<poem>(zincir::json::value());

// Nobody said how chunks of this type add up.
#include <zincir/core/stream.hpp>

struct my_chunk {};
auto sum = zincir::collect(zincir::stream<my_chunk>());

// Chunks that differ from the output, and no stream() to make them.
#include <zincir/core/chain.hpp>

struct counting : zincir::step<int, std::string, int> {
    zincir::awaitable<std::string> invoke(int, zincir::run_context) const { co_return ""; }
};
auto pieces = zincir::stream_of(counting(), 1, zincir::run_context());

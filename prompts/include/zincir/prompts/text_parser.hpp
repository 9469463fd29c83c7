#pragma once

#include <zincir/core/message_chunk.hpp>
#include <zincir/core/sequence.hpp>

namespace zincir {

/// A reply's text. Streams: each piece of text as it comes, none empty; reasoning is left out. A refusal is errc::refusal.
class text_parser : public step<message, std::string> {
public:
    awaitable<std::string> invoke(message reply, run_context ctx = {}) const;
    zincir::stream<std::string> transform(zincir::stream<message_chunk> pieces, run_context ctx) const;
    std::string_view step_name() const noexcept { return "to_text"; }
};

inline text_parser to_text() { return {}; }

}  // namespace zincir

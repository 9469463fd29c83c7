#pragma once

#include <zincir/core/message_chunk.hpp>
#include <zincir/core/sequence.hpp>

namespace zincir {

/// A reply's text. Streams: each piece of text as it comes, none empty; reasoning is left out. A refusal is errc::refusal.
class text_parser : public step<message, std::string> {
public:
    /// The text of one stream: each piece as it comes.
    class pieces {
    public:
        std::optional<std::string> next(message_chunk chunk);
        std::optional<std::string> finish();

    private:
        std::string refused_{};
    };

    awaitable<std::string> invoke(message reply, run_context ctx = {}) const;
    pieces transformer() const noexcept { return {}; }
    std::string_view step_name() const noexcept { return "to_text"; }
};

inline text_parser to_text() { return {}; }

}  // namespace zincir

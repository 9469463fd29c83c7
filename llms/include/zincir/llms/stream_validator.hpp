#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/message_chunk.hpp>
#include <zincir/core/stream.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace zincir::testing {

/// Checks what a stream of chunks yields against the contract of message_chunk; for tests of decoders, backends and relays.
///
/// A block opens once, grows only while open, closes once and keeps its kind; a tool call opens with an id and a name, and no id
/// comes twice; text is UTF-8 once its block is closed; a good end follows a finish reason, which only the last chunk carries, and
/// leaves no block open (but a tool call that a token limit cut); an error comes last, once, after no finish reason, and its
/// partial message has the text and the whole calls that were delivered; what the chunks hold is what their fold holds; nothing
/// follows an end. Each breach is one line of `violations()`. For one stream; not thread-safe.
class stream_validator {
public:
    void chunk(const message_chunk& c);
    void error(const zincir::error& e);
    void end();

    bool ok() const noexcept { return violations_.empty(); }
    const std::vector<std::string>& violations() const noexcept { return violations_; }
    /// All of them, one a line.
    std::string report() const;
    bool ended_well() const noexcept { return over_ && !failed_; }
    bool failed() const noexcept { return failed_; }
    /// The sum of the chunks.
    message fold() const;

private:
    struct block {
        message_chunk::kind what;
        std::string text{};
        std::string call_id{};
        std::string call_name{};
        bool closed = false;
    };
    void breach(std::string what) { violations_.push_back(std::move(what)); }
    void check_conserved(const message& sum, std::string_view whose);

    std::map<std::uint32_t, block> blocks_{};
    std::vector<message_chunk> chunks_{};
    std::vector<std::string> violations_{};
    finish_reason finish_ = finish_reason::none;
    bool over_ = false;
    bool failed_ = false;
};

/// Reads `pieces` to their end, or to their error, and says how it went. Throws nothing that the stream throws.
awaitable<stream_validator> validated(stream<message_chunk> pieces);

}  // namespace zincir::testing

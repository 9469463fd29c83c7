#pragma once

#include <zincir/core/message.hpp>
#include <zincir/core/stream.hpp>

#include <cstdint>
#include <memory>

namespace zincir {

/// What a chunk says beside its text: set on few chunks of a stream, so it lives apart.
struct chunk_facts {
    std::string call_id{};    ///< on the chunk that opens a tool call
    std::string call_name{};  ///< likewise
    std::optional<zincir::usage> usage{};
    finish_reason finish = finish_reason::none;
    std::string raw_finish{};
    std::string id{};
    std::string model{};
    std::vector<std::string> warnings{};
    json::object metadata{};  ///< adds up by merge_json()
    json::object details{};   ///< of the reasoning block
};

/// A piece of a reply. Chunks of one stream add up to the message that the same reply would have been, sent whole.
///
/// The blocks of the message are numbered; a block opens once, grows only while open, and closes once. A tool call's chunk delta is
/// argument text. The last chunk of a good stream carries the finish reason; usage may come with it or before.
class message_chunk {
public:
    enum class kind : std::uint8_t { text, reasoning, refusal, tool_call, facts };

    message_chunk() = default;
    /// A piece of text of block `index`.
    explicit message_chunk(std::string text, std::uint32_t index = 0) : block(index), what(kind::text), delta(std::move(text)) {}

    std::uint32_t block = 0;  ///< which block it belongs to; no meaning for `facts`
    kind what = kind::facts;
    bool opens = false;   ///< first chunk of its block
    bool closes = false;  ///< last chunk of its block
    std::string delta{};
    std::shared_ptr<const chunk_facts> facts{};

    /// The delta, if it is text; else nothing.
    std::string_view text() const noexcept { return what == kind::text ? std::string_view(delta) : std::string_view(); }
};

/// Adds chunks up. `take()` is the message so far: after the last chunk of a good stream it is the whole reply, before that a
/// partial one (status failed), from which open tool calls are left out. A reasoning block comes first, whenever it arrived. Does
/// not check the chunks: testing::stream_validator does.
class message_builder {
public:
    /// Throws errc::invalid_argument where facts contradict earlier ones: see merge_json().
    void add(message_chunk chunk);
    /// The message so far. The builder is empty afterwards.
    message take();
    /// The message so far, marked with `status`; the builder goes on.
    message partial(message_status status) const;

private:
    struct open_block {
        std::uint32_t index;
        bool closed;
        content_block block;
    };
    static message assemble(std::vector<open_block> blocks, message head, bool finished);
    std::vector<open_block> blocks_;
    message head_ = message(role::assistant, zincir::content());
    bool finished_ = false;
};

template <>
struct stream_traits<message_chunk> {
    using sum_type = message_builder;
    static void add(message_builder& sum, message_chunk&& chunk) { sum.add(std::move(chunk)); }
    static message finish(message_builder&& sum) { return sum.take(); }
};

/// Adds `right` to `left` as chunks of one reply add up: strings append (an equal `id` stays), equal numbers stay and unequal
/// integers add (`index`, `created` and `timestamp` are replaced), objects merge, array elements with equal `index` and compatible
/// ids merge and keep their `type`, others append; null changes nothing. Throws errc::invalid_argument where two values contradict
/// each other; `left` then has what came before. (The rule of LangChain's merge_dicts.)
void merge_json(json::object& left, const json::object& right);

}  // namespace zincir

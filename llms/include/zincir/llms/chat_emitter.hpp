#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/message_chunk.hpp>
#include <zincir/llms/tool_call_assembler.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

/// How a reply ended. Only a chat_emitter makes one, by its rules: whoever holds a good end knows that the provider said so.
class chat_end {
public:
    bool good() const noexcept { return !failure_; }
    /// Why it failed; diagnostics::partial has what came. Only for an end that is not good.
    const error& failure() const { return *failure_; }

private:
    friend class chat_emitter;
    chat_end() = default;
    explicit chat_end(error e) : failure_(std::move(e)) {}
    std::optional<error> failure_{};
};

/// What a provider may do at the end of a reply, and how large a reply may be. Beyond a limit: errc::limit_exceeded.
struct emission_rules {
    std::string provider{};                   ///< for diagnostics
    bool done_without_finish_reason = false;  ///< the end mark alone ends a reply of at least one event, with a warning
    std::size_t max_text_bytes = std::size_t{64} << 20;
    std::size_t max_tool_calls = 1024;
    std::size_t max_argument_bytes = std::size_t{16} << 20;
    std::size_t max_idle_events = 1'000'000;  ///< events in a row without content
};

/// Turns what a decoder reads into chunks and into the one end of a reply. Does no I/O.
///
/// The decoder says what it found; the reader of the connection says that the bytes ended, and takes chunks and the end. The
/// end is the emitter's alone to decide: good only after a finish reason; an end mark or the end of the bytes before it is
/// errc::truncated. Before an error whole tool calls are closed and delivered, unfinished ones are dropped. After the end, whatever
/// is said is ignored. Of one reply and one strand: not thread-safe. Views are valid during the call.
///
/// Blocks are numbered by kind, so that a stream adds up to the message of the same reply sent whole: reasoning is 0, text 1,
/// refusal 2, tool calls follow in the order of their first fragments.
class chat_emitter {
public:
    enum class mode { chunks, whole };  ///< whole: no chunks are kept, take() has the message

    explicit chat_emitter(emission_rules rules = emission_rules(), mode m = mode::chunks);

    // For decoders. Empty texts are no events.
    void text(std::string_view delta);
    void reasoning(std::string_view delta);
    void refusal(std::string_view delta);
    /// Adds to what the provider wants back with its reasoning: entries of equal `type` and `index` are one.
    void reasoning_details(const json::array& entries);
    void tool_call(const tool_call_fragment& fragment);
    void usage(const zincir::usage& counted);  ///< the last one stands
    void id(std::string_view value);           ///< the first one stands, of the model too
    void model(std::string_view value);
    void finish(finish_reason reason, std::string_view raw);        ///< the first one stands
    void logprobs(const json::object& piece);                       ///< lists append; sent on at once
    void metadata(std::string_view key, const json::value& value);  ///< the last value of a key stands
    /// The value kept under `key`, to be added to in place; null where there is none, and after the end.
    json::value* held_metadata(std::string_view key) noexcept;
    void warn(std::string warning);
    /// An event of the provider's protocol was understood, whether or not it held content.
    void modelled() noexcept { modelled_ = true; }
    /// The provider's own end mark, such as [DONE].
    void done();
    /// An error inside the reply.
    void fail(error e);

    const reply_info& info() const noexcept { return info_; }
    /// `none` until the provider named one.
    finish_reason finish_so_far() const noexcept { return finish_; }
    bool was_modelled() const noexcept { return modelled_; }
    bool has_tool_calls() const noexcept { return !calls_.empty(); }
    /// Usage came with the finish reason or after it: no later count is to be expected.
    bool counted_at_end() const noexcept { return counted_at_end_; }

    // For the reader.
    /// The bytes ended, as they should.
    void end_of_input();
    /// The bytes ended by a failure of the connection. After a finish reason the reply is good all the same, with a warning.
    void end_of_input(error why);
    /// The next chunk, or nullopt: look at end(), else read on.
    std::optional<message_chunk> pop();
    bool waiting() const noexcept { return next_ != queue_.size(); }  ///< pop() has a chunk
    /// Null while the reply goes on. Chunks may still be waiting.
    const chat_end* end() const noexcept { return end_ ? &*end_ : nullptr; }
    /// Counts calls that brought content: text, reasoning, refusal, tool calls, the finish reason.
    std::size_t contents() const noexcept { return contents_; }
    /// Tells that one event was decoded, whatever was in it.
    void count_event();
    /// The whole reply after a good end. Once.
    message take();
    const emission_rules& rules() const noexcept { return rules_; }
    /// What came so far.
    message partial(message_status status) const;

private:
    struct block {
        std::string text{};
        bool opened = false;
    };
    struct call_state {
        std::size_t shown = 0;  // bytes of the arguments that chunks have carried
        bool opened = false;
        bool closed = false;
    };

    void grow(message_chunk::kind kind, std::string_view delta);
    void push(message_chunk chunk);
    void show_call(std::size_t position);
    bool close_call(std::size_t position);
    void close_blocks();
    void end_well();
    void end_badly(error e);
    void keep_unfinished_calls();
    void add_content(message& m, bool open_calls_too) const;
    std::string mint_id();

    emission_rules rules_;
    mode mode_;
    std::array<block, 3> blocks_{};
    json::array details_{};
    json::object logprobs_{};
    tool_call_assembler calls_{};
    std::vector<call_state> call_states_{};
    reply_info info_{};
    finish_reason finish_ = finish_reason::none;
    std::vector<message_chunk> queue_{};
    std::size_t next_ = 0;
    std::size_t text_bytes_ = 0;
    std::size_t contents_ = 0;
    std::size_t contents_then_ = 0;
    std::size_t idle_events_ = 0;
    bool modelled_ = false;
    bool counted_at_end_ = false;
    std::optional<chat_end> end_{};
};

}  // namespace zincir

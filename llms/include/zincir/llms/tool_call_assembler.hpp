#pragma once

#include <zincir/core/content.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

/// A piece of a tool call as it comes over the wire. Views are needed during the call only.
struct tool_call_fragment {
    std::optional<std::int64_t> index{};  ///< absent where the provider numbers nothing
    std::string_view id{};                ///< "" and "null" count as none
    std::string_view name{};
    std::string_view arguments{};  ///< JSON text, or a piece of it
};

/// Joins fragments to tool calls. Does no I/O, knows no provider.
///
/// A fragment belongs to the call with its id, else to the latest one with its index, else to the latest. It begins a new call
/// where it names another tool or brings another id for a call that is whole already: some servers number every call 0, give every
/// chunk a fresh id, give two calls one id, repeat id and name in each chunk, or send the name last. Has no limits: chat_emitter
/// does.
class tool_call_assembler {
public:
    struct call {
        std::optional<std::int64_t> index{};
        std::string id{};
        std::string name{};
        std::string arguments{};  ///< as it came, unfinished
        std::size_t fragments = 0;
        bool fixed = false;  ///< id and name were shown to somebody: neither changes any more
    };

    /// Adds a fragment and returns the position of its call, which never changes.
    std::size_t add(const tool_call_fragment& fragment);

    std::size_t size() const noexcept { return calls_.size(); }
    bool empty() const noexcept { return calls_.empty(); }
    call& operator[](std::size_t position) { return calls_[position]; }
    const call& operator[](std::size_t position) const { return calls_[position]; }

    /// Argument text is one JSON object from its first to its last byte: nothing that could follow belongs to it.
    static bool is_whole(std::string_view arguments);
    /// What a caller is given: "" and "null" become "{}", an object that was encoded twice is decoded once, all else stays.
    static std::string finished(std::string_view arguments);

private:
    std::size_t locate(const tool_call_fragment& fragment, std::string_view id, bool& renamed) const;
    std::string unused_id(std::string_view id) const;

    std::vector<call> calls_;
};

}  // namespace zincir

#pragma once

#include "chat_template_messages.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace zincir::detail {

template <class Block>
bool holds(const message& m)
{
    return std::any_of(m.content.begin(), m.content.end(), [](const content_block& b) { return std::holds_alternative<Block>(b); });
}

/// A call of a conversation, and how a template is given it.
struct call_for_template {
    const tool_call* call = nullptr;
    std::size_t turn = 0;                       ///< the message that holds it
    const tool_result_block* result = nullptr;  ///< null where none follows
    std::string id{};                           ///< as the template takes it
    bool as_text = false;
    bool told = false;  ///< its result is written
};

/// The calls of a conversation with their results: a result belongs to the first call with its id that waits for one, in the reply
/// that it follows.
class calls_for_template {
public:
    /// Throws errc::invalid_argument for a call in a message that is no reply and for a text that is not UTF-8.
    calls_for_template(const messages& turns, const chat_template_shape& shape);

    std::vector<call_for_template*> of_turn(std::size_t turn);
    /// Null for a result that no call waits for.
    call_for_template* asking_for(const tool_result_block& result) noexcept;

private:
    void pair(const messages& turns);
    void shorten_ids();

    std::vector<call_for_template> calls_{};  // in the order of the messages
    std::map<const tool_result_block*, std::size_t> asking_{};
};

}  // namespace zincir::detail

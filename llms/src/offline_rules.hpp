#pragma once

#include <zincir/core/chat_request.hpp>

#include <string>
#include <vector>

namespace zincir::detail::offline {

/// What the rules answer to a request: a text for people, JSON for a program, or tool calls.
struct answer {
    std::string text{};
    bool is_json = false;
    std::vector<tool_call> calls{};
    std::string rule{};  ///< which rule fitted: "summarise", "improve", "translate", "repeat", "find", "tool_result", "tool",
                         ///< "json", "none"
    std::vector<std::string> warnings{};
};

answer answer_request(const chat_request& request);

/// `text` without the lines by which the offline model introduces itself.
std::string without_notice(std::string_view text);

}  // namespace zincir::detail::offline

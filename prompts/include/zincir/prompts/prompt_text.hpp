#pragma once

#include <zincir/core/message.hpp>

#include <string>
#include <string_view>

namespace zincir {

/// The words that stand for the roles in a transcript.
struct transcript_words {
    std::string system = "System";
    std::string user = "Human";
    std::string assistant = "AI";
    std::string tool = "Tool";
    std::string separator = "\n";  ///< between two messages
};

/// A conversation as one text, "Human: …" line by line, for models that take no messages: the texts, behind them an assistant's
/// tool calls as JSON. Pictures, sounds, files and reasoning have no place in it.
std::string to_string(const messages& turns, const transcript_words& words = transcript_words());
/// A text as a conversation: one user message.
messages to_messages(std::string text);

/// Messages for people to read: each below a title with its role, pictures and the like by their type and size.
std::string pretty(const messages& turns);
std::string pretty(const message& turn);

namespace detail {
/// The title of one message: its words amid 80 equals signs.
std::string pretty_title(std::string_view words);
}  // namespace detail

}  // namespace zincir

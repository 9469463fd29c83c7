#pragma once

#include <zincir/core/message.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

/// Roughly how many tokens a text is, mostly within two fifths of GPT-4's and GPT-4o's own counts for sentences (up to twice as
/// many for Cyrillic, Greek and Georgian): an English word of up to seven letters is one and each four letters more another, three
/// digits are one, a mark 0.7; of other scripts a letter is 0.5 (Greek, Cyrillic) to 1 (Chinese), an emoji 2. For budgets and
/// comparisons, never for billing.
std::size_t approximate_tokens(std::string_view text);
/// Likewise, with four for each message and OpenAI's figures for pictures: 85 at low detail, else 765. Sounds and files count
/// nothing: what they take cannot be told from their bytes.
std::size_t approximate_message_tokens(const messages& turns);

/// What of a prompt is the same in every call: providers keep what they read of a request's beginning (a prefix cache, mostly of
/// 1024 tokens and more), and charge less for it when the next request begins alike. Tokens are approximate_tokens'.
struct prompt_explanation {
    struct row {
        std::string part{};                    ///< "text", "message 0 (system)", "placeholder {history}"
        std::size_t tokens = 0;                ///< of the text that is written in the template
        std::vector<std::string> variables{};  ///< whose tokens come on top
        bool constant = false;                 ///< the same in every call
    };
    std::vector<row> rows{};
    std::size_t tokens = 0;         ///< of all rows
    std::size_t prefix_tokens = 0;  ///< of the beginning that is the same in every call
    std::string prefix{};           ///< its text, of messages one behind the other
    std::string ended_by{};         ///< "{date} in message 0 (system)"; empty where the whole prompt is constant
    std::vector<std::string> warnings{};
};

/// As a table for people.
std::string to_string(const prompt_explanation& e);

}  // namespace zincir

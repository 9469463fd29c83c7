#pragma once

#include <zincir/core/chat_model.hpp>

#include <chrono>
#include <string_view>

namespace zincir {

/// The first line of every text that the offline model writes, so that nobody takes it for a language model's. Replies in JSON and
/// tool calls do not carry it: there `message::model` is "offline" and `metadata["offline"]` is true.
inline constexpr std::string_view offline_notice = "[zincir offline model: fixed rules, no language model]";

/// The model that is always there: in process, deterministic, without network, key or weights. It lets programs, examples and
/// tests run anywhere; it is no language model and says so. What it understands, in English and Turkish:
///
/// - *summarise* a text: its most telling sentences, word for word (SumBasic), as many as asked for;
/// - *improve, rewrite, correct* a text: spacing, doubled words, sentence starts and ends;
/// - *translate*: says that it cannot, and keeps the text; *repeat*: does;
/// - a question: the sentence of the conversation or of the given context that shares most words with it;
/// - `response_format`: an instance of the JSON Schema, filled with words and numbers of the prompt. `pattern` is met only if a
///   word of the prompt does; keywords that are not looked at are named in the reply's warnings;
/// - tools: calls the one whose name or description the prompt mentions, then answers with its result;
/// - anything else: says what it was asked.
///
/// Text in any script passes through unharmed and is never cut inside a code point. Replies stream word by word, with `pause`
/// between two words. `max_output_tokens` and `stop` are honoured; settings without meaning here are listed in the warnings. Usage
/// is an estimate (a token is about four characters) and says so in `metadata["usage_is_estimate"]`. A cancelled call
/// ends in its pause, one past its deadline before its next word.
chat_model offline_model(chat_options defaults = chat_options(), std::chrono::milliseconds pause = std::chrono::milliseconds(0));

}  // namespace zincir

#pragma once

#include <zincir/llms/chat_emitter.hpp>
#include <zincir/llms/openai_decoder.hpp>

#include <boost/json/value.hpp>

namespace zincir::detail {

/// Tells `out` what one parsed reply or chunk says. `whole`: it is the whole body, not a chunk of a stream. Candidates other than
/// the first are added up in `other_choices`. Returns false where nothing of it was understood.
bool read_openai_reply(const json::value& reply, bool whole, const openai_reply_rules& rules, json::array& other_choices,
                       chat_emitter& out);

/// null, "", {} or []: says nothing, and is not kept.
bool says_nothing(const json::value& v);

/// Whether a text in `v` holds the key, and `v` without it.
bool holds_key(const json::value& v, const secret& key);
json::value without_key(const json::value& v, const secret& key);

/// `text` with every unpaired surrogate escape replaced by the escape of U+FFFD.
std::string with_paired_surrogates(std::string_view text);

}  // namespace zincir::detail

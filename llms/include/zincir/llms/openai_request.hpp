#pragma once

#include <zincir/core/chat_request.hpp>
#include <zincir/llms/openai_profile.hpp>

#include <string>
#include <vector>

namespace zincir {

/// The body of a chat-completions request, and what could not be put into it.
struct encoded_openai_chat {
    std::string body{};
    std::vector<std::string> warnings{};
};

/// Writes `request` as `profile` wants it. Pure.
///
/// Each setting that is set ends in the body or in a warning that names it. Where leaving it out would change what the call means
/// (tools, a forced tool choice, several replies in a stream, too many stop sequences), errc::unsupported says so instead.
/// errc::invalid_argument for a number that JSON cannot say and for text that is not UTF-8.
///
/// *Order of precedence*, later wins: the profile's spellings, the model's settings, the call's settings (`chat_model::with`), then
/// `chat_options::extra`, merged member by member: objects merge, everything else is replaced, null is sent as null.
///
/// `takes_temperature` is false for models known to take none (model_profile::temperature).
encoded_openai_chat encode_openai_chat(const chat_request& request, const openai_profile& profile, bool streamed,
                                       bool takes_temperature = true);

}  // namespace zincir

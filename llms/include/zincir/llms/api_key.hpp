#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/secret.hpp>
#include <zincir/llms/openai_profile.hpp>

#include <string_view>

namespace zincir {

/// `text` as a key, or errc::authentication that says what is wrong with it: empty, white space, quotation marks, line breaks,
/// control characters, anything but ASCII. `whose` is what the message calls it, such as "GROQ_API_KEY". The key itself is in no
/// message.
result<secret> try_check_key(std::string_view text, std::string_view whose);

/// The provider's key from the environment variable of its profile. Empty where the variable is not set and the profile needs no
/// key; else throws errc::authentication, which says which variable to set and where to get a key.
secret key_from_environment(const openai_profile& profile);

}  // namespace zincir

#pragma once

#include <zincir/core/chat_model.hpp>
#include <zincir/llms/openai_profile.hpp>
#include <zincir/net/http_transport.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace zincir {

/// A model by its name:
///
/// - `groq:llama-3.3-70b-versatile`: a model of a provider; the provider alone takes its default model
/// - `http://host:8080/v1`, `https://…/v1#model`: a gateway that speaks OpenAI's API; the key in OPENAI_COMPATIBLE_API_KEY, if set
/// - `local`: the llama.cpp server at ZINCIR_LOCAL_URL, else at http://127.0.0.1:8080/v1
/// - `offline`: the built-in model, which is no language model
///
/// Providers: see builtin_profiles(). The key comes from the provider's environment variable and is checked at once; its address
/// may be replaced by the profile's URL variable. Without a transport the model has a pool of connections of its own.
///
/// Throws errc::invalid_argument for a name that is none, which says what there is and what is nearest; errc::authentication for a
/// missing or unusable key. Sends nothing. A file of ZINCIR_MODELS that cannot be read is an error of the model's first use.
chat_model init_chat_model(std::string_view spec, chat_options defaults = chat_options(),
                           std::shared_ptr<http_transport> transport = nullptr);

/// A model of a provider that `profile` describes. An empty `key` is taken from the environment as the profile says. Throws as
/// init_chat_model for the key, and errc::invalid_argument where the profile's URL variable holds no address.
chat_model chat_model_of(openai_profile profile, chat_options defaults = chat_options(),
                         std::shared_ptr<http_transport> transport = nullptr, secret key = secret());

/// A gateway that speaks OpenAI's API at `base_url`, such as "http://localhost:8080/v1"; a model's name may follow after a `#`.
/// Without `key` none is sent. Throws errc::authentication for an unusable one.
chat_model openai_compatible(std::string base_url, chat_options defaults = chat_options(),
                             std::shared_ptr<http_transport> transport = nullptr, secret key = secret());

}  // namespace zincir

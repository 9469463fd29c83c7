#pragma once

#include <zincir/llms/chat_codec.hpp>
#include <zincir/llms/openai_decoder.hpp>
#include <zincir/llms/openai_profile.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace zincir {

/// What is known about a model by its name, without the provider. Called from any thread.
using model_lookup = std::function<model_profile(std::string_view model)>;

/// The OpenAI chat-completions API as one provider speaks it: joins the encoder of requests and the decoder of replies.
///
///     http_chat_backend<openai_chat_codec> backend(openai_chat_codec(*find_profile("groq"), secret(key)), transport);
///
/// The profile's default_model answers requests that name none. encode() throws as encode_openai_chat(). Immutable and thread-safe,
/// if `models` is; copies share everything.
class openai_chat_codec {
public:
    /// `headers` go with every request, beside the codec's own. Without `models` nothing is known about any model.
    explicit openai_chat_codec(openai_profile profile, secret key = secret(), model_lookup models = model_lookup(),
                               http_headers headers = http_headers());

    encoded_chat_request encode(const chat_request& request, bool streamed) const;
    std::unique_ptr<chat_decoder> decoder(const chat_request& request) const;
    emission_rules rules() const;
    model_profile profile(std::string_view request_model) const;
    /// "provider:model"
    std::string name() const;

    const openai_profile& provider() const noexcept;
    /// Where requests go.
    const std::string& url() const noexcept;

private:
    struct shared_state;
    std::shared_ptr<const shared_state> state_;
};

}  // namespace zincir

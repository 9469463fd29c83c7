#pragma once

#include <zincir/core/message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace zincir {

struct chat_request;

/// What a model can do. Absent means unknown, and an unknown fact refuses nothing.
struct model_profile {
    std::string model{};                           ///< "provider:model"
    std::optional<std::int64_t> context_window{};  ///< tokens, input and output together
    std::optional<std::int64_t> max_output_tokens{};
    std::optional<bool> tools{};
    std::optional<bool> tool_choice{};
    std::optional<bool> json_schema{};
    std::optional<bool> images{};
    std::optional<bool> audio{};
    std::optional<bool> files{};
    std::optional<bool> reasoning{};
    std::optional<bool> temperature{};             ///< whether it takes one
    std::vector<std::string> reasoning_efforts{};  ///< accepted words; empty: unknown
    bool deprecated = false;
};

/// Refuses what cannot work before it is sent: throws errc::invalid_argument for what no provider takes (an infinite or
/// non-positive setting, tools without or with the same name, a tool_choice that names none of them), errc::unsupported for tools,
/// schemas, images, audio, files or a reasoning level that the model does not have, for an output limit above the model's, and
/// errc::context_overflow for an input that is surely too long (bytes / 8 > context window: no tokenizer is that dense). The
/// message names the model, the setting and the mend.
void check_request(const chat_request& request, const model_profile& profile);

}  // namespace zincir

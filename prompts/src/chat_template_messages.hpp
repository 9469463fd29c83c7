#pragma once

#include <zincir/prompts/chat_template.hpp>

#include <boost/json/array.hpp>

namespace zincir::detail {

/// What the conversion of messages must know of a template beside its capabilities.
struct chat_template_shape {
    chat_template_capabilities can{};
    chat_template_polyfills polyfills{};
    bool null_content_with_calls = false;  ///< calls are shown only where the content is null
    std::string reasoning_field = "reasoning_content";
};

/// The tools as chat templates expect them, in the shape of OpenAI's requests.
json::array tools_for_template(const std::vector<tool_definition>& tools);
/// The messages as the template can show them. Throws errc::unsupported for media in a template of texts.
json::array messages_for_template(const messages& turns, const std::vector<tool_definition>& tools,
                                  const chat_template_shape& shape);

}  // namespace zincir::detail

#pragma once

#include <zincir/core/message.hpp>
#include <zincir/prompts/values.hpp>

namespace zincir_render {

/// [{"role": …, "content": …}], as OpenAI writes them: the content is a text, or a list of parts where there is more.
boost::json::array to_json(const zincir::messages& turns);

/// The values, of which a list of {"role", "content"} with texts has become messages, for placeholders.
zincir::values with_messages(const zincir::values& given);

}  // namespace zincir_render

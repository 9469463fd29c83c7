#pragma once

#include "prompt_inspection.hpp"

#include <zincir/core/media.hpp>

#include <optional>
#include <string>

// Pictures, sounds and files in the messages of a chat prompt.

namespace zincir::detail {

/// Null for a block of another kind.
const media* media_of(const content_block& block) noexcept;
media* media_of(content_block& block) noexcept;

/// The picture, sound or file that the piece's only variable stands for, where the piece is nothing else. Throws
/// errc::invalid_argument for messages that are not one of the kind of `wanted`.
std::optional<media> media_value(const template_piece& piece, scope& given, const content_block& wanted, const std::string& place);

/// Makes of the rendered address in `block` what a provider can be sent: see chat_prompt_template. Throws errc::invalid_argument.
void settle_address(content_block& block, const std::string& place);

/// Throws errc::invalid_template for an address without variables that no rendering could send.
void check_written_address(std::string_view url, const template_options& options, const std::string& where);

}  // namespace zincir::detail

#pragma once

#include "json_writer.hpp"

#include <zincir/core/message.hpp>
#include <zincir/llms/openai_profile.hpp>

#include <string>
#include <vector>

namespace zincir::detail {

/// Writes the member `messages`. What cannot be said goes into `warnings`.
void write_openai_messages(json_writer& out, const messages& history, const openai_profile& profile,
                           std::vector<std::string>& warnings);

}  // namespace zincir::detail

#pragma once

#include <zincir/prompts/chat_template.hpp>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

/// A member's text; nothing where it is missing or null.
std::string text_in(const boost::json::object& from, std::string_view name);
/// {"messages", "tools", …} as apply_chat_template takes them: the messages, and everything else but the special tokens.
zincir::messages messages_of(const boost::json::object& given);
zincir::chat_template_inputs inputs_of(const boost::json::object& given);

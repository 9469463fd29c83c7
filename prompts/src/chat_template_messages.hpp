#pragma once

#include <zincir/prompts/chat_template.hpp>

#include <boost/json/array.hpp>
#include <boost/json/storage_ptr.hpp>

#include <functional>
#include <string>
#include <vector>

namespace zincir::detail {

/// What the conversion of messages must know of a template beside its capabilities.
struct chat_template_shape {
    chat_template_capabilities can{};
    chat_template_polyfills polyfills{};
    bool tools_are_a_list = false;         ///< without tools an empty list is given, for null is refused
    bool system_alone = false;             ///< the system's text is shown without any other message
    bool system_wants_user_last = false;   ///< the system's text is shown only before a user's message that is the last
    bool reply_first = false;              ///< a conversation may begin with a reply
    bool null_content_with_calls = false;  ///< calls are shown only where the content is null
    bool text_beside_calls = false;        ///< what was said beside calls is shown
    bool text_arguments = false;           ///< arguments that are no object are shown
    bool any_call_id = false;              ///< else ids have nine letters or digits
    bool reasoning_part = false;           ///< reasoning is a part of the content; else a member of the message
    std::string reasoning_member = "reasoning_content";
    std::string image_type = "image";  ///< of a part; likewise below
    std::string audio_type = "audio";
    std::string file_type = "file";
};

/// Renders a conversation for a probe: nothing where the template refuses it.
using chat_template_attempt = std::function<std::string(json::array turns, json::value tools, const json::object& extra)>;
/// What the template supports, found by rendering small conversations.
chat_template_shape find_chat_template_shape(const chat_template_attempt& attempt);

/// A picture, sound or file as a part of that type, in the ways that templates know.
json::object media_part_for_template(const std::string& type, const media& source, json::storage_ptr memory = {});
/// The tools as chat templates expect them, in the shape of OpenAI's requests.
json::array tools_for_template(const std::vector<tool_definition>& tools, json::storage_ptr memory = {});
/// The messages as the template can show them. Throws errc::unsupported for media in a template of texts, errc::invalid_argument
/// for a call in a message that is no reply and for texts that are not UTF-8.
json::array messages_for_template(const messages& turns, const std::vector<tool_definition>& tools,
                                  const chat_template_shape& shape, json::storage_ptr memory = {});

}  // namespace zincir::detail

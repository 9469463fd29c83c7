#pragma once

#include <zincir/core/chat_request.hpp>
#include <zincir/core/sequence.hpp>
#include <zincir/prompts/template_options.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

namespace detail {
class chat_template_program;
}

/// What a chat template shows the model of, as found by rendering small conversations with it.
struct chat_template_capabilities {
    bool system_role = false;
    bool several_system_messages = false;  ///< in a row and later in the conversation
    bool developer_role = false;           ///< named in the template; else developers speak as the system
    bool free_turns = false;               ///< users and replies need not alternate
    bool tools = false;
    bool tool_calls = false;
    bool tool_responses = false;
    bool parallel_tool_calls = false;
    bool object_arguments = false;        ///< a call's arguments are passed as an object; else as the JSON text
    bool typed_content = false;           ///< content may be a list of parts
    bool requires_typed_content = false;  ///< a plain text is not shown
    bool images = false;                  ///< parts of a user's message; likewise the next two
    bool audio = false;
    bool files = false;
    bool reasoning = false;  ///< of the last reply at least; with some only where enable_thinking or thinking is given
};

/// How what a template does not support is said in another way. What is off is passed as it is: the template may raise or drop it.
struct chat_template_polyfills {
    bool system_role = true;          ///< several texts are one, later ones go before the text of the next user message; so does
                                      ///< the first in a template without this role
    bool turns = true;                ///< messages of one role in a row are one; an empty one goes before a reply that is first
    bool tools = true;                ///< the system's text ends with the tools as JSON and how to call them
    bool tool_calls = true;           ///< the reply's text ends with the calls as JSON; text beside calls is a reply before them
    bool tool_responses = true;       ///< a user message holds them as JSON; so it does where no reply before asked for them
    bool parallel_tool_calls = true;  ///< one reply a call, each followed by its result
    bool call_ids = true;             ///< where ids must have nine letters or digits, others are replaced
    bool typed_content = true;        ///< text parts are joined; a picture, sound or file is errc::unsupported
};

struct chat_template_options {
    std::string name = "chat template";  ///< what errors call it
    std::string bos_token{};
    std::string eos_token{};
    chat_template_polyfills polyfills{};
    template_limits limits{};
    template_environment environment{};  ///< the clock of strftime_now, functions of yours
};

/// What a template takes beside the messages.
struct chat_template_inputs {
    std::vector<tool_definition> tools{};
    bool add_generation_prompt = true;  ///< end with the opening of the model's reply
    json::array documents{};
    json::object extra{};  ///< more variables, such as enable_thinking; they win over the others
};

/// The Jinja template with which a model was trained: messages → the text that the model goes on. Rendered as transformers'
/// apply_chat_template does: names without a value are empty, blocks are trimmed, values cannot be changed (unless the template
/// shows tool calls only where its own lists can).
///
/// With all polyfills nothing that is said gets lost: what the template has no place for is said in another way or is an error.
/// Left to the template are reasoning, of which most show only what came after the last user message, and the names of
/// participants. A call's result that reports an error begins with "Error".
///
/// A step messages → text; cheap to copy, immutable, thread-safe. Construction parses the text and renders about fifty small
/// conversations (about a millisecond), to find what the template supports: functions of the environment are called. It throws
/// errc::invalid_template with the place, and errc::limit_exceeded where even those go beyond the limits. Rendering throws
/// errc::invalid_argument, with the template's own words where it calls raise_exception, for a call in a message that is no reply,
/// and for a text that is not UTF-8; errc::limit_exceeded; errc::unsupported (see chat_template_polyfills).
class chat_template : public step<messages, std::string> {
public:
    explicit chat_template(std::string_view text, chat_template_options options = chat_template_options());

    std::string render(const messages& turns, const chat_template_inputs& inputs) const;
    /// With the inputs of with(), or none.
    std::string render(const messages& turns) const;
    awaitable<std::string> invoke(messages turns, run_context ctx = {}) const;
    /// The same template with these inputs for invoke() and render(messages).
    [[nodiscard]] chat_template with(chat_template_inputs inputs) const;

    const chat_template_capabilities& capabilities() const noexcept;
    /// The messages as the template is given them, polyfills applied.
    json::array to_json(const messages& turns, const chat_template_inputs& inputs) const;
    std::string_view step_name() const noexcept { return "chat_template"; }

private:
    std::shared_ptr<const detail::chat_template_program> program_;
    std::shared_ptr<const chat_template_inputs> inputs_;
};

}  // namespace zincir

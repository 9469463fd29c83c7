#include <zincir/core/chat_request.hpp>
#include <zincir/core/detail/nearest_name.hpp>
#include <zincir/core/model_profile.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace zincir {
namespace {

[[noreturn]] void refuse(const model_profile& profile, const std::string& what, const std::string& mend)
{
    throw error(errc::unsupported,
                "the model " + (profile.model.empty() ? std::string("asked for") : profile.model) + " " + what + ": " + mend);
}

std::size_t text_bytes(const messages& history)
{
    std::size_t total = 0;
    for (const auto& m : history)
        for (const auto& block : m.content) {
            if (const auto* text = std::get_if<text_block>(&block))
                total += text->text.size();
            else if (const auto* result = std::get_if<tool_result_block>(&block))
                total += result->text.size();
        }
    return total;
}

template <class Block>
bool holds(const messages& history)
{
    return std::any_of(history.begin(), history.end(), [](const message& m) {
        return std::any_of(m.content.begin(), m.content.end(),
                           [](const content_block& b) { return std::holds_alternative<Block>(b); });
    });
}

// What no provider takes, whatever the model.
void check_sense(const chat_options& options, const std::vector<tool_definition>& tools)
{
    const auto refuse_argument = [](const std::string& what) { throw error(errc::invalid_argument, what); };
    for (const auto& [name, value] :
         {std::pair("temperature", options.temperature), std::pair("top_p", options.top_p),
          std::pair("presence_penalty", options.presence_penalty), std::pair("frequency_penalty", options.frequency_penalty)})
        if (value && !std::isfinite(*value))
            refuse_argument(std::string(name) + " must be a number, not infinite or NaN");
    if (options.max_output_tokens && *options.max_output_tokens <= 0)
        refuse_argument("max_output_tokens must be positive, not " + std::to_string(*options.max_output_tokens));
    if (options.n && *options.n <= 0)
        refuse_argument("n, the number of replies, must be positive, not " + std::to_string(*options.n));
    for (std::size_t i = 0; i < tools.size(); ++i) {
        if (tools[i].name.empty())
            refuse_argument("tool " + std::to_string(i) + " has no name");
        for (std::size_t k = 0; k < i; ++k)
            if (tools[k].name == tools[i].name)
                refuse_argument("two tools are called \"" + tools[i].name + "\"");
    }
    if (tools.empty() || !options.tool_choice || options.tool_choice->what() != tool_choice::kind::named)
        return;
    std::vector<std::string> names;
    for (const auto& tool : tools)
        names.push_back(tool.name);
    const auto& chosen = options.tool_choice->tool();
    if (std::find(names.begin(), names.end(), chosen) != names.end())
        return;
    const auto nearest = detail::nearest_name(chosen, names);
    refuse_argument("tool_choice names \"" + chosen + "\", which is not among the tools" +
                    (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

bool denied(const std::optional<bool>& fact) { return fact && !*fact; }

}  // namespace

void check_request(const chat_request& request, const model_profile& profile)
{
    const chat_options& options = request.options;
    if (!request.tools->empty() && denied(profile.tools))
        refuse(profile, "does not call tools", "choose another model, or send the request without tools");
    if (options.response_format && options.response_format->what() == response_format::kind::json_schema &&
        denied(profile.json_schema))
        refuse(profile, "does not follow a JSON schema",
               "ask for response_format::json_object() and describe the fields in the prompt");
    if (denied(profile.images) && holds<image_block>(request.messages))
        refuse(profile, "does not see images", "choose a model with vision");
    if (denied(profile.audio) && holds<audio_block>(request.messages))
        refuse(profile, "does not hear audio", "send a transcript, or choose another model");
    if (denied(profile.files) && holds<file_block>(request.messages))
        refuse(profile, "does not read files", "send the file's text");
    if (options.reasoning_effort && *options.reasoning_effort != "none") {
        if (denied(profile.reasoning))
            refuse(profile, "does not reason", "leave reasoning_effort out");
        const auto& known = profile.reasoning_efforts;
        if (!known.empty() && std::find(known.begin(), known.end(), *options.reasoning_effort) == known.end()) {
            std::string words;
            for (const auto& word : known)
                words += (words.empty() ? "" : ", ") + word;
            refuse(profile, "has no reasoning effort \"" + *options.reasoning_effort + "\"", "it knows " + words);
        }
    }
    if (options.max_output_tokens && profile.max_output_tokens && *options.max_output_tokens > *profile.max_output_tokens)
        refuse(profile, "writes at most " + std::to_string(*profile.max_output_tokens) + " tokens",
               "max_output_tokens asks for " + std::to_string(*options.max_output_tokens));
    if (profile.context_window) {
        const auto bytes = text_bytes(request.messages);
        if (bytes / 8 > static_cast<std::size_t>(*profile.context_window))
            throw error(errc::context_overflow, "the conversation has " + std::to_string(bytes) + " bytes, more than the " +
                                                    std::to_string(*profile.context_window) + " tokens of context of " +
                                                    profile.model + " can hold: shorten it");
    }
    check_sense(options, *request.tools);
}

}  // namespace zincir

#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/message.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

/// What a provider does with one setting of chat_options.
struct setting_rule {
    enum class support {
        send,    ///< sent under `field`
        warn,    ///< not sent; the reply carries a warning
        refuse,  ///< errc::unsupported before anything is sent: leaving it out would change the meaning
    };
    support how = support::send;
    std::string field{};                     ///< the provider's name for it; empty: OpenAI's
    std::string why{};                       ///< said in the warning or error
    std::optional<std::size_t> max_items{};  ///< of a list such as `stop`; more is refused
    bool refused_streamed = false;           ///< refused in a streamed call
    std::optional<double> zero_as{};         ///< what is sent for 0
    /// Of a setting that is true or false: the number that is sent for true, and 0 for false. Another setting sent under the same
    /// name takes its place.
    std::optional<std::int64_t> true_as{};
    /// Of a setting that is a word: the provider's word for it; empty: it has none, so a warning says so. Others go as they are.
    std::map<std::string, std::string, std::less<>> words{};
};

/// How a provider that speaks OpenAI's chat-completions API differs from OpenAI's documentation. A row of data: the built-in ones
/// come from a JSON file too (llms/data/profiles.json), and a file of your own has the same form.
///
/// What a row leaves out is as OpenAI documents it, with `max_tokens` as the name of the output limit.
struct openai_profile {
    enum class formats { json_schema, json_object, none };                               ///< the strongest response format it takes
    enum class effort_form { word, thinking_switch, reasoning_object, enabled_switch };  ///< how reasoning_effort is spelled
    /// What goes back with an assistant's message: nothing; `reasoning_content`, an empty one too; `reasoning_details` as they
    /// came; the reasoning as a part of the content.
    enum class reasoning_echo { never, always, details, part };

    std::string name{};          ///< what stands before the colon of "provider:model"
    std::string base_url{};      ///< such as "https://api.groq.com/openai/v1"
    std::string url_variable{};  ///< environment variable that replaces base_url
    std::string key_variable{};  ///< environment variable of the key; empty: none is ever sent
    bool key_required = true;
    std::string key_page{};  ///< where a person gets a key
    std::string chat_path = "/chat/completions";
    std::string default_model{};
    std::string request_id_header = "x-request-id";
    std::string output_limit_field = "max_tokens";
    bool developer_role = false;        ///< takes the role "developer"; else it is sent as "system"
    bool fold_system_messages = false;  ///< takes one system message, at the start: later ones are joined to it
    bool ask_stream_usage = true;       ///< `stream_options.include_usage`; without it usage comes unasked
    bool done_without_finish_reason = false;
    std::map<std::string, finish_reason, std::less<>> finish_words{};  ///< beside the usual ones, lower case
    bool tools = true;
    std::vector<std::string> tool_choices{"auto", "none", "required", "named"};
    formats response_formats = formats::json_schema;
    bool format_with_tools = true;             ///< takes a response format beside tools
    bool forced_choice_with_format = true;     ///< takes a forced tool choice beside a response format; else it becomes "auto"
    bool forced_choice_with_reasoning = true;  ///< takes a forced tool choice beside a reasoning_effort; else it is refused
    effort_form reasoning_effort_form = effort_form::word;
    reasoning_echo reasoning_back = reasoning_echo::never;
    std::vector<std::string> media{"image", "audio", "file"};  ///< what a message may hold beside text; else it is refused
    bool image_urls = true;                                    ///< takes a picture by its address
    bool file_urls = false;                                    ///< takes a file by its address
    bool plain_media = false;      ///< Mistral's parts: a sound as its base64 alone, a file as `document_url`
    bool call_extras_back = true;  ///< `extra_content` of tool calls goes back with them, where there is any: Gemini wants its own
    std::map<std::string, std::string, std::less<>> refused_extra{};  ///< members of `extra` that it would ignore → what to do
    std::map<std::string, setting_rule, std::less<>> settings{};      ///< by the member's name in chat_options
};

/// The rows that come with the library, in the order of the file. Read on first use, from any thread; they live as long as the
/// program.
const std::vector<openai_profile>& builtin_profiles();
/// The built-in row of that name, or null.
const openai_profile* find_profile(std::string_view name);

/// Reads rows: `{"profiles": [{"name": "mine", "base_url": "https://…", …}]}`. Members have the names of openai_profile's. Errors:
/// errc::invalid_argument with the place as a JSON pointer, for an unknown member too.
result<std::vector<openai_profile>> try_parse_profiles(std::string_view json_text);
/// Reads a file of rows. Throws errc::invalid_argument, which names the file.
std::vector<openai_profile> load_profiles(const std::string& path);

/// A gateway that nobody described: OpenAI's documented API at `base_url`, a key only if `key_variable` names one.
openai_profile unknown_gateway(std::string base_url, std::string key_variable = std::string());

}  // namespace zincir

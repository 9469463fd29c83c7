#pragma once

#include <zincir/core/message.hpp>
#include <zincir/core/shared.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace zincir {

/// A tool as the model sees it.
struct tool_definition {
    std::string name{};
    std::string description{};
    json::object parameters{};     ///< JSON Schema of the arguments, an object
    std::optional<bool> strict{};  ///< ask the provider to hold the model to the schema
};

/// Which tool the model is to call.
class tool_choice {
public:
    enum class kind { automatic, none, required, named };
    static tool_choice automatic() { return tool_choice(kind::automatic, {}); }
    static tool_choice none() { return tool_choice(kind::none, {}); }
    static tool_choice required() { return tool_choice(kind::required, {}); }
    static tool_choice named(std::string tool) { return tool_choice(kind::named, std::move(tool)); }
    kind what() const noexcept { return kind_; }
    const std::string& tool() const noexcept { return tool_; }

private:
    tool_choice(kind k, std::string tool) : kind_(k), tool_(std::move(tool)) {}
    kind kind_;
    std::string tool_;
};

/// The form the text of the reply must have.
class response_format {
public:
    enum class kind { text, json_object, json_schema };
    static response_format text() { return response_format(kind::text); }
    /// Some JSON object. Most providers want the word JSON in a message, too.
    static response_format json_object() { return response_format(kind::json_object); }
    /// JSON that fits `schema`. `name` is shown to the model: letters, digits, `_` and `-`.
    static response_format json_schema(std::string name, json::object schema, std::optional<bool> strict = true);
    kind what() const noexcept { return kind_; }
    const std::string& name() const noexcept { return name_; }
    const json::object& schema() const noexcept { return schema_; }
    std::optional<bool> strict() const noexcept { return strict_; }

private:
    explicit response_format(kind k) : kind_(k) {}
    kind kind_;
    std::string name_{};
    json::object schema_{};
    std::optional<bool> strict_{};
};

/// How long one request may take; the run's deadline holds besides. Zero means no limit.
struct chat_timeouts {
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds first_content{300'000};  ///< from sending to the first content of the reply
    std::chrono::milliseconds idle{120'000};           ///< between two contents; keep-alives do not count as content
    std::chrono::milliseconds request{600'000};
    friend bool operator==(const chat_timeouts&, const chat_timeouts&) = default;
};

/// Settings of a call. An absent one is not sent. Each that is set ends in the request, in the reply's warnings, or in an error
/// before sending where leaving it out would change the meaning.
struct chat_options {
    // Out of line: copied in every user's file otherwise, where g++ 12 also takes empty optionals for uninitialised ones.
    chat_options() noexcept;
    chat_options(const chat_options&);
    chat_options(chat_options&&) noexcept;
    chat_options& operator=(const chat_options&);
    chat_options& operator=(chat_options&&) noexcept;
    ~chat_options();

    std::optional<std::string> model{};
    std::optional<double> temperature{};
    std::optional<double> top_p{};
    std::optional<std::int64_t> max_output_tokens{};
    std::optional<std::vector<std::string>> stop{};
    std::optional<std::int64_t> seed{};
    std::optional<double> presence_penalty{};
    std::optional<double> frequency_penalty{};
    std::optional<std::int64_t> n{};  ///< replies to generate; the first is returned, the others are in metadata["choices"]
    std::optional<bool> logprobs{};
    std::optional<std::int64_t> top_logprobs{};
    std::optional<std::map<std::string, double>> logit_bias{};  ///< token id → bias
    std::optional<zincir::tool_choice> tool_choice{};
    std::optional<bool> parallel_tool_calls{};
    std::optional<zincir::response_format> response_format{};
    std::optional<std::string> reasoning_effort{};  ///< "none", "minimal", "low", "medium", "high", … as the model knows them
    std::optional<std::string> reasoning_format{};  ///< "hidden", "raw" or "parsed"
    std::optional<std::string> service_tier{};
    std::optional<std::string> verbosity{};
    std::optional<std::string> user{};  ///< the end user's id, for the provider's abuse watch
    std::optional<std::string> prompt_cache_key{};
    std::optional<bool> store{};
    std::optional<std::map<std::string, std::string>> request_metadata{};  ///< OpenAI's `metadata`
    std::optional<chat_timeouts> timeouts{};
    json::object extra{};  ///< merged into the body last, key by key, for what this list lacks; null is sent as null

    /// These settings, with those that `over` sets in place of their own; `extra` merges, objects in it too.
    [[nodiscard]] chat_options overlaid(const chat_options& over) const;
};

/// All that a backend is told. Small: the settings and tools of a model are shared by all its requests. They are read with `->`
/// (`request.options->temperature`) and replaced whole (`request.options = changed`).
struct chat_request {
    zincir::messages messages{};
    shared<chat_options> options{};
    shared<std::vector<tool_definition>> tools{};
};

}  // namespace zincir

#pragma once

#include <zincir/core/chat_request.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

namespace detail {
struct prompt_file_state;
}

/// A prompt that was read from a file, with what the file says about its use. Immutable, cheap to copy, thread-safe.
class prompt_file {
public:
    /// The file's own `name`, else its file name without what is behind the point.
    const std::string& name() const noexcept;
    const std::string& description() const noexcept;
    bool is_chat() const noexcept;

    /// Throws errc::invalid_argument for a chat: use chat().
    prompt_template prompt() const;
    /// A text is one message of the user.
    chat_prompt_template<> chat() const;

    /// As init_chat_model takes it, such as "groq:llama-3.3-70b-versatile"; empty where the file names none.
    const std::string& model() const noexcept;
    /// What the file sets; response_format among it where the file says how the reply is to look.
    const chat_options& options() const noexcept;
    /// JSON Schema of the reply, where the file has one.
    const std::optional<json::object>& output_schema() const noexcept;
    /// JSON Schema of the values: the file's own, else one of its variables.
    json::object input_schema() const;
    /// The variables that a call must give, sorted.
    std::vector<std::string> variables() const;
    /// `metadata` of the file, as it stands there.
    const json::object& metadata() const noexcept;
    /// `tags` of a LangChain file.
    const std::vector<std::string>& tags() const noexcept;

    explicit prompt_file(std::shared_ptr<const detail::prompt_file_state> state) : state_(std::move(state)) {}

private:
    std::shared_ptr<const detail::prompt_file_state> state_;
};

/// JSON Schemas that the schemas in a file's front matter may name as types: `{{"answer", json_schema<answer>()}}`.
using named_schemas = std::map<std::string, json::object, std::less<>>;

/// Reads a prompt by its extension: .json, .yaml and .yml as LangChain writes them (`save()`: prompt, few_shot, chat; `dumpd`:
/// PromptTemplate, ChatPromptTemplate, StructuredPrompt, FewShotPromptWithTemplates); .prompt, .txt, .md, .mustache, .jinja,
/// .jinja2 and .j2 as a text that may have front matter in YAML. UTF-8, with or without byte order mark; any line ends.
///
/// Files that it names (template_path, examples, example_prompt_path, partials, includes) are below its own folder. `options` hold
/// for its templates; the file sets the format, and the loader is the folder.
/// Throws errc::invalid_template with file, line and column for what the file says wrongly, with the nearest known name for a
/// member that there is not; errc::invalid_argument for a file that is not there, a path that is absolute, has `..` or leads out of
/// the folder; errc::limit_exceeded beyond 1 MB, 64 levels, or 50,000 values with YAML's aliases opened; errc::unsupported for YAML
/// in a build without yaml-cpp.
prompt_file load_prompt(const std::filesystem::path& file, template_options options = template_options(),
                        named_schemas schemas = named_schemas());

}  // namespace zincir

#pragma once

#include "prompt_file_document.hpp"

#include <zincir/prompts/prompt_file.hpp>

#include <algorithm>
#include <functional>

namespace zincir::detail {

struct prompt_file_state {
    std::string name{};
    std::string description{};
    std::optional<prompt_template> text{};  // of what is no chat
    std::optional<chat_prompt_template<>> chat{};
    std::string model{};
    chat_options options{};
    std::optional<json::object> output_schema{};
    std::optional<json::object> input_schema{};
    json::object metadata{};
    std::vector<std::string> tags{};
};

/// One reading of a prompt file and of those that it names.
class prompt_file_reader {
public:
    /// The bytes of a file by its name below `root`, or nothing where there is none.
    using load_function = std::function<std::optional<std::string>(const std::string& name)>;
    /// `schemas` must live as long as the reader.
    prompt_file_reader(load_function load, const std::filesystem::path& root, template_options base, const named_schemas& schemas)
        : load_bytes_(std::move(load)), root_(root), base_(std::move(base)), schemas_(schemas)
    {}

    prompt_file_state read(const std::string& name);

    // For the formats.
    /// The cleaned text of a file that `from` names. Throws an error at `from` where there is none.
    std::string text_of(const document_node& from, const std::string& name);
    std::shared_ptr<const prompt_document> document_of(const document_node& from, const std::string& name);
    /// A prompt file that `from` names; throws for one that is being read already.
    prompt_file_state nested(const document_node& from, const std::string& name);
    template_options options(template_format format, std::string name) const;
    /// The templates read from now on are rendered `times` times: each rendering has its share of the steps.
    void share_steps(std::size_t times) noexcept { shares_ = std::max<std::size_t>(times, 1); }
    const named_schemas& schemas() const noexcept { return schemas_; }

private:
    std::string load(const std::string& name);
    load_function load_bytes_;
    std::filesystem::path root_;  // for errors
    template_options base_;
    const named_schemas& schemas_;
    std::vector<std::string> open_{};
    std::size_t shares_ = 1;
};

/// Lower-case, with the point; empty where there is none.
std::string extension_of(std::string_view name);
template_format format_of(const document_node& node, std::string_view jinja_name);
/// Text and chat of one template, with values given beforehand.
void set_text(prompt_file_state& state, std::string_view text, const template_options& options);
void set_partials(prompt_file_state& state, const document_node& values);

prompt_file_state read_langchain(prompt_file_reader& reader, const document_node& root, const std::string& name);
prompt_file_state read_text_prompt(prompt_file_reader& reader, std::string text, const std::string& name, std::size_t limit);
/// JSON Schema, or Picoschema made into it.
json::object read_schema(const document_node& node, const named_schemas& schemas);

}  // namespace zincir::detail

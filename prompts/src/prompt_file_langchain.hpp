#pragma once

#include "prompt_file.hpp"

// LangChain's two ways of writing prompts: `save()`, and `dumpd()` with its {"lc": 1, "type": …, "id": …, "kwargs": …}.

namespace zincir::detail {

/// The members that all its prompts have, and `more`.
std::vector<std::string> prompt_members(std::vector<std::string> more);
/// name, metadata and tags. Throws for an output parser.
void read_common(prompt_file_state& state, const document_node& node);
template_format read_format(const document_node& node);
/// Where validate_template asks for it: throws where the names that the file lists are not those of the template.
void check_variables(const prompt_file_state& state, const document_node& node);
/// A PromptTemplate's members.
prompt_file_state read_prompt(prompt_file_reader& reader, const document_node& node, const std::string& name);
/// What errors call the template at `node` of the file: a JSON or YAML text's own lines are not the template's.
std::string template_name(const std::string& file, const document_node& node);

/// A text of few-shot examples: prefix, the rendered examples and suffix, joined where they are not empty.
struct few_shot_texts {
    std::string prefix{};
    std::string suffix{};
    std::string separator = "\n\n";
    std::vector<std::string> examples{};
};
void set_few_shot(prompt_file_state& state, const few_shot_texts& texts, const template_options& options);
/// Each example of the list at `node` as `example` renders it; together not more than `most_bytes`.
std::vector<std::string> render_examples(const prompt_template& example, const document_node& node, std::size_t most_bytes);

/// What dumpd wrote.
prompt_file_state read_dumped(prompt_file_reader& reader, const document_node& root, const std::string& name);

}  // namespace zincir::detail

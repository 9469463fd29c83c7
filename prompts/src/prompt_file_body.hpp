#pragma once

#include "prompt_file.hpp"

namespace zincir::detail {

/// What stands behind the front matter: one text, or the messages that its marks part.
struct prompt_body {
    std::optional<std::string> text{};
    template_options options{};  // of the text
    std::optional<chat_prompt_template<>> chat{};
};

/// Reads the body that begins at `begin`. Marks are lines "--- user"; in mustache and Handlebars also dotprompt's tags
/// {{role "user"}}, {{history}} and {{media url=x}}. Errors have their place in the file, and so have those of the templates.
prompt_body read_prompt_body(const prompt_file_reader& reader, const template_source& source, template_format format,
                             std::size_t begin);

}  // namespace zincir::detail

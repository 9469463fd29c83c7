#pragma once

#include <zincir/prompts/prompt_file.hpp>

#include <functional>

namespace zincir {

struct prompt_folder_options {
    bool reload = false;          ///< `get` looks whether the file, or one it names, was changed or replaced: see docs/prompts.md
    bool keep_last_good = false;  ///< with reload: where the changed file is wrong, the last good one stays in use
    /// Told of each error that keep_last_good hides, once a change. Called without a lock, from the thread that called `get`.
    std::function<void(const error&)> on_error{};
    template_options templates{};  ///< as for load_prompt
    named_schemas schemas{};       ///< likewise
};

/// The prompt files below a folder, read once and kept. It never leaves the folder and follows no link out of it: file_loader's
/// rules. Paths in the files, partials and includes are below the folder, too; partials are read when a prompt is rendered.
/// Thread-safe; starts no thread.
class prompt_folder {
public:
    /// Throws errc::invalid_argument where `root` is no folder.
    explicit prompt_folder(const std::filesystem::path& root, prompt_folder_options options = prompt_folder_options());
    ~prompt_folder();
    prompt_folder(prompt_folder&&) noexcept;
    prompt_folder& operator=(prompt_folder&&) noexcept;

    /// By its path below the folder, with the extension or without: "greeting", "mail/reply.yaml". Throws what load_prompt throws,
    /// and errc::invalid_argument for a name that two files have.
    prompt_file get(std::string_view name) const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace zincir

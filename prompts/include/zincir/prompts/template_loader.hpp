#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace zincir {

/// Finds the templates that a template names: mustache's partials and parents, Jinja's include, import and extends. Without one a
/// template reaches no other. Called while a template is rendered, from any thread.
class template_loader {
public:
    virtual ~template_loader() = default;
    /// The text of that name, or nothing where there is none. May throw zincir::error.
    virtual std::optional<std::string> load(std::string_view name) const = 0;
};

/// Templates by name, in memory.
class memory_loader final : public template_loader {
public:
    using map = std::map<std::string, std::string, std::less<>>;
    memory_loader() = default;
    explicit memory_loader(map templates) : templates_(std::move(templates)) {}
    memory_loader& add(std::string name, std::string text);

    std::optional<std::string> load(std::string_view name) const override;

private:
    map templates_{};
};

/// Templates in files below a folder, by their relative path with `/`; `suffix`, such as ".mustache", is put behind the name.
///
/// Nothing outside the folder is ever read: a name that is absolute, empty, or has a part `..`, a backslash or a null byte is
/// errc::invalid_argument, and so is a path that leads out through a symbolic link. What is no regular file is not there. A file
/// beyond `max_bytes` is errc::limit_exceeded, one that cannot be read errc::invalid_argument. Files are read anew each time.
/// Thread-safe.
class file_loader final : public template_loader {
public:
    /// Throws errc::invalid_argument where `root` is no folder.
    explicit file_loader(const std::filesystem::path& root, std::string suffix = {}, std::size_t max_bytes = std::size_t{1} << 20);

    std::optional<std::string> load(std::string_view name) const override;
    const std::filesystem::path& root() const noexcept { return root_; }

private:
    std::filesystem::path root_;  // canonical
    std::string suffix_;
    std::size_t max_bytes_;
};

}  // namespace zincir

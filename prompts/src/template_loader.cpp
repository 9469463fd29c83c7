#include <zincir/prompts/template_loader.hpp>

#include <zincir/core/error.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

namespace zincir {
namespace {

namespace fs = std::filesystem;

// The last path parts of a name that stays below its root are plain names.
void check_name(std::string_view name)
{
    const auto refuse = [&](std::string_view why) {
        throw error(errc::invalid_argument, "the template name \"" + std::string(name) + "\" " + std::string(why) +
                                                ": a name is a path below the loader's folder");
    };
    if (name.empty())
        refuse("is empty");
    if (name.find('\0') != std::string_view::npos)
        refuse("has a null byte");
    if (name.find('\\') != std::string_view::npos)
        refuse("has a backslash");
    if (name.front() == '/')
        refuse("is absolute");
    std::size_t begin = 0;
    while (begin <= name.size()) {
        const auto end = std::min(name.find('/', begin), name.size());
        if (name.substr(begin, end - begin) == "..")
            refuse("has a part ..");
        begin = end + 1;
    }
}

bool below(const fs::path& root, const fs::path& path)
{
    return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

}  // namespace

memory_loader& memory_loader::add(std::string name, std::string text)
{
    templates_.insert_or_assign(std::move(name), std::move(text));
    return *this;
}

std::optional<std::string> memory_loader::load(std::string_view name) const
{
    const auto at = templates_.find(name);
    return at == templates_.end() ? std::nullopt : std::optional(at->second);
}

file_loader::file_loader(const fs::path& root, std::string suffix, std::size_t max_bytes)
    : suffix_(std::move(suffix)), max_bytes_(max_bytes)
{
    std::error_code failed;
    root_ = fs::canonical(root, failed);
    if (failed || !fs::is_directory(root_, failed))
        throw error(errc::invalid_argument, "file_loader needs a folder: \"" + root.string() + "\" is none");
}

std::optional<std::string> file_loader::load(std::string_view name) const
{
    check_name(name);
    std::error_code failed;
    const auto path = fs::canonical(root_ / fs::path(std::string(name) + suffix_), failed);
    if (failed)
        return std::nullopt;
    if (!below(root_, path))
        throw error(errc::invalid_argument,
                    "the template \"" + std::string(name) + "\" leads out of the loader's folder through a symbolic link");
    if (!fs::is_regular_file(path, failed))
        return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::string text;
    text.resize(std::min<std::uintmax_t>(fs::file_size(path, failed), max_bytes_) + 1);
    if (!file || failed)
        throw error(errc::invalid_argument, "the template \"" + std::string(name) + "\" cannot be read");
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad())
        throw error(errc::invalid_argument, "the template \"" + std::string(name) + "\" cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > max_bytes_)
        throw error(errc::limit_exceeded, "the template \"" + std::string(name) + "\" has more than " + std::to_string(max_bytes_) +
                                              " bytes (file_loader's limit)");
    return text;
}

}  // namespace zincir

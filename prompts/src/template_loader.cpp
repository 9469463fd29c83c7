#include "confined_file.hpp"

#include <zincir/prompts/template_loader.hpp>

#include <zincir/core/error.hpp>

#include <algorithm>
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
    // Between that look and the reading a folder may become a link: the reading itself follows none.
    const auto refuse = [&](errc code, const std::string& why) {
        return error(code, "the template \"" + std::string(name) + "\" " + why);
    };
    auto read = detail::read_confined(root_, path.lexically_relative(root_), max_bytes_);
    if (auto* text = std::get_if<std::string>(&read))
        return std::move(*text);
    switch (std::get<detail::unread>(read)) {
        case detail::unread::missing:
        case detail::unread::no_regular_file:
            return std::nullopt;
        case detail::unread::through_a_link:
            throw refuse(errc::invalid_argument, "became a symbolic link while it was opened");
        case detail::unread::too_long:
            throw refuse(errc::limit_exceeded, "has more than " + std::to_string(max_bytes_) + " bytes (file_loader's limit)");
        case detail::unread::unreadable:
            break;
    }
    throw refuse(errc::invalid_argument, "cannot be read");
}

}  // namespace zincir

#include "prompt_file.hpp"

#include <zincir/prompts/prompt_folder.hpp>

#include <map>
#include <mutex>

namespace zincir {
namespace {

namespace fs = std::filesystem;

// What tells that a file has changed. All zero where it is not there.
struct stamp {
    fs::file_time_type time{};
    std::uintmax_t size = 0;
    friend bool operator==(const stamp&, const stamp&) = default;
};

stamp stamp_of(const fs::path& file)
{
    std::error_code failed;
    stamp s;
    s.time = fs::last_write_time(file, failed);
    if (failed)
        return {};
    s.size = fs::file_size(file, failed);
    return failed ? stamp() : s;
}

struct entry {
    std::shared_ptr<const prompt_file> good{};
    std::optional<error> wrong{};  // the last reading failed
    std::map<std::string, stamp> stamps{};
};

}  // namespace

struct prompt_folder::state {
    state(const fs::path& root, prompt_folder_options o) : files(std::make_shared<const file_loader>(root)), options(std::move(o))
    {
        options.templates.environment.set_loader(files);
    }

    bool unchanged(const entry& e) const
    {
        if (!options.reload)
            return e.good && !e.wrong;
        for (const auto& [name, before] : e.stamps)
            if (stamp_of(files->root() / name) != before)
                return false;
        return e.good || e.wrong;
    }

    // The name with its extension. Looks at names only: what is read is left to file_loader.
    std::string resolve(std::string_view name) const
    {
        const std::string plain(name);
        const bool strange = name.empty() || name.front() == '/' || name.find("..") != std::string_view::npos ||
                             name.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos;
        std::error_code failed;
        if (strange || fs::is_regular_file(files->root() / plain, failed))
            return plain;
        std::string found;
        for (const auto* extension :
             {".prompt", ".json", ".yaml", ".yml", ".txt", ".md", ".mustache", ".jinja", ".jinja2", ".j2"}) {
            if (!fs::is_regular_file(files->root() / (plain + extension), failed))
                continue;
            if (!found.empty())
                throw error(errc::invalid_argument, "two prompt files are called \"" + plain + "\": " + found + " and " + plain +
                                                        extension + "; ask with the extension");
            found = plain + extension;
        }
        return found.empty() ? plain : found;
    }

    entry read(const std::string& name, const entry& before) const
    {
        entry made;
        made.good = before.good;
        detail::prompt_file_reader reader(*files, options.templates);
        // Taken before the reading: a change in the middle of it is seen the next time.
        for (const auto& [known, ignored] : before.stamps)
            made.stamps[known] = stamp_of(files->root() / known);
        made.stamps[name] = stamp_of(files->root() / name);
        try {
            made.good = std::make_shared<const prompt_file>(std::make_shared<const detail::prompt_file_state>(reader.read(name)));
        } catch (const error& e) {
            made.wrong = e;
        }
        std::map<std::string, stamp> used;
        for (const auto& read_name : reader.names()) {
            const auto known = made.stamps.find(read_name);
            used[read_name] =
                known != made.stamps.end() ? known->second : stamp_of(files->root() / fs::path(read_name).relative_path());
        }
        made.stamps = std::move(used);
        return made;
    }

    std::shared_ptr<const file_loader> files;
    prompt_folder_options options;
    mutable std::mutex mutex{};
    std::map<std::string, entry, std::less<>> entries{};
};

prompt_folder::prompt_folder(const fs::path& root, prompt_folder_options options)
    : state_(std::make_unique<state>(root, std::move(options)))
{}
prompt_folder::~prompt_folder() = default;
prompt_folder::prompt_folder(prompt_folder&&) noexcept = default;
prompt_folder& prompt_folder::operator=(prompt_folder&&) noexcept = default;

prompt_file prompt_folder::get(std::string_view asked) const
{
    const auto name = state_->resolve(asked);
    std::shared_ptr<const prompt_file> good;
    std::optional<error> wrong;
    bool fresh = false;
    {
        const std::lock_guard lock(state_->mutex);
        auto& e = state_->entries[name];
        if (!state_->unchanged(e)) {
            e = state_->read(name, e);
            fresh = true;
        }
        good = e.good;
        wrong = e.wrong;
        if (!good && !state_->options.reload)
            state_->entries.erase(name);
    }
    if (wrong && !(good && state_->options.keep_last_good))
        throw *wrong;
    if (wrong && fresh && state_->options.on_error)
        state_->options.on_error(*wrong);
    return *good;
}

}  // namespace zincir

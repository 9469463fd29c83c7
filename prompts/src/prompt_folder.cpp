#include "confined_file.hpp"
#include "prompt_file.hpp"

#include <zincir/prompts/prompt_folder.hpp>

#include <chrono>
#include <map>
#include <mutex>

namespace zincir {
namespace {

namespace fs = std::filesystem;

// What a file was when it was read.
struct snapshot {
    detail::file_stamp stamp{};
    std::size_t hash = 0;          // of its bytes; 0 where there was none
    bool may_have_changed = true;  // since, with the same stamp: then its bytes decide
};

struct entry {
    std::shared_ptr<const prompt_file> good{};
    std::optional<error> wrong{};  // the last reading failed
    std::map<std::string, snapshot> files{};
};

}  // namespace

struct prompt_folder::state {
    state(const fs::path& root, prompt_folder_options o) : files(std::make_shared<const file_loader>(root)), options(std::move(o))
    {
        options.templates.environment.set_loader(files);
    }

    snapshot look_at(const std::string& name) const
    {
        snapshot made;
        made.stamp = detail::stamp_of(files->root() / fs::path(name).relative_path());
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        made.may_have_changed =
            detail::may_change_unseen(made.stamp, std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
        return made;
    }
    std::size_t hash_of(const std::string& name) const
    {
        try {
            const auto bytes = files->load(name);
            return bytes ? std::hash<std::string>()(*bytes) : 0;
        } catch (const error&) {
            return 0;
        }
    }
    bool unchanged(entry& e) const
    {
        if (!options.reload)
            return e.good && !e.wrong;
        for (auto& [name, before] : e.files) {
            auto now = look_at(name);
            if (now.stamp != before.stamp)
                return false;
            if (!before.may_have_changed)
                continue;
            now.hash = hash_of(name);
            if (now.hash != before.hash)
                return false;
            before = now;
        }
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
        detail::prompt_file_reader reader(
            [&](const std::string& file) {
                // Before the reading: a change in the middle of it is seen the next time.
                auto& seen = made.files.try_emplace(file, look_at(file)).first->second;
                auto bytes = files->load(file);
                seen.hash = bytes ? std::hash<std::string>()(*bytes) : 0;
                return bytes;
            },
            files->root(), options.templates, options.schemas);
        try {
            made.good = std::make_shared<const prompt_file>(std::make_shared<const detail::prompt_file_state>(reader.read(name)));
        } catch (const error& e) {
            made.wrong = e;
        }
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

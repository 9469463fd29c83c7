#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

namespace zincir::detail {

enum class unread { missing, no_regular_file, through_a_link, too_long, unreadable };

/// The bytes of the regular file at `path`, whose parts are below `root`: each is opened by its name in the folder that was opened
/// before, and none may be a symbolic link. So what others do to the folders meanwhile never makes it read a file elsewhere, and
/// a pipe or device is never waited for. `path` has no part "..".
std::variant<std::string, unread> read_confined(const std::filesystem::path& root, const std::filesystem::path& path,
                                                std::size_t max_bytes);

/// What tells that a file is another one or was written to. All zero where there is none. Follows links.
struct file_stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  // nanoseconds since the epoch, by the file system's clock
    friend bool operator==(const file_stamp&, const file_stamp&) = default;
};
file_stamp stamp_of(const std::filesystem::path& file);

/// Whether the file was written to so shortly before `now` that another write may have left it the same stamp: clocks of file
/// systems advance by ticks, of up to two seconds (FAT).
bool may_change_unseen(const file_stamp& stamp, std::int64_t now);

}  // namespace zincir::detail

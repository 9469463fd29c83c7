#include "confined_file.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace zincir::detail {
namespace {

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }
    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

unread reason(int error, bool of_a_folder)
{
    if (error == ENOENT)
        return unread::missing;
    // O_NOFOLLOW says ELOOP for a link; together with O_DIRECTORY, ENOTDIR.
    if (error == ELOOP || (of_a_folder && error == ENOTDIR))
        return unread::through_a_link;
    return error == ENXIO ? unread::no_regular_file : unread::unreadable;
}

constexpr std::int64_t nanoseconds = 1'000'000'000;
std::int64_t in_nanoseconds(const timespec& t) { return static_cast<std::int64_t>(t.tv_sec) * nanoseconds + t.tv_nsec; }

}  // namespace

std::variant<std::string, unread> read_confined(const std::filesystem::path& root, const std::filesystem::path& path,
                                                std::size_t max_bytes)
{
    descriptor at(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!at)
        return reason(errno, false);
    for (auto part = path.begin(); part != path.end(); ++part) {
        const bool last = std::next(part) == path.end();
        const int kind = last ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY;
        descriptor next(::openat(at.get(), part->c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind));
        if (!next)
            return reason(errno, !last);
        at = std::move(next);
    }
    struct stat about = {};
    if (::fstat(at.get(), &about) != 0)
        return unread::unreadable;
    if (!S_ISREG(about.st_mode))
        return unread::no_regular_file;
    std::string text;
    text.resize(std::min(static_cast<std::size_t>(about.st_size), max_bytes) + 1);
    std::size_t size = 0;
    // A file may have grown, or, as in /proc, have no size beforehand.
    for (;;) {
        if (size == text.size())
            text.resize(std::min(2 * size, max_bytes + 1));
        const auto got = ::read(at.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return unread::unreadable;
        size += static_cast<std::size_t>(got);
        if (size > max_bytes)
            return unread::too_long;
        if (got == 0)
            break;
    }
    text.resize(size);
    return text;
}

file_stamp stamp_of(const std::filesystem::path& file)
{
    struct stat about = {};
    if (::stat(file.c_str(), &about) != 0)
        return {};
    file_stamp made;
    made.device = about.st_dev;
    made.inode = about.st_ino;
    made.size = static_cast<std::uint64_t>(about.st_size);
    made.modified = in_nanoseconds(about.st_mtim);
    made.changed = in_nanoseconds(about.st_ctim);
    return made;
}

bool may_change_unseen(const file_stamp& stamp, std::int64_t now)
{
    return now - std::max(stamp.modified, stamp.changed) < 2 * nanoseconds;
}

}  // namespace zincir::detail

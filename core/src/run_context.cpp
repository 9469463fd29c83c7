#include <zincir/core/run_context.hpp>

#include <array>
#include <random>

namespace zincir {

struct run_context::details {
    std::shared_ptr<observer> watcher{};
    std::string run_id{};
    std::string path{};
    std::vector<std::string> tags{};
};

namespace {

// 128 random bits as hexadecimal digits: enough to tell runs apart across processes.
std::string new_run_id()
{
    std::random_device source;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (int word = 0; word < 4; ++word) {
        auto bits = source();
        for (int i = 0; i < 8; ++i, bits >>= 4)
            id += digits[bits & 15];
    }
    return id;
}

}  // namespace

run_context::details run_context::copy_details() const { return details_ ? *details_ : details(); }

run_context run_context::with_deadline(clock::time_point at) const
{
    auto copy = *this;
    copy.deadline_ = std::min(at, deadline_);
    return copy;
}

run_context run_context::with_observer(std::shared_ptr<observer> watcher) const
{
    auto changed = copy_details();
    changed.watcher = std::move(watcher);
    if (changed.run_id.empty())
        changed.run_id = new_run_id();
    auto copy = *this;
    copy.details_ = std::make_shared<const details>(std::move(changed));
    return copy;
}

run_context run_context::with_run_id(std::string id) const
{
    auto changed = copy_details();
    changed.run_id = std::move(id);
    auto copy = *this;
    copy.details_ = std::make_shared<const details>(std::move(changed));
    return copy;
}

run_context run_context::with_tag(std::string tag) const
{
    auto changed = copy_details();
    changed.tags.push_back(std::move(tag));
    auto copy = *this;
    copy.details_ = std::make_shared<const details>(std::move(changed));
    return copy;
}

run_context run_context::enter(std::string_view segment) const
{
    if (!observed())
        return *this;
    auto changed = copy_details();
    if (!changed.path.empty())
        changed.path += '/';
    changed.path += segment;
    auto copy = *this;
    copy.details_ = std::make_shared<const details>(std::move(changed));
    return copy;
}

bool run_context::observed() const noexcept { return details_ && details_->watcher; }

observer* run_context::watcher() const noexcept { return details_ ? details_->watcher.get() : nullptr; }

std::string_view run_context::run_id() const noexcept { return details_ ? std::string_view(details_->run_id) : std::string_view(); }

std::string_view run_context::path() const noexcept { return details_ ? std::string_view(details_->path) : std::string_view(); }

const std::vector<std::string>& run_context::tags() const noexcept
{
    static const std::vector<std::string> none;
    return details_ ? details_->tags : none;
}

}  // namespace zincir

#include <zincir/core/secret.hpp>

namespace zincir {

secret& secret::operator=(const secret& other)
{
    if (this != &other) {
        wipe();
        value_ = other.value_;
    }
    return *this;
}

secret& secret::operator=(secret&& other) noexcept
{
    if (this != &other) {
        wipe();
        value_ = std::move(other.value_);
        other.wipe();
    }
    return *this;
}

std::string secret::redact(std::string_view text) const
{
    std::string out(text);
    if (value_.empty())
        return out;
    constexpr std::string_view mask = "[secret]";
    for (auto at = out.find(value_); at != std::string::npos; at = out.find(value_, at + mask.size()))
        out.replace(at, value_.size(), mask);
    return out;
}

void secret::wipe() noexcept
{
    // Through a volatile pointer, so that the compiler keeps the stores to memory that is about to be freed. The whole buffer: a
    // moved-from short string still holds its bytes.
    volatile char* p = value_.data();
    for (std::size_t i = 0, n = value_.capacity(); i < n; ++i)
        p[i] = 0;
    value_.clear();
}

}  // namespace zincir

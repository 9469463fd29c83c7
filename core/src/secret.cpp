#include <zincir/core/secret.hpp>

#include <cstring>

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
    // The whole buffer: a moved-from short string still holds its bytes. The empty assembly reads them, so that the compiler keeps
    // the stores to memory that is about to be freed.
    std::memset(value_.data(), 0, value_.capacity());
    asm volatile("" : : "r"(value_.data()) : "memory");
    value_.clear();
}

}  // namespace zincir

#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace zincir {

/// A key or token. It cannot be printed, formatted, compared or serialised by accident; its bytes are overwritten when it goes.
class secret {
public:
    secret() = default;
    explicit secret(std::string value) : value_(std::move(value)) {}
    secret(const secret&) = default;
    secret(secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    secret& operator=(const secret& other);
    secret& operator=(secret&& other) noexcept;
    ~secret() { wipe(); }

    bool empty() const noexcept { return value_.empty(); }
    /// The value itself, for the one place that puts it on the wire. Valid while this object lives.
    const std::string& reveal() const noexcept { return value_; }
    /// `text` with every occurrence of the value replaced by "[secret]".
    std::string redact(std::string_view text) const;

private:
    void wipe() noexcept;
    std::string value_;
};

template <class Stream>
Stream& operator<<(Stream&, const secret&) = delete;

}  // namespace zincir

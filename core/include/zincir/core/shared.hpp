#pragma once

#include <memory>
#include <utility>

namespace zincir {

/// A value that many hold and nobody changes: copying it copies a pointer. Converts from T and to const T&; members by `->`.
/// Default constructed it is a default T. Thread-safe as any constant is.
template <class T>
class shared {
public:
    shared() noexcept = default;
    shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

    const T& operator*() const noexcept { return value_ ? *value_ : empty(); }
    const T* operator->() const noexcept { return &**this; }
    operator const T&() const noexcept { return **this; }

private:
    static const T& empty() noexcept
    {
        static const T value{};
        return value;
    }
    std::shared_ptr<const T> value_{};
};

}  // namespace zincir

#pragma once

#include "value.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace zincir::detail::jinja {

/// As memcpy, without a call for what is short.
inline void copy_bytes(char* to, const char* from, std::size_t n) noexcept
{
    const auto words = [&](auto first) {
        auto last = first;
        std::memcpy(&first, from, sizeof first);
        std::memcpy(&last, from + n - sizeof last, sizeof last);
        std::memcpy(to, &first, sizeof first);
        std::memcpy(to + n - sizeof last, &last, sizeof last);
    };
    if (n > 16) {
        std::memcpy(to, from, n);
    } else if (n >= 8) {
        words(std::uint64_t{});
    } else if (n >= 4) {
        words(std::uint32_t{});
    } else if (n > 0) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
}

/// Thrown by the heap; the renderer turns it into errc::limit_exceeded with a place.
struct heap_exhausted {};

/// The memory of the values that one rendering makes; freed as a whole, so values may hold each other in circles and to any depth.
class heap {
public:
    /// Taking memory counts as work on as many bytes: who fills it has that to do.
    heap(std::size_t budget, work_meter& work) : budget_(budget), work_(work) {}
    heap(const heap&) = delete;
    heap& operator=(const heap&) = delete;

    void* raw(std::size_t bytes)
    {
        bytes = (bytes + 7) & ~std::size_t{7};
        work_.bytes(bytes);
        if (bytes > static_cast<std::size_t>(end_ - next_))
            grow(bytes, 0);
        auto* at = next_;
        next_ += bytes;
        grown_end_ = nullptr;
        return at;
    }
    template <class T>
    T* make(T t = T())
    {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
        return new (raw(sizeof(T))) T(t);
    }
    template <class T>
    T* many(std::size_t n)
    {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
        if (n > budget_ / sizeof(T))
            throw heap_exhausted();
        auto* first = static_cast<T*>(raw(n * sizeof(T)));
        std::uninitialized_default_construct_n(first, n);
        return first;
    }
    char* chars(std::size_t n)
    {
        if (n > budget_)
            throw heap_exhausted();
        return static_cast<char*>(raw(n));
    }
    std::string_view copy(std::string_view text);
    /// `a` and `b` in turn. Grows `a` in place where it is the youngest text, so that adding to a text many times is linear.
    std::string_view joined(std::string_view a, std::string_view b);

    /// What is left for values.
    std::size_t room() const noexcept { return budget_ - std::min(used_, budget_); }
    /// Keeps a block that was filled elsewhere.
    void adopt(std::unique_ptr<char[]> block, std::size_t bytes);
    /// Counts what lies elsewhere for as long as the heap.
    void hold(std::size_t bytes);

    list_data* list(std::size_t capacity, bool tuple = false);
    void push(list_data& l, const value& v);
    dict_data* dict(std::size_t capacity);
    /// Sets or replaces.
    void put(dict_data& d, const value& key, const value& held);

    struct mark {
        char* next;
        char* end;
        std::size_t blocks;
        std::size_t used;
    };
    mark here() const noexcept { return {next_, end_, blocks_.size(), used_}; }
    /// Frees what was made since.
    void back_to(const mark& m) noexcept
    {
        next_ = m.next;
        end_ = m.end;
        if (blocks_.size() > m.blocks)
            blocks_.resize(m.blocks);
        used_ = m.used;
        grown_end_ = nullptr;
    }

private:
    void grow(std::size_t bytes, std::size_t wanted);

    alignas(8) char first_[2048];
    char* next_ = first_;
    char* end_ = first_ + sizeof first_;
    std::vector<std::unique_ptr<char[]>> blocks_{};
    char* grown_end_ = nullptr;  // of the text that may grow in place: the youngest thing here
    std::size_t used_ = 0;
    std::size_t budget_;
    work_meter& work_;
};

/// A text in the making that ends in a heap, and never grows beyond what has room there.
class text_maker {
public:
    text_maker(heap& memory, work_meter& work) : memory_(memory), work_(work) {}
    text_maker(const text_maker&) = delete;
    text_maker& operator=(const text_maker&) = delete;
    text_maker& operator+=(char c)
    {
        if (size_ == capacity_)
            grow(1);
        data_[size_++] = c;
        return *this;
    }
    text_maker& operator+=(std::string_view text)
    {
        work_.bytes(text.size());
        if (text.size() > capacity_ - size_)
            grow(text.size());
        copy_bytes(data_ + size_, text.data(), text.size());
        size_ += text.size();
        return *this;
    }
    void append(std::string_view part, std::size_t times);
    /// Room for that many bytes, which are written there and then taken.
    char* room(std::size_t bytes)
    {
        work_.bytes(bytes);
        if (bytes > capacity_ - size_)
            grow(bytes);
        return data_ + size_;
    }
    void take(std::size_t bytes) noexcept { size_ += bytes; }
    std::size_t size() const noexcept { return size_; }
    std::string_view so_far() const noexcept { return {data_, size_}; }
    /// Of what was made, once.
    std::string_view finish();

private:
    void grow(std::size_t more);

    heap& memory_;
    work_meter& work_;
    char small_[256];
    char* data_ = small_;
    std::size_t size_ = 0;
    std::size_t capacity_ = sizeof small_;
    std::unique_ptr<char[]> block_{};
};

}  // namespace zincir::detail::jinja

#include <zincir/core/content.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>

namespace zincir {

static_assert(std::is_nothrow_move_constructible_v<content_block>);

content::content(std::initializer_list<content_block> blocks) : content()
{
    reserve(blocks.size());
    for (const auto& block : blocks)
        push_back(block);
}

content::content(const content& other) : content()
{
    reserve(other.size());
    for (const auto& block : other)
        push_back(block);
}

content::content(content&& other) noexcept : content() { take(other); }

content& content::operator=(const content& other)
{
    if (this != &other)
        *this = content(other);
    return *this;
}

content& content::operator=(content&& other) noexcept
{
    if (this != &other) {
        let_go();
        take(other);
    }
    return *this;
}

content::~content() { let_go(); }

content::reference content::at(size_type i)
{
    if (i >= size_)
        throw std::out_of_range("zincir: this content has no block of that number");
    return data_[i];
}

content::const_reference content::at(size_type i) const { return const_cast<content*>(this)->at(i); }

content::iterator content::insert(const_iterator before, content_block block)
{
    const auto place = before - begin();
    append(std::move(block));
    std::rotate(begin() + place, end() - 1, end());
    return begin() + place;
}

content::iterator content::erase(const_iterator block)
{
    auto* at = begin() + (block - begin());
    std::move(at + 1, end(), at);
    pop_back();
    return at;
}

void content::pop_back() { std::destroy_at(data_ + --size_); }

void content::clear() noexcept
{
    std::destroy_n(data_, size_);
    size_ = 0;
}

void content::reserve(size_type n)
{
    if (n <= capacity_)
        return;
    if (n > std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("zincir: too many blocks for one message");
    auto* larger = std::allocator<content_block>().allocate(n);
    std::uninitialized_move_n(data_, size_, larger);
    const auto size = size_;
    let_go();
    data_ = larger;
    size_ = size;
    capacity_ = static_cast<std::uint32_t>(n);
}

content::reference content::append(content_block&& block)
{
    // `block` is never one of ours: both callers make a new one.
    if (size_ == capacity_)
        reserve(size_type{capacity_} * 2);
    std::construct_at(data_ + size_, std::move(block));
    return data_[size_++];
}

// Of an empty content without memory of its own.
void content::take(content& other) noexcept
{
    if (other.data_ == other.inside()) {
        std::uninitialized_move_n(other.data_, other.size_, data_);
        size_ = other.size_;
        other.clear();
    } else {
        data_ = std::exchange(other.data_, other.inside());
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 1);
    }
}

// Empty and without memory of its own afterwards.
void content::let_go() noexcept
{
    clear();
    if (data_ != inside())
        std::allocator<content_block>().deallocate(data_, capacity_);
    data_ = inside();
    capacity_ = 1;
}

}  // namespace zincir

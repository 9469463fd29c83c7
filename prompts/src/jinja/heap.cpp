#include "heap.hpp"

#include <algorithm>

namespace zincir::detail::jinja {
namespace {

constexpr std::size_t block_bytes = std::size_t{16} << 10;

}  // namespace

void heap::grow(std::size_t bytes, std::size_t wanted)
{
    if (bytes > room())
        throw heap_exhausted();
    wanted = std::max({wanted, block_bytes, used_ / 4});
    wanted = (std::max(bytes, std::min(wanted, room())) + 7) & ~std::size_t{7};
    blocks_.emplace_back(new char[wanted]);
    next_ = blocks_.back().get();
    end_ = next_ + wanted;
    used_ += wanted;
}

void heap::hold(std::size_t bytes)
{
    if (bytes > room())
        throw heap_exhausted();
    used_ += bytes;
}

void heap::adopt(std::unique_ptr<char[]> block, std::size_t bytes)
{
    hold(bytes);
    blocks_.push_back(std::move(block));
}

std::string_view heap::copy(std::string_view text)
{
    if (text.empty())
        return {"", 0};
    auto* at = chars(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
}

std::string_view heap::joined(std::string_view a, std::string_view b)
{
    if (a.empty())
        return b;
    if (b.empty())
        return a;
    auto* end = const_cast<char*>(a.data()) + a.size();
    if (end == grown_end_ && b.size() <= static_cast<std::size_t>(end_ - end)) {
        work_.bytes(b.size());
        std::memcpy(end, b.data(), b.size());
        grown_end_ = end + b.size();
        next_ = std::max(next_, end_ - ((end_ - grown_end_) & ~std::ptrdiff_t{7}));
        return {a.data(), a.size() + b.size()};
    }
    const auto size = a.size() + b.size();
    // What grows by small pieces will go on to.
    if (b.size() < a.size() / 4 && size > static_cast<std::size_t>(end_ - next_))
        grow(size, size + size / 2);
    auto* at = chars(size);
    std::memcpy(at, a.data(), a.size());
    std::memcpy(at + a.size(), b.data(), b.size());
    grown_end_ = at + a.size() + b.size();
    return {at, a.size() + b.size()};
}

list_data* heap::list(std::size_t capacity, bool tuple)
{
    auto* l = make<list_data>();
    l->items = capacity ? many<value>(capacity) : nullptr;
    l->capacity = capacity;
    l->tuple = tuple;
    return l;
}

void heap::push(list_data& l, const value& v)
{
    const auto held = v;
    if (l.size == l.capacity) {
        const auto capacity = std::max<std::size_t>(4, l.capacity * 2);
        auto* items = many<value>(capacity);
        std::copy_n(l.items, l.size, items);
        l.items = items;
        l.capacity = capacity;
    }
    l.items[l.size++] = held;
}

dict_data* heap::dict(std::size_t capacity)
{
    auto* d = make<dict_data>();
    d->items = capacity ? many<member>(capacity) : nullptr;
    d->capacity = capacity;
    return d;
}

void heap::put(dict_data& d, const value& key, const value& held)
{
    for (std::size_t i = 0; i < d.size; ++i)
        if (equal(d.items[i].key, key, work_)) {
            d.items[i].held = held;
            return;
        }
    if (d.size == d.capacity) {
        const auto capacity = std::max<std::size_t>(4, d.capacity * 2);
        auto* items = many<member>(capacity);
        std::copy_n(d.items, d.size, items);
        d.items = items;
        d.capacity = capacity;
    }
    d.items[d.size++] = {key, held};
}

void text_maker::append(std::string_view part, std::size_t times)
{
    if (part.empty() || times == 0)
        return;
    if (times > memory_.room() / part.size() + sizeof small_)
        throw heap_exhausted();
    grow(times * part.size());
    work_.bytes(times * part.size());
    if (part.size() == 1)
        std::fill_n(data_ + size_, times, part.front());
    else
        for (std::size_t i = 0; i < times; ++i)
            std::copy(part.begin(), part.end(), data_ + size_ + i * part.size());
    size_ += times * part.size();
}

void text_maker::grow(std::size_t more)
{
    if (more <= capacity_ - size_)
        return;
    const auto room = memory_.room();
    if (more > room || size_ > room - more)
        throw heap_exhausted();
    capacity_ = std::min(std::max(capacity_ * 2, size_ + more), room);
    std::unique_ptr<char[]> block(new char[capacity_]);
    std::copy_n(data_, size_, block.get());
    block_ = std::move(block);
    data_ = block_.get();
}

std::string_view text_maker::finish()
{
    if (!block_ || size_ < capacity_ / 2)
        return memory_.copy(so_far());
    const std::string_view made = so_far();
    memory_.adopt(std::move(block_), capacity_);
    return made;
}

}  // namespace zincir::detail::jinja

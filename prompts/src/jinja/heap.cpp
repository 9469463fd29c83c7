#include "heap.hpp"

#include <algorithm>

namespace zincir::detail::jinja {
namespace {

constexpr std::size_t block_bytes = std::size_t{16} << 10;

}  // namespace

void heap::grow(std::size_t bytes)
{
    if (bytes > budget_ - std::min(used_, budget_))
        throw heap_exhausted();
    const auto wanted = (std::max(bytes, std::min(std::max(block_bytes, used_ / 4), budget_ - used_)) + 7) & ~std::size_t{7};
    blocks_.emplace_back(new char[wanted]);
    next_ = blocks_.back().get();
    end_ = next_ + wanted;
    used_ += wanted;
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
        std::memcpy(end, b.data(), b.size());
        grown_end_ = end + b.size();
        next_ = std::max(next_, end_ - ((end_ - grown_end_) & ~std::ptrdiff_t{7}));
        return {a.data(), a.size() + b.size()};
    }
    auto* at = chars(a.size() + b.size());
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
        if (equal(d.items[i].key, key, comparing_)) {
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

}  // namespace zincir::detail::jinja

#include "allocation_counter.hpp"

#include <malloc.h>
#include <stdlib.h>

#include <algorithm>
#include <new>

namespace {

thread_local zincir::testing::allocations mine;
thread_local std::ptrdiff_t live = 0;  // below zero where a thread frees what another took
thread_local std::ptrdiff_t highest = 0;

void* taken(void* memory)
{
    live += static_cast<std::ptrdiff_t>(::malloc_usable_size(memory));
    highest = std::max(highest, live);
    return memory;
}

void freed(void* memory)
{
    live -= static_cast<std::ptrdiff_t>(::malloc_usable_size(memory));
    std::free(memory);
}

void* counted(std::size_t size)
{
    ++mine.count;
    mine.bytes += size;
    return std::malloc(size == 0 ? 1 : size);
}

void* counted(std::size_t size, std::size_t alignment)
{
    ++mine.count;
    mine.bytes += size;
    void* memory = nullptr;
    return ::posix_memalign(&memory, std::max(alignment, sizeof(void*)), size == 0 ? 1 : size) == 0 ? memory : nullptr;
}

template <class... Alignment>
void* counted_or_throw(std::size_t size, Alignment... alignment)
{
    if (void* memory = counted(size, alignment...))
        return taken(memory);
    throw std::bad_alloc();
}

}  // namespace

zincir::testing::allocations zincir::testing::allocations::so_far() noexcept { return mine; }

zincir::testing::peak_bytes::peak_bytes() noexcept : at_start_(live) { highest = live; }
std::size_t zincir::testing::peak_bytes::so_far() const noexcept { return static_cast<std::size_t>(highest - at_start_); }

// posix_memalign and not the C library's own function behind it, so that the sanitizers see the block.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return counted(size, alignment); }

void* operator new(std::size_t size) { return counted_or_throw(size); }
void* operator new[](std::size_t size) { return counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return taken(counted(size)); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return taken(counted(size)); }
void* operator new(std::size_t size, std::align_val_t a) { return counted_or_throw(size, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t size, std::align_val_t a) { return counted_or_throw(size, static_cast<std::size_t>(a)); }

void operator delete(void* memory) noexcept { freed(memory); }
void operator delete[](void* memory) noexcept { freed(memory); }
void operator delete(void* memory, std::size_t) noexcept { freed(memory); }
void operator delete[](void* memory, std::size_t) noexcept { freed(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { freed(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { freed(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { freed(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { freed(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { freed(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { freed(memory); }

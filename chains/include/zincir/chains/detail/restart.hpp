#pragma once

#include <zincir/core/message_chunk.hpp>
#include <zincir/core/stream.hpp>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace zincir::detail {

/// Whether a reader would notice if `chunk` came a second time. What only tells facts is held back until something does.
template <class Chunk>
bool is_content(const Chunk&)
{
    return true;
}
inline bool is_content(const message_chunk& chunk) { return chunk.what != message_chunk::kind::facts; }

/// A stream that is opened anew as long as nothing of it was shown. `open(failed)` gives the next attempt's stream; it is called
/// with null first, then with what the attempt before failed with, and throws when there is to be no other.
template <class Chunk, class Open>
stream<Chunk> restartable(Open open)
{
    return stream<Chunk>([open = std::move(open), pieces = stream<Chunk>(), held = std::vector<Chunk>(), shown = std::size_t{0},
                          begun = false]() mutable -> awaitable<std::optional<Chunk>> {
        std::exception_ptr failed;
        while (!begun) {
            begun = true;  // also when open() throws: then the stream is over
            held.clear();
            pieces = stream<Chunk>();
            pieces = co_await open(std::exchange(failed, nullptr));
            try {
                while (auto chunk = co_await pieces.next()) {
                    held.push_back(std::move(*chunk));
                    if (is_content(held.back()))
                        break;
                }
            } catch (...) {
                failed = std::current_exception();
                begun = false;
            }
        }
        if (shown < held.size())
            co_return std::move(held[shown++]);
        co_return co_await pieces.next();
    });
}

/// `pieces`, with `segment` in front of the path of their errors.
template <class T>
stream<T> inside(stream<T> pieces, std::string segment)
{
    return stream<T>([pieces = std::move(pieces), segment = std::move(segment)]() mutable -> awaitable<std::optional<T>> {
        try {
            co_return co_await pieces.next();
        } catch (...) {
            throw to_error(std::current_exception()).inside(segment);
        }
    });
}

}  // namespace zincir::detail

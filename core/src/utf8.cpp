#include <zincir/core/detail/utf8.hpp>

#include <cstdint>
#include <cstring>

namespace zincir::detail {

std::size_t find_invalid_utf8(std::string_view text) noexcept
{
    std::size_t i = 0;
    while (i < text.size()) {
        // Eight ASCII bytes at once: most text is.
        if (text.size() - i >= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, 8);
            if ((word & 0x8080808080808080U) == 0) {
                i += 8;
                continue;
            }
        }
        const auto length = utf8_length_at(text, i);
        if (length == 0)
            return i;
        i += length;
    }
    return std::string_view::npos;
}

std::string to_valid_utf8(std::string_view text)
{
    std::string out;
    for (;;) {
        const auto bad = find_invalid_utf8(text);
        out += text.substr(0, bad);
        if (bad == std::string_view::npos)
            return out;
        out += "\xEF\xBF\xBD";
        text.remove_prefix(bad + 1);
    }
}

}  // namespace zincir::detail

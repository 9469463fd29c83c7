#include <zincir/core/media.hpp>

#include <array>

namespace zincir {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto digits = [] {
    std::array<signed char, 256> all{};
    for (auto& digit : all)
        digit = -1;
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        all[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    return all;
}();

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

error no_base64(std::string_view why) { return error(errc::invalid_argument, "this is no base64: " + std::string(why)); }

}  // namespace

std::string to_base64(std::string_view bytes)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto left = bytes.size() - i;
        const auto byte = [&](std::size_t k) { return k < left ? static_cast<unsigned char>(bytes[i + k]) : 0U; };
        const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        out += left > 1 ? alphabet[group >> 6 & 63] : '=';
        out += left > 2 ? alphabet[group & 63] : '=';
    }
    return out;
}

result<std::string> try_from_base64(std::string_view text)
{
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    unsigned group = 0;
    std::size_t count = 0, padding = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_blank(text[i]))
            continue;
        if (text[i] == '=') {
            ++padding;
            continue;
        }
        const auto digit = digits[static_cast<unsigned char>(text[i])];
        if (digit < 0 || padding > 0)
            return no_base64("byte " + std::to_string(i) + (padding > 0 ? " comes behind the padding" : " is none of its letters"));
        group = group << 6 | static_cast<unsigned>(digit);
        if (++count % 4 == 0) {
            out += static_cast<char>(group >> 16 & 0xFF);
            out += static_cast<char>(group >> 8 & 0xFF);
            out += static_cast<char>(group & 0xFF);
            group = 0;
        }
    }
    const auto over = count % 4;
    if (over == 1 || (padding > 0 && over + padding != 4))
        return no_base64(over == 1 ? "a letter is missing at its end" : "its padding does not fit its length");
    if (over > 1)
        out += static_cast<char>(group >> (over == 2 ? 4 : 10) & 0xFF);
    if (over == 3)
        out += static_cast<char>(group >> 2 & 0xFF);
    return out;
}

}  // namespace zincir

#include <zincir/core/content.hpp>

#include <string_view>

namespace zincir {
namespace {

// RFC 4648 §4, with padding.
std::string to_base64(std::string_view bytes)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

media from_bytes(std::string_view bytes, std::string mime_type)
{
    media m;
    m.mime_type = std::move(mime_type);
    m.base64 = to_base64(bytes);
    return m;
}

}  // namespace

image_block image_url(std::string url, std::string detail)
{
    media m;
    m.url = std::move(url);
    m.detail = std::move(detail);
    return image_block(std::move(m));
}

image_block image_bytes(std::string_view bytes, std::string mime_type)
{
    return image_block(from_bytes(bytes, std::move(mime_type)));
}

audio_block audio_bytes(std::string_view bytes, std::string mime_type)
{
    return audio_block(from_bytes(bytes, std::move(mime_type)));
}

file_block file_bytes(std::string_view bytes, std::string mime_type, std::string name)
{
    auto m = from_bytes(bytes, std::move(mime_type));
    m.name = std::move(name);
    return file_block(std::move(m));
}

}  // namespace zincir

#include <zincir/core/detail/utf8.hpp>
#include <zincir/core/json.hpp>
#include <zincir/core/media.hpp>

#include <algorithm>
#include <array>

namespace zincir {
namespace {

using namespace std::string_view_literals;

struct signature {
    std::string_view at_start;
    std::string_view type;
};

// Bytes at the start that no other format has.
constexpr std::array signatures{
    signature{"\x89PNG\r\n\x1A\n"sv, "image/png"},
    signature{"\xFF\xD8\xFF"sv, "image/jpeg"},
    signature{"GIF87a"sv, "image/gif"},
    signature{"GIF89a"sv, "image/gif"},
    signature{"II*\0"sv, "image/tiff"},
    signature{"MM\0*"sv, "image/tiff"},
    signature{"%PDF-"sv, "application/pdf"},
    signature{"ID3"sv, "audio/mpeg"},
    signature{"fLaC"sv, "audio/flac"},
    signature{"OggS\0"sv, "audio/ogg"},
};

// The first code point and, of a BMP, the sizes in its header: two letters alone begin many a text.
bool is_bmp(std::string_view bytes)
{
    if (!bytes.starts_with("BM") || bytes.size() < 18)
        return false;
    const auto header = static_cast<unsigned char>(bytes[14]);
    return bytes.substr(6, 4) == "\0\0\0\0"sv && bytes.substr(15, 3) == "\0\0\0"sv &&
           (header == 12 || header == 40 || header == 52 || header == 56 || header == 64 || header == 108 || header == 124);
}

std::string_view riff(std::string_view bytes)
{
    if (!bytes.starts_with("RIFF") || bytes.size() < 12)
        return {};
    const auto form = bytes.substr(8, 4);
    return form == "WAVE" ? "audio/wav"sv : form == "WEBP" ? "image/webp"sv : ""sv;
}

// ISO base media files (ISO/IEC 14496-12 §4.3): the brands say what is inside.
std::string_view iso_media(std::string_view bytes)
{
    if (bytes.size() < 16 || bytes.substr(4, 4) != "ftyp")
        return {};
    std::size_t size = 0;
    for (const char c : bytes.substr(0, 4))
        size = size << 8 | static_cast<unsigned char>(c);
    const auto box = bytes.substr(0, std::min(size, bytes.size()));
    for (std::size_t at = 8; at + 4 <= box.size(); at += at == 8 ? 8U : 4U) {  // behind the first brand comes its version
        const auto brand = box.substr(at, 4);
        if (brand == "avif" || brand == "avis")
            return "image/avif";
        if (brand == "heic" || brand == "heix" || brand == "heim" || brand == "heis" || brand == "hevc" || brand == "hevx")
            return "image/heic";
        if (brand == "M4A " || brand == "M4B ")
            return "audio/mp4";
    }
    return "video/mp4";
}

// WHATWG MIME Sniffing §6.2.2: an EBML header whose DocType is webm.
std::string_view webm(std::string_view bytes)
{
    if (!bytes.starts_with("\x1A\x45\xDF\xA3"sv))
        return {};
    return bytes.substr(0, 64).find("webm") == std::string_view::npos ? ""sv : "video/webm"sv;
}

// The length of the MPEG audio frame (layer III) at the start, or 0 (§6.2.3 and §6.2.4).
std::size_t mp3_frame(std::string_view bytes)
{
    if (bytes.size() < 4)
        return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
    const unsigned version = byte(1) >> 3 & 3, layer = byte(1) >> 1 & 3, rate = byte(2) >> 4, frequency = byte(2) >> 2 & 3;
    if (byte(0) != 0xFF || (byte(1) & 0xE0) != 0xE0 || version == 1 || layer != 1 || rate == 0 || rate == 15 || frequency == 3)
        return 0;
    constexpr std::array<unsigned, 15> first{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
    constexpr std::array<unsigned, 15> second{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
    constexpr std::array<unsigned, 3> hertz{44100, 48000, 32000};
    const unsigned scale = version == 3 ? 1 : version == 2 ? 2 : 4;
    const unsigned kilobits = version == 3 ? first[rate] : second[rate];
    return (version == 3 ? 144U : 72U) * kilobits * 1000 / (hertz[frequency] / scale) + (byte(2) >> 1 & 1);
}

// One frame and the start of the next: a sync word alone is any bytes.
bool is_mp3(std::string_view bytes)
{
    const auto length = mp3_frame(bytes);
    return length > 0 && (bytes.size() == length || (bytes.size() > length && mp3_frame(bytes.substr(length)) > 0));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool is_html(std::string_view bytes)
{
    bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n\f"), bytes.size()));
    const auto start = lowered(bytes.substr(0, 15));
    for (const auto tag : {"<!doctype html"sv, "<html"sv})
        if (start.starts_with(tag) && start.size() > tag.size() && (start[tag.size()] == ' ' || start[tag.size()] == '>'))
            return true;
    return false;
}

constexpr std::size_t sniffed_bytes = 2048;

// The type without parameters, by the name sniff_signature uses.
std::string canonical(std::string_view type)
{
    auto name = lowered(type.substr(0, type.find(';')));
    name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 20> names{{{"image/jpg", "image/jpeg"},
                                                                                          {"image/pjpeg", "image/jpeg"},
                                                                                          {"image/x-png", "image/png"},
                                                                                          {"image/x-ms-bmp", "image/bmp"},
                                                                                          {"image/heif", "image/heic"},
                                                                                          {"audio/x-wav", "audio/wav"},
                                                                                          {"audio/wave", "audio/wav"},
                                                                                          {"audio/vnd.wave", "audio/wav"},
                                                                                          {"audio/mp3", "audio/mpeg"},
                                                                                          {"audio/mpga", "audio/mpeg"},
                                                                                          {"audio/x-flac", "audio/flac"},
                                                                                          {"audio/opus", "audio/ogg"},
                                                                                          {"application/ogg", "audio/ogg"},
                                                                                          {"video/ogg", "audio/ogg"},
                                                                                          {"audio/webm", "video/webm"},
                                                                                          {"audio/mp4", "video/mp4"},
                                                                                          {"audio/m4a", "video/mp4"},
                                                                                          {"audio/x-m4a", "video/mp4"},
                                                                                          {"application/x-pdf", "application/pdf"},
                                                                                          {"video/quicktime", "video/mp4"}}};
    for (const auto& [other, usual] : names)
        if (name == other)
            return std::string(usual);
    return name;
}

}  // namespace

std::string_view sniff_signature(std::string_view bytes) noexcept
{
    for (const auto& s : signatures)
        if (bytes.starts_with(s.at_start))
            return s.type;
    if (is_bmp(bytes))
        return "image/bmp";
    if (const auto type = riff(bytes); !type.empty())
        return type;
    if (const auto type = iso_media(bytes); !type.empty())
        return type;
    if (const auto type = webm(bytes); !type.empty())
        return type;
    if (is_mp3(bytes.substr(0, sniffed_bytes)))
        return "audio/mpeg";
    return is_html(bytes.substr(0, sniffed_bytes)) ? "text/html"sv : ""sv;
}

std::string_view sniff_media_type(std::string_view bytes)
{
    if (const auto type = sniff_signature(bytes); !type.empty())
        return type;
    const bool binary = std::any_of(bytes.begin(), bytes.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 8 || byte == 0x0B || (byte >= 0x0E && byte <= 0x1A) || (byte >= 0x1C && byte <= 0x1F);
    });
    if (binary || detail::find_invalid_utf8(bytes) != std::string_view::npos)
        return {};
    const auto first = bytes.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && (bytes[first] == '{' || bytes[first] == '[') && try_parse_json(bytes))
        return "application/json";
    return "text/plain";
}

void check_media_type(std::string_view bytes, std::string_view stated)
{
    const auto found = sniff_signature(bytes);
    if (found.empty() || canonical(found) == canonical(stated) || (found == "text/html" && stated.starts_with("text/")))
        return;
    throw error(errc::invalid_argument, "the bytes are " + std::string(found) + ", but \"" + std::string(stated) +
                                            "\" is stated: leave the type out, and it is read from the bytes");
}

}  // namespace zincir

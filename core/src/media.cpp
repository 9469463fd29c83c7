#include <zincir/core/media.hpp>

#include <algorithm>
#include <fstream>

namespace zincir {
namespace {

enum class kind { image, audio, file };

bool fits(kind k, std::string_view type)
{
    if (k == kind::image)
        return type.starts_with("image/");
    // The containers hold sound as well as pictures.
    if (k == kind::audio)
        return type.starts_with("audio/") || type == "video/webm" || type == "video/mp4";
    return true;
}

media from_bytes(std::string_view bytes, std::string mime_type, kind k)
{
    static constexpr std::string_view words[] = {"picture", "sound", "file"};
    const auto word = std::string(words[static_cast<std::size_t>(k)]);
    if (mime_type.empty()) {
        mime_type = sniff_media_type(bytes);
        if (mime_type.empty())
            throw error(errc::invalid_argument, "the bytes of a " + word + " show no type that is known: state it");
        if (!fits(k, mime_type))
            throw error(errc::invalid_argument, "the bytes of a " + word + " are " + mime_type + ": that is none");
    } else {
        check_media_type(bytes, mime_type);
    }
    media m;
    m.mime_type = std::move(mime_type);
    m.base64 = to_base64(bytes);
    return m;
}

std::string read(const std::filesystem::path& path, std::size_t max_bytes)
{
    const auto name = "\"" + path.string() + "\"";
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed))
        throw error(errc::invalid_argument,
                    name + (std::filesystem::exists(path, failed) ? " is no regular file" : " is not there"));
    const auto too_big = [&] {
        return error(errc::limit_exceeded,
                     name + " has more than " + std::to_string(max_bytes) + " bytes: give a larger max_bytes, or send less");
    };
    const auto size = std::filesystem::file_size(path, failed);
    if (!failed && size > max_bytes)
        throw too_big();
    std::ifstream file(path, std::ios::binary);
    // One byte more than it had: a file may grow meanwhile.
    std::string bytes(failed ? 0 : static_cast<std::size_t>(size) + 1, '\0');
    if (!file || failed || !(file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || file.eof()))
        throw error(errc::invalid_argument, name + " cannot be read");
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    if (bytes.size() > max_bytes)
        throw too_big();
    return bytes;
}

template <class Make>
auto of_file(const std::filesystem::path& path, std::size_t max_bytes, Make make)
{
    const auto bytes = read(path, max_bytes);
    try {
        return make(bytes);
    } catch (const error& e) {
        throw error(errc::invalid_argument, "\"" + path.string() + "\": " + e.facts().message);
    }
}

bool starts_with_scheme(std::string_view url, std::string_view scheme)
{
    return url.size() >= scheme.size() && std::equal(scheme.begin(), scheme.end(), url.begin(), [](char expected, char c) {
               return expected == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
           });
}

error bad_data_url(std::string_view why) { return error(errc::invalid_argument, "the data: address " + std::string(why)); }

}  // namespace

image_block image_url(std::string url, std::string detail)
{
    media m;
    m.url = std::move(url);
    m.detail = std::move(detail);
    return image_block(std::move(m));
}

audio_block audio_url(std::string url)
{
    media m;
    m.url = std::move(url);
    return audio_block(std::move(m));
}

file_block file_url(std::string url, std::string name)
{
    media m;
    m.url = std::move(url);
    m.name = std::move(name);
    return file_block(std::move(m));
}

image_block image_bytes(std::string_view bytes, std::string mime_type)
{
    return image_block(from_bytes(bytes, std::move(mime_type), kind::image));
}

audio_block audio_bytes(std::string_view bytes, std::string mime_type)
{
    auto m = from_bytes(bytes, std::move(mime_type), kind::audio);
    return audio_block(std::move(m));
}

file_block file_bytes(std::string_view bytes, std::string mime_type, std::string name)
{
    auto m = from_bytes(bytes, std::move(mime_type), kind::file);
    m.name = std::move(name);
    return file_block(std::move(m));
}

image_block image_file(const std::filesystem::path& path, std::string detail, std::size_t max_bytes)
{
    auto block = of_file(path, max_bytes, [](std::string_view bytes) { return image_bytes(bytes); });
    block.source.detail = std::move(detail);
    return block;
}

audio_block audio_file(const std::filesystem::path& path, std::size_t max_bytes)
{
    return of_file(path, max_bytes, [](std::string_view bytes) { return audio_bytes(bytes); });
}

file_block attached_file(const std::filesystem::path& path, std::size_t max_bytes)
{
    return of_file(path, max_bytes, [&](std::string_view bytes) { return file_bytes(bytes, {}, path.filename().string()); });
}

result<media> try_parse_data_url(std::string_view url)
{
    if (!starts_with_scheme(url, "data:"))
        return bad_data_url("does not begin with data:");
    const auto comma = url.find(',');
    if (comma == std::string_view::npos)
        return bad_data_url("has no comma: write data:image/png;base64,…");
    auto head = url.substr(5, comma - 5);
    if (!head.ends_with(";base64"))
        return bad_data_url("is not in base64: write data:image/png;base64,…");
    head.remove_suffix(7);
    const auto bytes = try_from_base64(url.substr(comma + 1));
    if (!bytes)
        return bad_data_url("holds no data: " + bytes.error().facts().message);
    media m;
    m.mime_type = head.empty() ? "text/plain" : std::string(head);
    try {
        if (!head.empty())
            check_media_type(*bytes, m.mime_type);
    } catch (const error& e) {
        return e;
    }
    m.base64 = to_base64(*bytes);
    return m;
}

std::string to_data_url(const media& source)
{
    return source.base64.empty() ? std::string() : "data:" + source.mime_type + ";base64," + source.base64;
}

void check_media_url(std::string_view url)
{
    constexpr std::size_t shown = 60;
    const auto quoted = "\"" + std::string(url.substr(0, shown)) + (url.size() > shown ? "…\"" : "\"");
    if (starts_with_scheme(url, "data:"))
        return;
    for (const std::string_view scheme : {"http://", "https://"})
        if (starts_with_scheme(url, scheme)) {
            const auto host = url.substr(scheme.size());
            if (host.empty() || host.front() == '/' || host.front() == '?' || host.front() == '#')
                throw error(errc::invalid_argument, quoted + " has no host");
            if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7F'; }))
                throw error(errc::invalid_argument, quoted + " has a blank or control character: write it as %20");
            return;
        }
    throw error(errc::invalid_argument,
                quoted +
                    " is no address of a picture, sound or file: that begins with http://, https:// or data:. Files of this "
                    "machine are never read by their name in a template: use image_file(), audio_file() or attached_file()");
}

}  // namespace zincir

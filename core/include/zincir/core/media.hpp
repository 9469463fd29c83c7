#pragma once

#include <zincir/core/content.hpp>
#include <zincir/core/error.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace zincir {

/// The media type that the bytes themselves show, or nothing: PNG, JPEG, GIF, WebP, BMP, TIFF, HEIC, AVIF, PDF, WAV, MP3, FLAC,
/// OGG, M4A, MP4, WebM, HTML. Looks at the first 2 KiB. Signatures: WHATWG MIME Sniffing Standard §6 and §7.1, and the formats' own
/// specifications for TIFF, HEIC, AVIF, FLAC and M4A.
std::string_view sniff_signature(std::string_view bytes) noexcept;

/// Likewise; else "application/json" for one JSON object or array, "text/plain" for UTF-8 without control characters (§7.2), or
/// nothing.
std::string_view sniff_media_type(std::string_view bytes);

/// Throws errc::invalid_argument where the signature of `bytes` is that of another type than `stated`. Other names of one type
/// ("image/jpg", "audio/x-wav") and parameters ("; charset=utf-8") are no contradiction.
void check_media_type(std::string_view bytes, std::string_view stated);

/// Base64 (RFC 4648 §4, with padding), and back: ASCII whitespace is skipped and padding may be missing. Error:
/// errc::invalid_argument.
std::string to_base64(std::string_view bytes);
result<std::string> try_from_base64(std::string_view text);

/// A `data:` address (RFC 2397) as the media it holds, in base64; without a type it is "text/plain". Errors: errc::invalid_argument
/// for one that is none, for data that are no base64, and for a type that contradicts the bytes.
result<media> try_parse_data_url(std::string_view url);
/// The other way round. Empty without bytes.
std::string to_data_url(const media& source);

/// The address, where a model may be sent there: http, https with a host, or data. Else errc::invalid_argument: no file: and no
/// path.
void check_media_url(std::string_view url);

/// A picture, sound or file of the disk that the *program* names; never pass on a name from outside. The type is the one the bytes
/// show, and a file's name is the path's last part. Throws errc::invalid_argument for what is no regular file or cannot be read,
/// and for bytes of no or another kind; errc::limit_exceeded for a file beyond `max_bytes`. Blocks while it reads.
constexpr std::size_t default_media_bytes = std::size_t{20} << 20;
image_block image_file(const std::filesystem::path& path, std::string detail = {}, std::size_t max_bytes = default_media_bytes);
audio_block audio_file(const std::filesystem::path& path, std::size_t max_bytes = default_media_bytes);
file_block attached_file(const std::filesystem::path& path, std::size_t max_bytes = default_media_bytes);

}  // namespace zincir

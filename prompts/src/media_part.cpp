#include "media_part.hpp"

#include <algorithm>

namespace zincir::detail {
namespace {

std::string_view kind_of(const content_block& block)
{
    return std::holds_alternative<image_block>(block)   ? "a picture"
           : std::holds_alternative<audio_block>(block) ? "a sound"
                                                        : "a file";
}

// Whether the text is one variable's field and nothing else.
bool is_one_variable(const template_piece& piece)
{
    const auto& names = piece.program->variables();
    if (names.size() != 1)
        return false;
    std::string_view text = piece.text;
    const auto trim = [&](std::string_view any) {
        text.remove_prefix(std::min(text.find_first_not_of(any), text.size()));
        text.remove_suffix(text.empty() ? 0 : text.size() - 1 - text.find_last_not_of(any));
    };
    trim(" \n");
    if (!text.starts_with('{') || !text.ends_with('}'))
        return false;
    trim("{}& \n");
    return text == names.front();
}

// Bytes, or base64 of bytes, whose signature is that of a kind of media.
bool take_data(media& source)
{
    constexpr std::size_t looked_at = 2732;  // base64 of 2 KiB and one byte
    if (const auto type = sniff_signature(source.url); !type.empty() && type != "text/html") {
        source.mime_type = type;
        source.base64 = to_base64(source.url);
    } else {
        const auto start = try_from_base64(std::string_view(source.url).substr(0, looked_at));
        if (!start || sniff_signature(*start).empty() || !try_from_base64(source.url))
            return false;
        source.mime_type = sniff_signature(*start);
        source.base64 = std::move(source.url);
    }
    source.url.clear();
    return true;
}

// Providers take a picture's data: address as it is; sounds and files they want as bytes.
void take_data_url(content_block& block, media& source)
{
    if (std::holds_alternative<image_block>(block)) {
        constexpr std::size_t looked_at = 2732;
        const auto comma = source.url.find(',');
        if (comma == std::string::npos)
            throw error(errc::invalid_argument, "the data: address has no comma: write data:image/png;base64,…");
        const auto type = std::string_view(source.url).substr(5, source.url.find_first_of(";,") - 5);
        if (const auto start = try_from_base64(std::string_view(source.url).substr(comma + 1, looked_at)))
            check_media_type(*start, type);
        return;
    }
    auto parsed = try_parse_data_url(source.url).value();
    source.mime_type = std::move(parsed.mime_type);
    source.base64 = std::move(parsed.base64);
    source.url.clear();
}

}  // namespace

const media* media_of(const content_block& block) noexcept
{
    if (const auto* image = std::get_if<image_block>(&block))
        return &image->source;
    if (const auto* audio = std::get_if<audio_block>(&block))
        return &audio->source;
    const auto* file = std::get_if<file_block>(&block);
    return file ? &file->source : nullptr;
}

media* media_of(content_block& block) noexcept { return const_cast<media*>(media_of(std::as_const(block))); }

std::optional<media> media_value(const template_piece& piece, scope& given, const content_block& wanted, const std::string& place)
{
    if (!is_one_variable(piece))
        return std::nullopt;
    const auto& name = piece.program->variables().front();
    const auto* value = given.find(name);
    const auto* turns = value ? std::get_if<messages>(&value->get()) : nullptr;
    if (!turns)
        return std::nullopt;
    const auto* block = turns->size() == 1 && turns->front().content.size() == 1 ? &turns->front().content.front() : nullptr;
    if (!block || block->index() != wanted.index())
        throw error(errc::invalid_argument,
                    place + ": {" + name + "} stands for " + std::string(kind_of(wanted)) + ", and was given something else");
    return *media_of(*block);
}

void settle_address(content_block& block, const std::string& place)
{
    auto& source = *media_of(block);
    try {
        const bool is_data = source.url.size() >= 5 && (source.url[0] == 'd' || source.url[0] == 'D') && source.url[4] == ':';
        if (!is_data && take_data(source))
            return;
        check_media_url(source.url);
        if (is_data)
            take_data_url(block, source);
    } catch (const error& e) {
        throw error(errc::invalid_argument, place + ", " + std::string(kind_of(block)) + ": " + e.facts().message);
    }
}

void check_written_address(std::string_view url, const template_options& options, const std::string& where)
{
    try {
        media source;
        source.url = url;
        if (!take_data(source))
            check_media_url(url);
    } catch (const error& e) {
        throw error(errc::invalid_template, "template \"" + options.name + "\", " + where + ": " + e.facts().message);
    }
}

}  // namespace zincir::detail

#include "driver.hpp"

#include <zincir/core/json.hpp>

#include <string>

namespace conformance {
namespace {

std::string bytes_of_base64(std::string_view text)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned pending = 0;
    int bits = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (digit == std::string_view::npos)
            break;
        pending = (pending << 6 | static_cast<unsigned>(digit)) & 0xFFFF;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(pending >> bits & 0xFF);
        }
    }
    return bytes;
}

// What the reference notices before it parses: a bracket that closes what was not opened, and bytes that only Python's parser
// takes.
struct survey {
    bool mismatched = false;
    bool unfinished_unicode_escape = false;
};

survey look_at(std::string_view text)
{
    survey found;
    std::string open;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inside && c == '\\') {
            found.unfinished_unicode_escape = text.substr(i).starts_with("\\u") && text.size() - i < 6;
            ++i;
        } else if (c == '"') {
            inside = !inside;
        } else if (!inside && (c == '{' || c == '[')) {
            open += c == '{' ? '}' : ']';
        } else if (!inside && (c == '}' || c == ']')) {
            if (open.empty() || open.back() != c) {
                found.mismatched = true;
                return found;
            }
            open.pop_back();
        }
    }
    return found;
}

json::value parse_partial(const json::object& request_case)
{
    const auto& input = request_case.at("input").as_object();
    const auto text = text_of(input.at("text"));
    const auto found = look_at(text);
    if (found.mismatched)
        throw skip(
            "a bracket closes what was not opened: the reference answers None, which looks like JSON null; this is an error here");
    if (found.unfinished_unicode_escape)
        throw skip("a \\u escape is cut: the reference drops the whole string, the library keeps what came before the escape");
    return zincir::try_parse_partial_json(text).value();
}

// The text to judge: in base64, or as [[piece, how often], …].
std::string bytes_of(const json::object& request_case)
{
    if (const auto* base64 = request_case.if_contains("bytes_b64"))
        return bytes_of_base64(text_of(*base64));
    std::string bytes;
    for (const auto& part : request_case.at("bytes_repeat").as_array())
        for (auto n = part.at(1).as_int64(); n > 0; --n)
            bytes += text_of(part.at(0));
    return bytes;
}

json::value accepts(const json::object& request_case)
{
    zincir::json_limits limits;
    limits.depth = 1024;
    const auto parsed = zincir::try_parse_json(bytes_of(request_case), limits);
    return parsed.has_value();
}

}  // namespace

void register_json_ops(ops& all)
{
    all.add("parse_partial_json", parse_partial);
    all.add("json.accepts", accepts);
}

}  // namespace conformance

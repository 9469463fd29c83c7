#include "openai_delta.hpp"

#include <bit>
#include <cstring>

namespace zincir::detail {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101U;
constexpr std::uint64_t highs = 0x8080808080808080U;

constexpr std::uint64_t zero_bytes(std::uint64_t v) { return (v - ones) & ~v & highs; }

// The first byte of [p, end) that is a quote, a backslash, a control character or not ASCII. Eight at a time.
const char* skip_plain(const char* p, const char* end)
{
    while (end - p >= 8) {
        std::uint64_t v;
        std::memcpy(&v, p, sizeof v);
        const auto hits =
            zero_bytes(v ^ (ones * '"')) | zero_bytes(v ^ (ones * '\\')) | ((v - ones * 0x20U) & ~v & highs) | (v & highs);
        if (hits) {
            if constexpr (std::endian::native == std::endian::little)
                return p + (std::countr_zero(hits) >> 3);
            else
                break;
        }
        p += 8;
    }
    while (p != end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20 && static_cast<unsigned char>(*p) < 0x80)
        ++p;
    return p;
}

bool is_tail(const char* p) { return (static_cast<unsigned char>(*p) & 0xC0U) == 0x80U; }

// The end of the UTF-8 sequence at p (RFC 3629), or null.
const char* skip_utf8(const char* p, const char* end)
{
    const auto lead = static_cast<unsigned char>(*p);
    const auto left = end - p;
    const auto second = left > 1 ? static_cast<unsigned char>(p[1]) : 0U;
    if (lead >= 0xC2 && lead <= 0xDF)
        return left >= 2 && is_tail(p + 1) ? p + 2 : nullptr;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool in_range = lead == 0xE0 ? second >= 0xA0 : lead == 0xED ? second <= 0x9F : true;
        return left >= 3 && in_range && is_tail(p + 1) && is_tail(p + 2) ? p + 3 : nullptr;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool in_range = lead == 0xF0 ? second >= 0x90 : lead == 0xF4 ? second <= 0x8F : true;
        return left >= 4 && in_range && is_tail(p + 1) && is_tail(p + 2) && is_tail(p + 3) ? p + 4 : nullptr;
    }
    return nullptr;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::uint32_t hex4(const char* p)
{
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
        value = value << 4U | static_cast<std::uint32_t>(hex_digit(p[i]));
    return value;
}

class scanner {
public:
    explicit scanner(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

    bool at_end()
    {
        space();
        return p_ == end_;
    }

    bool take(char c)
    {
        space();
        if (p_ == end_ || *p_ != c)
            return false;
        ++p_;
        return true;
    }

    bool string(json_text& out) { return take('"') && rest_of_string(out); }

    bool rest_of_string(json_text& out)
    {
        const char* first = p_;
        out.escaped = false;
        for (;;) {
            p_ = skip_plain(p_, end_);
            if (p_ == end_)
                return false;
            if (*p_ == '"')
                break;
            if (*p_ == '\\') {
                out.escaped = true;
                if (!escape())
                    return false;
            } else {
                p_ = skip_utf8(p_, end_);
                if (!p_)
                    return false;
            }
        }
        out.raw = std::string_view(first, static_cast<std::size_t>(p_ - first));
        ++p_;
        return true;
    }

    // A string without escapes, or null: then `out` stays.
    bool plain(std::string_view& out)
    {
        if (null())
            return true;
        json_text text;
        if (!string(text) || text.escaped)
            return false;
        out = text.raw;
        return true;
    }

    bool string_or_null(json_text& out) { return null() || string(out); }

    bool null()
    {
        space();
        if (end_ - p_ < 4 || std::memcmp(p_, "null", 4) != 0)
            return false;
        p_ += 4;
        return true;
    }

    // null, "", {} or []: a value that says nothing.
    bool nothing()
    {
        if (null())
            return true;
        if (take('"'))
            return p_ != end_ && *p_++ == '"';
        if (take('{'))
            return take('}');
        return take('[') && take(']');
    }

    bool number()
    {
        space();
        const auto digits = [this] {
            const char* first = p_;
            while (p_ != end_ && *p_ >= '0' && *p_ <= '9')
                ++p_;
            return p_ - first;
        };
        if (p_ != end_ && *p_ == '-')
            ++p_;
        const bool leading_zero = p_ != end_ && *p_ == '0';
        const auto whole = digits();
        if (whole == 0 || (leading_zero && whole > 1))
            return false;
        if (p_ != end_ && *p_ == '.') {
            ++p_;
            if (digits() == 0)
                return false;
        }
        if (p_ != end_ && (*p_ == 'e' || *p_ == 'E')) {
            ++p_;
            if (p_ != end_ && (*p_ == '+' || *p_ == '-'))
                ++p_;
            return digits() > 0;
        }
        return true;
    }

    bool small_index(std::int64_t& out)
    {
        space();
        const char* first = p_;
        out = 0;
        while (p_ != end_ && *p_ >= '0' && *p_ <= '9' && p_ - first < 6)
            out = out * 10 + (*p_++ - '0');
        return p_ != first && (p_ - first == 1 || *first != '0') && (p_ == end_ || *p_ == ',' || *p_ == '}' || *p_ == ' ');
    }

    // `{"key": value, …}`: calls member(key), which takes the value.
    template <class Member>
    bool object(Member member)
    {
        if (!take('{'))
            return false;
        if (take('}'))
            return true;
        do {
            json_text key;
            if (!string(key) || key.escaped || !take(':') || !member(key.raw))
                return false;
        } while (take(','));
        return take('}');
    }

private:
    void space()
    {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\t' || *p_ == '\r'))
            ++p_;
    }

    bool escape()
    {
        if (end_ - p_ < 2)
            return false;
        switch (p_[1]) {
            case '"':
            case '\\':
            case '/':
            case 'b':
            case 'f':
            case 'n':
            case 'r':
            case 't':
                p_ += 2;
                return true;
            case 'u':
                if (end_ - p_ < 6)
                    return false;
                for (int i = 2; i < 6; ++i)
                    if (hex_digit(p_[i]) < 0)
                        return false;
                p_ += 6;
                return true;
            default:
                return false;
        }
    }

    const char* p_;
    const char* end_;
};

bool scan_calls(scanner& in, openai_delta& out)
{
    if (in.null())
        return true;
    if (!in.take('['))
        return false;
    if (in.take(']'))
        return true;
    out.has_call = true;
    const auto function = [&](std::string_view key) {
        return key == "arguments" ? in.string_or_null(out.call_arguments) : in.nothing();
    };
    const auto call = [&](std::string_view key) {
        if (key == "index") {
            std::int64_t index = 0;
            if (!in.small_index(index))
                return false;
            out.call_index = index;
            return true;
        }
        if (key == "function")
            return in.object(function);
        if (key == "type") {
            std::string_view type;
            return in.plain(type) && (type.empty() || type == "function");
        }
        return in.nothing();
    };
    return in.object(call) && in.take(']');
}

bool scan_choice(scanner& in, openai_delta& out)
{
    const auto delta = [&](std::string_view key) {
        if (key == "content")
            return in.string_or_null(out.content);
        if (key == "role") {
            std::string_view role;
            return in.plain(role);
        }
        if (key == "tool_calls")
            return scan_calls(in, out);
        if (key == "reasoning_content")
            return in.string_or_null(out.reasoning_content);
        if (key == "reasoning")
            return in.string_or_null(out.reasoning);
        return in.nothing();
    };
    bool has_delta = false;
    const auto choice = [&](std::string_view key) {
        if (key == "delta") {
            has_delta = true;
            return in.object(delta);
        }
        if (key == "index") {
            std::int64_t index = 0;
            return in.small_index(index) && index == 0;
        }
        return in.nothing();
    };
    return in.object(choice) && has_delta;
}

void append_utf8(std::string& out, std::uint32_t c)
{
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0U | c >> 6U);
        put(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        put(0xE0U | c >> 12U);
        put(0x80U | (c >> 6U & 0x3FU));
        put(0x80U | (c & 0x3FU));
    } else {
        put(0xF0U | c >> 18U);
        put(0x80U | (c >> 12U & 0x3FU));
        put(0x80U | (c >> 6U & 0x3FU));
        put(0x80U | (c & 0x3FU));
    }
}

}  // namespace

std::string_view decode(const json_text& text, std::string& out)
{
    if (!text.escaped)
        return text.raw;
    out.clear();
    const char* p = text.raw.data();
    const char* const end = p + text.raw.size();
    while (p != end) {
        const auto* slash = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
        if (!slash) {
            out.append(p, end);
            break;
        }
        out.append(p, slash);
        p = slash + 2;
        switch (slash[1]) {
            case 'b':
                out.push_back('\b');
                break;
            case 'f':
                out.push_back('\f');
                break;
            case 'n':
                out.push_back('\n');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'u': {
                auto c = hex4(p);
                p += 4;
                if (c >= 0xD800 && c <= 0xDBFF && end - p >= 6 && p[0] == '\\' && p[1] == 'u' && hex4(p + 2) >= 0xDC00 &&
                    hex4(p + 2) <= 0xDFFF) {
                    c = 0x10000U + ((c - 0xD800U) << 10U) + (hex4(p + 2) - 0xDC00U);
                    p += 6;
                }
                append_utf8(out, c >= 0xD800 && c <= 0xDFFF ? 0xFFFDU : c);
                break;
            }
            default:
                out.push_back(slash[1]);
        }
    }
    return out;
}

std::optional<json_text> read_json_text(std::string_view text)
{
    json_text found;
    if (!scanner(text).rest_of_string(found))
        return std::nullopt;
    return found;
}

bool scan_openai_delta(std::string_view event, openai_delta& out)
{
    scanner in(event);
    bool has_choice = false;
    const auto member = [&](std::string_view key) {
        switch (key.size()) {
            case 2:
                if (key == "id")
                    return in.plain(out.id);
                break;
            case 5:
                if (key == "model")
                    return in.plain(out.model);
                break;
            case 6: {
                std::string_view kind;
                if (key == "object")
                    return in.plain(kind) && (kind.empty() || kind == "chat.completion.chunk");
                break;
            }
            case 7:
                if (key == "choices") {
                    has_choice = true;
                    return in.take('[') && scan_choice(in, out) && in.take(']');
                }
                if (key == "created")
                    return in.number();
                break;
            case 8:
                if (key == "provider")
                    return in.plain(out.provider);
                break;
            case 12:
                if (key == "service_tier")
                    return in.plain(out.service_tier);
                break;
            case 18:
                if (key == "system_fingerprint")
                    return in.plain(out.system_fingerprint);
                break;
            default:
                break;
        }
        if (key == "obfuscation" || key == "p") {
            std::string_view padding;
            return in.plain(padding);
        }
        return in.nothing();
    };
    return in.object(member) && in.at_end() && has_choice;
}

}  // namespace zincir::detail

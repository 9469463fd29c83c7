#pragma once

#include <zincir/core/detail/utf8.hpp>
#include <zincir/core/error.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace zincir::detail {

/// Writes JSON straight into one string: no document in between. The caller keeps the order of calls right, and names alive.
/// Throws errc::invalid_argument for text that is not UTF-8, naming the member it was meant for.
class json_writer {
public:
    explicit json_writer(std::string& out) : out_(out) {}

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    /// `name` is written as it is: for names that need no escapes.
    void key(std::string_view name)
    {
        separate();
        out_ += '"';
        out_ += name;
        out_ += "\":";
        first_ = true;
        member_ = name;
    }
    void escaped_key(std::string_view name)
    {
        separate();
        member_ = name;
        quote(name);
        out_ += ':';
        first_ = true;
    }
    /// Throws errc::invalid_argument for bytes that are not UTF-8; `what` is what the message calls them.
    static void check_utf8(std::string_view text, std::string_view what)
    {
        if (const auto bad = find_invalid_utf8(text); bad != std::string_view::npos)
            throw error(errc::invalid_argument, "the text of \"" + std::string(what) + "\" is not UTF-8 (byte " +
                                                    std::to_string(bad) + "): convert it before it is sent");
    }

    void value(std::string_view text)
    {
        separate();
        quote(text);
    }
    void value(const char* text) { value(std::string_view(text)); }
    void value(const std::string& text) { value(std::string_view(text)); }
    void value(bool b)
    {
        separate();
        out_ += b ? "true" : "false";
    }
    void value(std::int64_t n)
    {
        separate();
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
        out_.append(digits, end);
    }
    /// The shortest form that reads back. Throws errc::invalid_argument for what JSON has no number for.
    void value(double n)
    {
        if (!std::isfinite(n))
            throw error(errc::invalid_argument, "\"" + std::string(member_) + "\" is infinite or not a number: JSON cannot say it");
        separate();
        char digits[40];
        const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
        out_.append(digits, end);
    }
    void value(const boost::json::value& document) { serialized(boost::json::serialize(document)); }
    void value(const boost::json::array& document) { serialized(boost::json::serialize(document)); }
    void value(const boost::json::object& document) { serialized(boost::json::serialize(document)); }

    template <class T>
    void member(std::string_view name, const T& v)
    {
        key(name);
        value(v);
    }

    template <class T>
    void escaped_member(std::string_view name, const T& v)
    {
        escaped_key(name);
        value(v);
    }

private:
    void serialized(const std::string& text)
    {
        check_utf8(text, member_);
        separate();
        out_ += text;
    }
    void separate()
    {
        if (!first_)
            out_ += ',';
        first_ = false;
    }
    void open(char c)
    {
        separate();
        out_ += c;
        first_ = true;
    }
    void close(char c)
    {
        out_ += c;
        first_ = false;
    }
    // RFC 8259 §7: the quotation mark, the backslash and U+0000 to U+001F are escaped; UTF-8 passes as it is.
    void quote(std::string_view text)
    {
        out_ += '"';
        std::size_t done = 0;
        unsigned bits = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto c = static_cast<unsigned char>(text[i]);
            bits |= c;
            if (c >= 0x20 && c != '"' && c != '\\') [[likely]]
                continue;
            out_.append(text, done, i - done);
            done = i + 1;
            constexpr std::string_view digits = "0123456789abcdef";
            switch (c) {
                case '"':
                    out_ += "\\\"";
                    break;
                case '\\':
                    out_ += "\\\\";
                    break;
                case '\n':
                    out_ += "\\n";
                    break;
                case '\r':
                    out_ += "\\r";
                    break;
                case '\t':
                    out_ += "\\t";
                    break;
                default:
                    ((out_ += "\\u00") += digits[c >> 4]) += digits[c & 15];
            }
        }
        if (bits >= 0x80)
            check_utf8(text, member_);
        out_.append(text, done, text.size() - done);
        out_ += '"';
    }

    std::string& out_;
    std::string_view member_{};
    bool first_ = true;
};

}  // namespace zincir::detail

#pragma once

#include <zincir/core/error.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace zincir::detail {

/// Writes JSON straight into one string: no document in between. The caller keeps the order of calls right.
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
    }
    void escaped_key(std::string_view name)
    {
        separate();
        quote(name);
        out_ += ':';
        first_ = true;
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
            throw error(errc::invalid_argument, "JSON has no number for infinity or NaN");
        separate();
        char digits[40];
        const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
        out_.append(digits, end);
    }
    void value(const boost::json::value& document)
    {
        separate();
        out_ += boost::json::serialize(document);
    }
    void value(const boost::json::object& document)
    {
        separate();
        out_ += boost::json::serialize(document);
    }

    template <class T>
    void member(std::string_view name, const T& v)
    {
        key(name);
        value(v);
    }

private:
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
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto c = static_cast<unsigned char>(text[i]);
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
        out_.append(text, done, text.size() - done);
        out_ += '"';
    }

    std::string& out_;
    bool first_ = true;
};

}  // namespace zincir::detail

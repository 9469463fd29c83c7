#include <zincir/core/json.hpp>

#include <zincir/core/detail/utf8.hpp>

#include <algorithm>

namespace zincir {
namespace {

// Reads a text as far as it is JSON and writes down the same text, made whole. What is written may be cut back to `good_`, the
// last place where closing the open brackets makes JSON of it.
class repairer {
public:
    repairer(std::string_view text, std::size_t depth) : text_(text), max_depth_(depth) { out_.reserve(text.size() + 16); }

    result<std::string> run()
    {
        while (step()) {
        }
        if (failure_.code())
            return failure_;
        if (!usable_)
            return error(errc::output_mismatch, text_.empty() ? "an empty text is not the beginning of JSON"
                                                              : "the text does not begin with JSON: it begins with \"" +
                                                                    std::string(text_.substr(0, code_points(12))) + "\"");
        out_.resize(good_);
        out_.append(open_.rbegin(), open_.rend());
        return std::move(out_);
    }

private:
    enum class expecting { value, first_element, first_key, key, colon, comma, end };

    // Takes one token. False at the end of what can be used.
    bool step()
    {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
            ++at_;
        if (at_ == text_.size() || next_ == expecting::end)
            return false;
        const char c = text_[at_];
        if (c == '}' || c == ']')
            return close(c);
        switch (next_) {
            case expecting::first_key:
            case expecting::key:
                next_ = expecting::colon;
                return c == '"' && string() == token::whole;
            case expecting::colon:
                next_ = expecting::value;
                return c == ':' && put(c);
            case expecting::comma:
                next_ = open_.back() == '}' ? expecting::key : expecting::value;
                return c == ',' && put(c);
            default:
                return value(c);
        }
    }

    bool put(char c)
    {
        out_ += c;
        ++at_;
        return true;
    }

    bool value(char c)
    {
        if (c == '{' || c == '[') {
            if (open_.size() == max_depth_) {
                failure_ = error(errc::limit_exceeded, "the JSON text is nested deeper than " + std::to_string(max_depth_));
                return false;
            }
            put(c);
            open_ += c == '{' ? '}' : ']';
            next_ = c == '{' ? expecting::first_key : expecting::first_element;
            keep();
            return true;
        }
        const auto read = c == '"' ? string() : (c == '-' || is_digit(c)) ? number() : literal();
        if (read == token::none)
            return false;
        value_ended();
        return read == token::whole;
    }

    bool close(char c)
    {
        if (open_.empty() || open_.back() != c) {
            failure_ = error(errc::output_mismatch,
                             std::string("a '") + c + "' at byte " + std::to_string(at_) + " closes what was not opened");
            return false;
        }
        if (next_ != expecting::comma && next_ != expecting::first_key && next_ != expecting::first_element)
            return false;
        put(c);
        open_.pop_back();
        value_ended();
        return true;
    }

    void value_ended()
    {
        next_ = open_.empty() ? expecting::end : expecting::comma;
        keep();
    }

    void keep()
    {
        good_ = out_.size();
        usable_ = true;
    }

    enum class token {
        none,   // nothing that can be used
        whole,  // it is there, and what follows it can be read
        cut,    // the text ended inside it; what had come was made whole
    };

    token literal()
    {
        for (std::string_view word : {"true", "false", "null"})
            if (text_.substr(at_).starts_with(word)) {
                out_ += word;
                at_ += word.size();
                return token::whole;
            }
        return token::none;
    }

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    std::size_t digits(std::size_t from) const
    {
        while (from < text_.size() && is_digit(text_[from]))
            ++from;
        return from;
    }

    // The longest beginning that is a number: "1." gives 1, "1e+" gives 1, "-" gives nothing.
    token number()
    {
        auto end = at_ + (text_[at_] == '-' ? 1 : 0);
        if (end == text_.size() || !is_digit(text_[end]))
            return token::none;
        end = text_[end] == '0' ? end + 1 : digits(end);
        if (end < text_.size() && text_[end] == '.')
            if (const auto after = digits(end + 1); after > end + 1)
                end = after;
        if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
            auto first = end + 1;
            if (first < text_.size() && (text_[first] == '+' || text_[first] == '-'))
                ++first;
            if (const auto after = digits(first); after > first)
                end = after;
        }
        out_ += text_.substr(at_, end - at_);
        at_ = end;
        return token::whole;
    }

    token string()
    {
        put('"');
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                put(c);
                return token::whole;
            }
            const auto read = c == '\\' ? escape() : static_cast<unsigned char>(c) < 0x20 ? control() : plain();
            if (read == token::none)
                return token::none;
            if (read == token::cut)
                break;
        }
        at_ = text_.size();
        out_ += '"';
        return token::cut;
    }

    // Models write line breaks and tabs inside strings as they are.
    token control()
    {
        constexpr std::string_view hex = "0123456789abcdef";
        const auto c = static_cast<unsigned char>(text_[at_++]);
        out_.append("\\u00") += hex[c >> 4];
        out_ += hex[c & 15];
        return token::whole;
    }

    // Plain characters up to the next one that has a meaning.
    token plain()
    {
        auto end = at_;
        while (end < text_.size() && text_[end] != '"' && text_[end] != '\\' && static_cast<unsigned char>(text_[end]) >= 0x20)
            ++end;
        const auto run = text_.substr(at_, end - at_);
        const auto valid = std::min(detail::find_invalid_utf8(run), run.size());
        out_ += run.substr(0, valid);
        at_ += valid;
        if (valid == run.size())
            return token::whole;
        // Invalid, or the text was cut inside the last character?
        const auto lead = static_cast<unsigned char>(run[valid]);
        const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        const auto rest = run.substr(valid);
        const bool cut = end == text_.size() && lead >= 0xC2 && lead <= 0xF4 && rest.size() < size &&
                         std::all_of(rest.begin() + 1, rest.end(), [](char c) { return (c & 0xC0) == 0x80; });
        return cut ? token::cut : token::none;
    }

    // The code unit of a \uXXXX at `from`; -1 when it is none, -2 when the text ends in it.
    int code_unit(std::size_t from) const
    {
        constexpr std::string_view start = "\\u";
        int unit = 0;
        for (std::size_t i = 0; i < 6; ++i) {
            if (from + i == text_.size())
                return -2;
            const char c = text_[from + i];
            if (i < 2) {
                if (c != start[i])
                    return -1;
                continue;
            }
            const int digit = is_digit(c)            ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0)
                return -1;
            unit = unit * 16 + digit;
        }
        return unit;
    }

    token escape()
    {
        if (at_ + 1 == text_.size())
            return token::cut;
        std::size_t size = 2;
        if (text_[at_ + 1] == 'u') {
            const auto unit = code_unit(at_);
            if (unit < 0)
                return unit == -2 ? token::cut : token::none;
            size = 6;
            if (unit >= 0xD800 && unit < 0xE000) {
                const auto low = unit < 0xDC00 ? code_unit(at_ + 6) : -1;
                if (low == -2)
                    return token::cut;
                if (low < 0xDC00 || low >= 0xE000)
                    return token::none;
                size = 12;
            }
        } else if (std::string_view("\"\\/bfnrt").find(text_[at_ + 1]) == std::string_view::npos) {
            return token::none;
        }
        out_ += text_.substr(at_, size);
        at_ += size;
        return token::whole;
    }

    // The bytes of the first `n` characters.
    std::size_t code_points(std::size_t n) const
    {
        std::size_t end = 0;
        for (; end < text_.size(); ++end)
            if ((text_[end] & 0xC0) != 0x80 && n-- == 0)
                break;
        return end;
    }

    std::string_view text_;
    std::size_t max_depth_;
    std::size_t at_ = 0;
    std::string out_{};
    std::size_t good_ = 0;
    bool usable_ = false;
    std::string open_{};  // the brackets that close what is open, outermost first
    expecting next_ = expecting::value;
    error failure_{};
};

}  // namespace

result<json::value> try_parse_partial_json(std::string_view text, json_limits limits)
{
    if (text.size() > limits.bytes)
        return error(errc::limit_exceeded,
                     "the JSON text has " + std::to_string(text.size()) + " bytes; the limit is " + std::to_string(limits.bytes));
    auto whole = repairer(text, limits.depth).run();
    if (!whole)
        return whole.error();
    limits.bytes = std::string::npos;  // escaping raw control characters made it longer
    return try_parse_json(*whole, limits);
}

}  // namespace zincir

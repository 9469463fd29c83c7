#include "lexer.hpp"

#include "../code_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace zincir::detail::jinja {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";
constexpr std::size_t max_tokens = 200'000;  // 40 bytes each; the largest template of a model has 10,000

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool in_name(char c) { return begins_name(c) || is_digit(c); }

class lexer {
public:
    lexer(const template_source& source, const lexer_options& options) : source_(source), options_(options), text_(source.text())
    {
        // Jinja takes one line break off the end.
        if (!options_.keep_trailing_newline && text_.ends_with('\n'))
            text_.remove_suffix(text_.ends_with("\r\n") ? 2 : 1);
    }

    std::vector<token> run()
    {
        while (at_ < text_.size())
            read_data();
        add(token_kind::end, text_.size(), 0);
        return std::move(tokens_);
    }

private:
    [[noreturn]] void refuse(std::size_t offset, std::string_view what) const { source_.refuse(offset, what); }
    void add(token_kind kind, std::size_t offset, std::size_t size)
    {
        if (tokens_.size() == max_tokens)
            throw source_.fault(errc::limit_exceeded, offset,
                                "a template has at most " + std::to_string(max_tokens) + " names, operators and texts");
        tokens_.push_back(token{kind, text_.substr(std::min(offset, text_.size()), size), offset});
    }
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    // Up to the next tag, and into it.
    void read_data()
    {
        const auto begin = at_;
        auto open = at_;
        for (;; ++open) {
            open = text_.find('{', open);
            if (open == std::string_view::npos || open + 1 >= text_.size()) {
                add_data(begin, text_.size());
                at_ = text_.size();
                return;
            }
            if (std::string_view("{%#").find(text_[open + 1]) != std::string_view::npos)
                break;
        }
        const char what = text_[open + 1];
        const char sign = open + 2 < text_.size() ? text_[open + 2] : '\0';
        add_data(begin, stripped_end(begin, open, what, sign));
        at_ = open + 2 + (sign == '-' || sign == '+' ? 1U : 0U);
        if (what == '#')
            skip_comment(open);
        else if (what == '%' && read_raw(open))
            return;
        else
            read_tag(open, what == '{');
    }

    void add_data(std::size_t begin, std::size_t end)
    {
        if (end > begin)
            add(token_kind::data, begin, end - begin);
    }

    std::size_t stripped_end(std::size_t begin, std::size_t open, char what, char sign) const
    {
        auto data = text_.substr(begin, open - begin);
        if (sign == '-')
            return begin + (data.find_last_not_of(blanks) + 1);
        if (sign == '+' || !options_.lstrip_blocks || what == '{')
            return open;
        const auto newline = data.rfind('\n');
        const auto line = newline == std::string_view::npos ? 0 : newline + 1;
        const bool at_line_begin = newline != std::string_view::npos || begin == 0 || text_[begin - 1] == '\n';
        const bool only_blanks = data.substr(line).find_first_not_of(blanks) == std::string_view::npos;
        return at_line_begin && only_blanks ? begin + line : open;
    }

    void skip_blanks() { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }
    // Behind "%}" or "#}".
    void trim_after()
    {
        if (options_.trim_blocks && peek() == '\n')
            ++at_;
        else if (options_.trim_blocks && peek() == '\r' && peek(1) == '\n')
            at_ += 2;
    }

    void skip_comment(std::size_t open)
    {
        const auto close = text_.find("#}", at_);
        if (close == std::string_view::npos)
            refuse(open, "this comment is never closed: it ends with #}");
        const char sign = close > at_ ? text_[close - 1] : '\0';
        at_ = close + 2;
        if (sign == '-')
            skip_blanks();
        else if (sign != '+')
            trim_after();
    }

    bool read_raw(std::size_t open)
    {
        const auto inside = std::min(text_.find_first_not_of(blanks, at_), text_.size());
        if (!text_.substr(inside).starts_with("raw") || (inside + 3 < text_.size() && in_name(text_[inside + 3])))
            return false;
        at_ = inside + 3;
        skip_blanks();
        const bool trims = peek() == '-';
        at_ += trims ? 1U : 0U;
        if (!text_.substr(at_).starts_with("%}"))
            refuse(at_, "{% raw %} takes nothing");
        at_ += 2;
        if (trims)
            skip_blanks();
        const auto begin = at_;
        for (auto close = text_.find("{%", begin); close != std::string_view::npos; close = text_.find("{%", close + 2)) {
            at_ = close + 2;
            const char sign = peek();
            at_ += sign == '-' || sign == '+' ? 1U : 0U;
            skip_blanks();
            if (!text_.substr(at_).starts_with("endraw"))
                continue;
            at_ += 6;
            skip_blanks();
            const char end_sign = peek();
            at_ += end_sign == '-' || end_sign == '+' ? 1U : 0U;
            if (!text_.substr(at_).starts_with("%}"))
                continue;
            add_data(begin, stripped_end(begin, close, '%', sign));
            at_ += 2;
            if (end_sign == '-')
                skip_blanks();
            else if (end_sign != '+')
                trim_after();
            return true;
        }
        refuse(open, "this {% raw %} is never closed: it ends with {% endraw %}");
    }

    void read_tag(std::size_t open, bool variable)
    {
        add(variable ? token_kind::variable_begin : token_kind::block_begin, open, 2);
        std::vector<std::size_t> brackets;
        for (;;) {
            skip_blanks();
            if (at_ >= text_.size())
                refuse(open, variable ? "this {{ is never closed" : "this {% is never closed");
            if (brackets.empty() && ends_tag(variable))
                return;
            read_token(brackets);
        }
    }

    bool ends_tag(bool variable)
    {
        const std::size_t sign = peek() == '-' || (!variable && peek() == '+') ? 1 : 0;
        if (peek(sign) != (variable ? '}' : '%') || peek(sign + 1) != '}')
            return false;
        const char mark = sign != 0 ? peek() : '\0';
        add(variable ? token_kind::variable_end : token_kind::block_end, at_, sign + 2);
        at_ += sign + 2;
        if (mark == '-')
            skip_blanks();
        else if (!variable && mark != '+')
            trim_after();
        return true;
    }

    void read_token(std::vector<std::size_t>& brackets)
    {
        const char c = peek();
        if (c == '"' || c == '\'')
            return read_text(c);
        if (is_digit(c))
            return read_number();
        if (begins_name(c)) {
            const auto begin = at_;
            while (at_ < text_.size() && in_name(text_[at_]))
                ++at_;
            return add(token_kind::name, begin, at_ - begin);
        }
        for (const std::string_view two : {"**", "//", "==", "!=", ">=", "<="})
            if (text_.substr(at_).starts_with(two)) {
                add(token_kind::mark, at_, 2);
                at_ += 2;
                return;
            }
        if (std::string_view("+-/*%~[](){}<>=.:|,;").find(c) == std::string_view::npos)
            refuse(at_, "the character " + std::string(first_code_points(text_.substr(at_), 1)) + " means nothing here");
        if (c == '(' || c == '[' || c == '{') {
            brackets.push_back(at_);
        } else if (c == ')' || c == ']' || c == '}') {
            const char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
            if (brackets.empty())
                refuse(at_, std::string("this ") + c + " closes nothing");
            if (text_[brackets.back()] != wanted)
                refuse(at_, std::string("this ") + c + " does not fit the " + text_[brackets.back()] + " before it");
            brackets.pop_back();
        }
        add(token_kind::mark, at_++, 1);
    }

    void read_text(char quote)
    {
        const auto begin = at_ + 1;
        for (auto i = begin; i < text_.size(); ++i) {
            if (text_[i] == '\\')
                ++i;
            else if (text_[i] == quote) {
                add(token_kind::text, begin, i - begin);
                at_ = i + 1;
                return;
            }
        }
        refuse(at_, "this string is never closed");
    }

    // Digits with single underscores between them.
    template <class Digit>
    std::size_t digits(std::size_t from, Digit is) const
    {
        auto i = from;
        while (i < text_.size() && (is(text_[i]) || (text_[i] == '_' && i > from && i + 1 < text_.size() && is(text_[i + 1]))))
            ++i;
        return i;
    }

    void read_number()
    {
        const auto begin = at_;
        const auto base = peek() == '0' ? static_cast<char>(peek(1) | 0x20) : '\0';
        if (base == 'x' || base == 'o' || base == 'b') {
            const auto from = at_ + 2 + (peek(2) == '_' ? 1U : 0U);
            const auto end = digits(from, [&](char d) {
                const char low = static_cast<char>(d | 0x20);
                return base == 'b'   ? d == '0' || d == '1'
                       : base == 'o' ? d >= '0' && d <= '7'
                                     : is_digit(d) || (low >= 'a' && low <= 'f');
            });
            if (end == from)
                refuse(begin, "a number without digits");
            at_ = end;
            return add(token_kind::integer, begin, end - begin);
        }
        const auto whole = digits(at_, is_digit);
        const auto zeros = digits(at_, [](char d) { return d == '0'; });
        at_ = whole;
        bool real = false;
        const bool after_dot = !tokens_.empty() && tokens_.back().is(".");
        if (!after_dot && peek() == '.' && is_digit(peek(1))) {
            at_ = digits(at_ + 1, is_digit);
            real = true;
        }
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (!after_dot && (peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
            at_ = digits(at_ + 1 + sign, is_digit);
            real = true;
        }
        if (!real && zeros > begin && zeros < whole)
            refuse(begin, "an integer begins with no 0");
        add(real ? token_kind::real : token_kind::integer, begin, at_ - begin);
    }

    const template_source& source_;
    lexer_options options_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<token> tokens_{};
};

char32_t number_of(std::string_view digits, unsigned base)
{
    char32_t n = 0;
    for (const char c : digits)
        n = n * base + static_cast<char32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    return n;
}

}  // namespace

std::vector<token> tokenize(const template_source& source, const lexer_options& options) { return lexer(source, options).run(); }

std::optional<std::string> unescaped(std::string_view literal)
{
    std::string out;
    out.reserve(literal.size());
    constexpr std::string_view letters = "\\'\"abfnrtv";
    constexpr std::string_view meant = "\\'\"\a\b\f\n\r\t\v";
    const auto hex = [](char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); };
    for (std::size_t i = 0; i < literal.size();) {
        if (literal[i] == '\r') {
            i += literal.substr(i).starts_with("\r\n") ? 2 : 1;
            out += '\n';
            continue;
        }
        if (literal[i] != '\\' || i + 1 == literal.size()) {
            out += literal[i++];
            continue;
        }
        const char c = literal[i + 1];
        if (const auto at = letters.find(c); at != std::string_view::npos) {
            out += meant[at];
            i += 2;
        } else if (c == '\n' || c == '\r') {
            i += literal.substr(i + 1).starts_with("\r\n") ? 3 : 2;
        } else if (c >= '0' && c <= '7') {
            std::size_t n = 1;
            while (n < 3 && i + 1 + n < literal.size() && literal[i + 1 + n] >= '0' && literal[i + 1 + n] <= '7')
                ++n;
            append_code_point(out, number_of(literal.substr(i + 1, n), 8));
            i += 1 + n;
        } else if (c == 'x' || c == 'u' || c == 'U') {
            const std::size_t n = c == 'x' ? 2 : c == 'u' ? 4 : 8;
            const auto digits = literal.substr(i + 2, n);
            if (digits.size() != n || !std::all_of(digits.begin(), digits.end(), hex))
                return std::nullopt;
            const auto point = number_of(digits, 16);
            if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
                return std::nullopt;
            append_code_point(out, point);
            i += 2 + n;
        } else if (c == 'N') {
            return std::nullopt;
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            // Jinja writes such a letter as an escape before it reads the literal, so that the backslash escapes its backslash.
            const auto letter = first_code_points(literal.substr(i + 1), 1);
            std::uint32_t point = 0;
            for_each_code_point(letter, [&](std::string_view, char32_t p) { point = p; });
            out += point > 0xFFFF ? fmt::format("\\U{:08x}", point)
                   : point > 0xFF ? fmt::format("\\u{:04x}", point)
                                  : fmt::format("\\x{:02x}", point);
            i += 1 + letter.size();
        } else {
            out += literal[i++];
        }
    }
    return out;
}

}  // namespace zincir::detail::jinja

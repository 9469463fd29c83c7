#include "yaml_quoted_scalar.hpp"

#include "code_points.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace zincir::detail {
namespace {

constexpr std::string_view blanks = " \t";

// Behind the properties and comments before a scalar.
std::size_t behind_properties(std::string_view text, std::size_t at)
{
    while (at < text.size()) {
        at = std::min(text.find_first_not_of(" \t\n", at), text.size());
        if (at == text.size() || (text[at] != '&' && text[at] != '!' && text[at] != '#'))
            break;
        at = std::min(text.find_first_of(text[at] == '#' ? "\n" : " \t\n", at), text.size());
    }
    return at;
}

class quoted_reader {
public:
    quoted_reader(std::string_view text, std::size_t quote) : text_(text), at_(quote + 1), quote_(text[quote]) {}

    std::string read()
    {
        while (at_ < text_.size() && !ends()) {
            const char c = text_[at_];
            if (c == '\n')
                fold();
            else if (quote_ == '"' && c == '\\')
                escape();
            else
                plain(c);
        }
        return std::move(out_);
    }

private:
    bool ends() const { return text_[at_] == quote_ && (quote_ == '"' || at_ + 1 == text_.size() || text_[at_ + 1] != '\''); }
    void plain(char c)
    {
        out_ += c;
        at_ += quote_ == '\'' && c == '\'' ? 2 : 1;
    }
    // A line break is a space, and each further one a line break; blanks around them are no part of the text.
    void fold()
    {
        while (out_.size() > kept_ && blanks.find(out_.back()) != std::string_view::npos)
            out_.pop_back();
        const auto breaks = skip_breaks();
        out_ += breaks == 1 ? std::string(" ") : std::string(breaks - 1, '\n');
        kept_ = out_.size();
    }
    std::size_t skip_breaks()
    {
        std::size_t breaks = 0;
        for (; at_ < text_.size() && (text_[at_] == '\n' || blanks.find(text_[at_]) != std::string_view::npos); ++at_)
            breaks += text_[at_] == '\n';
        return breaks;
    }
    void escape()
    {
        const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\\';
        at_ += 2;
        if (c == '\n') {
            --at_;
            // The first break is escaped; empty lines behind it are line breaks.
            out_ += std::string(skip_breaks() - 1, '\n');
        } else if (const auto digits = c == 'x' ? 2U : c == 'u' ? 4U : c == 'U' ? 8U : 0U; digits > 0) {
            std::uint32_t point = 0;
            std::from_chars(text_.data() + at_, text_.data() + std::min(at_ + digits, text_.size()), point, 16);
            append_code_point(out_, point);
            at_ += digits;
        } else {
            append_escaped(c);
        }
        kept_ = out_.size();
    }
    void append_escaped(char c)
    {
        constexpr std::string_view letters = "0abtnvfre", meanings("\0\a\b\t\n\v\f\r\x1B", 9);
        if (const auto at = letters.find(c); at != std::string_view::npos)
            out_ += meanings[at];
        else if (const auto special = std::string_view("N_LP").find(c); special != std::string_view::npos)
            append_code_point(out_, std::u32string_view(U"\u0085\u00A0\u2028\u2029")[special]);
        else
            out_ += c;
    }

    std::string_view text_;
    std::size_t at_;
    char quote_;
    std::string out_{};
    std::size_t kept_ = 0;  // what is before cannot be taken for blanks at a line's end
};

}  // namespace

std::optional<std::string> quoted_scalar(std::string_view text, std::size_t at)
{
    at = behind_properties(text, at);
    if (at == text.size() || (text[at] != '\'' && text[at] != '"'))
        return std::nullopt;
    return quoted_reader(text, at).read();
}

}  // namespace zincir::detail

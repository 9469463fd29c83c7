#include "wrapping.hpp"

#include "../code_points.hpp"
#include "characters.hpp"
#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {
namespace {

bool is_blank(char32_t c) noexcept { return c == U' ' || (c >= U'\t' && c <= U'\r'); }
bool is_letter(char32_t c) noexcept { return is_alphabetic(c); }
bool is_word(char32_t c) noexcept { return c == U'_' || is_alphabetic(c) || is_numeric(c); }
bool ends_word(char32_t c) noexcept { return is_word(c) || std::u32string_view(U"!\"'&.,?").find(c) != std::u32string_view::npos; }

struct character {
    std::string_view bytes;
    char32_t point;
};

// textwrap's words: runs of blanks, dashes between words, and words, which end behind a hyphen inside them.
class words {
public:
    words(std::string_view text, bool hyphens) : hyphens_(hyphens)
    {
        for_each_code_point(text, [&](std::string_view bytes, char32_t c) { all_.push_back({bytes, c}); });
        for (std::size_t begin = 0; begin < all_.size();) {
            const auto end = end_of(begin);
            found.push_back({begin, end});
            begin = end;
        }
    }

    struct chunk {
        std::size_t begin, end;
        std::size_t size() const { return end - begin; }
    };
    bool blank(const chunk& c) const { return is_space(all_[c.begin].point) && is_blank(all_[c.begin].point); }
    void append(std::string& to, const chunk& c) const
    {
        for (auto i = c.begin; i < c.end; ++i)
            to += all_[i].bytes;
    }
    /// Behind the last hyphen of the first `room` characters that has something else before it; 0 for none.
    std::size_t behind_hyphen(const chunk& c, std::size_t room) const
    {
        auto i = std::min(room, c.size());
        while (i > 0 && at(c.begin + i - 1) != U'-')
            --i;
        if (i < 2)
            return 0;
        for (std::size_t j = 0; j + 1 < i; ++j)
            if (at(c.begin + j) != U'-')
                return i;
        return 0;
    }

    std::vector<chunk> found{};

private:
    char32_t at(std::size_t i) const { return i < all_.size() ? all_[i].point : U'\0'; }
    bool letter(std::size_t i) const { return i < all_.size() && is_letter(all_[i].point); }
    bool dashes_before_word(std::size_t i) const
    {
        auto end = i;
        while (at(end) == U'-')
            ++end;
        return end - i >= 2 && end < all_.size() && is_word(at(end));
    }
    std::size_t end_of(std::size_t begin) const
    {
        auto i = begin;
        if (is_blank(at(i))) {
            while (i < all_.size() && is_blank(at(i)))
                ++i;
            return i;
        }
        if (!hyphens_) {
            while (i < all_.size() && !is_blank(at(i)))
                ++i;
            return i;
        }
        if (begin > 0 && ends_word(at(begin - 1)) && dashes_before_word(begin)) {
            while (at(i) == U'-')
                ++i;
            return i;
        }
        for (++i; i < all_.size() && !is_blank(at(i)); ++i) {
            const bool hyphen = at(i) == U'-' && i > begin && ((i >= 2 && letter(i - 1) && letter(i - 2)) ||
                                                               (i >= 3 && letter(i - 1) && at(i - 2) == U'-' && letter(i - 3)));
            if (hyphen && letter(i + 1) && (letter(i + 2) || (at(i + 2) == U'-' && letter(i + 3))))
                return i + 1;
            if (ends_word(at(i - 1)) && dashes_before_word(i))
                return i;
        }
        return i;
    }

    bool hyphens_;
    std::vector<character> all_{};
};

}  // namespace

std::string wrapped(std::string_view line, std::size_t width, bool break_words, bool break_hyphens, std::string_view between)
{
    words all(line, break_hyphens);
    auto chunks = std::move(all.found);
    std::string out;
    bool any = false;
    for (std::size_t next = 0; next < chunks.size();) {
        std::vector<words::chunk> now;
        std::size_t size = 0;
        if (any && all.blank(chunks[next]))
            ++next;
        for (; next < chunks.size() && size + chunks[next].size() <= width; ++next) {
            now.push_back(chunks[next]);
            size += chunks[next].size();
        }
        if (next < chunks.size() && chunks[next].size() > width) {
            auto& word = chunks[next];
            if (break_words) {
                auto end = width - size;
                if (const auto hyphen = break_hyphens && word.size() > end ? all.behind_hyphen(word, end) : 0)
                    end = hyphen;
                if (end > 0)
                    now.push_back({word.begin, word.begin + end});
                word.begin += end;
            } else if (now.empty()) {
                now.push_back(word);
                ++next;
            }
        }
        if (!now.empty() && all.blank(now.back()))
            now.pop_back();
        if (now.empty())
            continue;
        out += any ? between : std::string_view();
        any = true;
        for (const auto& c : now)
            all.append(out, c);
    }
    return out;
}

namespace {

constexpr std::size_t page = 80;

class pretty_printer {
public:
    explicit pretty_printer(renderer& renderer) : r(renderer) {}

    void write(const value& v, std::size_t indent, std::size_t allowance, unsigned level)
    {
        const auto whole = shown(v);
        const auto room = static_cast<std::int64_t>(page) - static_cast<std::int64_t>(indent + allowance);
        if (static_cast<std::int64_t>(count_code_points(whole)) <= room || !opens(v) || level > max_value_depth) {
            out += whole;
        } else if (v.is_text()) {
            write_text(v.text(), indent, allowance, level + 1);
        } else if (v.is_dict()) {
            out += '{';
            const auto members = sorted(v);
            for (std::size_t i = 0; i < members.size(); ++i) {
                const auto key = shown(members[i].key);
                const bool last = i + 1 == members.size();
                out += key + ": ";
                write(members[i].held, indent + 1 + count_code_points(key) + 2, last ? allowance + 1 : 1, level + 1);
                if (!last)
                    next_line(",", indent + 1);
            }
            out += '}';
        } else {
            const bool tuple = v.is(kind::list) && v.list().tuple;
            const std::string end = !tuple ? "]" : count(v) == 1 ? ",)" : ")";
            out += tuple ? '(' : '[';
            for (std::size_t i = 0; i < count(v); ++i) {
                const bool last = i + 1 == count(v);
                write(item(v, i), indent + 1, last ? allowance + end.size() : 1, level + 1);
                if (!last)
                    next_line(",", indent + 1);
            }
            out += end;
        }
    }

    std::string out{};

private:
    static bool opens(const value& v)
    {
        return (v.is_text() && !v.is_markup()) || v.is_dict() || (v.is_list() && !(v.is(kind::list) && v.list().once));
    }
    void next_line(std::string_view before, std::size_t indent)
    {
        out += before;
        out += '\n';
        out.append(indent, ' ');
        r.step();
        if (out.size() > r.options().limits.value_bytes)
            throw heap_exhausted();
    }
    std::vector<member> sorted(const value& dict)
    {
        std::vector<member> members;
        for (std::size_t i = 0; i < count(dict); ++i)
            members.push_back(member_at(dict, i));
        std::stable_sort(members.begin(), members.end(), [&](const member& a, const member& b) {
            int order = 0;
            return compare(a.key, b.key, order, r.comparing) ? order < 0 : type_name(a.key) < type_name(b.key);
        });
        return members;
    }
    std::string shown(const value& v, unsigned depth = 0)
    {
        if (depth >= max_value_depth)
            r.fail("a value is nested too deep to be written", errc::limit_exceeded);
        std::string text;
        if (!v.is_dict() && !v.is_list()) {
            r.append_repr(text, v);
            return text;
        }
        if (v.is(kind::list) && v.list().once) {
            r.append_repr(text, v);
            return text;
        }
        const bool tuple = v.is(kind::list) && v.list().tuple;
        text = v.is_dict() ? "{" : tuple ? "(" : "[";
        const auto members = v.is_dict() ? sorted(v) : std::vector<member>();
        for (std::size_t i = 0; i < count(v); ++i) {
            text += i ? ", " : "";
            text += v.is_dict() ? shown(members[i].key, depth + 1) + ": " + shown(members[i].held, depth + 1) : shown(item(v, i), depth + 1);
            r.step();
            if (text.size() > r.options().limits.value_bytes)
                throw heap_exhausted();
        }
        return text + (tuple && count(v) == 1 ? ",)" : v.is_dict() ? "}" : tuple ? ")" : "]");
    }
    // A long text as several, each on its line.
    void write_text(std::string_view text, std::size_t indent, std::size_t allowance, unsigned level)
    {
        if (level == 1) {
            ++indent;
            ++allowance;
        }
        const auto width = static_cast<std::int64_t>(page) - static_cast<std::int64_t>(indent);
        const auto fits = [](std::string_view quoted, std::int64_t room) { return static_cast<std::int64_t>(count_code_points(quoted)) <= room; };
        std::vector<std::string> parts;
        const auto lines = lines_of(text, true);
        std::string quoted;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const bool last = i + 1 == lines.size();
            quoted = quoted_text(lines[i]);
            r.work(lines[i].size() * 64);
            if (fits(quoted, width - (last ? static_cast<std::int64_t>(allowance) : 0))) {
                parts.push_back(quoted);
                continue;
            }
            std::string now;
            for (auto rest = lines[i]; !rest.empty();) {
                const auto word = left_stripped(after_word(rest));
                const auto part = rest.substr(0, rest.size() - word.size());
                rest = word;
                const auto longer = now + std::string(part);
                r.work(longer.size() * 8);
                if (!fits(quoted_text(longer), width - (last && rest.empty() ? static_cast<std::int64_t>(allowance) : 0))) {
                    if (!now.empty())
                        parts.push_back(quoted_text(now));
                    now = part;
                } else {
                    now = longer;
                }
            }
            if (!now.empty())
                parts.push_back(quoted_text(now));
        }
        if (parts.size() == 1) {
            out += quoted;
            return;
        }
        out += level == 1 ? "(" : "";
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (i)
                next_line("", indent);
            out += parts[i];
        }
        out += level == 1 ? ")" : "";
    }
    static std::string_view after_word(std::string_view text)
    {
        while (!text.empty() && !is_space(first_of(text)))
            text.remove_prefix(first_code_points(text, 1).size());
        return text;
    }

    renderer& r;
};

}  // namespace

std::string pretty_printed(renderer& r, const value& v)
{
    pretty_printer p(r);
    p.write(v, 0, 0, 0);
    return std::move(p.out);
}

}  // namespace zincir::detail::jinja

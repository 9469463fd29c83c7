#include "wrapping.hpp"

#include "../characters.hpp"
#include "../code_points.hpp"
#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {
namespace {

bool is_blank(char32_t c) noexcept { return c == U' ' || (c >= U'\t' && c <= U'\r'); }
bool is_letter(char32_t c) noexcept { return is_alphabetic(c); }
bool is_word(char32_t c) noexcept { return c == U'_' || is_alphabetic(c) || is_numeric(c); }
bool ends_word(char32_t c) noexcept { return is_word(c) || std::u32string_view(U"!\"'&.,?").find(c) != std::u32string_view::npos; }

// textwrap's words: runs of blanks, dashes between words, and words, which end behind a hyphen inside them.
class words {
public:
    words(renderer& r, std::string_view text, bool hyphens) : text_(text), hyphens_(hyphens)
    {
        if (text.size() > UINT32_MAX)
            throw heap_exhausted();
        // Each letter is looked up several times.
        r.work(text.size() * 32);
        auto* next = r.memory.many<character>(count_code_points(text));
        const auto* first = next;
        for_each_code_point(text, [&](std::string_view bytes, char32_t c) {
            *next++ = {static_cast<std::uint32_t>(bytes.data() - text.data()), c};
        });
        all_ = {first, next};
    }

    struct chunk {
        std::size_t begin = 0, end = 0;
        std::size_t size() const { return end - begin; }
        bool empty() const { return begin == end; }
    };
    /// The one that begins there; empty at the end.
    chunk at(std::size_t begin) const { return {begin, begin < all_.size() ? end_of(begin) : begin}; }
    bool blank(const chunk& c) const { return is_space(all_[c.begin].point) && is_blank(all_[c.begin].point); }
    std::string_view text(const chunk& c) const
    {
        const auto begin = c.begin < all_.size() ? all_[c.begin].at : text_.size();
        return text_.substr(begin, (c.end < all_.size() ? all_[c.end].at : text_.size()) - begin);
    }
    /// Behind the last hyphen of the first `room` characters that has something else before it; 0 for none.
    std::size_t behind_hyphen(const chunk& c, std::size_t room) const
    {
        auto i = std::min(room, c.size());
        while (i > 0 && point(c.begin + i - 1) != U'-')
            --i;
        if (i < 2)
            return 0;
        for (std::size_t j = 0; j + 1 < i; ++j)
            if (point(c.begin + j) != U'-')
                return i;
        return 0;
    }

private:
    struct character {
        std::uint32_t at;
        char32_t point;
    };
    char32_t point(std::size_t i) const { return i < all_.size() ? all_[i].point : U'\0'; }
    bool letter(std::size_t i) const { return i < all_.size() && is_letter(all_[i].point); }
    bool dashes_before_word(std::size_t i) const
    {
        auto end = i;
        while (point(end) == U'-')
            ++end;
        return end - i >= 2 && end < all_.size() && is_word(point(end));
    }
    std::size_t end_of(std::size_t begin) const
    {
        auto i = begin;
        if (is_blank(point(i))) {
            while (i < all_.size() && is_blank(point(i)))
                ++i;
            return i;
        }
        if (!hyphens_) {
            while (i < all_.size() && !is_blank(point(i)))
                ++i;
            return i;
        }
        if (begin > 0 && ends_word(point(begin - 1)) && dashes_before_word(begin)) {
            while (point(i) == U'-')
                ++i;
            return i;
        }
        for (++i; i < all_.size() && !is_blank(point(i)); ++i) {
            const bool hyphen =
                point(i) == U'-' && i > begin &&
                ((i >= 2 && letter(i - 1) && letter(i - 2)) || (i >= 3 && letter(i - 1) && point(i - 2) == U'-' && letter(i - 3)));
            if (hyphen && letter(i + 1) && (letter(i + 2) || (point(i + 2) == U'-' && letter(i + 3))))
                return i + 1;
            if (ends_word(point(i - 1)) && dashes_before_word(i))
                return i;
        }
        return i;
    }

    std::string_view text_;
    bool hyphens_;
    std::span<const character> all_{};
};

}  // namespace

void append_wrapped(renderer& r, text_maker& out, std::string_view line, const wrapping& how)
{
    const auto before = r.memory.here();
    const words all(r, line, how.break_hyphens);
    bool any = false;
    for (auto word = all.at(0); !word.empty();) {
        r.step();
        if (any && all.blank(word))
            word = all.at(word.end);
        // What goes into this line, and the last chunk of it.
        words::chunk now{word.begin, word.begin}, last{};
        for (; !word.empty() && now.size() + word.size() <= how.width; word = all.at(word.end)) {
            now.end = word.end;
            last = word;
        }
        // Python puts in the part for which no room is left, too, and drops that instead of a blank.
        bool drops_blank = true;
        if (word.size() > how.width) {
            if (how.break_words) {
                auto end = how.width - now.size();
                if (const auto hyphen = how.break_hyphens && word.size() > end ? all.behind_hyphen(word, end) : 0)
                    end = hyphen;
                drops_blank = end > 0;
                if (end > 0)
                    last = {word.begin, word.begin + end};
                word.begin += end;
                now.end = word.begin;
            } else if (now.empty()) {
                now = last = word;
                word = all.at(word.end);
            }
        }
        if (drops_blank && !now.empty() && all.blank(last))
            now.end = last.begin;
        if (now.empty())
            continue;
        out += any ? how.between : std::string_view();
        any = true;
        out += all.text(now);
    }
    r.memory.back_to(before);
}

namespace {

constexpr std::size_t page = 80;

class pretty_printer {
    renderer& r;

public:
    explicit pretty_printer(renderer& given) : r(given) {}

    void write(const value& v, std::size_t indent, std::size_t allowance, unsigned level)
    {
        std::string whole;
        show(whole, v, 0);
        const auto room = static_cast<std::int64_t>(page) - static_cast<std::int64_t>(indent + allowance);
        if (static_cast<std::int64_t>(count_code_points(whole)) <= room || !opens(v) || level > max_value_depth) {
            out += whole;
        } else if (v.is_text()) {
            write_text(v.text(), indent, allowance, level + 1);
        } else if (v.is_dict()) {
            out += '{';
            const auto members = sorted(v);
            for (std::size_t i = 0; i < members.size(); ++i) {
                std::string key;
                show(key, members[i].key, 0);
                const bool last = i + 1 == members.size();
                (out += key) += ": ";
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

    text_maker out = r.make_text();

private:
    static bool opens(const value& v)
    {
        return (v.is_text() && !v.is_markup()) || v.is_dict() || (v.is_list() && !(v.is(kind::list) && v.list().once));
    }
    void next_line(std::string_view before, std::size_t indent)
    {
        out += before;
        out += '\n';
        out.append(" ", indent);
        r.step();
    }
    std::span<member> sorted(const value& dict)
    {
        const std::span members(r.memory.many<member>(count(dict)), count(dict));
        r.step(members.size() * 4);
        for (std::size_t i = 0; i < members.size(); ++i)
            members[i] = member_at(dict, i);
        std::stable_sort(members.begin(), members.end(), [&](const member& a, const member& b) {
            int order = 0;
            return compare(a.key, b.key, order, r.meter) ? order < 0 : type_name(a.key) < type_name(b.key);
        });
        return members;
    }
    // As repr, but the members of dicts in order.
    void show(std::string& to, const value& v, unsigned depth)
    {
        if (depth >= max_value_depth)
            r.fail("a value is nested too deep to be written", errc::limit_exceeded);
        if ((!v.is_dict() && !v.is_list()) || (v.is(kind::list) && v.list().once))
            return r.append_repr(to, v);
        r.step();
        r.check_room(to);
        const bool tuple = v.is(kind::list) && v.list().tuple;
        to += v.is_dict() ? '{' : tuple ? '(' : '[';
        const auto members = v.is_dict() ? sorted(v) : std::span<member>();
        for (std::size_t i = 0; i < count(v); ++i) {
            to += i ? ", " : "";
            if (v.is_dict()) {
                show(to, members[i].key, depth + 1);
                to += ": ";
            }
            show(to, v.is_dict() ? members[i].held : item(v, i), depth + 1);
        }
        to += tuple && count(v) == 1 ? ",)" : v.is_dict() ? "}" : tuple ? ")" : "]";
    }
    // A long text as several, each on its line.
    void write_text(std::string_view text, std::size_t indent, std::size_t allowance, unsigned level)
    {
        if (text.empty()) {
            out += "''";
            return;
        }
        if (level == 1) {
            ++indent;
            ++allowance;
        }
        const auto width = static_cast<std::int64_t>(page) - static_cast<std::int64_t>(indent);
        const auto fits = [&](std::string_view quoted, std::size_t taken) {
            return static_cast<std::int64_t>(count_code_points(quoted)) <= width - static_cast<std::int64_t>(taken);
        };
        std::string first, quoted;
        std::size_t parts = 0;
        const auto add = [&](std::string_view part) {
            if (parts++ == 0) {
                first = part;
                return;
            }
            if (parts == 2)
                (out += level == 1 ? "(" : "") += first;
            next_line("", indent);
            out += part;
        };
        while (!text.empty()) {
            auto rest = take_line(text, true);
            const bool last = text.empty();
            quoted.clear();
            r.append_quoted(quoted, rest);
            r.work(rest.size() * 64);
            if (fits(quoted, last ? allowance : 0)) {
                add(quoted);
                continue;
            }
            std::string now;
            while (!rest.empty()) {
                const auto word = left_stripped(after_word(rest));
                const auto part = rest.substr(0, rest.size() - word.size());
                rest = word;
                const auto longer = now + std::string(part);
                r.work(longer.size() * 8);
                if (!fits(quoted_text(longer), last && rest.empty() ? allowance : 0)) {
                    if (!now.empty())
                        add(quoted_text(now));
                    now = part;
                } else {
                    now = longer;
                }
            }
            if (!now.empty())
                add(quoted_text(now));
        }
        if (parts == 1)
            out += quoted;
        else
            out += level == 1 ? ")" : "";
    }
    static std::string_view after_word(std::string_view text)
    {
        while (!text.empty() && !is_space(first_of(text)))
            text.remove_prefix(first_code_points(text, 1).size());
        return text;
    }
};

}  // namespace

value pretty_printed(renderer& r, const value& v)
{
    pretty_printer p(r);
    p.write(v, 0, 0, 0);
    return p.out.finish();
}

}  // namespace zincir::detail::jinja

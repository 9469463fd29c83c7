#include "case_mapping.hpp"

#include "../character_tables.hpp"
#include "case_tables.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace zincir::detail::jinja {
namespace {

const case_run* run_of(std::span<const case_run> runs, char32_t c) noexcept
{
    const auto at =
        std::upper_bound(runs.begin(), runs.end(), c, [](char32_t wanted, const case_run& r) { return wanted < r.first; });
    if (at == runs.begin())
        return nullptr;
    const auto& run = *std::prev(at);
    return c <= run.last && (c - run.first) % run.step == 0 ? &run : nullptr;
}

char32_t moved(std::span<const case_run> runs, char32_t c) noexcept
{
    const auto* run = run_of(runs, c);
    return run ? static_cast<char32_t>(static_cast<std::int64_t>(c) + run->distance) : c;
}

std::string_view several(std::span<const case_special> specials, char32_t c) noexcept
{
    const auto at = std::lower_bound(specials.begin(), specials.end(), c,
                                     [](const case_special& s, char32_t wanted) { return s.letter < wanted; });
    return at != specials.end() && at->letter == c ? at->becomes : std::string_view();
}

void append_upper(std::string& out, char32_t c, bool turkish)
{
    if (const auto all = c < 0x80 ? std::string_view() : several(upper_specials, c); !all.empty())
        out += all;
    else
        append_code_point(out, upper_of(c, turkish));
}

void append_title(std::string& out, char32_t c, bool turkish)
{
    if (const auto all = c < 0x80 ? std::string_view() : several(title_specials, c); !all.empty())
        out += all;
    else if (run_of(title_runs, c))
        append_code_point(out, moved(title_runs, c));
    else
        append_code_point(out, upper_of(c, turkish));
}

// Unicode's Case_Ignorable, as far as texts have it beside letters.
bool is_ignorable(char32_t c) noexcept
{
    return c == U'\'' || c == U'.' || c == U':' || c == U'^' || c == U'`' || c == 0xA8 || c == 0xAD || c == 0xB7 || c == 0x2019 ||
           (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F);
}

// Whether a Σ stands at the end of a word: a letter before, none behind.
bool ends_word(std::string_view behind)
{
    while (!behind.empty()) {
        const auto one = first_code_points(behind, 1);
        char32_t c = 0;
        for_each_code_point(one, [&](std::string_view, char32_t p) { c = p; });
        if (!is_ignorable(c))
            return !is_cased(c);
        behind.remove_prefix(one.size());
    }
    return true;
}

}  // namespace

char32_t upper_of(char32_t c, bool turkish) noexcept
{
    if (turkish && c == U'i')
        return 0x130;
    if (c < 0x80)
        return c >= U'a' && c <= U'z' ? c - 32 : c;
    return moved(upper_runs, c);
}

char32_t lower_of(char32_t c, bool turkish) noexcept
{
    if (turkish && c == U'I')
        return 0x131;
    if (turkish && c == 0x130)
        return U'i';
    if (c < 0x80)
        return c >= U'A' && c <= U'Z' ? c + 32 : c;
    return moved(lower_runs, c);
}

bool is_cased(char32_t c) noexcept
{
    return upper_of(c) != c || lower_of(c) != c || c == 0x130 || (c >= 0x80 && !several(upper_specials, c).empty()) ||
           (c >= 0x80 && run_of(title_runs, c));
}

std::string upper(std::string_view text, bool turkish)
{
    std::string out;
    out.reserve(text.size());
    for_each_code_point(text, [&](std::string_view, char32_t c) { append_upper(out, c, turkish); });
    return out;
}

std::string lower(std::string_view text, bool turkish)
{
    std::string out;
    out.reserve(text.size());
    bool after_letter = false;
    for_each_code_point(text, [&](std::string_view bytes, char32_t c) {
        const auto* behind = bytes.data() + bytes.size();
        if (c == 0x130 && !turkish)
            out += "i\xCC\x87";
        else if (c == 0x3A3 && after_letter && ends_word({behind, static_cast<std::size_t>(text.data() + text.size() - behind)}))
            append_code_point(out, 0x3C2);
        else
            append_code_point(out, lower_of(c, turkish));
        after_letter = is_cased(c) || (after_letter && is_ignorable(c));
    });
    return out;
}

std::string capitalized(std::string_view text, bool turkish, bool upper_first)
{
    const auto first = first_code_points(text, 1);
    std::string out;
    for_each_code_point(
        first, [&](std::string_view, char32_t c) { upper_first ? append_upper(out, c, turkish) : append_title(out, c, turkish); });
    return out + lower(text.substr(first.size()), turkish);
}

std::string casefolded(std::string_view text)
{
    std::string out;
    for_each_code_point(text, [&](std::string_view, char32_t c) {
        const auto at = std::lower_bound(std::begin(folded), std::end(folded), c,
                                         [](const folded_letter& f, char32_t wanted) { return f.letter < wanted; });
        if (at != std::end(folded) && at->letter == c)
            out += at->becomes;
        else if (c == 0x130)
            out += "i\xCC\x87";
        else
            append_code_point(out, lower_of(c));
    });
    return out;
}

}  // namespace zincir::detail::jinja

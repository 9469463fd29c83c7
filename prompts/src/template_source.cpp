#include "template_source.hpp"

#include "code_points.hpp"

#include <zincir/core/detail/utf8.hpp>
#include <zincir/prompts/template_options.hpp>

#include <algorithm>

namespace zincir::detail {
namespace {

// A line of an excerpt shows at most this many code points on each side of the caret.
constexpr std::size_t excerpt_reach = 60;

std::size_t line_begin(std::string_view text, std::size_t offset)
{
    const auto newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
}

std::string excerpt(std::string_view text, std::size_t offset)
{
    const auto begin = line_begin(text, offset);
    const auto end = std::min(text.find('\n', offset), text.size());
    auto before = text.substr(begin, offset - begin);
    const auto length = count_code_points(before);
    const bool cut = length > excerpt_reach;
    if (cut)
        before.remove_prefix(first_code_points(before, length - excerpt_reach + 1).size());
    auto rest = text.substr(offset, end - offset);
    if (rest.ends_with('\r'))
        rest.remove_suffix(1);
    const auto after = first_code_points(rest, excerpt_reach);
    std::string shown = "\n    " + std::string(cut ? "…" : "") + std::string(before) + std::string(after);
    shown += (after.size() < rest.size() ? "…\n    " : "\n    ") + std::string(cut ? " " : "");
    // A tab is as wide as the tab above it.
    for_each_code_point(before, [&](std::string_view, char32_t point) { shown += point == U'\t' ? '\t' : ' '; });
    return shown + "^";
}

}  // namespace

template_source::template_source(std::string_view text, const template_options& options, std::string where)
    : name_(options.name), where_(std::move(where)), first_{options.first_line, options.first_column}
{
    const auto limit = options.limits.template_bytes;
    if (text.size() > limit)
        throw error(errc::limit_exceeded, "template \"" + name_ + "\" has " + std::to_string(text.size()) +
                                              " bytes; the limit is " + std::to_string(limit) +
                                              " (template_limits::template_bytes)");
    if (const auto bad = find_invalid_utf8(text); bad != std::string_view::npos)
        throw error(errc::invalid_template, "template \"" + name_ + "\" is not UTF-8: byte " + std::to_string(bad));
    text_ = text;
}

template_source::position template_source::at(std::size_t offset) const
{
    const auto before = text().substr(0, offset);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    return {first_.line + lines,
            (lines == 0 ? first_.column : 1) + count_code_points(before.substr(line_begin(text_, before.size())))};
}

std::string template_source::describe(std::size_t offset) const
{
    const auto place = at(offset);
    return "template \"" + name_ + "\"" + (where_.empty() ? "" : ", " + where_) + ", line " + std::to_string(place.line) +
           ", column " + std::to_string(place.column);
}

error template_source::fault(errc code, std::size_t offset, std::string_view what) const
{
    // A reason may name what the text has: a name of a million letters.
    constexpr std::size_t longest = 2'000;
    const auto reason = first_code_points(what, longest);
    return error(code, describe(offset) + ": " + std::string(reason) + (reason.size() < what.size() ? "…" : "") +
                           excerpt(text_, std::min(offset, text_.size())));
}

}  // namespace zincir::detail

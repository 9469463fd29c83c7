#include "code_points.hpp"

#include <zincir/prompts/prompt_explanation.hpp>

#include <algorithm>

namespace zincir {
namespace {

enum class run { none, word, number, blank, line };

run run_of(char32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return run::word;
    if (c >= '0' && c <= '9')
        return run::number;
    if (c == ' ')
        return run::blank;
    return c == '\n' || c == '\r' || c == '\t' ? run::line : run::none;
}

// In twentieths of a token. Fitted to cl100k_base and o200k_base: the counts lie between those two.
std::size_t cost_of_run(run kind, std::size_t length)
{
    switch (kind) {
        case run::word:
            return 20 + 5 * (length > 7 ? length - 7 : 0);
        case run::number:
            return 20 * ((length + 2) / 3);
        case run::blank:
            return length > 1 ? 20 : 0;  // a single one belongs to the word behind it
        case run::line:
            return 20;
        case run::none:
            break;
    }
    return 0;
}

std::size_t cost_of_letter(char32_t c)
{
    if (c < 0x80)
        return 14;
    if (c < 0x250)  // Latin with marks
        return 15;
    if (c < 0x530)  // Greek, Cyrillic
        return 10;
    if (c < 0x700)  // Armenian, Hebrew, Arabic
        return 12;
    if (c < 0x1100)  // Indic scripts, Thai, Georgian
        return 18;
    return c < 0x10000 ? 20 : 44;
}

std::string cell(std::string_view text, std::size_t width, bool to_the_right)
{
    const auto count = detail::count_code_points(text);
    const std::string gap(width - std::min(width, count), ' ');
    return to_the_right ? gap + std::string(text) : std::string(text) + gap;
}

}  // namespace

std::size_t approximate_tokens(std::string_view text)
{
    std::size_t cost = 0, length = 0;
    auto kind = run::none;
    detail::for_each_code_point(text, [&](std::string_view, char32_t c) {
        const auto next = run_of(c);
        if (next != kind) {
            cost += cost_of_run(kind, length);
            kind = next;
            length = 0;
        }
        ++length;
        if (next == run::none)
            cost += cost_of_letter(c);
    });
    cost += cost_of_run(kind, length);
    return text.empty() ? 0 : std::max<std::size_t>(1, (cost + 10) / 20);
}

std::size_t approximate_message_tokens(const messages& turns)
{
    constexpr std::size_t of_a_message = 4, of_a_picture = 765, of_a_small_picture = 85;
    std::size_t total = 0;
    for (const auto& turn : turns) {
        total += of_a_message;
        for (const auto& block : turn.content) {
            if (const auto* text = std::get_if<text_block>(&block))
                total += approximate_tokens(text->text);
            else if (const auto* image = std::get_if<image_block>(&block))
                total += image->source.detail == "low" ? of_a_small_picture : of_a_picture;
            else if (const auto* call = std::get_if<tool_call>(&block))
                total += approximate_tokens(call->name) + approximate_tokens(call->arguments);
            else if (const auto* result = std::get_if<tool_result_block>(&block))
                total += approximate_tokens(result->text);
            else if (const auto* reasoning = std::get_if<reasoning_block>(&block))
                total += approximate_tokens(reasoning->text);
            else if (const auto* refusal = std::get_if<refusal_block>(&block))
                total += approximate_tokens(refusal->text);
        }
    }
    return total;
}

std::string to_string(const prompt_explanation& e)
{
    std::size_t widest = 5;
    for (const auto& row : e.rows)
        widest = std::max(widest, detail::count_code_points(row.part));
    std::string out = cell("part", widest, false) + "  tokens  varies with\n";
    for (const auto& row : e.rows) {
        std::string names;
        for (const auto& name : row.variables)
            names += (names.empty() ? "{" : ", {") + name + "}";
        if (names.empty())
            names = row.constant ? "nothing" : "";
        out += cell(row.part, widest, false) + "  " + cell("~" + std::to_string(row.tokens), 6, true) + "  " + names + "\n";
    }
    out += cell("total", widest, false) + "  " + cell("~" + std::to_string(e.tokens), 6, true) + "\n";
    out += "the same in every call: the first ~" + std::to_string(e.prefix_tokens) + " tokens" +
           (e.ended_by.empty() ? "" : ", up to " + e.ended_by) + "\n";
    for (const auto& warning : e.warnings)
        out += "warning: " + warning + "\n";
    return out;
}

}  // namespace zincir

#include "fstring_template.hpp"

#include "format_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace zincir::detail {
namespace {

// At most so many pieces: a text of nothing but fields takes their memory once.
std::size_t count_fields(std::string_view text)
{
    std::size_t n = 0;
    for (auto at = text.find('{'); at != std::string_view::npos;) {
        const bool doubled = text.substr(at, 2) == "{{";
        n += !doubled;
        at = text.find('{', at + (doubled ? 2 : 1));
    }
    return n;
}

}  // namespace

void append_field(std::string& out, std::string_view text, const fstring_field& f, const prompt_value& value)
{
    try {
        if (f.plain())
            out += to_prompt_text(value);
        else
            append_formatted(out, value, f.conversion, f.spec);
    } catch (const error& e) {
        const auto field = "{" + std::string(f.name_in(text)) + "}";
        const auto spec = f.spec_in(text);
        throw error(
            static_cast<errc>(e.code().value()),
            (spec.empty() ? field : "the format specification \"" + std::string(spec) + "\" does not fit the value of " + field) +
                ": " + e.facts().message);
    }
}

fstring_template::fstring_template(std::string_view text, const template_options& options, std::string where)
    : source_(text, options, std::move(where)), undefined_(options.undefined), max_output_(options.limits.output_bytes)
{
    parse(source_.text());
    std::set<std::string_view> names;
    for (const auto& s : segments_) {
        literal_bytes_ += s.literal.size();
        if (s.field)
            names.insert(name_of(*s.field));
    }
    variables_.assign(names.begin(), names.end());
}

void fstring_template::parse(std::string_view text)
{
    segments_.reserve(count_fields(text) + 1);
    segment current;
    for (std::size_t at = 0; at < text.size();) {
        const auto piece = next_fstring_piece(text, at);
        if (piece.fault != prompt_fault::none)
            source_.refuse(piece.fault_offset, reason_of(piece));
        current.literal += piece.literal;
        if (piece.has_field) {
            current.field = piece.field;
            segments_.push_back(std::move(current));
            current = segment();
        }
        at = piece.next;
    }
    if (!current.literal.empty() || segments_.empty())
        segments_.push_back(std::move(current));
}

std::string fstring_template::reason_of(const fstring_piece& piece) const
{
    const auto& f = piece.field;
    const auto field = "{" + std::string(f.name_in(source_.text())) + "}";
    switch (piece.fault) {
        case prompt_fault::single_closing_brace:
            return "a single } stands here: write }} for a brace in the text";
        case prompt_fault::unclosed_brace:
            if (piece.fault_offset + 1 == source_.text().size())
                return "a single { ends the text: write {{ for a brace in the text";
            return "this { is never closed: write {{ for a brace in the text";
        case prompt_fault::field_without_name:
            return "a field has no name: write {name}, or {{}} for a pair of braces in the text";
        case prompt_fault::numbered_field:
            return field + " is numbered: a field has a name, such as {topic}";
        case prompt_fault::field_that_reaches_into_a_value:
            return field +
                   " reaches into a value: attributes and elements are not reachable from a template; give the value a name of "
                   "its own";
        case prompt_fault::field_inside_a_specification:
            return "a format specification holds a field of its own, which is not supported";
        case prompt_fault::unknown_conversion:
            return "a conversion is !s, !r or !a, and then comes } or :";
        case prompt_fault::unusable_specification: {
            const auto spec = f.spec_in(source_.text());
            return "the format specification \"" + std::string(spec) +
                   "\" is not usable: " + detail::reason_of(read_format_spec(spec), spec);
        }
        case prompt_fault::variable_called_stop:
            return "a variable must not be called \"stop\": it would be taken for the stop sequences";
        case prompt_fault::not_utf8:  // found by template_source
        case prompt_fault::none:
            break;
    }
    return "";
}

void fstring_template::render(std::string& out, scope& given) const
{
    const auto start = out.size();
    std::size_t bytes = literal_bytes_;
    for (const auto& s : segments_)
        if (s.field)
            if (const auto* value = given.find(name_of(*s.field))) {
                const auto* text = std::get_if<std::string>(&value->get());
                bytes += text ? text->size() : 24U;  // a number
            }
    out.reserve(start + std::min(bytes, max_output_));
    // A short template can repeat a long value: what the limit forbids is not allocated either.
    const auto append = [&](std::string_view text, std::size_t offset) {
        if (text.size() > max_output_ - std::min(max_output_, out.size() - start))
            throw error(errc::limit_exceeded, source_.describe(offset) + ": the text grows beyond " + std::to_string(max_output_) +
                                                  " bytes (template_limits::output_bytes)");
        if (text.size() > out.capacity() - out.size())
            make_room(out, text.size(), start + max_output_);
        out += text;
    };
    for (const auto& s : segments_) {
        append(s.literal, s.field ? s.field->offset : source_.text().size());
        if (!s.field)
            continue;
        const auto& f = *s.field;
        const auto* value = given.find(name_of(f));
        if (!value) {
            if (undefined_ == undefined_policy::error)
                missing(source_.describe(f.offset), name_of(f), given);
            if (undefined_ == undefined_policy::keep)
                append(source_.text().substr(f.offset, f.size), f.offset);
        } else if (const auto* text = std::get_if<std::string>(&value->get()); text && f.plain()) {
            append(*text, f.offset);
        } else if (const auto* integer = std::get_if<std::int64_t>(&value->get()); integer && f.plain()) {
            const fmt::format_int digits(*integer);
            append({digits.data(), digits.size()}, f.offset);
        } else if (!value->is_nothing()) {
            append(shown(f, *value), f.offset);
        }
    }
}

std::string fstring_template::shown(const fstring_field& f, const prompt_value& value) const
{
    try {
        std::string out;
        append_field(out, source_.text(), f, value);
        return out;
    } catch (const error& e) {
        throw error(static_cast<errc>(e.code().value()), source_.describe(f.offset) + ": " + e.facts().message);
    }
}

std::string fstring_template::place_of(std::string_view variable) const
{
    for (const auto& s : segments_)
        if (s.field && name_of(*s.field) == variable)
            return source_.describe(s.field->offset);
    return source_.describe(0);
}

}  // namespace zincir::detail

#include "fstring_template.hpp"

#include <algorithm>

namespace zincir::detail {

fstring_template::fstring_template(std::string_view text, const template_options& options, std::string where)
    : source_(text, options, std::move(where)), undefined_(options.undefined), max_output_(options.limits.output_bytes)
{
    parse(source_.text());
    for (const auto& s : segments_) {
        literal_bytes_ += s.literal.size();
        if (s.value)
            variables_.push_back(s.value->name);
    }
    std::sort(variables_.begin(), variables_.end());
    variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
}

void fstring_template::parse(std::string_view text)
{
    segment current;
    std::size_t i = 0;
    while (i < text.size()) {
        const auto brace = text.find_first_of("{}", i);
        current.literal += text.substr(i, brace - i);
        if (brace == std::string_view::npos)
            break;
        const bool opens = text[brace] == '{';
        if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
            current.literal += text[brace];
            i = brace + 2;
            continue;
        }
        if (!opens)
            source_.refuse(brace, "a single } stands here: write }} for a brace in the text");
        if (brace + 1 == text.size())
            source_.refuse(brace, "a single { ends the text: write {{ for a brace in the text");
        const auto close = text.find_first_of("{}", brace + 1);
        if (close == std::string_view::npos)
            source_.refuse(brace, "this { is never closed: write {{ for a brace in the text");
        if (text[close] == '{') {
            const auto inside = text.substr(brace + 1, close - brace - 1);
            source_.refuse(inside.find(':') != std::string_view::npos ? close : brace,
                           inside.find(':') != std::string_view::npos
                               ? "a format specification holds a field of its own, which is not supported"
                               : "this { is never closed: write {{ for a brace in the text");
        }
        current.value = parse_field(text.substr(brace + 1, close - brace - 1), brace);
        current.value->offset = brace;
        current.value->bytes = close + 1 - brace;
        segments_.push_back(std::move(current));
        current = segment();
        i = close + 1;
    }
    if (!current.literal.empty() || segments_.empty())
        segments_.push_back(std::move(current));
}

fstring_template::field fstring_template::parse_field(std::string_view inside, std::size_t at) const
{
    field f;
    const auto mark = inside.find_first_of("!:");
    f.name = inside.substr(0, mark);
    if (f.name.empty())
        source_.refuse(at, "a field has no name: write {name}, or {{}} for a pair of braces in the text");
    if (f.name.find_first_not_of("0123456789") == std::string::npos)
        source_.refuse(at, "{" + f.name + "} is numbered: a field has a name, such as {topic}");
    if (f.name.find_first_of(".[]") != std::string::npos)
        source_.refuse(
            at, "{" + f.name +
                    "} reaches into a value: attributes and elements are not reachable from a template; give the value a name of "
                    "its own");
    if (f.name == "stop")
        source_.refuse(at, "a variable must not be called \"stop\": it would be taken for the stop sequences");
    if (mark == std::string_view::npos)
        return f;
    auto rest = inside.substr(mark);
    if (rest.front() == '!') {
        f.how = rest.size() > 1 ? rest[1] : 0;
        if (f.how != 's' && f.how != 'r' && f.how != 'a')
            source_.refuse(at, "a conversion is !s, !r or !a");
        rest.remove_prefix(2);
        if (!rest.empty() && rest.front() != ':')
            source_.refuse(at, "after a conversion comes } or :");
    }
    if (!rest.empty()) {
        f.spec_text = rest.substr(1);
        try {
            f.spec = parse_format_spec(f.spec_text);
        } catch (const error& e) {
            source_.refuse(at, "the format specification \"" + f.spec_text + "\" is not usable: " + e.facts().message);
        }
    }
    f.plain = !f.how && f.spec_text.empty();
    return f;
}

void fstring_template::render(std::string& out, scope& given) const
{
    const auto start = out.size();
    const auto check_size = [&](std::size_t offset) {
        if (out.size() - start > max_output_)
            throw error(errc::limit_exceeded, source_.describe(offset) + ": the text grows beyond " + std::to_string(max_output_) +
                                                  " bytes (template_limits::output_bytes)");
    };
    std::size_t bytes = literal_bytes_;
    for (const auto& s : segments_)
        if (s.value)
            if (const auto* value = given.find(s.value->name)) {
                const auto* text = std::get_if<std::string>(&value->get());
                bytes += text ? text->size() : 24U;  // a number
            }
    // A short template can repeat a long value: what the limit forbids is not allocated either.
    out.reserve(start + std::min(bytes, max_output_));
    for (const auto& s : segments_) {
        out += s.literal;
        if (!s.value) {
            check_size(source_.text().size());
            continue;
        }
        const auto& f = *s.value;
        const auto* value = given.find(f.name);
        if (!value) {
            if (undefined_ == undefined_policy::error)
                missing(source_.describe(f.offset), f.name, given);
            if (undefined_ == undefined_policy::keep)
                out += source_.text().substr(f.offset, f.bytes);
        } else if (const auto* text = std::get_if<std::string>(&value->get()); text && f.plain) {
            out += *text;
        } else if (f.plain) {
            try {
                out += to_prompt_text(*value);
            } catch (const error& e) {
                throw error(errc::invalid_argument, source_.describe(f.offset) + ": {" + f.name + "}: " + e.facts().message);
            }
        } else {
            try {
                append_formatted(out, *value, f.how, f.spec);
            } catch (const error& e) {
                throw error(errc::invalid_argument, source_.describe(f.offset) + ": the format specification \"" + f.spec_text +
                                                        "\" does not fit the value of {" + f.name + "}: " + e.facts().message);
            }
        }
        check_size(f.offset);
    }
}

std::string fstring_template::place_of(std::string_view variable) const
{
    for (const auto& s : segments_)
        if (s.value && s.value->name == variable)
            return source_.describe(s.value->offset);
    return source_.describe(0);
}

}  // namespace zincir::detail

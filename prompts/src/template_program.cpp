#include "template_program.hpp"

#include "code_points.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>

namespace zincir::detail {
namespace {

std::size_t find_bad_byte(std::string_view text)
{
    std::size_t bad = std::string_view::npos;
    for_each_code_point(text, [&](std::string_view bytes, char32_t point) {
        constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        const bool tails = std::all_of(bytes.begin() + 1, bytes.end(), [](char c) { return (c & 0xC0) == 0x80; });
        const bool whole = code_point_length(bytes.front()) == bytes.size() && (bytes.size() > 1 || point < 0x80);
        if (bad == std::string_view::npos &&
            (!tails || !whole || point < least[bytes.size()] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)))
            bad = static_cast<std::size_t>(bytes.data() - text.data());
    });
    return bad;
}

// The line of `at` with a caret below it, at most 60 code points before and after.
std::string excerpt(std::string_view text, std::size_t at)
{
    const auto begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    auto end = text.find('\n', at);
    end = end == std::string_view::npos ? text.size() : end;
    auto before = text.substr(begin, at - begin);
    const auto length = count_code_points(before);
    if (length > 60)
        before.remove_prefix(first_code_points(before, length - 60).size());
    const auto after = first_code_points(text.substr(at, end - at), 60);
    return "\n    " + std::string(before) + std::string(after) + "\n    " + std::string(count_code_points(before), ' ') + "^";
}

}  // namespace

const partials::entry* partials::find(std::string_view name) const noexcept
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.name == name; });
    return at == entries_.end() ? nullptr : &*at;
}

void partials::set(entry e)
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& old) { return old.name == e.name; });
    if (at != entries_.end())
        *at = std::move(e);
    else
        entries_.push_back(std::move(e));
}

scope::scope(const values& input, const partials* given, const std::vector<std::string>& free) : input_(input), given_(given)
{
    if (!input.bare())
        return;
    if (free.size() == 1) {
        bare_name_ = free.front();
        return;
    }
    std::string names;
    for (const auto& name : free)
        names += (names.empty() ? "" : ", ") + name;
    throw error(errc::invalid_argument, free.empty()
                                            ? "a bare value was given, but the template has no variable left to take it"
                                            : "a bare value was given, but the template has " + std::to_string(free.size()) +
                                                  " variables (" + names + "): give values(\"" + free.front() + "\", …)");
}

const prompt_value* scope::find(std::string_view name)
{
    if (const auto* value = input_.find(name))
        return value;
    if (!bare_name_.empty() && name == bare_name_)
        return input_.bare();
    const auto* entry = given_ ? given_->find(name) : nullptr;
    if (!entry)
        return nullptr;
    if (entry->value)
        return &*entry->value;
    const auto at = std::find_if(made_.begin(), made_.end(), [&](const values::entry& e) { return e.name == name; });
    if (at != made_.end())
        return &at->value;
    made_.reserve(16);
    made_.push_back(values::entry{std::string(name), entry->make()});
    return &made_.back().value;
}

std::string scope::nearest(std::string_view name) const
{
    std::vector<std::string> names;
    for (const auto& entry : input_.entries())
        names.push_back(entry.name);
    return nearest_name(name, names);
}

template_program::template_program(std::string_view text, const template_options& options, std::string where)
    : name_(options.name), where_(std::move(where)), max_output_(options.max_output_bytes)
{
    if (text.size() > options.max_template_bytes)
        throw error(errc::invalid_template, "template \"" + name_ + "\" has " + std::to_string(text.size()) +
                                                " bytes; the limit is " + std::to_string(options.max_template_bytes));
    if (const auto bad = find_bad_byte(text); bad != std::string_view::npos)
        throw error(errc::invalid_template, "template \"" + name_ + "\" is not UTF-8: byte " + std::to_string(bad));
    parse(text);
    for (const auto& s : segments_) {
        literal_bytes_ += s.literal.size();
        if (s.value)
            variables_.push_back(s.value->name);
    }
    std::sort(variables_.begin(), variables_.end());
    variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
}

std::string template_program::describe(std::size_t line, std::size_t column) const
{
    return "template \"" + name_ + "\"" + (where_.empty() ? "" : ", " + where_) + ", line " + std::to_string(line) + ", column " +
           std::to_string(column);
}

void template_program::refuse(std::string_view text, std::size_t at, const std::string& what) const
{
    const auto before = text.substr(0, at);
    const auto line = static_cast<std::size_t>(1 + std::count(before.begin(), before.end(), '\n'));
    const auto start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    throw error(errc::invalid_template,
                describe(line, 1 + count_code_points(before.substr(start))) + ": " + what + excerpt(text, at));
}

void template_program::parse(std::string_view text)
{
    segment current;
    std::size_t i = 0;
    // The place of `counted`, kept up from field to field: counting from the start each time would be quadratic.
    std::size_t counted = 0;
    std::size_t line = 1;
    std::size_t column = 1;
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
            refuse(text, brace, "a single } stands here: write }} for a brace in the text");
        if (brace + 1 == text.size())
            refuse(text, brace, "a single { ends the text: write {{ for a brace in the text");
        const auto close = text.find_first_of("{}", brace + 1);
        if (close == std::string_view::npos)
            refuse(text, brace, "this { is never closed: write {{ for a brace in the text");
        if (text[close] == '{') {
            const auto inside = text.substr(brace + 1, close - brace - 1);
            refuse(text, inside.find(':') != std::string_view::npos ? close : brace,
                   inside.find(':') != std::string_view::npos
                       ? "a format specification holds a field of its own, which is not supported"
                       : "this { is never closed: write {{ for a brace in the text");
        }
        current.value = parse_field(text.substr(brace + 1, close - brace - 1), text, brace);
        const auto passed = text.substr(counted, brace - counted);
        counted = brace;
        if (const auto newline = passed.rfind('\n'); newline != std::string_view::npos) {
            line += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
            column = 1 + count_code_points(passed.substr(newline + 1));
        } else {
            column += count_code_points(passed);
        }
        current.value->line = line;
        current.value->column = column;
        segments_.push_back(std::move(current));
        current = segment();
        i = close + 1;
    }
    if (!current.literal.empty() || segments_.empty())
        segments_.push_back(std::move(current));
}

template_program::field template_program::parse_field(std::string_view inside, std::string_view text, std::size_t at) const
{
    field f;
    const auto mark = inside.find_first_of("!:");
    f.name = inside.substr(0, mark);
    if (f.name.empty())
        refuse(text, at, "a field has no name: write {name}, or {{}} for a pair of braces in the text");
    if (f.name.find_first_not_of("0123456789") == std::string::npos)
        refuse(text, at, "{" + f.name + "} is numbered: a field has a name, such as {topic}");
    if (f.name.find_first_of(".[]") != std::string::npos)
        refuse(text, at,
               "{" + f.name +
                   "} reaches into a value: attributes and elements are not reachable from a template; give the value a name of "
                   "its own");
    if (f.name == "stop")
        refuse(text, at, "a variable must not be called \"stop\": it would be taken for the stop sequences");
    if (mark == std::string_view::npos)
        return f;
    auto rest = inside.substr(mark);
    if (rest.front() == '!') {
        f.how = rest.size() > 1 ? rest[1] : 0;
        if (f.how != 's' && f.how != 'r' && f.how != 'a')
            refuse(text, at, "a conversion is !s, !r or !a");
        rest.remove_prefix(2);
        if (!rest.empty() && rest.front() != ':')
            refuse(text, at, "after a conversion comes } or :");
    }
    if (!rest.empty()) {
        f.spec_text = rest.substr(1);
        try {
            f.spec = parse_format_spec(f.spec_text);
        } catch (const error& e) {
            refuse(text, at, "the format specification \"" + f.spec_text + "\" is not usable: " + e.facts().message);
        }
    }
    f.plain = !f.how && f.spec_text.empty();
    return f;
}

void template_program::render(std::string& out, scope& given) const
{
    const auto start = out.size();
    const auto check_size = [&](std::size_t line, std::size_t column) {
        if (out.size() - start > max_output_)
            throw error(errc::limit_exceeded, describe(line, column) + ": the text grows beyond " + std::to_string(max_output_) +
                                                  " bytes (template_options::max_output_bytes)");
    };
    std::size_t bytes = literal_bytes_;
    for (const auto& s : segments_)
        if (s.value)
            if (const auto* value = given.find(s.value->name))
                if (const auto* text = std::get_if<std::string>(&value->get()))
                    bytes += text->size();
    // A short template can repeat a long value: what the limit forbids is not allocated either.
    out.reserve(start + std::min(bytes, max_output_));
    for (const auto& s : segments_) {
        out += s.literal;
        if (!s.value) {
            check_size(1, 1);
            continue;
        }
        const auto& f = *s.value;
        const auto* value = given.find(f.name);
        if (!value)
            missing(describe(f.line, f.column), f.name, given);
        if (const auto* text = std::get_if<std::string>(&value->get()); text && f.plain) {
            out += *text;
        } else if (f.plain) {
            try {
                out += to_prompt_text(*value);
            } catch (const error& e) {
                throw error(errc::invalid_argument, describe(f.line, f.column) + ": {" + f.name + "}: " + e.facts().message);
            }
        } else {
            try {
                append_formatted(out, *value, f.how, f.spec);
            } catch (const error& e) {
                throw error(errc::invalid_argument, describe(f.line, f.column) + ": the format specification \"" + f.spec_text +
                                                        "\" does not fit the value of {" + f.name + "}: " + e.facts().message);
            }
        }
        check_size(f.line, f.column);
    }
}

std::string template_program::place_of(std::string_view variable) const
{
    for (const auto& s : segments_)
        if (s.value && s.value->name == variable)
            return describe(s.value->line, s.value->column);
    return describe(1, 1);
}

std::vector<std::string> free_variables(const std::vector<std::string>& all, const partials* given)
{
    std::vector<std::string> left;
    std::copy_if(all.begin(), all.end(), std::back_inserter(left),
                 [&](const std::string& name) { return !given || !given->find(name); });
    return left;
}

void missing(const std::string& place, std::string_view variable, const scope& given)
{
    const auto near = given.nearest(variable);
    throw error(errc::missing_variable, place + ": no value for {" + std::string(variable) + "}" +
                                            (near.empty() ? "" : "; did you mean \"" + near + "\"?") +
                                            " (for braces in the text write {{" + std::string(variable) + "}})");
}

}  // namespace zincir::detail

#include "../characters.hpp"
#include "../code_points.hpp"
#include "python_format.hpp"
#include "renderer.hpp"

#include <fmt/format.h>

namespace zincir::detail::jinja {

std::string_view renderer::str(const value& v)
{
    if (v.is_text())
        return v.text();
    std::string made;
    append_str(made, v);
    return memory.copy(made);
}

void renderer::append_str(std::string& to, const value& v)
{
    if (v.is_text())
        to += v.text();
    else if (v.is_undefined())
        use(v);
    else
        append_repr(to, v);
}

void renderer::check_room(const std::string& to) const
{
    if (&to != &out_) {
        if (to.size() > memory.room() / 2)
            throw heap_exhausted();
    } else if (to.size() - start_ > max_output_) {
        too_long();
    }
}

// In pieces: a letter may become ten.
void renderer::append_quoted(std::string& to, std::string_view text, bool ascii_only)
{
    constexpr std::size_t piece = 4096;
    work(text.size() * 8);
    const char quote = quote_for(text);
    to += quote;
    while (!text.empty()) {
        const auto part = first_code_points(text, piece);
        append_unquoted(to, part, quote, ascii_only);
        text.remove_prefix(part.size());
        check_room(to);
    }
    to += quote;
}

void renderer::append_repr(std::string& to, const value& v, unsigned depth, bool ascii_only)
{
    step();
    // What a value that holds others many times over would come to, is found out before it fills the memory.
    check_room(to);
    const auto each = [&](char open, char close) {
        if (depth >= max_value_depth)
            fail("a value is nested too deep to be written", errc::limit_exceeded);
        to += open;
        for (std::size_t i = 0; i < count(v); ++i) {
            to += i ? ", " : "";
            append_repr(to, item(v, i), depth + 1, ascii_only);
            if (v.is_dict()) {
                to += ": ";
                append_repr(to, member_at(v, i).held, depth + 1, ascii_only);
            }
        }
        if (close == ')' && count(v) == 1)
            to += ',';
        to += close;
    };
    switch (v.what()) {
        case kind::undefined:
            to += "Undefined";
            break;
        case kind::none:
            to += "None";
            break;
        case kind::boolean:
            to += v.integer() ? "True" : "False";
            break;
        case kind::integer:
            to += fmt::format_int(v.integer()).c_str();
            break;
        case kind::real:
            to += v.is_natural() ? std::to_string(v.natural()) : real_text(v.number());
            break;
        case kind::text:
            to += v.is_markup() ? "Markup(" : "";
            append_quoted(to, v.text(), ascii_only);
            to += v.is_markup() ? ")" : "";
            break;
        case kind::list:
            v.list().tuple ? each('(', ')') : each('[', ']');
            break;
        case kind::json_array:
            each('[', ']');
            break;
        case kind::dict:
        case kind::json_object:
            each('{', '}');
            break;
        case kind::range: {
            const auto& r = v.range();
            to += "range(" + std::to_string(r.start) + ", " + std::to_string(r.stop) +
                  (r.step == 1 ? ")" : ", " + std::to_string(r.step) + ")");
            break;
        }
        case kind::object: {
            const auto& o = v.held();
            if (o.what == object_kind::name_space) {
                to += "<Namespace ";
                append_repr(to, value(static_cast<const namespace_object&>(o).members), depth + 1);
                to += '>';
            } else if (o.what == object_kind::macro) {
                const auto name = static_cast<const macro_object&>(o).name;
                to += "<Macro " + (name.empty() ? "anonymous" : quoted_text(name)) + ">";
            } else if (o.what == object_kind::loop) {
                auto& l = static_cast<loop_object&>(v.held());
                to += "<LoopContext " + std::to_string(l.index + 1) + "/" + std::to_string(loop_length(l)) + ">";
            } else if (o.what == object_kind::module) {
                work(static_cast<const module_object&>(o).text.size());
                to += static_cast<const module_object&>(o).text;
            } else if (o.what == object_kind::self) {
                to += "<TemplateReference " + (unit_->code == &main_ ? "None" : quoted_text(unit_->code->source.name())) + ">";
            } else if (o.what == object_kind::function) {
                const auto name = static_cast<const user_function_object&>(o).name;
                const bool plain = name == "dict" || name == "range";
                to += plain ? "<class '" : "<class 'jinja2.utils.";
                to += static_cast<char>(plain ? name.front() : name.front() - 'a' + 'A');
                to += std::string(name.substr(1)) + "'>";
            } else {
                to += "<" + std::string(type_name(v)) + ">";
            }
        }
    }
}

json::value renderer::to_json(const value& v)
{
    handed_ = 0;
    return json_of(v, 0);
}

json::value renderer::json_of(const value& v, unsigned depth)
{
    step(8);
    handed_ += 32 + (v.is_text() ? v.text().size() : 0);
    if (handed_ > memory.room())
        throw heap_exhausted();
    if (depth >= max_value_depth)
        fail("a value is nested too deep", errc::limit_exceeded);
    switch (v.what()) {
        case kind::undefined:
        case kind::none:
            return nullptr;
        case kind::boolean:
            return v.integer() != 0;
        case kind::integer:
            return v.integer();
        case kind::real:
            return v.is_natural() ? json::value(v.natural()) : json::value(v.number());
        case kind::text:
            work(v.text().size());
            return json::string(v.text().data(), v.text().size());
        case kind::dict:
        case kind::json_object: {
            json::object made;
            for (std::size_t i = 0; i < count(v); ++i) {
                const auto m = member_at(v, i);
                const auto key = str(m.key);
                made[json::string_view(key.data(), key.size())] = json_of(m.held, depth + 1);
            }
            return made;
        }
        case kind::object:
            fail("a value of the type " + std::string(type_name(v)) + " cannot be passed on");
        default:
            break;
    }
    json::array made;
    for (std::size_t i = 0; i < count(v); ++i)
        made.push_back(json_of(item(v, i), depth + 1));
    return made;
}

std::string_view renderer::escaped(const value& v)
{
    if (v.is_markup())
        return v.text();
    const value subject(str(v));
    return run_filter("forceescape", {&subject, 1}, {}).text();
}

}  // namespace zincir::detail::jinja

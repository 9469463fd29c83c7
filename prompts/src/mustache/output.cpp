// The renderer's writing, its calls of the user's functions, and its errors.

#include "../format_spec.hpp"
#include "../json_depth.hpp"
#include "../template_engine.hpp"
#include "renderer.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <fmt/format.h>
#include <boost/json/serializer.hpp>

#include <algorithm>
#include <iterator>

namespace zincir::detail::mustache {

void renderer::write(std::string_view text)
{
    const auto limit = options_.limits.output_bytes;
    const auto used = out_.size() - start_;
    if (text.size() > limit - used)
        fail(errc::limit_exceeded, "the text grows beyond " + std::to_string(limit) + " bytes (template_limits::output_bytes)");
    make_room(out_, text.size(), start_ + limit);
    out_ += text;
}

void renderer::write_escaped(std::string_view text)
{
    for (;;) {
        const auto special = text.find_first_of("&\"<>");
        write(text.substr(0, special));
        if (special == std::string_view::npos)
            return;
        const char c = text[special];
        write(c == '&' ? "&amp;" : c == '"' ? "&quot;" : c == '<' ? "&lt;" : "&gt;");
        text.remove_prefix(special + 1);
    }
}

void renderer::escape_tail(std::size_t from)
{
    if (out_.find_first_of("&\"<>", from) == std::string::npos)
        return;
    const auto tail = out_.substr(from);
    out_.resize(from);
    write_escaped(tail);
}

void renderer::begin_line()
{
    if (within_line_) {
        within_line_ = false;
        framed_ = lines_.size > 0 || lines_.dedent > 0;
        return;
    }
    write(std::string_view(indents_).substr(lines_.begin, lines_.size));
}

void renderer::write_lines(const instruction& i)
{
    auto text = code_->slice(i.begin, i.end);
    for (bool begins = i.starts_line; !text.empty(); begins = true) {
        if (begins) {
            const auto blanks = std::min(text.find_first_not_of(" \t"), text.size());
            text.remove_prefix(std::min(blanks, lines_.dedent));
            begin_line();
        }
        const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
        write(line);
        text.remove_prefix(line.size());
    }
}

void renderer::write_json(const json::value& v, bool escapes)
{
    try {
        check_json_depth(v);
    } catch (const error& e) {
        fail(errc::limit_exceeded, e.facts().message);
    }
    json::serializer parts;
    parts.reset(&v);
    for (char buffer[1024]; !parts.done();) {
        const auto part = parts.read(buffer);
        write_text(std::string_view(part.data(), part.size()), escapes);
    }
}

void renderer::write_value(const value_view& v, bool escapes)
{
    using kind = value_view::kind;
    switch (v.what()) {
        case kind::boolean:
            return write(v.boolean() ? "true" : "false");
        case kind::integer:
            return write(std::string_view(fmt::format_int(v.integer()).c_str()));
        case kind::unsigned_integer:
            return write(std::string_view(fmt::format_int(v.unsigned_integer()).c_str()));
        case kind::real: {
            number_buffer buffer;
            return write(shortest_text(v.real(), buffer));
        }
        case kind::text:
            return write_text(v.text(), escapes);
        case kind::array:
        case kind::object:
            if (v.size() > 0)
                write_json(v.document(), escapes);
            return;
        case kind::turn_text:
            for (const auto& block : v.turn().content)
                if (const auto* text = std::get_if<text_block>(&block))
                    write_text(text->text, escapes);
            return;
        case kind::turns:
        case kind::turn:
            fail(errc::invalid_argument,
                 "messages stand where a text is wanted: write {{#history}}{{role}}: {{content}}{{/history}}, or put them into a "
                 "messages_placeholder");
        case kind::root:
            return write_root(v.root(), escapes);
        default:
            return;
    }
}

// `.` outside of sections: the values of the call, as an object.
void renderer::write_root(const values& all, bool escapes)
{
    if (all.bare())
        return write_value(value_view(*all.bare()), escapes);
    write("{");
    for (const auto& entry : all.entries()) {
        write(&entry == all.entries().data() ? "" : ",");
        write_json(json::value(json::string(entry.name)), escapes);
        write(":");
        const value_view value(entry.value);
        if (value.what() == value_view::kind::text)
            write_json(json::value(json::string(value.text())), escapes);
        else if (value.what() == value_view::kind::null)
            write("null");
        else if (value.is_list() && value.size() == 0)
            write("[]");
        else if (value.what() == value_view::kind::object && value.size() == 0)
            write("{}");
        else
            write_value(value, escapes);
    }
    write("}");
}

void renderer::call_lambda(const template_lambda& f, const instruction& i, std::string_view text, delimiters marks)
{
    const auto name = std::string(code_->full_name(i));
    std::string made;
    try {
        made = f(text);
    } catch (const error& e) {
        fail(static_cast<errc>(e.code().value()), "the lambda \"" + name + "\" failed: " + e.facts().message);
    } catch (const std::exception& e) {
        fail(errc::invalid_argument, "the lambda \"" + name + "\" failed: " + e.what());
    }
    auto code = compile(made, name, marks);
    const auto made_before = made_.size();
    made_.push_back(std::move(code));
    const bool of_section = i.what == op::section;
    auto lines = of_section ? lines_ : margin();
    lines.own = false;
    enter(*made_.back(), 0, of_section ? code_->info(i).next : next_, lines);
    auto& c = calls_.back();
    c.made = made_before;
    c.escapes = !of_section && i.escapes && options_.escape_html;
    c.escape_from = out_.size();
    within_line_ = of_section && !c.code->info(i).standalone;
    framed_ = framed_ || within_line_;
}

std::unique_ptr<const program> renderer::compile(std::string_view text, std::string name, delimiters marks)
{
    charge(text.size() / 16);
    template_options options;
    options.name = std::move(name);
    options.limits = options_.limits;
    std::unique_ptr<const program> code;
    try {
        code = std::make_unique<const program>(text, options, std::string(), marks);
    } catch (const error& e) {
        throw error(static_cast<errc>(e.code().value()),
                    e.facts().message + "\n    used at " + code_->source().describe(tag_) + trace());
    }
    hold(code->bytes());
    return code;
}

const program* renderer::load(std::string_view name)
{
    if (const auto known = loaded_.find(name); known != loaded_.end())
        return known->second.get();
    const auto* loader = options_.environment.loader();
    if (!loader)
        return nullptr;
    std::optional<std::string> text;
    try {
        text = loader->load(name);
    } catch (const error& e) {
        fail(static_cast<errc>(e.code().value()),
             "the template \"" + std::string(name) + "\" cannot be loaded: " + e.facts().message);
    } catch (const std::exception& e) {
        fail(errc::invalid_argument, "the template \"" + std::string(name) + "\" cannot be loaded: " + e.what());
    }
    hold(name.size() + sizeof(decltype(loaded_)::value_type));
    auto code = text ? compile(*text, std::string(name), delimiters()) : nullptr;
    return loaded_.emplace(std::string(name), std::move(code)).first->second.get();
}

std::string renderer::trace() const
{
    constexpr std::size_t shown = 3;
    std::string places;
    for (std::size_t n = calls_.size(), left = shown; n > 0; --n) {
        const auto& c = calls_[n - 1];
        if (c.code == (n == calls_.size() ? code_ : calls_[n].code))
            continue;  // a block's own text
        if (left-- == 0)
            return places + "\n    …";
        places += "\n    used at " + c.code->source().describe(c.tag);
    }
    return places;
}

void renderer::fail(errc code, std::string_view what) const
{
    const auto e = code_->source().fault(code, tag_, what);
    throw error(code, e.facts().message + trace());
}

void renderer::fail_missing(const instruction& i)
{
    const std::string full(code_->full_name(i));
    const auto names = code_->names(i);
    std::string what = "no value for {{" + full + "}}";
    if (names.size() > 1 && !first(names.front()).missing()) {
        what += ": \"" + std::string(names.front()) + "\" was given, but has no \"" + full.substr(names.front().size() + 1) + "\"";
    } else {
        what += suggestion_text(names.front(), given_.nearest(names.front()));
    }
    what += " (for one that may be missing write {{#" + full + "}}{{.}}{{/" + full + "}})";
    fail(errc::missing_variable, what);
}

}  // namespace zincir::detail::mustache

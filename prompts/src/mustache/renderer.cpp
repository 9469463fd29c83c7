#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::mustache {

renderer::renderer(const program& main, const template_options& options, scope& given, std::string& out)
    : options_(options), given_(given), out_(out), start_(out.size()), code_(&main)
{}

void renderer::run()
{
    for (;;) {
        const auto& i = code_->at(next_++);
        tag_ = i.begin;
        charge(1);
        if (framed_ && i.starts_line && i.what != op::text)
            begin_line();
        if (!step(i))
            return;
    }
}

bool renderer::step(const instruction& i)
{
    switch (i.what) {
        case op::text:
            if (framed_)
                write_lines(i);
            else
                write(code_->slice(i.begin, i.end));
            return true;
        case op::variable:
            write_variable(i);
            return true;
        case op::section:
            begin_section(i);
            return true;
        case op::inverted:
            if (resolve(i).truthy())
                jump(code_->info(i).next);
            return true;
        case op::end_section:
            end_section(i);
            return true;
        case op::line:
            return true;
        case op::partial:
        case op::parent:
            include(i);
            return true;
        case op::block:
            fill_block(i);
            return true;
        case op::end_block:
        case op::finish:
            return leave();
    }
    return false;
}

void renderer::charge(std::size_t steps)
{
    steps_ += steps;
    if (steps_ > options_.limits.steps)
        fail(errc::limit_exceeded,
             "the rendering takes more than " + std::to_string(options_.limits.steps) + " steps (template_limits::steps)");
}

void renderer::hold(std::size_t bytes)
{
    held_ += bytes;
    if (held_ > options_.limits.value_bytes)
        fail(errc::limit_exceeded, "the texts in use grow beyond " + std::to_string(options_.limits.value_bytes) +
                                       " bytes (template_limits::value_bytes)");
}

value_view renderer::first(std::string_view name)
{
    charge(contexts_.size());
    for (auto context = contexts_.rbegin(); context != contexts_.rend(); ++context)
        if (const auto found = context->member(name); !found.missing())
            return found;
    const auto* value = given_.find(name);
    return value ? value_view(*value) : value_view();
}

value_view renderer::resolve(const instruction& i)
{
    const auto names = code_->names(i);
    if (names.empty()) {
        if (!contexts_.empty())
            return contexts_.back();
        const auto* whole = given_.find(".");
        return whole ? value_view(*whole) : value_view(given_.input());
    }
    auto value = first(names.front());
    if (value.missing()) {
        const auto* f = options_.environment.lambda(code_->full_name(i));
        return f ? value_view(*f) : value;
    }
    for (const auto part : names.subspan(1)) {
        charge(1);
        value = value.member(part);
        if (value.missing())
            break;
    }
    return value;
}

void renderer::write_variable(const instruction& i)
{
    const auto value = resolve(i);
    if (value.missing()) {
        if (options_.undefined == undefined_policy::error)
            fail_missing(i);
        if (options_.undefined == undefined_policy::keep)
            write(code_->slice(i.begin, i.end));
    } else if (value.what() == value_view::kind::lambda) {
        call_lambda(value.lambda(), i, {}, delimiters());
    } else {
        write_value(value, i.escapes && options_.escape_html);
    }
}

void renderer::begin_section(const instruction& i)
{
    const auto value = resolve(i);
    const auto& info = code_->info(i);
    if (value.what() == value_view::kind::lambda) {
        return call_lambda(value.lambda(), i, code_->slice(info.body_begin, info.body_end), code_->delimiters_of(info));
    }
    if (!value.truthy())
        return jump(info.next);
    loops_.push_back({value.is_list() ? value : value_view(), 1});
    contexts_.push_back(value.is_list() ? value.element(0) : value);
}

void renderer::end_section(const instruction& i)
{
    auto& l = loops_.back();
    if (l.next < l.list.size()) {
        contexts_.back() = l.list.element(l.next++);
        return jump(i.path + 1);
    }
    loops_.pop_back();
    contexts_.pop_back();
}

void renderer::include(const instruction& i)
{
    const auto& info = code_->info(i);
    auto name = i.dynamic ? std::string_view() : code_->names(i).front();
    if (i.dynamic) {
        const auto value = resolve(i);
        if (value.missing() && options_.undefined == undefined_policy::error)
            fail_missing(i);
        if (value.missing() && options_.undefined == undefined_policy::keep)
            write(code_->slice(i.begin, info.tag_end));
        if (!value.missing() && value.what() != value_view::kind::text)
            fail(errc::invalid_argument,
                 "the value of \"" + std::string(code_->full_name(i)) + "\" names a template here, and is no text");
        if (!value.missing())
            name = value.text();
    }
    const auto* callee = name.empty() ? nullptr : load(name);
    if (!callee)
        return jump(info.next);
    enter(*callee, 0, info.next, info.standalone ? indented(info) : margin());
    if (info.first_block != nowhere) {
        arguments_.push_back({calls_.back().code, info.first_block, level_});
        level_ = arguments_.size() - 1;
    }
}

// The outermost of those who inherit wins. What stands in an argument is filled by those who inherit from the argument's own text.
std::uint32_t renderer::find_argument(std::string_view name, arguments& owner)
{
    auto found = nowhere;
    for (auto at = level_; at != none; at = arguments_[at].outer) {
        const auto& a = arguments_[at];
        for (auto block = a.first_block; block != nowhere; block = a.code->info(a.code->at(block)).next_block) {
            charge(1);
            if (a.code->names(a.code->at(block)).front() != name)
                continue;
            found = block;
            owner = a;
            break;
        }
    }
    return found;
}

void renderer::fill_block(const instruction& i)
{
    const auto& site = code_->info(i);
    arguments owner{};
    const auto argument = find_argument(code_->names(i).front(), owner);
    if (argument == nowhere) {
        auto lines = lines_;
        lines.own = false;
        const bool within_line = within_line_;
        enter(*code_, next_, site.next, lines);
        within_line_ = within_line;
        framed_ = framed_ || within_line;
        return;
    }
    const auto& body = owner.code->info(owner.code->at(argument));
    auto lines = indented(site);
    lines.dedent = body.dedent;
    enter(*owner.code, argument + 1, site.next, lines);
    level_ = owner.outer;
    if (site.standalone && !body.fresh)
        begin_line();
    within_line_ = body.fresh && !site.standalone;
    framed_ = framed_ || within_line_;
}

// What stands at this tag gets the indentation of now, and the blanks before the tag.
renderer::margin renderer::indented(const tag_info& info)
{
    auto own = code_->slice(info.indent_begin, info.indent_end);
    own.remove_prefix(std::min(lines_.dedent, own.size()));
    if (own.empty())
        return {lines_.begin, lines_.size, 0, false};
    const margin grown{indents_.size(), lines_.size + own.size(), 0, true};
    hold(grown.size);
    indents_.reserve(grown.begin + grown.size);
    indents_.append(indents_, lines_.begin, lines_.size).append(own);
    return grown;
}

void renderer::enter(const program& code, std::uint32_t first_index, std::uint32_t back, margin lines)
{
    if (calls_.size() >= options_.limits.depth)
        fail(errc::limit_exceeded, "templates use one another more than " + std::to_string(options_.limits.depth) +
                                       " deep (template_limits::depth): one that uses itself needs a section to end it");
    calls_.push_back({code_, back, tag_, lines_, level_, arguments_.size(), made_.size()});
    code_ = &code;
    next_ = first_index;
    set_margin(lines);
}

bool renderer::leave()
{
    if (calls_.empty())
        return false;
    const auto c = calls_.back();
    calls_.pop_back();
    if (c.escapes)
        escape_tail(c.escape_from);
    while (made_.size() > c.made) {
        held_ -= made_.back()->bytes();
        made_.pop_back();
    }
    arguments_.resize(c.arguments);
    level_ = c.given;
    if (lines_.own) {
        held_ -= lines_.size;
        indents_.resize(lines_.begin);
    }
    code_ = c.code;
    next_ = c.back;
    set_margin(c.lines);
    return true;
}

void renderer::set_margin(margin lines) noexcept
{
    lines_ = lines;
    within_line_ = false;
    framed_ = lines.size > 0 || lines.dedent > 0;
}

}  // namespace zincir::detail::mustache

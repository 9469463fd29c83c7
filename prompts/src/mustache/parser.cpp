#include "parser.hpp"

namespace zincir::detail::mustache {
namespace {

constexpr std::string_view white = " \t\r\n";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view s)
{
    const auto begin = s.find_first_not_of(white);
    if (begin == std::string_view::npos)
        return s.substr(s.size());
    return s.substr(begin, s.find_last_not_of(white) + 1 - begin);
}

std::optional<delimiters> two_words(std::string_view text)
{
    text = trimmed(text);
    const auto gap = text.find_first_of(white);
    if (gap == std::string_view::npos || text.find('=') != std::string_view::npos)
        return std::nullopt;
    const delimiters found{text.substr(0, gap), trimmed(text.substr(gap))};
    return found.right.find_first_of(white) == std::string_view::npos ? std::optional(found) : std::nullopt;
}

std::uint32_t narrow(std::size_t n) { return static_cast<std::uint32_t>(n); }

// The blanks at the begin of the first line that has more than blanks.
std::optional<std::size_t> first_indent(std::string_view body)
{
    std::size_t line = 0;
    while (line < body.size()) {
        const auto word = body.find_first_not_of(" \t", line);
        if (word == std::string_view::npos)
            return std::nullopt;
        if (body[word] != '\n' && body[word] != '\r')
            return word - line;
        line = body.find('\n', word);
        if (line == std::string_view::npos)
            return std::nullopt;
        ++line;
    }
    return std::nullopt;
}

}  // namespace

parser::parser(program& into, std::size_t max_depth, delimiters first)
    : into_(into),
      source_(into.source_),
      text_(into.source_.text()),
      max_depth_(max_depth),
      now_(first),
      raw_close_("}" + std::string(first.right)),
      set_close_("=" + std::string(first.right))
{
    into_.delimiters_.push_back(first);
}

void parser::run()
{
    while (const auto t = next_tag())
        add_tag(*t);
    add_text(done_, text_.size());
    if (!open_.empty()) {
        const auto& o = open_.back();
        source_.refuse(o.begin, "\"" + std::string(o.name) + "\" is opened here and never closed: " + std::string(now_.left) + "/" +
                                    (o.dynamic ? "*" : "") + std::string(o.name) + std::string(now_.right) + " is missing");
    }
    into_.code_.emplace_back().what = op::finish;
}

std::optional<parser::tag> parser::next_tag() const
{
    const auto open = text_.find(now_.left, done_);
    if (open == std::string_view::npos)
        return std::nullopt;
    return read_tag(open);
}

std::size_t parser::closing(std::string_view mark, std::size_t from, std::size_t open) const
{
    const auto end = text_.find(mark, from);
    if (end == std::string_view::npos)
        source_.refuse(open, "this tag is never closed: " + std::string(mark) + " is missing (for " + std::string(now_.left) +
                                 " in the text, change the delimiters: " + std::string(now_.left) +
                                 "=<% %>=" + std::string(now_.right) + ")");
    return end;
}

parser::tag parser::read_tag(std::size_t open) const
{
    tag t;
    t.begin = open;
    auto inside = text_.find_first_not_of(white, open + now_.left.size());
    if (inside == std::string_view::npos)
        inside = text_.size();
    if (inside < text_.size() && text_.compare(inside, now_.right.size(), now_.right) != 0 &&
        std::string_view("#^/><${&=!").find(text_[inside]) != std::string_view::npos)
        t.sigil = text_[inside++];
    const std::string_view mark = t.sigil == '{' ? std::string_view(raw_close_) : now_.right;
    auto end = closing(mark, inside, open);
    t.end = end + mark.size();
    if (t.sigil == '=') {
        // The new delimiters may hold the old one: {{={{ }}=}}.
        end = text_.find(set_close_, inside);
        if (end == std::string_view::npos || !two_words(text_.substr(inside, end - inside)))
            source_.refuse(open,
                           "a tag that sets delimiters holds two, with white space between and without =, and ends with = and the "
                           "old one: " +
                               std::string(now_.left) + "=<% %>=" + std::string(now_.right));
        t.end = end + set_close_.size();
    }
    const auto content = text_.substr(inside, end - inside);
    t.content = t.sigil == '!' ? content : trimmed(content);
    if (t.sigil != '!' && t.sigil != '=' && content.find(now_.left) != std::string_view::npos)
        source_.refuse(open, "this tag is never closed: another one begins inside it");
    return t;
}

parser::surroundings parser::look_around(const tag& t) const
{
    surroundings s;
    s.blanks = t.begin;
    while (s.blanks > done_ && is_blank(text_[s.blanks - 1]))
        --s.blanks;
    s.clean_before = line_begins(s.blanks);
    if (!s.clean_before)
        s.blanks = t.begin;
    auto end = std::min(text_.find_first_not_of(" \t", t.end), text_.size());
    if (text_.compare(end, 2, "\r\n") == 0)
        ++end;
    s.clean_after = end == text_.size() || text_[end] == '\n';
    s.resume = !s.clean_after ? t.end : end == text_.size() ? end : end + 1;
    return s;
}

void parser::add_tag(const tag& t)
{
    const auto s = look_around(t);
    if (t.content.empty() && t.sigil != '!' && t.sigil != '=')
        source_.refuse(t.begin, "a tag has no name: write " + std::string(now_.left) + "name" + std::string(now_.right));
    switch (t.sigil) {
        case '#':
        case '^':
            return add_section(t, s);
        case '/':
            return close(t, s);
        case '>':
            return add_partial(t, s);
        case '<':
            return add_parent(t, s);
        case '$':
            return add_block(t, s);
        case '!':
            return consume(t, s, s.standalone());
        case '=':
            consume(t, s, s.standalone());
            return set_delimiters(t);
        default:
            return add_variable(t);
    }
}

void parser::consume(const tag& t, const surroundings& s, bool standalone)
{
    add_text(done_, standalone ? s.blanks : t.begin);
    done_ = standalone ? s.resume : t.end;
}

void parser::add_text(std::size_t begin, std::size_t end)
{
    if (begin == end)
        return;
    auto& i = into_.code_.emplace_back();
    i.begin = narrow(begin);
    i.end = narrow(end);
    i.starts_line = line_begins(begin);
}

instruction& parser::push(op what, const tag& t, bool starts_line)
{
    auto& i = into_.code_.emplace_back();
    i.what = what;
    i.begin = narrow(t.begin);
    i.end = narrow(t.end);
    i.starts_line = starts_line;
    return i;
}

tag_info& parser::push_info(instruction& i)
{
    i.info = narrow(into_.infos_.size());
    auto& info = into_.infos_.emplace_back();
    info.delimiters = narrow(into_.delimiters_.size() - 1);
    return info;
}

void parser::push_path(instruction& i, std::string_view name, const tag& t)
{
    i.path = narrow(into_.names_.size());
    if (name == ".")
        return;
    for (std::size_t begin = 0; begin <= name.size();) {
        const auto end = std::min(name.find('.', begin), name.size());
        if (end == begin)
            source_.refuse(t.begin,
                           "the name \"" + std::string(name) + "\" has an empty part: write a.b, or . for the current value");
        into_.names_.push_back(name.substr(begin, end - begin));
        ++i.parts;
        begin = end + 1;
    }
}

void parser::push_name(instruction& i, std::string_view name, const tag& t)
{
    i.dynamic = name.front() == '*';
    if (i.dynamic) {
        const auto inner = trimmed(name.substr(1));
        if (inner.empty())
            source_.refuse(t.begin, "a name is missing behind the *");
        return push_path(i, inner, t);
    }
    i.path = narrow(into_.names_.size());
    i.parts = 1;
    into_.names_.push_back(name);
}

void parser::note_variable(std::string_view name, std::size_t offset)
{
    const bool ignored = !open_.empty() && into_.code_[open_.back().index].what == op::parent;
    if (sections_ == 0 && !ignored)
        into_.variables_.push_back({name, narrow(offset)});
}

void parser::add_variable(const tag& t)
{
    add_text(done_, t.begin);
    done_ = t.end;
    auto& i = push(op::variable, t, line_begins(t.begin));
    i.escapes = t.sigil == 0;
    push_path(i, t.content, t);
    if (i.parts > 0)
        note_variable(into_.names(i).front(), t.begin);
}

void parser::open(const tag& t, std::string_view name, bool dynamic)
{
    if (open_.size() >= max_depth_)
        throw source_.fault(errc::limit_exceeded, t.begin,
                            "the nesting is deeper than " + std::to_string(max_depth_) + " (template_limits::depth)");
    open_.push_back({narrow(into_.code_.size() - 1), t.begin, name, dynamic, nowhere, nowhere, false});
}

void parser::add_section(const tag& t, const surroundings& s)
{
    consume(t, s, s.standalone());
    auto& i = push(t.sigil == '#' ? op::section : op::inverted, t, !s.standalone() && line_begins(t.begin));
    push_path(i, t.content, t);
    auto& info = push_info(i);
    info.standalone = s.standalone();
    info.body_begin = narrow(done_);
    if (i.parts > 0)
        note_variable(into_.names(i).front(), t.begin);
    open(t, t.content, false);
    ++sections_;
}

void parser::add_partial(const tag& t, const surroundings& s)
{
    consume(t, s, s.standalone());
    auto& i = push(op::partial, t, !s.standalone() && line_begins(t.begin));
    push_name(i, t.content, t);
    if (i.dynamic && i.parts > 0)
        note_variable(into_.names(i).front(), t.begin);
    auto& info = push_info(i);
    info.standalone = s.standalone();
    if (info.standalone) {
        info.indent_begin = narrow(s.blanks);
        info.indent_end = narrow(t.begin);
    }
    info.next = narrow(into_.code_.size());
    info.tag_end = narrow(t.end);
}

// Whether a parent is alone on its lines is known at its end only: the blanks before it are written by an instruction of their own.
void parser::add_parent(const tag& t, const surroundings& s)
{
    add_text(done_, s.blanks);
    const auto blanks = s.clean_before && s.blanks < t.begin ? narrow(into_.code_.size()) : nowhere;
    add_text(s.blanks, t.begin);
    done_ = t.end;
    auto& i = push(op::parent, t, line_begins(t.begin));
    push_name(i, t.content, t);
    if (i.dynamic && i.parts > 0)
        note_variable(into_.names(i).front(), t.begin);
    auto& info = push_info(i);
    info.standalone = s.clean_before;
    info.indent_begin = narrow(s.blanks);
    info.indent_end = narrow(t.begin);
    open(t, i.dynamic ? trimmed(t.content.substr(1)) : t.content, i.dynamic);
    open_.back().blanks = blanks;
}

// A block directly inside a parent is an argument: what stands around it is ignored. Elsewhere it is a place that may be filled.
void parser::add_block(const tag& t, const surroundings& s)
{
    auto* outer = open_.empty() ? nullptr : &open_.back();
    const bool argument = outer && into_.code_[outer->index].what == op::parent;
    const bool newline = s.clean_after && s.resume > t.end && text_[s.resume - 1] == '\n';
    const bool standalone = newline && (argument || s.clean_before);
    add_text(done_, standalone ? s.blanks : t.begin);
    done_ = standalone ? s.resume : t.end;
    const auto index = narrow(into_.code_.size());
    auto& i = push(op::block, t, !standalone && line_begins(t.begin));
    i.path = narrow(into_.names_.size());
    i.parts = 1;
    into_.names_.push_back(t.content);
    auto& info = push_info(i);
    info.standalone = standalone;
    info.fresh = standalone;
    info.body_begin = narrow(done_);
    if (s.clean_before) {
        info.indent_begin = narrow(s.blanks);
        info.indent_end = narrow(t.begin);
    }
    if (argument) {
        if (outer->last_block == nowhere)
            into_.infos_[into_.code_[outer->index].info].first_block = index;
        else
            into_.infos_[into_.code_[outer->last_block].info].next_block = index;
        outer->last_block = index;
    }
    open(t, t.content, false);
    open_.back().argument = argument;
}

void parser::close(const tag& t, const surroundings& s)
{
    const bool dynamic = t.content.front() == '*' && !open_.empty() && open_.back().dynamic;
    const auto name = dynamic ? trimmed(t.content.substr(1)) : t.content;
    if (open_.empty())
        source_.refuse(t.begin, "\"" + std::string(name) + "\" is closed here, and nothing is open");
    const auto o = open_.back();
    if (o.name != name || o.dynamic != dynamic) {
        const auto place = source_.at(o.begin);
        source_.refuse(t.begin, "\"" + std::string(t.content) + "\" is closed here, but \"" + (o.dynamic ? "*" : "") +
                                    std::string(o.name) + "\" is open, since line " + std::to_string(place.line) + ", column " +
                                    std::to_string(place.column));
    }
    const auto what = into_.code_[o.index].what;
    if (what == op::parent)
        close_parent(o, t, s);
    else if (what == op::block)
        close_block(o, t, s);
    else
        close_section(o, t, s);
    into_.infos_[into_.code_[o.index].info].next = narrow(into_.code_.size());
    open_.pop_back();
}

void parser::close_section(const open_tag& o, const tag& t, const surroundings& s)
{
    auto& info = into_.infos_[into_.code_[o.index].info];
    info.body_end = narrow(s.standalone() ? s.blanks : t.begin);
    consume(t, s, s.standalone());
    const bool starts_line = !s.standalone() && line_begins(t.begin);
    if (into_.code_[o.index].what == op::section)
        push(op::end_section, t, starts_line).path = o.index;
    else if (starts_line)
        push(op::line, t, true);
    --sections_;
}

void parser::close_parent(const open_tag& o, const tag& t, const surroundings& s)
{
    add_text(done_, t.begin);
    auto& i = into_.code_[o.index];
    auto& info = into_.infos_[i.info];
    info.standalone = info.standalone && s.clean_after;
    info.tag_end = narrow(t.end);
    done_ = info.standalone ? s.resume : t.end;
    if (!info.standalone) {
        info.indent_end = info.indent_begin;
        return;
    }
    i.starts_line = false;
    if (o.blanks != nowhere) {
        auto& blanks = into_.code_[o.blanks];
        blanks.end = blanks.begin;
    }
}

void parser::close_block(const open_tag& o, const tag& t, const surroundings& s)
{
    auto& info = into_.infos_[into_.code_[o.index].info];
    const bool alone = s.clean_before && (o.argument || s.clean_after);
    info.body_end = std::max(info.body_begin, narrow(alone ? s.blanks : t.begin));
    const auto body = text_.substr(info.body_begin, info.body_end - info.body_begin);
    const auto inner = info.fresh ? first_indent(body) : std::nullopt;
    if (o.argument) {
        info.dedent = narrow(inner.value_or(0));
    } else if (inner) {
        // What replaces the text inside takes over its indentation: that of its first line.
        const auto line = body.find_first_not_of(white);
        info.indent_end = info.body_begin + narrow(line);
        info.indent_begin = info.indent_end - narrow(*inner);
    }
    add_text(done_, alone ? s.blanks : t.begin);
    done_ = alone && s.clean_after && !o.argument ? s.resume : t.end;
    push(op::end_block, t, !alone && line_begins(t.begin));
}

void parser::set_delimiters(const tag& t)
{
    now_ = *two_words(t.content);
    raw_close_ = "}" + std::string(now_.right);
    set_close_ = "=" + std::string(now_.right);
    into_.delimiters_.push_back(now_);
}

}  // namespace zincir::detail::mustache

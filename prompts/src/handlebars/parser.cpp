#include "parser.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>
#include <charconv>

namespace zincir::detail::handlebars {
namespace {

constexpr std::string_view white = " \t\r\n";

std::string_view trimmed(std::string_view s)
{
    s.remove_prefix(std::min(s.find_first_not_of(white), s.size()));
    return s.substr(0, s.find_last_not_of(white) + 1);
}

std::uint32_t narrow(std::size_t n) { return static_cast<std::uint32_t>(n); }

bool changes_context(op what) { return what == op::each || what == op::with || what == op::section; }

std::optional<op> helper(std::string_view name)
{
    constexpr std::pair<std::string_view, op> known[] = {{"if", op::condition},   {"unless", op::unless},
                                                         {"each", op::each},      {"with", op::with},
                                                         {"ifEquals", op::equal}, {"unlessEquals", op::unequal}};
    for (const auto& [word, what] : known)
        if (word == name)
            return what;
    return std::nullopt;
}

}  // namespace

void parser::run()
{
    if (const auto stray = read_body(into_.body_, {}))
        refuse(*stray, stray->sigil == '/' ? "\"" + std::string(stray->content) + "\" is closed here, and nothing is open"
                                           : "{{else}} stands outside of a block");
}

std::optional<parser::tag> parser::read_body(std::vector<node>& out, const depth& at)
{
    while (auto t = next_tag(out)) {
        consume(out, *t);
        if (t->sigil == '/' || t->sigil == 'e')
            return t;
        if (t->sigil == '#' || t->sigil == '^')
            add_block(out, *t, at);
        else if (t->sigil == '>')
            add_partial(out, *t, at);
        else if (t->sigil != '!')
            add_value(out, *t, at);
    }
    add_text(out, done_, text_.size());
    return std::nullopt;
}

// Also writes what stands before an escaped tag: \{{name}} is the text {{name}}.
std::optional<parser::tag> parser::next_tag(std::vector<node>& out)
{
    for (auto from = done_;;) {
        const auto open = text_.find("{{", from);
        if (open == std::string_view::npos)
            return std::nullopt;
        const bool escaped = open > done_ && text_[open - 1] == '\\';
        if (!escaped || (open > done_ + 1 && text_[open - 2] == '\\')) {
            if (escaped) {
                add_text(out, done_, open - 1);  // \\{{name}}: a backslash and the value
                done_ = open;
            }
            return read_tag(open);
        }
        add_text(out, done_, open - 1);
        const auto close = text_.find("}}", open);
        from = close == std::string_view::npos ? text_.size() : close + 2;
        done_ = open;
    }
}

parser::tag parser::read_tag(std::size_t open)
{
    tag t;
    t.begin = open;
    const bool is_raw = text_.substr(open).starts_with("{{{");
    if (text_.substr(open).starts_with("{{{{"))
        refuse(t, "raw blocks are not supported: write \\{{ for braces in the text");
    auto inside = open + (is_raw ? 3 : 2);
    t.strips_before = inside < text_.size() && text_[inside] == '~';
    inside += t.strips_before;
    const bool long_comment = text_.substr(inside).starts_with("!--");
    const std::string_view mark = is_raw ? "}}}" : "}}";
    auto close = text_.find(mark, inside);
    if (long_comment) {
        const auto plain = text_.find("--}}", inside + 3), stripping = text_.find("--~}}", inside + 3);
        close = std::min(plain, stripping);
        if (close != std::string_view::npos)
            close += plain < stripping ? 2 : 3;
    }
    if (close == std::string_view::npos)
        refuse(t, "this tag is never closed: " + std::string(mark) + " is missing (for braces in the text write \\{{)");
    t.end = close + mark.size();
    t.strips_behind = close > inside && text_[close - 1] == '~';
    t.content = trimmed(text_.substr(inside, close - t.strips_behind - inside));
    if (!t.content.empty() && !is_raw && std::string_view("#^/>!&").find(t.content.front()) != std::string_view::npos) {
        t.sigil = t.content.front();
        t.content = trimmed(t.content.substr(1));
    }
    if (t.sigil == '!')
        return t;
    if (t.content.find("{{") != std::string_view::npos)
        refuse(t, "this tag is never closed: another one begins inside it");
    split_words(t);
    const bool is_else = t.sigil == 0 && !t.words.empty() && t.words.front() == "else";
    if (is_else || (t.sigil == '^' && t.words.empty()))
        t.sigil = 'e';
    else if (t.words.empty())
        refuse(t, "a tag has no name: write {{name}}");
    return t;
}

void parser::split_words(tag& t) const
{
    for (std::size_t i = 0; i < t.content.size();) {
        i = std::min(t.content.find_first_not_of(white, i), t.content.size());
        auto end = i;
        while (end < t.content.size() && white.find(t.content[end]) == std::string_view::npos) {
            const char c = t.content[end];
            if (c == '(' || c == ')')
                refuse(t, "a helper inside of a tag is not supported: write what it gives into a value of its own");
            end = c == '"' || c == '\'' ? std::min(t.content.find(c, end + 1), t.content.size() - 1) + 1 : end + 1;
        }
        if (end > i)
            t.words.push_back(t.content.substr(i, end - i));
        i = end;
    }
}

void parser::consume(std::vector<node>& out, const tag& t)
{
    auto before = t.begin;
    while (before > done_ && (text_[before - 1] == ' ' || text_[before - 1] == '\t'))
        --before;
    const bool first = before == 0 || text_[before - 1] == '\n';
    auto behind = std::min(text_.find_first_not_of(" \t", t.end), text_.size());
    behind += text_.substr(behind).starts_with("\r\n");
    const bool last = behind == text_.size() || text_[behind] == '\n';
    // A tag that writes nothing takes the line with it that it is alone on.
    const bool alone = first && last && t.sigil != 0 && t.sigil != '&' && !t.strips_before && !t.strips_behind;
    auto end = alone ? before : t.begin;
    if (t.strips_before)
        while (end > done_ && white.find(text_[end - 1]) != std::string_view::npos)
            --end;
    add_text(out, done_, end);
    done_ = alone ? std::min(behind + 1, text_.size()) : t.end;
    strips_ = t.strips_behind;
}

void parser::add_text(std::vector<node>& out, std::size_t begin, std::size_t end)
{
    if (strips_)
        begin = std::min(text_.find_first_not_of(white, begin), end);
    strips_ = strips_ && begin == end && end < text_.size();
    if (begin >= end)
        return;
    auto& made = out.emplace_back();
    made.begin = narrow(begin);
    made.end = narrow(end);
}

path parser::read_path(std::string_view word, const tag& t, const depth& at)
{
    path made;
    made.written = word;
    if (word.find_first_of("[]|=") != std::string_view::npos)
        refuse(t, "\"" + std::string(word) + "\" is no name: letters, digits, _ and - between dots");
    for (; word.starts_with("../") || word == ".."; word.remove_prefix(std::min<std::size_t>(3, word.size())))
        ++made.up;
    if (word.starts_with('@')) {
        constexpr std::pair<std::string_view, path::start> known[] = {{"@index", path::start::index},
                                                                      {"@key", path::start::key},
                                                                      {"@first", path::start::first},
                                                                      {"@last", path::start::last}};
        for (const auto& [name, from] : known)
            if (word == name) {
                made.from = from;
                return made;
            }
        made.from = path::start::root;  // other @names are values of the call, with their @
        if (word == "@root" || word.starts_with("@root."))
            word.remove_prefix(std::min(word.size(), std::string_view("@root.").size()));
    }
    if (word == "." || word == "this")
        word = {};
    else if (word.starts_with("this.") || word.starts_with("this/") || word.starts_with("./"))
        word.remove_prefix(word.find_first_of("./") + (word.starts_with("./") ? 2 : 1));
    while (!word.empty()) {
        const auto end = std::min(word.find_first_of("./"), word.size());
        if (end == 0 || end + 1 == word.size())
            refuse(t, "the name \"" + std::string(made.written) + "\" has an empty part: write a.b");
        made.names.push_back(word.substr(0, end));
        word.remove_prefix(std::min(end + 1, word.size()));
    }
    const bool outside = made.from == path::start::root || made.up >= at.contexts;
    const bool own =
        made.up == 0 && !made.names.empty() && std::find(at.own.begin(), at.own.end(), made.names.front()) != at.own.end();
    if (outside && !own && !made.names.empty())
        into_.variables_.emplace_back(made.names.front(), narrow(t.begin));
    return made;
}

operand parser::read_operand(std::string_view word, const tag& t, const depth& at)
{
    if (word.size() > 1 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front())
        return json::value(json::string(word.substr(1, word.size() - 2)));
    if (word == "true" || word == "false")
        return json::value(word == "true");
    if (word == "null" || word == "undefined")
        return json::value();
    std::int64_t number = 0;
    if (const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), number);
        failed == std::errc() && end == word.data() + word.size())
        return json::value(number);
    return read_path(word, t, at);
}

void parser::add_value(std::vector<node>& out, const tag& t, const depth& at)
{
    node made;
    made.begin = narrow(t.begin);
    made.end = narrow(t.end);
    const auto word = t.words.front();
    if (t.words.size() == 1) {
        made.what = op::value;
        made.operands.emplace_back(read_path(word, t, at));
    } else if (word == "json") {
        made.what = op::json;
        made.operands.push_back(read_operand(t.words[1], t, at));
        for (std::size_t i = 2; i < t.words.size(); ++i) {
            const auto indent = t.words[i].starts_with("indent=") ? t.words[i].substr(7) : std::string_view();
            const auto [end, failed] = std::from_chars(indent.data(), indent.data() + indent.size(), made.indent);
            if (indent.empty() || failed != std::errc() || end != indent.data() + indent.size() || made.indent > 16)
                refuse(t, "json takes a value and indent=2");
        }
    } else if (word == "role" || word == "media" || word == "history" || word == "section") {
        refuse(t, "{{" + std::string(word) +
                      " …}} has its place between the texts of a prompt file, outside of blocks: each message and "
                      "each picture of a prompt is always there, or optional");
    } else {
        refuse(t, "there is no helper \"" + std::string(word) +
                      "\": json; #if, #unless, #each, #with, #ifEquals, #unlessEquals; for more "
                      "write format: jinja");
    }
    out.push_back(std::move(made));
}

void parser::add_partial(std::vector<node>& out, const tag& t, const depth& at)
{
    node made;
    made.what = op::partial;
    made.begin = narrow(t.begin);
    made.end = narrow(t.end);
    made.name = t.words.front();
    for (std::size_t i = 1; i < t.words.size(); ++i) {
        const auto word = t.words[i];
        const auto mark = std::min(word.find('='), word.size());
        if (mark < word.size() && mark > 0 && mark + 1 < word.size()) {
            made.names_own.push_back(word.substr(0, mark));
            made.operands.push_back(read_operand(word.substr(mark + 1), t, at));
        } else if (i == 1 && mark == word.size()) {
            made.context = read_path(word, t, at);
        } else {
            refuse(t, "a partial takes a value that its names stand in, and names of its own: {{>name value a=b}}");
        }
    }
    out.push_back(std::move(made));
}

// "as |item index|" behind the operand.
void parser::take_own_names(node& made, tag& t) const
{
    const auto as = std::find(t.words.begin(), t.words.end(), "as");
    if (as == t.words.end())
        return;
    for (auto word = as + 1; word != t.words.end(); ++word) {
        auto name = *word;
        name.remove_prefix(name.starts_with('|'));
        name.remove_suffix(name.ends_with('|'));
        if (!name.empty())
            made.names_own.push_back(name);
    }
    t.words.erase(as, t.words.end());
    if (!changes_context(made.what) || made.names_own.empty() || made.names_own.size() > 2)
        refuse(t, "names are given by {{#each items as |item index|}} and {{#with value as |name|}}");
}

void parser::add_block(std::vector<node>& out, const tag& t, const depth& at)
{
    node made;
    read_block(made, t, at, t.words.front());
    out.push_back(std::move(made));
}

void parser::read_block(node& made, const tag& opener, const depth& at, std::string_view name)
{
    if (at.blocks >= max_depth_)
        throw source_.fault(errc::limit_exceeded, opener.begin,
                            "the nesting is deeper than " + std::to_string(max_depth_) + " (template_limits::depth)");
    auto t = opener;
    const auto known = helper(t.words.front());
    made.what = known ? *known : opener.sigil == '^' ? op::inverted : op::section;
    made.begin = narrow(opener.begin);
    made.end = narrow(opener.end);
    take_own_names(made, t);
    if (known)
        t.words.erase(t.words.begin());
    const std::size_t wanted = made.what == op::equal || made.what == op::unequal ? 2 : 1;
    if (t.words.size() != wanted)
        refuse(opener, "\"" + std::string(name) + "\" takes " + (wanted == 1 ? "one value" : "two values") +
                           (known ? "" : "; blocks are #if, #unless, #each, #with, #ifEquals, #unlessEquals and #name"));
    for (const auto word : t.words)
        made.operands.push_back(read_operand(word, opener, at));
    if (known && opener.sigil == '^')
        refuse(opener, "write {{#unless …}} for what is otherwise");

    depth inner = at;
    ++inner.blocks;
    inner.contexts += changes_context(made.what);
    inner.own.insert(inner.own.end(), made.names_own.begin(), made.names_own.end());
    const auto end = read_body(made.body, inner);
    if (!end)
        refuse(opener, "\"" + std::string(name) + "\" is opened here and never closed: {{/" + std::string(name) + "}} is missing");
    if (end->sigil == 'e')
        return read_otherwise(made, *end, opener, at, name);
    if (end->words.front() != name) {
        const auto place = source_.at(opener.begin);
        refuse(*end, "\"" + std::string(end->content) + "\" is closed here, but \"" + std::string(name) +
                         "\" is open, since line " + std::to_string(place.line) + ", column " + std::to_string(place.column));
    }
}

void parser::read_otherwise(node& made, const tag& divider, const tag& opener, const depth& at, std::string_view name)
{
    depth inner = at;
    ++inner.blocks;
    if (divider.words.size() > 1) {  // {{else if …}}: a block that ends with this one
        auto nested = divider;
        nested.words.erase(nested.words.begin());
        nested.sigil = '#';
        if (!helper(nested.words.front()))
            refuse(divider, "behind else stands nothing, or a block such as if: {{else if name}}");
        return read_block(made.otherwise.emplace_back(), nested, inner, name);
    }
    const auto end = read_body(made.otherwise, inner);
    if (!end)
        refuse(opener, "\"" + std::string(name) + "\" is opened here and never closed: {{/" + std::string(name) + "}} is missing");
    if (end->sigil == 'e')
        refuse(*end, "a second {{else}} stands in one block");
    if (end->words.front() != name)
        refuse(*end, "\"" + std::string(end->content) + "\" is closed here, but \"" + std::string(name) + "\" is open");
}

program::program(std::string_view text, const template_options& options, std::string where)
    : source_(text, options, std::move(where))
{
    if (text.size() >= UINT32_MAX)
        throw source_.fault(errc::limit_exceeded, 0, "a template has less than 4 GiB");
    parser(*this, options.limits.depth).run();
}

}  // namespace zincir::detail::handlebars

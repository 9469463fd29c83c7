#include "builtins.hpp"
#include "parser.hpp"

#include <algorithm>

namespace zincir::detail::jinja {

std::uint32_t hash_of(std::string_view name) noexcept
{
    std::uint32_t h = 2166136261U;
    for (const char c : name)
        h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
    return h;
}

name_ref ref(std::string_view name) noexcept { return {name, hash_of(name)}; }

program::program(std::string_view text, const template_options& o, std::string where)
    : source(text, o, std::move(where)), options(o)
{
    parser(*this).run();
}

parser::parser(program& p)
    : program_(p),
      tokens_(tokenize(p.source, {p.options.trim_blocks, p.options.lstrip_blocks, p.options.keep_trailing_newline})),
      max_depth_(std::min<std::size_t>(p.options.limits.depth, 500))
{}

void parser::run()
{
    program_.body = body({}, now(), {});
    find_scopes(program_);
}

void parser::enter()
{
    if (++depth_ > max_depth_) {
        --depth_;
        throw program_.source.fault(errc::limit_exceeded, now().offset,
                                    "nested deeper than " + std::to_string(max_depth_) + " (template_limits::depth)");
    }
}

node* parser::make(op what, const token& at)
{
    constexpr std::size_t max_nodes = 50'000;  // some hundred bytes each; the largest template of a model has 3,000
    if (program_.pool.size() == max_nodes)
        throw program_.source.fault(errc::limit_exceeded, at.offset,
                                    "a template has at most " + std::to_string(max_nodes) + " parts: tags, values and operators");
    auto& n = program_.pool.emplace_back();
    n.what = what;
    n.offset = at.offset;
    return &n;
}

node* parser::done(node* n)
{
    std::size_t height = 0;
    const auto count = [&](const node* part) {
        if (part) {
            height = std::max<std::size_t>(height, part->height);
            n->pure = n->pure && part->pure;
            n->fixed = n->fixed && part->fixed;
        }
    };
    for (const auto* part : {n->a, n->b, n->c})
        count(part);
    for (const auto* part : n->items)
        count(part);
    for (const auto& part : n->named)
        count(part.held);
    for (const auto& [key, held] : n->pairs) {
        count(key);
        count(held);
    }
    if (height > max_depth_ + 20)
        throw program_.source.fault(errc::limit_exceeded, n->offset,
                                    "nested deeper than " + std::to_string(max_depth_) + " (template_limits::depth)");
    n->height = static_cast<std::uint16_t>(height + 1);
    return n;
}

std::uint32_t parser::slot(name_ref name)
{
    const auto [at, added] = slots_.try_emplace(name.text, static_cast<std::uint32_t>(program_.names.size()));
    if (added)
        program_.names.push_back(name);
    return at->second;
}

std::string parser::shown(const token& t) const
{
    switch (t.kind) {
        case token_kind::end:
            return "the end of the template";
        case token_kind::block_end:
            return "the end of the tag";
        case token_kind::variable_end:
            return "}}";
        case token_kind::data:
            return "text";
        default:
            return "\"" + std::string(t.text) + "\"";
    }
}

void parser::expect(std::string_view mark)
{
    if (!accept(mark))
        refuse(now(), std::string(mark) + " is expected here, not " + shown(now()));
}

token parser::expect_name(std::string_view what)
{
    if (now().kind != token_kind::name)
        refuse(now(), "the name of " + std::string(what) + " is expected here, not " + shown(now()));
    return take();
}

void parser::end_of_block()
{
    if (now().kind != token_kind::block_end)
        refuse(now(), "%} is expected here, not " + shown(now()));
    take();
}

void parser::data(nodes& into)
{
    const auto t = take();
    auto* n = make(op::text, t);
    auto text = t.text;
    if (text.find('\r') != std::string_view::npos) {
        std::string plain;
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] != '\r')
                plain += text[i];
            else if (i + 1 == text.size() || text[i + 1] != '\n')
                plain += '\n';
        program_.texts.push_back(std::move(plain));
        text = program_.texts.back();
    }
    n->constant = text;
    n->outermost = apart_ == 0;
    into.push_back(n);
}

// A colon may stand at the end of a tag that opens a body, as in Python.
void parser::begin_body()
{
    accept(":");
    end_of_block();
}

// Refuses the filters and tests that nobody knows, from the given one on.
void parser::settle(std::size_t from)
{
    if (unknown_.size() <= from)
        return;
    const auto& n = *unknown_[from];
    program_.source.refuse(n.offset, unknown_builtin(n.name.text, n.what == op::filter, program_.options.environment));
}

// Stops before the name of an end tag, whose {% is taken.
nodes parser::body(std::initializer_list<std::string_view> ends, const token& opener, std::string_view what)
{
    const nesting deeper(*this);
    const auto known = unknown_.size();
    nodes into;
    for (;;) {
        switch (now().kind) {
            case token_kind::data:
                data(into);
                break;
            case token_kind::variable_begin:
                into.push_back(print_tag());
                break;
            case token_kind::block_begin: {
                take();
                if (std::any_of(ends.begin(), ends.end(), [&](auto word) { return now().is_name(word); }))
                    return into;
                if (now().kind == token_kind::name && now().text.starts_with("end")) {
                    refuse(now(), "{% " + std::string(now().text) + " %} closes nothing" +
                                      (ends.size() ? ": {% " + std::string(*(ends.end() - 1)) + " %} is expected" : ""));
                }
                statement(into);
                break;
            }
            default:
                if (ends.size() == 0)
                    return into;
                refuse(opener, "this {% " + std::string(what) + " %} is never closed: it ends with {% " +
                                   std::string(*(ends.end() - 1)) + " %}");
        }
        if (what != "if")
            settle(known);
    }
}

// The body of a scope of its own up to its only end, which is taken. No tag in a function leaves a loop around it.
nodes parser::scope_body(std::string_view end, const token& opener, std::string_view what, scope_of kind)
{
    begin_body();
    const auto loops = std::exchange(loops_, kind == scope_of::function ? 0 : loops_);
    const auto apart = apart_;
    apart_ += kind != scope_of::part ? 1 : 0;
    ++inner_;
    auto inside = body({end}, opener, what);
    --inner_;
    apart_ = apart;
    loops_ = loops;
    take();
    return inside;
}

node* parser::print_tag()
{
    const auto open = take();
    auto* n = make(op::print, open);
    if (now().kind == token_kind::variable_end)
        refuse(now(), "an expression is expected here");
    n->a = tuple(false);
    if (now().kind != token_kind::variable_end)
        refuse(now(), "}} is expected here, not " + shown(now()));
    const auto close = take();
    n->end = close.offset + close.text.size();
    n->outermost = apart_ == 0;
    return n;
}

void parser::statement(nodes& into)
{
    const auto t = expect_name("a tag");
    const auto word = t.text;
    node* n = nullptr;
    if (word == "for")
        n = for_tag(t);
    else if (word == "if")
        n = if_tag(t);
    else if (word == "set")
        n = set_tag(t);
    else if (word == "macro")
        n = macro_tag(t);
    else if (word == "call")
        n = call_tag(t);
    else if (word == "filter")
        n = filter_tag(t);
    else if (word == "with")
        n = with_tag(t);
    else if (word == "block")
        n = block_tag(t);
    else if (word == "extends")
        n = extends_tag(t);
    else if (word == "include")
        n = include_tag(t);
    else if (word == "import")
        n = import_tag(t);
    else if (word == "from")
        n = from_tag(t);
    else if (word == "do") {
        n = make(op::evaluate, t);
        n->a = tuple(false);
        end_of_block();
    } else if (word == "print") {
        for (bool first = true; now().kind != token_kind::block_end; first = false) {
            if (!first)
                expect(",");
            into.push_back(make(op::print, t));
            into.back()->a = expression();
            into.back()->end = t.offset;
            into.back()->outermost = apart_ == 0;
        }
        return end_of_block();
    } else if (word == "break" || word == "continue") {
        if (loops_ == 0)
            refuse(t, "{% " + std::string(word) + " %} stands outside of a loop");
        n = make(word == "break" ? op::leave_loop : op::next_turn, t);
        end_of_block();
    } else if (word == "generation") {
        n = make(op::with, t);
        n->items = scope_body("endgeneration", t, word, scope_of::function);
        end_of_block();
    } else if (word == "trans" || word == "pluralize" || word == "autoescape" || word == "debug" || word == "async") {
        refuse(t, "{% " + std::string(word) + " %} is not supported in prompts");
    } else {
        refuse(t, "the tag \"" + std::string(word) + "\" is not known");
    }
    into.push_back(n);
}

node* parser::plain_name(const token& t)
{
    constexpr std::string_view constants[] = {"true", "false", "none", "True", "False", "None"};
    if (std::find(std::begin(constants), std::end(constants), t.text) != std::end(constants))
        refuse(t, "\"" + std::string(t.text) + "\" cannot be set");
    auto* n = make(op::name, t);
    n->id = slot(ref(t.text));
    n->name = program_.names[n->id];
    return n;
}

// A name, a member of a namespace, or a tuple of such.
node* parser::target(target_of what)
{
    const nesting deeper(*this);
    const auto at = now();
    nodes parts;
    bool comma = false;
    do {
        if (now().is(")") || now().kind == token_kind::block_end || (what == target_of::loop && comma && now().is_name("in")))
            break;
        if (accept("(")) {
            parts.push_back(now().is(")") ? make(op::tuple, now()) : target(what == target_of::set ? target_of::inside : what));
            expect(")");
        } else {
            const auto t = expect_name("a variable");
            auto* n = plain_name(t);
            if (what == target_of::set && now().is(".")) {
                take();
                auto* m = make(op::attribute, t);
                m->a = reading(t);
                m->name = ref(expect_name("a member").text);
                n = m;
            } else if (t.text == "loop" && what != target_of::with && (fors_ > 0 || what == target_of::loop)) {
                refuse(t, "\"loop\" cannot be set in a loop");
            }
            parts.push_back(n);
        }
        comma = comma || now().is(",");
    } while (accept(","));
    if (parts.size() == 1 && !comma)
        return parts.front();
    if (parts.empty())
        refuse(at, "the name of a variable is expected here, not " + shown(at));
    auto* n = make(op::tuple, at);
    n->items = std::move(parts);
    return done(n);
}

node* parser::for_tag(const token& at)
{
    auto* n = make(op::loop, at);
    n->a = target(target_of::loop);
    if (!accept_name("in"))
        refuse(now(), "\"in\" is expected here, not " + shown(now()));
    n->b = tuple(false, true, "recursive");
    const auto known = unknown_.size();
    if (accept_name("if"))
        n->c = expression();
    settle(known);
    n->flag = accept_name("recursive");
    begin_body();
    const auto loops = n->flag ? 0 : loops_;
    ++fors_;
    ++inner_;
    ++loops_;
    n->items = body({"else", "endfor"}, at, "for");
    --loops_;
    if (take().text == "else") {
        begin_body();
        const auto before = std::exchange(loops_, loops);
        n->others = body({"endfor"}, at, "for");
        loops_ = before;
        take();
    }
    --inner_;
    --fors_;
    end_of_block();
    return n;
}

node* parser::if_tag(const token& at)
{
    auto* n = make(op::branch, at);
    const auto known = unknown_.size();
    for (std::string_view word = "if"; word != "endif";) {
        node* condition = nullptr;
        if (word != "else")
            condition = tuple(false, true);
        begin_body();
        auto* group = make(op::group, at);
        group->items = word == "else" ? body({"endif"}, at, "if") : body({"elif", "else", "endif"}, at, "if");
        n->pairs.emplace_back(condition, group);
        word = take().text;
    }
    unknown_.resize(known);
    end_of_block();
    return n;
}

node* parser::set_tag(const token& at)
{
    auto* n = make(op::set, at);
    n->a = target(target_of::set);
    if (accept("=")) {
        n->b = tuple(false);
        end_of_block();
        return n;
    }
    n->what = op::set_block;
    const auto known = unknown_.size();
    while (now().is("|"))
        n->b = one_filter(n->b);
    settle(known);
    n->items = scope_body("endset", at, "set", scope_of::value);
    end_of_block();
    return n;
}

void parser::parameters(node& n)
{
    const auto known = unknown_.size();
    expect("(");
    for (bool first = true; !now().is(")"); first = false) {
        if (!first)
            expect(",");
        const auto t = expect_name("a parameter");
        named_node p;
        p.name = plain_name(t)->name;
        if (std::any_of(n.named.begin(), n.named.end(), [&](const auto& other) { return other.name.text == t.text; }))
            refuse(t, "the parameter \"" + std::string(t.text) + "\" is there twice");
        if (accept("="))
            p.held = expression();
        else if (!n.named.empty() && n.named.back().held)
            refuse(t, "a parameter without a default cannot stand behind one with a default");
        n.named.push_back(p);
    }
    expect(")");
    settle(known);
}

node* parser::macro_tag(const token& at)
{
    auto* n = make(op::macro, at);
    n->name = plain_name(expect_name("a macro"))->name;
    parameters(*n);
    n->items = scope_body("endmacro", at, "macro", scope_of::function);
    end_of_block();
    return n;
}

node* parser::call_tag(const token& at)
{
    auto* n = make(op::call_block, at);
    if (now().is("("))
        parameters(*n);
    n->a = expression();
    if (n->a->what != op::call)
        refuse(at, "{% call %} takes a call of a macro");
    n->items = scope_body("endcall", at, "call", scope_of::function);
    end_of_block();
    return n;
}

node* parser::filter_tag(const token& at)
{
    auto* n = make(op::filter_block, at);
    const auto known = unknown_.size();
    --at_;  // the tag's own name stands where the | of the first filter would
    n->b = one_filter(nullptr);
    while (now().is("|"))
        n->b = one_filter(n->b);
    settle(known);
    n->items = scope_body("endfilter", at, "filter", scope_of::part);
    end_of_block();
    return n;
}

node* parser::with_tag(const token& at)
{
    auto* n = make(op::with, at);
    while (now().kind != token_kind::block_end && !now().is(":")) {
        if (!n->pairs.empty())
            expect(",");
        auto* to = target(target_of::with);
        expect("=");
        auto* held = expression();
        n->pairs.emplace_back(to, held);
    }
    n->items = scope_body("endwith", at, "with", scope_of::part);
    end_of_block();
    return n;
}

node* parser::block_tag(const token& at)
{
    auto* n = make(op::block, at);
    const auto t = expect_name("a block");
    n->name = ref(t.text);
    if (!blocks_.emplace(t.text, true).second)
        refuse(t, "the block \"" + std::string(t.text) + "\" is there twice");
    n->flag = accept_name("scoped");
    n->lenient = accept_name("required");
    n->outermost = inner_ == 0;
    n->items = scope_body("endblock", at, "block", scope_of::function);
    const auto blank = [](const node* part) {
        return part->what == op::text && part->constant.text().find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
    };
    if (n->lenient && !std::all_of(n->items.begin(), n->items.end(), blank))
        refuse(at, "a required block holds blanks and comments only");
    if (now().kind == token_kind::name && take().text != t.text)
        refuse(at, "the end of this block has another name");
    end_of_block();
    program_.blocks.push_back(n);
    return n;
}

node* parser::extends_tag(const token& at)
{
    if (inner_ > 0)
        refuse(at, "{% extends %} stands inside of another tag");
    auto* n = make(op::extends, at);
    n->a = expression();
    end_of_block();
    return n;
}

void parser::context_words(node& n, bool standard)
{
    n.flag = standard;
    if ((now().is_name("with") || now().is_name("without")) && ahead().is_name("context")) {
        n.flag = take().text == "with";
        take();
    }
}

node* parser::include_tag(const token& at)
{
    auto* n = make(op::include, at);
    n->a = expression();
    if (now().is_name("ignore") && ahead().is_name("missing")) {
        n->lenient = true;
        take();
        take();
    }
    context_words(*n, true);
    end_of_block();
    return n;
}

node* parser::import_tag(const token& at)
{
    auto* n = make(op::import, at);
    n->a = expression();
    if (!accept_name("as"))
        refuse(now(), "\"as\" is expected here, not " + shown(now()));
    n->name = plain_name(expect_name("a variable"))->name;
    context_words(*n, false);
    end_of_block();
    return n;
}

// named: what is imported; pairs: the names given to it.
node* parser::from_tag(const token& at)
{
    auto* n = make(op::from_import, at);
    n->a = expression();
    if (!accept_name("import"))
        refuse(now(), "\"import\" is expected here, not " + shown(now()));
    do {
        if ((now().is_name("with") || now().is_name("without")) && ahead().is_name("context"))
            break;
        const auto t = expect_name("a macro");
        if (t.text.starts_with('_'))
            refuse(t, "names that begin with an underscore cannot be imported");
        named_node imported;
        imported.name = ref(t.text);
        imported.held = make(op::name, t);
        imported.held->name = plain_name(accept_name("as") ? expect_name("a variable") : t)->name;
        n->named.push_back(imported);
    } while (accept(","));
    context_words(*n, n->flag);
    end_of_block();
    return n;
}

}  // namespace zincir::detail::jinja

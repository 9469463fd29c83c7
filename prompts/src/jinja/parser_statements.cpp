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

void parser::run() { program_.body = body({}, now(), {}); }

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
    into.push_back(n);
}

// Stops before the name of an end tag, whose {% is taken.
nodes parser::body(std::initializer_list<std::string_view> ends, const token& opener, std::string_view what)
{
    const nesting deeper(*this);
    // As Jinja's frames: what an if holds is read leniently, what stands in a loop or macro within it is not.
    const auto soft = what == "if" || what == "generation" ? soft_ : std::exchange(soft_, 0);
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
                if (std::any_of(ends.begin(), ends.end(), [&](auto word) { return now().is_name(word); })) {
                    soft_ = soft;
                    return into;
                }
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
    }
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
        n = make(op::print, t);
        n->a = tuple(false);
        end_of_block();
        n->end = n->offset;
    } else if (word == "break" || word == "continue") {
        if (loops_ == 0)
            refuse(t, "{% " + std::string(word) + " %} stands outside of a loop");
        n = make(word == "break" ? op::leave_loop : op::next_turn, t);
        end_of_block();
    } else if (word == "generation") {
        end_of_block();
        auto inside = body({"endgeneration"}, t, word);
        take();
        end_of_block();
        into.insert(into.end(), inside.begin(), inside.end());
        return;
    } else if (word == "trans" || word == "pluralize" || word == "autoescape" || word == "debug" || word == "async") {
        refuse(t, "{% " + std::string(word) + " %} is not supported in prompts");
    } else {
        refuse(t, "the tag \"" + std::string(word) + "\" is not known");
    }
    into.push_back(n);
}

// A name, a member of a namespace, or a tuple of such.
node* parser::target(bool with_namespace)
{
    const nesting deeper(*this);
    const auto at = now();
    nodes parts;
    bool comma = false;
    do {
        if (!parts.empty() && (now().is_name("in") || now().is("=") || now().is(")") || now().kind == token_kind::block_end))
            break;
        if (accept("(")) {
            parts.push_back(target(with_namespace));
            expect(")");
        } else {
            const auto t = expect_name("a variable");
            if (t.text == "true" || t.text == "false" || t.text == "none" || t.text == "True" || t.text == "False" ||
                t.text == "None")
                refuse(t, "\"" + std::string(t.text) + "\" cannot be set");
            auto* n = make(op::name, t);
            n->name = ref(t.text);
            n->id = slot(n->name);
            if (with_namespace && now().is(".")) {
                take();
                auto* m = make(op::attribute, t);
                n = reading(t);
                m->a = n;
                m->name = ref(expect_name("a member").text);
                n = m;
            }
            parts.push_back(n);
        }
        comma = comma || now().is(",");
    } while (accept(","));
    if (parts.size() == 1 && !comma)
        return parts.front();
    auto* n = make(op::tuple, at);
    n->items = std::move(parts);
    return done(n);
}

node* parser::for_tag(const token& at)
{
    auto* n = make(op::loop, at);
    n->a = target(false);
    if (!accept_name("in"))
        refuse(now(), "\"in\" is expected here, not " + shown(now()));
    n->b = tuple(false, true, "recursive");
    if (accept_name("if"))
        n->c = expression();
    n->flag = accept_name("recursive");
    end_of_block();
    ++loops_;
    n->items = body({"else", "endfor"}, at, "for");
    --loops_;
    if (take().text == "else") {
        end_of_block();
        n->others = body({"endfor"}, at, "for");
        take();
    }
    end_of_block();
    return n;
}

node* parser::if_tag(const token& at)
{
    auto* n = make(op::branch, at);
    ++soft_;
    for (std::string_view word = "if"; word != "endif";) {
        node* condition = nullptr;
        if (word != "else")
            condition = tuple(false);
        end_of_block();
        auto* group = make(op::group, at);
        group->items = word == "else" ? body({"endif"}, at, "if") : body({"elif", "else", "endif"}, at, "if");
        n->pairs.emplace_back(condition, group);
        word = take().text;
    }
    --soft_;
    end_of_block();
    return n;
}

node* parser::set_tag(const token& at)
{
    auto* n = make(op::set, at);
    n->a = target(true);
    if (accept("=")) {
        n->b = tuple(false);
        end_of_block();
        return n;
    }
    n->what = op::set_block;
    while (now().is("|"))
        n->b = one_filter(n->b);
    end_of_block();
    n->items = body({"endset"}, at, "set");
    take();
    end_of_block();
    return n;
}

void parser::parameters(node& n)
{
    parenthesized([&] {
        const auto t = expect_name("a parameter");
        named_node p;
        p.name = ref(t.text);
        if (accept("="))
            p.held = expression();
        else if (!n.named.empty() && n.named.back().held)
            refuse(t, "a parameter without a default cannot stand behind one with a default");
        n.named.push_back(p);
    });
}

// A macro may name varargs, kwargs and caller among its parameters itself.
void parser::special_parameters(node& n, const token& at)
{
    for (const auto& p : n.named) {
        if (p.name.text == "caller" && n.wants_caller && !p.held)
            refuse(at, "a parameter called caller is left out or has a default");
        n.wants_caller = n.wants_caller && p.name.text != "caller";
        n.wants_varargs = n.wants_varargs && p.name.text != "varargs";
        n.wants_kwargs = n.wants_kwargs && p.name.text != "kwargs";
    }
}

node* parser::macro_tag(const token& at)
{
    auto* n = make(op::macro, at);
    n->name = ref(expect_name("a macro").text);
    macros_.push_back(n);
    parameters(*n);
    end_of_block();
    const auto loops = std::exchange(loops_, 0);
    n->items = body({"endmacro"}, at, "macro");
    loops_ = loops;
    macros_.pop_back();
    special_parameters(*n, at);
    take();
    end_of_block();
    return n;
}

node* parser::call_tag(const token& at)
{
    auto* n = make(op::call_block, at);
    if (now().is("("))
        parameters(*n);
    n->a = unary(true);
    if (n->a->what != op::call)
        refuse(at, "{% call %} takes a call of a macro");
    end_of_block();
    const auto loops = std::exchange(loops_, 0);
    macros_.push_back(n);
    n->items = body({"endcall"}, at, "call");
    macros_.pop_back();
    loops_ = loops;
    special_parameters(*n, at);
    take();
    end_of_block();
    return n;
}

node* parser::filter_tag(const token& at)
{
    auto* n = make(op::filter_block, at);
    --at_;  // the tag's own name stands where the | of the first filter would
    n->b = one_filter(nullptr);
    while (now().is("|"))
        n->b = one_filter(n->b);
    end_of_block();
    n->items = body({"endfilter"}, at, "filter");
    take();
    end_of_block();
    return n;
}

node* parser::with_tag(const token& at)
{
    auto* n = make(op::with, at);
    while (now().kind != token_kind::block_end) {
        if (!n->pairs.empty())
            expect(",");
        auto* to = make(op::name, now());
        to->name = ref(expect_name("a variable").text);
        to->id = slot(to->name);
        expect("=");
        auto* held = expression();
        n->pairs.emplace_back(to, held);
    }
    end_of_block();
    n->items = body({"endwith"}, at, "with");
    take();
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
    for (; now().kind == token_kind::name; take()) {
        if (!now().is_name("scoped") && !now().is_name("required"))
            refuse(now(), "behind a block's name comes scoped or required");
        n->flag = n->flag || now().is_name("scoped");
        n->lenient = n->lenient || now().is_name("required");
    }
    end_of_block();
    const auto loops = std::exchange(loops_, 0);
    n->items = body({"endblock"}, at, "block");
    loops_ = loops;
    take();
    if (now().kind == token_kind::name && take().text != t.text)
        refuse(at, "the end of this block has another name");
    end_of_block();
    program_.blocks.push_back(n);
    return n;
}

node* parser::extends_tag(const token& at)
{
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
    n->name = ref(expect_name("a variable").text);
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
        if (t.text.starts_with("__"))
            refuse(t, "names that begin with two underscores cannot be imported");
        named_node imported;
        imported.name = ref(t.text);
        imported.held = make(op::name, t);
        imported.held->name = accept_name("as") ? ref(expect_name("a variable").text) : imported.name;
        n->named.push_back(imported);
    } while (accept(","));
    context_words(*n, n->flag);
    end_of_block();
    return n;
}

}  // namespace zincir::detail::jinja

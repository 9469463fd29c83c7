#include "builtins.hpp"
#include "parser.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace zincir::detail::jinja {

node* parser::choice()
{
    const nesting deeper(*this);
    const auto known = unknown_.size();
    auto* left = either();
    while (now().is_name("if")) {
        auto* n = make(op::choose, take());
        n->a = left;
        n->b = either();
        n->c = accept_name("else") ? choice() : nullptr;
        unknown_.resize(known);
        left = done(n);
    }
    return left;
}

node* parser::either()
{
    auto* left = both();
    if (!now().is_name("or"))
        return left;
    auto* n = make(op::either, now());
    n->items.push_back(left);
    while (accept_name("or"))
        n->items.push_back(both());
    return done(n);
}

node* parser::both()
{
    auto* left = negation();
    if (!now().is_name("and"))
        return left;
    auto* n = make(op::both, now());
    n->items.push_back(left);
    while (accept_name("and"))
        n->items.push_back(negation());
    return done(n);
}

node* parser::negation()
{
    if (!now().is_name("not"))
        return comparison();
    const nesting deeper(*this);
    auto* n = make(op::negation, take());
    n->a = negation();
    return done(n);
}

char parser::compare_code()
{
    constexpr std::pair<std::string_view, char> marks[] = {{"==", '='}, {"!=", '!'}, {"<", '<'},
                                                           {">", '>'},  {"<=", 'l'}, {">=", 'g'}};
    for (const auto& [mark, code] : marks)
        if (accept(mark))
            return code;
    if (accept_name("in"))
        return 'i';
    if (now().is_name("not") && ahead().is_name("in")) {
        take();
        take();
        return 'n';
    }
    return 0;
}

char parser::sum_code() { return accept("+") ? '+' : accept("-") ? '-' : '\0'; }
char parser::concat_code() { return accept("~") ? '~' : '\0'; }
char parser::power_code() { return accept("**") ? '^' : '\0'; }
char parser::product_code() { return accept("*") ? '*' : accept("/") ? '/' : accept("//") ? 'f' : accept("%") ? '%' : '\0'; }

// Operators of one precedence are one node: a thousand of them nest no deeper than two.
node* parser::chain(op what, node* (parser::*part)(), char (parser::*code)())
{
    auto* left = (this->*part)();
    auto at = now();
    char c = (this->*code)();
    if (!c)
        return left;
    auto* n = make(what, at);
    n->items.push_back(left);
    for (; c; c = (this->*code)()) {
        n->codes += c;
        n->items.push_back((this->*part)());
    }
    return done(n);
}

node* parser::comparison() { return chain(op::compare, &parser::sum, &parser::compare_code); }
node* parser::sum() { return chain(op::sum, &parser::concat, &parser::sum_code); }
node* parser::concat() { return chain(op::concat, &parser::product, &parser::concat_code); }
node* parser::product() { return chain(op::product, &parser::power, &parser::product_code); }

node* parser::power()
{
    auto* left = unary(true);
    if (!now().is("**"))
        return left;
    auto* n = make(op::power, now());
    n->items.push_back(left);
    while (accept("**"))
        n->items.push_back(unary(true));
    return done(n);
}

node* parser::unary(bool with_filters)
{
    node* left = nullptr;
    if (now().is("-") || now().is("+")) {
        const nesting deeper(*this);
        left = make(now().is("-") ? op::negate : op::plus, now());
        take();
        left->a = unary(false);
        left = done(left);
    } else {
        left = primary();
    }
    left = postfix(left);
    return with_filters ? filters(left) : left;
}

node* parser::primary()
{
    const auto t = now();
    switch (t.kind) {
        case token_kind::name: {
            take();
            auto* n = make(op::constant, t);
            if (t.text == "true" || t.text == "True")
                n->constant = true;
            else if (t.text == "false" || t.text == "False")
                n->constant = false;
            else if (t.text != "none" && t.text != "None")
                return reading(t);
            return n;
        }
        case token_kind::text:
            return text_literal();
        case token_kind::integer:
        case token_kind::real:
            return number();
        default:
            break;
    }
    if (t.is("(")) {
        take();
        const nesting deeper(*this);
        auto* n = tuple(true);
        expect(")");
        return n;
    }
    if (t.is("["))
        return list_literal();
    if (t.is("{"))
        return dict_literal();
    refuse(t, "an expression is expected here, not " + shown(t));
}

node* parser::reading(const token& at)
{
    auto* n = make(op::name, at);
    n->fixed = false;
    n->id = slot(ref(at.text));
    n->name = program_.names[n->id];
    return n;
}

node* parser::text_literal()
{
    auto* n = make(op::constant, now());
    std::string all;
    const auto first = take();
    if (now().kind != token_kind::text && first.text.find_first_of("\\\r") == std::string_view::npos) {
        n->constant = first.text;
        return n;
    }
    const auto add = [&](const token& t) {
        auto part = unescaped(t.text);
        if (!part)
            refuse(t, "this string has an escape that stands for no character");
        all += *part;
    };
    add(first);
    while (now().kind == token_kind::text)
        add(take());
    program_.texts.push_back(std::move(all));
    n->constant = std::string_view(program_.texts.back());
    return n;
}

node* parser::number()
{
    const auto t = take();
    auto* n = make(op::constant, t);
    std::string digits;
    for (const char c : t.text)
        if (c != '_')
            digits += c;
    if (t.kind == token_kind::real) {
        n->constant = std::strtod(digits.c_str(), nullptr);
        return n;
    }
    const char mark = digits.size() > 1 ? static_cast<char>(digits[1] | 0x20) : '\0';
    const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    std::int64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [at, fault] = std::from_chars(digits.data() + (base == 10 ? 0 : 2), end, value, base);
    if (fault != std::errc() || at != end)
        refuse(t, "the number " + digits + " does not fit into 64 bits");
    n->constant = value;
    return n;
}

node* parser::tuple(bool parenthesized, bool simple, std::string_view stop)
{
    const auto at = now();
    nodes parts;
    bool comma = false;
    for (;;) {
        if (!parts.empty() && !accept(","))
            break;
        comma = comma || !parts.empty();
        if (now().is(")") || now().kind == token_kind::block_end || now().kind == token_kind::variable_end ||
            (!stop.empty() && now().is_name(stop)))
            break;
        parts.push_back(simple ? either() : expression());
    }
    if (parts.size() == 1 && !comma)
        return parts.front();
    if (parts.empty() && !parenthesized)
        refuse(at, "an expression is expected here, not " + shown(at));
    auto* n = make(op::tuple, at);
    n->items = std::move(parts);
    return done(n);
}

node* parser::list_literal()
{
    const nesting deeper(*this);
    auto* n = make(op::list, take());
    while (!now().is("]")) {
        if (!n->items.empty())
            expect(",");
        if (now().is("]"))
            break;
        n->items.push_back(expression());
    }
    expect("]");
    return done(n);
}

node* parser::dict_literal()
{
    const nesting deeper(*this);
    auto* n = make(op::dict, take());
    while (!now().is("}")) {
        if (!n->pairs.empty())
            expect(",");
        if (now().is("}"))
            break;
        auto* key = expression();
        expect(":");
        auto* held = expression();
        n->pairs.emplace_back(key, held);
    }
    expect("}");
    return done(n);
}

node* parser::postfix(node* left)
{
    for (;;) {
        if (now().is(".")) {
            const auto dot = take();
            const auto t = take();
            if (t.kind != token_kind::name && t.kind != token_kind::integer)
                refuse(t, "a name is expected behind the dot, not " + shown(t));
            auto* n = make(t.kind == token_kind::name ? op::attribute : op::item, dot);
            n->a = left;
            n->name = ref(t.text);
            n->called = methods_called(t.text);
            n->flag = !t.text.starts_with("__") && !n->called.of_dict;
            if (t.kind == token_kind::integer) {
                --at_;
                n->b = number();
            }
            left = done(n);
        } else if (now().is("[")) {
            left = subscript(left);
        } else if (now().is("(")) {
            left = call(left);
        } else {
            return left;
        }
    }
}

// An expression or a slice.
node* parser::subscript_part()
{
    const auto part = [&] { return now().is(":") || now().is("]") || now().is(",") ? nullptr : expression(); };
    auto* n = make(op::slice, now());
    auto* first = now().is(":") ? nullptr : expression();
    if (!now().is(":"))
        return first;
    n->items = {first, nullptr, nullptr};
    for (std::size_t i = 1; i < 3 && accept(":"); ++i)
        n->items[i] = part();
    return n;
}

node* parser::subscript(node* left)
{
    const nesting deeper(*this);
    auto* n = make(op::item, take());
    n->a = left;
    nodes parts;
    while (!now().is("]")) {
        if (!parts.empty())
            expect(",");
        parts.push_back(subscript_part());
    }
    expect("]");
    const auto is_slice = [](const node* part) { return part->what == op::slice && !part->a; };
    if (parts.size() != 1) {
        if (std::any_of(parts.begin(), parts.end(), is_slice))
            refuse(now(), "a slice stands alone in its brackets");
        n->b = make(op::tuple, now());
        n->b->items = std::move(parts);
        done(n->b);
    } else if (is_slice(parts.front())) {
        n->what = op::slice;
        n->items = std::move(parts.front()->items);
    } else {
        n->b = parts.front();
    }
    return done(n);
}

node* parser::call(node* left)
{
    const nesting deeper(*this);
    auto* n = make(op::call, now());
    n->a = left;
    n->pure = n->fixed = false;
    arguments(*n);
    return done(n);
}

// b: *args, c: **kwargs.
void parser::arguments(node& n)
{
    const auto in_order = [&](bool right) {
        if (!right)
            refuse(now(), "the arguments of a call are those without a name, those with one, *list and **dict");
    };
    expect("(");
    for (bool first = true; !now().is(")"); first = false) {
        if (!first)
            expect(",");
        if (!first && now().is(")"))
            break;
        if (now().is("*")) {
            in_order(!n.b && !n.c);
            take();
            n.b = expression();
        } else if (now().is("**")) {
            in_order(!n.c);
            take();
            n.c = expression();
        } else if (now().kind == token_kind::name && ahead().is("=")) {
            in_order(!n.c);
            const auto t = take();
            take();
            if (std::any_of(n.named.begin(), n.named.end(), [&](const auto& other) { return other.name.text == t.text; }))
                refuse(t, "the argument \"" + std::string(t.text) + "\" is there twice");
            n.named.push_back({ref(t.text), expression()});
        } else {
            in_order(!n.b && !n.c && n.named.empty());
            n.items.push_back(expression());
        }
    }
    expect(")");
}

node* parser::filters(node* left)
{
    for (;;) {
        if (now().is("|"))
            left = one_filter(left);
        else if (now().is_name("is"))
            left = one_test(left);
        else if (now().is("("))
            left = call(left);
        else
            return left;
    }
}

// A name of parts with dots between them.
token parser::dotted(token first, std::string_view what)
{
    if (!now().is("."))
        return first;
    std::string whole(first.text);
    while (accept("."))
        whole.append(".").append(expect_name(what).text);
    program_.texts.push_back(std::move(whole));
    first.text = program_.texts.back();
    return first;
}

node* parser::one_filter(node* left)
{
    take();
    const auto t = dotted(expect_name("a filter"), "a filter");
    auto* n = make(op::filter, t);
    n->name = ref(t.text);
    n->a = left;
    if (now().is("(")) {
        const nesting deeper(*this);
        arguments(*n);
    }
    resolve(*n, true);
    return done(n);
}

node* parser::one_test(node* left)
{
    take();
    const bool negated = accept_name("not");
    const auto t = dotted(expect_name("a test"), "a test");
    auto* n = make(op::test, t);
    n->flag = negated;
    n->name = ref(t.text);
    n->a = left;
    const auto kind = now().kind;
    if (now().is("(")) {
        const nesting deeper(*this);
        arguments(*n);
    } else if ((kind == token_kind::name && !now().is_name("else") && !now().is_name("or") && !now().is_name("and")) ||
               kind == token_kind::text || kind == token_kind::integer || kind == token_kind::real || now().is("[") ||
               now().is("{")) {
        if (now().is_name("is"))
            refuse(now(), "tests cannot be chained with is");
        n->items.push_back(postfix(primary()));
    }
    resolve(*n, false);
    return done(n);
}

void parser::resolve(node& n, bool filter)
{
    const auto& environment = program_.options.environment;
    if (filter)
        n.user_filter = environment.filter(n.name.text);
    else
        n.user_test = environment.test(n.name.text);
    n.pure = n.pure && !n.user_filter && !n.user_test;
    if (n.user_filter || n.user_test)
        return;
    n.builtin = filter ? find_filter(n.name.text) : find_test(n.name.text);
    if (!n.builtin)
        unknown_.push_back(&n);
}

}  // namespace zincir::detail::jinja

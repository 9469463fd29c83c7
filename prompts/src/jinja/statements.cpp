#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {

void renderer::put(std::string_view text)
{
    if (text.size() > max_output_ - std::min(max_output_, out_.size() - start_))
        fail("the text grows beyond " + std::to_string(max_output_) + " bytes (template_limits::output_bytes)",
             errc::limit_exceeded);
    out_ += text;
}

renderer::flow renderer::exec(const nodes& body)
{
    for (const auto* n : body)
        if (const auto f = exec(*n); f != flow::on)
            return f;
    return flow::on;
}

renderer::flow renderer::exec(const node& n)
{
    step();
    at_ = &n;
    switch (n.what) {
        case op::text:
            put(n.constant.text());
            break;
        case op::print:
            print(n);
            break;
        case op::branch:
            guard_stack();
            for (const auto& [condition, group] : n.pairs)
                if (!condition || truth(eval(*condition)))
                    return exec(group->items);
            break;
        case op::loop:
            return exec_loop(n);
        case op::set:
            assign(*n.a, eval(*n.b));
            break;
        case op::set_block: {
            auto v = captured([&] {
                auto* back = frame_;
                auto* f = frame_ = push(back);
                exec(n.items);
                pop(f, back);
            });
            assign(*n.a, n.b ? eval_filter(*n.b, &v) : v);
            break;
        }
        case op::macro:
            set(n.name, macro_of(n, n.name.text));
            break;
        case op::call_block:
            exec_call_block(n);
            break;
        case op::filter_block: {
            const auto v = captured([&] {
                auto* back = frame_;
                auto* f = frame_ = push(back);
                exec(n.items);
                pop(f, back);
            });
            print_value(eval_filter(*n.b, &v), n);
            break;
        }
        case op::with: {
            auto* back = frame_;
            auto* held = memory.list(n.pairs.size());
            for (const auto& pair : n.pairs)
                memory.push(*held, eval(*pair.second));
            auto* f = frame_ = push(back);
            for (std::size_t i = 0; i < n.pairs.size(); ++i)
                set(n.pairs[i].first->name, held->items[i]);
            const auto result = exec(n.items);
            pop(f, back);
            return result;
        }
        case op::block:
            if (!parent_)
                exec_block(n.name.text, 0, n.flag ? frame_ : nullptr);
            break;
        case op::extends:
            exec_extends(n);
            break;
        case op::include:
            exec_include(n);
            break;
        case op::import:
            set(n.name, exec_import(n));
            break;
        case op::from_import: {
            const auto& m = static_cast<const module_object&>(exec_import(n).held());
            for (const auto& imported : n.named) {
                auto v = value::undefined(imported.name.text, true);
                for (std::size_t i = 0; i < m.names->size; ++i)
                    if (m.names->items[i].name.text == imported.name.text)
                        v = m.names->items[i].held;
                set(imported.held->name, v);
            }
            break;
        }
        case op::evaluate:
            eval(*n.a);
            break;
        case op::leave_loop:
            return flow::leave;
        case op::next_turn:
            return flow::next;
        default:
            break;
    }
    return flow::on;
}

void renderer::print(const node& n)
{
    const auto& e = *n.a;
    const auto begin = out_.size();
    const auto before = memory.here();
    auto* here = frame_;
    auto* home = unit_;
    const bool outermost = !std::exchange(printing_, true);
    try {
        if (e.what == op::constant && e.constant.is_text()) {
            put(e.constant.text());
        } else if (e.what == op::sum) {
            print_chain(e);
        } else if (e.what == op::call && e.a->what == op::name) {
            // A macro writes where its result would be written.
            const auto callee = eval(*e.a);
            const auto g = gather(e, nullptr);
            at_ = &e;
            const std::span<const value> positional(g.positional->items, g.positional->size);
            if (callee.is(kind::object) && callee.held().what == object_kind::macro)
                run_macro(static_cast<const macro_object&>(callee.held()), positional, {g.named, g.named_count});
            else
                print_value(call(callee, positional, {g.named, g.named_count}), n);
        } else {
            print_value(eval(e), n);
        }
    } catch (const kept&) {
        if (!outermost)
            throw;
        out_.resize(begin);
        frame_ = here;
        unit_ = home;
        put(unit_->code->source.text().substr(n.offset, n.end - n.offset));
    }
    printing_ = !outermost;
    if (e.pure)
        memory.back_to(before);
}

void renderer::print_value(const value& v, const node& n)
{
    at_ = &n;
    if (v.is_undefined()) {
        use(v);
        return;
    }
    const bool escapes = main_.options.escape_html && !v.is_markup();
    if (v.is_text() && !escapes) {
        put(v.text());
    } else if (escapes && !v.is_number()) {
        const value subject(str(v));
        put(run_filter("forceescape", {&subject, 1}, {}).text());
    } else {
        const auto begin = out_.size();
        append_str(out_, v);
        if (out_.size() - start_ > max_output_) {
            out_.resize(begin);
            put(std::string(max_output_ + 1, ' '));
        }
    }
}

void renderer::print_chain(const node& sum)
{
    auto v = eval(*sum.items.front());
    std::size_t i = 1;
    if (v.is_text() && !main_.options.escape_html && !v.is_markup()) {
        const auto begin = out_.size();
        put(v.text());
        for (; i < sum.items.size(); ++i) {
            const auto w = eval(*sum.items[i]);
            at_ = &sum;
            if (sum.codes[i - 1] != '+' || !w.is_text() || w.is_markup()) {
                v = arithmetic(sum.codes[i - 1], text(std::string_view(out_).substr(begin)), w);
                out_.resize(begin);
                ++i;
                break;
            }
            put(w.text());
            if (i + 1 == sum.items.size())
                return;
        }
    }
    for (; i < sum.items.size(); ++i) {
        const auto w = eval(*sum.items[i]);
        at_ = &sum;
        v = arithmetic(sum.codes[i - 1], v, w);
    }
    print_value(v, sum);
}

void renderer::assign(const node& target, const value& v)
{
    at_ = &target;
    if (target.what == op::name)
        return set(target.name, v);
    if (target.what == op::attribute) {
        const auto of = eval(*target.a);
        if (!of.is(kind::object) || of.held().what != object_kind::name_space)
            fail("only members of a namespace can be set");
        auto& members = *static_cast<namespace_object&>(of.held()).members;
        step(members.size / 8);
        return memory.put(members, value(target.name.text), v);
    }
    const auto parts = sequence(v);
    if (count(parts) != target.items.size())
        fail(std::to_string(count(parts)) + " values for " + std::to_string(target.items.size()) + " variables");
    for (std::size_t i = 0; i < target.items.size(); ++i)
        assign(*target.items[i], item(parts, i));
}

value renderer::filtered(const node& n, const value& items)
{
    auto* l = memory.list(0);
    auto* back = frame_;
    auto* f = frame_ = push(back);
    for (std::size_t i = 0; i < count(items); ++i) {
        f->size = 0;
        assign(*n.a, item(items, i));
        if (truth(eval(*n.c)))
            memory.push(*l, item(items, i));
    }
    pop(f, back);
    return l;
}

renderer::flow renderer::exec_loop(const node& n)
{
    const auto over = eval(*n.b);
    at_ = n.b;
    run_loop(n, sequence(over), 0, frame_);
    return flow::on;
}

void renderer::run_loop(const node& n, const value& given, std::size_t depth, frame* outside)
{
    guard_stack();
    auto* back = frame_;
    frame_ = outside;
    const auto items = n.c ? filtered(n, given) : given;
    const auto size = count(items);
    static const name_ref loop_name = ref("loop");
    auto* l = memory.make<loop_object>();
    *l = {{object_kind::loop}, items, 0, size, depth, n.flag ? &n : nullptr, outside, nullptr};
    auto* f = frame_ = push(outside);
    for (std::size_t i = 0; i < size; ++i) {
        step();
        f->size = 0;
        l->index = i;
        set(loop_name, value(static_cast<object*>(l)));
        assign(*n.a, item(items, i));
        if (exec(n.items) == flow::leave)
            break;
    }
    if (n.flag)
        f->captured = true;
    pop(f, outside);
    if (size == 0) {
        auto* otherwise = frame_ = push(outside);
        exec(n.others);
        pop(otherwise, outside);
    }
    frame_ = back;
}

value renderer::macro_of(const node& n, std::string_view name)
{
    for (auto* f = frame_; f; f = f->parent)
        f->captured = true;
    auto* m = memory.make<macro_object>();
    *m = {{object_kind::macro}, &n, frame_, unit_, name};
    return static_cast<object*>(m);
}

void renderer::run_macro(const macro_object& m, std::span<const value> positional, std::span<const named_value> named)
{
    const deeper level(*this);
    const auto& code = *m.code;
    const auto size = code.named.size();
    auto* back = frame_;
    auto* home = unit_;
    auto* f = push(m.closure);
    frame_ = f;
    const auto refuse = [&](const std::string& why) { fail("the macro \"" + std::string(m.name) + "\" " + why); };
    if (positional.size() > size && !code.wants_varargs)
        refuse("takes at most " + std::to_string(size) + " arguments");
    list_data* rest = code.wants_varargs ? memory.list(0, true) : nullptr;
    for (std::size_t i = size; rest && i < positional.size(); ++i)
        memory.push(*rest, positional[i]);
    dict_data* more = code.wants_kwargs ? memory.dict(0) : nullptr;
    auto caller = value::undefined("caller");
    auto* bound = memory.many<const value*>(size);
    for (std::size_t i = 0; i < size; ++i)
        bound[i] = i < positional.size() ? &positional[i] : nullptr;
    for (const auto& argument : named) {
        const auto at =
            std::find_if(code.named.begin(), code.named.end(), [&](const auto& p) { return p.name.text == argument.name; });
        if (at != code.named.end()) {
            auto& place = bound[at - code.named.begin()];
            if (place)
                refuse("got two values for \"" + std::string(argument.name) + "\"");
            place = &argument.held;
        } else if (argument.name == "caller" && code.wants_caller) {
            caller = argument.held;
        } else if (more) {
            memory.put(*more, value(argument.name), argument.held);
        } else {
            refuse("has no parameter \"" + std::string(argument.name) + "\"");
        }
    }
    unit_ = m.home;
    for (std::size_t i = 0; i < size; ++i) {
        const auto& p = code.named[i];
        set(p.name, bound[i] ? *bound[i] : p.held ? eval(*p.held) : value::undefined(p.name.text));
    }
    if (rest)
        set(ref("varargs"), value(rest));
    if (more)
        set(ref("kwargs"), value(more));
    if (code.wants_caller)
        set(ref("caller"), caller);
    exec(code.items);
    unit_ = home;
    pop(f, back);
}

void renderer::exec_call_block(const node& n)
{
    const auto callee = eval(*n.a->a);
    const auto g = gather(*n.a, nullptr);
    auto* named = memory.many<named_value>(g.named_count + 1);
    std::copy_n(g.named, g.named_count, named);
    named[g.named_count] = {"caller", macro_of(n, "caller")};
    at_ = &n;
    print_value(call(callee, {g.positional->items, g.positional->size}, {named, g.named_count + 1}), n);
}

void renderer::add_blocks(unit& u)
{
    for (const auto* b : u.code->blocks)
        blocks_[b->name.text].push_back({b, &u});
}

void renderer::exec_block(std::string_view name, std::size_t level, frame* around)
{
    const deeper nested(*this);
    const auto found = blocks_.find(name);
    if (found == blocks_.end() || level >= found->second.size())
        fail("no parent has a block \"" + std::string(name) + "\"");
    const auto [code, home] = found->second[level];
    if (code->lenient)
        fail("the block \"" + std::string(name) + "\" is required: a template that extends this one gives it");
    auto* back = frame_;
    auto* unit_before = unit_;
    unit_ = home;
    auto* f = frame_ = push(around ? around : home->root);
    if (level + 1 < found->second.size()) {
        auto* b = memory.make<block_object>();
        *b = {{object_kind::block}, code->name.text, level + 1};
        set(ref("super"), value(static_cast<object*>(b)));
    }
    exec(code->items);
    unit_ = unit_before;
    pop(f, back);
}

const program* renderer::load(const value& wanted, bool lenient)
{
    const auto* loader = main_.options.environment.loader();
    if (!loader)
        fail("no template can be loaded here: set one with template_environment::set_loader()", errc::invalid_template);
    const auto names = wanted.is_text() ? value(memory.list(1)) : sequence(wanted);
    if (wanted.is_text())
        memory.push(names.list(), wanted);
    std::string tried;
    for (std::size_t i = 0; i < count(names); ++i) {
        const auto name = std::string(text_of(item(names, i), "the name of a template"));
        if (const auto at = loaded_.find(name); at != loaded_.end())
            return at->second.get();
        tried += (tried.empty() ? "\"" : ", \"") + name + "\"";
        const auto found = loader->load(name);
        if (!found)
            continue;
        work(found->size() * 16);
        auto its = main_.options;
        its.name = name;
        return loaded_.emplace(name, std::make_unique<const program>(*found, its, std::string())).first->second.get();
    }
    if (!lenient)
        fail("there is no template " + tried, errc::invalid_template);
    return nullptr;
}

void renderer::run_root(unit& first)
{
    add_blocks(first);
    frame_ = first.root;
    for (auto* u = &first; u;) {
        const deeper level(*this);
        const auto begin = out_.size();
        unit_ = u;
        parent_ = nullptr;
        exec(u->code->body);
        if (parent_)
            out_.resize(begin);
        u = std::exchange(parent_, nullptr);
        step(1000);
    }
}

void renderer::exec_extends(const node& n)
{
    if (parent_)
        fail("a template extends one other only", errc::invalid_template);
    const auto name = eval(*n.a);
    at_ = &n;
    auto* parent = instance(*load(name, false), unit_->root, unit_->sees_values);
    add_blocks(*parent);
    parent_ = parent;
}

void renderer::exec_include(const node& n)
{
    const deeper level(*this);
    const auto name = eval(*n.a);
    at_ = &n;
    const auto* p = load(name, n.lenient);
    if (!p)
        return;
    auto* back = frame_;
    auto* home = unit_;
    auto blocks = std::exchange(blocks_, {});
    auto* parent = std::exchange(parent_, nullptr);
    run_root(*instance(*p, push(n.flag ? frame_ : nullptr), n.flag && unit_->sees_values));
    blocks_ = std::move(blocks);
    parent_ = parent;
    frame_ = back;
    unit_ = home;
}

value renderer::exec_import(const node& n)
{
    const deeper level(*this);
    const auto name = eval(*n.a);
    at_ = &n;
    const auto* p = load(name, false);
    auto* back = frame_;
    auto* home = unit_;
    auto blocks = std::exchange(blocks_, {});
    auto* parent = std::exchange(parent_, nullptr);
    auto* u = instance(*p, push(n.flag ? frame_ : nullptr), n.flag && unit_->sees_values);
    u->root->captured = true;
    const auto text = captured([&] { run_root(*u); });
    blocks_ = std::move(blocks);
    parent_ = parent;
    frame_ = back;
    unit_ = home;
    auto* m = memory.make<module_object>();
    *m = {{object_kind::module}, u->root, text.text(), name.is_text() ? name.text() : std::string_view()};
    return static_cast<object*>(m);
}

}  // namespace zincir::detail::jinja

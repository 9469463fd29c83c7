#include "../template_engine.hpp"
#include "renderer.hpp"

#include <algorithm>

namespace zincir::detail::jinja {

void renderer::put(std::string_view text)
{
    if (text.size() > max_output_ - std::min(max_output_, out_.size() - start_))
        too_long();
    work(text.size());
    if (text.size() > out_.capacity() - out_.size())
        make_room(out_, text.size(), start_ + max_output_);
    out_ += text;
}

void renderer::too_long() const
{
    fail("the text grows beyond " + std::to_string(max_output_) + " bytes (template_limits::output_bytes)", errc::limit_exceeded);
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
            if (!n.outermost || !parent_)
                put(n.constant.text());
            break;
        case op::print:
            if (n.outermost && parent_)
                break;
            if (n.a->what == op::constant && n.a->constant.is_text())
                put(n.a->constant.text());
            else
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
        case op::set_block:
            return exec_set_block(n);
        case op::macro:
            set(n.name, macro_of(n, n.name.text));
            break;
        case op::call_block:
            exec_call_block(n);
            break;
        case op::filter_block:
            return exec_filter_block(n);
        case op::with:
            return exec_with(n);
        case op::block:
            if (!n.outermost || !parent_) {
                if (n.lenient && blocks_[n.name.text].size() < 2)
                    fail("the block \"" + std::string(n.name.text) + "\" is required: a template that extends this one gives it");
                exec_block(n.name.text, 0, n.flag ? frame_ : context_);
            }
            break;
        case op::extends:
            exec_extends(n);
            break;
        case op::include:
            exec_include(n);
            break;
        case op::import:
            set(n.name, exec_import(n), binding_state::local);
            break;
        case op::from_import:
            exec_from_import(n);
            break;
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
    const auto lasting = lasting_;
    auto* here = frame_;
    auto* home = unit_;
    auto* context = context_;
    const bool outermost = !std::exchange(printing_, true);
    try {
        if (e.what == op::sum) {
            print_chain(e);
        } else if (e.what == op::call && e.a->what == op::name) {
            // A macro writes where its result would be written.
            const auto callee = eval(*e.a);
            const auto g = gather(e, nullptr);
            at_ = &e;
            if (callee.is(kind::object) && callee.held().what == object_kind::macro)
                run_macro(static_cast<const macro_object&>(callee.held()), g.positional, g.named);
            else
                print_value(call(callee, g.positional, g.named), n);
        } else {
            print_value(eval(e), n);
        }
    } catch (const kept&) {
        if (!outermost)
            throw;
        step(64);  // an exception's way
        out_.resize(begin);
        frame_ = here;
        unit_ = home;
        context_ = context;
        put(unit_->code->source.text().substr(n.offset, n.end - n.offset));
    }
    printing_ = !outermost;
    if (e.pure && lasting_ == lasting)
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
        append_str(out_, v);
        if (out_.size() - start_ > max_output_)
            too_long();
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
    if (target.what == op::name) {
        own(target.name, target.place) = {v, binding_state::exported};
        return;
    }
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

renderer::flow renderer::exec_set_block(const node& n)
{
    auto* back = frame_;
    auto* f = frame_ = push(n.names, back);
    auto ended = flow::on;
    auto v = captured([&] { ended = exec(n.items); });
    if (ended == flow::on && n.b)
        v = eval_filter(*n.b, &v);
    pop(f, back);
    if (ended == flow::on)
        assign(*n.a, v);
    return ended;
}

renderer::flow renderer::exec_filter_block(const node& n)
{
    auto* back = frame_;
    auto* f = frame_ = push(n.names, back);
    auto ended = flow::on;
    auto v = captured([&] { ended = exec(n.items); });
    if (ended == flow::on)
        v = eval_filter(*n.b, &v);
    pop(f, back);
    if (ended == flow::on) {
        at_ = &n;
        put(text_of(v, "what a filter block gives"));
    }
    return ended;
}

renderer::flow renderer::exec_with(const node& n)
{
    auto* back = frame_;
    auto* held = memory.list(n.pairs.size());
    for (const auto& pair : n.pairs)
        memory.push(*held, eval(*pair.second));
    auto* f = frame_ = push(n.names, back);
    for (std::size_t i = 0; i < n.pairs.size(); ++i)
        assign(*n.pairs[i].first, held->items[i]);
    const auto result = exec(n.items);
    pop(f, back);
    return result;
}

renderer::flow renderer::exec_loop(const node& n)
{
    const auto over = eval(*n.b);
    at_ = n.b;
    return run_loop(n, sequence(over), 0, frame_);
}

bool renderer::has_item(loop_object& l, std::size_t index)
{
    const auto& condition = l.code->c;
    if (!condition)
        return index < count(l.all);
    while (l.passed->size <= index && l.next < count(l.all)) {
        step();
        ++lasting_;
        const auto v = item(l.all, l.next++);
        auto* back = frame_;
        auto* home = std::exchange(unit_, l.home);
        auto* f = frame_ = push(l.code->names_test, l.outer);
        assign(*l.code->a, v);
        if (truth(eval(*condition)))
            memory.push(*l.passed, v);
        unit_ = home;
        pop(f, back);
    }
    return index < l.passed->size;
}

value renderer::loop_item(const loop_object& l, std::size_t index) const
{
    if (l.passed)
        return l.passed->items[index];
    return index < count(l.all) ? item(l.all, index) : value::undefined("an item taken away", true);
}

std::size_t renderer::loop_length(loop_object& l)
{
    if (l.length == std::string_view::npos) {
        has_item(l, std::string_view::npos - 1);
        l.length = l.passed ? l.passed->size : count(l.all);
    }
    return l.length;
}

renderer::flow renderer::run_loop(const node& n, const value& items, std::size_t depth, frame* outside)
{
    guard_stack();
    auto* back = frame_;
    static const name_ref loop_name = ref("loop");
    auto* l = memory.make<loop_object>();
    *l = {{object_kind::loop},    items, &n,     outside, unit_, n.c ? memory.list(0) : nullptr, 0, 0,
          std::string_view::npos, depth, nullptr};
    const auto members = items.is(kind::dict) ? count(items) : 0;
    const auto unchanged = [&] {
        if (items.is(kind::dict) && count(items) != members)
            fail("a dict changes its size while a loop goes through it");
    };
    frame_ = outside;
    bool whole = false;  // a turn was not left
    auto ended = flow::on;
    auto* f = frame_ = push(n.names, outside);
    for (; has_item(*l, l->index); ++l->index) {
        step();
        unchanged();
        begin(*f);
        if (n.extended)
            set(loop_name, value(static_cast<object*>(l)));
        assign(*n.a, loop_item(*l, l->index));
        const auto turn = exec(n.items);
        whole = whole || turn == flow::on;
        if (turn == flow::leave)
            break;
    }
    unchanged();
    f->captured = f->captured || n.flag;
    pop(f, outside);
    if (!whole) {
        auto* otherwise = frame_ = push(n.names_else, outside);
        ended = exec(n.others);
        pop(otherwise, outside);
    }
    frame_ = back;
    return ended;
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
    auto* f = push(code.names, m.closure);
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
        work(size * 8);
        const auto at =
            std::find_if(code.named.begin(), code.named.end(), [&](const auto& p) { return p.name.text == argument.name; });
        const auto place = static_cast<std::size_t>(at - code.named.begin());
        if (place < size && place >= positional.size()) {
            bound[place] = &argument.held;
        } else if (argument.name == "caller" && code.wants_caller) {
            if (!argument.held.is(kind::none))
                caller = argument.held;
        } else if (more) {
            memory.put(*more, value(argument.name), argument.held);
        } else {
            refuse(place < size ? "got two values for \"" + std::string(argument.name) + "\""
                                : "has no parameter \"" + std::string(argument.name) + "\"");
        }
    }
    unit_ = m.home;
    // A default sees the arguments that were given, also those behind it.
    for (std::size_t i = 0; i < size; ++i)
        set(code.named[i].name, bound[i] ? *bound[i] : value(), bound[i] ? binding_state::exported : binding_state::hidden);
    if (rest)
        set(ref("varargs"), value(rest));
    if (more)
        set(ref("kwargs"), value(more));
    if (code.wants_caller)
        set(ref("caller"), caller);
    for (std::size_t i = 0; i < size; ++i)
        if (!bound[i])
            set(code.named[i].name, code.named[i].held ? eval(*code.named[i].held) : value::undefined(code.named[i].name.text));
    exec(code.items);
    unit_ = home;
    pop(f, back);
}

void renderer::exec_call_block(const node& n)
{
    const auto callee = eval(*n.a->a);
    const auto g = gather(*n.a, nullptr);
    const auto size = g.named.size() + 1;
    auto* named = memory.many<named_value>(size);
    std::copy(g.named.begin(), g.named.end(), named);
    named[size - 1] = {"caller", macro_of(n, {})};
    at_ = &n;
    put(text_of(call(callee, g.positional, {named, size}), "what a call block gives"));
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
    auto* back = frame_;
    auto* unit_before = std::exchange(unit_, home);
    auto* context_before = std::exchange(context_, around);
    auto* f = frame_ = push(code->names, around, true);
    static const name_ref super_name = ref("super");
    if (const auto& all = code->names.all; std::find(all.begin(), all.end(), super_name) != all.end())
        set(super_name, block_of(code->name.text, level + 1, around));
    exec(code->items);
    unit_ = unit_before;
    context_ = context_before;
    pop(f, back);
}

value renderer::block_of(std::string_view name, std::size_t level, frame* around)
{
    const auto found = blocks_.find(name);
    if (found == blocks_.end() || level >= found->second.size())
        return value::undefined("super");
    auto* b = memory.make<block_object>();
    *b = {{object_kind::block}, found->first, level, around};
    return static_cast<object*>(b);
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
        auto code = std::make_unique<const program>(*found, its, std::string());
        memory.hold(code->bytes());
        return loaded_.emplace(name, std::move(code)).first->second.get();
    }
    if (!lenient)
        fail("there is no template " + tried, errc::invalid_template);
    return nullptr;
}

void renderer::run_root(unit& first)
{
    add_blocks(first);
    for (auto* u = &first; u;) {
        const deeper level(*this);
        unit_ = u;
        frame_ = context_ = u->root;
        parent_ = nullptr;
        exec(u->code->body);
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
    auto* parent = instance(*load(name, false), unit_->root, true, unit_->sees_values);
    add_blocks(*parent);
    parent_ = parent;
}

// What a rendering is in the middle of, while another template is rendered in it.
struct renderer::outside_state {
    explicit outside_state(renderer& renderer)
        : r(renderer),
          back(r.frame_),
          context(r.context_),
          home(r.unit_),
          parent(std::exchange(r.parent_, nullptr)),
          blocks(std::exchange(r.blocks_, {}))
    {}
    ~outside_state()
    {
        r.frame_ = back;
        r.context_ = context;
        r.unit_ = home;
        r.parent_ = parent;
        r.blocks_ = std::move(blocks);
    }
    outside_state(const outside_state&) = delete;
    outside_state& operator=(const outside_state&) = delete;

    renderer& r;
    frame *back, *context;
    unit *home, *parent;
    std::map<std::string_view, std::vector<block_ref>> blocks;
};

void renderer::exec_include(const node& n)
{
    const deeper level(*this);
    const auto name = eval(*n.a);
    at_ = &n;
    const auto* p = load(name, n.lenient);
    if (!p)
        return;
    auto* included = instance(*p, n.flag ? frame_ : nullptr, true, n.flag && unit_->sees_values);
    const outside_state outside(*this);
    run_root(*included);
}

value renderer::exec_import(const node& n)
{
    const deeper level(*this);
    const auto name = eval(*n.a);
    at_ = &n;
    const auto* p = load(name, false);
    auto* u = instance(*p, n.flag ? frame_ : nullptr, true, n.flag && unit_->sees_values);
    u->root->captured = true;
    auto* m = memory.make<module_object>();
    const outside_state outside(*this);
    const auto text = captured([&] { run_root(*u); });
    *m = {{object_kind::module}, context_, u->root, text.text(), name.is_text() ? name.text() : std::string_view()};
    return static_cast<object*>(m);
}

const binding* renderer::exported(const module_object& m, std::string_view name) const noexcept
{
    for (const auto* f = m.names; f; f = f == m.outermost ? nullptr : f->parent)
        for (std::size_t i = 0; i < f->names->all.size(); ++i)
            if (const auto& b = f->items[i]; f->names->all[i].text == name && b.state > binding_state::hidden)
                return b.state == binding_state::exported && !name.starts_with('_') ? &b : nullptr;
    return nullptr;
}

void renderer::exec_from_import(const node& n)
{
    const auto& m = static_cast<const module_object&>(exec_import(n).held());
    for (const auto& imported : n.named) {
        for (const auto* f = m.names; f; f = f == m.outermost ? nullptr : f->parent)
            work(f->names->all.size() * 2);
        const auto* b = exported(m, imported.name.text);
        set(imported.held->name, b ? b->held : value::undefined(imported.name.text, true), binding_state::local);
    }
}

}  // namespace zincir::detail::jinja

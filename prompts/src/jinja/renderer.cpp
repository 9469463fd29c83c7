#include "renderer.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>
#include <cmath>

namespace zincir::detail::jinja {
renderer::renderer(const program& p, std::string& out, scope& given)
    : meter(p.options.limits.steps),
      memory(p.options.limits.value_bytes, meter),
      main_(p),
      out_(out),
      given_(given),
      start_(out.size()),
      max_output_(p.options.limits.output_bytes),
      max_depth_(p.options.limits.depth),
      stack_(static_cast<const char*>(__builtin_frame_address(0)))
{}

void renderer::run()
{
    try {
        unit_ = instance(main_, nullptr, false, true);
        run_root(*unit_);
    } catch (const heap_exhausted&) {
        fail("the values made grow beyond " + std::to_string(main_.options.limits.value_bytes) +
                 " bytes (template_limits::value_bytes)",
             errc::limit_exceeded);
    } catch (const value_too_deep&) {
        fail("values are nested too deep to be compared", errc::limit_exceeded);
    } catch (const work_exhausted&) {
        fail("the rendering takes more than " + std::to_string(main_.options.limits.steps) + " steps (template_limits::steps)",
             errc::limit_exceeded);
    }
}

void renderer::fail(std::string_view what, errc code) const
{
    throw(unit_ ? unit_->code : &main_)->source.fault(code, at_ ? at_->offset : 0, what);
}

renderer::deeper::deeper(renderer& r) : depth(r.depth_)
{
    if (depth >= r.max_depth_)
        r.fail("macros, includes and recursive loops are in use deeper than " + std::to_string(r.max_depth_) +
                   " (template_limits::depth)",
               errc::limit_exceeded);
    r.guard_stack();
    ++depth;
}

void renderer::too_deep() const { fail("the rendering nests too deep", errc::limit_exceeded); }

unit* renderer::instance(const program& p, frame* around, bool boundary, bool sees_values)
{
    const auto n = p.names.size();
    auto* u = memory.make<unit>();
    u->code = &p;
    u->slots = memory.many<value>(n);
    u->known = memory.many<bool>(n);
    std::fill_n(u->known, n, false);
    u->root = push(p.outermost, around, boundary);
    u->sees_values = sees_values;
    return u;
}

frame* renderer::push(const scope_names& names, frame* parent, bool boundary)
{
    auto* f = spare_;
    if (f) {
        spare_ = f->parent;
    } else {
        f = memory.make<frame>();
        ++lasting_;
    }
    const auto size = names.all.size();
    if (f->capacity < size) {
        f->capacity = std::max<std::size_t>(size, 4);
        f->items = memory.many<binding>(f->capacity);
        ++lasting_;
    }
    f->parent = parent;
    f->names = &names;
    begin(*f);
    f->captured = false;
    f->boundary = boundary;
    return f;
}

void renderer::pop(frame* f, frame* back)
{
    frame_ = back;
    if (f->captured)
        return;
    f->parent = spare_;
    spare_ = f;
}

void renderer::begin(frame& f)
{
    const auto size = f.names->all.size();
    const auto hidden = f.names->hidden;
    for (std::size_t i = 0; i < size; ++i)
        f.items[i].state = i < hidden ? binding_state::hidden : binding_state::unset;
}

binding& renderer::searched(name_ref name)
{
    const auto& f = *frame_;
    const auto& all = f.names->all;
    work(all.size() * 2);
    const auto at = std::find(all.begin(), all.end(), name);
    if (at == all.end())
        fail("\"" + std::string(name.text) + "\" has no place in its scope");
    return f.items[at - all.begin()];
}

const value* renderer::local(const frame* from, name_ref name, bool hides)
{
    for (const auto* f = from; f; f = f->parent) {
        const auto& all = f->names->all;
        work(all.size() * 2);
        const auto at = std::find(all.begin(), all.end(), name);
        if (at != all.end()) {
            auto& b = f->items[at - all.begin()];
            if (b.state == binding_state::hidden && hides)
                b.held = value::undefined(at->text);
            if (b.state > binding_state::hidden || (b.state == binding_state::hidden && hides))
                return &b.held;
        }
        hides = hides && !f->boundary;
    }
    return nullptr;
}

value renderer::eval_distant(const node& n)
{
    const auto* from = frame_;
    bool hides = true;
    if (n.hops != node::unresolved) {
        for (auto hops = n.hops; hops > 0; --hops)
            from = from->parent;
        if (n.place != node::nowhere) {
            const auto& b = from->items[n.place];
            if (b.state > binding_state::hidden)
                return b.held;
            if (b.state == binding_state::hidden)
                return value::undefined(n.name.text);
        }
        hides = !from->boundary;
        from = from->parent;
    }
    if (from)
        if (const auto* found = local(from, n.name, hides))
            return *found;
    auto& u = *unit_;
    if (!u.known[n.id]) {
        u.slots[n.id] = outer(n);
        u.known[n.id] = true;
    }
    return u.slots[n.id];
}

// Of the caller's values, else a function.
value renderer::outer(const node& n)
{
    const auto name = n.name.text;
    if (name == "self") {
        user_functions_.push_front({{object_kind::self}, nullptr, name});
        return value(static_cast<object*>(&user_functions_.front()));
    }
    if (unit_->sees_values)
        if (const auto* v = given_.find(name))
            return from_given(*v);
    if (const auto* f = main_.options.environment.function(name)) {
        user_functions_.push_front({{object_kind::user_function}, f, name});
        return value(static_cast<object*>(&user_functions_.front()));
    }
    if (const auto* e = find_function(name)) {
        user_functions_.push_front({{object_kind::function}, nullptr, e->name});
        return value(static_cast<object*>(&user_functions_.front()));
    }
    return value::undefined(name);
}

value renderer::from_given(const prompt_value& v)
{
    const auto& held = v.get();
    if (const auto* s = std::get_if<std::string>(&held))
        return std::string_view(*s);
    if (const auto* n = std::get_if<std::int64_t>(&held))
        return *n;
    if (const auto* d = std::get_if<double>(&held))
        return *d;
    if (const auto* b = std::get_if<bool>(&held))
        return *b;
    if (const auto* j = std::get_if<json::value>(&held))
        return view_of(*j);
    json::array turns;
    for (const auto& m : std::get<messages>(held)) {
        json::object turn;
        turn["role"] = std::string(name(m.role));
        turn["content"] = m.text();
        turns.push_back(std::move(turn));
    }
    return keep(std::move(turns));
}

value renderer::keep(json::value made)
{
    documents_.push_front(std::move(made));
    return view_of(documents_.front());
}

void renderer::missing_value(const value& v) const
{
    const auto name = std::string(v.text());
    if (v.is_member())
        fail("nothing is called \"" + name + "\" there", errc::missing_variable);
    const auto near = given_.nearest(name);
    fail("no value for {{ " + name + " }}" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"), errc::missing_variable);
}

void renderer::use(const value& v) const
{
    // Without a name: an inline if without else, which is empty under every policy.
    if (!v.is_undefined() || v.text().empty() || main_.options.undefined == undefined_policy::empty)
        return;
    if (main_.options.undefined == undefined_policy::keep) {
        if (printing_)
            throw kept();
        return;
    }
    missing_value(v);
}

// The leaves and members that most expressions are made of; they need no more of the stack than this.
value renderer::eval(const node& n)
{
    step();
    if (n.what == op::constant)
        return n.constant;
    if (n.what == op::name)
        return eval_name(n);
    if (n.what != op::attribute)
        return eval_compound(n);
    const auto of = eval(*n.a);
    at_ = &n;
    if (value found; n.flag) {
        if (of.is(kind::json_object) && find(of, n.name.text, found, meter))
            return found;
        if (of.is(kind::object) && of.held().what == object_kind::name_space &&
            find(value(static_cast<namespace_object&>(of.held()).members), n.name.text, found, meter))
            return found;
    }
    return attribute(of, n.name.text, n.called);
}

value renderer::eval_compound(const node& n)
{
    switch (n.what) {
        case op::item: {
            const auto of = eval(*n.a);
            const auto key = eval(*n.b);
            at_ = &n;
            return at_index(of, key);
        }
        case op::both:
        case op::either: {
            // The last one is the result, whether it is true or not.
            const auto* part = n.items.data();
            for (const auto* last = part + n.items.size() - 1; part != last; ++part)
                if (const auto v = eval(**part); truth(v) == (n.what == op::either))
                    return v;
            return eval(**part);
        }
        case op::negation:
            return !truth(eval(*n.a));
        case op::choose:
            return truth(eval(*n.b)) ? eval(*n.a) : n.c ? eval(*n.c) : value::undefined("");
        case op::compare:
            return eval_compare(n);
        case op::concat:
            return eval_concat(n);
        case op::sum:
        case op::product:
        case op::power:
            return eval_chain(n);
        case op::negate:
        case op::plus: {
            const auto v = eval(*n.a);
            at_ = &n;
            if (v.is_undefined())
                missing_value(v);
            if (!v.is_number())
                fail("a value of the type " + std::string(type_name(v)) + " has no sign");
            if (n.what == op::plus)
                return v.is_integer() ? value(v.integer()) : v;
            return negative(v);
        }
        case op::list:
        case op::tuple:
            return eval_list(n);
        case op::dict:
            return eval_dict(n);
        case op::slice:
            return eval_slice(n);
        case op::call:
            return eval_call(n);
        case op::filter:
            return eval_filter(n, nullptr);
        case op::test:
            return eval_test(n);
        default:
            return {};
    }
}

value renderer::negative(const value& v)
{
    return v.is_integer() || v.is_natural() ? arithmetic('-', value(std::int64_t{0}), v) : value(-v.number());
}

// Jinja2 writes a negative constant into its Python code, where the power of a variable then comes before the sign: -2 ** n is
// -(2 ** n), but -2 ** 2 is 4.
value renderer::eval_chain(const node& n)
{
    auto v = eval(*n.items.front());
    bool fixed = n.items.front()->fixed;
    for (std::size_t i = 1; i < n.items.size(); ++i) {
        const auto w = eval(*n.items[i]);
        at_ = &n;
        const bool signless = n.what == op::power && fixed && !n.items[i]->fixed && v.is_number() && std::signbit(v.number());
        fixed = fixed && n.items[i]->fixed;
        if (signless)
            v = negative(arithmetic('^', negative(v), w));
        else
            v = arithmetic(n.what == op::power ? '^' : n.codes[i - 1], v, w);
    }
    return v;
}

value renderer::eval_concat(const node& n)
{
    std::string_view all;
    bool safe = false;
    for (const auto* part : n.items) {
        const auto v = eval(*part);
        at_ = &n;
        if (main_.options.escape_html && v.is_markup() && !safe) {
            all = escaped(value(all));
            safe = true;
        }
        all = memory.joined(all, safe ? escaped(v) : str(v));
    }
    return safe ? value::markup(all) : value(all);
}

value renderer::eval_compare(const node& n)
{
    auto left = eval(*n.items.front());
    for (std::size_t i = 1; i < n.items.size(); ++i) {
        const auto right = eval(*n.items[i]);
        at_ = &n;
        if (!compare_by(n.codes[i - 1], left, right))
            return false;
        left = right;
    }
    return true;
}

value renderer::eval_list(const node& n)
{
    auto* l = memory.list(n.items.size(), n.what == op::tuple);
    for (const auto* part : n.items)
        memory.push(*l, eval(*part));
    return l;
}

value renderer::eval_dict(const node& n)
{
    auto* d = memory.dict(n.pairs.size());
    for (const auto& [key, held] : n.pairs) {
        const auto k = eval(*key);
        const auto v = eval(*held);
        step(d->size / 8);
        memory.put(*d, this->key(k), v);
    }
    return d;
}

}  // namespace zincir::detail::jinja

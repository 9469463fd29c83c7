#include "ast.hpp"
#include "builtins.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace zincir::detail::jinja {
namespace {

// What becomes of a scope's name before the scope sets it: jinja2.idtracking's loads.
enum class load : std::uint8_t {
    parameter,
    outside,  // the caller's value
    alias,    // the value of a scope around this one
    hidden    // nothing: the scope sets the name, so the caller's value is not seen in it
};

struct symbols {
    const symbols* parent = nullptr;
    struct entry {
        load from;
        bool stored;
        std::uint16_t place = node::nowhere;
    };
    std::map<std::string_view, entry> names{};
    std::vector<node*> used{};  // the names that the scope reads and sets itself

    bool knows(std::string_view name) const
    {
        for (const auto* s = this; s; s = s->parent)
            if (s->names.contains(name))
                return true;
        return false;
    }
    load unset(std::string_view name) const { return parent && parent->knows(name) ? load::alias : load::outside; }
    /// Whether it is stored for the first time.
    bool store(std::string_view name)
    {
        const auto otherwise = parent && parent->knows(name) ? load::alias : load::hidden;
        auto& e = names.try_emplace(name, entry{otherwise, false}).first->second;
        return !std::exchange(e.stored, true);
    }
    void declare(std::string_view name) { names.insert_or_assign(name, entry{load::parameter, true}); }
    void read(node& n)
    {
        used.push_back(&n);
        if (!knows(n.name.text))
            names.emplace(n.name.text, entry{load::outside, false});
    }
    /// Gives each name that may be set its place.
    void lay_out(scope_names& to)
    {
        const auto give = [&](bool hidden) {
            for (auto& [name, e] : names)
                if (e.stored && (e.from == load::hidden) == hidden && to.all.size() < node::nowhere) {
                    e.place = static_cast<std::uint16_t>(to.all.size());
                    to.all.push_back(ref(name));
                }
        };
        give(true);
        to.hidden = to.all.size();
        give(false);
    }
    void resolve(node& n) const
    {
        std::uint16_t hops = 0;
        for (const auto* s = this;; s = s->parent, ++hops) {
            const auto at = s->names.find(n.name.text);
            const auto place = at == s->names.end() ? node::nowhere : at->second.place;
            if (place != node::nowhere || !s->parent) {
                n.hops = hops;
                n.place = place;
                return;
            }
        }
    }
};

enum class event : std::uint8_t { none, read, made };

// Whether a name is first read or first made, in the order of Jinja's own fields.
class first_event {
public:
    explicit first_event(std::string_view name) : name_(name) {}

    event of(const nodes& body) const
    {
        for (const auto* n : body)
            if (const auto e = of(n); e != event::none)
                return e;
        return event::none;
    }

private:
    template <class... Parts>
    static event either(Parts... parts)
    {
        auto found = event::none;
        void(((found = parts(), found != event::none) || ...));
        return found;
    }
    event target(const node& n) const
    {
        if (n.what == op::name && n.name.text == name_)
            return event::made;
        for (const auto* part : n.items)
            if (const auto e = target(*part); e != event::none)
                return e;
        return event::none;
    }
    event parameters(const node& n) const
    {
        for (const auto& p : n.named)
            if (p.name.text == name_)
                return event::made;
        for (const auto& p : n.named)
            if (const auto e = of(p.held); e != event::none)
                return e;
        return event::none;
    }
    event pairs(const node& n) const
    {
        for (const auto& pair : n.pairs)  // clang 14 captures no structured bindings
            if (const auto e = either([&] { return of(pair.first); }, [&] { return of(pair.second); }); e != event::none)
                return e;
        return event::none;
    }
    event of(const node* n) const
    {
        if (!n)
            return event::none;
        switch (n->what) {
            case op::name:
                return n->name.text == name_ ? event::read : event::none;
            case op::block:
                return event::none;
            case op::set:
            case op::set_block:
                return either([&] { return target(*n->a); }, [&] { return of(n->b); }, [&] { return of(n->items); });
            case op::loop:
                return either([&] { return target(*n->a); }, [&] { return of(n->b); }, [&] { return of(n->items); },
                              [&] { return of(n->others); }, [&] { return of(n->c); });
            case op::macro:
                return either([&] { return parameters(*n); }, [&] { return of(n->items); });
            case op::call_block:
                return either([&] { return of(n->a); }, [&] { return parameters(*n); }, [&] { return of(n->items); });
            case op::filter_block:
                return either([&] { return of(n->items); }, [&] { return of(n->b); });
            case op::with: {
                for (const auto& pair : n->pairs)
                    if (const auto e = target(*pair.first); e != event::none)
                        return e;
                for (const auto& pair : n->pairs)
                    if (const auto e = of(pair.second); e != event::none)
                        return e;
                return of(n->items);
            }
            case op::from_import:
                return of(n->a);
            default:
                break;
        }
        const auto named = [&] {
            for (const auto& p : n->named)
                if (const auto e = of(p.held); e != event::none)
                    return e;
            return event::none;
        };
        return either([&] { return of(n->a); }, [&] { return of(n->b); }, [&] { return of(n->c); }, [&] { return of(n->items); },
                      named, [&] { return pairs(*n); });
    }

    std::string_view name_;
};

bool reads(const nodes& body, std::string_view name) { return first_event(name).of(body) == event::read; }

bool holds_scoped_block(const nodes& body)
{
    return std::any_of(body.begin(), body.end(), [](const node* n) {
        if (!n)  // a bound that a slice leaves out
            return false;
        return (n->what == op::block && n->flag) || holds_scoped_block(n->items) || holds_scoped_block(n->others) ||
               std::any_of(n->pairs.begin(), n->pairs.end(),
                           [](const auto& pair) { return pair.second && holds_scoped_block(pair.second->items); });
    });
}

class walker {
public:
    explicit walker(program& p) : program_(p) {}

    void run()
    {
        symbols root;
        if (reads(program_.body, "self"))
            root.declare("self");
        scope(root, {}, program_.body, program_.outermost);
        for (auto* b : program_.blocks) {
            symbols block;
            for (const std::string_view name : {"self", "super"})
                if (reads(b->items, name))
                    block.declare(name);
            scope(block, {}, b->items, b->names);
        }
        program_.undeclared.assign(found_.begin(), found_.end());
    }

private:
    using inner = std::vector<node*>;

    // The names of a whole scope first, as the scopes inside it see them all; then those scopes.
    void scope(symbols& s, const std::vector<const node*>& before, const nodes& body, scope_names& names)
    {
        inner found;
        for (const auto* n : before)
            visit(s, n, found);
        visit(s, body, found);
        s.lay_out(names);
        for (auto* n : s.used)
            s.resolve(*n);
        for (const auto& [name, e] : s.names)
            if (e.from == load::outside && !find_function(name) && !program_.options.environment.function(name))
                found_.emplace(name);
        for (auto* n : found)
            enter(s, *n);
    }

    void enter(const symbols& around, node& n)
    {
        symbols s;
        s.parent = &around;
        switch (n.what) {
            case op::loop: {
                n.extended = n.flag || reads(n.items, "loop") || holds_scoped_block(n.items) || holds_scoped_block(n.others);
                symbols test = s, otherwise = s;
                declare(test, *n.a);
                scope(test, {n.c}, {}, n.names_test);
                if (n.extended)
                    s.declare("loop");
                declare(s, *n.a);
                scope(s, {}, n.items, n.names);
                scope(otherwise, {}, n.others, n.names_else);
                return;
            }
            case op::macro:
            case op::call_block: {
                std::vector<const node*> defaults;
                for (const auto& p : n.named) {
                    s.declare(p.name.text);
                    defaults.push_back(p.held);
                }
                for (const auto& extra : {std::pair{"caller", &n.wants_caller}, std::pair{"kwargs", &n.wants_kwargs},
                                          std::pair{"varargs", &n.wants_varargs}}) {
                    const std::string_view name = extra.first;
                    bool* wanted = extra.second;
                    const auto given =
                        std::find_if(n.named.begin(), n.named.end(), [&](const auto& p) { return p.name.text == name; });
                    if (!reads(n.items, name))
                        continue;
                    *wanted = given == n.named.end();
                    if (*wanted)
                        s.declare(name);
                    else if (name == "caller" && !given->held)
                        program_.source.refuse(n.offset, "a parameter called caller is left out or has a default");
                }
                scope(s, defaults, n.items, n.names);
                return;
            }
            case op::with:
                for (const auto& pair : n.pairs)
                    declare(s, *pair.first);
                scope(s, {}, n.items, n.names);
                return;
            case op::filter_block:
                scope(s, {n.b}, n.items, n.names);
                return;
            default:  // of a set block
                scope(s, {}, n.items, n.names);
                // Its filter is read in the scope of the block, but not looked for names in it.
                return;
        }
    }

    static void declare(symbols& s, node& target)
    {
        if (target.what == op::name) {
            s.declare(target.name.text);
            s.used.push_back(&target);
        }
        for (auto* part : target.items)
            declare(s, *part);
    }

    void store(symbols& s, std::string_view name)
    {
        if (s.store(name) && !branches_.empty())
            branches_.back().push_back(name);
    }
    void store(symbols& s, node& target)
    {
        if (target.what == op::name) {
            store(s, target.name.text);
            s.used.push_back(&target);
        } else if (target.what == op::attribute) {
            s.read(*target.a);
        }
        for (auto* part : target.items)
            store(s, *part);
    }

    void visit(symbols& s, const nodes& body, inner& scopes)
    {
        for (const auto* n : body)
            visit(s, n, scopes);
    }

    void visit(symbols& s, const node* read, inner& scopes)
    {
        if (!read)
            return;
        auto* n = const_cast<node*>(read);
        switch (n->what) {
            case op::name:
                return s.read(*n);
            case op::set:
                visit(s, n->b, scopes);
                return store(s, *n->a);
            case op::set_block:
                store(s, *n->a);
                break;
            case op::loop:
                visit(s, n->b, scopes);
                break;
            case op::macro:
                store(s, n->name.text);
                break;
            case op::call_block:
                visit(s, n->a, scopes);
                break;
            case op::filter_block:
                visit(s, n->b, scopes);
                break;
            case op::with:
                for (const auto& pair : n->pairs)
                    visit(s, pair.second, scopes);
                break;
            case op::block:
                return;
            case op::import:
                visit(s, n->a, scopes);
                return store(s, n->name.text);
            case op::from_import:
                visit(s, n->a, scopes);
                for (const auto& p : n->named)
                    store(s, p.held->name.text);
                return;
            case op::branch:
                return branch(s, *n, scopes);
            default:
                visit(s, n->a, scopes);
                visit(s, n->b, scopes);
                visit(s, n->c, scopes);
                visit(s, n->items, scopes);
                for (const auto& p : n->named)
                    visit(s, p.held, scopes);
                for (const auto& [key, held] : n->pairs) {
                    visit(s, key, scopes);
                    visit(s, held, scopes);
                }
                return;
        }
        scopes.push_back(n);
    }

    // A name that only a branch sets is the caller's, or that of a scope around, where the branch is not taken.
    void branch(symbols& s, const node& n, inner& scopes)
    {
        branches_.emplace_back();
        for (const auto& [condition, group] : n.pairs) {
            visit(s, condition, scopes);
            visit(s, group->items, scopes);
        }
        const auto made = std::move(branches_.back());
        branches_.pop_back();
        for (const auto name : made) {
            s.names.find(name)->second.from = s.unset(name);
            if (!branches_.empty())
                branches_.back().push_back(name);
        }
    }

    program& program_;
    std::vector<std::vector<std::string_view>> branches_{};  // the names that the branches being visited store first
    std::set<std::string, std::less<>> found_{};
};

}  // namespace

void find_scopes(program& p) { walker(p).run(); }

std::size_t first_use(const program& p, std::string_view name) noexcept
{
    std::size_t first = p.source.text().size();
    for (const auto& n : p.pool)
        if (n.what == op::name && n.name.text == name)
            first = std::min(first, n.offset);
    return first == p.source.text().size() ? 0 : first;
}

}  // namespace zincir::detail::jinja

#include "ast.hpp"
#include "builtins.hpp"

#include <algorithm>
#include <set>

namespace zincir::detail::jinja {
namespace {

// Names made so far, by scope; what is read beside them is the caller's.
class walker {
public:
    explicit walker(const program& p) : program_(p) {}

    std::vector<std::string> run()
    {
        scopes_.emplace_back();
        walk(program_.body);
        return {found_.begin(), found_.end()};
    }

private:
    using names = std::set<std::string_view>;

    bool made(std::string_view name) const
    {
        return std::any_of(scopes_.begin(), scopes_.end(), [&](const names& s) { return s.contains(name); });
    }
    void read(std::string_view name)
    {
        if (!made(name) && name != "self" && !find_function(name) && !program_.options.environment.function(name))
            found_.emplace(name);
    }
    void make(const node& target)
    {
        if (target.what == op::name)
            scopes_.back().insert(target.name.text);
        else if (target.what == op::attribute)
            walk(target.a);
        for (const auto* part : target.items)
            make(*part);
    }
    void walk(const nodes& body)
    {
        for (const auto* n : body)
            walk(n);
    }
    void scoped(const node& n, std::initializer_list<std::string_view> given, const nodes& body)
    {
        scopes_.emplace_back(given);
        for (const auto& p : n.named)
            scopes_.back().insert(p.name.text);
        walk(body);
        scopes_.pop_back();
    }
    void walk(const node* n)
    {
        if (!n)
            return;
        switch (n->what) {
            case op::name:
                read(n->name.text);
                return;
            case op::set:
                walk(n->b);
                make(*n->a);
                return;
            case op::set_block:
                walk(n->b);
                scoped(*n, {}, n->items);
                make(*n->a);
                return;
            case op::loop:
                walk(n->b);
                scopes_.emplace_back();
                make(*n->a);
                walk(n->c);
                scopes_.back().insert("loop");
                walk(n->items);
                scopes_.pop_back();
                scoped(*n, {}, n->others);
                return;
            case op::macro:
                scopes_.back().insert(n->name.text);
                defaults(*n);
                scoped(*n, {"varargs", "kwargs", "caller"}, n->items);
                return;
            case op::call_block:
                walk(n->a);
                defaults(*n);
                scoped(*n, {}, n->items);
                return;
            case op::with:
                for (const auto& pair : n->pairs)
                    walk(pair.second);
                scopes_.emplace_back();
                for (const auto& pair : n->pairs)
                    make(*pair.first);
                walk(n->items);
                scopes_.pop_back();
                return;
            case op::block:
                scoped(*n, {"super", "self"}, n->items);
                return;
            case op::import:
                walk(n->a);
                scopes_.back().insert(n->name.text);
                return;
            case op::from_import:
                walk(n->a);
                for (const auto& p : n->named)
                    scopes_.back().insert(p.held->name.text);
                return;
            case op::branch:
                branches(*n);
                return;
            default:
                break;
        }
        walk(n->a);
        walk(n->b);
        walk(n->c);
        walk(n->items);
        for (const auto& p : n->named)
            walk(p.held);
        for (const auto& [key, held] : n->pairs) {
            walk(key);
            walk(held);
        }
    }
    void defaults(const node& n)
    {
        for (const auto& p : n.named)
            walk(p.held);
    }
    // What only a branch makes, Jinja counts as read.
    void branches(const node& n)
    {
        const auto before = scopes_.back();
        auto all = before;
        for (const auto& [condition, group] : n.pairs) {
            walk(condition);
            scopes_.back() = before;
            walk(group->items);
            all.insert(scopes_.back().begin(), scopes_.back().end());
            scopes_.back() = before;
        }
        for (const auto& name : all)
            if (!before.contains(name))
                read(name);
        scopes_.back() = std::move(all);
    }

    const program& program_;
    std::vector<names> scopes_{};
    std::set<std::string, std::less<>> found_{};
};

}  // namespace

std::vector<std::string> undeclared(const program& p) { return walker(p).run(); }

std::size_t first_use(const program& p, std::string_view name) noexcept
{
    std::size_t first = p.source.text().size();
    for (const auto& n : p.pool)
        if (n.what == op::name && n.name.text == name)
            first = std::min(first, n.offset);
    return first == p.source.text().size() ? 0 : first;
}

}  // namespace zincir::detail::jinja

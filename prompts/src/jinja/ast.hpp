#pragma once

#include "../template_source.hpp"
#include "builtins.hpp"
#include "value.hpp"

#include <zincir/prompts/template_options.hpp>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zincir::detail::jinja {

enum class op : std::uint8_t {
    // expressions
    constant,
    name,
    list,
    tuple,
    dict,
    sum,
    concat,
    product,
    power,
    negate,
    plus,
    both,
    either,
    negation,
    compare,
    choose,
    attribute,
    item,
    slice,
    call,
    filter,
    test,
    // statements
    text,
    print,
    branch,
    loop,
    set,
    set_block,
    macro,
    call_block,
    filter_block,
    with,
    block,
    extends,
    include,
    import,
    from_import,
    evaluate,
    leave_loop,
    next_turn,
    group,
};

struct node;
using nodes = std::vector<node*>;

struct name_ref {
    std::string_view text{};
    std::uint32_t hash = 0;

    // A program's names have one text each: mostly the addresses tell.
    friend bool operator==(name_ref a, name_ref b) noexcept
    {
        return a.hash == b.hash && a.text.size() == b.text.size() && (a.text.data() == b.text.data() || a.text == b.text);
    }
};
/// The names that a scope may set, each at its place in the frames of the scope; first those that it hides from its beginning on.
struct scope_names {
    std::vector<name_ref> all{};
    std::size_t hidden = 0;
};
struct named_node {
    name_ref name{};
    node* held = nullptr;
};

struct node {
    op what = op::constant;
    bool flag = false;     // a test negated, a loop recursive, a block scoped, context given to an include, a member no dict hides
    bool lenient = false;  // an include's "ignore missing"
    bool pure = true;      // makes nothing that outlives it: calls nothing
    bool fixed = true;     // reads nothing and calls nothing: the same in every rendering
    std::uint16_t height = 1;
    std::uint32_t id = 0;  // of a name: its slot
    // Of a name: how many scopes further out the innermost one lies that may set it, and its place there. Where none does, the
    // outermost scope of the template or block and `nowhere`.
    std::uint16_t hops = unresolved;
    std::uint16_t place = nowhere;
    static constexpr std::uint16_t unresolved = UINT16_MAX, nowhere = UINT16_MAX;
    std::size_t offset = 0;
    std::size_t end = 0;  // of a print tag, in the text
    name_ref name{};
    value constant{};
    node *a = nullptr, *b = nullptr, *c = nullptr;
    nodes items{};
    nodes others{};                                // a loop's else
    std::string codes{};                           // the operators of a chain, one letter each
    std::vector<named_node> named{};               // keyword arguments, parameters, names of an import
    std::vector<std::pair<node*, node*>> pairs{};  // a dict, a with, the branches of an if by conditions (null: else) and groups
    const builtin_entry* builtin = nullptr;        // of a filter or test
    methods called{};                              // of an attribute
    const template_function* user_filter = nullptr;
    const template_test* user_test = nullptr;
    bool wants_varargs = false, wants_kwargs = false, wants_caller = false;  // of a macro
    bool extended = false;                                                   // a loop that gives its body "loop"
    bool outermost = false;    // a text or print that a parent's text replaces; a block below nothing but branches
    scope_names names{};       // of the scope that a statement makes: see frame
    scope_names names_test{};  // of a loop's condition
    scope_names names_else{};  // of a loop's else
};

/// A parsed template. Immutable; nodes hold views of its source and texts.
struct program {
    program(std::string_view text, const template_options& options, std::string where);
    /// The memory it holds, about.
    std::size_t bytes() const noexcept { return source.text().size() + pool.size() * (sizeof(node) + 64); }

    template_source source;
    template_options options;
    std::deque<node> pool{};
    std::deque<std::string> texts{};  // of literals that are not in the source as they are
    std::vector<name_ref> names{};    // by slot
    nodes body{};
    nodes blocks{};
    scope_names outermost{};
    std::vector<std::string> undeclared{};  // as jinja2.meta.find_undeclared_variables finds them; sorted
};

std::uint32_t hash_of(std::string_view name) noexcept;
name_ref ref(std::string_view name) noexcept;

/// Finds what each scope of a parsed template sets and reads, by the rules of jinja2.idtracking: `names`, `undeclared`, `extended`
/// and what a macro wants. Throws errc::invalid_template for a macro whose parameter "caller" has no default.
void find_scopes(program& p);
/// The first place where a name is read; 0 where it is not.
std::size_t first_use(const program& p, std::string_view name) noexcept;

}  // namespace zincir::detail::jinja

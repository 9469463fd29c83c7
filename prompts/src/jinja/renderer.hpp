#pragma once

#include "../scope.hpp"
#include "ast.hpp"
#include "builtins.hpp"
#include "heap.hpp"

#include <forward_list>
#include <map>

namespace zincir::detail::jinja {

enum class binding_state : std::uint8_t {
    unset,   // what the name means outside is seen
    hidden,  // not set yet, and what the name means outside is not seen
    local,
    exported  // to those who import the template
};
struct binding {
    value held{};
    binding_state state = binding_state::unset;
};

/// A level of names. A child sees its parent's. A name that a scope sets is hidden from the scope's beginning on, also where the
/// caller gave a value of that name; that holds for the scopes inside it, up to the boundary of a block or another template.
struct frame {
    frame* parent = nullptr;
    const scope_names* names = nullptr;
    binding* items = nullptr;  // one for each name
    std::size_t capacity = 0;
    bool captured = false;  // a macro made here may outlive it
    bool boundary = false;
};

/// One template in one rendering: the values of its outer names, once looked up.
struct unit {
    const program* code = nullptr;
    value* slots = nullptr;
    bool* known = nullptr;
    frame* root = nullptr;
    bool sees_values = true;
};

struct namespace_object : object {
    dict_data* members;
};
struct macro_object : object {
    const node* code;
    frame* closure;
    unit* home;
    std::string_view name;
};
/// Its items are looked at one after the other, as the body may change what its condition depends on.
struct loop_object : object {
    value all;
    const node* code;
    frame* outer;
    unit* home;
    list_data* passed;  // of a loop with a condition: the items that fulfil it, so far
    std::size_t next;   // of a loop with a condition: the first item not looked at
    std::size_t index;
    std::size_t length;  // asked for once; npos: not yet
    std::size_t depth;
    value* last;  // of changed()
};
struct cycler_object : object {
    list_data* items;
    std::size_t at;
};
struct joiner_object : object {
    std::string_view between;
    bool used;
};
struct method_object : object {
    const builtin_entry* entry;
    value self;
};
struct function_object : object {
    const builtin_entry* entry;
};
struct user_function_object : object {
    const template_function* run;
    std::string_view name;
};
struct block_object : object {
    std::string_view name;
    std::size_t level;
    frame* around;
};
struct module_object : object {
    frame* names;  // the innermost of the template's and its parents'
    frame* outermost;
    std::string_view text;
    std::string_view name;
};

/// Renders a program once.
class renderer {
public:
    renderer(const program& p, std::string& out, scope& given);
    void run();

    // for the built-in functions
    work_meter meter;
    heap memory;
    [[noreturn]] void fail(std::string_view what, errc code = errc::invalid_argument) const;
    void step(std::size_t n = 1) { meter.steps(n); }
    /// For work on that many bytes.
    void work(std::size_t bytes) { meter.bytes(bytes); }
    /// A text to be made, within the limits.
    text_maker make_text() { return text_maker(memory, meter); }
    /// The first `part` in `in` from `from` on, or npos; the last one. As string_view's find, whose worst case is the product of
    /// both sizes: each place that looks right at first counts as work.
    std::size_t search(std::string_view in, std::string_view part, std::size_t from = 0);
    std::size_t search_back(std::string_view in, std::string_view part);
    /// `text` is as long as `part`, at least.
    bool begins_with(std::string_view text, std::string_view part);
    const template_options& options() const noexcept { return main_.options; }
    /// Python's str() and repr().
    void append_str(std::string& to, const value& v);
    void append_repr(std::string& to, const value& v, unsigned depth = 0, bool ascii_only = false);
    /// A limit's error for a text in the making, which may be the output.
    void check_room(const std::string& to) const;
    void append_quoted(std::string& to, std::string_view text, bool ascii_only = false);
    std::string_view str(const value& v);
    value text(std::string_view made) { return memory.copy(made); }
    /// A text made of another one, which is safe where that one is.
    value like(const value& subject, std::string_view made)
    {
        return subject.is_markup() ? value::markup(memory.copy(made)) : text(made);
    }
    value like(const value& subject, text_maker& made)
    {
        const auto text = made.finish();
        return subject.is_markup() ? value::markup(text) : value(text);
    }
    /// A text as it stands in a safe one: escaped where it is not safe itself.
    std::string_view escaped(const value& v);
    bool same(const value& a, const value& b) { return equal(a, b, meter); }
    /// An error for what can be no key.
    const value& key(const value& v);
    /// An error for a member of what is not there.
    [[noreturn]] void use_member(const value& of, std::string_view name) const;
    /// Something with elements by count() and item(): of a text, its characters. An error for what is not iterable.
    value sequence(const value& v);
    std::size_t length(const value& v);
    value attribute(const value& of, std::string_view name);
    value at_index(const value& of, const value& key);
    value call(const value& callee, std::span<const value> positional, std::span<const named_value> named);
    value run_filter(std::string_view name, std::span<const value> positional, std::span<const named_value> named);
    bool run_test(std::string_view name, std::span<const value> positional, std::span<const named_value> named);
    value arithmetic(char code, const value& a, const value& b);
    bool compare_by(char code, const value& a, const value& b);
    int ordered(const value& a, const value& b);
    bool contains(const value& in, const value& what);
    /// An error where the policy says that nothing may be read from it.
    void use(const value& v) const;
    /// Of a condition: what is missing has no truth where the policy is error, as with Jinja's StrictUndefined.
    bool truth(const value& v) const
    {
        if (v.is_undefined())
            use(v);
        return truthy(v);
    }
    std::int64_t integer(const value& v, std::string_view what) const;
    std::string_view text_of(const value& v, std::string_view what) const;
    value keep(json::value made);
    json::value to_json(const value& v);

private:
    enum class flow { on, leave, next };
    struct kept {};  // undefined_policy::keep: the tag being printed is written as it is

    // expressions
    value eval(const node& n);
    value eval_compound(const node& n);
    value eval_name(const node& n)
    {
        if (n.place != node::nowhere) {
            const auto* f = frame_;
            for (auto hops = n.hops; hops > 0; --hops)
                f = f->parent;
            if (const auto& b = f->items[n.place]; b.state > binding_state::hidden)
                return b.held;
        }
        return eval_distant(n);
    }
    value eval_distant(const node& n);
    value eval_method_call(const node& n);
    value attribute(const value& of, std::string_view name, const methods& called);
    static const builtin_entry* method_of(const value& of, std::string_view name, const methods& called);
    value eval_chain(const node& n);
    value negative(const value& v);
    value eval_concat(const node& n);
    value eval_compare(const node& n);
    value eval_dict(const node& n);
    value eval_list(const node& n);
    value eval_slice(const node& n);
    value eval_call(const node& n);
    value eval_filter(const node& n, const value* subject);
    value eval_test(const node& n);
    value slice_of(const value& v, const value* start, const value* stop, const value* step_by);
    struct gathered {
        std::span<const value> positional;
        std::span<const named_value> named;
    };
    /// The arguments of a call, behind its subject. Valid as long as the subject.
    gathered gather(const node& n, const value* subject);
    enum class call_kind { filter, test, method, function };
    value bound_call(const builtin_entry& e, std::span<const value> positional, std::span<const named_value> named, call_kind what);
    void bind_by_name(const builtin_entry& e, call_of& c, call_kind what) const;
    value user_call(const template_function& f, std::string_view name, std::span<const value> positional,
                    std::span<const named_value> named);
    value real_arithmetic(char code, double x, double y) const;
    value outer(const node& n);
    const value* local(const frame* from, name_ref name, bool hides);
    value from_given(const prompt_value& v);
    value member_of_object(const value& of, std::string_view name, bool& found);
    value loop_member(loop_object& l, std::string_view name, bool& found);
    value block_of(std::string_view name, std::size_t level, frame* around);
    const binding* exported(const module_object& m, std::string_view name) const noexcept;

    // statements
    flow exec(const nodes& body);
    flow exec(const node& n);
    void print(const node& n);
    void print_value(const value& v, const node& n);
    void print_chain(const node& sum);
    void put(std::string_view text);
    flow exec_loop(const node& n);
    flow run_loop(const node& n, const value& items, std::size_t depth, frame* outside);
    bool has_item(loop_object& l, std::size_t index);
    value loop_item(const loop_object& l, std::size_t index) const;
    std::size_t loop_length(loop_object& l);
    flow exec_set_block(const node& n);
    flow exec_filter_block(const node& n);
    flow exec_with(const node& n);
    void exec_from_import(const node& n);
    void assign(const node& target, const value& v);
    /// The place of a name that the scope of frame_ sets. `likely` is looked at first.
    binding& own(name_ref name, std::size_t likely = 0)
    {
        const auto& all = frame_->names->all;
        return likely < all.size() && all[likely] == name ? frame_->items[likely] : searched(name);
    }
    binding& searched(name_ref name);
    binding& set(name_ref name, const value& v, binding_state state = binding_state::exported) { return own(name) = {v, state}; }
    static void begin(frame& f);
    frame* push(const scope_names& names, frame* parent, bool boundary = false);
    void pop(frame* f, frame* back);
    value macro_of(const node& n, std::string_view name);
    void run_macro(const macro_object& m, std::span<const value> positional, std::span<const named_value> named);
    /// What `f` writes, as a text.
    template <class F>
    value captured(F f)
    {
        const auto begin = out_.size();
        f();
        const auto made = memory.copy(std::string_view(out_).substr(begin));
        out_.resize(begin);
        return main_.options.escape_html ? value::markup(made) : value(made);
    }
    void exec_call_block(const node& n);
    void exec_block(std::string_view name, std::size_t level, frame* around);
    struct outside_state;
    void exec_extends(const node& n);
    void exec_include(const node& n);
    value exec_import(const node& n);
    const program* load(const value& name, bool lenient);
    unit* instance(const program& p, frame* around, bool boundary, bool sees_values);
    void add_blocks(unit& u);
    void run_root(unit& u);
    [[noreturn]] void missing_value(const value& v) const;
    [[noreturn]] void too_long() const;
    json::value json_of(const value& v, unsigned depth);
    struct deeper {
        explicit deeper(renderer& r);
        ~deeper() { --depth; }
        deeper(const deeper&) = delete;
        deeper& operator=(const deeper&) = delete;
        std::size_t& depth;
    };
    void guard_stack() const
    {
        // Of native stack: what a chain of macros in nested expressions may take of a thread's, which may have half a megabyte.
        constexpr std::ptrdiff_t most = std::ptrdiff_t{320} << 10;
        const auto used = stack_ - static_cast<const char*>(__builtin_frame_address(0));
        if (used > most || used < -most)
            too_deep();
    }
    [[noreturn]] void too_deep() const;

    const program& main_;
    std::string& out_;
    scope& given_;
    std::size_t start_;
    std::size_t max_output_;
    std::size_t depth_ = 0;
    std::size_t max_depth_;
    const char* stack_;
    const node* at_ = nullptr;
    std::size_t lasting_ = 0;  // how often something was made that outlives the tag being printed
    std::size_t handed_ = 0;   // bytes of what a function of the user's is about to be given
    bool printing_ = false;
    unit* unit_ = nullptr;
    frame* frame_ = nullptr;
    frame* spare_ = nullptr;
    frame* context_ = nullptr;  // what a block sees: the names of the template and its parents, or those around a scoped block
    unit* parent_ = nullptr;    // of {% extends %}, to be rendered next
    std::size_t blocks_off_ = 0;
    struct block_ref {
        const node* code;
        unit* home;
    };
    std::map<std::string_view, std::vector<block_ref>> blocks_{};
    std::map<std::string, std::unique_ptr<const program>, std::less<>> loaded_{};
    // Not in `memory`: what a rendering looked up once stays when a tag's values go.
    std::forward_list<json::value> documents_{};
    std::forward_list<user_function_object> user_functions_{};
};

}  // namespace zincir::detail::jinja

#pragma once

#include "ast.hpp"
#include "lexer.hpp"

#include <map>

namespace zincir::detail::jinja {

/// Reads the tokens of one template into a program. Throws errc::invalid_template, and errc::limit_exceeded for nesting.
class parser {
public:
    explicit parser(program& p);
    void run();

private:
    // expressions
    node* expression() { return choice(); }
    node* choice();
    node* either();
    node* both();
    node* negation();
    node* comparison();
    node* sum();
    node* concat();
    node* product();
    node* power();
    node* unary(bool with_filters);
    node* primary();
    node* postfix(node* left);
    node* filters(node* left);
    node* one_filter(node* left);
    node* one_test(node* left);
    node* subscript(node* left);
    node* subscript_part();
    node* call(node* left);
    void arguments(node& n);
    node* tuple(bool parenthesized, bool simple = false, std::string_view stop = {});
    node* list_literal();
    node* dict_literal();
    node* text_literal();
    node* number();
    node* chain(op what, node* (parser::*part)(), char (parser::*code)());
    char sum_code();
    char product_code();
    char concat_code();
    char power_code();
    char compare_code();

    // statements
    nodes body(std::initializer_list<std::string_view> ends, const token& opener, std::string_view what);
    void statement(nodes& into);
    node* print_tag();
    node* for_tag(const token& at);
    node* if_tag(const token& at);
    node* set_tag(const token& at);
    node* macro_tag(const token& at);
    node* call_tag(const token& at);
    node* filter_tag(const token& at);
    node* with_tag(const token& at);
    node* block_tag(const token& at);
    node* extends_tag(const token& at);
    node* include_tag(const token& at);
    node* import_tag(const token& at);
    node* from_tag(const token& at);
    enum class target_of { loop, set, with, inside };
    node* target(target_of what);
    node* plain_name(const token& t);
    enum class scope_of { part, value, function };
    nodes scope_body(std::string_view end, const token& opener, std::string_view what, scope_of kind);
    void parameters(node& n);
    void context_words(node& n, bool standard);
    void resolve(node& n, bool filter);
    void settle(std::size_t from);
    token dotted(token first, std::string_view what);
    void data(nodes& into);

    // tokens
    const token& now() const { return tokens_[at_]; }
    const token& ahead(std::size_t n = 1) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
    token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
    bool accept(std::string_view mark) { return now().is(mark) && (take(), true); }
    bool accept_name(std::string_view word) { return now().is_name(word) && (take(), true); }
    void expect(std::string_view mark);
    token expect_name(std::string_view what);
    void end_of_block();
    void begin_body();
    std::string shown(const token& t) const;
    [[noreturn]] void refuse(const token& at, std::string_view what) const { program_.source.refuse(at.offset, what); }
    node* make(op what, const token& at);
    node* reading(const token& at);
    /// Counts the height of a finished node, and whether it is pure.
    node* done(node* n);
    std::uint32_t slot(name_ref name);

    struct nesting {
        explicit nesting(parser& p) : depth(p.depth_) { p.enter(); }
        ~nesting() { --depth; }
        nesting(const nesting&) = delete;
        nesting& operator=(const nesting&) = delete;
        std::size_t& depth;
    };
    void enter();

    program& program_;
    std::vector<token> tokens_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t max_depth_;
    std::size_t loops_ = 0;
    std::size_t fors_ = 0;   // that the text is in, whatever lies between
    std::size_t inner_ = 0;  // scopes that the text is in, beside the outermost
    std::size_t apart_ = 0;  // of them, those whose text is a value or a block
    // Of filters and tests that nobody knows. In a branch or an inline if such a one is an error when it is reached, else at once.
    std::vector<const node*> unknown_{};
    std::map<std::string_view, std::uint32_t> slots_{};
    std::map<std::string_view, bool> blocks_{};
};

}  // namespace zincir::detail::jinja

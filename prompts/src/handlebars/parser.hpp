#pragma once

#include "program.hpp"

#include <optional>
#include <string>

namespace zincir::detail::handlebars {

/// Reads a text into a program. Recursion goes as deep as the nesting of blocks, which has a limit.
class parser {
public:
    parser(program& into, std::size_t max_depth) : into_(into), source_(into.source_), text_(source_.text()), max_depth_(max_depth)
    {}
    void run();

private:
    struct tag {
        std::size_t begin = 0;
        std::size_t end = 0;
        char sigil = 0;  // one of # ^ / > ! &, 'e' for else, or 0
        std::string_view content{};
        std::vector<std::string_view> words{};
        bool strips_before = false, strips_behind = false;
    };
    /// How deep a tag stands: in all blocks, and in those that change what names stand for.
    struct depth {
        std::size_t blocks = 0;
        std::size_t contexts = 0;
        std::vector<std::string_view> own{};  // names of `as |…|`
    };

    /// Reads up to the tag that ends or divides the block, which it returns; nothing at the end of the text.
    std::optional<tag> read_body(std::vector<node>& out, const depth& at);
    std::optional<tag> next_tag(std::vector<node>& out);
    tag read_tag(std::size_t open);
    void split_words(tag& t) const;
    void consume(std::vector<node>& out, const tag& t);
    void add_text(std::vector<node>& out, std::size_t begin, std::size_t end);
    void add_value(std::vector<node>& out, const tag& t, const depth& at);
    void add_partial(std::vector<node>& out, const tag& t, const depth& at);
    /// Returns the tag that closed it.
    void add_block(std::vector<node>& out, const tag& t, const depth& at);
    void read_block(node& made, const tag& t, const depth& at, std::string_view name);
    void read_otherwise(node& made, const tag& divider, const tag& opener, const depth& at, std::string_view name);
    void take_own_names(node& made, tag& t) const;
    operand read_operand(std::string_view word, const tag& t, const depth& at);
    path read_path(std::string_view word, const tag& t, const depth& at);
    [[noreturn]] void refuse(const tag& t, const std::string& what) const { source_.refuse(t.begin, what); }

    program& into_;
    const template_source& source_;
    std::string_view text_;
    std::size_t max_depth_;
    std::size_t done_ = 0;  // the text before is in the program
    bool strips_ = false;   // the text behind done_ loses its blanks
};

}  // namespace zincir::detail::handlebars

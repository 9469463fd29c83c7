#pragma once

#include "program.hpp"

#include <optional>
#include <string>

namespace zincir::detail::mustache {

/// Reads a text into a program, once, in linear time and without recursion. Tags that are alone on their line take the line with
/// them; the rules of that are the mustache specification's (version 1.4).
class parser {
public:
    parser(program& into, std::size_t max_depth, delimiters first);
    void run();

private:
    struct tag {
        std::size_t begin = 0;
        std::size_t end = 0;
        char sigil = 0;  // one of # ^ / > < $ { & = !, or 0
        std::string_view content;
    };
    struct open_tag {
        std::uint32_t index;  // its instruction
        std::size_t begin;
        std::string_view name;
        bool dynamic;
        std::uint32_t blanks;      // parent: the instruction that writes the blanks before it, or nowhere
        std::uint32_t last_block;  // parent: the last argument so far, or nowhere
        bool argument;             // block: directly inside a parent
    };
    /// Where the lines around a tag begin and end.
    struct surroundings {
        std::size_t blanks = 0;  // where the blanks before the tag begin; the tag's own begin where a line does not begin so
        bool clean_before = false;
        std::size_t resume = 0;  // behind the line's end; the tag's own end where more stands on the line
        bool clean_after = false;
        bool standalone() const noexcept { return clean_before && clean_after; }
    };

    std::optional<tag> next_tag() const;
    tag read_tag(std::size_t open) const;
    std::size_t closing(std::string_view mark, std::size_t from, std::size_t open) const;
    surroundings look_around(const tag& t) const;

    void add_tag(const tag& t);
    void add_text(std::size_t begin, std::size_t end);
    void add_variable(const tag& t);
    void add_section(const tag& t, const surroundings& s);
    void add_partial(const tag& t, const surroundings& s);
    void add_parent(const tag& t, const surroundings& s);
    void add_block(const tag& t, const surroundings& s);
    void close(const tag& t, const surroundings& s);
    void close_section(const open_tag& o, const tag& t, const surroundings& s);
    void close_parent(const open_tag& o, const tag& t, const surroundings& s);
    void close_block(const open_tag& o, const tag& t, const surroundings& s);
    void set_delimiters(const tag& t);

    instruction& push(op what, const tag& t, bool starts_line);
    tag_info& push_info(instruction& i);
    void push_path(instruction& i, std::string_view name, const tag& t);
    void push_name(instruction& i, std::string_view name, const tag& t);
    void open(const tag& t, std::string_view name, bool dynamic);
    void note_variable(std::string_view name, std::size_t offset);
    /// Writes the text up to the tag, and goes on behind it: of a standalone tag, without its line.
    void consume(const tag& t, const surroundings& s, bool standalone);
    bool line_begins(std::size_t offset) const noexcept { return offset == 0 || text_[offset - 1] == '\n'; }

    program& into_;
    const template_source& source_;
    std::string_view text_;
    std::size_t max_depth_;
    delimiters now_;
    std::string raw_close_;  // "}" and the right delimiter
    std::string set_close_;  // "=" and the right delimiter
    std::size_t done_ = 0;   // the text before is in the program
    std::size_t sections_ = 0;
    std::vector<open_tag> open_;
};

}  // namespace zincir::detail::mustache

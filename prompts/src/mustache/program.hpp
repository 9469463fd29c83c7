#pragma once

#include "../template_source.hpp"

#include <zincir/prompts/template_options.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace zincir::detail::mustache {

struct delimiters {
    std::string_view left = "{{";
    std::string_view right = "}}";
};

enum class op : std::uint8_t {
    text,
    variable,
    section,
    inverted,
    end_section,
    line,  // nothing but the indentation of the line that begins here
    partial,
    parent,
    block,
    end_block,
    finish,
};

/// Names are `parts` entries of the program's names from `path` on; none stand for `.`, the current value.
struct instruction {
    op what = op::text;
    bool starts_line = false;  // of the source, and the line is not removed with its tag
    bool escapes = false;      // a variable's text, where the options want it
    bool dynamic = false;      // a partial or parent whose name is a variable's value
    std::uint32_t parts = 0;
    std::uint32_t begin = 0;  // text: what to write; else the tag, for errors and undefined_policy::keep
    std::uint32_t end = 0;
    std::uint32_t path = 0;
    std::uint32_t info = 0;  // section, inverted, partial, parent, block: its tag_info
};

constexpr std::uint32_t nowhere = UINT32_MAX;

/// What only some tags have. Offsets are the source's, indexes are instructions.
struct tag_info {
    std::uint32_t next = 0;                          // the instruction behind its end
    std::uint32_t body_begin = 0, body_end = 0;      // the text inside, as a lambda gets it
    std::uint32_t indent_begin = 0, indent_end = 0;  // the blanks that its lines get
    std::uint32_t tag_end = 0;                       // of a partial or, with all that is inside, a parent
    std::uint32_t delimiters = 0;
    std::uint32_t dedent = 0;             // block as an argument: blanks that its lines lose
    std::uint32_t first_block = nowhere;  // parent: its arguments, linked
    std::uint32_t next_block = nowhere;
    bool standalone = false;  // alone on its line, which is removed with it
    bool fresh = false;       // block: its text begins a line of its own
};

/// A parsed text. Immutable; neither moves nor copies, as its names are views of its own text.
class program {
public:
    struct variable {
        std::string_view name;
        std::uint32_t offset;
    };

    /// Throws errc::invalid_template, with the place, and errc::limit_exceeded for a text or a nesting beyond options.limits.
    program(std::string_view text, const template_options& options, std::string where = {}, delimiters first = delimiters());
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    const template_source& source() const noexcept { return source_; }
    const instruction& at(std::uint32_t index) const noexcept { return code_[index]; }
    const tag_info& info(const instruction& i) const noexcept { return infos_[i.info]; }
    std::span<const std::string_view> names(const instruction& i) const noexcept { return {names_.data() + i.path, i.parts}; }
    /// The whole name as written, with its dots.
    std::string_view full_name(const instruction& i) const noexcept;
    std::string_view slice(std::uint32_t begin, std::uint32_t end) const noexcept
    {
        return source_.text().substr(begin, end - begin);
    }
    delimiters delimiters_of(const tag_info& info) const noexcept { return delimiters_[info.delimiters]; }
    bool starts_line(std::uint32_t offset) const noexcept { return offset == 0 || source_.text()[offset - 1] == '\n'; }
    /// First names outside of sections, in the order of the text.
    const std::vector<variable>& variables() const noexcept { return variables_; }
    /// The memory it holds.
    std::size_t bytes() const noexcept;

private:
    friend class parser;

    template_source source_;
    std::vector<instruction> code_;
    std::vector<tag_info> infos_;
    std::vector<std::string_view> names_;
    std::vector<delimiters> delimiters_;
    std::vector<variable> variables_;
};

}  // namespace zincir::detail::mustache

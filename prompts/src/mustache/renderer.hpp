#pragma once

#include "program.hpp"
#include "value_view.hpp"

#include <boost/container/small_vector.hpp>

#include <map>
#include <memory>
#include <string>

namespace zincir::detail::mustache {

/// One rendering: a loop over the instructions of the program and of what it calls, with stacks of its own, so that no template
/// grows the thread's. Takes memory for its output, for texts that a loader or lambda gives, and for deep nesting.
class renderer {
public:
    renderer(const program& main, const template_options& options, scope& given, std::string& out);
    void run();

private:
    struct loop {
        value_view list;  // missing for a value that is none
        std::size_t next;
    };
    /// What the blocks inside a parent give it. `outer` is who gave to the text the parent stands in.
    struct arguments {
        const program* code;
        std::uint32_t first_block;
        std::size_t outer;
    };
    /// Indentation of the lines of a text: a part of indents_; the blanks that they lose before.
    struct margin {
        std::size_t begin = 0;
        std::size_t size = 0;
        std::size_t dedent = 0;
        bool own = false;  // the last part of indents_, which goes with the text
    };
    struct call {
        const program* code;  // of the caller; null for the end
        std::uint32_t back;   // where the caller goes on
        std::uint32_t tag;    // its tag, for errors
        margin lines;
        std::size_t given;            // the caller's arguments
        std::size_t arguments;        // of arguments_, then
        std::size_t made;             // of made_, then
        std::size_t escape_from = 0;  // in the output
        bool escapes = false;
    };
    static constexpr std::size_t none = SIZE_MAX;

    bool step(const instruction& i);
    void charge(std::size_t steps);
    void jump(std::uint32_t index) noexcept { next_ = index; }

    void write_variable(const instruction& i);
    void begin_section(const instruction& i);
    void end_section(const instruction& i);
    void include(const instruction& i);
    void fill_block(const instruction& i);
    void call_lambda(const template_lambda& f, const instruction& i, std::string_view text, delimiters marks);
    void enter(const program& code, std::uint32_t first, std::uint32_t back, margin lines);
    bool leave();
    /// What the text of now was given for a block of that name, and by whom; `nowhere` where it was given nothing.
    std::uint32_t find_argument(std::string_view name, arguments& owner);
    margin indented(const tag_info& info);

    value_view resolve(const instruction& i);
    value_view first(std::string_view name);
    const program* load(std::string_view name);
    std::unique_ptr<const program> compile(std::string_view text, std::string name, delimiters marks);
    void hold(std::size_t bytes);

    void write(std::string_view text);
    void write_escaped(std::string_view text);
    void write_text(std::string_view text, bool escapes) { escapes ? write_escaped(text) : write(text); }
    void write_lines(const instruction& i);
    void write_value(const value_view& v, bool escapes);
    void write_json(const json::value& v, bool escapes);
    void write_root(const values& all, bool escapes);
    void begin_line();
    void escape_tail(std::size_t from);
    void set_margin(margin lines) noexcept;

    [[noreturn]] void fail(errc code, std::string_view what) const;
    [[noreturn]] void fail_missing(const instruction& i);
    /// Where the text of now is used, and the one that uses it, and so on.
    std::string trace() const;

    const template_options& options_;
    scope& given_;
    std::string& out_;
    const std::size_t start_;
    const program* code_;
    std::uint32_t next_ = 0;
    std::uint32_t tag_ = 0;  // where in the source the instruction of now stands
    std::size_t steps_ = 0;
    std::size_t held_ = 0;  // bytes of loaded and made texts
    margin lines_{};
    bool framed_ = false;       // lines_ matters, or the next line begins behind something
    bool within_line_ = false;  // the next line begins behind something: without indentation
    std::size_t level_ = none;  // of arguments_: who gives to the text of now
    boost::container::small_vector<value_view, 16> contexts_{};
    boost::container::small_vector<loop, 8> loops_{};
    boost::container::small_vector<call, 4> calls_{};
    boost::container::small_vector<arguments, 4> arguments_{};
    std::string indents_{};
    std::map<std::string, std::unique_ptr<const program>, std::less<>> loaded_{};  // null where there is none
    std::vector<std::unique_ptr<const program>> made_{};                           // by lambdas, while they are rendered
};

}  // namespace zincir::detail::mustache

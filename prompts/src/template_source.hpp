#pragma once

#include <zincir/core/error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace zincir {
struct template_options;
}

namespace zincir::detail {

/// The text of a template as errors show it. Immutable; kept by the program, for the errors of a rendering.
class template_source {
public:
    /// `where` is put before the place, such as "message 1 (user)"; may be empty. Throws errc::invalid_template for a text that is
    /// not UTF-8 (the offset of the byte named) or beyond its limit.
    template_source(std::string_view text, const template_options& options, std::string where = {});

    std::string_view text() const noexcept { return text_; }
    const std::string& name() const noexcept { return name_; }

    /// In what the text was taken from: see template_options::first_line.
    struct position {
        std::size_t line = 1;
        std::size_t column = 1;  // in code points
    };
    /// Linear in `offset`: for errors, not for parsing.
    position at(std::size_t offset) const;
    /// "template "greeting", message 1 (user), line 1, column 5".
    std::string describe(std::size_t offset) const;
    /// An error whose message is the place, `what`, and an excerpt with a caret below it.
    error fault(errc code, std::size_t offset, std::string_view what) const;
    [[noreturn]] void refuse(std::size_t offset, std::string_view what) const { throw fault(errc::invalid_template, offset, what); }

private:
    std::string text_;
    std::string name_;
    std::string where_;
    position first_;
};

}  // namespace zincir::detail

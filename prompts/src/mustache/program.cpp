#include "program.hpp"

#include "parser.hpp"

namespace zincir::detail::mustache {

program::program(std::string_view text, const template_options& options, std::string where, delimiters first)
    : source_(text, options, std::move(where))
{
    if (text.size() >= nowhere)
        throw source_.fault(errc::limit_exceeded, 0, "a mustache template has less than 4 GiB");
    parser(*this, options.limits.depth, first).run();
}

std::string_view program::full_name(const instruction& i) const noexcept
{
    const auto parts = names(i);
    if (parts.empty())
        return ".";
    return {parts.front().data(), static_cast<std::size_t>(parts.back().data() + parts.back().size() - parts.front().data())};
}

std::size_t program::bytes() const noexcept
{
    return sizeof(*this) + source_.text().size() + code_.capacity() * sizeof(instruction) + infos_.capacity() * sizeof(tag_info) +
           names_.capacity() * sizeof(std::string_view) + delimiters_.capacity() * sizeof(delimiters) +
           variables_.capacity() * sizeof(variable);
}

}  // namespace zincir::detail::mustache

#include <zincir/core/detail/nearest_name.hpp>

namespace zincir::detail {
namespace {

// U+0300 to U+036F.
bool has_combining_mark(std::string_view name)
{
    for (std::size_t i = 0; i + 1 < name.size(); ++i) {
        const auto lead = static_cast<unsigned char>(name[i]);
        if (lead == 0xCC || (lead == 0xCD && static_cast<unsigned char>(name[i + 1]) < 0xB0))
            return true;
    }
    return false;
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& names)
{
    const auto at = nearest_index(name, names);
    return at < names.size() ? names[at] : std::string();
}

std::string suggestion_text(std::string_view name, std::string_view near)
{
    if (near.empty())
        return "";
    auto text = "; did you mean \"" + std::string(near) + "\"?";
    if (has_combining_mark(name) != has_combining_mark(near))
        text += " (one of the two has its letters as a letter and a combining mark: names are compared byte by byte)";
    return text;
}

}  // namespace zincir::detail

#include <zincir/core/detail/nearest_name.hpp>

namespace zincir::detail {

std::string nearest_name(std::string_view name, const std::vector<std::string>& names)
{
    const auto at = nearest_index(name, names);
    return at < names.size() ? names[at] : std::string();
}

}  // namespace zincir::detail

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace zincir::detail {

/// The value of the quoted YAML scalar in `text` whose node begins at `at`, maybe by a tag or an anchor; nothing where it is
/// another scalar. Follows YAML 1.2.2, §5.7, §6.5, §7.3.1 and §7.3.2. The text is known to be valid YAML. yaml-cpp 0.7 loses the
/// line breaks at the end of such a scalar, which is how PyYAML writes a text that ends with empty lines, and makes bytes that are
/// not UTF-8 of "\N" and "\_".
std::optional<std::string> quoted_scalar(std::string_view text, std::size_t at);

}  // namespace zincir::detail

#pragma once

#include <cstddef>
#include <string_view>

namespace zincir::detail {

/// The offset of the first byte that is not UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF), or npos.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

}  // namespace zincir::detail

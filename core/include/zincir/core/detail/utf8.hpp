#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace zincir::detail {

/// The offset of the first byte that is not UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF), or npos.
std::size_t find_invalid_utf8(std::string_view text) noexcept;
/// `text` with U+FFFD in the place of each byte that is not UTF-8: for what errors show of a text from outside.
std::string to_valid_utf8(std::string_view text);

}  // namespace zincir::detail

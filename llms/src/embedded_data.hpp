#pragma once

#include <string_view>

// The files of llms/data, put into the library when it is built.

namespace zincir::detail {

std::string_view embedded_profiles() noexcept;
std::string_view embedded_models() noexcept;

}  // namespace zincir::detail

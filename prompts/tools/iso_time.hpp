#pragma once

#include <chrono>
#include <string>

namespace zincir_render {

/// ISO 8601: 2026-11-24, 2026-11-24T09:30, 2026-11-24T09:30:15Z, 2026-11-24 09:30:15.25+03:00; UTC where it does not say. Fractions
/// of a second are dropped. Throws errc::invalid_argument.
std::chrono::system_clock::time_point read_iso_time(const std::string& text);

}  // namespace zincir_render

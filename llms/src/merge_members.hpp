#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace zincir::detail {

/// The JSON object `text` with `more` laid over it: where both have an object the members merge, everything else is replaced, null
/// included. What `more` does not name keeps its text to the byte, so that numbers stay as they were written. `text` is trusted:
/// compact, valid, no member twice.
std::string merge_members(std::string_view text, const boost::json::object& more);

}  // namespace zincir::detail

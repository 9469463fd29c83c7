#pragma once

#include "driver.hpp"

#include <zincir/prompts/template_options.hpp>

namespace conformance {

/// Mustache as prompts use it: what is missing is empty, nothing is escaped.
zincir::template_options mustache_options();
/// Renders input["template"] with input["partials"], if any. A skip where Python's wording of a value would be asked for.
json::value render_mustache(const json::object& input, const json::value& data);
/// The same data with each boolean a number of the same truth: what is written differently is Python's wording.
json::value without_booleans(const json::value& data);

}  // namespace conformance

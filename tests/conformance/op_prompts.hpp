#pragma once

#include "driver.hpp"

#include <zincir/prompts/template_options.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace conformance {

[[noreturn]] void refuse(const std::string& why);

/// Python's str() of None, booleans and containers is no wording for a prompt: ours are JSON's. A skip where such a value is given.
void check_values(const json::object& vars);
/// Only what a template uses matters: surplus values are ignored by both.
json::object used(const json::object& vars, const std::vector<std::string>& names);

bool is_mustache(const json::object& where);
bool is_jinja(const json::object& where);
/// By the member "format"; what is missing is empty in mustache and Jinja. An unknown one is refused.
zincir::template_options syntax_of(const json::object& where);

/// The object at `key`, or an empty one.
const json::object& members_of(const json::object& input, std::string_view key);

}  // namespace conformance

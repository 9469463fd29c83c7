#pragma once

#include <zincir/core/error.hpp>

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace zincir {

namespace json = boost::json;

/// Limits of a JSON text from outside.
struct json_limits {
    std::size_t depth = 64;
    std::size_t bytes = std::size_t{64} << 20;
};

/// Parses one JSON text, strictly by RFC 8259. Errors: errc::output_mismatch with line, column and an excerpt; limit_exceeded.
result<json::value> try_parse_json(std::string_view text, json_limits limits = json_limits());
json::value parse_json(std::string_view text, json_limits limits = json_limits());

/// Parses a JSON text that may have been cut anywhere: what is open is closed, an unfinished number, name or literal at the end is
/// left out. The text must begin with JSON. Errors: errc::output_mismatch where no completion makes it JSON.
result<json::value> try_parse_partial_json(std::string_view text, json_limits limits = json_limits());

/// `value` as indented text, for people.
std::string pretty_json(const json::value& value);

}  // namespace zincir

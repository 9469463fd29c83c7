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

/// Parses one JSON text, strictly by RFC 8259. Errors: errc::output_mismatch with line, column and an excerpt, or with the place of
/// a number beyond the range of a double; limit_exceeded.
result<json::value> try_parse_json(std::string_view text, json_limits limits = json_limits());
/// Likewise; throws the error.
json::value parse_json(std::string_view text, json_limits limits = json_limits());

/// Parses what a model has written of a JSON text so far: what is open is closed, an unfinished number, name or literal at the end
/// is left out, a string keeps what it has. From the first byte that cannot be JSON on, all is left out: models write words after
/// their JSON. Raw line breaks and tabs inside strings are taken as they are. For the finished text use try_parse_json, which is
/// strict. Errors: errc::output_mismatch where nothing can be used, or a bracket closes what was not opened; limit_exceeded. Linear
/// time.
result<json::value> try_parse_partial_json(std::string_view text, json_limits limits = json_limits());

/// `value` as indented text, for people.
std::string pretty_json(const json::value& value);

}  // namespace zincir

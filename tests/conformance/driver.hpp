#pragma once

#include <zincir/core/error.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <string>
#include <utility>

// The program that a runner of recorded cases talks to: one JSON object a line in, one JSON object a line out, in order.

namespace conformance {

namespace json = boost::json;

/// Thrown by a handler for a case that the library does not support, as a decision. `why` is read by people.
struct skip {
    explicit skip(std::string w) : why(std::move(w)) {}
    std::string why;
};

/// Answers one case: returns the output, throws `zincir::error` where the reference is an error too, or `skip`. The case is the
/// line read, with "suite", "id" and "op" beside the suite's own members. Any other exception is reported as an error of its own
/// class.
using handler = std::function<json::value(const json::object& request_case)>;

/// The operations by the name that a case gives in "op".
class ops {
public:
    void add(std::string name, handler h) { handlers_.insert_or_assign(std::move(name), std::move(h)); }
    /// The line to answer `line` with.
    std::string answer(std::string_view line) const;

private:
    json::object run(const json::object& request_case) const;
    std::map<std::string, handler, std::less<>> handlers_;
};

void register_json_ops(ops& all);
void register_message_ops(ops& all);
void register_sse_ops(ops& all);
void register_openai_stream_ops(ops& all);
void register_prompt_ops(ops& all);
void register_chat_prompt_ops(ops& all);
void register_mustache_ops(ops& all);
void register_few_shot_ops(ops& all);
void register_prompt_file_ops(ops& all);
void register_jinja_ops(ops& all);
/// The variables of a case's Jinja template.
json::value jinja_variables(const json::object& request_case);

/// A string as the library takes it.
inline std::string text_of(const json::value& v)
{
    const auto& s = v.as_string();
    return std::string(s.data(), s.size());
}

}  // namespace conformance

#include "driver.hpp"

#include <zincir/core/json.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace conformance {
namespace {

json::object error_answer(std::string_view kind, std::string_view message)
{
    json::object facts;
    facts["class"] = kind;
    facts["message"] = message;
    json::object answer;
    answer["error"] = std::move(facts);
    return answer;
}

}  // namespace

json::object ops::run(const json::object& request_case) const
{
    json::object answer;
    const auto* op = request_case.if_contains("op");
    const auto found = op && op->is_string() ? handlers_.find(std::string_view(op->get_string())) : handlers_.end();
    if (found == handlers_.end()) {
        answer["skip"] = "the driver has no operation of this name";
        return answer;
    }
    try {
        answer["output"] = found->second(request_case);
    } catch (const skip& s) {
        answer["skip"] = s.why;
    } catch (const zincir::error& e) {
        return error_answer(zincir::name(static_cast<zincir::errc>(e.code().value())), e.what());
    } catch (const std::exception& e) {
        return error_answer("exception", e.what());
    }
    return answer;
}

std::string ops::answer(std::string_view line) const
{
    zincir::json_limits limits;
    limits.depth = 4096;
    auto parsed = zincir::try_parse_json(line, limits);
    if (!parsed || !parsed->is_object())
        return json::serialize(error_answer("protocol", parsed ? "the line is not a JSON object" : parsed.error().what()));
    const auto& request_case = parsed->get_object();
    auto answer = run(request_case);
    if (const auto* id = request_case.if_contains("id"))
        answer["id"] = *id;
    // Runners that split lines as Python does would split at these.
    auto line_out = json::serialize(answer);
    for (auto at = line_out.find("\xC2\x85"); at != std::string::npos; at = line_out.find("\xC2\x85", at))
        line_out.replace(at, 2, "\\u0085");
    return line_out;
}

}  // namespace conformance

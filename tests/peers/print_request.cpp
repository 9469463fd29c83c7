// Prints the body of every case, one JSON object a line: {case, profile, streamed, body, warnings}, or {…, refused} for a call that
// the profile refuses before anything is sent.  usage: print_request [PROFILE…]
#include "request_cases.hpp"

#include <zincir/core/error.hpp>
#include <zincir/core/json.hpp>
#include <zincir/llms/openai_request.hpp>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

namespace {

zincir::json::object line_of(const zincir::peers::request_case& c, const zincir::openai_profile& profile, bool streamed)
{
    zincir::json::object line;
    line["case"] = c.name;
    line["profile"] = profile.name;
    line["streamed"] = streamed;
    zincir::chat_request request;
    request.messages = c.messages;
    request.options = c.options;
    request.tools = c.tools;
    try {
        const auto encoded = zincir::encode_openai_chat(request, profile, streamed);
        line["body"] = encoded.body;
        line["warnings"] = zincir::json::value_from(encoded.warnings);
    } catch (const zincir::error& e) {
        if (e.code() != zincir::errc::unsupported)
            throw;
        line["refused"] = e.facts().message;
    }
    return line;
}

}  // namespace

int main(int argc, char** argv)
{
    std::vector<std::string> profiles(argv + 1, argv + argc);
    if (profiles.empty())
        profiles = {"openai", "groq"};
    try {
        for (const auto& name : profiles) {
            const auto* profile = zincir::find_profile(name);
            if (!profile) {
                fmt::print(stderr, "no profile is named {}\n", name);
                return 2;
            }
            for (const auto& c : zincir::peers::request_cases())
                for (const bool streamed : {false, true})
                    fmt::print("{}\n", zincir::json::serialize(line_of(c, *profile, streamed)));
        }
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 1;
    }
    return 0;
}

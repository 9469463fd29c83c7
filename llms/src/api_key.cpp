#include <zincir/llms/api_key.hpp>

#include <cstdlib>

namespace zincir {
namespace {

std::string_view fault_of(std::string_view text)
{
    if (text.empty())
        return "is empty";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n' || c == '\r')
            return "holds a line break: it was probably copied with its line's end";
        if (c == ' ' || c == '\t')
            return "holds white space: it was probably copied with something beside it";
        if (c == '"' || c == '\'' || c == '`')
            return "holds quotation marks: leave them out";
        if (byte >= 0x80)
            return "holds a character that is not ASCII: a letter or a quotation mark was probably changed when it was copied";
        if (byte < 0x20 || byte == 0x7F)
            return "holds a control character";
    }
    return {};
}

}  // namespace

result<secret> try_check_key(std::string_view text, std::string_view whose)
{
    if (const auto fault = fault_of(text); !fault.empty())
        return error(errc::authentication, std::string(whose) + " " + std::string(fault) + ". Nothing was sent.");
    return secret(std::string(text));
}

secret key_from_environment(const openai_profile& profile)
{
    if (profile.key_variable.empty())
        return {};
    const char* text = std::getenv(profile.key_variable.c_str());
    if (text && *text)
        return try_check_key(text, profile.key_variable).value();
    if (!profile.key_required)
        return {};
    throw error(errc::authentication, profile.name + " needs a key: set the environment variable " + profile.key_variable +
                                          (profile.key_page.empty() ? "" : " to one from " + profile.key_page) +
                                          ". The models \"offline\", \"local\" and \"ollama\" need none.");
}

}  // namespace zincir

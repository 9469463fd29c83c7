#include <zincir/prompts/prompt_value.hpp>

#include "format_spec.hpp"
#include "json_depth.hpp"

#include <zincir/core/error.hpp>

#include <boost/json/serialize.hpp>

namespace zincir {

prompt_value::prompt_value(json::value v)
{
    if (v.is_string())
        value_ = std::string(v.get_string());
    else if (v.is_int64())
        value_ = v.get_int64();
    else if (v.is_double())
        value_ = v.get_double();
    else if (v.is_bool())
        value_ = v.get_bool();
    else
        value_ = std::move(v);
}

std::string to_prompt_text(const prompt_value& value)
{
    if (const auto* text = std::get_if<std::string>(&value.get()))
        return *text;
    if (const auto* integer = std::get_if<std::int64_t>(&value.get()))
        return std::to_string(*integer);
    if (const auto* number = std::get_if<double>(&value.get())) {
        detail::number_buffer buffer;
        return std::string(detail::shortest_text(*number, buffer));
    }
    if (const auto* yes = std::get_if<bool>(&value.get()))
        return *yes ? "true" : "false";
    if (const auto* document = std::get_if<json::value>(&value.get())) {
        detail::check_json_depth(*document);
        return json::serialize(*document);
    }
    throw error(errc::invalid_argument, "messages stand where a text is wanted: they go into a messages_placeholder");
}

}  // namespace zincir

#include <zincir/core/chat_request.hpp>

namespace zincir {

response_format response_format::json_schema(std::string name, json::object schema, std::optional<bool> strict)
{
    response_format format(kind::json_schema);
    format.name_ = std::move(name);
    format.schema_ = std::move(schema);
    format.strict_ = strict;
    return format;
}

namespace {
void lay_over(json::object& mine, const json::object& over)
{
    for (const auto& member : over) {
        auto* old = mine.if_contains(member.key());
        if (old && old->is_object() && member.value().is_object())
            lay_over(old->get_object(), member.value().get_object());
        else
            mine[member.key()] = member.value();
    }
}
}  // namespace

chat_options::chat_options() noexcept = default;
chat_options::chat_options(const chat_options&) = default;
chat_options::chat_options(chat_options&&) noexcept = default;
chat_options& chat_options::operator=(const chat_options&) = default;
chat_options& chat_options::operator=(chat_options&&) noexcept = default;
chat_options::~chat_options() = default;

chat_options chat_options::overlaid(const chat_options& over) const
{
    chat_options merged = *this;
    const auto take = [](auto& mine, const auto& theirs) {
        if (theirs)
            mine = theirs;
    };
    take(merged.model, over.model);
    take(merged.temperature, over.temperature);
    take(merged.top_p, over.top_p);
    take(merged.max_output_tokens, over.max_output_tokens);
    take(merged.stop, over.stop);
    take(merged.seed, over.seed);
    take(merged.presence_penalty, over.presence_penalty);
    take(merged.frequency_penalty, over.frequency_penalty);
    take(merged.n, over.n);
    take(merged.logprobs, over.logprobs);
    take(merged.top_logprobs, over.top_logprobs);
    take(merged.logit_bias, over.logit_bias);
    take(merged.tool_choice, over.tool_choice);
    take(merged.parallel_tool_calls, over.parallel_tool_calls);
    take(merged.response_format, over.response_format);
    take(merged.reasoning_effort, over.reasoning_effort);
    take(merged.reasoning_format, over.reasoning_format);
    take(merged.service_tier, over.service_tier);
    take(merged.verbosity, over.verbosity);
    take(merged.user, over.user);
    take(merged.prompt_cache_key, over.prompt_cache_key);
    take(merged.store, over.store);
    take(merged.request_metadata, over.request_metadata);
    take(merged.timeouts, over.timeouts);
    lay_over(merged.extra, over.extra);
    return merged;
}

}  // namespace zincir

#include <zincir/prompts/json_parser.hpp>
#include <zincir/prompts/text_parser.hpp>

namespace zincir {
namespace {

// The model declined: there is no text to parse.
void check_refusal(const message& reply)
{
    if (reply.content.empty())
        return;
    const auto* refused = std::get_if<refusal_block>(&reply.content.front());
    if (!refused && reply.content.size() == 1)
        return;
    const auto words = reply.refusal();
    if (words.empty())
        return;
    diagnostics facts;
    facts.message = "the model refused to answer; its words are in provider_message";
    facts.provider_message = words;
    throw error(errc::refusal, std::move(facts));
}

}  // namespace

awaitable<std::string> text_parser::invoke(message reply, run_context) const
{
    check_refusal(reply);
    co_return std::move(reply).text();
}

std::optional<std::string> text_parser::pieces::next(message_chunk chunk)
{
    if (chunk.what == message_chunk::kind::text && !chunk.delta.empty())
        return std::move(chunk.delta);
    if (chunk.what == message_chunk::kind::refusal)
        refused_ += chunk.delta;
    return std::nullopt;
}

std::optional<std::string> text_parser::pieces::finish()
{
    if (refused_.empty())
        return std::nullopt;
    message whole;
    whole.content.emplace_back(refusal_block(std::move(refused_)));
    check_refusal(whole);
    return std::nullopt;
}

result<json::value> try_parse_reply_json(std::string_view text, json_limits limits)
{
    const auto opening = text.find("```");
    if (opening == std::string_view::npos)
        return try_parse_json(text, limits);
    // A fence inside a JSON string is text: what begins as JSON is JSON.
    if (const auto first = text.find_first_not_of(" \t\r\n");
        first < opening && std::string_view("{[\"").find(text[first]) != std::string_view::npos)
        return try_parse_json(text, limits);
    auto inside = text.substr(opening + 3);
    const auto word = inside.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    inside.remove_prefix(word == std::string_view::npos ? inside.size() : word);
    const auto closing = inside.rfind("```");
    return try_parse_json(closing == std::string_view::npos ? inside : inside.substr(0, closing), limits);
}

awaitable<json::value> json_parser::invoke(message reply, run_context) const
{
    check_refusal(reply);
    co_return try_parse_reply_json(std::move(reply).text()).value();
}

}  // namespace zincir

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

zincir::stream<std::string> text_parser::transform(zincir::stream<message_chunk> pieces, run_context) const
{
    return zincir::stream<std::string>(
        [pieces = std::move(pieces), refused = std::string()]() mutable -> awaitable<std::optional<std::string>> {
            while (auto chunk = co_await pieces.next()) {
                if (chunk->what == message_chunk::kind::text && !chunk->delta.empty())
                    co_return std::move(chunk->delta);
                if (chunk->what == message_chunk::kind::refusal)
                    refused += chunk->delta;
            }
            if (!refused.empty()) {
                message whole;
                whole.content.emplace_back(refusal_block(std::exchange(refused, std::string())));
                check_refusal(whole);
            }
            co_return std::nullopt;
        });
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

#include "driver.hpp"

#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/http_chat_backend.hpp>
#include <zincir/llms/openai_decoder.hpp>

#include <memory>
#include <utility>

namespace conformance {
namespace {

using namespace zincir;

// Answers every request with the recorded bytes.
class recorded_transport final : public http_transport {
public:
    recorded_transport(std::string content_type, std::string body) : content_type_(std::move(content_type)), body_(std::move(body))
    {}

    awaitable<http_response> send(http_request, run_context) override
    {
        http_response response;
        response.status = 200;
        response.headers.add("Content-Type", content_type_);
        response.body = single<std::string>([body = body_]() -> awaitable<std::string> { co_return body; });
        co_return response;
    }

private:
    std::string content_type_;
    std::string body_;
};

// The replies' side of the OpenAI codec: what is asked has no part in these cases.
struct reply_codec {
    encoded_chat_request encode(const chat_request&, bool) const { return encoded_chat_request(); }
    std::unique_ptr<chat_decoder> decoder(const chat_request&) const
    {
        return std::make_unique<openai_decoder>(std::make_shared<const openai_reply_rules>());
    }
    emission_rules rules() const { return emission_rules(); }
    model_profile profile(std::string_view) const { return model_profile(); }
    std::string name() const { return "recorded"; }
};

awaitable<message> fold(std::shared_ptr<chat_backend> backend)
{
    co_return co_await collect(backend->stream(chat_request(), run_context()));
}

json::array call(std::string_view id, std::string_view name, std::string_view arguments)
{
    json::array entry;
    for (const auto text : {id, name, arguments})
        entry.emplace_back(json::string_view(text.data(), text.size()));
    return entry;
}

std::string_view text_at(const json::value& o, const char* key)
{
    const auto& s = o.at(key).as_string();
    return {s.data(), s.size()};
}

json::value or_null(std::string text) { return text.empty() ? json::value(nullptr) : json::value(std::move(text)); }

// Our error for a call that names no tool; the reference hands it on with an empty name.
bool lacks_a_name(const zincir::error& e)
{
    if (e.code() != errc::malformed_reply || !e.facts().partial)
        return false;
    const auto* cut = e.facts().partial->metadata().if_contains("unfinished_tool_calls");
    return cut && text_at(cut->as_array().front(), "name").empty();
}

message merged(std::shared_ptr<chat_backend> backend)
{
    try {
        return sync_wait(fold(std::move(backend)));
    } catch (const zincir::error& e) {
        if (lacks_a_name(e))
            throw skip("a tool call without the name of its tool is an error here: nobody could answer it");
        throw;
    }
}

json::value merge_stream(const json::object& request_case)
{
    const auto* type = request_case.if_contains("content_type");
    auto transport = std::make_shared<recorded_transport>(type && type->is_string() ? text_of(*type) : "text/event-stream",
                                                          text_of(request_case.at("body")));
    const auto m = merged(std::make_shared<http_chat_backend<reply_codec>>(reply_codec(), std::move(transport)));

    // The reference has calls that a token limit cut among the others, and the old function_call among none: our message has both,
    // under other names.
    json::array calls;
    if (!m.metadata().contains("legacy_function_call"))
        for (const auto& c : m.tool_calls())
            calls.push_back(call(c.id, c.name, c.arguments));
    if (const auto* cut = m.metadata().if_contains("unfinished_tool_calls"))
        for (const auto& c : cut->as_array())
            calls.push_back(call(text_at(c, "id"), text_at(c, "name"), text_at(c, "arguments")));

    json::object out;
    out["content"] = m.text();
    out["refusal"] = or_null(m.refusal());
    out["reasoning"] = or_null(m.reasoning());
    out["finish_reason"] = or_null(m.info().raw_finish);
    out["tool_calls"] = std::move(calls);
    return out;
}

}  // namespace

void register_openai_stream_ops(ops& all) { all.add("openai.stream.merge", merge_stream); }

}  // namespace conformance

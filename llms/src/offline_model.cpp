#include <zincir/llms/offline_model.hpp>

#include <zincir/core/error.hpp>

#include "offline_rules.hpp"
#include "offline_text.hpp"
#include "pause.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace zincir {
namespace {

namespace offline = detail::offline;

constexpr std::string_view model_name = "offline";

// FNV-1a: the same conversation has the same id everywhere.
std::string reply_id(std::string_view text)
{
    std::uint64_t hash = 14695981039346656037U;
    for (const auto c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211U;
    }
    std::string id = "offline-";
    for (int shift = 60; shift >= 0; shift -= 4)
        id += "0123456789abcdef"[(hash >> shift) & 15U];
    return id;
}

std::string all_text(const chat_request& request)
{
    std::string all;
    for (const auto& m : request.messages) {
        for (const auto& block : m.content) {
            if (const auto* text = std::get_if<text_block>(&block))
                all += text->text + "\n";
            else if (const auto* result = std::get_if<tool_result_block>(&block))
                all += result->text + "\n";
            else if (const auto* call = std::get_if<tool_call>(&block))
                all += call->name + call->arguments + "\n";
        }
    }
    for (const auto& tool : *request.tools)
        all += tool.name + " " + tool.description + " " + json::serialize(tool.parameters) + "\n";
    return all;
}

std::vector<std::string> ignored_settings(const chat_options& o)
{
    std::string names;
    const auto note = [&](bool set, const char* name) {
        if (set)
            names.append(names.empty() ? "" : ", ").append(name);
    };
    note(o.temperature.value_or(0) > 0, "temperature");
    note(o.top_p.has_value(), "top_p");
    note(o.presence_penalty.has_value(), "presence_penalty");
    note(o.frequency_penalty.has_value(), "frequency_penalty");
    note(o.n.value_or(1) != 1, "n");
    note(o.logprobs.value_or(false), "logprobs");
    note(o.top_logprobs.has_value(), "top_logprobs");
    note(o.logit_bias.has_value(), "logit_bias");
    note(o.reasoning_effort.value_or("none") != "none", "reasoning_effort");
    note(o.reasoning_format.has_value(), "reasoning_format");
    note(o.service_tier.has_value(), "service_tier");
    note(o.verbosity.has_value(), "verbosity");
    note(o.user.has_value(), "user");
    note(o.prompt_cache_key.has_value(), "prompt_cache_key");
    note(o.store.has_value(), "store");
    note(o.request_metadata.has_value(), "request_metadata");
    for (const auto& member : o.extra)
        note(true, std::string(member.key()).c_str());
    std::vector<std::string> warnings;
    if (!names.empty())
        warnings.push_back("the offline model has no use for these settings: " + names);
    if (o.model && *o.model != model_name)
        warnings.push_back("the offline model answered in place of the model \"" + *o.model + "\" that was asked for");
    return warnings;
}

// What the reply is, before it becomes a message or a stream of chunks.
struct reply {
    std::string notice{};
    std::string text{};
    std::vector<tool_call> calls{};
    chunk_facts facts{};
};

void cut_at_stop(reply& r, const chat_options& options)
{
    if (!options.stop)
        return;
    auto end = std::string::npos;
    for (const auto& word : *options.stop)
        if (!word.empty())
            end = std::min(end, r.text.find(word));
    if (end != std::string::npos)
        r.text.resize(end);
}

// The notice is not counted.
std::int64_t cut_at_limit(reply& r, const chat_options& options)
{
    std::int64_t tokens = 0;
    std::size_t end = 0;
    for (const auto piece : offline::stream_pieces(r.text)) {
        const auto cost = std::max<std::int64_t>(offline::estimate_tokens(piece), 1);
        if (options.max_output_tokens && tokens + cost > *options.max_output_tokens) {
            r.facts.finish = finish_reason::length;
            r.text.resize(end);
            break;
        }
        tokens += cost;
        end += piece.size();
    }
    return tokens;
}

reply make_reply(const chat_request& request)
{
    auto answer = offline::answer_request(request);
    const auto conversation = all_text(request);
    reply r;
    r.text = std::move(answer.text);
    r.calls = std::move(answer.calls);
    if (r.calls.empty() && !answer.is_json)
        r.notice = std::string(offline_notice) + "\n";
    r.facts.finish = r.calls.empty() ? finish_reason::stop : finish_reason::tool_calls;
    cut_at_stop(r, *request.options);
    auto output = cut_at_limit(r, *request.options);
    for (const auto& call : r.calls)
        output += offline::estimate_tokens(call.name) + offline::estimate_tokens(call.arguments);
    usage used;
    used.input_tokens = offline::estimate_tokens(conversation);
    used.output_tokens = output;
    used.total_tokens = used.input_tokens + used.output_tokens;
    r.facts.usage = used;
    r.facts.raw_finish = std::string(name(r.facts.finish));
    r.facts.id = reply_id(conversation);
    r.facts.model = model_name;
    r.facts.warnings = ignored_settings(*request.options);
    r.facts.warnings.insert(r.facts.warnings.end(), answer.warnings.begin(), answer.warnings.end());
    r.facts.metadata["offline"] = true;
    r.facts.metadata["rule"] = answer.rule;
    r.facts.metadata["usage_is_estimate"] = true;
    return r;
}

std::vector<message_chunk> chunks_of(reply r)
{
    std::vector<message_chunk> chunks;
    const auto all = r.notice + r.text;
    for (const auto piece : offline::stream_pieces(all))
        chunks.emplace_back(std::string(piece));
    if (!chunks.empty()) {
        chunks.front().opens = true;
        chunks.back().closes = true;
    }
    for (std::size_t i = 0; i < r.calls.size(); ++i) {
        auto facts = std::make_shared<chunk_facts>();
        facts->call_id = std::move(r.calls[i].id);
        facts->call_name = std::move(r.calls[i].name);
        message_chunk call(std::move(r.calls[i].arguments), static_cast<std::uint32_t>(i + (all.empty() ? 0 : 1)));
        call.what = message_chunk::kind::tool_call;
        call.opens = call.closes = true;
        call.facts = std::move(facts);
        chunks.push_back(std::move(call));
    }
    message_chunk last;
    last.facts = std::make_shared<const chunk_facts>(std::move(r.facts));
    chunks.push_back(std::move(last));
    return chunks;
}

class offline_backend final : public chat_backend {
public:
    explicit offline_backend(std::chrono::milliseconds pause) : pause_(pause) {}

    awaitable<message> generate(chat_request request, run_context ctx) const override
    {
        co_await detail::pause(pause_, std::move(ctx));
        message_builder whole;
        for (auto& chunk : chunks_of(make_reply(request)))
            whole.add(std::move(chunk));
        co_return whole.take();
    }

    zincir::stream<message_chunk> stream(chat_request request, run_context ctx) const override
    {
        return zincir::stream<message_chunk>([request = std::move(request), ctx = std::move(ctx),
                                              chunks = std::vector<message_chunk>(), next = std::size_t{0},
                                              wait = pause_]() mutable -> awaitable<std::optional<message_chunk>> {
            if (next > 0 && next == chunks.size())
                co_return std::nullopt;
            co_await detail::pause(wait, ctx);
            if (next == 0)
                chunks = chunks_of(make_reply(request));
            co_return std::move(chunks[next++]);
        });
    }

    model_profile profile(std::string_view) const override
    {
        model_profile p;
        p.model = "offline:offline";
        p.context_window = 1'000'000;
        p.max_output_tokens = 100'000;
        p.tools = p.tool_choice = p.json_schema = true;
        p.images = p.audio = p.files = p.reasoning = false;
        p.temperature = false;
        return p;
    }

    std::string name() const override { return "offline"; }

private:
    std::chrono::milliseconds pause_;
};

}  // namespace

chat_model offline_model(chat_options defaults, std::chrono::milliseconds pause)
{
    return chat_model(std::make_shared<const offline_backend>(pause), std::move(defaults));
}

}  // namespace zincir

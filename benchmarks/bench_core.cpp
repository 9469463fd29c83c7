// The parts of a call that no network hides, each with how often it allocates. Times are for reading, allocations for gating:
// tests/allocation has the gates.

#include "count_allocations.hpp"
#include "mock_replies.hpp"

#include <zincir/core/chain.hpp>
#include <zincir/core/chat_model.hpp>
#include <zincir/core/json.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/http_chat_backend.hpp>
#include <zincir/llms/openai_chat_codec.hpp>
#include <zincir/net/sse_parser.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <benchmark/benchmark.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using zincir::awaitable;
using zincir::message;
using zincir::message_chunk;
using zincir::run_context;

class memory_backend final : public zincir::chat_backend {
public:
    explicit memory_backend(std::size_t deltas = 0) : deltas_(deltas) {}

    awaitable<message> generate(zincir::chat_request, run_context) const override
    {
        message reply(zincir::role::assistant, std::string("Bears sleep through the winter and wake up in spring."));
        reply.finish = zincir::finish_reason::stop;
        co_return reply;
    }
    zincir::stream<message_chunk> stream(zincir::chat_request, run_context) const override
    {
        return zincir::stream<message_chunk>([left = deltas_]() mutable -> awaitable<std::optional<message_chunk>> {
            if (left == 0)
                co_return std::nullopt;
            --left;
            co_return message_chunk(" bear", 1);
        });
    }

private:
    std::size_t deltas_;
};

// All rounds run in one coroutine: what starts a coroutine from outside is measured by none of them.
template <class Chain, class Input>
awaitable<void> invoke_all(benchmark::State& state, const Chain& chain, const Input& input)
{
    for (int i = 0; i < 10; ++i)
        benchmark::DoNotOptimize(co_await chain.invoke(input));
    count_allocations counter;
    for (auto _ : state)
        benchmark::DoNotOptimize(co_await chain.invoke(input));
    counter.done(state, state.iterations());
}

template <int I>
struct add : zincir::step<int, int> {
    awaitable<int> invoke(int i, run_context = {}) const { co_return i + I; }
};

auto prompt()
{
    return zincir::chat_prompt_template(zincir::system("You are a helpful assistant."),
                                        zincir::user("Tell me one fact about {topic}."));
}

void step_once(benchmark::State& state) { zincir::sync_wait(invoke_all(state, add<1>(), 1)); }
BENCHMARK(step_once);

void chain_of_three_steps(benchmark::State& state)
{
    const auto chain = add<1>() | add<2>() | add<3>();
    zincir::sync_wait(invoke_all(state, chain, 1));
}
BENCHMARK(chain_of_three_steps);

void chain_of_ten_steps(benchmark::State& state)
{
    const auto chain = add<1>() | add<2>() | add<3>() | add<4>() | add<5>() | add<6>() | add<7>() | add<8>() | add<9>() | add<10>();
    zincir::sync_wait(invoke_all(state, chain, 1));
}
BENCHMARK(chain_of_ten_steps);

void template_rendering(benchmark::State& state)
{
    const auto filled = prompt();
    const zincir::values topic("topic", "bears");
    count_allocations counter;
    for (auto _ : state)
        benchmark::DoNotOptimize(filled.format(topic));
    counter.done(state, state.iterations());
}
BENCHMARK(template_rendering);

void prompt_model_parser(benchmark::State& state)
{
    const auto chain = prompt() | zincir::make_chat_model<memory_backend>() | zincir::to_text();
    zincir::sync_wait(invoke_all(state, chain, zincir::values("topic", "bears")));
}
BENCHMARK(prompt_model_parser);

void prompt_model_parser_erased(benchmark::State& state)
{
    const zincir::chain<zincir::values, std::string> chain =
        prompt() | zincir::make_chat_model<memory_backend>() | zincir::to_text();
    zincir::sync_wait(invoke_all(state, chain, zincir::values("topic", "bears")));
}
BENCHMARK(prompt_model_parser_erased);

template <class Chain>
awaitable<void> stream_all(benchmark::State& state, const Chain& chain, std::size_t deltas)
{
    std::size_t bytes = 0;
    count_allocations counter;
    for (auto _ : state) {
        auto pieces = chain.stream(zincir::values("topic", "bears"));
        while (auto piece = co_await pieces.next())
            bytes += piece->size();
    }
    benchmark::DoNotOptimize(bytes);
    counter.done(state, state.iterations() * deltas);
}

void stream_through_prompt_model_parser(benchmark::State& state)
{
    const auto deltas = static_cast<std::size_t>(state.range(0));
    const auto chain = prompt() | zincir::make_chat_model<memory_backend>(deltas) | zincir::to_text();
    zincir::sync_wait(stream_all(state, chain, deltas));
}
BENCHMARK(stream_through_prompt_model_parser)->Arg(64)->Arg(20000);

void add_chunks_up(benchmark::State& state)
{
    const auto deltas = static_cast<std::size_t>(state.range(0));
    count_allocations counter;
    for (auto _ : state) {
        zincir::message_builder builder;
        for (std::size_t i = 0; i < deltas; ++i)
            builder.add(message_chunk(" bear", 1));
        benchmark::DoNotOptimize(builder.take());
    }
    counter.done(state, state.iterations() * deltas);
}
BENCHMARK(add_chunks_up)->Arg(64)->Arg(20000);

/// The server-sent events of the mock's stream, without HTTP's chunks.
std::string recorded_events(std::size_t deltas)
{
    mock::reply_options options;
    options.tokens = deltas;
    options.pack = std::size_t{1} << 30;
    const mock::replies replies(options);
    auto bytes = replies.whole(true, true, mock::fault::none);
    bytes.remove_prefix(bytes.find("data: "));
    return std::string(bytes.substr(0, bytes.rfind("\n\n") + 2));
}

void sse_framing(benchmark::State& state)
{
    const auto bytes = recorded_events(1000);
    const auto piece = static_cast<std::size_t>(state.range(0));
    zincir::sse_parser parser;
    std::size_t events = 0;
    count_allocations counter;
    for (auto _ : state)
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            parser.feed(std::string_view(bytes).substr(at, piece));
            while (parser.next())
                ++events;
        }
    counter.done(state, events);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(sse_framing)->Arg(16 << 10)->Arg(1448)->Arg(64);

void delta_decoding(benchmark::State& state)
{
    const auto bytes = recorded_events(1000);
    const auto rules = std::make_shared<const zincir::openai_reply_rules>();
    std::size_t events = 0;
    count_allocations counter;
    for (auto _ : state) {
        zincir::openai_decoder decoder(rules);
        zincir::chat_emitter emitter;
        zincir::sse_parser parser;
        parser.feed(bytes);
        while (const auto event = parser.next()) {
            decoder.event(*event, emitter);
            while (emitter.pop())
                ++events;
        }
    }
    counter.done(state, events);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(delta_decoding);

void whole_reply_decoding(benchmark::State& state)
{
    const mock::replies replies(mock::reply_options{});
    auto body = replies.whole(false, false, mock::fault::none);
    body.remove_prefix(body.find("\r\n\r\n") + 4);
    const auto rules = std::make_shared<const zincir::openai_reply_rules>();
    count_allocations counter;
    for (auto _ : state) {
        zincir::openai_decoder decoder(rules);
        zincir::chat_emitter emitter(zincir::emission_rules(), zincir::chat_emitter::mode::whole);
        decoder.body(body, emitter);
        emitter.end_of_input();
        benchmark::DoNotOptimize(emitter.take());
    }
    counter.done(state, state.iterations());
}
BENCHMARK(whole_reply_decoding);

/// Answers every request with the same bytes, in pieces of at most 32 KiB.
class canned_transport final : public zincir::http_transport {
public:
    canned_transport(std::string type, std::string body) : type_(std::move(type)), body_(std::move(body)) {}

    awaitable<zincir::http_response> send(zincir::http_request, run_context) override
    {
        zincir::http_response response;
        response.status = 200;
        response.headers.add("content-type", type_);
        response.body = zincir::stream<std::string>([this, at = std::size_t{0}]() mutable -> awaitable<std::optional<std::string>> {
            if (at >= body_.size())
                co_return std::nullopt;
            auto piece = body_.substr(at, std::size_t{32} << 10);
            at += piece.size();
            co_return piece;
        });
        co_return response;
    }

private:
    std::string type_;
    std::string body_;
};

auto chain_over(std::string type, std::string body)
{
    auto profile = zincir::unknown_gateway("http://localhost/v1");
    profile.default_model = "llama-3.3-70b-versatile";
    return prompt() |
           zincir::make_chat_model<zincir::http_chat_backend<zincir::openai_chat_codec>>(
               zincir::openai_chat_codec(std::move(profile), zincir::secret("not-a-key")),
               std::make_shared<canned_transport>(std::move(type), std::move(body))) |
           zincir::to_text();
}

void call_without_network(benchmark::State& state)
{
    const mock::replies replies(mock::reply_options{});
    auto body = replies.whole(false, false, mock::fault::none);
    body.remove_prefix(body.find("\r\n\r\n") + 4);
    const auto chain = chain_over("application/json", std::string(body));
    zincir::sync_wait(invoke_all(state, chain, zincir::values("topic", "bears")));
}
BENCHMARK(call_without_network);

// Per call at 32 deltas: what a stream costs at all; per delta at 20,000.
void stream_without_network(benchmark::State& state)
{
    const auto deltas = static_cast<std::size_t>(state.range(0));
    const auto chain = chain_over("text/event-stream", recorded_events(deltas));
    zincir::sync_wait(stream_all(state, chain, deltas));
}
BENCHMARK(stream_without_network)->Arg(32)->Arg(20000);

void partial_json(benchmark::State& state)
{
    std::string text = R"({"items":[)";
    for (int i = 0; i < 200; ++i)
        text += R"({"name":"a brown bear","weight":)" + std::to_string(i) + "},";
    count_allocations counter;
    for (auto _ : state)
        benchmark::DoNotOptimize(zincir::try_parse_partial_json(text));
    counter.done(state, state.iterations());
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(partial_json);

}  // namespace

BENCHMARK_MAIN();

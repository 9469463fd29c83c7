#include <zincir/core/chat_model.hpp>

#include <zincir/core/error.hpp>

#include <algorithm>

namespace zincir {

model_profile chat_backend::profile(std::string_view request_model) const
{
    model_profile unknown;
    unknown.model = request_model;
    return unknown;
}

zincir::stream<message_chunk> chat_backend::stream(chat_request request, run_context ctx) const
{
    return deferred_stream<message_chunk>(
        [this, request = std::move(request), ctx = std::move(ctx)]() mutable -> awaitable<zincir::stream<message_chunk>> {
            try {
                co_return stream_of_message(co_await generate(std::move(request), std::move(ctx)));
            } catch (...) {
                throw to_error(std::current_exception());
            }
        });
}

namespace {

message_chunk chunk_of_block(content_block&& block, std::uint32_t index)
{
    message_chunk chunk;
    chunk.block = index;
    chunk.opens = chunk.closes = true;
    if (auto* text = std::get_if<text_block>(&block)) {
        chunk.what = message_chunk::kind::text;
        chunk.delta = std::move(text->text);
    } else if (auto* reasoning = std::get_if<reasoning_block>(&block)) {
        chunk.what = message_chunk::kind::reasoning;
        chunk.delta = std::move(reasoning->text);
        if (!reasoning->details.empty()) {
            auto facts = std::make_shared<chunk_facts>();
            facts->details = std::move(reasoning->details);
            chunk.facts = std::move(facts);
        }
    } else if (auto* refusal = std::get_if<refusal_block>(&block)) {
        chunk.what = message_chunk::kind::refusal;
        chunk.delta = std::move(refusal->text);
    } else if (auto* call = std::get_if<tool_call>(&block)) {
        chunk.what = message_chunk::kind::tool_call;
        chunk.delta = std::move(call->arguments);
        auto facts = std::make_shared<chunk_facts>();
        facts->call_id = std::move(call->id);
        facts->call_name = std::move(call->name);
        chunk.facts = std::move(facts);
    } else {
        throw error(errc::unsupported, "a reply with pictures, sounds or files cannot be streamed: ask for it whole with invoke()");
    }
    return chunk;
}

}  // namespace

zincir::stream<message_chunk> stream_of_message(message whole)
{
    return zincir::stream<message_chunk>(
        [whole = std::move(whole), next = std::size_t{0}]() mutable -> awaitable<std::optional<message_chunk>> {
            if (next < whole.content.size()) {
                auto chunk = chunk_of_block(std::move(whole.content[next]), static_cast<std::uint32_t>(next));
                ++next;
                co_return chunk;
            }
            if (next++ > whole.content.size())
                co_return std::nullopt;
            auto facts = std::make_shared<chunk_facts>();
            auto& info = whole.info();
            facts->usage = info.usage;
            facts->finish = whole.finish != finish_reason::none      ? whole.finish
                            : whole.status == message_status::length ? finish_reason::length
                                                                     : finish_reason::stop;
            facts->raw_finish = std::move(info.raw_finish);
            facts->id = std::move(info.id);
            facts->model = std::move(info.model);
            facts->warnings = std::move(info.warnings);
            facts->metadata = std::move(info.metadata);
            message_chunk last;
            last.facts = std::move(facts);
            co_return last;
        });
}

chat_model::chat_model(std::shared_ptr<const chat_backend> backend, chat_options defaults)
{
    if (!backend)
        throw error(errc::invalid_argument, "a chat_model needs a backend: the pointer it was given is null");
    state_ = std::shared_ptr<const state>(new state{std::move(backend), std::move(defaults), {}});
}

namespace {
std::string_view model_of(const chat_options& options)
{
    return options.model ? std::string_view(*options.model) : std::string_view();
}
}  // namespace

chat_request chat_model::make_request(const state& s, messages input)
{
    check_history(input);
    chat_request request{std::move(input), s.options, s.tools};
    check_request(request, s.backend->profile(model_of(s.options)));
    return request;
}

// Holds the backend for as long as the coroutine runs.
awaitable<message> chat_model::generate(std::shared_ptr<const state> s, messages input, run_context ctx)
{
    try {
        // Not in one expression: the request would live in this frame until the reply is there.
        auto reply = s->backend->generate(make_request(*s, std::move(input)), std::move(ctx));
        co_return co_await std::move(reply);
    } catch (const error&) {
        throw;
    } catch (...) {
        throw to_error(std::current_exception());
    }
}

awaitable<message> chat_model::invoke(messages input, run_context ctx) const
{
    return generate(state_, std::move(input), std::move(ctx));
}

zincir::stream<message_chunk> chat_model::stream(messages input, run_context ctx) const
{
    return deferred_stream<message_chunk>(
        [s = state_, input = std::move(input), ctx = std::move(ctx)]() mutable -> awaitable<zincir::stream<message_chunk>> {
            try {
                co_return s->backend->stream(make_request(*s, std::move(input)), std::move(ctx));
            } catch (...) {
                throw to_error(std::current_exception());
            }
        });
}

std::string detail::schema_name(const char* mangled)
{
    // The type's own name, without namespaces and template arguments.
    auto name = readable_name(mangled);
    name.erase(std::min(name.find('<'), name.size()));
    if (const auto scope = name.rfind("::"); scope != std::string::npos)
        name.erase(0, scope + 2);
    for (auto& c : name)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            c = '_';
    name.resize(std::min<std::size_t>(name.size(), 64));
    return name;
}

chat_model chat_model::with(const chat_options& over) const
{
    return chat_model(std::shared_ptr<const state>(new state{state_->backend, state_->options->overlaid(over), state_->tools}));
}

chat_model chat_model::with_tools(std::vector<tool_definition> tools) const
{
    return chat_model(std::shared_ptr<const state>(new state{state_->backend, state_->options, std::move(tools)}));
}

model_profile chat_model::profile() const { return state_->backend->profile(model_of(state_->options)); }

}  // namespace zincir

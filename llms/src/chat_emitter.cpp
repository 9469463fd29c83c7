#include "json_append.hpp"

#include <zincir/llms/chat_emitter.hpp>

#include <zincir/core/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace zincir {
namespace {

using kind = message_chunk::kind;

constexpr std::uint32_t first_call_block = 3;

std::uint32_t number_of(kind what) { return what == kind::reasoning ? 0U : what == kind::text ? 1U : 2U; }

// Longer text of the same entry is appended, a signature comes once, the rest stays as it came first.
void grow_detail(json::object& held, const json::object& piece)
{
    for (const auto& [key, value] : piece) {
        auto* mine = held.if_contains(key);
        if (!mine || mine->is_null())
            held[key] = value;
        else if (mine->is_string() && value.is_string() && (key == "text" || key == "summary" || key == "data"))
            mine->get_string().append(value.get_string());
        else if (mine->is_string() && mine->get_string().empty())
            *mine = value;
    }
}

bool same_detail(const json::object& a, const json::object& b)
{
    const auto* index = a.if_contains("index");
    const auto* other_index = b.if_contains("index");
    const auto* type = a.if_contains("type");
    const auto* other_type = b.if_contains("type");
    return index && other_index && *index == *other_index && (!type || !other_type || *type == *other_type);
}

std::string_view why_truncated(bool by_mark)
{
    return by_mark
               ? "the provider wrote its end mark without ever naming a finish reason: the model it asked probably died. What had "
                 "come is in the error's `partial`; ask again, or set the profile's done_without_finish_reason for a gateway "
                 "that never names one"
               : "the reply ended before the model said that it was finished. What had come is in the error's `partial`; ask again";
}

}  // namespace

chat_emitter::chat_emitter(emission_rules rules, mode m) : rules_(std::move(rules)), mode_(m) {}

void chat_emitter::push(message_chunk chunk)
{
    if (mode_ == mode::chunks)
        queue_.push_back(std::move(chunk));
}

void chat_emitter::grow(kind what, std::string_view delta)
{
    if (end_ || delta.empty())
        return;
    ++contents_;
    text_bytes_ += delta.size();
    if (text_bytes_ > rules_.max_text_bytes)
        return fail(error(errc::limit_exceeded, fmt::format("the reply is longer than {} bytes", rules_.max_text_bytes)));
    auto& target = blocks_[number_of(what)];
    target.text += delta;
    const bool opens = !std::exchange(target.opened, true);
    if (mode_ != mode::chunks)
        return;
    auto& chunk = queue_.emplace_back();
    chunk.block = number_of(what);
    chunk.what = what;
    chunk.opens = opens;
    chunk.delta = delta;
}

void chat_emitter::text(std::string_view delta) { grow(kind::text, delta); }
void chat_emitter::reasoning(std::string_view delta) { grow(kind::reasoning, delta); }
void chat_emitter::refusal(std::string_view delta) { grow(kind::refusal, delta); }

void chat_emitter::reasoning_details(const json::array& entries)
{
    if (end_)
        return;
    for (const auto& entry : entries) {
        if (!entry.is_object())
            continue;
        ++contents_;
        // Only what has an index can be a piece of another.
        const auto from = entry.get_object().contains("index") ? details_.begin() : details_.end();
        const auto held = std::find_if(from, details_.end(),
                                       [&](const json::value& d) { return same_detail(d.get_object(), entry.get_object()); });
        if (held == details_.end())
            details_.push_back(entry);
        else
            grow_detail(held->get_object(), entry.get_object());
    }
}

void chat_emitter::tool_call(const tool_call_fragment& fragment)
{
    if (end_)
        return;
    ++contents_;
    const auto position = calls_.add(fragment);
    call_states_.resize(calls_.size());
    if (calls_.size() > rules_.max_tool_calls)
        return fail(error(errc::limit_exceeded, fmt::format("the reply calls more than {} tools", rules_.max_tool_calls)));
    if (calls_[position].arguments.size() > rules_.max_argument_bytes)
        return fail(error(errc::limit_exceeded,
                          fmt::format("the arguments of a tool call are longer than {} bytes", rules_.max_argument_bytes)));
    show_call(position);
}

// Shows what of a call is certain: nothing before its name, nor before its arguments begin as an object (text that must be
// rewritten at the end does not), nor before the fragment after its first where its id has not come yet.
void chat_emitter::show_call(std::size_t position)
{
    auto& call = calls_[position];
    auto& state = call_states_[position];
    if (!state.opened) {
        const auto first = call.arguments.find_first_not_of(" \t\r\n");
        if (call.name.empty() || first == std::string::npos || call.arguments[first] != '{' ||
            (call.id.empty() && call.fragments < 2))
            return;
        state.opened = true;
        call.fixed = true;
        if (call.id.empty())
            call.id = mint_id();
        if (mode_ == mode::chunks) {
            auto facts = std::make_shared<chunk_facts>();
            facts->call_id = call.id;
            facts->call_name = call.name;
            message_chunk opening(call.arguments, first_call_block + static_cast<std::uint32_t>(position));
            opening.what = kind::tool_call;
            opening.opens = true;
            opening.facts = std::move(facts);
            push(std::move(opening));
        }
    } else if (state.shown < call.arguments.size() && mode_ == mode::chunks) {
        message_chunk more(call.arguments.substr(state.shown), first_call_block + static_cast<std::uint32_t>(position));
        more.what = kind::tool_call;
        push(std::move(more));
    }
    state.shown = call.arguments.size();
}

// False where the call has no name and cannot be delivered.
bool chat_emitter::close_call(std::size_t position)
{
    auto& call = calls_[position];
    auto& state = call_states_[position];
    if (call.name.empty())
        return false;
    message_chunk last(std::string(), first_call_block + static_cast<std::uint32_t>(position));
    last.what = kind::tool_call;
    last.closes = true;
    if (!state.opened) {
        call.arguments = tool_call_assembler::finished(call.arguments);
        if (call.id.empty())
            call.id = mint_id();
        call.fixed = true;
        state.opened = true;
        last.opens = true;
        last.delta = call.arguments;
        auto facts = std::make_shared<chunk_facts>();
        facts->call_id = call.id;
        facts->call_name = call.name;
        last.facts = std::move(facts);
    }
    state.closed = true;
    push(std::move(last));
    return true;
}

void chat_emitter::usage(const zincir::usage& counted)
{
    if (end_)
        return;
    info_.usage = counted;
    counted_at_end_ = finish_ != finish_reason::none;
}

void chat_emitter::id(std::string_view value)
{
    if (!end_ && info_.id.empty())
        info_.id = value;
}

void chat_emitter::model(std::string_view value)
{
    if (!end_ && info_.model.empty())
        info_.model = value;
}

void chat_emitter::finish(finish_reason reason, std::string_view raw)
{
    if (end_ || finish_ != finish_reason::none || reason == finish_reason::none)
        return;
    ++contents_;
    finish_ = reason;
    info_.raw_finish = raw;
}

void chat_emitter::logprobs(const json::object& piece)
{
    if (end_)
        return;
    json::object kept;
    for (const auto& [key, value] : piece)
        if (const auto* list = value.if_array(); list && !list->empty())
            kept[key] = value;
    if (kept.empty())
        return;
    for (const auto& [key, value] : kept) {
        auto& mine = logprobs_[key];
        if (!mine.is_array())
            mine = json::array();
        detail::append(mine.get_array(), value.get_array());
    }
    if (mode_ != mode::chunks)
        return;
    auto facts = std::make_shared<chunk_facts>();
    facts->metadata["logprobs"] = std::move(kept);
    message_chunk chunk;
    chunk.facts = std::move(facts);
    push(std::move(chunk));
}

void chat_emitter::metadata(std::string_view key, const json::value& value)
{
    if (!end_)
        info_.metadata[json::string_view(key.data(), key.size())] = value;
}

json::value* chat_emitter::held_metadata(std::string_view key) noexcept
{
    return end_ ? nullptr : info_.metadata.if_contains(json::string_view(key.data(), key.size()));
}

void chat_emitter::warn(std::string warning)
{
    if (!end_)
        info_.warnings.push_back(std::move(warning));
}

void chat_emitter::done()
{
    if (end_)
        return;
    if (finish_ == finish_reason::none && rules_.done_without_finish_reason && modelled_) {
        warn("the provider named no finish reason; its end mark was taken for one, as its profile says");
        finish_ = calls_.empty() ? finish_reason::stop : finish_reason::tool_calls;
    }
    if (finish_ != finish_reason::none)
        return end_well();
    end_badly(error(errc::truncated, std::string(why_truncated(true))));
}

void chat_emitter::end_of_input()
{
    if (end_)
        return;
    if (finish_ != finish_reason::none)
        return end_well();
    end_badly(error(errc::truncated, std::string(why_truncated(false))));
}

void chat_emitter::end_of_input(error why)
{
    if (end_)
        return;
    if (finish_ == finish_reason::none || why.is(condition::stopped))
        return end_badly(std::move(why));
    if (!counted_at_end_)
        warn(fmt::format("the connection failed after the finish reason ({}): usage may be missing",
                         name(static_cast<errc>(why.code().value()))));
    end_well();
}

void chat_emitter::fail(error e)
{
    if (!end_)
        end_badly(std::move(e));
}

void chat_emitter::count_event()
{
    if (contents_ != contents_then_) {
        contents_then_ = contents_;
        idle_events_ = 0;
    } else if (++idle_events_ > rules_.max_idle_events) {
        fail(error(errc::limit_exceeded,
                   fmt::format("the provider sent {} events in a row without content", rules_.max_idle_events)));
    }
}

void chat_emitter::keep_unfinished_calls()
{
    json::array unfinished;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        if (call_states_[i].closed)
            continue;
        json::object call;
        call["id"] = calls_[i].id;
        call["name"] = calls_[i].name;
        call["arguments"] = calls_[i].arguments;
        unfinished.push_back(std::move(call));
    }
    if (!unfinished.empty())
        info_.metadata["unfinished_tool_calls"] = std::move(unfinished);
}

void chat_emitter::close_blocks()
{
    for (const auto what : {kind::reasoning, kind::text, kind::refusal}) {
        auto& target = blocks_[number_of(what)];
        const bool only_details = what == kind::reasoning && !target.opened && !details_.empty();
        if (!target.opened && !only_details)
            continue;
        message_chunk last(std::string(), number_of(what));
        last.what = what;
        last.opens = only_details;
        last.closes = true;
        if (what == kind::reasoning && !details_.empty()) {
            auto facts = std::make_shared<chunk_facts>();
            facts->details["reasoning_details"] = details_;
            last.facts = std::move(facts);
        }
        push(std::move(last));
    }
}

void chat_emitter::end_well()
{
    const bool cut = finish_ == finish_reason::length || finish_ == finish_reason::content_filter;
    std::size_t closed = 0;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
        if (cut && !tool_call_assembler::is_whole(calls_[i].arguments))
            continue;
        if (close_call(i))
            ++closed;
        else if (!cut)
            return end_badly(error(errc::malformed_reply, "the provider sent a tool call without the name of its tool"));
    }
    keep_unfinished_calls();
    if (closed > 0 && finish_ == finish_reason::stop)
        finish_ = finish_reason::tool_calls;
    if (calls_.empty() && finish_ == finish_reason::tool_calls) {
        warn("the provider named tool calls as its finish reason and sent none");
        finish_ = finish_reason::stop;
    }
    const bool silent = details_.empty() && std::none_of(blocks_.begin(), blocks_.end(), [](const block& b) { return b.opened; });
    if (silent && calls_.empty())
        warn("the reply is empty");
    close_blocks();
    if (mode_ == mode::chunks) {
        auto facts = std::make_shared<chunk_facts>();
        facts->usage = info_.usage;
        facts->finish = finish_;
        facts->raw_finish = info_.raw_finish;
        facts->id = info_.id;
        facts->model = info_.model;
        facts->warnings = info_.warnings;
        facts->metadata = info_.metadata;
        message_chunk last;
        last.facts = std::move(facts);
        push(std::move(last));
    }
    end_ = chat_end();
}

void chat_emitter::end_badly(error e)
{
    for (std::size_t i = 0; i < call_states_.size(); ++i)
        if (!call_states_[i].closed && tool_call_assembler::is_whole(calls_[i].arguments))
            close_call(i);
    keep_unfinished_calls();
    finish_ = finish_reason::none;
    auto facts = e.facts();
    if (facts.partial)
        merge_json(info_.metadata, facts.partial->metadata());
    facts.partial =
        std::make_shared<const message>(partial(e.is(condition::stopped) ? message_status::aborted : message_status::failed));
    if (facts.provider.empty())
        facts.provider = rules_.provider;
    end_ = chat_end(e.with(std::move(facts)));
}

std::optional<message_chunk> chat_emitter::pop()
{
    if (next_ == queue_.size())
        return std::nullopt;
    std::optional<message_chunk> chunk(std::move(queue_[next_]));
    if (++next_ == queue_.size()) {
        next_ = 0;
        // What one large read needed is not held through a long wait for the next.
        if (queue_.capacity() > 16)
            queue_ = std::vector<message_chunk>();
        else
            queue_.clear();
    }
    return chunk;
}

void chat_emitter::add_content(message& m, bool open_calls_too) const
{
    if (blocks_[0].opened || !details_.empty()) {
        reasoning_block reasoning(blocks_[0].text);
        if (!details_.empty())
            reasoning.details["reasoning_details"] = details_;
        m.content.emplace_back(std::move(reasoning));
    }
    if (blocks_[1].opened)
        m.content.emplace_back(text_block(blocks_[1].text));
    if (blocks_[2].opened)
        m.content.emplace_back(refusal_block(blocks_[2].text));
    for (std::size_t i = 0; i < call_states_.size(); ++i) {
        const auto& call = calls_[i];
        if (call_states_[i].closed || (open_calls_too && call_states_[i].opened && tool_call_assembler::is_whole(call.arguments)))
            m.content.emplace_back(zincir::tool_call(call.id, call.name, call.arguments));
    }
    if (!logprobs_.empty())
        m.info().metadata["logprobs"] = logprobs_;
}

message chat_emitter::take()
{
    message whole(role::assistant, zincir::content());
    whole.status = finish_ == finish_reason::length ? message_status::length : message_status::complete;
    whole.finish = finish_;
    whole.info() = std::move(info_);
    if (blocks_[1].opened && !blocks_[0].opened && details_.empty() && !blocks_[2].opened && calls_.empty()) {
        whole.content.emplace_back(text_block(std::move(blocks_[1].text)));
        if (!logprobs_.empty())
            whole.info().metadata["logprobs"] = std::move(logprobs_);
    } else {
        add_content(whole, false);
    }
    return whole;
}

message chat_emitter::partial(message_status status) const
{
    message part(role::assistant, zincir::content());
    part.status = status;
    part.info() = info_;
    add_content(part, true);
    return part;
}

// Nine letters and digits, as Mistral wants them. Unique beyond one reply: a history refuses two calls with one id.
std::string chat_emitter::mint_id()
{
    constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::random_device device;
    std::uniform_int_distribution<std::size_t> pick(0, alphabet.size() - 1);
    std::string id(9, '0');
    for (auto& c : id)
        c = alphabet[pick(device)];
    return id;
}

}  // namespace zincir

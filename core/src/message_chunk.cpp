#include <zincir/core/message_chunk.hpp>

#include <algorithm>

namespace zincir {
namespace {

content_block new_block(const message_chunk& chunk)
{
    switch (chunk.what) {
        case message_chunk::kind::reasoning:
            return reasoning_block();
        case message_chunk::kind::refusal:
            return refusal_block();
        case message_chunk::kind::tool_call: {
            tool_call call;
            call.arguments.clear();
            return call;
        }
        default:
            return text_block();
    }
}

std::string& text_of(content_block& block)
{
    if (auto* text = std::get_if<text_block>(&block))
        return text->text;
    if (auto* reasoning = std::get_if<reasoning_block>(&block))
        return reasoning->text;
    if (auto* refusal = std::get_if<refusal_block>(&block))
        return refusal->text;
    return std::get<tool_call>(block).arguments;
}

void add_facts(message& head, const chunk_facts& facts)
{
    if (facts.finish != finish_reason::none)
        head.finish = facts.finish;
    auto& info = head.info();
    if (facts.usage)
        info.usage = facts.usage;
    if (!facts.raw_finish.empty())
        info.raw_finish = facts.raw_finish;
    if (!facts.id.empty())
        info.id = facts.id;
    if (!facts.model.empty())
        info.model = facts.model;
    info.warnings.insert(info.warnings.end(), facts.warnings.begin(), facts.warnings.end());
    if (!facts.metadata.empty())
        merge_json(info.metadata, facts.metadata);
}

bool is_reasoning(const content_block& block) { return std::holds_alternative<reasoning_block>(block); }

}  // namespace

void message_builder::add(message_chunk chunk)
{
    if (chunk.facts)
        add_facts(head_, *chunk.facts);
    finished_ = head_.finish != finish_reason::none;
    if (chunk.what == message_chunk::kind::facts)
        return;
    auto at = std::find_if(blocks_.rbegin(), blocks_.rend(), [&](const open_block& b) { return b.index == chunk.block; });
    if (at == blocks_.rend()) {
        blocks_.push_back(open_block{chunk.block, false, new_block(chunk)});
        at = blocks_.rbegin();
    }
    auto& target = at->block;
    auto& text = text_of(target);
    if (text.empty())
        text = std::move(chunk.delta);
    else
        text += chunk.delta;
    if (chunk.facts) {
        if (auto* call = std::get_if<tool_call>(&target)) {
            if (!chunk.facts->call_id.empty())
                call->id = chunk.facts->call_id;
            if (!chunk.facts->call_name.empty())
                call->name = chunk.facts->call_name;
        } else if (auto* reasoning = std::get_if<reasoning_block>(&target); reasoning && !chunk.facts->details.empty()) {
            merge_json(reasoning->details, chunk.facts->details);
        }
    }
    at->closed = at->closed || chunk.closes;
}

message message_builder::assemble(std::vector<open_block> blocks, message head, bool finished)
{
    std::stable_sort(blocks.begin(), blocks.end(), [](const open_block& a, const open_block& b) {
        return is_reasoning(a.block) != is_reasoning(b.block) ? is_reasoning(a.block) : a.index < b.index;
    });
    for (auto& b : blocks) {
        if (auto* call = std::get_if<tool_call>(&b.block)) {
            if (!b.closed)
                continue;
            if (call->arguments.empty() || call->arguments == "null")
                call->arguments = "{}";
        }
        head.content.push_back(std::move(b.block));
    }
    head.status = !finished                              ? message_status::failed
                  : head.finish == finish_reason::length ? message_status::length
                                                         : message_status::complete;
    return head;
}

message message_builder::take()
{
    auto whole = assemble(std::move(blocks_), std::move(head_), finished_);
    *this = message_builder();
    return whole;
}

message message_builder::partial(message_status status) const
{
    auto part = assemble(blocks_, head_, finished_);
    part.status = status;
    return part;
}

}  // namespace zincir

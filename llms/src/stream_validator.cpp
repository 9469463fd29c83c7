#include <zincir/llms/stream_validator.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace zincir::testing {
namespace {

using kind = message_chunk::kind;

bool is_utf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                    ? 1
                                   : lead >= 0xC2 && lead <= 0xDF ? 2
                                   : lead >= 0xE0 && lead <= 0xEF ? 3
                                   : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                                  : 0;
        if (length == 0 || i + length > text.size())
            return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U)
                return false;
        i += length;
    }
    return true;
}

}  // namespace

void stream_validator::chunk(const message_chunk& c)
{
    if (over_)
        return breach("a chunk came after the end");
    if (finish_ != finish_reason::none)
        breach("a chunk came after the one with the finish reason");
    chunks_.push_back(c);
    if (c.facts && c.facts->finish != finish_reason::none)
        finish_ = c.facts->finish;
    if (c.what == kind::facts) {
        if (!c.delta.empty() || c.opens || c.closes)
            breach("a chunk of facts has text, or opens or closes a block");
        if (!c.facts)
            breach("a chunk of facts has none");
        return;
    }
    const auto at = blocks_.find(c.block);
    if (at == blocks_.end()) {
        if (!c.opens)
            breach(fmt::format("block {} grows before it opens", c.block));
        block fresh{c.what};
        if (c.what == kind::tool_call) {
            if (!c.facts || c.facts->call_id.empty() || c.facts->call_name.empty()) {
                breach(fmt::format("tool call {} opens without an id or a name", c.block));
            } else {
                fresh.call_id = c.facts->call_id;
                fresh.call_name = c.facts->call_name;
                for (const auto& [number, other] : blocks_)
                    if (other.call_id == fresh.call_id)
                        breach(fmt::format("tool calls {} and {} have the same id", number, c.block));
            }
        }
        blocks_.emplace(c.block, std::move(fresh));
    } else if (c.opens) {
        breach(fmt::format("block {} opens twice", c.block));
    }
    auto& target = blocks_.at(c.block);
    if (target.what != c.what)
        breach(fmt::format("block {} changes its kind", c.block));
    if (target.closed)
        breach(fmt::format("block {} goes on after it was closed", c.block));
    if (c.delta.empty() && !c.opens && !c.closes && !c.facts)
        breach(fmt::format("a chunk of block {} says nothing", c.block));
    target.text += c.delta;
    if (c.closes) {
        target.closed = true;
        if (!is_utf8(target.text))
            breach(fmt::format("the text of block {} is no UTF-8", c.block));
    }
}

void stream_validator::error(const zincir::error& e)
{
    if (over_)
        return breach("an error came after the end");
    over_ = failed_ = true;
    if (finish_ != finish_reason::none)
        breach("an error came after the finish reason");
    if (e.facts().partial && !chunks_.empty()) {
        if (e.facts().partial->status == message_status::complete)
            breach("the partial message of the error says that it is complete");
        check_conserved(*e.facts().partial, "the partial message");
    }
}

void stream_validator::end()
{
    if (over_)
        return breach("the stream ended twice");
    over_ = true;
    if (finish_ == finish_reason::none)
        breach("the stream ended well without a finish reason");
    for (const auto& [number, b] : blocks_)
        if (!b.closed &&
            !(b.what == kind::tool_call && (finish_ == finish_reason::length || finish_ == finish_reason::content_filter)))
            breach(fmt::format("block {} was never closed", number));
    const auto sum = fold();
    if (sum.finish != finish_)
        breach("the fold has another finish reason than the stream");
    if (sum.status != message_status::complete && sum.status != message_status::length)
        breach("the fold of a stream that ended well is not whole");
    check_conserved(sum, "the fold");
}

void stream_validator::check_conserved(const message& sum, std::string_view whose)
{
    std::map<kind, std::string> texts;
    std::vector<const block*> calls;
    for (const auto& [number, b] : blocks_) {
        if (b.what != kind::tool_call)
            texts[b.what] += b.text;
        else if (b.closed)
            calls.push_back(&b);
    }
    const auto same = [&](kind what, std::string_view held, std::string_view name) {
        if (texts[what] != held)
            breach(fmt::format("{} has another {} than the chunks", whose, name));
    };
    same(kind::text, sum.text(), "text");
    same(kind::reasoning, sum.reasoning(), "reasoning");
    same(kind::refusal, sum.refusal(), "refusal");
    const auto held = sum.tool_calls();
    if (held.size() != calls.size())
        return breach(fmt::format("{} has {} tool calls, the chunks closed {}", whose, held.size(), calls.size()));
    for (const auto* call : calls) {
        const auto at = std::find_if(held.begin(), held.end(), [&](const tool_call& h) { return h.id == call->call_id; });
        if (at == held.end() || at->name != call->call_name || at->arguments != call->text)
            breach(fmt::format("{} lacks the tool call '{}', or has it otherwise", whose, call->call_id));
    }
}

message stream_validator::fold() const
{
    message_builder sum;
    for (const auto& c : chunks_)
        sum.add(c);
    return sum.take();
}

std::string stream_validator::report() const
{
    std::string all;
    for (const auto& v : violations_)
        all += v + "\n";
    return all;
}

awaitable<stream_validator> validated(stream<message_chunk> pieces)
{
    stream_validator check;
    try {
        while (auto piece = co_await pieces.next())
            check.chunk(*piece);
        check.end();
    } catch (const zincir::error& e) {
        check.error(e);
    }
    if (co_await pieces.next())
        throw zincir::error(errc::invalid_argument, "the stream yields chunks after its end");
    co_return check;
}

}  // namespace zincir::testing

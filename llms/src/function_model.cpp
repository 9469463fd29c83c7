#include <zincir/llms/function_model.hpp>

#include <zincir/core/error.hpp>

#include <algorithm>

namespace zincir::detail {

void check_deadline(const run_context& ctx)
{
    if (ctx.has_deadline() && run_context::clock::now() >= ctx.deadline())
        throw error(errc::deadline_exceeded,
                    "the deadline of this call passed: give it more time with run_context().with_timeout(…)");
}

message finished_reply(message reply)
{
    reply.role = role::assistant;
    if (reply.finish == finish_reason::none && reply.status == message_status::complete) {
        const bool calls = std::any_of(reply.content.begin(), reply.content.end(),
                                       [](const content_block& b) { return std::holds_alternative<tool_call>(b); });
        reply.finish = calls ? finish_reason::tool_calls : finish_reason::stop;
    }
    return reply;
}

}  // namespace zincir::detail

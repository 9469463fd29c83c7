#include <zincir/core/message.hpp>

#include <zincir/core/detail/utf8.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace zincir {
namespace {

[[noreturn]] void refuse(std::size_t index, const std::string& what)
{
    throw error(errc::invalid_argument, "message " + std::to_string(index) + " of the conversation " + what);
}

void check_text(std::string_view text, std::size_t index)
{
    if (const auto bad = detail::find_invalid_utf8(text); bad != std::string_view::npos)
        refuse(index, "is not UTF-8: byte " + std::to_string(bad) + " of its text; convert it before it is sent");
}

void check_encoding(const message& m, std::size_t index)
{
    for (const auto& block : m.content) {
        if (const auto* text = std::get_if<text_block>(&block))
            check_text(text->text, index);
        else if (const auto* reasoning = std::get_if<reasoning_block>(&block))
            check_text(reasoning->text, index);
        else if (const auto* result = std::get_if<tool_result_block>(&block))
            check_text(result->text, index);
        else if (const auto* call = std::get_if<tool_call>(&block))
            check_text(call->arguments, index);
    }
}

}  // namespace

void check_history(const messages& history)
{
    if (history.empty())
        throw error(errc::invalid_argument, "the conversation is empty: give the model at least one message");
    std::vector<std::string_view> open;  // calls whose result has not come
    std::vector<std::string_view> all;
    for (std::size_t i = 0; i < history.size(); ++i) {
        const auto& m = history[i];
        check_encoding(m, i);
        if (m.status == message_status::failed || m.status == message_status::aborted)
            refuse(i, "is a reply that was cut (status " + std::string(name(m.status)) +
                          "): leave it out, or set its status once you have mended it");
        if (m.role == role::tool && std::none_of(m.content.begin(), m.content.end(), [](const content_block& block) {
                return std::holds_alternative<tool_result_block>(block);
            }))
            refuse(i, "has the role tool, but holds no tool result: make it by tool_result(call id, text)");
        if (m.role != role::tool && !open.empty())
            refuse(i, "comes before the result of tool call \"" + std::string(open.front()) + "\": add tool_result(\"" +
                          std::string(open.front()) + "\", …) before it");
        for (const auto& block : m.content) {
            if (const auto* call = std::get_if<tool_call>(&block)) {
                if (m.role != role::assistant)
                    refuse(i, "holds a tool call, but its role is " + std::string(name(m.role)) +
                                  ": only assistant messages call tools");
                if (std::find(all.begin(), all.end(), call->id) != all.end())
                    refuse(i, "uses the tool call id \"" + call->id + "\" a second time");
                all.push_back(call->id);
                open.push_back(call->id);
            } else if (const auto* result = std::get_if<tool_result_block>(&block)) {
                const auto at = std::find(open.begin(), open.end(), result->call_id);
                if (at == open.end())
                    refuse(i, "is the result of a tool call \"" + result->call_id +
                                  "\" that no message before it made, or that has its result already");
                open.erase(at);
            }
        }
    }
    if (!open.empty())
        throw error(errc::invalid_argument, "the conversation ends before the result of tool call \"" + std::string(open.front()) +
                                                "\": add tool_result(\"" + std::string(open.front()) + "\", …)");
}

}  // namespace zincir

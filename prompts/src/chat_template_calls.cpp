#include "chat_template_calls.hpp"

#include <zincir/core/detail/utf8.hpp>
#include <zincir/core/media.hpp>

#include <set>
#include <string_view>

namespace zincir::detail {
namespace {

[[noreturn]] void refuse(std::size_t turn, const std::string& what)
{
    throw error(errc::invalid_argument, "message " + std::to_string(turn) + " of the conversation " + what);
}

void check_text(std::size_t turn, std::string_view text)
{
    if (const auto bad = find_invalid_utf8(text); bad != std::string_view::npos)
        refuse(turn, "is not UTF-8: byte " + std::to_string(bad) + " of one of its texts");
}

void check_block(std::size_t turn, role speaker, const content_block& block)
{
    if (const auto* text = std::get_if<text_block>(&block)) {
        check_text(turn, text->text);
    } else if (const auto* refusal = std::get_if<refusal_block>(&block)) {
        check_text(turn, refusal->text);
    } else if (const auto* thought = std::get_if<reasoning_block>(&block)) {
        check_text(turn, thought->text);
    } else if (const auto* result = std::get_if<tool_result_block>(&block)) {
        check_text(turn, result->call_id);
        check_text(turn, result->text);
    } else if (const auto* call = std::get_if<tool_call>(&block)) {
        if (speaker != role::assistant)
            refuse(turn,
                   "holds a tool call, but its role is " + std::string(name(speaker)) + ": only assistant messages call tools");
        check_text(turn, call->id);
        check_text(turn, call->name);
        check_text(turn, call->arguments);
    }
}

bool is_short(std::string_view id)
{
    const auto letter_or_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return id.size() == 9 && std::all_of(id.begin(), id.end(), letter_or_digit);
}

}  // namespace

calls_for_template::calls_for_template(const messages& turns, const chat_template_shape& shape)
{
    for (std::size_t i = 0; i < turns.size(); ++i) {
        check_text(i, turns[i].name);
        for (const auto& block : turns[i].content)
            check_block(i, turns[i].role, block);
    }
    pair(turns);
    if (shape.can.tool_calls && !shape.any_call_id && shape.polyfills.call_ids)
        shorten_ids();
}

void calls_for_template::pair(const messages& turns)
{
    std::size_t open = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        if (holds<tool_call>(turns[i]) || !holds<tool_result_block>(turns[i]))
            open = calls_.size();
        for (const auto& block : turns[i].content) {
            if (const auto* call = std::get_if<tool_call>(&block)) {
                calls_.push_back(call_for_template{call, i, nullptr, call->id});
            } else if (const auto* result = std::get_if<tool_result_block>(&block)) {
                const auto asked = std::find_if(calls_.begin() + static_cast<std::ptrdiff_t>(open), calls_.end(),
                                                [&](const auto& c) { return !c.result && c.call->id == result->call_id; });
                if (asked != calls_.end()) {
                    asked->result = result;
                    asking_.emplace(result, static_cast<std::size_t>(asked - calls_.begin()));
                }
            }
        }
    }
}

void calls_for_template::shorten_ids()
{
    std::set<std::string_view> given;
    for (const auto& c : calls_)
        given.insert(c.call->id);
    std::size_t number = 0;
    for (auto& c : calls_)
        while (!is_short(c.id)) {
            const auto digits = std::to_string(100'000 + ++number);
            auto id = "call" + digits.substr(digits.size() - 5);
            if (given.count(id) == 0)
                c.id = std::move(id);
        }
}

std::vector<call_for_template*> calls_for_template::of_turn(std::size_t turn)
{
    const auto before = [](const call_for_template& c, std::size_t t) { return c.turn < t; };
    std::vector<call_for_template*> found;
    for (auto c = std::lower_bound(calls_.begin(), calls_.end(), turn, before); c != calls_.end() && c->turn == turn; ++c)
        found.push_back(&*c);
    return found;
}

call_for_template* calls_for_template::asking_for(const tool_result_block& result) noexcept
{
    const auto found = asking_.find(&result);
    return found == asking_.end() ? nullptr : &calls_[found->second];
}

json::object media_part_for_template(const std::string& type, const media& source, json::storage_ptr memory)
{
    const auto url = source.url.empty() ? to_data_url(source) : source.url;
    json::object part(memory);
    part["type"] = type;
    if (type.ends_with("_url")) {
        json::object inner(memory);
        inner["url"] = url;
        part[type] = std::move(inner);
    } else if (type == "input_audio") {
        const auto slash = source.mime_type.find('/');
        json::object inner(memory);
        inner["data"] = source.url.empty() ? source.base64 : source.url;
        inner["format"] = slash == std::string::npos ? std::string() : source.mime_type.substr(slash + 1);
        part[type] = std::move(inner);
    } else {
        part[type] = url;
    }
    return part;
}

json::array tools_for_template(const std::vector<tool_definition>& tools, json::storage_ptr memory)
{
    json::array all(memory);
    all.reserve(tools.size());
    for (const auto& tool : tools) {
        json::object function(memory);
        function.reserve(3);
        function.emplace("name", tool.name);
        function.emplace("description", tool.description);
        // Templates go through the properties without looking whether there are any.
        if (tool.parameters.empty())
            function.emplace("parameters", json::object{{"type", "object"}, {"properties", json::object()}});
        else
            function.emplace("parameters", tool.parameters);
        json::object one(memory);
        one.reserve(2);
        one.emplace("type", "function");
        one.emplace("function", std::move(function));
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace zincir::detail

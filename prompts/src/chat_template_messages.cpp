#include "chat_template_messages.hpp"

#include <zincir/core/json.hpp>
#include <zincir/core/media.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace zincir::detail {
namespace {

constexpr std::string_view how_to_call =
    "\n\nTo call tools, answer with JSON only: {\"tool_calls\": [{\"name\": \"…\", \"arguments\": {…}, \"id\": \"…\"}]}";

json::value arguments_of(const tool_call& call)
{
    if (auto read = try_parse_json(call.arguments); read && read->is_object())
        return std::move(*read);
    return json::value(call.arguments);
}

json::object part_of(std::string_view type, const media& source)
{
    json::object part;
    part["type"] = type;
    part[type] = source.url.empty() ? to_data_url(source) : source.url;
    return part;
}

json::object text_part(const std::string& text)
{
    json::object part;
    part["type"] = "text";
    part["text"] = text;
    return part;
}

std::string call_name(const messages& turns, const std::string& id)
{
    for (const auto& m : turns)
        for (const auto& block : m.content)
            if (const auto* call = std::get_if<tool_call>(&block); call && call->id == id)
                return call->name;
    return {};
}

void append_text(std::string& to, std::string_view text)
{
    if (!to.empty() && !text.empty())
        to += "\n\n";
    to += text;
}

class converter {
public:
    converter(const messages& turns, const std::vector<tool_definition>& tools, const chat_template_shape& shape)
        : turns_(turns), tools_(tools), shape_(shape)
    {}

    json::array run()
    {
        const bool describe = !tools_.empty() && !shape_.can.tools && shape_.polyfills.tools;
        bool described = !describe;
        for (const auto& m : turns_) {
            if (!described) {
                described = true;
                if (m.role == role::system || m.role == role::developer) {
                    add_system(m, tools_text());
                    continue;
                }
                add_system(message(role::system, std::string()), tools_text());
            }
            add(m);
        }
        if (!described)
            add_system(message(role::system, std::string()), tools_text());
        if (!folded_.empty())
            add_user(content_of(message(role::user, std::string())));
        return std::move(out_);
    }

private:
    std::string tools_text() const
    {
        return "You can call these tools:\n" + boost::json::serialize(tools_for_template(tools_)) + std::string(how_to_call);
    }

    void add(const message& m)
    {
        const bool results = std::any_of(m.content.begin(), m.content.end(),
                                         [](const content_block& b) { return std::holds_alternative<tool_result_block>(b); });
        if (results)
            return add_results(m);
        if (m.role == role::system || m.role == role::developer)
            return add_system(m, {});
        if (m.role == role::assistant)
            return add_reply(m);
        auto turn = content_of(m);
        if (m.role == role::user)
            return add_user(std::move(turn), m.name);
        push(name(m.role), std::move(turn), m.name);
    }

    json::object& push(std::string_view role_name, json::value content, const std::string& speaker = {})
    {
        json::object turn;
        turn["role"] = role_name;
        turn["content"] = std::move(content);
        if (!speaker.empty())
            turn["name"] = speaker;
        return out_.emplace_back(std::move(turn)).as_object();
    }

    void add_system(const message& m, std::string more)
    {
        const bool developer = m.role == role::developer && shape_.can.developer_role;
        if (!developer && !shape_.can.system_role && shape_.polyfills.system_role) {
            append_text(folded_, m.text());
            append_text(folded_, more);
            return;
        }
        auto whole = m;
        if (!more.empty()) {
            auto text = m.text();
            append_text(text, more);
            whole.content.clear();
            whole.content.emplace_back(text_block(std::move(text)));
        }
        push(developer ? "developer" : "system", content_of(whole), m.name);
    }

    void add_user(json::value content, const std::string& speaker = {})
    {
        if (!folded_.empty()) {
            if (content.is_array()) {
                content.as_array().insert(content.as_array().begin(), text_part(folded_ + "\n\n"));
            } else {
                append_text(folded_, content.as_string());
                content = folded_;
            }
            folded_.clear();
        }
        push("user", std::move(content), speaker);
    }

    json::value content_of(const message& m) const
    {
        json::array parts;
        bool texts_only = true;
        for (const auto& block : m.content) {
            if (const auto* text = std::get_if<text_block>(&block))
                parts.push_back(text_part(text->text));
            else if (const auto* refusal = std::get_if<refusal_block>(&block))
                parts.push_back(text_part(refusal->text));
            else if (const auto* image = std::get_if<image_block>(&block))
                parts.push_back(part_of("image", image->source)), texts_only = false;
            else if (const auto* sound = std::get_if<audio_block>(&block))
                parts.push_back(part_of("audio", sound->source)), texts_only = false;
            else if (const auto* file = std::get_if<file_block>(&block))
                parts.push_back(part_of("file", file->source)), texts_only = false;
        }
        const bool as_list = shape_.can.requires_typed_content && shape_.polyfills.typed_content;
        if (!texts_only && !shape_.can.typed_content && shape_.polyfills.typed_content)
            throw error(errc::unsupported, "the chat template takes texts only, and a message holds a picture, sound or file");
        if (as_list || !texts_only) {
            if (parts.empty())
                parts.push_back(text_part({}));
            return parts;
        }
        std::string text;
        for (const auto& part : parts)
            text += std::string_view(part.at("text").as_string());
        return json::value(text);
    }

    void add_reply(const message& m)
    {
        const auto calls = m.tool_calls();
        if (calls.empty()) {
            add_reasoning(push("assistant", content_of(m), m.name), m);
            return;
        }
        if (!shape_.can.tool_calls && shape_.polyfills.tool_calls)
            return add_calls_as_text(m, calls);
        if (calls.size() > 1 && !shape_.can.parallel_tool_calls && shape_.polyfills.parallel_tool_calls)
            return add_calls_in_turn(m, calls);
        add_calls(m, calls);
    }

    void add_calls(const message& m, const std::vector<tool_call>& calls)
    {
        auto content = content_of(m);
        if (shape_.null_content_with_calls && m.text().empty())
            content = nullptr;
        auto& turn = push("assistant", std::move(content), m.name);
        json::array list;
        for (const auto& call : calls) {
            json::object function;
            function["name"] = call.name;
            function["arguments"] = shape_.can.object_arguments ? arguments_of(call) : json::value(call.arguments);
            json::object one;
            one["id"] = call.id;
            one["type"] = "function";
            one["function"] = std::move(function);
            list.push_back(std::move(one));
        }
        turn["tool_calls"] = std::move(list);
        add_reasoning(turn, m);
    }

    // One reply a call, its result behind it; the results are then left out where they come.
    void add_calls_in_turn(const message& m, const std::vector<tool_call>& calls)
    {
        auto head = m;
        const auto from = static_cast<std::size_t>(&m - turns_.data());
        for (const auto& call : calls) {
            add_calls(head, {call});
            head = message(role::assistant, std::string());
            if (const auto* result = result_of(call.id, from)) {
                add_result(*result);
                told_.push_back(result);
            }
        }
    }

    // The next one behind the message at `from`.
    const tool_result_block* result_of(const std::string& id, std::size_t from) const
    {
        for (auto i = from + 1; i < turns_.size(); ++i)
            for (const auto& block : turns_[i].content)
                if (const auto* result = std::get_if<tool_result_block>(&block); result && result->call_id == id)
                    return result;
        return nullptr;
    }

    void add_calls_as_text(const message& m, const std::vector<tool_call>& calls)
    {
        json::array list;
        for (const auto& call : calls) {
            json::object one;
            one["name"] = call.name;
            one["arguments"] = arguments_of(call);
            one["id"] = call.id;
            list.push_back(std::move(one));
        }
        json::object all;
        all["tool_calls"] = std::move(list);
        auto text = m.text();
        append_text(text, boost::json::serialize(all));
        auto said = message(role::assistant, std::move(text));
        add_reasoning(push("assistant", content_of(said), m.name), m);
    }

    void add_reasoning(json::object& turn, const message& m) const
    {
        if (auto thought = m.reasoning(); !thought.empty())
            turn[shape_.reasoning_field] = thought;
    }

    void add_results(const message& m)
    {
        std::string as_text;
        for (const auto& block : m.content) {
            const auto* result = std::get_if<tool_result_block>(&block);
            if (!result || std::find(told_.begin(), told_.end(), result) != told_.end())
                continue;
            if (shape_.can.tool_responses || !shape_.polyfills.tool_responses)
                add_result(*result);
            else
                append_text(as_text, result_text(*result));
        }
        if (!as_text.empty())
            add_result_text(std::move(as_text), &m != turns_.data() && is_result(*(&m - 1)));
    }

    static bool is_result(const message& m)
    {
        return !m.content.empty() && std::holds_alternative<tool_result_block>(m.content.front());
    }

    // Results in a row are one user message: many templates want the roles to take turns.
    void add_result_text(std::string text, bool goes_on)
    {
        if (goes_on && !out_.empty() && out_.back().at("role") == "user" && out_.back().at("content").is_string()) {
            std::string all(std::string_view(out_.back().at("content").as_string()));
            append_text(all, text);
            out_.back().as_object()["content"] = all;
            return;
        }
        add_user(content_of(message(role::user, std::move(text))));
    }

    std::string result_text(const tool_result_block& result) const
    {
        json::object inner;
        if (const auto tool = call_name(turns_, result.call_id); !tool.empty())
            inner["tool"] = tool;
        inner["content"] = result.text;
        inner["tool_call_id"] = result.call_id;
        json::object outer;
        outer["tool_response"] = std::move(inner);
        return boost::json::serialize(outer);
    }

    void add_result(const tool_result_block& result)
    {
        if (!shape_.can.tool_responses && shape_.polyfills.tool_responses)
            return add_result_text(result_text(result), false);
        auto& turn = push("tool", content_of(message(role::tool, result.text)), call_name(turns_, result.call_id));
        turn["tool_call_id"] = result.call_id;
    }

    const messages& turns_;
    const std::vector<tool_definition>& tools_;
    const chat_template_shape& shape_;
    json::array out_{};
    std::string folded_{};  // what the next user message begins with
    std::vector<const tool_result_block*> told_{};
};

}  // namespace

json::array tools_for_template(const std::vector<tool_definition>& tools)
{
    json::array all;
    for (const auto& tool : tools) {
        json::object function;
        function["name"] = tool.name;
        function["description"] = tool.description;
        function["parameters"] = tool.parameters;
        json::object one;
        one["type"] = "function";
        one["function"] = std::move(function);
        all.push_back(std::move(one));
    }
    return all;
}

json::array messages_for_template(const messages& turns, const std::vector<tool_definition>& tools,
                                  const chat_template_shape& shape)
{
    return converter(turns, tools, shape).run();
}

}  // namespace zincir::detail

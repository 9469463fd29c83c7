#include "chat_template_messages.hpp"
#include "chat_template_calls.hpp"

#include <zincir/core/json.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace zincir::detail {
namespace {

constexpr std::string_view how_to_call =
    "\n\nTo call tools, answer with JSON only: {\"tool_calls\": [{\"name\": \"…\", \"arguments\": {…}, \"id\": \"…\"}]}";

// Null for arguments that are no JSON object.
json::value object_of(const std::string& arguments)
{
    if (auto read = try_parse_json(arguments); read && read->is_object())
        return std::move(*read);
    return nullptr;
}

json::object text_part(std::string_view text, const json::storage_ptr& memory)
{
    json::object part(memory);
    part.reserve(2);
    part.emplace("type", "text");
    part.emplace("text", text);
    return part;
}

void append_text(std::string& to, std::string_view text)
{
    if (!to.empty() && !text.empty())
        to += "\n\n";
    to += text;
}

json::array parts_of(json::value content)
{
    if (content.is_array())
        return std::move(content.get_array());
    json::array parts(content.storage());
    if (content.is_string() && !content.get_string().empty())
        parts.push_back(text_part(content.get_string(), content.storage()));
    return parts;
}

// One content behind another, in place: a merged message may be made of many.
void append_content(json::value& to, json::value more)
{
    if (to.is_string() && more.is_string()) {
        auto& all = to.get_string();
        if (!all.empty() && !more.get_string().empty())
            all.append("\n\n");
        all.append(more.get_string());
        return;
    }
    if (!to.is_array())
        to = parts_of(std::move(to));
    for (auto& part : parts_of(std::move(more)))
        to.get_array().push_back(std::move(part));
}

bool is_system(const message& m) { return (m.role == role::system || m.role == role::developer) && !holds<tool_result_block>(m); }

class converter {
public:
    converter(const messages& turns, const std::vector<tool_definition>& tools, const chat_template_shape& shape,
              json::storage_ptr memory)
        : turns_(turns), tools_(tools), shape_(shape), memory_(std::move(memory)), calls_(turns, shape), out_(memory_)
    {
        out_.reserve(turns.size());
        if (!shape.can.free_turns)
            next_ = next_speakers();
    }

    json::array run()
    {
        const auto from = add_leading_systems();
        for (at_ = from; at_ < turns_.size(); ++at_)
            add(turns_[at_]);
        if (!folded_.empty())
            add_user(as_content({}));
        return std::move(out_);
    }

private:
    std::string tools_text() const
    {
        return "You can call these tools:\n" + boost::json::serialize(tools_for_template(tools_)) + std::string(how_to_call);
    }

    // Those at the beginning become one where the template shows only one. Returns how many.
    std::size_t add_leading_systems()
    {
        const auto end = std::find_if_not(turns_.begin(), turns_.end(), is_system);
        const auto leading = static_cast<std::size_t>(end - turns_.begin());
        const bool describe = !tools_.empty() && !shape_.can.tools && shape_.polyfills.tools;
        if (leading == 0 && !describe)
            return 0;
        auto text = leading == 0 ? std::string() : system_text(turns_[0], 0);
        std::size_t merged = 1;
        if (shape_.polyfills.system_role && !shape_.can.several_system_messages)
            for (; merged < leading; ++merged)
                append_text(text, system_text(turns_[merged], merged));
        if (describe)
            append_text(text, tools_text());
        const auto& first = leading == 0 ? message(role::system, std::string()) : turns_[0];
        add_system(first.role, std::move(text), first.name);
        for (; merged < leading; ++merged)
            add(turns_[at_ = merged]);
        return leading;
    }

    std::string system_text(const message& m, std::size_t turn) const
    {
        std::string text;
        for (const auto& block : m.content) {
            if (const auto* words = words_of(block))
                text += *words;
            else if (!std::holds_alternative<reasoning_block>(block))
                throw error(errc::unsupported, "message " + std::to_string(turn) +
                                                   " of the conversation is a system's and holds a " +
                                                   "picture, sound or file: chat templates show those of users");
        }
        return text;
    }

    bool folds(bool developer) const
    {
        if (!shape_.polyfills.system_role)
            return false;
        if (!shape_.can.system_role)
            return !(developer && shape_.can.developer_role);
        if (!out_.empty() && !shape_.can.several_system_messages)
            return true;
        if (std::all_of(turns_.begin(), turns_.end(), is_system))
            return !shape_.system_alone;
        return shape_.system_wants_user_last && turns_.back().role != role::user;
    }

    void add_system(role who, std::string text, const std::string& speaker)
    {
        const bool developer = who == role::developer && (shape_.can.developer_role || !shape_.polyfills.system_role);
        if (folds(developer))
            append_text(folded_, text);
        else
            push(developer ? "developer" : "system", as_content(text), speaker);
    }

    void add(const message& m)
    {
        if (is_system(m))
            return add_system(m.role, system_text(m, at_), m.name);
        if (holds<tool_call>(m))
            add_reply(m);
        if (holds<tool_result_block>(m))
            return add_results(m);
        if (holds<tool_call>(m))
            return;
        if (m.role == role::assistant)
            return add_reply(m);
        if (m.role == role::tool)
            return add_unasked(m.text());
        add_user(content_of(m), m.name);
    }

    json::object& push(std::string_view who, json::value content, const std::string& speaker = {})
    {
        json::object turn(memory_);
        turn.reserve(4);
        turn.emplace("role", who);
        turn.emplace("content", std::move(content));
        if (!speaker.empty())
            turn.emplace("name", speaker);
        if (who != "tool")
            user_spoke_ = who == "user";
        return out_.emplace_back(std::move(turn)).as_object();
    }

    bool merges(std::string_view who) const
    {
        return shape_.polyfills.turns && !shape_.can.free_turns && !out_.empty() && out_.back().at("role").as_string() == who &&
               !out_.back().as_object().contains("tool_calls");
    }

    void add_user(json::value content, const std::string& speaker = {})
    {
        if (!folded_.empty()) {
            auto whole = as_content(std::move(folded_));
            folded_.clear();
            append_content(whole, std::move(content));
            content = std::move(whole);
        }
        if (merges("user"))
            return append_content(out_.back().as_object()["content"], std::move(content));
        push("user", std::move(content), speaker);
    }

    // What was folded is said before the reply; and a conversation that must not begin with a reply begins with an empty message.
    void open_reply()
    {
        const bool first = shape_.polyfills.turns && !shape_.reply_first &&
                           std::none_of(out_.begin(), out_.end(), [](const json::value& t) { return t.at("role") == "user"; });
        if (first || !folded_.empty())
            add_user(as_content({}));
    }

    json::value as_content(std::string_view text) const
    {
        if (shape_.can.requires_typed_content && shape_.polyfills.typed_content)
            return json::array(1, text_part(text, memory_), memory_);
        return json::value(text, memory_);
    }

    void add_media(json::array& parts, std::string_view what, bool shown, const std::string& type, const media& source) const
    {
        if (shape_.polyfills.typed_content && (!shown || turns_[at_].role != role::user))
            throw error(errc::unsupported, "message " + std::to_string(at_) + " of the conversation holds a " + std::string(what) +
                                               ", which the chat template does not show" +
                                               (shown ? " in a message of this role" : ""));
        parts.push_back(media_part_for_template(type, source, memory_));
    }

    static const std::string* words_of(const content_block& block)
    {
        if (const auto* text = std::get_if<text_block>(&block))
            return &text->text;
        const auto* refusal = std::get_if<refusal_block>(&block);
        return refusal ? &refusal->text : nullptr;
    }

    // Texts and refusals, pictures, sounds and files.
    json::value content_of(const message& m) const
    {
        if (m.content.size() == 1)
            if (const auto* words = words_of(m.content.front()))
                return as_content(*words);
        if (holds<image_block>(m) || holds<audio_block>(m) || holds<file_block>(m))
            return parts_to_show(m);
        std::string all;
        for (const auto& block : m.content)
            if (const auto* words = words_of(block))
                all += *words;
        return as_content(all);
    }

    json::value parts_to_show(const message& m) const
    {
        json::array parts(memory_);
        for (const auto& block : m.content)
            if (const auto* words = words_of(block))
                parts.push_back(text_part(*words, memory_));
            else if (const auto* image = std::get_if<image_block>(&block))
                add_media(parts, "picture", shape_.can.images, shape_.image_type, image->source);
            else if (const auto* sound = std::get_if<audio_block>(&block))
                add_media(parts, "sound", shape_.can.audio, shape_.audio_type, sound->source);
            else if (const auto* file = std::get_if<file_block>(&block))
                add_media(parts, "file", shape_.can.files, shape_.file_type, file->source);
        return parts;
    }

    void add_reasoning(json::object& turn, const message& m) const
    {
        if (!holds<reasoning_block>(m))
            return;
        const auto thought = m.reasoning();
        if (!shape_.reasoning_part) {
            turn[shape_.reasoning_member] = thought;
            return;
        }
        json::object part(memory_);
        part["type"] = "thinking";
        part["thinking"] = thought;
        json::array parts(memory_);
        parts.push_back(std::move(part));
        for (auto& other : parts_of(std::move(turn["content"])))
            parts.push_back(std::move(other));
        turn["content"] = std::move(parts);
    }

    void add_reply(const message& m)
    {
        const auto calls = calls_.of_turn(at_);
        open_reply();
        if (calls.empty())
            add_said(content_of(m), m);
        else if (calls_as_text(m, calls))
            add_calls_as_text(m, calls);
        else
            add_calls_in_turn(m, calls);
    }

    void add_said(json::value content, const message& m)
    {
        if (merges("assistant")) {
            append_content(out_.back().as_object()["content"], std::move(content));
            if (!out_.back().as_object().contains(shape_.reasoning_member))
                add_reasoning(out_.back().as_object(), m);
            return;
        }
        add_reasoning(push("assistant", std::move(content), m.name), m);
    }

    static bool says_something(const message& m)
    {
        return std::any_of(m.content.begin(), m.content.end(), [](const content_block& block) {
            const auto* words = words_of(block);
            return words ? !words->empty()
                         : std::holds_alternative<image_block>(block) || std::holds_alternative<audio_block>(block) ||
                               std::holds_alternative<file_block>(block);
        });
    }

    bool calls_as_text(const message& m, const std::vector<call_for_template*>& calls) const
    {
        if (!shape_.polyfills.tool_calls)
            return false;
        if (!shape_.can.tool_calls)
            return true;
        const bool unfit = shape_.can.object_arguments && !shape_.text_arguments &&
                           std::any_of(calls.begin(), calls.end(),
                                       [](const call_for_template* c) { return object_of(c->call->arguments).is_null(); });
        if (unfit)
            return true;
        if (shape_.can.free_turns || !shape_.polyfills.turns)
            return false;
        // Where turns alternate, calls and their results stand between a user's message and the reply to it, and nothing is said.
        return (!shape_.text_beside_calls && says_something(m)) || !user_spoke_ || next_[at_] == role::user;
    }

    // Of each message: who speaks first behind it, calls and results aside; the assistant at the end.
    std::vector<role> next_speakers() const
    {
        std::vector<role> all(turns_.size(), role::assistant);
        for (std::size_t i = turns_.size(); i-- > 1;) {
            const auto& m = turns_[i];
            const bool speaks = m.role == role::user || is_system(m) || (m.role == role::assistant && !holds<tool_call>(m));
            all[i - 1] = !speaks ? all[i] : m.role == role::assistant ? role::assistant : role::user;
        }
        return all;
    }

    json::object call_to_show(const call_for_template& c) const
    {
        auto arguments = shape_.can.object_arguments ? object_of(c.call->arguments) : json::value();
        json::object function(memory_);
        function.reserve(2);
        function.emplace("name", c.call->name);
        if (arguments.is_null())
            function.emplace("arguments", c.call->arguments);
        else
            function.emplace("arguments", std::move(arguments));
        json::object one(memory_);
        one.reserve(3);
        one.emplace("id", c.id);
        one.emplace("type", "function");
        one.emplace("function", std::move(function));
        return one;
    }

    // All in one reply where the template can; else one reply a call, its result behind it.
    void add_calls_in_turn(const message& m, const std::vector<call_for_template*>& calls)
    {
        auto content = content_of(m);
        bool thought = true;
        if (!shape_.text_beside_calls && shape_.polyfills.tool_calls && says_something(m)) {
            push("assistant", std::move(content), m.name);
            content = as_content({});
        }
        const bool together = shape_.can.parallel_tool_calls || !shape_.polyfills.parallel_tool_calls;
        for (std::size_t i = 0; i < calls.size(); i += together ? calls.size() : 1) {
            json::array shown(memory_);
            for (auto c = i; c < (together ? calls.size() : i + 1); ++c)
                shown.push_back(call_to_show(*calls[c]));
            const bool empty = content.is_string() && content.get_string().empty();
            if (shape_.null_content_with_calls && (empty || (content.is_array() && !says_something(m))))
                content = nullptr;
            const bool asked = user_spoke_;
            auto& turn = push("assistant", std::move(content), m.name);
            user_spoke_ = asked;
            turn.emplace("tool_calls", std::move(shown));
            if (std::exchange(thought, false))
                add_reasoning(turn, m);
            content = as_content({});
            if (!together && calls[i]->result)
                add_result(*calls[i]->result);
        }
    }

    void add_calls_as_text(const message& m, const std::vector<call_for_template*>& calls)
    {
        json::array list;
        for (auto* c : calls) {
            c->as_text = true;
            auto arguments = object_of(c->call->arguments);
            json::object one;
            one["name"] = c->call->name;
            one["arguments"] = arguments.is_null() ? json::value(c->call->arguments) : std::move(arguments);
            one["id"] = c->call->id;
            list.push_back(std::move(one));
        }
        json::object all;
        all["tool_calls"] = std::move(list);
        auto content = content_of(m);
        append_content(content, as_content(boost::json::serialize(all)));
        add_said(std::move(content), m);
    }

    void add_results(const message& m)
    {
        for (const auto& block : m.content)
            if (const auto* result = std::get_if<tool_result_block>(&block))
                add_result(*result);
        if (!says_something(m) || holds<tool_call>(m))
            return;
        if (m.role == role::assistant)
            add_said(content_of(m), m);
        else
            add_user(content_of(m), m.name);
    }

    void add_result(const tool_result_block& result)
    {
        auto* call = calls_.asking_for(result);
        if (call && std::exchange(call->told, true))
            return;
        const bool asked = call && !call->as_text;
        if (shape_.polyfills.tool_responses && (!shape_.can.tool_responses || !asked))
            return add_result_text(result, call);
        auto& turn = push("tool", as_content(result_text(result)), call ? call->call->name : std::string());
        turn.emplace("tool_call_id", call ? call->id : result.call_id);
    }

    static std::string result_text(const tool_result_block& result)
    {
        return result.is_error && !result.text.starts_with("Error") ? "Error: " + result.text : result.text;
    }

    // Results in a row are one user message: many templates want the roles to take turns.
    void add_result_text(const tool_result_block& result, const call_for_template* call)
    {
        json::object inner;
        if (call)
            inner["tool"] = call->call->name;
        inner["content"] = result_text(result);
        inner["tool_call_id"] = result.call_id;
        json::object outer;
        outer["tool_response"] = std::move(inner);
        auto content = as_content(boost::json::serialize(outer));
        const bool goes_on = written_ == out_.size() && !out_.empty();
        if (goes_on)
            append_content(out_.back().as_object()["content"], std::move(content));
        else
            add_user(std::move(content));
        written_ = out_.size();
    }

    // A message of the tool role without a result's block.
    void add_unasked(std::string text)
    {
        if (shape_.polyfills.tool_responses)
            return add_result_text(tool_result_block({}, std::move(text)), nullptr);
        push("tool", as_content(text));
    }

    const messages& turns_;
    const std::vector<tool_definition>& tools_;
    const chat_template_shape& shape_;
    json::storage_ptr memory_;
    std::size_t at_ = 0;  // the message at hand
    calls_for_template calls_;
    json::array out_;
    std::vector<role> next_{};  // see next_speakers(); only where turns alternate
    bool user_spoke_ = false;   // last, calls and results aside
    std::string folded_{};      // what the next user message begins with
    std::size_t written_ = 0;   // how many messages there were when the last result was written as text
};

}  // namespace

json::array messages_for_template(const messages& turns, const std::vector<tool_definition>& tools,
                                  const chat_template_shape& shape, json::storage_ptr memory)
{
    return converter(turns, tools, shape, std::move(memory)).run();
}

}  // namespace zincir::detail

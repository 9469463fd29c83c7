#include "chat_template_messages.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace zincir::detail {
namespace {

bool has(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

// Of nine letters and digits, which Mistral's templates insist on; and one as OpenAI's are.
constexpr std::string_view short_ids[] = {"callabcd1", "callabcd2"};
constexpr std::string_view long_id = "call_abcdefghijklmnopqrstuvwx";

json::object object_of(std::string_view role, json::value content)
{
    json::object turn;
    turn["role"] = role;
    turn["content"] = std::move(content);
    return turn;
}

json::array list(std::initializer_list<json::object> turns) { return json::array(turns.begin(), turns.end()); }

json::object text_part(std::string_view text)
{
    json::object part;
    part["type"] = "text";
    part["text"] = text;
    return part;
}

json::array probe_tools()
{
    tool_definition tool;
    tool.name = "TOOLNAME";
    tool.description = "A tool.";
    tool.parameters["type"] = "object";
    tool.parameters["properties"] = json::object{{"ARGNAME", json::object{{"type", "string"}, {"description", "An argument."}}}};
    tool.parameters["required"] = json::array{"ARGNAME"};
    return tools_for_template({tool});
}

class prober {
public:
    explicit prober(const chat_template_attempt& attempt) : attempt_(attempt) {}

    chat_template_shape run()
    {
        find_content();
        find_turns();
        find_systems();
        can().tools = shows(list({user("USERTEXT")}), {"TOOLNAME"}, tools_);
        find_calls();
        find_results();
        find_reasoning();
        find_media();
        return std::move(shape_);
    }

private:
    chat_template_capabilities& can() { return shape_.can; }

    std::string rendered(json::array turns, json::value tools = {}, const json::object& extra = {}) const
    {
        if (tools.is_null() && shape_.tools_are_a_list)
            tools = json::array();
        return attempt_(std::move(turns), std::move(tools), extra);
    }
    bool shows(json::array turns, std::initializer_list<std::string_view> words, json::value tools = {}) const
    {
        const auto text = rendered(std::move(turns), std::move(tools));
        return std::all_of(words.begin(), words.end(), [&](std::string_view word) { return has(text, word); });
    }

    json::value content(std::string_view text) const
    {
        if (shape_.can.requires_typed_content)
            return json::array{text_part(text)};
        return json::value(text);
    }
    json::object said(std::string_view role, std::string_view text) const { return object_of(role, content(text)); }
    json::object user(std::string_view text) const { return said("user", text); }
    json::object reply(std::string_view text) const { return said("assistant", text); }

    void find_content()
    {
        const auto plain = list({object_of("user", "USERTEXT")});
        const auto parts = list({object_of("user", json::array{text_part("USERTEXT")})});
        // A list that is merely printed shows its members' names.
        const auto typed = [&] {
            const auto text = rendered(parts);
            return has(text, "USERTEXT") && !has(text, "'text'") && !has(text, "\"text\"");
        };
        bool takes_text = shows(plain, {"USERTEXT"});
        can().typed_content = typed();
        if (!takes_text && !can().typed_content) {
            shape_.tools_are_a_list = true;
            takes_text = shows(plain, {"USERTEXT"});
            can().typed_content = typed();
            shape_.tools_are_a_list = takes_text || can().typed_content;
        }
        can().requires_typed_content = can().typed_content && !takes_text;
    }

    void find_turns()
    {
        can().free_turns = shows(list({user("USERONE"), user("USERTWO"), reply("SAIDONE"), reply("SAIDTWO"), user("USERTHREE")}),
                                 {"USERONE", "USERTWO", "SAIDONE", "SAIDTWO", "USERTHREE"});
        shape_.reply_first = shows(list({reply("SAIDONE"), user("USERONE")}), {"SAIDONE", "USERONE"});
    }

    void find_systems()
    {
        const auto system = said("system", "SYSTEMTEXT");
        can().system_role = shows(list({system, user("USERTEXT")}), {"SYSTEMTEXT", "USERTEXT"});
        can().developer_role = shows(list({said("developer", "SYSTEMTEXT"), user("USERTEXT")}), {"SYSTEMTEXT", "USERTEXT"});
        shape_.system_alone = shows(list({system}), {"SYSTEMTEXT"});
        shape_.system_wants_user_last = !shows(list({system, user("USERTEXT"), reply("SAIDTEXT")}), {"SYSTEMTEXT"});
        can().several_system_messages =
            shows(list({system, said("system", "SYSTEMTWO"), user("USERTEXT"), reply("SAIDTEXT"), said("system", "SYSTEMTHREE"),
                        user("USERTWO"), reply("SAIDTWO"), said("system", "SYSTEMFOUR")}),
                  {"SYSTEMTEXT", "SYSTEMTWO", "SYSTEMTHREE", "SYSTEMFOUR", "USERTEXT", "USERTWO", "SAIDTEXT", "SAIDTWO"});
    }

    json::object call(std::string_view id, std::string_view value) const
    {
        json::object function;
        function["name"] = "TOOLNAME";
        if (object_arguments_)
            function["arguments"] = json::object{{"ARGNAME", value}};
        else
            function["arguments"] = "{\"ARGNAME\": \"" + std::string(value) + "\"}";
        json::object one;
        one["id"] = id;
        one["type"] = "function";
        one["function"] = std::move(function);
        return one;
    }
    json::object calling(json::array calls, json::value text) const
    {
        auto turn = object_of("assistant", std::move(text));
        turn["tool_calls"] = std::move(calls);
        return turn;
    }
    json::object calling(json::array calls) const
    {
        return calling(std::move(calls), shape_.null_content_with_calls ? json::value() : content(""));
    }
    json::object told(std::string_view id, std::string_view text) const
    {
        auto turn = said("tool", text);
        turn["tool_call_id"] = id;
        turn["name"] = "TOOLNAME";
        return turn;
    }

    // The text that shows a call, or nothing. A tool's description names the argument, but never its value; and some templates show
    // a call's id and not its name.
    std::string shown_call(const json::array& calls)
    {
        for (const bool answered : {false, true}) {
            auto turns = list({user("USERTEXT"), calling(calls)});
            if (answered)
                turns.push_back(told(short_ids[0], "TOLDTEXT"));
            if (auto text = rendered(std::move(turns), tools_); has(text, "VALUEONE"))
                return text;
        }
        return {};
    }
    bool shows_calls()
    {
        object_arguments_ = true;
        const auto object = shown_call(json::array{call(short_ids[0], "VALUEONE")});
        object_arguments_ = false;
        const auto text = shown_call(json::array{call(short_ids[0], "VALUEONE")});
        // Python's writing of a dict is no JSON, and text that went through tojson is JSON twice.
        const bool takes_object = !object.empty() && !has(object, "'ARGNAME'");
        shape_.text_arguments = !text.empty();
        const bool takes_text = !text.empty() && !has(text, "\\\"ARGNAME");
        object_arguments_ = takes_object || (!takes_text && !object.empty());
        return object_arguments_ || takes_text;
    }

    void find_calls()
    {
        can().tool_calls = shows_calls();
        if (!can().tool_calls) {
            shape_.null_content_with_calls = true;
            can().tool_calls = shape_.null_content_with_calls = shows_calls();
        }
        can().object_arguments = can().tool_calls && object_arguments_;
    }

    void find_results()
    {
        const auto first = call(short_ids[0], "VALUEONE");
        const auto asked = can().tool_calls ? calling(json::array{first}) : reply("SAIDTEXT");
        can().tool_responses = shows(list({user("USERTEXT"), asked, told(short_ids[0], "TOLDTEXT")}), {"TOLDTEXT"}, tools_);
        if (!can().tool_calls)
            return;
        auto both = list({user("USERTEXT"), calling(json::array{first, call(short_ids[1], "VALUETWO")})});
        auto beside = list({user("USERTEXT"), calling(json::array{first}, content("SAIDTEXT"))});
        auto named = list({user("USERTEXT"), calling(json::array{call(long_id, "VALUEONE")})});
        if (can().tool_responses) {
            both.push_back(told(short_ids[0], "TOLDONE"));
            both.push_back(told(short_ids[1], "TOLDTWO"));
            beside.push_back(told(short_ids[0], "TOLDONE"));
            beside.push_back(reply("SAIDLAST"));
            named.push_back(told(long_id, "TOLDONE"));
        }
        can().parallel_tool_calls =
            shows(both, {"VALUEONE", "VALUETWO"}, tools_) && (!can().tool_responses || shows(both, {"TOLDONE", "TOLDTWO"}, tools_));
        shape_.text_beside_calls = shows(beside, {"SAIDTEXT", "VALUEONE"}, tools_);
        shape_.any_call_id = shows(named, {"VALUEONE"}, tools_);
    }

    // Many show only what was thought since the last user message; some only in replies that call tools, or where thinking is on.
    bool shows_thought(const std::function<json::object(json::object)>& add) const
    {
        const json::object on{{"enable_thinking", true}, {"thinking", true}};
        for (const auto& extra : {json::object(), on}) {
            if (has(rendered(list({user("USERTEXT"), add(reply("SAIDTEXT"))}), nullptr, extra), "THOUGHTTEXT"))
                return true;
            if (!shape_.can.tool_calls)
                continue;
            auto turns = list({user("USERTEXT"), add(calling(json::array{call(short_ids[0], "VALUEONE")}))});
            turns.push_back(told(short_ids[0], "TOLDTEXT"));
            if (has(rendered(std::move(turns), tools_, extra), "THOUGHTTEXT"))
                return true;
        }
        return false;
    }

    void find_reasoning()
    {
        for (const auto* member : {"reasoning_content", "reasoning", "thinking"}) {
            can().reasoning = shows_thought([&](json::object turn) {
                turn[member] = "THOUGHTTEXT";
                return turn;
            });
            if (can().reasoning) {
                shape_.reasoning_member = member;
                return;
            }
        }
        if (!can().typed_content)
            return;
        const auto parts = json::array{json::object{{"type", "thinking"}, {"thinking", "THOUGHTTEXT"}}, text_part("SAIDTEXT")};
        const auto text = rendered(list({user("USERTEXT"), object_of("assistant", parts)}));
        shape_.reasoning_part = can().reasoning = has(text, "THOUGHTTEXT") && has(text, "SAIDTEXT") && !has(text, "'thinking'");
    }

    bool shows_part(const std::string& type, const media& source) const
    {
        const auto without = rendered(list({object_of("user", json::array{text_part("USERTEXT")})}));
        const auto with =
            rendered(list({object_of("user", json::array{text_part("USERTEXT"), media_part_for_template(type, source)})}));
        return has(with, "USERTEXT") && with != without;
    }

    void find_media()
    {
        if (!can().typed_content)
            return;
        media source;
        source.mime_type = "audio/wav";
        source.base64 = "AAAA";
        const auto find = [&](bool& found, std::string& type, std::initializer_list<const char*> types) {
            for (const auto* one : types)
                if (!found && shows_part(one, source)) {
                    found = true;
                    type = one;
                }
        };
        find(can().images, shape_.image_type, {"image", "image_url"});
        find(can().audio, shape_.audio_type, {"audio", "input_audio", "audio_url"});
        find(can().files, shape_.file_type, {"file", "document"});
    }

    const chat_template_attempt& attempt_;
    chat_template_shape shape_{};
    json::array tools_ = probe_tools();
    bool object_arguments_ = true;
};

}  // namespace

chat_template_shape find_chat_template_shape(const chat_template_attempt& attempt) { return prober(attempt).run(); }

}  // namespace zincir::detail

#include "openai_reply.hpp"
#include "json_append.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace zincir {

namespace {

constexpr std::size_t shortest_key = 8;

std::string_view view(const json::string& s) { return {s.data(), s.size()}; }

// The member, where it is there and not null.
const json::value* member(const json::object& o, std::string_view key)
{
    const auto* v = o.if_contains(json::string_view(key.data(), key.size()));
    return v && !v->is_null() ? v : nullptr;
}

std::string_view text_member(const json::object& o, std::string_view key)
{
    const auto* v = member(o, key);
    return v && v->is_string() ? view(v->get_string()) : std::string_view();
}

// Some gateways write their numbers as text.
std::optional<std::int64_t> count_of(const json::value& v)
{
    if (const auto* digits = v.if_string()) {
        std::int64_t number = 0;
        const auto* const last = digits->data() + digits->size();
        const auto [end, problem] = std::from_chars(digits->data(), last, number);
        if (problem != std::errc() || end != last || digits->empty())
            return std::nullopt;
        return std::max<std::int64_t>(0, number);
    }
    if (v.is_int64())
        return std::max<std::int64_t>(0, v.get_int64());
    if (v.is_double() && v.get_double() >= 0 && v.get_double() < 1e15)
        return static_cast<std::int64_t>(v.get_double());
    return std::nullopt;
}

std::optional<std::int64_t> count_member(const json::object& o, std::string_view key)
{
    const auto* v = member(o, key);
    return v ? count_of(*v) : std::nullopt;
}

std::optional<std::int64_t> first_of(std::optional<std::int64_t> a, std::optional<std::int64_t> b) { return a ? a : b; }

bool one_of(std::string_view key, std::initializer_list<std::string_view> keys)
{
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

class reply_reader {
public:
    reply_reader(bool whole, const openai_reply_rules& rules, json::array& other_choices, chat_emitter& out)
        : whole_(whole), rules_(rules), other_choices_(other_choices), out_(out)
    {}

    bool read(const json::value& reply)
    {
        if (reply.is_string() && whole_) {  // Mira's whole answer
            out_.text(view(reply.get_string()));
            out_.finish(finish_reason::stop, std::string_view());
            out_.warn("the provider sent a bare text instead of a chat completion");
            return true;
        }
        const auto* failure = find_error(reply);
        const auto* object = reply.if_object();
        failing_ = failure != nullptr;
        bool understood = false;
        if (object) {
            out_.id(text_member(*object, "id"));
            out_.model(text_member(*object, "model"));
            if (const auto* choices = member(*object, "choices"); choices && choices->is_array()) {
                understood = !whole_ || !choices->get_array().empty();
                read_choices(choices->get_array());
            }
            if (const auto* counted = member(*object, "usage")) {
                understood = true;
                read_usage(*counted);
            }
            if (!failing_ || understood)
                read_extras(*object);
        }
        if (failure)
            out_.fail(error_from_payload(*failure, rules_.who));
        return understood || failing_;
    }

private:
    void read_usage(const json::value& v)
    {
        const auto counted = read_openai_usage(v);
        if (!counted)
            return;
        out_.usage(*counted);
        out_.metadata("usage", v);
    }

    void read_extras(const json::object& reply)
    {
        for (const auto& entry : reply) {
            const std::string_view key(entry.key().data(), entry.key().size());
            if (detail::says_nothing(entry.value()) ||
                one_of(key, {"id", "object", "created", "model", "choices", "usage", "error", "obfuscation", "p"}))
                continue;
            if (key == "x_groq" && entry.value().is_object())
                if (const auto* counted = member(entry.value().get_object(), "usage"))
                    read_usage(*counted);
            keep(key, entry.value(), false);
        }
    }

    // A server that repeats the request's header, as test servers do, is not to bring the key into a message.
    void keep(std::string_view key, const json::value& value, bool appends)
    {
        if (detail::holds_key(value, rules_.who.key))
            store(key, detail::without_key(value, rules_.who.key), appends);
        else
            store(key, value, appends);
    }

    // Objects gain members, lists of a delta gain elements, anything else is replaced.
    void store(std::string_view key, const json::value& value, bool appends)
    {
        auto* held = out_.held_metadata(key);
        if (held && held->is_object() && value.is_object()) {
            for (const auto& entry : value.get_object())
                if (!entry.value().is_null())
                    held->get_object()[entry.key()] = entry.value();
        } else if (held && held->is_array() && value.is_array() && appends) {
            detail::append(held->get_array(), value.get_array());
        } else {
            out_.metadata(key, value);
        }
    }

    // The reply is the candidate with index 0: by its index, not its place. A body whose only candidate has another index is taken
    // too.
    void read_choices(const json::array& choices)
    {
        for (std::size_t i = 0; i < choices.size(); ++i) {
            const auto* choice = choices[i].if_object();
            if (!choice)
                continue;
            const auto index = count_member(*choice, "index");
            const bool first = index ? *index == 0 : i == 0;
            if (first || (whole_ && choices.size() == 1))
                read_choice(*choice);
            else
                add_other_choice(*choice, index ? *index : static_cast<std::int64_t>(i));
        }
    }

    void read_choice(const json::object& choice)
    {
        const auto* said = member(choice, "delta");
        if (!said)
            said = member(choice, "message");
        if (said && said->is_object())
            read_message(said->get_object());
        if (const auto* text = member(choice, "text"); !said && text && text->is_string())
            out_.text(view(text->get_string()));
        if (const auto* probabilities = member(choice, "logprobs"); probabilities && probabilities->is_object())
            out_.logprobs(probabilities->get_object());
        if (const auto* counted = member(choice, "usage"))
            read_usage(*counted);
        for (const auto& entry : choice) {
            const std::string_view key(entry.key().data(), entry.key().size());
            if (!detail::says_nothing(entry.value()) &&
                !one_of(key, {"index", "delta", "message", "text", "logprobs", "usage", "finish_reason", "error"}))
                keep(key, entry.value(), false);
        }
        if (failing_)
            return;
        if (const auto* failure = member(choice, "error"); failure && !detail::says_nothing(*failure)) {
            out_.fail(error_from_payload(*failure, rules_.who));
            return;
        }
        // A piece of a stream is no whole reply, whoever sends it as a body.
        read_finish(text_member(choice, "finish_reason"), whole_ && !member(choice, "delta"));
    }

    void read_finish(std::string_view word, bool may_lack)
    {
        if (word == "error") {
            diagnostics facts;
            facts.provider = rules_.who.provider;
            facts.provider_code = "error";
            facts.message = "the provider ended the reply with the finish reason \"error\" and gave no cause: ask again";
            out_.fail(error(errc::server_fault, std::move(facts)));
        } else if (!word.empty()) {
            out_.finish(unified_finish(word, rules_.finish_words), word);
            if (out_.finish_so_far() == finish_reason::content_filter)
                out_.warn("a content filter of the provider cut the reply");
        } else if (may_lack && out_.finish_so_far() == finish_reason::none) {
            out_.warn("the provider named no finish reason");
            out_.finish(out_.has_tool_calls() ? finish_reason::tool_calls : finish_reason::stop, std::string_view());
        }
    }

    // One pass over the members: they are looked at for every chunk.
    void read_message(const json::object& m)
    {
        std::array<std::string_view, 3> thoughts{};
        std::string_view refusal;
        const json::value* content = nullptr;
        const json::value* details = nullptr;
        const json::value* audio = nullptr;
        const json::value* calls = nullptr;
        const json::value* old_call = nullptr;
        for (const auto& entry : m) {
            const auto& value = entry.value();
            if (detail::says_nothing(value))
                continue;
            const std::string_view key(entry.key().data(), entry.key().size());
            const auto text = value.is_string() ? view(value.get_string()) : std::string_view();
            const bool takes_text = one_of(key, {"refusal", "reasoning_content", "reasoning", "reasoning_text"});
            if (key == "role")
                continue;
            else if (takes_text && !value.is_string())
                keep(key, value, true);
            else if (key == "content")
                content = &value;
            else if (key == "refusal")
                refusal = text;
            else if (key == "tool_calls")
                calls = &value;
            else if (key == "reasoning_content")
                thoughts[0] = text;
            else if (key == "reasoning")
                thoughts[1] = text;
            else if (key == "reasoning_text")
                thoughts[2] = text;
            else if (key == "reasoning_details")
                details = &value;
            else if (key == "audio")
                audio = &value;
            else if (key == "function_call")
                old_call = &value;
            else
                keep(key, value, true);
        }
        // Servers that send several of these send the same text.
        const auto* said = std::find_if(thoughts.begin(), thoughts.end(), [](std::string_view t) { return !t.empty(); });
        const auto reasoning = said == thoughts.end() ? std::string_view() : *said;
        out_.reasoning(reasoning);
        if (details && details->is_array()) {
            if (reasoning.empty())
                read_detail_texts(details->get_array());
            out_.reasoning_details(details->get_array());
        }
        if (content)
            read_content(*content);
        out_.refusal(refusal);
        if (audio && audio->is_object())
            read_audio(audio->get_object());
        if (calls && calls->is_array())
            read_tool_calls(calls->get_array());
        else if (calls)
            read_tool_calls(json::array(1, *calls));
        if (old_call && old_call->is_object())
            read_function_call(old_call->get_object());
    }

    void read_detail_texts(const json::array& details)
    {
        for (const auto& entry : details)
            if (const auto* object = entry.if_object()) {
                const auto text = text_member(*object, "text");
                out_.reasoning(text.empty() ? text_member(*object, "summary") : text);
            }
    }

    void read_content(const json::value& content)
    {
        if (content.is_string())
            out_.text(view(content.get_string()));
        else if (content.is_object())
            read_part(content.get_object());
        else if (content.is_array())
            for (const auto& part : content.get_array()) {
                if (part.is_string())
                    out_.text(view(part.get_string()));
                else if (part.is_object())
                    read_part(part.get_object());
            }
        else
            keep("content", content, true);
    }

    void read_part(const json::object& part)
    {
        const auto type = text_member(part, "type");
        if (type == "thinking" || type == "reasoning") {
            const auto* thoughts = member(part, type == "thinking" ? "thinking" : "text");
            if (thoughts && thoughts->is_string())
                out_.reasoning(view(thoughts->get_string()));
            else if (thoughts && thoughts->is_array())
                for (const auto& thought : thoughts->get_array())
                    if (const auto* object = thought.if_object())
                        out_.reasoning(text_member(*object, "text"));
        } else if (type == "refusal") {
            out_.refusal(text_member(part, "refusal"));
        } else if (const auto text = text_member(part, "text"); !text.empty() || type == "text" || type == "output_text") {
            out_.text(text);
        } else {
            json::array kept;
            kept.push_back(part);
            keep("content_parts", kept, true);
        }
    }

    void read_audio(const json::object& audio)
    {
        out_.text(text_member(audio, "transcript"));
        json::object rest;
        for (const auto& entry : audio)
            if (entry.key() != "transcript" && !entry.value().is_null())
                rest[entry.key()] = entry.value();
        // In place: the sound of a long reply comes in thousands of pieces.
        auto* held = out_.held_metadata("audio");
        auto* sound = held && held->is_object() ? held->get_object().if_contains("data") : nullptr;
        if (sound && sound->is_string()) {
            rest.erase("data");
            const auto piece = text_member(audio, "data");
            sound->get_string().append(json::string_view(piece.data(), piece.size()));
        }
        keep("audio", rest, false);
    }

    void read_tool_calls(const json::array& calls)
    {
        for (std::size_t i = 0; i < calls.size(); ++i) {
            const auto* call = calls[i].if_object();
            if (!call)
                continue;
            tool_call_fragment fragment;
            // In a whole body each element is a call, whatever number it bears.
            fragment.index = whole_ ? std::optional<std::int64_t>(static_cast<std::int64_t>(i)) : count_member(*call, "index");
            std::string id;
            if (const auto* given = member(*call, "id"); given && (given->is_string() || given->is_number()))
                id = given->is_string() ? std::string(given->get_string()) : json::serialize(*given);
            fragment.id = id;
            std::string arguments;
            if (const auto* function = member(*call, "function"); function && function->is_object()) {
                fragment.name = text_member(function->get_object(), "name");
                arguments = arguments_of(function->get_object(), "arguments");
            } else if (const auto* custom = member(*call, "custom"); custom && custom->is_object()) {
                fragment.name = text_member(custom->get_object(), "name");
                arguments = arguments_of(custom->get_object(), "input");
            } else if (id.empty()) {
                continue;
            }
            fragment.arguments = arguments;
            out_.tool_call(fragment);
            if (const auto* extra = member(*call, "extra_content"); extra && !id.empty()) {
                // Gemini's thought signature belongs to its call and must be sent back with it.
                json::object by_id;
                by_id[id] = *extra;
                keep("extra_content", by_id, false);
            }
        }
    }

    static std::string arguments_of(const json::object& o, std::string_view key)
    {
        const auto* v = member(o, key);
        if (!v)
            return std::string();
        return v->is_string() ? std::string(v->get_string()) : json::serialize(*v);
    }

    void read_function_call(const json::object& call)
    {
        const auto arguments = arguments_of(call, "arguments");
        tool_call_fragment fragment;
        fragment.index = -1;  // a number no tool call has: there is one call of this old form
        fragment.name = text_member(call, "name");
        fragment.arguments = arguments;
        out_.tool_call(fragment);
        out_.metadata("legacy_function_call", true);
    }

    void add_other_choice(const json::object& choice, std::int64_t index)
    {
        auto at = std::find_if(other_choices_.begin(), other_choices_.end(),
                               [&](const json::value& c) { return c.get_object().at("index") == index; });
        if (at == other_choices_.end()) {
            json::object fresh;
            fresh["index"] = index;
            fresh["message"] = json::object();
            other_choices_.push_back(std::move(fresh));
            at = other_choices_.end() - 1;
        }
        auto& held = at->get_object();
        const auto* said = member(choice, "delta");
        if (!said)
            said = member(choice, "message");
        if (said && said->is_object()) {
            json::object piece;
            for (const auto& entry : said->get_object())
                if (!entry.value().is_null() && !(entry.key() == "role" && held["message"].get_object().contains("role")))
                    piece[entry.key()] = entry.value();
            merge_json(held["message"].get_object(), piece);
        }
        if (const auto word = text_member(choice, "finish_reason"); !word.empty()) {
            held["finish_reason"] = json::string_view(word.data(), word.size());
            out_.metadata("choices", other_choices_);
        }
    }

    bool whole_;
    bool failing_ = false;
    const openai_reply_rules& rules_;
    json::array& other_choices_;
    chat_emitter& out_;
};

}  // namespace

finish_reason unified_finish(std::string_view word, const std::map<std::string, finish_reason, std::less<>>& words)
{
    std::string key(word);
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (key.empty())
        return finish_reason::none;
    if (const auto own = words.find(key); own != words.end())
        return own->second;
    if (one_of(key, {"stop", "end", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "completed"}))
        return finish_reason::stop;
    if (one_of(key, {"length", "max_tokens", "model_length", "max_output_tokens", "model_context_window_exceeded"}))
        return finish_reason::length;
    if (one_of(key, {"tool_calls", "function_call", "tool_use", "tool_call"}))
        return finish_reason::tool_calls;
    if (one_of(key, {"content_filter", "safety", "blocklist", "prohibited_content", "spii", "sensitive"}))
        return finish_reason::content_filter;
    return finish_reason::other;
}

std::optional<usage> read_openai_usage(const json::value& v)
{
    const auto* counted = v.if_object();
    if (!counted)
        return std::nullopt;
    std::optional<std::int64_t> input, output, total, cached, reasoning;
    for (const auto& entry : *counted) {
        const std::string_view key(entry.key().data(), entry.key().size());
        if (const auto* details = entry.value().if_object()) {
            if (key == "prompt_tokens_details")
                cached = first_of(count_member(*details, "cached_tokens"), cached);
            else if (key == "completion_tokens_details")
                reasoning = first_of(count_member(*details, "reasoning_tokens"), reasoning);
            continue;
        }
        const auto number = count_of(entry.value());
        if (key == "prompt_tokens" || key == "input_tokens")
            input = first_of(input, number);
        else if (key == "completion_tokens" || key == "output_tokens")
            output = first_of(output, number);
        else if (key == "total_tokens")
            total = number;
        else if (key == "num_cached_tokens" || key == "prompt_cache_hit_tokens" || key == "cached_tokens")
            cached = first_of(cached, number);
        else if (key == "reasoning_tokens")
            reasoning = first_of(reasoning, number);
    }
    if (!input && !output && !total)
        return std::nullopt;
    if (!output && total && input)
        output = std::max<std::int64_t>(0, *total - *input);
    if (!input && total && output)
        input = std::max<std::int64_t>(0, *total - *output);
    usage u;
    u.input_tokens = input.value_or(0);
    u.output_tokens = output.value_or(0);
    u.total_tokens = total.value_or(u.input_tokens + u.output_tokens);
    u.cached_input_tokens = cached;
    u.reasoning_tokens = reasoning;
    // Some count more reasoning than output, or more cached than input.
    if (u.cached_input_tokens)
        u.cached_input_tokens = std::min(*u.cached_input_tokens, u.input_tokens);
    if (u.reasoning_tokens)
        u.reasoning_tokens = std::min(*u.reasoning_tokens, u.output_tokens);
    return u;
}

namespace detail {

bool says_nothing(const json::value& v)
{
    return v.is_null() || (v.is_string() && v.get_string().empty()) || (v.is_object() && v.get_object().empty()) ||
           (v.is_array() && v.get_array().empty());
}

bool read_openai_reply(const json::value& reply, bool whole, const openai_reply_rules& rules, json::array& other_choices,
                       chat_emitter& out)
{
    return reply_reader(whole, rules, other_choices, out).read(reply);
}

bool holds_key(const json::value& v, const secret& key)
{
    // Shorter ones are no keys, but what a local server is given instead.
    if (key.reveal().size() < shortest_key)
        return false;
    if (const auto* s = v.if_string())
        return view(*s).find(key.reveal()) != std::string_view::npos;
    if (const auto* a = v.if_array())
        return std::any_of(a->begin(), a->end(), [&](const json::value& e) { return holds_key(e, key); });
    if (const auto* o = v.if_object())
        return std::any_of(o->begin(), o->end(), [&](const auto& member) { return holds_key(member.value(), key); });
    return false;
}

json::value without_key(const json::value& v, const secret& key)
{
    json::value clean = v;
    if (auto* s = clean.if_string())
        *s = key.redact(view(*s));
    else if (auto* a = clean.if_array())
        for (auto& element : *a)
            element = without_key(element, key);
    else if (auto* o = clean.if_object())
        for (auto& member : *o)
            member.value() = without_key(member.value(), key);
    return clean;
}

std::string with_paired_surrogates(std::string_view text)
{
    const auto unit = [&](std::size_t at) -> std::optional<unsigned> {
        unsigned value = 0;
        if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u')
            return std::nullopt;
        const auto* const first = text.data() + at + 2;
        const auto [end, problem] = std::from_chars(first, first + 4, value, 16);
        if (problem != std::errc() || end != first + 4)
            return std::nullopt;
        return value;
    };
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '\\') {
            out.push_back(text[i++]);
            continue;
        }
        const auto c = unit(i);
        if (!c) {
            out.append(text.substr(i, 2));
            i += 2;
        } else if (*c >= 0xD800 && *c <= 0xDBFF) {
            const auto low = unit(i + 6);
            const bool paired = low && *low >= 0xDC00 && *low <= 0xDFFF;
            out.append(paired ? text.substr(i, 12) : std::string_view("\\ufffd"));
            i += paired ? 12 : 6;
        } else {
            out.append(*c >= 0xDC00 && *c <= 0xDFFF ? std::string_view("\\ufffd") : text.substr(i, 6));
            i += 6;
        }
    }
    return out;
}

}  // namespace detail
}  // namespace zincir

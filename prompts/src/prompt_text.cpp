#include <zincir/prompts/prompt_text.hpp>

#include <zincir/core/json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace zincir {
namespace {

const std::string& word_of(role r, const transcript_words& words)
{
    switch (r) {
        case role::user:
            return words.user;
        case role::assistant:
            return words.assistant;
        case role::tool:
            return words.tool;
        case role::system:
        case role::developer:
            break;
    }
    return words.system;
}

std::string calls_of(const message& turn)
{
    json::array calls;
    for (const auto& block : turn.content)
        if (const auto* call = std::get_if<tool_call>(&block)) {
            json::object one;
            one["name"] = call->name;
            const auto arguments = try_parse_json(call->arguments);
            one["args"] = arguments ? *arguments : json::value(call->arguments);
            one["id"] = call->id;
            calls.push_back(std::move(one));
        }
    return calls.empty() ? std::string() : json::serialize(calls);
}

std::string shown(std::string_view what, const media& source)
{
    std::string out = "[" + std::string(what);
    if (!source.name.empty())
        out += " \"" + source.name + "\"";
    if (!source.mime_type.empty())
        out += ": " + source.mime_type;
    if (!source.base64.empty()) {
        const auto letters = source.base64.find_last_not_of('=') + 1;
        out += ", " + std::to_string(letters * 3 / 4) + " bytes";
    }
    constexpr std::size_t longest = 100;
    if (!source.url.empty())
        out += ": " + source.url.substr(0, longest) + (source.url.size() > longest ? "…" : "");
    if (!source.detail.empty())
        out += " (" + source.detail + " detail)";
    return out + "]";
}

struct show_block {
    std::string operator()(const text_block& b) const { return b.text; }
    std::string operator()(const refusal_block& b) const { return "[refuses: " + b.text + "]"; }
    std::string operator()(const reasoning_block& b) const { return "[thinks: " + b.text + "]"; }
    std::string operator()(const image_block& b) const { return shown("image", b.source); }
    std::string operator()(const audio_block& b) const { return shown("audio", b.source); }
    std::string operator()(const file_block& b) const { return shown("file", b.source); }
    std::string operator()(const tool_call& b) const { return "[calls " + b.name + " as " + b.id + ": " + b.arguments + "]"; }
    std::string operator()(const tool_result_block& b) const
    {
        return "[" + std::string(b.is_error ? "error of " : "result of ") + b.call_id + "]\n" + b.text;
    }
};

std::string_view title_of(role r)
{
    switch (r) {
        case role::system:
            return "System Message";
        case role::developer:
            return "Developer Message";
        case role::user:
            return "Human Message";
        case role::assistant:
            return "Ai Message";
        case role::tool:
            return "Tool Message";
    }
    return "Message";
}

}  // namespace

namespace detail {

std::string pretty_title(std::string_view words)
{
    constexpr std::size_t width = 80;
    const auto left = width - std::min(width, words.size() + 2);
    std::string line(left / 2, '=');
    line.append(" ").append(words).append(" ");
    return line.append(left - left / 2, '=');
}

}  // namespace detail

std::string to_string(const messages& turns, const transcript_words& words)
{
    std::string out;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto& turn = turns[i];
        auto text = turn.text();
        for (const auto& block : turn.content)
            if (const auto* result = std::get_if<tool_result_block>(&block))
                text += (text.empty() ? "" : "\n") + result->text;
        out += (i == 0 ? "" : words.separator) + word_of(turn.role, words) + ": " + text + calls_of(turn);
    }
    return out;
}

messages to_messages(std::string text) { return messages(std::move(text)); }

std::string pretty(const message& turn)
{
    auto out = detail::pretty_title(title_of(turn.role)) + "\n";
    if (!turn.name.empty())
        out += "Name: " + turn.name + "\n";
    for (const auto& block : turn.content)
        out += "\n" + std::visit(show_block(), block);
    return out;
}

std::string pretty(const messages& turns)
{
    std::string out;
    for (const auto& turn : turns)
        out += (out.empty() ? "" : "\n\n") + pretty(turn);
    return out;
}

}  // namespace zincir

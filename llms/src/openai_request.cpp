#include <zincir/llms/openai_request.hpp>

#include "json_writer.hpp"
#include "openai_messages.hpp"

#include <zincir/core/json.hpp>

#include <algorithm>

namespace zincir {
namespace {

using support = setting_rule::support;

class encoder {
public:
    encoder(const chat_request& request, const openai_profile& profile, bool streamed, bool takes_temperature)
        : request_(request),
          options_(*request.options),
          profile_(profile),
          streamed_(streamed),
          takes_temperature_(takes_temperature)
    {}

    encoded_openai_chat run()
    {
        result_.body.reserve(estimate());
        out_.begin_object();
        out_.member("model", options_.model ? *options_.model : profile_.default_model);
        detail::write_openai_messages(out_, request_.messages, profile_, result_.warnings);
        write_sampling();
        write_tools();
        write_format();
        write_reasoning();
        write_service();
        if (streamed_)
            write_streaming();
        out_.end_object();
        if (!options_.extra.empty())
            merge_extra();
        return std::move(result_);
    }

private:
    std::size_t estimate() const
    {
        std::size_t bytes = 256;
        for (const auto& m : request_.messages)
            for (const auto& block : m.content)
                if (const auto* text = std::get_if<text_block>(&block))
                    bytes += text->text.size() + 48;
        return bytes;
    }

    void warn(std::string_view setting, std::string_view why)
    {
        result_.warnings.push_back(std::string(setting) + " was not sent: " + profile_.name + " does not take it" +
                                   (why.empty() ? "" : " (" + std::string(why) + ")"));
    }
    [[noreturn]] void refuse(std::string_view what, std::string_view why) const
    {
        throw error(errc::unsupported,
                    profile_.name + " does not take " + std::string(what) + (why.empty() ? "" : ": " + std::string(why)));
    }

    const setting_rule& rule(std::string_view setting) const
    {
        static const setting_rule as_documented;
        static const setting_rule not_openai{support::warn, {}, "OpenAI's API has no such setting", {}, false, {}};
        const auto at = profile_.settings.find(setting);
        if (at != profile_.settings.end())
            return at->second;
        return setting == "reasoning_format" ? not_openai : as_documented;
    }

    // Whether the setting goes into the body; if not, it has been said.
    bool admitted(std::string_view setting, const setting_rule& r)
    {
        if (r.refused_streamed && streamed_)
            refuse(std::string(setting) + " in a streamed call", r.why);
        if (r.how == support::refuse)
            refuse(setting, r.why);
        if (r.how == support::warn)
            warn(setting, r.why);
        return r.how == support::send;
    }

    template <class T>
    void write(std::string_view setting, const std::optional<T>& value, std::string_view openai_name)
    {
        if (!value)
            return;
        const auto& r = rule(setting);
        if (!admitted(setting, r))
            return;
        const std::string_view field = r.field.empty() ? openai_name : std::string_view(r.field);
        if constexpr (std::same_as<T, double>) {
            if (r.zero_as && *value == 0) {
                out_.member(field, *r.zero_as);
                return;
            }
        }
        out_.member(field, *value);
    }

    void write_sampling()
    {
        if (takes_temperature_)
            write("temperature", options_.temperature, "temperature");
        else if (options_.temperature)
            result_.warnings.push_back("temperature was not sent: the model takes none");
        write("top_p", options_.top_p, "top_p");
        write("max_output_tokens", options_.max_output_tokens, profile_.output_limit_field);
        write_stop();
        write("seed", options_.seed, "seed");
        write("presence_penalty", options_.presence_penalty, "presence_penalty");
        write("frequency_penalty", options_.frequency_penalty, "frequency_penalty");
        write("n", options_.n, "n");
        write("logprobs", options_.logprobs, "logprobs");
        write("top_logprobs", options_.top_logprobs, "top_logprobs");
        if (options_.logit_bias && admitted("logit_bias", rule("logit_bias"))) {
            out_.key("logit_bias");
            out_.begin_object();
            for (const auto& [token, bias] : *options_.logit_bias) {
                out_.escaped_key(token);
                out_.value(bias);
            }
            out_.end_object();
        }
    }

    void write_stop()
    {
        if (!options_.stop)
            return;
        const auto& r = rule("stop");
        if (r.max_items && options_.stop->size() > *r.max_items)
            refuse(std::to_string(options_.stop->size()) + " stop sequences", "it takes at most " + std::to_string(*r.max_items));
        if (!admitted("stop", r))
            return;
        out_.key(r.field.empty() ? std::string_view("stop") : std::string_view(r.field));
        out_.begin_array();
        for (const auto& sequence : *options_.stop)
            out_.value(sequence);
        out_.end_array();
    }

    void write_tools()
    {
        if (!request_.tools->empty()) {
            if (!profile_.tools)
                refuse("tools", "send the request without them, or choose another provider");
            out_.key("tools");
            out_.begin_array();
            for (const auto& tool : *request_.tools) {
                out_.begin_object();
                out_.member("type", "function");
                out_.key("function");
                out_.begin_object();
                out_.member("name", tool.name);
                if (!tool.description.empty())
                    out_.member("description", tool.description);
                out_.key("parameters");
                write_parameters(tool.parameters);
                if (tool.strict)
                    out_.member("strict", *tool.strict);
                out_.end_object();
                out_.end_object();
            }
            out_.end_array();
        }
        write_tool_choice();
        if (options_.parallel_tool_calls && request_.tools->empty())
            result_.warnings.push_back("parallel_tool_calls was not sent: the request has no tools");
        else
            write("parallel_tool_calls", options_.parallel_tool_calls, "parallel_tool_calls");
    }

    void write_parameters(const json::object& schema)
    {
        if (!schema.empty()) {
            out_.value(schema);
            return;
        }
        out_.begin_object();
        out_.member("type", "object");
        out_.key("properties");
        out_.begin_object();
        out_.end_object();
        out_.end_object();
    }

    void write_tool_choice()
    {
        if (!options_.tool_choice)
            return;
        if (request_.tools->empty()) {
            result_.warnings.push_back("tool_choice was not sent: the request has no tools");
            return;
        }
        using kind = tool_choice::kind;
        const auto& choice = *options_.tool_choice;
        std::string_view word = choice.what() == kind::automatic  ? "auto"
                                : choice.what() == kind::none     ? "none"
                                : choice.what() == kind::required ? "required"
                                                                  : "named";
        const auto& r = rule("tool_choice");
        if (std::find(profile_.tool_choices.begin(), profile_.tool_choices.end(), word) == profile_.tool_choices.end())
            refuse("the tool choice \"" + std::string(word) + "\"", r.why);
        if (!admitted("tool_choice", r))
            return;
        const bool forced = choice.what() == kind::required || choice.what() == kind::named;
        if (forced && !profile_.forced_choice_with_format && wants_format()) {
            result_.warnings.push_back("tool_choice was sent as \"auto\": " + profile_.name +
                                       " takes no forced choice beside a response format");
            word = "auto";
        }
        if (word != "named") {
            out_.member("tool_choice", word);
            return;
        }
        const auto& tools = *request_.tools;
        if (std::none_of(tools.begin(), tools.end(), [&](const tool_definition& t) { return t.name == choice.tool(); }))
            throw error(errc::invalid_argument,
                        "tool_choice names \"" + choice.tool() + "\", which is none of the request's tools");
        out_.key("tool_choice");
        out_.begin_object();
        out_.member("type", "function");
        out_.key("function");
        out_.begin_object();
        out_.member("name", choice.tool());
        out_.end_object();
        out_.end_object();
    }

    bool wants_format() const
    {
        return options_.response_format && options_.response_format->what() != response_format::kind::text;
    }

    void write_format()
    {
        if (!options_.response_format)
            return;
        const auto& format = *options_.response_format;
        const auto& why = rule("response_format").why;
        using kind = response_format::kind;
        using formats = openai_profile::formats;
        if (wants_format() && !profile_.format_with_tools && !request_.tools->empty())
            refuse("a response format beside tools", "ask in two steps: tools first, then the format");
        if (profile_.response_formats == formats::none) {
            if (wants_format())
                warn("response_format", why);
            return;
        }
        const bool degraded = format.what() == kind::json_schema && profile_.response_formats == formats::json_object;
        if (degraded)
            result_.warnings.push_back("response_format was sent as json_object: " + profile_.name +
                                       " follows no schema; describe the fields in the prompt");
        out_.key("response_format");
        out_.begin_object();
        if (format.what() == kind::text) {
            out_.member("type", "text");
        } else if (format.what() == kind::json_object || degraded) {
            out_.member("type", "json_object");
        } else {
            out_.member("type", "json_schema");
            out_.key("json_schema");
            out_.begin_object();
            out_.member("name", format.name());
            out_.member("schema", format.schema());
            if (format.strict())
                out_.member("strict", *format.strict());
            out_.end_object();
        }
        out_.end_object();
    }

    void write_reasoning()
    {
        write("reasoning_format", options_.reasoning_format, "reasoning_format");
        if (!options_.reasoning_effort)
            return;
        const auto& word = *options_.reasoning_effort;
        const bool off = word == "none";
        using form = openai_profile::effort_form;
        switch (profile_.reasoning_effort_form) {
            case form::word:
                write("reasoning_effort", options_.reasoning_effort, "reasoning_effort");
                return;
            case form::reasoning_object:
                out_.key("reasoning");
                out_.begin_object();
                out_.member("effort", word);
                out_.end_object();
                return;
            case form::thinking_switch:
                out_.key("thinking");
                out_.begin_object();
                out_.member("type", off ? "disabled" : "enabled");
                out_.end_object();
                break;
            case form::enabled_switch:
                out_.key("reasoning");
                out_.begin_object();
                out_.member("enabled", !off);
                out_.end_object();
                break;
        }
        if (!off)
            write("reasoning_effort", options_.reasoning_effort, "reasoning_effort");
    }

    void write_service()
    {
        write("service_tier", options_.service_tier, "service_tier");
        write("verbosity", options_.verbosity, "verbosity");
        write("user", options_.user, "user");
        write("prompt_cache_key", options_.prompt_cache_key, "prompt_cache_key");
        write("store", options_.store, "store");
        if (options_.request_metadata && admitted("request_metadata", rule("request_metadata"))) {
            out_.key("metadata");
            out_.begin_object();
            for (const auto& [key, value] : *options_.request_metadata) {
                out_.escaped_key(key);
                out_.value(value);
            }
            out_.end_object();
        }
    }

    void write_streaming()
    {
        out_.member("stream", true);
        if (!profile_.ask_stream_usage)
            return;
        out_.key("stream_options");
        out_.begin_object();
        out_.member("include_usage", true);
        out_.end_object();
    }

    static void merge(json::object& into, const json::object& more)
    {
        for (const auto& member : more) {
            auto* mine = into.if_contains(member.key());
            if (mine && mine->is_object() && member.value().is_object())
                merge(mine->get_object(), member.value().get_object());
            else
                into[member.key()] = member.value();
        }
    }
    void merge_extra()
    {
        auto body = parse_json(result_.body).get_object();
        merge(body, options_.extra);
        result_.body = json::serialize(body);
    }

    const chat_request& request_;
    const chat_options& options_;
    const openai_profile& profile_;
    bool streamed_;
    bool takes_temperature_;
    encoded_openai_chat result_{};
    detail::json_writer out_{result_.body};
};

}  // namespace

encoded_openai_chat encode_openai_chat(const chat_request& request, const openai_profile& profile, bool streamed,
                                       bool takes_temperature)
{
    return encoder(request, profile, streamed, takes_temperature).run();
}

}  // namespace zincir

#include <zincir/llms/openai_request.hpp>

#include "json_writer.hpp"
#include "merge_members.hpp"
#include "openai_messages.hpp"

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
        static const setting_rule not_openai = [] {
            setting_rule r;
            r.how = support::warn;
            r.why = "OpenAI's API has no such setting";
            return r;
        }();
        const auto at = profile_.settings.find(setting);
        if (at != profile_.settings.end())
            return at->second;
        return setting == "reasoning_format" ? not_openai : as_documented;
    }

    static std::string_view field_of(const setting_rule& r, std::string_view openai_name)
    {
        return r.field.empty() ? openai_name : std::string_view(r.field);
    }

    // Whether the setting goes into the body; if not, it has been said. A `harmless` value may be streamed in any case.
    bool admitted(std::string_view setting, const setting_rule& r, bool harmless = false)
    {
        if (r.refused_streamed && streamed_ && !harmless)
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
        if constexpr (std::same_as<T, std::string>) {
            if (const auto word = r.words.find(*value); word != r.words.end()) {
                if (word->second.empty())
                    warn(std::string(setting) + " \"" + *value + "\"", r.why);
                else
                    out_.escaped_member(field_of(r, openai_name), word->second);
                return;
            }
        }
        if constexpr (std::same_as<T, double>) {
            if (r.zero_as && *value == 0) {
                out_.escaped_member(field_of(r, openai_name), *r.zero_as);
                return;
            }
        }
        if constexpr (std::same_as<T, bool>) {
            if (r.true_as) {
                out_.escaped_member(field_of(r, openai_name), *value ? *r.true_as : std::int64_t{0});
                return;
            }
        }
        out_.escaped_member(field_of(r, openai_name), *value);
    }

    void write_sampling()
    {
        write_randomness("temperature", options_.temperature);
        write_randomness("top_p", options_.top_p);
        write("max_output_tokens", options_.max_output_tokens, profile_.output_limit_field);
        write_stop();
        write("seed", options_.seed, "seed");
        write("presence_penalty", options_.presence_penalty, "presence_penalty");
        write("frequency_penalty", options_.frequency_penalty, "frequency_penalty");
        write_n();
        const auto& logprobs = rule("logprobs");
        if (!options_.top_logprobs || field_of(rule("top_logprobs"), "top_logprobs") != field_of(logprobs, "logprobs"))
            write("logprobs", options_.logprobs, "logprobs");
        write("top_logprobs", options_.top_logprobs, "top_logprobs");
        write_map("logit_bias", options_.logit_bias, "logit_bias");
    }

    // Models that reason take neither.
    void write_randomness(std::string_view setting, const std::optional<double>& value)
    {
        if (value && !takes_temperature_)
            result_.warnings.push_back(std::string(setting) + " was not sent: the model takes none");
        else
            write(setting, value, setting);
    }

    void write_n()
    {
        if (!options_.n)
            return;
        const auto& r = rule("n");
        if (admitted("n", r, *options_.n == 1))
            out_.escaped_member(field_of(r, "n"), *options_.n);
    }

    template <class T>
    void write_map(std::string_view setting, const std::optional<std::map<std::string, T>>& entries, std::string_view openai_name)
    {
        if (!entries)
            return;
        const auto& r = rule(setting);
        if (!admitted(setting, r))
            return;
        out_.escaped_key(field_of(r, openai_name));
        out_.begin_object();
        for (const auto& [key, value] : *entries)
            out_.escaped_member(key, value);
        out_.end_object();
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
        out_.escaped_key(field_of(r, "stop"));
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
        if (forced && !profile_.forced_choice_with_reasoning && options_.reasoning_effort && *options_.reasoning_effort != "none")
            refuse("a forced tool choice beside a reasoning_effort", "leave one of them out, or set reasoning_effort to none");
        if (forced && !profile_.forced_choice_with_format && wants_format()) {
            result_.warnings.push_back("tool_choice was sent as \"auto\": " + profile_.name +
                                       " takes no forced choice beside a response format");
            word = "auto";
        }
        if (word != "named") {
            out_.escaped_member(field_of(r, "tool_choice"), word);
            return;
        }
        const auto& tools = *request_.tools;
        if (std::none_of(tools.begin(), tools.end(), [&](const tool_definition& t) { return t.name == choice.tool(); }))
            throw error(errc::invalid_argument,
                        "tool_choice names \"" + choice.tool() + "\", which is none of the request's tools");
        out_.escaped_key(field_of(r, "tool_choice"));
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
        const auto& r = rule("response_format");
        using kind = response_format::kind;
        using formats = openai_profile::formats;
        if (wants_format() && !profile_.format_with_tools && !request_.tools->empty())
            refuse("a response format beside tools", "ask in two steps: tools first, then the format");
        if (profile_.response_formats == formats::none) {
            if (wants_format())
                warn("response_format", r.why);
            return;
        }
        if (!admitted("response_format", r))
            return;
        const bool degraded = format.what() == kind::json_schema && profile_.response_formats == formats::json_object;
        if (degraded)
            result_.warnings.push_back("response_format was sent as json_object: " + profile_.name +
                                       " follows no schema; describe the fields in the prompt");
        out_.escaped_key(field_of(r, "response_format"));
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
        const auto how = profile_.reasoning_effort_form;
        if (how == form::word) {
            write("reasoning_effort", options_.reasoning_effort, "reasoning_effort");
            return;
        }
        const auto& r = rule("reasoning_effort");
        if (!admitted("reasoning_effort", r))
            return;
        out_.key(how == form::thinking_switch ? "thinking" : "reasoning");
        out_.begin_object();
        if (how == form::reasoning_object)
            out_.member("effort", word);
        else if (how == form::thinking_switch)
            out_.member("type", off ? "disabled" : "enabled");
        else
            out_.member("enabled", !off);
        out_.end_object();
        if (how != form::reasoning_object && !off)
            out_.escaped_member(field_of(r, "reasoning_effort"), word);
    }

    void write_service()
    {
        write("service_tier", options_.service_tier, "service_tier");
        write("verbosity", options_.verbosity, "verbosity");
        write("user", options_.user, "user");
        write("prompt_cache_key", options_.prompt_cache_key, "prompt_cache_key");
        write("store", options_.store, "store");
        write_map("request_metadata", options_.request_metadata, "metadata");
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

    void merge_extra()
    {
        for (const auto& member : options_.extra) {
            const std::string_view key(member.key().data(), member.key().size());
            if (key == "stream")
                throw error(errc::invalid_argument,
                            "extra has no say in \"stream\": call stream() for a streamed reply, invoke() for a whole one");
            if (const auto at = profile_.refused_extra.find(key); at != profile_.refused_extra.end())
                refuse("\"" + std::string(key) + "\" in extra", at->second);
        }
        result_.body = detail::merge_members(result_.body, options_.extra);
        detail::json_writer::check_utf8(result_.body, "extra");
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

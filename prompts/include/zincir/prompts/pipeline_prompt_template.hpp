#pragma once

#include <zincir/prompts/chat_prompt_template.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

/// A prompt that fills a variable of another one: `{"introduction", prompt_template("You are {role}.")}`. Any prompt of texts or
/// messages will do, few-shot prompts and pipelines among them; the messages of one fill a placeholder.
class named_prompt {
public:
    template <class Prompt>
        requires requires(const Prompt& p, const values& v) {
            prompt_value(p.format(v));
            p.variables();
        }
    named_prompt(std::string name, Prompt prompt) : name_(std::move(name)), variables_(prompt.variables())
    {
        if constexpr (requires { prompt.input_schema(); })
            schema_ = prompt.input_schema();
        auto held = std::make_shared<const Prompt>(std::move(prompt));
        format_ = [held](const values& input) { return prompt_value(held->format(input)); };
        invoke_ = [held](values input, run_context ctx) { return run(held, std::move(input), std::move(ctx)); };
    }

    const std::string& name() const noexcept { return name_; }
    const std::vector<std::string>& variables() const noexcept { return variables_; }
    const json::object& input_schema() const noexcept { return schema_; }
    prompt_value format(const values& input) const { return format_(input); }
    awaitable<prompt_value> invoke(values input, run_context ctx) const { return invoke_(std::move(input), std::move(ctx)); }

private:
    template <class Prompt>
    static awaitable<prompt_value> run(std::shared_ptr<const Prompt> prompt, values input, run_context ctx)
    {
        auto made = co_await prompt->invoke(std::move(input), std::move(ctx));
        co_return prompt_value(std::move(made));
    }
    std::string name_;
    std::vector<std::string> variables_;
    json::object schema_{};
    std::function<prompt_value(const values&)> format_{};
    std::function<awaitable<prompt_value>(values, run_context)> invoke_{};
};

namespace detail {

/// The parts of a pipeline. Immutable.
class pipeline_parts {
public:
    pipeline_parts(std::vector<named_prompt> parts, const std::vector<std::string>& wanted, const json::object& schema);

    /// The values with what every part made of them. Throw what the parts throw; the error says in which.
    values fill(const values& input, const partials* given) const;
    static awaitable<values> fill(std::shared_ptr<const pipeline_parts> self, std::shared_ptr<const partials> given, values input,
                                  run_context ctx);
    std::vector<std::string> variables(const partials* given) const;
    json::object input_schema(const partials* given) const;
    const std::vector<named_prompt>& parts() const noexcept { return parts_; }

private:
    values named(const values& input, const partials* given) const;
    std::vector<named_prompt> parts_;
    std::vector<std::string> free_{};
    json::object schema_;
};

}  // namespace detail

/// A prompt made of prompts: each part, in order, fills the variable of its name in the parts behind it and in the final prompt.
///
///     pipeline_prompt_template(prompt_template("{introduction}\n\n{task}"),
///                              {{"introduction", prompt_template("You are {role}.")}, {"task", prompt_template("Explain
///                              {topic}.")}})
///
/// A step values → what the final prompt gives. What a part makes is a value: its braces are text, and it wins over a value of its
/// name in the call. Construction throws errc::invalid_argument for two parts of one name. Rules and errors are the parts'; an
/// error names the part. Cheap to copy, immutable, thread-safe.
template <class Final = prompt_template>
class pipeline_prompt_template : public step<values, decltype(std::declval<const Final&>().format(std::declval<const values&>()))> {
public:
    using output = decltype(std::declval<const Final&>().format(std::declval<const values&>()));

    pipeline_prompt_template(Final final_prompt, std::vector<named_prompt> parts)
        : final_(std::move(final_prompt)),
          parts_(std::make_shared<const detail::pipeline_parts>(std::move(parts), final_.variables(), final_.input_schema()))
    {}

    /// Throws besides errc::invalid_argument where a part has to wait: use `invoke`.
    output format(const values& input) const { return final_.format(parts_->fill(input, partials_.get())); }
    awaitable<output> invoke(values input, run_context ctx = {}) const
    {
        return run(final_, parts_, partials_, std::move(input), std::move(ctx));
    }

    /// See prompt_template::partial; for all parts.
    [[nodiscard]] pipeline_prompt_template partial(std::string_view name, prompt_value value) const
    {
        auto copy = *this;
        copy.partials_ = detail::add_partial(partials_, name, std::move(value));
        return copy;
    }
    [[nodiscard]] pipeline_prompt_template partial(std::string_view name, std::function<prompt_value()> f) const
    {
        auto copy = *this;
        copy.partials_ = detail::add_partial(partials_, name, std::move(f));
        return copy;
    }
    [[nodiscard]] pipeline_prompt_template optional(std::string_view name) const { return partial(name, prompt_value::nothing()); }

    /// What a call must give: of all parts, without what parts in front make.
    std::vector<std::string> variables() const { return parts_->variables(partials_.get()); }
    json::object input_schema() const { return parts_->input_schema(partials_.get()); }
    /// Of the final prompt, with the parts that have no variables in their places.
    prompt_explanation explain() const
    {
        auto known = final_;
        for (const auto& part : parts_->parts())
            if (part.variables().empty())
                known = known.partial(part.name(), part.format(values()));
        return known.explain();
    }
    std::string_view step_name() const noexcept { return "pipeline_prompt_template"; }

private:
    static awaitable<output> run(Final final_prompt, std::shared_ptr<const detail::pipeline_parts> parts,
                                 std::shared_ptr<const detail::partials> given, values input, run_context ctx)
    {
        auto filled = co_await detail::pipeline_parts::fill(std::move(parts), std::move(given), std::move(input), ctx);
        co_return co_await final_prompt.invoke(std::move(filled), std::move(ctx));
    }
    Final final_;
    std::shared_ptr<const detail::pipeline_parts> parts_;
    std::shared_ptr<const detail::partials> partials_{};
};

}  // namespace zincir

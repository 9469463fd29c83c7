#pragma once

#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/example_selector.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace zincir {

/// The examples of a few-shot prompt: always the same ones, or those that a selector picks for the input.
class few_shot_examples {
public:
    few_shot_examples(std::vector<values> examples);
    few_shot_examples(std::initializer_list<values> examples) : few_shot_examples(std::vector<values>(examples)) {}
    few_shot_examples(std::shared_ptr<const example_selector> selector);
    template <std::derived_from<example_selector> Selector>
    few_shot_examples(Selector selector) : few_shot_examples(std::make_shared<const Selector>(std::move(selector)))
    {}

    awaitable<std::vector<values>> pick(values input, run_context ctx) const;
    /// Throws errc::invalid_argument where the selector has to wait for something.
    std::vector<values> pick_now(const values& input) const;
    /// Those that are always the same; null where a selector picks.
    const std::vector<values>* fixed() const noexcept;

private:
    std::shared_ptr<const example_selector> selector_;
};

/// Where a few-shot prompt puts its examples: before them `prefix`, behind them `suffix`, which mostly holds the question. Both are
/// templates of the input; an empty one is left out, and so is an example that comes to nothing.
struct few_shot_layout {
    std::string prefix{};
    std::string suffix{};
    std::string separator = "\n\n";  ///< between all parts
    template_options options{};
};

/// A text that shows how it is done: `prefix`, each example rendered by a template of its own, and `suffix`. Values of the examples
/// are never looked at again, so their braces are text.
///
/// A step values → text. Rules and errors are prompt_template's; a missing variable of an example is found when it is rendered. A
/// selector sees the values of the call and those given beforehand. Cheap to copy, immutable, thread-safe.
class few_shot_prompt_template : public step<values, std::string> {
public:
    few_shot_prompt_template(few_shot_examples examples, prompt_template example_prompt, few_shot_layout layout);

    /// Throws besides errc::invalid_argument where the selector of the examples has to wait: use `invoke`.
    std::string format(const values& input) const;
    awaitable<std::string> invoke(values input, run_context ctx = {}) const;

    /// See prompt_template::partial.
    [[nodiscard]] few_shot_prompt_template partial(std::string_view name, prompt_value value) const;
    [[nodiscard]] few_shot_prompt_template partial(std::string_view name, std::function<prompt_value()> f) const;
    [[nodiscard]] few_shot_prompt_template optional(std::string_view name) const { return partial(name, prompt_value::nothing()); }
    /// Of prefix and suffix, sorted, without those given beforehand.
    std::vector<std::string> variables() const;
    json::object input_schema() const;
    /// Of prefix, examples and suffix; examples that a selector picks are no part of the constant beginning. Throws what rendering
    /// the examples throws.
    prompt_explanation explain() const;
    /// Its texts as written, with the examples filled in; where a selector picks, the template of an example stands for all.
    std::string pretty() const;
    std::string_view step_name() const noexcept { return "few_shot_prompt_template"; }

private:
    struct program;
    template <class Given>
    few_shot_prompt_template with(std::string_view name, Given given) const;
    static std::string render(const program& p, const std::vector<values>& examples, const values& input);
    static awaitable<std::string> run(std::shared_ptr<const program> p, values input, run_context ctx);
    std::shared_ptr<const program> program_;
};

/// Messages that show how it is done: each example as the messages of `example_prompt`, such as a question and its answer.
///
///     few_shot_chat_prompt_template shots(examples, chat_prompt_template(user("{q}"), assistant("{a}")));
///     auto prompt = chat_prompt_template(system("Add."), messages_placeholder("shots"), user("{q}")).partial("shots",
///     shots.format());
///
/// A step values → messages. Cheap to copy, immutable, thread-safe.
class few_shot_chat_prompt_template : public step<values, messages> {
public:
    few_shot_chat_prompt_template(few_shot_examples examples, chat_prompt_template<values> example_prompt);

    messages format(const values& input = values()) const;
    awaitable<messages> invoke(values input, run_context ctx = {}) const;
    /// None: what a selector looks at is its own affair.
    std::vector<std::string> variables() const { return {}; }
    json::object input_schema() const;
    /// See few_shot_prompt_template.
    prompt_explanation explain() const;
    std::string pretty() const;
    std::string_view step_name() const noexcept { return "few_shot_chat_prompt_template"; }

private:
    static messages render(const chat_prompt_template<values>& prompt, const std::vector<values>& examples);
    static awaitable<messages> run(few_shot_examples examples, chat_prompt_template<values> prompt, values input, run_context ctx);
    few_shot_examples examples_;
    chat_prompt_template<values> example_prompt_;
};

}  // namespace zincir

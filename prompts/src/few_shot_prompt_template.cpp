#include <zincir/prompts/few_shot_prompt_template.hpp>

#include <algorithm>

namespace zincir {
namespace {

class all_examples final : public immediate_example_selector {
public:
    explicit all_examples(std::vector<values> examples) : examples_(std::move(examples)) {}
    std::vector<values> select_now(const values&) const override { return examples_; }

private:
    std::vector<values> examples_;
};

template_options named(template_options options, std::string_view part)
{
    options.name += ", " + std::string(part);
    return options;
}

}  // namespace

few_shot_examples::few_shot_examples(std::vector<values> examples)
    : selector_(std::make_shared<const all_examples>(std::move(examples)))
{}

few_shot_examples::few_shot_examples(std::shared_ptr<const example_selector> selector) : selector_(std::move(selector))
{
    if (!selector_)
        throw error(errc::invalid_argument, "a few-shot prompt needs examples: the selector it was given is null");
}

awaitable<std::vector<values>> few_shot_examples::pick(values input, run_context ctx) const
{
    return selector_->select(std::move(input), std::move(ctx));
}

std::vector<values> few_shot_examples::pick_now(const values& input) const
{
    if (const auto* immediate = dynamic_cast<const immediate_example_selector*>(selector_.get()))
        return immediate->select_now(input);
    throw error(errc::invalid_argument,
                "the selector of these examples has to wait for an embedding model: await invoke() instead of "
                "calling format()");
}

struct few_shot_prompt_template::program {
    std::vector<std::string> variables() const
    {
        std::vector<std::string> names;
        for (const auto* part : {&prefix, &suffix})
            if (*part)
                for (auto& name : (*part)->variables())
                    names.push_back(std::move(name));
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }
    // A bare value goes to the only variable of prefix and suffix together.
    values named(const values& input) const
    {
        if (!input.bare())
            return input;
        const auto names = variables();
        if (names.size() != 1)
            throw error(errc::invalid_argument, "a bare value was given, but the few-shot prompt has " +
                                                    std::to_string(names.size()) +
                                                    " variables: give them by name, values(\"name\", …)");
        return values(names.front(), *input.bare());
    }

    few_shot_examples examples;
    prompt_template example;
    std::optional<prompt_template> prefix{};
    std::optional<prompt_template> suffix{};
    std::string separator{};
};

few_shot_prompt_template::few_shot_prompt_template(few_shot_examples examples, prompt_template example_prompt,
                                                   few_shot_layout layout)
{
    program made{std::move(examples), std::move(example_prompt)};
    if (!layout.prefix.empty())
        made.prefix.emplace(layout.prefix, named(layout.options, "prefix"));
    if (!layout.suffix.empty())
        made.suffix.emplace(layout.suffix, named(layout.options, "suffix"));
    made.separator = std::move(layout.separator);
    program_ = std::make_shared<const program>(std::move(made));
}

std::string few_shot_prompt_template::render(const program& p, const std::vector<values>& examples, const values& input)
{
    std::string out;
    const auto add = [&](const std::string& part) {
        if (part.empty())
            return;
        if (!out.empty())
            out += p.separator;
        out += part;
    };
    if (p.prefix)
        add(p.prefix->format(input));
    for (const auto& example : examples)
        add(p.example.format(example));
    if (p.suffix)
        add(p.suffix->format(input));
    return out;
}

std::string few_shot_prompt_template::format(const values& input) const
{
    const auto given = program_->named(input);
    return render(*program_, program_->examples.pick_now(given), given);
}

awaitable<std::string> few_shot_prompt_template::run(std::shared_ptr<const program> p, values input, run_context ctx)
{
    const auto given = p->named(input);
    const auto examples = co_await p->examples.pick(given, std::move(ctx));
    co_return render(*p, examples, given);
}

awaitable<std::string> few_shot_prompt_template::invoke(values input, run_context ctx) const
{
    return run(program_, std::move(input), std::move(ctx));
}

few_shot_prompt_template few_shot_prompt_template::partial(std::string_view name, prompt_value value) const
{
    auto changed = *program_;
    if (changed.prefix)
        changed.prefix = changed.prefix->partial(name, value);
    if (changed.suffix)
        changed.suffix = changed.suffix->partial(name, std::move(value));
    auto copy = *this;
    copy.program_ = std::make_shared<const program>(std::move(changed));
    return copy;
}

std::vector<std::string> few_shot_prompt_template::variables() const { return program_->variables(); }

few_shot_chat_prompt_template::few_shot_chat_prompt_template(few_shot_examples examples,
                                                             chat_prompt_template<values> example_prompt)
    : examples_(std::move(examples)), example_prompt_(std::move(example_prompt))
{}

messages few_shot_chat_prompt_template::render(const chat_prompt_template<values>& prompt, const std::vector<values>& examples)
{
    messages all;
    for (const auto& example : examples)
        for (auto& m : prompt.format(example))
            all.push_back(std::move(m));
    return all;
}

messages few_shot_chat_prompt_template::format(const values& input) const
{
    return render(example_prompt_, examples_.pick_now(input));
}

awaitable<messages> few_shot_chat_prompt_template::run(few_shot_examples examples, chat_prompt_template<values> prompt,
                                                       values input, run_context ctx)
{
    const auto picked = co_await examples.pick(std::move(input), std::move(ctx));
    co_return render(prompt, picked);
}

awaitable<messages> few_shot_chat_prompt_template::invoke(values input, run_context ctx) const
{
    return run(examples_, example_prompt_, std::move(input), std::move(ctx));
}

}  // namespace zincir

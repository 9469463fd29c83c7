#include "prompt_inspection.hpp"

#include <zincir/prompts/few_shot_prompt_template.hpp>
#include <zincir/prompts/prompt_text.hpp>

#include <algorithm>

namespace zincir {
namespace {

class all_examples final : public immediate_example_selector {
public:
    explicit all_examples(std::vector<values> examples) : examples_(std::move(examples)) {}
    std::vector<values> select_now(const values&) const override { return examples_; }
    const std::vector<values>& all() const noexcept { return examples_; }

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

const std::vector<values>* few_shot_examples::fixed() const noexcept
{
    const auto* all = dynamic_cast<const all_examples*>(selector_.get());
    return all ? &all->all() : nullptr;
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
    const detail::partials* given() const
    {
        return prefix ? detail::prompt_access::given(*prefix) : suffix ? detail::prompt_access::given(*suffix) : nullptr;
    }
    // By names, a bare value that of the only variable of prefix and suffix together; with those given beforehand.
    values named(const values& input) const
    {
        auto all = input;
        if (input.bare()) {
            const auto names = variables();
            if (names.size() != 1)
                throw error(errc::invalid_argument, "a bare value was given, but the few-shot prompt has " +
                                                        std::to_string(names.size()) +
                                                        " variables: give them by name, values(\"name\", …)");
            all = values(names.front(), *input.bare());
        }
        if (const auto* beforehand = given())
            for (const auto& e : beforehand->entries())
                if (!all.find(e.name))
                    all.set(e.name, e.value ? *e.value : e.make());
        return all;
    }
    std::vector<std::string> render_examples(const std::vector<values>& picked) const
    {
        std::vector<std::string> texts;
        for (const auto& e : picked)
            if (auto text = example.format(e); !text.empty())
                texts.push_back(std::move(text));
        return texts;
    }
    // The parts, joined by the separator: `before` and `behind` are there, and may be empty all the same.
    std::string join(const std::string* before, const std::vector<std::string>& examples_texts, const std::string* behind) const
    {
        std::string out;
        bool first = true;
        const auto add = [&](const std::string& part) {
            out += first ? "" : separator;
            out += part;
            first = false;
        };
        if (before)
            add(*before);
        for (const auto& text : examples_texts)
            add(text);
        if (behind)
            add(*behind);
        return out;
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
    const auto before = p.prefix ? p.prefix->format(input) : std::string();
    const auto behind = p.suffix ? p.suffix->format(input) : std::string();
    return p.join(p.prefix ? &before : nullptr, p.render_examples(examples), p.suffix ? &behind : nullptr);
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

template <class Given>
few_shot_prompt_template few_shot_prompt_template::with(std::string_view name, Given given) const
{
    auto changed = *program_;
    for (auto* part : {&changed.prefix, &changed.suffix})
        if (*part)
            *part = (*part)->partial(name, given);
    auto copy = *this;
    copy.program_ = std::make_shared<const program>(std::move(changed));
    return copy;
}

few_shot_prompt_template few_shot_prompt_template::partial(std::string_view name, prompt_value value) const
{
    return with(name, std::move(value));
}

few_shot_prompt_template few_shot_prompt_template::partial(std::string_view name, std::function<prompt_value()> f) const
{
    return with(name, std::move(f));
}

std::vector<std::string> few_shot_prompt_template::variables() const { return program_->variables(); }

json::object few_shot_prompt_template::input_schema() const
{
    detail::schema_builder schema(program_->given());
    for (const auto* part : {&program_->prefix, &program_->suffix})
        if (*part)
            for (const auto& piece : detail::prompt_access::pieces(**part))
                schema.add_text(piece);
    return schema.finish();
}

namespace {
constexpr auto what_varies = "the examples, which are picked for each call";
}

prompt_explanation few_shot_prompt_template::explain() const
{
    const auto& p = *program_;
    detail::explainer made(p.given());
    if (p.prefix)
        made.add_text("prefix", detail::prompt_access::pieces(*p.prefix));
    if (const auto* fixed = p.examples.fixed()) {
        const std::string nothing;
        const auto texts = p.render_examples(*fixed);
        const bool inside = !texts.empty() || (p.prefix && p.suffix);
        if (inside)
            made.add_constant("examples", p.join(p.prefix ? &nothing : nullptr, texts, p.suffix ? &nothing : nullptr));
    } else {
        made.add_varying("examples", what_varies);
    }
    if (p.suffix)
        made.add_text("suffix", detail::prompt_access::pieces(*p.suffix));
    return made.finish();
}

std::string few_shot_prompt_template::pretty() const
{
    const auto& p = *program_;
    const auto before = p.prefix ? p.prefix->pretty() : std::string();
    const auto behind = p.suffix ? p.suffix->pretty() : std::string();
    const auto* fixed = p.examples.fixed();
    return p.join(p.prefix ? &before : nullptr,
                  fixed ? p.render_examples(*fixed) : std::vector<std::string>{p.example.pretty(), "…"},
                  p.suffix ? &behind : nullptr);
}

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
    const auto chosen = co_await examples.pick(std::move(input), std::move(ctx));
    co_return render(prompt, chosen);
}

awaitable<messages> few_shot_chat_prompt_template::invoke(values input, run_context ctx) const
{
    return run(examples_, example_prompt_, std::move(input), std::move(ctx));
}

json::object few_shot_chat_prompt_template::input_schema() const { return detail::schema_builder(nullptr).finish(); }

prompt_explanation few_shot_chat_prompt_template::explain() const
{
    detail::explainer made(nullptr);
    if (const auto* fixed = examples_.fixed())
        made.add_messages("examples", render(example_prompt_, *fixed));
    else
        made.add_varying("examples", what_varies);
    return made.finish();
}

std::string few_shot_chat_prompt_template::pretty() const
{
    const auto* fixed = examples_.fixed();
    return fixed ? zincir::pretty(render(example_prompt_, *fixed)) : example_prompt_.pretty() + "\n\n…";
}

}  // namespace zincir

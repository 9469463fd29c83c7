#include "prompt_inspection.hpp"
#include "template_engine.hpp"

#include <zincir/prompts/chat_prompt_template.hpp>

#include <algorithm>
#include <array>

namespace zincir {

values values::from_json(const json::object& members)
{
    values all;
    for (const auto& member : members)
        all.set(std::string_view(member.key().data(), member.key().size()), prompt_value(member.value()));
    return all;
}

values& values::set(std::string_view name, prompt_value value)
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.name == name; });
    if (at != entries_.end())
        at->value = std::move(value);
    else
        entries_.push_back(entry{std::string(name), std::move(value)});
    return *this;
}

const prompt_value* values::find(std::string_view name) const noexcept
{
    const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.name == name; });
    return at == entries_.end() ? nullptr : &at->value;
}

namespace detail {

std::shared_ptr<const partials> add_partial(std::shared_ptr<const partials> old, std::string_view name, prompt_value value)
{
    auto changed = old ? std::make_shared<partials>(*old) : std::make_shared<partials>();
    changed->set(partials::entry{std::string(name), std::move(value), {}});
    return changed;
}

std::shared_ptr<const partials> add_partial(std::shared_ptr<const partials> old, std::string_view name,
                                            std::function<prompt_value()> f)
{
    auto changed = old ? std::make_shared<partials>(*old) : std::make_shared<partials>();
    changed->set(partials::entry{std::string(name), std::nullopt, std::move(f)});
    return changed;
}

std::shared_ptr<const partials> merge_partials(std::shared_ptr<const partials> first, std::shared_ptr<const partials> second)
{
    if (!first || !second)
        return first ? first : second;
    auto both = std::make_shared<partials>(*first);
    for (const auto& e : second->entries()) {
        if (first->find(e.name))
            throw error(errc::invalid_argument,
                        "both prompts were given a value for \"" + e.name + "\" beforehand: only one of them may");
        both->set(e);
    }
    return both;
}

}  // namespace detail

prompt_template::prompt_template(std::string_view text, template_options options) : program_(detail::parse_template(text, options))
{
    std::vector<detail::template_piece> pieces;
    pieces.push_back({program_, std::string(text), std::make_shared<const template_options>(std::move(options))});
    pieces_ = std::make_shared<const std::vector<detail::template_piece>>(std::move(pieces));
}

namespace {

// One template behind another.
class joined_template final : public detail::template_engine {
public:
    joined_template(std::shared_ptr<const template_engine> first, std::shared_ptr<const template_engine> second)
        : parts_{std::move(first), std::move(second)}
    {
        for (const auto& part : parts_)
            variables_.insert(variables_.end(), part->variables().begin(), part->variables().end());
        std::sort(variables_.begin(), variables_.end());
        variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
    }
    void render(std::string& out, detail::scope& given) const override
    {
        for (const auto& part : parts_)
            part->render(out, given);
    }
    const std::vector<std::string>& variables() const noexcept override { return variables_; }
    std::string place_of(std::string_view variable) const override
    {
        const auto& names = parts_[0]->variables();
        return parts_[std::find(names.begin(), names.end(), variable) == names.end() ? 1 : 0]->place_of(variable);
    }

private:
    std::array<std::shared_ptr<const template_engine>, 2> parts_;
    std::vector<std::string> variables_{};
};

std::string render(const detail::template_engine& program, const detail::partials* given, const values& input)
{
    std::string out;
    if (input.bare()) {
        detail::scope all(input, given, detail::free_variables(program.variables(), given));
        program.render(out, all);
    } else {
        detail::scope all(input, given, {});
        program.render(out, all);
    }
    return out;
}

// Holds what it works with: the template itself may go.
awaitable<std::string> run(std::shared_ptr<const detail::template_engine> program, std::shared_ptr<const detail::partials> given,
                           values input)
{
    co_return render(*program, given.get(), input);
}

}  // namespace

std::string prompt_template::format(const values& input) const { return render(*program_, partials_.get(), input); }

awaitable<std::string> prompt_template::invoke(values input, run_context) const
{
    return run(program_, partials_, std::move(input));
}

prompt_template prompt_template::partial(std::string_view name, prompt_value value) const
{
    auto copy = *this;
    copy.partials_ = detail::add_partial(partials_, name, std::move(value));
    return copy;
}

prompt_template prompt_template::partial(std::string_view name, std::function<prompt_value()> f) const
{
    auto copy = *this;
    copy.partials_ = detail::add_partial(partials_, name, std::move(f));
    return copy;
}

prompt_template operator+(const prompt_template& first, const prompt_template& second)
{
    auto both = first;
    both.program_ = std::make_shared<const joined_template>(first.program_, second.program_);
    both.partials_ = detail::merge_partials(first.partials_, second.partials_);
    auto pieces = *first.pieces_;
    pieces.insert(pieces.end(), second.pieces_->begin(), second.pieces_->end());
    both.pieces_ = std::make_shared<const std::vector<detail::template_piece>>(std::move(pieces));
    return both;
}

prompt_template operator+(const prompt_template& first, std::string_view second)
{
    return first + prompt_template(second, *first.pieces_->front().options);
}

std::vector<std::string> prompt_template::variables() const
{
    return detail::free_variables(program_->variables(), partials_.get());
}

json::object prompt_template::input_schema() const
{
    detail::schema_builder schema(partials_.get());
    for (const auto& piece : *pieces_)
        schema.add_text(piece);
    return schema.finish();
}

prompt_explanation prompt_template::explain() const
{
    detail::explainer made(partials_.get());
    made.add_text("text", *pieces_);
    return made.finish();
}

std::string prompt_template::pretty() const
{
    std::string text;
    for (const auto& piece : *pieces_)
        text += piece.text;
    return text;
}

}  // namespace zincir

#include "template_engine.hpp"

#include <zincir/core/detail/nearest_name.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>

#include <algorithm>

namespace zincir {

messages_placeholder messages_placeholder::optional() const
{
    auto copy = *this;
    copy.optional_ = true;
    return copy;
}

messages_placeholder messages_placeholder::last(std::size_t n) const
{
    auto copy = *this;
    copy.limit_ = n;
    return copy;
}

namespace detail {

struct chat_program::part {
    chat_prompt_part source;
    // One for each text and each image address of a message, in the order of its blocks.
    std::vector<std::shared_ptr<const template_engine>> programs;
};

namespace {

// The text of a block that is a template, or null.
template <class Block>
auto* template_text(Block& block)
{
    using text_pointer = std::conditional_t<std::is_const_v<Block>, const std::string*, std::string*>;
    if (auto* text = std::get_if<text_block>(&block))
        return text_pointer(&text->text);
    if (auto* image = std::get_if<image_block>(&block); image && !image->source.url.empty())
        return text_pointer(&image->source.url);
    return text_pointer(nullptr);
}

std::string place_of(const template_options& options, std::size_t index)
{
    return "template \"" + options.name + "\", part " + std::to_string(index);
}

void insert_messages(messages& out, const messages_placeholder& hole, scope& given, const template_options& options,
                     std::size_t index)
{
    const auto* value = given.find(hole.name());
    if (!value) {
        if (hole.is_optional())
            return;
        missing(place_of(options, index), hole.name(), given);
    }
    const auto* turns = std::get_if<messages>(&value->get());
    if (!turns)
        throw error(errc::invalid_argument, place_of(options, index) + ": the placeholder \"" + hole.name() +
                                                "\" takes messages, and was given something else");
    const auto skipped = turns->size() > hole.limit() ? turns->size() - hole.limit() : 0;
    out.insert(out.end(), turns->begin() + static_cast<std::ptrdiff_t>(skipped), turns->end());
}

}  // namespace

chat_program::chat_program(std::vector<chat_prompt_part> parts, template_options options) : options_(std::move(options))
{
    parts_.reserve(parts.size());
    for (auto& source : parts) {
        part p{std::move(source), {}};
        if (const auto* m = std::get_if<message>(&p.source)) {
            const auto where = "message " + std::to_string(parts_.size()) + " (" + std::string(name(m->role)) + ")";
            for (const auto& block : m->content)
                if (const auto* text = template_text(block))
                    p.programs.push_back(parse_template(*text, options_, where));
        }
        parts_.push_back(std::move(p));
    }
}

chat_program::chat_program(const chat_program& first, const chat_program& second) : parts_(first.parts_), options_(first.options_)
{
    parts_.insert(parts_.end(), second.parts_.begin(), second.parts_.end());
}

chat_program::~chat_program() = default;

messages chat_program::format(const values& input, const partials* given) const
{
    scope all(input, given, input.bare() ? variables(given) : std::vector<std::string>());
    messages out;
    out.reserve(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto& p = parts_[i];
        if (const auto* hole = std::get_if<messages_placeholder>(&p.source)) {
            insert_messages(out, *hole, all, options_, i);
            continue;
        }
        if (const auto* fixed = std::get_if<verbatim>(&p.source)) {
            out.push_back(fixed->get());
            continue;
        }
        const auto& source = std::get<message>(p.source);
        auto program = p.programs.begin();
        if (source.content.size() == 1 && std::holds_alternative<text_block>(source.content.front())) {
            std::string text;
            (*program)->render(text, all);
            auto& m = out.emplace_back(source.role, std::move(text));
            m.name = source.name;
            continue;
        }
        auto& m = out.emplace_back(source);
        for (auto& block : m.content)
            if (auto* text = template_text(block)) {
                text->clear();
                (*program++)->render(*text, all);
            }
    }
    return out;
}

std::vector<std::string> chat_program::variables(const partials* given) const
{
    std::vector<std::string> all;
    for (const auto& p : parts_) {
        if (const auto* hole = std::get_if<messages_placeholder>(&p.source); hole && !hole->is_optional())
            all.push_back(hole->name());
        for (const auto& program : p.programs)
            all.insert(all.end(), program->variables().begin(), program->variables().end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return free_variables(all, given);
}

void chat_program::check_names(const std::vector<std::string>& names, const partials* given) const
{
    for (const auto& variable : variables(given)) {
        if (std::find(names.begin(), names.end(), variable) != names.end())
            continue;
        auto place = "template \"" + options_.name + "\"";
        for (const auto& p : parts_)
            for (const auto& program : p.programs)
                if (std::find(program->variables().begin(), program->variables().end(), variable) != program->variables().end())
                    place = program->place_of(variable);
        const auto near = nearest_name(variable, names);
        throw error(errc::invalid_template, place + ": the input has no member \"" + variable + "\"" +
                                                (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
}

}  // namespace detail
}  // namespace zincir

#include "media_part.hpp"
#include "prompt_inspection.hpp"

#include <zincir/core/detail/nearest_name.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/prompt_text.hpp>

#include <algorithm>
#include <optional>

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
    // One for each template of a message, in the order of its blocks: see for_each_template.
    std::vector<template_piece> pieces;
};

namespace {

// The texts of a block that are templates: first the one that makes the block, then what describes it.
template <class Block, class F>
void for_each_template(Block& block, F f)
{
    if (auto* text = std::get_if<text_block>(&block)) {
        f(text->text);
    } else if (auto* image = std::get_if<image_block>(&block)) {
        if (!image->source.url.empty())
            f(image->source.url);
        if (!image->source.detail.empty())
            f(image->source.detail);
    } else if (auto* audio = std::get_if<audio_block>(&block)) {
        if (!audio->source.url.empty())
            f(audio->source.url);
    } else if (auto* file = std::get_if<file_block>(&block)) {
        if (!file->source.url.empty())
            f(file->source.url);
        if (!file->source.name.empty())
            f(file->source.name);
    }
}

std::string place_of(const template_options& options, std::size_t index)
{
    return "template \"" + options.name + "\", part " + std::to_string(index);
}

std::string title_of(std::size_t index, const message& m)
{
    return "message " + std::to_string(index) + " (" + std::string(name(m.role)) + ")";
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

// Whether the call gave a variable of it, or it has none.
bool was_given(const template_piece& piece, scope& given)
{
    const auto& names = piece.program->variables();
    return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
               return given.input().find(name) || (given.input().bare() && given.find(name) == given.input().bare());
           });
}

// The block with its templates rendered, of which `piece` is the first; nothing where it has come to nothing.
std::optional<content_block> filled(content_block block, std::vector<template_piece>::const_iterator& piece, scope& given,
                                    const std::string& place)
{
    auto* source = media_of(block);
    const bool has_address = source && !source->url.empty();
    const auto maker = piece;  // of its text or address
    std::optional<media> found;
    for_each_template(block, [&](std::string& text) {
        const auto& p = *piece++;
        if (has_address && &text == &source->url && (found = media_value(p, given, block, place)))
            return;
        text.clear();
        p.program->render(text, given);
    });
    if (const auto* text = std::get_if<text_block>(&block); text && text->text.empty())
        return std::nullopt;
    if (!has_address)
        return block;
    if (found) {
        found->detail = source->detail.empty() ? found->detail : source->detail;
        found->name = source->name.empty() ? found->name : source->name;
        *source = std::move(*found);
        return block;
    }
    if (source->url.empty() && !was_given(*maker, given))
        return std::nullopt;
    settle_address(block, place);
    return block;
}

message fill_blocks(const message& source, const std::vector<template_piece>& pieces, scope& given, const std::string& place)
{
    message out;
    out.role = source.role;
    out.name = source.name;
    auto piece = pieces.begin();
    for (const auto& block : source.content)
        if (auto made = filled(block, piece, given, place))
            out.content.push_back(std::move(*made));
    if (out.content.empty())
        out.content.emplace_back(text_block());
    return out;
}

}  // namespace

chat_program::chat_program(std::vector<chat_prompt_part> parts, template_options options) : options_(std::move(options))
{
    const std::vector shared_options{std::make_shared<const template_options>(options_)};
    parts_.reserve(parts.size());
    for (auto& source : parts)
        add(std::move(source), shared_options);
}

chat_program::chat_program(std::vector<sourced_part> parts, template_options options) : options_(std::move(options))
{
    parts_.reserve(parts.size());
    for (auto& [source, own] : parts) {
        std::vector<std::shared_ptr<const template_options>> shared_options;
        for (auto& o : own)
            shared_options.push_back(std::make_shared<const template_options>(std::move(o)));
        add(std::move(source), shared_options);
    }
}

void chat_program::add(chat_prompt_part source, const std::vector<std::shared_ptr<const template_options>>& options)
{
    part p{std::move(source), {}};
    if (const auto* m = std::get_if<message>(&p.source)) {
        const auto where = title_of(parts_.size(), *m);
        for (const auto& block : m->content)
            for_each_template(block, [&](const std::string& text) {
                const auto& own = options[std::min(p.pieces.size(), options.size() - 1)];
                p.pieces.push_back({parse_template(text, *own, where), text, own});
                const auto* held = media_of(block);
                if (held && &text == &held->url && text.find('{') == std::string::npos)
                    check_written_address(text, *own, where);
            });
    }
    parts_.push_back(std::move(p));
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
        if (source.content.size() == 1 && std::holds_alternative<text_block>(source.content.front())) {
            std::string text;
            p.pieces.front().program->render(text, all);
            auto& m = out.emplace_back(source.role, std::move(text));
            m.name = source.name;
        } else {
            out.push_back(fill_blocks(source, p.pieces, all, place_of(options_, i) + " (" + std::string(name(source.role)) + ")"));
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
        for (const auto& piece : p.pieces)
            all.insert(all.end(), piece.program->variables().begin(), piece.program->variables().end());
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
            for (const auto& [program, text, options] : p.pieces)
                if (std::find(program->variables().begin(), program->variables().end(), variable) != program->variables().end())
                    place = program->place_of(variable);
        throw error(errc::invalid_template, place + ": the input has no member \"" + variable + "\"" +
                                                suggestion_text(variable, nearest_name(variable, names)));
    }
}

json::object chat_program::input_schema(const partials* given) const
{
    schema_builder schema(given);
    for (const auto& p : parts_) {
        if (const auto* hole = std::get_if<messages_placeholder>(&p.source))
            schema.add_placeholder(hole->name(), hole->is_optional());
        for (const auto& piece : p.pieces)
            schema.add_text(piece);
    }
    return schema.finish();
}

prompt_explanation chat_program::explain(const partials* given) const
{
    explainer made(given);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto& p = parts_[i];
        if (const auto* hole = std::get_if<messages_placeholder>(&p.source)) {
            made.add_placeholder(hole->name());
        } else if (const auto* fixed = std::get_if<verbatim>(&p.source)) {
            made.add_messages(title_of(i, fixed->get()), messages(fixed->get()));
        } else {
            auto bare = std::get<message>(p.source);
            for (auto& block : bare.content)
                if (auto* text = std::get_if<text_block>(&block))
                    text->text.clear();
            made.add_text(title_of(i, bare), p.pieces, approximate_message_tokens(messages(bare)));
        }
    }
    return made.finish();
}

std::string chat_program::pretty() const
{
    std::string out;
    for (const auto& p : parts_) {
        out += out.empty() ? "" : "\n\n";
        if (const auto* hole = std::get_if<messages_placeholder>(&p.source))
            out += pretty_title("Messages Placeholder") + "\n\n{" + hole->name() + "}" + (hole->is_optional() ? " (optional)" : "");
        else if (const auto* fixed = std::get_if<verbatim>(&p.source))
            out += zincir::pretty(fixed->get());
        else
            out += zincir::pretty(std::get<message>(p.source));
    }
    return out;
}

}  // namespace detail
}  // namespace zincir

#pragma once

#include "template_engine.hpp"

#include <zincir/prompts/prompt_explanation.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <string>
#include <string_view>
#include <vector>

// What a prompt is made of, without rendering it: for explain(), input_schema() and pretty().

namespace zincir::detail {

/// A parsed text with what it was parsed from.
struct template_piece {
    std::shared_ptr<const template_engine> program;
    std::string text;
    std::shared_ptr<const template_options> options;
};

/// What a prompt is made of, for prompts that are made of prompts.
struct prompt_access {
    static const std::vector<template_piece>& pieces(const prompt_template& p) { return *p.pieces_; }
    static const partials* given(const prompt_template& p) { return p.partials_.get(); }
};

/// What the text begins with in every call; `variable` is the first one that was not given as a value beforehand, empty where the
/// whole text is constant.
struct constant_beginning {
    std::string text;
    std::string variable;
    bool whole = false;
};
constant_beginning beginning_of(const template_piece& piece, const partials* given);

/// The text without its fields and tags.
std::string written_text(std::string_view text, template_format format);

/// Collects the parts of a prompt in their order.
class explainer {
public:
    explicit explainer(const partials* given) : given_(given) {}
    /// A text of one or several pieces; `extra` are the tokens of what else is in the part.
    void add_text(std::string part, const std::vector<template_piece>& pieces, std::size_t extra = 0);
    void add_messages(std::string part, const messages& turns);
    /// What is the same in every call.
    void add_constant(std::string part, const std::string& text);
    /// What is another text in each call, though no variable of the prompt says so.
    void add_varying(std::string part, std::string why);
    void add_placeholder(const std::string& name);
    prompt_explanation finish();

private:
    void end_prefix(const std::string& variable, const std::string& part);
    void add_variable(std::vector<std::string>& all, const std::string& name) const;
    const partials* given_;
    prompt_explanation made_{};
    std::vector<std::string> made_anew_{};
};

/// Adds what a piece wants of its values to an object schema that is being built.
class schema_builder {
public:
    explicit schema_builder(const partials* given) : given_(given) {}
    void add_text(const template_piece& piece);
    void add_placeholder(const std::string& name, bool optional);
    json::object finish();

private:
    void add(const std::string& name, json::object schema, bool required);
    const partials* given_;
    json::object properties_{};
    std::vector<std::string> required_{};
};

}  // namespace zincir::detail

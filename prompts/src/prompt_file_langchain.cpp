#include "prompt_file.hpp"

#include <algorithm>

namespace zincir::detail {
namespace {

const std::vector<std::string> common{
    "_type",    "name", "input_variables",  "optional_variables", "input_types", "output_parser", "partial_variables",
    "metadata", "tags", "validate_template"};

std::vector<std::string> with(std::vector<std::string> more)
{
    more.insert(more.end(), common.begin(), common.end());
    return more;
}

void read_common(prompt_file_state& state, const document_node& node)
{
    if (const auto name = node.find("name"))
        state.name = name->text();
    if (const auto metadata = node.find("metadata"))
        state.metadata = metadata->object();
    if (const auto parser = node.find("output_parser"))
        if (!parser->has("_type") || parser->member("_type").text() != "default")
            parser->refuse("no output parser but \"default\" is read from files: put one behind the model with |");
}

// What validate_template asks for: the names that the file says are those of the template.
void check_variables(const prompt_file_state& state, const document_node& node)
{
    const auto asked = node.find("validate_template");
    if (!asked || !asked->boolean())
        return;
    const auto listed = node.member("input_variables");
    auto said = listed.texts();
    std::sort(said.begin(), said.end());
    const auto used = state.chat->variables();
    for (const auto& name : used)
        if (!std::binary_search(said.begin(), said.end(), name))
            listed.refuse("the template has the variable \"" + name + "\", which is not listed");
    for (const auto& name : said)
        if (!std::binary_search(used.begin(), used.end(), name))
            listed.refuse("\"" + name + "\" is listed, and the template has no such variable");
}

// `key`, or the text of the .txt file that `key`_path names.
std::string template_text(prompt_file_reader& reader, const document_node& node, const std::string& key, bool optional = false)
{
    const auto path = node.find(key + "_path");
    if (path && node.find(key))
        path->refuse("\"" + key + "\" and \"" + key + "_path\" cannot both be given");
    if (!path)
        return optional && !node.find(key) ? std::string() : node.member(key).text();
    const auto name = path->text();
    if (extension_of(name) != ".txt")
        path->refuse("\"" + name + "\": templates are read from .txt files only");
    return reader.text_of(*path, name);
}

template_format read_format(const document_node& node)
{
    const auto format = node.find("template_format");
    return format ? format_of(*format, "jinja2") : template_format::fstring;
}

prompt_file_state read_prompt(prompt_file_reader& reader, const document_node& node, const std::string& name)
{
    node.only(with({"template", "template_path", "template_format"}));
    prompt_file_state state;
    read_common(state, node);
    set_text(state, template_text(reader, node, "template"), reader.options(read_format(node), name));
    if (const auto values = node.find("partial_variables"))
        set_partials(state, *values);
    check_variables(state, node);
    return state;
}

// A field that no variable of the prompt is called like, for the examples: what is in them is never looked at as a template.
std::string examples_field(const std::string& name, template_format format)
{
    return format == template_format::fstring    ? "{" + name + "}"
           : format == template_format::mustache ? "{{{" + name + "}}}"
                                                 : "{{ " + name + " }}";
}

prompt_template example_prompt(prompt_file_reader& reader, const document_node& node, const std::string& name)
{
    const auto path = node.find("example_prompt_path");
    if (path && node.find("example_prompt"))
        path->refuse("\"example_prompt\" and \"example_prompt_path\" cannot both be given");
    if (path) {
        auto state = reader.nested(*path, path->text());
        if (!state.text)
            path->refuse("\"" + path->text() + "\" is a chat; a text is wanted");
        return *state.text;
    }
    return *read_prompt(reader, node.member("example_prompt"), name + ", example_prompt").text;
}

std::string rendered_examples(prompt_file_reader& reader, const document_node& node, const std::string& name,
                              const std::string& separator)
{
    const auto example = example_prompt(reader, node, name);
    const auto given = node.member("examples");
    const auto list = given.value().is_string() ? document_node(reader.document_of(given, given.text())) : given;
    std::string all;
    for (const auto& e : list.elements()) {
        try {
            const auto text = example.format(values::from_json(e.object()));
            all += (all.empty() || text.empty() ? "" : separator) + text;
        } catch (const error& why) {
            throw e.fault(why.facts().message, static_cast<errc>(why.code().value()));
        }
    }
    return all;
}

prompt_file_state read_few_shot(prompt_file_reader& reader, const document_node& node, const std::string& name)
{
    node.only(with({"prefix", "prefix_path", "suffix", "suffix_path", "template_format", "examples", "example_prompt",
                    "example_prompt_path", "example_selector", "example_separator"}));
    if (const auto selector = node.find("example_selector"))
        selector->refuse("no selector is read from files: give it to few_shot_prompt_template");
    prompt_file_state state;
    read_common(state, node);
    const auto between = node.find("example_separator");
    const auto separator = between ? between->text() : std::string("\n\n");
    const auto prefix = template_text(reader, node, "prefix", true);
    const auto suffix = template_text(reader, node, "suffix");
    const auto examples = rendered_examples(reader, node, name, separator);
    const auto options = reader.options(read_format(node), name);

    std::string field_name = "examples";
    while (prefix.find(field_name) != std::string::npos || suffix.find(field_name) != std::string::npos)
        field_name += "_";
    // The separator is text too, and may have braces.
    std::string text = prefix;
    std::string middle = examples;
    if (!prefix.empty() && !middle.empty())
        middle.insert(0, separator);
    if (!suffix.empty() && !(prefix.empty() && middle.empty()))
        middle += separator;
    if (!middle.empty())
        text += examples_field(field_name, options.format);
    text += suffix;
    set_text(state, text, options);
    if (!middle.empty()) {
        state.text = state.text->partial(field_name, middle);
        state.chat = state.chat->partial(field_name, middle);
    }
    if (const auto values = node.find("partial_variables"))
        set_partials(state, *values);
    check_variables(state, node);
    return state;
}

// --- what dumpd writes

std::string class_of(const document_node& node)
{
    const auto type = node.member("type").text();
    const auto path = node.member("id").texts();
    const auto name = path.empty() ? std::string() : path.back();
    if (type != "constructor")
        node.refuse("LangChain did not write this " + name + " (type \"" + type + "\"): it cannot be read back");
    return name;
}

std::optional<role> role_of(std::string_view name)
{
    if (name.starts_with("System"))
        return role::system;
    if (name.starts_with("Human"))
        return role::user;
    if (name.starts_with("AI"))
        return role::assistant;
    return std::nullopt;
}

role role_named(const document_node& node)
{
    const auto name = node.text();
    if (name == "system")
        return role::system;
    if (name == "developer")
        return role::developer;
    if (name == "user" || name == "human")
        return role::user;
    if (name == "assistant" || name == "ai" || name == "model")
        return role::assistant;
    node.refuse("there is no role \"" + name + "\" in a prompt: system, developer, user or assistant");
}

// What a message template is made of, and the format of its templates.
struct message_part {
    content_block block;
    template_format format = template_format::fstring;
};

message_part read_part(const document_node& node)
{
    const auto name = class_of(node);
    const auto args = node.member("kwargs");
    message_part part;
    part.format = read_format(args);
    if (name == "PromptTemplate") {
        part.block = text_block(args.member("template").text());
    } else if (name == "ImagePromptTemplate") {
        const auto image = args.member("template");
        const auto detail = image.find("detail");
        part.block = image_url(image.member("url").text(), detail ? detail->text() : std::string());
    } else {
        node.refuse("\"" + name + "\" is not read here: PromptTemplate or ImagePromptTemplate");
    }
    return part;
}

message fixed_message(const document_node& node, role speaker)
{
    const auto args = node.member("kwargs");
    const auto given = args.member("content");
    if (const auto calls = args.find("tool_calls"); calls && !calls->array().empty())
        calls->refuse("calls of tools in a prompt file are not read");
    if (given.value().is_string())
        return message(speaker, given.text());
    content blocks;
    for (const auto& block : given.elements()) {
        if (block.value().is_string() || block.member("type").text() == "text")
            blocks.emplace_back(text_block(block.value().is_string() ? block.text() : block.member("text").text()));
        else if (block.member("type").text() == "image_url")
            blocks.emplace_back(image_url(block.member("image_url").member("url").text()));
        else
            block.refuse("blocks of this type are not read: text or image_url");
    }
    return message(speaker, std::move(blocks));
}

chat_prompt_template<> chat_of(chat_prompt_part part, const template_options& options)
{
    std::vector<chat_prompt_part> parts;
    parts.push_back(std::move(part));
    return chat_prompt_template<>(std::move(parts), options);
}

chat_prompt_template<> read_message(prompt_file_reader& reader, const document_node& node, const std::string& file)
{
    const auto name = class_of(node);
    const auto args = node.member("kwargs");
    const auto where = file + ", " + node.label();
    if (name == "MessagesPlaceholder") {
        messages_placeholder hole(args.member("variable_name").text());
        if (const auto optional = args.find("optional"); optional && optional->boolean())
            hole = hole.optional();
        if (const auto last = args.find("n_messages")) {
            if (last->integer() < 1)
                last->refuse("a positive number is wanted");
            hole = hole.last(static_cast<std::size_t>(last->integer()));
        }
        return chat_of(std::move(hole), reader.options(template_format::fstring, where));
    }
    const auto speaker = name == "ChatMessagePromptTemplate" ? std::optional(role_named(args.member("role"))) : role_of(name);
    if (!speaker)
        node.refuse("\"" + name + "\" is not read in a chat prompt");
    if (!name.ends_with("PromptTemplate"))
        return chat_of(verbatim(fixed_message(node, *speaker)), reader.options(template_format::fstring, where));
    const auto prompt = args.member("prompt");
    message made(*speaker, content());
    std::optional<template_format> format;
    for (const auto& e : prompt.value().is_array() ? prompt.elements() : std::vector<document_node>{prompt}) {
        auto part = read_part(e);
        if (format && *format != part.format)
            e.refuse("all templates of a message have the same format");
        format = part.format;
        made.content.push_back(std::move(part.block));
    }
    return chat_of(std::move(made), reader.options(format.value_or(template_format::fstring), where));
}

messages read_messages(const document_node& list)
{
    messages all;
    for (const auto& e : list.elements()) {
        const auto name = class_of(e);
        const auto speaker = role_of(name);
        if (!speaker || name.ends_with("PromptTemplate"))
            e.refuse("\"" + name + "\" is no message that can be given beforehand");
        all.push_back(fixed_message(e, *speaker));
    }
    return all;
}

// Lists of messages for placeholders, other values as they are.
void set_chat_partials(prompt_file_state& state, const document_node& given, const std::vector<std::string>& holes)
{
    for (const auto& member : given.object()) {
        const std::string key(member.key());
        if (std::find(holes.begin(), holes.end(), key) != holes.end())
            state.chat = state.chat->partial(key, read_messages(given.member(key)));
        else
            state.chat = state.chat->partial(key, prompt_value(member.value()));
    }
}

prompt_file_state read_dumped_chat(prompt_file_reader& reader, const document_node& node, const std::string& name)
{
    const auto args = node.member("kwargs");
    args.only(with({"messages", "template_format", "schema_", "structured_output_kwargs"}));
    prompt_file_state state;
    read_common(state, args);
    std::vector<std::string> holes;
    const auto list = args.member("messages");
    for (const auto& e : list.elements()) {
        auto one = read_message(reader, e, name);
        state.chat = state.chat ? *state.chat + one : one;
        if (class_of(e) == "MessagesPlaceholder")
            holes.push_back(e.member("kwargs").member("variable_name").text());
    }
    if (!state.chat)
        list.refuse("a chat needs a message");
    if (const auto values = args.find("partial_variables"))
        set_chat_partials(state, *values, holes);
    if (const auto schema = args.find("schema_")) {
        state.output_schema = schema->object();
        const auto* title = state.output_schema->if_contains("title");
        state.options.response_format = response_format::json_schema(
            title && title->is_string() ? std::string(title->as_string()) : "reply", *state.output_schema);
    }
    return state;
}

// The one form of a chat that load_prompt knows: a single template.
prompt_file_state read_chat(prompt_file_reader& reader, const document_node& node, const std::string& name)
{
    node.only(with({"messages"}));
    const auto list = node.member("messages").elements();
    if (list.size() != 1)
        node.member("messages").refuse("load_prompt's chats have one message: write several with dumpd, or as a text with marks");
    const auto prompt = list.front().member("prompt");
    auto state = read_prompt(reader, prompt, name + ", " + prompt.label());
    read_common(state, node);
    state.text.reset();
    if (const auto values = node.find("partial_variables"))
        set_partials(state, *values);
    return state;
}

}  // namespace

prompt_file_state read_langchain(prompt_file_reader& reader, const document_node& root, const std::string& name)
{
    if (root.has("lc")) {
        root.only({"lc", "type", "id", "kwargs", "name", "repr", "graph"});
        const auto what = class_of(root);
        if (what == "PromptTemplate")
            return read_prompt(reader, root.member("kwargs"), name);
        if (what == "ChatPromptTemplate" || what == "StructuredPrompt")
            return read_dumped_chat(reader, root, name);
        root.member("id").refuse("\"" + what +
                                 "\" is no prompt that is read: PromptTemplate, ChatPromptTemplate or StructuredPrompt");
    }
    const auto type = root.find("_type");
    const auto what = type ? type->text() : std::string("prompt");
    if (what == "prompt")
        return read_prompt(reader, root, name);
    if (what == "few_shot")
        return read_few_shot(reader, root, name);
    if (what == "chat")
        return read_chat(reader, root, name);
    type->refuse("there is no type of prompt \"" + what + "\": prompt, few_shot or chat");
}

}  // namespace zincir::detail

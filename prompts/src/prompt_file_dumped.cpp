#include "prompt_file_langchain.hpp"

#include <zincir/core/media.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>

namespace zincir::detail {
namespace {

// What is no constructor is a function or an object of the program that wrote the file: it was not written, only named.
bool was_not_written(const json::value& value)
{
    const auto* o = value.if_object();
    const auto* type = o && o->contains("lc") ? o->if_contains("type") : nullptr;
    return type && *type != "constructor";
}

std::string class_of(const document_node& node)
{
    node.object();
    const auto path = node.member("id").texts();
    const auto name = path.empty() ? std::string() : path.back();
    if (was_not_written(node.value()))
        node.refuse("LangChain did not write this " + name + ", it only named it: it cannot be read back");
    return name;
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

// By the name of a message's class, or of its template's.
role role_of(const document_node& node, std::string_view name)
{
    if (name.starts_with("System"))
        return role::system;
    if (name.starts_with("Human"))
        return role::user;
    if (name.starts_with("AI"))
        return role::assistant;
    if (name.starts_with("ToolMessage"))
        return role::tool;
    if (name.starts_with("ChatMessage"))
        return role_named(node.member("kwargs").member("role"));
    node.refuse("\"" + std::string(name) + "\" is not read in a chat prompt");
}

std::string text_or_nothing(const document_node& node, std::string_view key)
{
    const auto found = node.find(key);
    return found ? found->text() : std::string();
}

// --- blocks of content, as LangChain and OpenAI write them. In a DictPromptTemplate the texts are templates.

// The address of a block that has its bytes in base64, or an address. `data` is the member that has the bytes.
std::string address_of(const document_node& block, std::string_view data, const std::string& type)
{
    const auto url = block.find("url");
    return url ? url->text() : "data:" + type + ";base64," + block.member(data).text();
}

content_block media_block(const document_node& block, const std::string& kind)
{
    block.only({"type", "source_type", "data", "base64", "url", "mime_type", "name", "filename", "id", "index"});
    const auto type = text_or_nothing(block, "mime_type");
    const auto address = address_of(block, block.find("base64") ? "base64" : "data", type);
    if (kind == "image")
        return image_url(address);
    if (kind == "audio")
        return audio_url(address);
    const auto name = text_or_nothing(block, "name");
    return file_url(address, name.empty() ? text_or_nothing(block, "filename") : name);
}

content_block block_of(const document_node& block)
{
    if (block.value().is_string())
        return text_block(block.text());
    const auto kind = block.member("type");
    const auto name = kind.text();
    if (name == "text") {
        block.only({"type", "text", "id", "index", "annotations"});
        return text_block(block.member("text").text());
    }
    if (name == "image" || name == "audio" || name == "file")
        return media_block(block, name);
    if (name == "image_url") {
        const auto image = block.member("image_url");
        if (image.value().is_string())
            return image_url(image.text());
        image.only({"url", "detail"});
        return image_url(image.member("url").text(), text_or_nothing(image, "detail"));
    }
    if (name == "input_audio") {
        const auto sound = block.member("input_audio");
        return audio_url(address_of(sound, "data", "audio/" + sound.member("format").text()));
    }
    kind.refuse("blocks of the type \"" + name + "\" are not read: text, image, audio, file, image_url or input_audio");
}

// Of a message that is no template: a sound's and a file's data: address is its bytes.
content_block fixed_block(const document_node& node)
{
    auto block = block_of(node);
    auto* source = std::holds_alternative<audio_block>(block)  ? &std::get<audio_block>(block).source
                   : std::holds_alternative<file_block>(block) ? &std::get<file_block>(block).source
                                                               : nullptr;
    if (source && source->url.starts_with("data:")) {
        auto parsed = try_parse_data_url(source->url);
        if (!parsed)
            node.refuse(parsed.error().facts().message);
        parsed->name = source->name;
        *source = std::move(*parsed);
    }
    return block;
}

// --- messages

void read_name(message& to, const document_node& args)
{
    to.name = text_or_nothing(args, "name");
    const auto more = args.find("additional_kwargs");
    if (!more)
        return;
    more->only({"name"});
    if (to.name.empty())
        to.name = text_or_nothing(*more, "name");
}

message fixed_message(const document_node& node)
{
    const auto args = node.member("kwargs");
    const auto given = args.member("content");
    const auto speaker = role_of(node, class_of(node));
    if (speaker == role::tool)
        return tool_result(args.member("tool_call_id").text(), given.text(), text_or_nothing(args, "status") == "error");
    message made(speaker, content());
    read_name(made, args);
    if (!given.value().is_string())
        for (const auto& block : given.elements())
            made.content.push_back(fixed_block(block));
    else if (!given.text().empty() || !args.find("tool_calls"))
        made.content.emplace_back(text_block(given.text()));
    if (const auto calls = args.find("tool_calls"))
        for (const auto& call : calls->elements())
            made.content.emplace_back(
                tool_call(text_or_nothing(call, "id"), call.member("name").text(), json::serialize(call.member("args").object())));
    if (const auto broken = args.find("invalid_tool_calls"); broken && !broken->array().empty())
        broken->refuse("a call that could not be read back then is none now");
    if (made.content.empty())
        made.content.emplace_back(text_block());
    return made;
}

// A message as LangChain's prompts take it: dumped, ["human", "text"], {"role": …, "content": …}, or a text of the user.
message message_like(const document_node& node)
{
    if (node.value().is_string())
        return user(node.text());
    if (node.value().is_array()) {
        if (node.array().size() != 2)
            node.refuse("a message is a role and a text");
        return message(role_named(node.element(0)), node.element(1).text());
    }
    if (!node.has("role"))
        return fixed_message(node);
    return message(role_named(node.member("role")), node.member("content").text());
}

messages_placeholder placeholder_of(const document_node& args)
{
    messages_placeholder hole(args.member("variable_name").text());
    if (const auto optional = args.find("optional"); optional && optional->boolean())
        hole = hole.optional();
    if (const auto last = args.find("n_messages")) {
        if (last->integer() < 1)
            last->refuse("a positive number is wanted");
        hole = hole.last(static_cast<std::size_t>(last->integer()));
    }
    return hole;
}

class chat_reader {
public:
    chat_reader(prompt_file_reader& reader, const std::string& file) : reader_(reader), file_(file) {}

    void read(const document_node& args)
    {
        for (const auto& e : args.member("messages").elements())
            read_message(e);
        if (const auto values = args.find("partial_variables"))
            for (const auto& member : values->object())
                give(values->member_or_null(member.key()), std::string(member.key()));
    }
    chat_prompt_template<> made(const document_node& node)
    {
        if (parts_.empty())
            node.refuse("a chat needs a message");
        chat_prompt_template<> chat(
            std::make_shared<const chat_program>(std::move(parts_), reader_.options(template_format::fstring, file_)));
        for (auto& [name, value] : given_)
            chat = chat.partial(name, std::move(value));
        return chat;
    }

private:
    void read_message(const document_node& node)
    {
        const auto name = class_of(node);
        const auto args = node.member("kwargs");
        const auto plain = reader_.options(template_format::fstring, template_name(file_, node));
        if (name == "MessagesPlaceholder") {
            holes_.push_back(args.member("variable_name").text());
            parts_.push_back({placeholder_of(args), {plain}});
        } else if (name == "ChatPromptTemplate") {
            read(args);
        } else if (name.ends_with("PromptTemplate")) {
            read_template(node, args, role_of(node, name));
        } else {
            parts_.push_back({verbatim(fixed_message(node)), {plain}});
        }
    }
    void read_template(const document_node& node, const document_node& args, role speaker)
    {
        args.only({"prompt", "role", "additional_kwargs", "name"});
        message made(speaker, content());
        read_name(made, args);
        std::optional<template_format> format;
        const auto prompt = args.member("prompt");
        for (const auto& e : prompt.value().is_array() ? prompt.elements() : std::vector<document_node>{prompt}) {
            const auto own = read_format(e.member("kwargs"));
            if (format && *format != own)
                e.refuse("all templates of a message have the same format");
            format = own;
            made.content.push_back(read_part(e));
        }
        parts_.push_back(
            {std::move(made), {reader_.options(format.value_or(template_format::fstring), template_name(file_, node))}});
    }
    content_block read_part(const document_node& node)
    {
        const auto name = class_of(node);
        const auto args = node.member("kwargs");
        if (const auto values = args.find("partial_variables"))
            for (const auto& member : values->object())
                give(values->member_or_null(member.key()), std::string(member.key()));
        if (name == "PromptTemplate")
            return text_block(args.member("template").text());
        if (name == "DictPromptTemplate")
            return block_of(args.member("template"));
        if (name != "ImagePromptTemplate")
            node.refuse("\"" + name + "\" is not read here: PromptTemplate, ImagePromptTemplate or DictPromptTemplate");
        const auto image = args.member("template");
        image.only({"url", "detail"});
        return image_url(image.member("url").text(), text_or_nothing(image, "detail"));
    }
    // Lists of messages for placeholders, other values as they are.
    void give(const document_node& value, const std::string& name)
    {
        if (was_not_written(value.value()))
            value.refuse("LangChain could not write this value, only its name: give it with partial()");
        prompt_value held(value.value());
        if (std::find(holes_.begin(), holes_.end(), name) != holes_.end()) {
            messages turns;
            for (const auto& e : value.elements())
                turns.push_back(message_like(e));
            held = prompt_value(std::move(turns));
        }
        const auto before = given_json_.try_emplace(name, value.value()).first;
        if (before->second != value.value())
            value.refuse("another part of this prompt gives \"" + name + "\" another value");
        given_.insert_or_assign(name, std::move(held));
    }

    prompt_file_reader& reader_;
    const std::string& file_;
    std::vector<sourced_part> parts_{};
    std::vector<std::string> holes_{};
    std::map<std::string, prompt_value> given_{};
    std::map<std::string, json::value> given_json_{};
};

// A schema's title where it can be the name of a response format: letters, digits, _ and -.
std::string name_of(const json::object& schema)
{
    const auto* title = schema.if_contains("title");
    std::string name(title && title->is_string() ? std::string_view(title->get_string()) : std::string_view("reply"));
    for (auto& c : name)
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-')
            c = '_';
    return name.substr(0, 64);
}

void read_reply(prompt_file_state& state, const document_node& args)
{
    const auto schema = args.find("schema_");
    if (!schema)
        return;
    if (was_not_written(schema->value()))
        schema->refuse(
            "LangChain did not write this schema, only its class's name: give the prompt a JSON Schema, as "
            "Model.model_json_schema() makes it");
    state.output_schema = schema->object();
    state.options.response_format = response_format::json_schema(name_of(*state.output_schema), *state.output_schema);
    const auto how = args.find("structured_output_kwargs");
    const auto method = how ? how->find("method") : nullptr;
    if (method && method->text() == "json_mode")
        state.options.response_format = response_format::json_object();
}

prompt_file_state read_chat(prompt_file_reader& reader, const document_node& node, const std::string& file)
{
    const auto args = node.member("kwargs");
    args.only(prompt_members({"messages", "template_format", "schema_", "structured_output_kwargs"}));
    prompt_file_state state;
    read_common(state, args);
    chat_reader chat(reader, file);
    chat.read(args);
    state.chat = chat.made(args.member("messages"));
    read_reply(state, args);
    return state;
}

// Prefix and suffix are prompts here, with values of their own.
prompt_file_state read_few_shot(prompt_file_reader& reader, const document_node& node, const std::string& file)
{
    const auto args = node.member("kwargs");
    args.only(prompt_members(
        {"examples", "example_selector", "example_prompt", "prefix", "suffix", "example_separator", "template_format"}));
    const auto format = read_format(args);
    prompt_file_state state;
    read_common(state, args);
    few_shot_texts texts;
    if (const auto between = args.find("example_separator"))
        texts.separator = between->text();
    const auto members_of = [](const document_node& prompt) {
        if (class_of(prompt) != "PromptTemplate")
            prompt.refuse("\"" + class_of(prompt) + "\" is not read here: PromptTemplate");
        return prompt.member("kwargs");
    };
    const auto part = [&](const document_node& prompt) {
        const auto members = members_of(prompt);
        read_prompt(reader, members, file);  // for its faults, at their places
        if (read_format(members) != format)
            prompt.refuse("prefix and suffix have the format of the whole prompt");
        return members.member("template").text();
    };
    if (const auto prefix = args.find("prefix"))
        texts.prefix = part(*prefix);
    texts.suffix = part(args.member("suffix"));
    const auto options = reader.options(format, file + ", prefix and suffix");
    const auto examples = args.member("examples");
    reader.share_steps(examples.array().size());
    const auto example = read_prompt(reader, members_of(args.member("example_prompt")), file);
    reader.share_steps(1);
    texts.examples = render_examples(*example.text, examples, options.limits.output_bytes);
    set_few_shot(state, texts, options);
    for (const auto* key : {"prefix", "suffix"})
        if (const auto prompt = args.find(key))
            if (const auto values = prompt->member("kwargs").find("partial_variables"))
                set_partials(state, *values);
    if (const auto values = args.find("partial_variables"))
        set_partials(state, *values);
    check_variables(state, args);
    return state;
}

}  // namespace

prompt_file_state read_dumped(prompt_file_reader& reader, const document_node& root, const std::string& file)
{
    root.only({"lc", "type", "id", "kwargs", "name", "repr", "graph"});
    const auto what = class_of(root);
    if (what == "PromptTemplate")
        return read_prompt(reader, root.member("kwargs"), file);
    if (what == "ChatPromptTemplate" || what == "StructuredPrompt")
        return read_chat(reader, root, file);
    if (what == "FewShotPromptWithTemplates")
        return read_few_shot(reader, root, file);
    root.member("id").refuse("\"" + what +
                             "\" is no prompt that is read: PromptTemplate, ChatPromptTemplate, StructuredPrompt or "
                             "FewShotPromptWithTemplates");
}

}  // namespace zincir::detail

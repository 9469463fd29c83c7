#include "prompt_file_langchain.hpp"

#include <algorithm>

namespace zincir::detail {

std::vector<std::string> prompt_members(std::vector<std::string> more)
{
    more.insert(more.end(), {"_type", "name", "input_variables", "optional_variables", "input_types", "output_parser",
                             "partial_variables", "metadata", "tags", "validate_template"});
    return more;
}

void read_common(prompt_file_state& state, const document_node& node)
{
    if (const auto name = node.find("name"))
        state.name = name->text();
    if (const auto metadata = node.find("metadata"))
        state.metadata = metadata->object();
    if (const auto tags = node.find("tags"))
        state.tags = tags->texts();
    if (const auto parser = node.find("output_parser"))
        if (!parser->has("_type") || parser->member("_type").text() != "default")
            parser->refuse("no output parser but \"default\" is read from files: put one behind the model with |");
}

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

namespace {

// `key`, or the text of the .txt file that `key`_path names; and what errors call it.
struct named_text {
    std::string text{};
    std::string name{};
};

named_text template_text(prompt_file_reader& reader, const document_node& node, const std::string& key, const std::string& file,
                         bool optional = false)
{
    const auto path = node.find(key + "_path");
    if (path && node.find(key))
        path->refuse("\"" + key + "\" and \"" + key + "_path\" cannot both be given");
    if (!path) {
        if (optional && !node.find(key))
            return {};
        const auto member = node.member(key);
        return {member.text(), template_name(file, member)};
    }
    const auto name = path->text();
    if (extension_of(name) != ".txt")
        path->refuse("\"" + name + "\": templates are read from .txt files only");
    return {reader.text_of(*path, name), name};
}

}  // namespace

std::string template_name(const std::string& file, const document_node& node) { return file + ", " + node.label(); }

template_format read_format(const document_node& node)
{
    const auto format = node.find("template_format");
    return format ? format_of(*format, "jinja2") : template_format::fstring;
}

prompt_file_state read_prompt(prompt_file_reader& reader, const document_node& node, const std::string& file)
{
    node.only(prompt_members({"template", "template_path", "template_format"}));
    prompt_file_state state;
    read_common(state, node);
    const auto text = template_text(reader, node, "template", file);
    set_text(state, text.text, reader.options(read_format(node), text.name));
    if (const auto values = node.find("partial_variables"))
        set_partials(state, *values);
    check_variables(state, node);
    return state;
}

namespace {

// A field that no variable of the prompt is called like, for the examples: what is in them is never looked at as a template.
std::string examples_field(const std::string& name, template_format format)
{
    return format == template_format::fstring    ? "{" + name + "}"
           : format == template_format::mustache ? "{{{" + name + "}}}"
                                                 : "{{ " + name + " }}";
}

prompt_template example_prompt(prompt_file_reader& reader, const document_node& node, const std::string& file)
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
    return *read_prompt(reader, node.member("example_prompt"), file).text;
}

}  // namespace

std::vector<std::string> render_examples(const prompt_template& example, const document_node& node, std::size_t most_bytes)
{
    std::vector<std::string> all;
    std::size_t bytes = 0;
    for (const auto& e : node.elements()) {
        try {
            all.push_back(example.format(values::from_json(e.object())));
            bytes += all.back().size();
            if (bytes > most_bytes)
                throw error(errc::limit_exceeded,
                            "the examples grow beyond " + std::to_string(most_bytes) + " bytes (template_limits::output_bytes)");
        } catch (const error& why) {
            throw e.fault(why.facts().message, static_cast<errc>(why.code().value()));
        }
    }
    return all;
}

void set_few_shot(prompt_file_state& state, const few_shot_texts& texts, const template_options& options)
{
    std::string middle;
    const auto join = [&](std::string& to, const std::string& part) {
        if (!to.empty() && !part.empty())
            to += texts.separator;
        to += part;
    };
    for (const auto& example : texts.examples)
        join(middle, example);
    // The separators beside the examples are texts, too, and may have braces.
    if (!texts.prefix.empty() && !middle.empty())
        middle.insert(0, texts.separator);
    if (!texts.suffix.empty() && !(texts.prefix.empty() && middle.empty()))
        middle += texts.separator;

    std::string field_name = "examples";
    while (texts.prefix.find(field_name) != std::string::npos || texts.suffix.find(field_name) != std::string::npos)
        field_name += "_";
    const auto field = middle.empty() ? std::string() : examples_field(field_name, options.format);
    set_text(state, texts.prefix + field + texts.suffix, options);
    if (middle.empty())
        return;
    state.text = state.text->partial(field_name, middle);
    state.chat = state.chat->partial(field_name, middle);
}

namespace {

prompt_file_state read_few_shot(prompt_file_reader& reader, const document_node& node, const std::string& file)
{
    node.only(prompt_members({"prefix", "prefix_path", "suffix", "suffix_path", "template_format", "examples", "example_prompt",
                              "example_prompt_path", "example_selector", "example_separator"}));
    if (const auto selector = node.find("example_selector"))
        selector->refuse("no selector is read from files: give it to few_shot_prompt_template");
    prompt_file_state state;
    read_common(state, node);
    few_shot_texts texts;
    if (const auto between = node.find("example_separator"))
        texts.separator = between->text();
    auto options = reader.options(read_format(node), file + ", prefix and suffix");
    for (const auto* part : {"prefix", "suffix"}) {
        const auto found = template_text(reader, node, part, file, *part == 'p');
        prompt_template(found.text, reader.options(options.format, found.name));  // for its faults, at their places
        (*part == 'p' ? texts.prefix : texts.suffix) = found.text;
    }
    const auto given = node.member("examples");
    const auto list = given.value().is_string() ? document_node(reader.document_of(given, given.text())) : given;
    reader.share_steps(list.array().size());
    const auto example = example_prompt(reader, node, file);
    reader.share_steps(1);
    texts.examples = render_examples(example, list, options.limits.output_bytes);
    set_few_shot(state, texts, options);
    if (const auto values = node.find("partial_variables"))
        set_partials(state, *values);
    check_variables(state, node);
    return state;
}

// The one form of a chat that load_prompt knows: a single template.
prompt_file_state read_chat(prompt_file_reader& reader, const document_node& node, const std::string& name)
{
    node.only(prompt_members({"messages"}));
    const auto list = node.member("messages").elements();
    if (list.size() != 1)
        node.member("messages").refuse("load_prompt's chats have one message: write several with dumpd, or as a text with marks");
    const auto prompt = list.front().member("prompt");
    auto state = read_prompt(reader, prompt, name);
    read_common(state, node);
    state.text.reset();
    if (const auto values = node.find("partial_variables"))
        set_partials(state, *values);
    return state;
}

}  // namespace

prompt_file_state read_langchain(prompt_file_reader& reader, const document_node& root, const std::string& name)
{
    if (root.has("lc"))
        return read_dumped(reader, root, name);
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

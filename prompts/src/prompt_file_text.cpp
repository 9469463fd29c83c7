#include "prompt_file_body.hpp"

#include <algorithm>

namespace zincir::detail {
namespace {

void read_option(chat_options& to, const std::string& key, const document_node& v)
{
    if (key == "temperature")
        to.temperature = v.number();
    else if (key == "top_p" || key == "topP")
        to.top_p = v.number();
    else if (key == "max_output_tokens" || key == "maxOutputTokens" || key == "max_tokens")
        to.max_output_tokens = v.integer();
    else if (key == "stop" || key == "stopSequences" || key == "stop_sequences")
        to.stop = v.texts();
    else if (key == "seed")
        to.seed = v.integer();
    else if (key == "presence_penalty" || key == "presencePenalty")
        to.presence_penalty = v.number();
    else if (key == "frequency_penalty" || key == "frequencyPenalty")
        to.frequency_penalty = v.number();
    else if (key == "n")
        to.n = v.integer();
    else if (key == "reasoning_effort")
        to.reasoning_effort = v.text();
    else if (key == "reasoning_format")
        to.reasoning_format = v.text();
    else if (key == "service_tier")
        to.service_tier = v.text();
    else if (key == "verbosity")
        to.verbosity = v.text();
    else if (key == "user")
        to.user = v.text();
    else if (key == "top_k" || key == "topK")
        to.extra["top_k"] = v.integer();
    else
        for (const auto& member : v.object())
            to.extra[member.key()] = member.value();
}

void read_options(chat_options& to, const document_node& node)
{
    node.only({"temperature",
               "top_p",
               "topP",
               "top_k",
               "topK",
               "max_output_tokens",
               "maxOutputTokens",
               "max_tokens",
               "stop",
               "stopSequences",
               "stop_sequences",
               "seed",
               "presence_penalty",
               "presencePenalty",
               "frequency_penalty",
               "frequencyPenalty",
               "n",
               "reasoning_effort",
               "reasoning_format",
               "service_tier",
               "verbosity",
               "user",
               "extra"});
    for (const auto& member : node.object())
        if (!member.value().is_null())
            read_option(to, std::string(member.key()), node.member(member.key()));
}

void read_output(prompt_file_state& state, const document_node& output, const named_schemas& schemas)
{
    output.only({"format", "schema"});
    const auto format = output.find("format");
    if (format && format->text() != "json" && format->text() != "text")
        format->refuse("there is no output format \"" + format->text() + "\": json or text");
    if (const auto schema = output.find("schema")) {
        state.output_schema = read_schema(*schema, schemas);
        if (!format || format->text() == "json")
            state.options.response_format = response_format::json_schema("reply", *state.output_schema);
    } else if (format && format->text() == "json") {
        state.options.response_format = response_format::json_object();
    }
}

// Where the body begins: behind the line "---" that ends the front matter.
struct front_matter {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t body = 0;
};

front_matter find_front_matter(const template_source& source)
{
    const auto text = source.text();
    if (!text.starts_with("---\n"))
        return {};
    for (std::size_t line = 4; line <= text.size();) {
        const auto end = std::min(text.find('\n', line), text.size());
        if (text.substr(line, end - line) == "---")
            return {4, line, std::min(end + 1, text.size())};
        line = end + 1;
    }
    source.refuse(0, "the front matter that begins here has no line \"---\" that ends it");
}

template_format default_format(const template_source& source)
{
    const auto extension = extension_of(source.name());
    if (extension == ".prompt")
        return template_format::handlebars;
    if (extension == ".mustache")
        return template_format::mustache;
    if (extension == ".jinja" || extension == ".jinja2" || extension == ".j2")
        return template_format::jinja;
    if (extension == ".txt" || extension == ".md")
        return template_format::fstring;
    throw error(errc::invalid_argument, "\"" + source.name() +
                                            "\" is no prompt file by its extension: .json, .yaml, .yml, .prompt, .txt, .md, "
                                            ".mustache, .jinja, .jinja2 or .j2");
}

void read_head(prompt_file_state& state, const document_node& head, const named_schemas& schemas)
{
    if (const auto tools = head.find("tools"))
        tools->refuse("tools are functions of the program: give them to the model, model.with_tools(…)");
    if (const auto variant = head.find("variant"))
        variant->refuse("a variant is a file of its own, such as greeting.formal.prompt, which get(\"greeting.formal\") finds");
    // A name with a point is another program's, by dotprompt's rule.
    std::vector<std::string> known{"name", "description", "model", "options", "config", "format", "input", "output", "metadata"};
    for (const auto& member : head.object())
        if (member.key().find('.') != json::string_view::npos)
            known.emplace_back(member.key());
    head.only(known);
    if (const auto v = head.find("name"))
        state.name = v->text();
    if (const auto v = head.find("description"))
        state.description = v->text();
    if (const auto v = head.find("model"))
        state.model = v->text();
    if (const auto v = head.find("metadata"))
        state.metadata = v->object();
    for (const auto& member : head.object())
        if (member.key().find('.') != json::string_view::npos)
            state.metadata[member.key()] = member.value();
    const auto options = head.find("options");
    if (const auto config = head.find("config")) {
        if (options)
            config->refuse("\"options\" and \"config\" are the same: only one of them may be given");
        read_options(state.options, *config);
    }
    if (options)
        read_options(state.options, *options);
    if (const auto output = head.find("output"))
        read_output(state, *output, schemas);
    if (const auto input = head.find("input")) {
        input->only({"schema", "default"});
        if (const auto schema = input->find("schema"))
            state.input_schema = read_schema(*schema, schemas);
    }
}

}  // namespace

prompt_file_state read_text_prompt(prompt_file_reader& reader, std::string text, const std::string& name, std::size_t)
{
    const auto source = std::make_shared<const template_source>(text, reader.options(template_format::fstring, name));
    auto format = default_format(*source);
    prompt_file_state state;
    const auto front = find_front_matter(*source);
    std::optional<document_node> head;
    if (front.end > front.begin)
        head.emplace(read_yaml_document(source, front.begin, front.end));
    if (head && head->is_null())
        head.reset();
    if (head) {
        read_head(state, *head, reader.schemas());
        if (const auto v = head->find("format"))
            format = format_of(*v, "jinja");
    }
    auto body = read_prompt_body(reader, *source, format, front.body);
    if (body.text)
        set_text(state, *body.text, body.options);
    else
        state.chat = std::move(body.chat);
    if (head)
        if (const auto input = head->find("input"))
            if (const auto given = input->find("default"))
                set_partials(state, *given);
    return state;
}

}  // namespace zincir::detail

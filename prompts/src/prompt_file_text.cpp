#include "prompt_file.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>

namespace zincir::detail {
namespace {

constexpr std::string_view mark = "--- ";

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

// Blank lines around a text are no part of it.
struct text_span {
    std::size_t begin;
    std::size_t end;
};
text_span trimmed(std::string_view all, text_span span)
{
    constexpr std::string_view blank = " \t\n";
    auto begin = span.begin;
    for (auto at = span.begin; at < span.end && blank.find(all[at]) != std::string_view::npos; ++at)
        if (all[at] == '\n')
            begin = at + 1;
    auto end = span.end;
    while (end > begin && blank.find(all[end - 1]) != std::string_view::npos)
        --end;
    return {begin, end};
}

class body_reader {
public:
    body_reader(prompt_file_reader& reader, const template_source& source, template_format format)
        : reader_(reader), source_(source), format_(format)
    {}

    // The text, where the body has no mark.
    std::optional<std::string> read(std::size_t begin)
    {
        const auto begin_of_body = begin;
        span_ = {begin, begin};
        const auto all = source_.text();
        for (auto at = begin; at < all.size();) {
            const auto line_end = std::min(all.find('\n', at), all.size());
            const auto line = all.substr(at, line_end - at);
            const auto next = std::min(line_end + 1, all.size());
            if (line.starts_with(mark)) {
                begin_part(at, line.substr(mark.size()), next);
            } else {
                if (format_ == template_format::mustache)
                    read_tags(at, line_end);
                span_.end = next;
            }
            at = next;
        }
        span_.end = all.size();
        if (!chat_) {
            begin_ = trimmed(all, span_).begin;
            return unescaped(trimmed(all, span_));
        }
        end_message();
        if (parts_.empty())
            source_.refuse(begin_of_body, "the chat has no message");
        return std::nullopt;
    }
    /// Of the text that is no chat.
    template_options options() const { return options_at(begin_); }
    chat_prompt_template<> chat() const
    {
        return chat_prompt_template<>(std::make_shared<const chat_program>(parts_, options_at(0)));
    }

private:
    void add(chat_prompt_part part, std::size_t at) { parts_.emplace_back(std::move(part), options_at(at)); }
    template_options options_at(std::size_t at) const
    {
        auto made = reader_.options(format_, source_.name());
        const auto place = source_.at(at);
        made.first_line = place.line;
        made.first_column = place.column;
        return made;
    }
    std::string unescaped(text_span span) const
    {
        std::string text(source_.text().substr(span.begin, span.end - span.begin));
        for (auto at = text.starts_with("\\--- ") ? 0 : text.find("\n\\--- "); at != std::string::npos;
             at = text.find("\n\\--- ", at))
            text.erase(at + (text[at] == '\n'), 1);
        return text;
    }
    void end_message()
    {
        const auto span = trimmed(source_.text(), span_);
        if (span.begin < span.end) {
            add(message(speaker_, unescaped(span)), span.begin);
        }
    }
    void begin_part(std::size_t at, std::string_view words, std::size_t next)
    {
        end_message();
        chat_ = true;
        span_ = {next, next};
        const auto space = std::min(words.find(' '), words.size());
        const std::string word(words.substr(0, space));
        if (word == "messages" && space < words.size())
            return placeholder(at, words.substr(space + 1));
        set_role(at, std::string(words));
    }
    void set_role(std::size_t at, const std::string& name)
    {
        static const std::vector<std::string> known{"system", "developer", "user", "human", "assistant", "ai", "model"};
        static constexpr role roles[] = {role::system,    role::developer, role::user,     role::user,
                                         role::assistant, role::assistant, role::assistant};
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) {
            const auto near = nearest_name(name, known);
            source_.refuse(at,
                           "there is no mark \"" + name + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?") +
                               " Marks are --- system, --- user, --- assistant and --- messages NAME; \\--- begins a line of text");
        }
        speaker_ = roles[found - known.begin()];
    }
    // NAME, NAME?, NAME last 10
    void placeholder(std::size_t at, std::string_view words)
    {
        const auto space = std::min(words.find(' '), words.size());
        auto name = words.substr(0, space);
        const bool optional = name.ends_with('?');
        if (optional)
            name.remove_suffix(1);
        messages_placeholder hole{std::string(name)};
        if (optional)
            hole = hole.optional();
        if (space < words.size()) {
            const auto rest = words.substr(space + 1);
            const auto digits = rest.starts_with("last ") ? rest.substr(5) : std::string_view();
            if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string_view::npos)
                source_.refuse(at, "a placeholder is --- messages NAME, NAME? where it may be left out, and \"last N\" behind it");
            hole = hole.last(std::stoul(std::string(digits)));
        }
        add(std::move(hole), at);
    }
    // dotprompt's {{role "user"}} and {{history}}; they may stand inside of a line.
    void read_tags(std::size_t at, std::size_t end)
    {
        const auto all = source_.text();
        for (auto open = all.find("{{", at); open < end; open = all.find("{{", open + 2)) {
            const auto close = all.find("}}", open);
            if (close == std::string_view::npos || close > end)
                return;
            const auto inside = all.substr(open + 2, close - open - 2);
            refuse_helpers(open, inside);
            if (inside.starts_with("role \"") && inside.ends_with('"') && inside.size() > 7) {
                take_tag(open, close + 2);
                set_role(open, std::string(inside.substr(6, inside.size() - 7)));
            } else if (inside == "history") {
                take_tag(open, close + 2);
                add(messages_placeholder("history").optional(), open);
            }
        }
    }
    void take_tag(std::size_t open, std::size_t behind)
    {
        span_.end = open;
        end_message();
        chat_ = true;
        span_ = {behind, behind};
    }
    void refuse_helpers(std::size_t at, std::string_view inside) const
    {
        for (const std::string_view helper : {"#if ", "#unless ", "#each ", "#with ", "media ", "json ", "section ", "else"})
            if (inside == helper || (helper.ends_with(' ') && inside.starts_with(helper)))
                source_.refuse(at, "Handlebars' helper \"" + std::string(inside.substr(0, helper.size())) +
                                       "\" is not supported: mustache has {{#name}}…{{/name}} and {{^name}}…{{/name}}; for more "
                                       "write format: jinja");
    }

    prompt_file_reader& reader_;
    const template_source& source_;
    template_format format_;
    text_span span_{0, 0};
    role speaker_ = role::user;
    bool chat_ = false;
    std::size_t begin_ = 0;
    std::vector<std::pair<chat_prompt_part, template_options>> parts_{};
};

template_format default_format(const template_source& source)
{
    const auto extension = extension_of(source.name());
    if (extension == ".prompt" || extension == ".mustache")
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
    head.only({"name", "description", "model", "options", "config", "format", "input", "output", "metadata"});
    if (const auto v = head.find("name"))
        state.name = v->text();
    if (const auto v = head.find("description"))
        state.description = v->text();
    if (const auto v = head.find("model"))
        state.model = v->text();
    if (const auto v = head.find("metadata"))
        state.metadata = v->object();
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
    body_reader body(reader, *source, format);
    if (const auto plain = body.read(front.body))
        set_text(state, *plain, body.options());
    else
        state.chat = body.chat();
    if (head)
        if (const auto input = head->find("input"))
            if (const auto given = input->find("default"))
                set_partials(state, *given);
    return state;
}

}  // namespace zincir::detail

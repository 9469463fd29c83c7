#include "prompt_file.hpp"

#include <algorithm>

namespace zincir {

using detail::prompt_file_state;

namespace {

namespace fs = std::filesystem;

std::string stem_of(std::string_view name)
{
    name.remove_prefix(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
    return std::string(name.substr(0, name.find('.', 1)));
}

}  // namespace

const std::string& prompt_file::name() const noexcept { return state_->name; }
const std::string& prompt_file::description() const noexcept { return state_->description; }
bool prompt_file::is_chat() const noexcept { return !state_->text; }
const std::string& prompt_file::model() const noexcept { return state_->model; }
const chat_options& prompt_file::options() const noexcept { return state_->options; }
const std::optional<json::object>& prompt_file::output_schema() const noexcept { return state_->output_schema; }
const json::object& prompt_file::metadata() const noexcept { return state_->metadata; }
const std::vector<std::string>& prompt_file::tags() const noexcept { return state_->tags; }
chat_prompt_template<> prompt_file::chat() const { return *state_->chat; }
std::vector<std::string> prompt_file::variables() const { return state_->chat->variables(); }

prompt_template prompt_file::prompt() const
{
    if (!state_->text)
        throw error(errc::invalid_argument, "the prompt file \"" + state_->name + "\" is a chat: use chat() instead of prompt()");
    return *state_->text;
}

json::object prompt_file::input_schema() const
{
    if (state_->input_schema)
        return *state_->input_schema;
    json::object members;
    json::array required;
    for (const auto& variable : variables()) {
        members.emplace(variable, json::object());
        required.emplace_back(variable);
    }
    json::object schema;
    schema["type"] = "object";
    schema["properties"] = std::move(members);
    if (!required.empty())
        schema["required"] = std::move(required);
    return schema;
}

prompt_file load_prompt(const fs::path& file, template_options options, named_schemas schemas)
{
    std::error_code failed;
    const auto path = fs::canonical(file, failed);
    if (failed)
        throw error(errc::invalid_argument, "there is no prompt file \"" + file.string() + "\"");
    auto files = std::make_shared<const file_loader>(path.parent_path());
    options.environment.set_loader(files);
    detail::prompt_file_reader reader([&](const std::string& name) { return files->load(name); }, files->root(), std::move(options),
                                      schemas);
    return prompt_file(std::make_shared<const prompt_file_state>(reader.read(path.filename().string())));
}

namespace detail {

std::string extension_of(std::string_view name)
{
    const auto point = name.rfind('.');
    if (point == std::string_view::npos || name.find('/', point) != std::string_view::npos)
        return {};
    std::string extension(name.substr(point));
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return extension;
}

template_format format_of(const document_node& node, std::string_view jinja_name)
{
    const auto name = node.text();
    if (name == "f-string" || name == "fstring")
        return template_format::fstring;
    if (name == "mustache")
        return template_format::mustache;
    if (name == "handlebars")
        return template_format::handlebars;
    if (name == "jinja" || name == "jinja2")
        return template_format::jinja;
    node.refuse("there is no template format \"" + name + "\": f-string, mustache, handlebars or " + std::string(jinja_name));
}

void set_text(prompt_file_state& state, std::string_view text, const template_options& options)
{
    state.text.emplace(text, options);
    std::vector<chat_prompt_part> parts;
    parts.emplace_back(user(std::string(text)));
    state.chat.emplace(std::move(parts), options);
}

void set_partials(prompt_file_state& state, const document_node& values)
{
    for (const auto& member : values.object()) {
        if (const auto* o = member.value().if_object(); o && o->contains("lc"))
            values.member(member.key()).refuse("LangChain could not write this value, only its name: give it with partial()");
        const prompt_value value{member.value()};
        if (state.text)
            state.text = state.text->partial(std::string_view(member.key()), value);
        state.chat = state.chat->partial(std::string_view(member.key()), value);
    }
}

std::string prompt_file_reader::load(const std::string& name)
{
    const auto bytes = load_bytes_(name);
    if (!bytes)
        throw error(errc::invalid_argument, "there is no prompt file \"" + name + "\" in " + root_.string());
    return clean_text(*bytes, name);
}

prompt_file_state prompt_file_reader::read(const std::string& name)
{
    open_.push_back(name);
    auto text = load(name);
    const auto extension = extension_of(name);
    prompt_file_state state;
    if (extension == ".json" || extension == ".yaml" || extension == ".yml") {
        auto source = std::make_shared<const template_source>(text, options(template_format::fstring, name));
        const auto size = text.size();
        const document_node root(extension == ".json" ? read_json_document(source) : read_yaml_document(source, 0, size));
        state = read_langchain(*this, root, name);
    } else {
        state = read_text_prompt(*this, std::move(text), name, base_.limits.template_bytes);
    }
    if (state.name.empty())
        state.name = stem_of(name);
    open_.pop_back();
    return state;
}

std::string prompt_file_reader::text_of(const document_node& from, const std::string& name)
{
    try {
        return load(name);
    } catch (const error& e) {
        throw from.fault(e.facts().message, static_cast<errc>(e.code().value()));
    }
}

std::shared_ptr<const prompt_document> prompt_file_reader::document_of(const document_node& from, const std::string& name)
{
    const auto extension = extension_of(name);
    if (extension != ".json" && extension != ".yaml" && extension != ".yml")
        from.refuse("\"" + name + "\" is neither .json nor .yaml");
    const auto text = text_of(from, name);
    auto source = std::make_shared<const template_source>(text, options(template_format::fstring, name));
    return extension == ".json" ? read_json_document(source) : read_yaml_document(source, 0, text.size());
}

prompt_file_state prompt_file_reader::nested(const document_node& from, const std::string& name)
{
    if (std::find(open_.begin(), open_.end(), name) != open_.end())
        from.refuse("\"" + name + "\" is being read already: these files name one another in a circle");
    if (open_.size() > 16)
        from.refuse("these files name one another more than 16 deep");
    text_of(from, name);  // for an error that says where the name stands
    return read(name);
}

template_options prompt_file_reader::options(template_format format, std::string name) const
{
    auto changed = base_;
    changed.format = format;
    changed.name = std::move(name);
    changed.first_line = changed.first_column = 1;
    if (shares_ > 1)
        changed.limits.steps = std::max<std::size_t>(changed.limits.steps / shares_, 1'000);
    return changed;
}

}  // namespace detail
}  // namespace zincir

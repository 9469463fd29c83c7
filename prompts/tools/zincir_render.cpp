// zincir-render: fills in a template or a prompt file, exactly, and checks them in CI.

#include "iso_time.hpp"
#include "messages_json.hpp"

#include <zincir/core/detail/utf8.hpp>
#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_file.hpp>
#include <zincir/prompts/prompt_text.hpp>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

namespace {

using zincir::errc;
using zincir::error;

constexpr std::size_t max_input = std::size_t{64} << 20;

struct arguments {
    std::string file{};
    std::string values_file{};
    std::vector<std::string> pairs{};
    std::optional<zincir::template_format> format{};
    std::string partials{};
    std::optional<std::string> undefined{};
    std::optional<std::string> now{};
    bool as_messages = false;
    bool chat_template = false;
    bool check = false;
};

std::string read_all(std::istream& in, const std::string& name)
{
    std::string text;
    char piece[65536];
    while (in.read(piece, sizeof piece) || in.gcount() > 0) {
        text.append(piece, static_cast<std::size_t>(in.gcount()));
        if (text.size() > max_input)
            throw error(errc::limit_exceeded, name + " has more than " + std::to_string(max_input) + " bytes");
    }
    if (in.bad())
        throw error(errc::invalid_argument, name + " cannot be read");
    return text;
}

std::string read_file(const std::string& name)
{
    if (name == "-")
        return read_all(std::cin, "the standard input");
    std::ifstream file(name, std::ios::binary);
    std::error_code ignored;
    if (!file || std::filesystem::is_directory(name, ignored))
        throw error(errc::invalid_argument, "the file " + name + " cannot be read");
    return read_all(file, "the file " + name);
}

void check_utf8(const std::string& text, const std::string& what)
{
    if (const auto bad = zincir::detail::find_invalid_utf8(text); bad != std::string::npos)
        throw error(errc::invalid_argument, what + " is not UTF-8: byte " + std::to_string(bad));
}

zincir::values read_values(const arguments& args)
{
    zincir::values all;
    if (!args.values_file.empty()) {
        if (args.values_file == "-" && args.file == "-")
            throw error(errc::invalid_argument, "the standard input is the template or the values, not both");
        const auto text = read_file(args.values_file);
        check_utf8(text, args.values_file);
        const auto document = zincir::try_parse_json(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
        if (!document)
            throw error(errc::invalid_argument, args.values_file + ": " + document.error().facts().message);
        if (!document->is_object())
            throw error(errc::invalid_argument, args.values_file + " holds no JSON object: its members are the values");
        all = zincir::values::from_json(document->get_object());
    }
    for (const auto& pair : args.pairs) {
        const auto mark = pair.find('=');
        if (mark == std::string::npos || mark == 0)
            throw error(errc::invalid_argument, "\"" + pair + "\" is no value: write name=text");
        check_utf8(pair, "a value");
        all.set(pair.substr(0, mark), pair.substr(mark + 1));
    }
    return all;
}

// As transformers' apply_chat_template renders: a model's own template, on values that it cannot change.
void as_chat_template(zincir::template_options& options)
{
    options.format = zincir::template_format::jinja;
    options.undefined = zincir::undefined_policy::empty;
    options.trim_blocks = true;
    options.lstrip_blocks = true;
    options.changeable_values = false;
}

// Templates that a template names, beside it. mustache leaves the extension out, mostly.
class neighbours final : public zincir::template_loader {
public:
    neighbours(const std::string& folder, bool mustache) : files_(folder), mustache_(mustache) {}
    std::optional<std::string> load(std::string_view name) const override
    {
        auto text = mustache_ ? files_.load(std::string(name) + ".mustache") : std::nullopt;
        return text ? text : files_.load(name);
    }

private:
    zincir::file_loader files_;
    bool mustache_;
};

std::string extension_of(const arguments& args) { return std::filesystem::path(args.file).extension().string(); }

zincir::template_format format_of(const arguments& args)
{
    const auto extension = extension_of(args);
    if (args.format)
        return *args.format;
    if (extension == ".mustache")
        return zincir::template_format::mustache;
    const bool jinja = extension == ".jinja" || extension == ".jinja2" || extension == ".j2";
    return jinja ? zincir::template_format::jinja : zincir::template_format::fstring;
}

bool is_prompt_file(const arguments& args)
{
    const auto extension = extension_of(args);
    return !args.format && !args.chat_template &&
           (extension == ".prompt" || extension == ".json" || extension == ".yaml" || extension == ".yml");
}

zincir::template_options options_of(const arguments& args)
{
    zincir::template_options options;
    options.name = args.file == "-" ? "standard input" : args.file;
    if (args.undefined)
        options.undefined = *args.undefined == "empty"  ? zincir::undefined_policy::empty
                            : *args.undefined == "keep" ? zincir::undefined_policy::keep
                                                        : zincir::undefined_policy::error;
    if (args.now)
        options.environment.set_clock([at = zincir_render::read_iso_time(*args.now)] { return at; });
    return options;
}

zincir::prompt_template parse(const arguments& args, const std::string& text)
{
    auto options = options_of(args);
    options.format = format_of(args);
    if (args.chat_template)
        as_chat_template(options);
    const auto beside = args.file == "-" ? std::string() : std::filesystem::absolute(args.file).parent_path().string();
    const auto& folder = args.partials.empty() && !args.chat_template ? beside : args.partials;
    if (!folder.empty())
        options.environment.set_loader(
            std::make_shared<const neighbours>(folder, options.format == zincir::template_format::mustache));
    return zincir::prompt_template(text, std::move(options));
}

// What a template of another file uses is not known from this one.
bool names_others(const std::string& text, zincir::template_format format)
{
    const auto has = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(words.begin(), words.end(), [&](auto word) { return text.find(word) != std::string::npos; });
    };
    return format == zincir::template_format::mustache || format == zincir::template_format::handlebars
               ? has({"{{>", "{{<", "{{ >", "{{ <", "{{="})
           : format == zincir::template_format::jinja ? has({"include", "import", "extends"})
                                                      : false;
}

// The variables, a line each, and on standard error the values that none of them takes.
void check(const std::vector<std::string>& variables, const zincir::values& given)
{
    for (const auto& name : variables)
        std::cout << name << "\n";
    for (const auto& entry : given.entries())
        if (std::find(variables.begin(), variables.end(), entry.name) == variables.end())
            std::cerr << "warning: the template does not use the value \"" << entry.name << "\"\n";
}

void write(const zincir::messages& turns) { std::cout << boost::json::serialize(zincir_render::to_json(turns)); }

void use_template(const arguments& args, const zincir::values& given)
{
    const auto source = read_file(args.file);
    const auto prompt = parse(args, source);
    if (args.check)
        return check(prompt.variables(), names_others(source, format_of(args)) ? zincir::values() : given);
    auto text = prompt.format(given);
    if (args.as_messages)
        write(zincir::messages(std::move(text)));
    else
        std::cout << text;
}

void use_prompt_file(const arguments& args, const zincir::values& given)
{
    const auto file = zincir::load_prompt(args.file, options_of(args));
    if (args.check) {
        auto known = file.variables();
        const auto schema = file.chat().input_schema();
        for (const auto& member : schema.at("properties").as_object())
            if (given.find(member.key()))  // one that may be left out
                known.emplace_back(member.key());
        std::sort(known.begin(), known.end());
        known.erase(std::unique(known.begin(), known.end()), known.end());
        return check(known, given);
    }
    if (!file.is_chat() && !args.as_messages) {
        std::cout << file.prompt().format(given);
        return;
    }
    const auto turns = file.chat().format(zincir_render::with_messages(given));
    if (args.as_messages)
        write(turns);
    else
        std::cout << to_string(turns);
}

}  // namespace

int main(int argc, char** argv)
{
    std::ios::sync_with_stdio(false);
    arguments args;
    CLI::App app(
        "Fills in a template and writes the text to standard output, with no line added.\n"
        "Exit status: 0; 1 where the template or a value is faulty, with the place on standard error; 2 for a wrong command line.");
    app.name("zincir-render");
    app.set_version_flag("--version", "zincir-render " ZINCIR_VERSION);
    app.add_option("TEMPLATE", args.file,
                   "File of the template, - for the standard input; a .prompt, .json or .yaml file is read as a prompt file unless "
                   "--format is given")
        ->required();
    app.add_option("VALUES", args.pairs, "Values as name=text; they win over those of --values");
    app.add_option(
        "--values", args.values_file,
        "File of a JSON object whose members are the values, - for the standard input; numbers, lists and objects go here");
    const std::map<std::string, zincir::template_format> formats{{"fstring", zincir::template_format::fstring},
                                                                 {"mustache", zincir::template_format::mustache},
                                                                 {"handlebars", zincir::template_format::handlebars},
                                                                 {"jinja", zincir::template_format::jinja}};
    app.add_option("--format", args.format,
                   "fstring, mustache, jinja or handlebars; by default what the name's end says (.mustache; .jinja, .jinja2, .j2), "
                   "else fstring")
        ->transform(CLI::CheckedTransformer(formats).description(""));
    app.add_option(
        "--partials", args.partials,
        "Folder of the templates that a template names, by default its own: NAME.mustache or NAME for mustache, NAME for "
        "jinja");
    app.add_option("--undefined", args.undefined, "What a variable without value is: error (the default), empty or keep")
        ->check(CLI::IsMember({"error", "empty", "keep"}).description(""));
    app.add_flag("--chat-template", args.chat_template,
                 "TEMPLATE is a model's chat template; --values has its messages, tools, add_generation_prompt, bos_token, …")
        ->excludes("--format")
        ->excludes("--undefined");
    app.add_option("--now", args.now, "What strftime_now shows, in ISO 8601: 2026-11-24T09:30:15Z");
    app.add_flag("--messages", args.as_messages, "Write the messages as JSON: of a text one user message")
        ->excludes("--chat-template");
    app.add_flag("--check", args.check, "Only parse: list the variables, warn of values that are not used");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        const auto given = read_values(args);
        if (is_prompt_file(args))
            use_prompt_file(args, given);
        else
            use_template(args, given);
        std::cout.flush();
        if (!std::cout)
            throw error(errc::invalid_argument, "the standard output cannot be written to");
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "zincir-render: " << e.what() << "\n";
        return 1;
    }
}

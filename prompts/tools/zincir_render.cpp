// zincir-render: fills in a template, exactly, and checks templates in CI.

#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

namespace {

using zincir::errc;
using zincir::error;

constexpr std::size_t max_input = std::size_t{64} << 20;

struct arguments {
    std::string file{};
    std::string values_file{};
    std::vector<std::string> pairs{};
    zincir::template_format format = zincir::template_format::fstring;
    std::string partials{};
    std::string undefined = "error";
    std::string now{};
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
    return text;
}

std::string read_file(const std::string& name)
{
    if (name == "-")
        return read_all(std::cin, "the standard input");
    std::ifstream file(name, std::ios::binary);
    if (!file)
        throw error(errc::invalid_argument, "the file " + name + " cannot be read");
    return read_all(file, name);
}

zincir::values read_values(const arguments& args)
{
    zincir::values all;
    if (!args.values_file.empty()) {
        const auto document = zincir::try_parse_json(read_file(args.values_file));
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
        all.set(pair.substr(0, mark), pair.substr(mark + 1));
    }
    return all;
}

// ISO 8601: 2026-11-24, 2026-11-24T09:30, 2026-11-24T09:30:15Z, 2026-11-24T09:30:15+03:00; UTC where it does not say.
std::chrono::system_clock::time_point read_time(const std::string& text)
{
    using namespace std::chrono;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, read = 0;
    const auto fault = error(errc::invalid_argument, "--now \"" + text + "\" is no time: write 2026-11-24T09:30:15Z");
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &read) != 3)
        throw fault;
    auto rest = text.substr(static_cast<std::size_t>(read));
    if (!rest.empty()) {
        if (std::sscanf(rest.c_str(), "%*1[T ]%2d:%2d%n", &hour, &minute, &read) != 2)
            throw fault;
        rest.erase(0, static_cast<std::size_t>(read));
        if (std::sscanf(rest.c_str(), ":%2d%n", &second, &read) == 1)
            rest.erase(0, static_cast<std::size_t>(read));
    }
    int offset_hours = 0, offset_minutes = 0;
    char sign = '+';
    const bool utc = rest.empty() || rest == "Z";
    if (!utc && (std::sscanf(rest.c_str(), "%c%2d:%2d%n", &sign, &offset_hours, &offset_minutes, &read) != 3 ||
                 static_cast<std::size_t>(read) != rest.size() || (sign != '+' && sign != '-')))
        throw fault;
    const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        throw fault;
    const auto offset = hours(offset_hours) + minutes(offset_minutes);
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - (sign == '+' ? offset : -offset);
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

zincir::prompt_template read_template(const arguments& args)
{
    zincir::template_options options;
    options.format = args.format;
    options.name = args.file == "-" ? "standard input" : args.file;
    options.undefined = args.undefined == "empty"  ? zincir::undefined_policy::empty
                        : args.undefined == "keep" ? zincir::undefined_policy::keep
                                                   : zincir::undefined_policy::error;
    if (!args.partials.empty())
        options.environment.set_loader(std::make_shared<const zincir::file_loader>(
            args.partials, args.format == zincir::template_format::mustache ? ".mustache" : ""));
    if (args.chat_template)
        as_chat_template(options);
    if (!args.now.empty())
        options.environment.set_clock([at = read_time(args.now)] { return at; });
    return zincir::prompt_template(read_file(args.file), std::move(options));
}

// The variables, a line each, and on standard error the values that none of them takes.
void check(const zincir::prompt_template& prompt, const zincir::values& given)
{
    const auto variables = prompt.variables();
    for (const auto& name : variables)
        std::cout << name << "\n";
    for (const auto& entry : given.entries())
        if (std::find(variables.begin(), variables.end(), entry.name) == variables.end())
            std::cerr << "warning: the template does not use the value \"" << entry.name << "\"\n";
}

void render(const arguments& args, const zincir::prompt_template& prompt, const zincir::values& given)
{
    const auto text = prompt.format(given);
    if (!args.as_messages) {
        std::cout << text;
        return;
    }
    zincir::json::object message;
    message["role"] = "user";
    message["content"] = text;
    zincir::json::array all;
    all.push_back(std::move(message));
    std::cout << boost::json::serialize(all);
}

}  // namespace

int main(int argc, char** argv)
{
    arguments args;
    CLI::App app(
        "Fills in a template and writes the text to standard output, with no line added.\n"
        "Exit status: 0; 1 where the template or a value is faulty, with the place on standard error; 2 for a wrong command line.");
    app.name("zincir-render");
    app.add_option("TEMPLATE", args.file, "File of the template; - for the standard input")->required();
    app.add_option("VALUES", args.pairs, "Values as name=text; they win over those of --values");
    app.add_option("--values", args.values_file, "File of a JSON object whose members are the values");
    const std::map<std::string, zincir::template_format> formats{{"fstring", zincir::template_format::fstring},
                                                                 {"mustache", zincir::template_format::mustache},
                                                                 {"jinja", zincir::template_format::jinja}};
    app.add_option("--format", args.format, "fstring (the default), mustache or jinja")
        ->transform(CLI::CheckedTransformer(formats).description(""));
    app.add_option("--partials", args.partials,
                   "Folder of the templates that a template names: NAME.mustache for mustache, NAME for jinja");
    app.add_option("--undefined", args.undefined, "What a variable without value is: error (the default), empty or keep")
        ->check(CLI::IsMember({"error", "empty", "keep"}).description(""));
    app.add_flag("--chat-template", args.chat_template,
                 "TEMPLATE is a model's chat template; --values has its messages, tools, add_generation_prompt, bos_token, …")
        ->excludes("--format")
        ->excludes("--undefined");
    app.add_option("--now", args.now, "What strftime_now shows, in ISO 8601: 2026-11-24T09:30:15Z");
    app.add_flag("--messages", args.as_messages, "Write a JSON list with one user message");
    app.add_flag("--check", args.check, "Only parse: list the variables, warn of values that are not used");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        const auto given = read_values(args);
        const auto prompt = read_template(args);
        if (args.check)
            check(prompt, given);
        else
            render(args, prompt, given);
        std::cout.flush();
        if (!std::cout)
            throw error(errc::invalid_argument, "the standard output cannot be written to");
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "zincir-render: " << e.what() << "\n";
        return 1;
    }
}

// A prompt in a file of its own, with its options: edit the file while the program runs, and the next line uses the new one.
//
//   $ scripts/run.sh prompt_file --only prompt --language French --folder examples/prompts < examples/questions.txt
//   translate: Translates one line. temperature 0.2; needs text
//   system: You translate into French. Answer with the translation only.
//   user: Why is the sky blue?
//   …

#include <zincir/prompts/prompt_folder.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "example.hpp"

using namespace zincir;

prompt_folder open_folder(const std::string& path)
{
    prompt_folder_options options;
    options.reload = true;
    // A mistake in an edit is told, and the last good prompt stays in use.
    options.keep_last_good = true;
    options.on_error = [](const error& e) { fmt::print(stderr, "not reloaded: {}\n", e.what()); };
    return prompt_folder(path, options);
}

awaitable<void> translate_lines(example::arguments args)
{
    const auto folder = open_folder(args.option("--folder", "examples/prompts"));
    const auto first = folder.get("translate");
    fmt::print("{}: {} temperature {}; needs {}\n", first.name(), first.description(), *first.options().temperature,
               fmt::join(first.variables(), ", "));
    const bool prompt_only = args.option("--only", "") == "prompt";
    while (const auto line = co_await example::read_line("> ")) {
        const auto file = folder.get("translate");
        const values input("text", *line, "language", args.option("--language", "Turkish"));
        if (prompt_only) {
            for (const auto& m : file.chat().format(input))
                fmt::print("{}: {}\n", name(m.role), m.text());
            continue;
        }
        const auto chain = file.chat() | args.model(file.options()) | to_text();
        fmt::print("{}\n", co_await chain.invoke(input));
    }
}

int main(int argc, char** argv)
{
    return example::run(argc, argv, "prompt_file [--language NAME] [--folder PATH] [--only prompt] < LINES", translate_lines);
}

#pragma once

#include <zincir/core/awaitable.hpp>
#include <zincir/core/chat_model.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the examples share beside the library: the command line, the choice of a model, Ctrl-C, and errors for people to read.

namespace example {

/// The command line of an example. `--model` and `--help` mean the same everywhere; the rest is the example's own.
class arguments {
public:
    explicit arguments(std::vector<std::string> words) : words_(std::move(words)) {}

    /// The model to use: `--model groq:NAME | openai:NAME | ollama:NAME | http://HOST/v1 | local | offline`. Without it Groq when
    /// GROQ_API_KEY is set, else the server at ZINCIR_LOCAL_URL, else the offline model. Says on stderr which it is and why.
    zincir::chat_model model(zincir::chat_options defaults = zincir::chat_options()) const;

    /// The value of `--name VALUE`, or `otherwise`.
    std::string option(std::string_view name, std::string otherwise) const;
    /// The value of `--name N`, or `otherwise`. Throws errc::invalid_argument for what is no whole number from 1 on.
    std::size_t number(std::string_view name, std::size_t otherwise) const;
    /// The words that belong to no option, joined by spaces, or `otherwise` if there are none.
    std::string text(std::string otherwise) const;

private:
    std::vector<std::string> words_;
};

/// Runs an example and returns the exit status: 0, 1 after an error, 2 for a wrong command line, 130 after Ctrl-C. `usage` is a
/// line such as "hello [topic] [--pieces N]": it is shown by --help, and options that are not in it are refused.
int run(int argc, char** argv, std::string_view usage, zincir::awaitable<void> (*work)(arguments));

/// Says on stderr what a reply has to say beside its text: that it is a refusal, that it was cut, and its warnings,
/// each once.
void tell(const zincir::message& reply);

/// The next line of the standard input, or nullopt at its end. Shows `prompt` if a person is there. Cancelling ends the wait at
/// once.
zincir::awaitable<std::optional<std::string>> read_line(std::string prompt);

/// The lines of a file. Throws errc::invalid_argument if there is none to read.
std::vector<std::string> read_lines(const std::string& file);

/// Draws `[#####.....] 5/10` on stderr: over the last bar on a terminal, as a line of its own when all is done elsewhere.
void progress_bar(std::size_t done, std::size_t total);

}  // namespace example

#include "example.hpp"

#include <zincir/core/error.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/init_chat_model.hpp>

#include <fmt/format.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include <unistd.h>

namespace example {
namespace {

namespace asio = zincir::asio;

constexpr std::string_view common_usage =
    "  --model SPEC  groq:NAME, openai:NAME, ollama:NAME, http://HOST/v1, local or offline\n"
    "  --help        this text\n";

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

struct choice {
    std::string spec;
    std::string why;
};

choice choose_model(const std::string& asked)
{
    if (asked == "local")
        return {asked, "asked for with --model; scripts/local-model.sh starts its server"};
    if (!asked.empty())
        return {asked, "asked for with --model"};
    if (!environment("GROQ_API_KEY").empty())
        return {"groq", "GROQ_API_KEY is set"};
    if (!environment("ZINCIR_LOCAL_URL").empty())
        return {"local", "no GROQ_API_KEY, but a local model at ZINCIR_LOCAL_URL"};
    return {"offline", "no GROQ_API_KEY and no local model: set the one or start the other for a real answer"};
}

// Text from outside on one line, without control characters that a terminal would obey.
std::string harmless(std::string_view text)
{
    std::string line;
    for (const auto c : text.substr(0, 500))
        line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    return line;
}

// "--name" of an option that `usage` shows with its value.
bool is_known(std::string_view usage, const std::string& option) { return usage.find(option + " ") != std::string_view::npos; }

int report(const zincir::error& e)
{
    std::fflush(stdout);
    if (e.is(zincir::condition::stopped)) {
        fmt::print(stderr, "\nstopped\n");
        return 130;
    }
    const auto& said = e.facts().provider_message;
    fmt::print(stderr, "error: {}{}\n", e.what(), said.empty() ? "" : " · the provider says: \"" + harmless(said) + "\"");
    return 1;
}

}  // namespace

zincir::chat_model arguments::model(zincir::chat_options defaults) const
{
    const auto chosen = choose_model(option("--model", ""));
    auto model = zincir::init_chat_model(chosen.spec, std::move(defaults));
    fmt::print(stderr, "model: {} ({})\n", model.backend().name(), chosen.why);
    return model;
}

std::string arguments::option(std::string_view name, std::string otherwise) const
{
    for (std::size_t i = 0; i + 1 < words_.size(); i += words_[i].starts_with("--") ? 2 : 1)
        if (words_[i] == name)
            return words_[i + 1];
    return otherwise;
}

std::size_t arguments::number(std::string_view name, std::size_t otherwise) const
{
    const auto given = option(name, std::to_string(otherwise));
    std::size_t value = 0;
    const auto [end, problem] = std::from_chars(given.data(), given.data() + given.size(), value);
    if (problem != std::errc() || end != given.data() + given.size() || value == 0)
        throw zincir::error(zincir::errc::invalid_argument,
                            fmt::format("{} takes a whole number from 1 on, not '{}'", name, given));
    return value;
}

std::string arguments::text(std::string otherwise) const
{
    std::string joined;
    for (std::size_t i = 0; i < words_.size(); ++i) {
        if (words_[i].starts_with("--"))
            ++i;
        else
            joined += (joined.empty() ? "" : " ") + words_[i];
    }
    return joined.empty() ? otherwise : joined;
}

void tell(const zincir::message& reply)
{
    std::fflush(stdout);
    if (const auto refusal = reply.refusal(); !refusal.empty())
        fmt::print(stderr, "the model refused: \"{}\"\n", harmless(refusal));
    if (reply.status == zincir::message_status::length)
        fmt::print(stderr, "the reply was cut at its token limit\n");
    static std::set<std::string> told;
    for (const auto& warning : reply.warnings())
        if (told.insert(warning).second)
            fmt::print(stderr, "warning: {}\n", harmless(warning));
}

int run(int argc, char** argv, std::string_view usage, zincir::awaitable<void> (*work)(arguments))
{
    const auto help = fmt::format("usage: {}\n{}", usage, common_usage);
    std::vector<std::string> words(argv + 1, argv + argc);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--help" || words[i] == "-h") {
            fmt::print("{}", help);
            return 0;
        }
        if (!words[i].starts_with("-"))
            continue;
        if (const bool known = is_known(help, words[i]); !known || i + 1 == words.size()) {
            fmt::print(stderr, "{} {}; see --help\n", words[i], known ? "needs a value" : "is no option of this program");
            return 2;
        }
        ++i;
    }
    try {
        zincir::sync_wait(work(arguments(std::move(words))), zincir::on_interrupt::cancel);
        return 0;
    } catch (...) {
        return report(zincir::to_error(std::current_exception()));
    }
}

namespace {

// A line on its way from the thread that reads it to the coroutine that waits for it. `arrived` is null once nobody waits: the
// executor may be gone by then.
struct pending_line {
    std::mutex mutex;
    std::optional<std::string> text;
    asio::steady_timer* arrived = nullptr;
};

// Not std::cin: its lock would be held while main() ends after Ctrl-C.
std::optional<std::string> blocking_read_line()
{
    static std::string rest;
    for (;;) {
        if (const auto end = rest.find('\n'); end != std::string::npos) {
            auto line = rest.substr(0, end);
            rest.erase(0, end + 1);
            return line;
        }
        char buffer[4096];
        const auto n = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return rest.empty() ? std::nullopt : std::optional<std::string>(std::exchange(rest, std::string()));
        rest.append(buffer, static_cast<std::size_t>(n));
    }
}

}  // namespace

zincir::awaitable<std::optional<std::string>> read_line(std::string prompt)
{
    if (::isatty(STDIN_FILENO))
        fmt::print("{}", prompt);
    std::fflush(stdout);
    asio::steady_timer arrived(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    auto line = std::make_shared<pending_line>();
    line->arrived = &arrived;
    std::thread([line] {
        auto text = blocking_read_line();
        const std::lock_guard lock(line->mutex);
        if (!line->arrived)
            return;
        line->text = std::move(text);
        asio::post(line->arrived->get_executor(), [line] {
            if (line->arrived)
                line->arrived->cancel();
        });
    }).detach();
    zincir::error_code ec;
    co_await arrived.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    const auto stopped = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
    const std::lock_guard lock(line->mutex);
    line->arrived = nullptr;
    if (stopped)
        throw zincir::error(zincir::errc::cancelled, "reading was cancelled");
    co_return std::move(line->text);
}

std::vector<std::string> read_lines(const std::string& file)
{
    std::ifstream input(file);
    if (!input)
        throw zincir::error(zincir::errc::invalid_argument, "the file " + file + " cannot be read");
    std::vector<std::string> lines;
    for (std::string line; std::getline(input, line);)
        lines.push_back(line);
    return lines;
}

void progress_bar(std::size_t done, std::size_t total)
{
    constexpr std::size_t width = 30;
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    if (!terminal && done < total)
        return;
    const auto filled = total == 0 ? width : width * done / total;
    fmt::print(stderr, "{}[{:#<{}}{:.<{}}] {}/{}{}", terminal ? "\r" : "", "", filled, "", width - filled, done, total,
               terminal && done < total ? "" : "\n");
}

}  // namespace example

#include "offline_rules.hpp"

#include <zincir/core/error.hpp>
#include <zincir/llms/offline_model.hpp>

#include "offline_schema.hpp"
#include "offline_text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace zincir::detail::offline {
namespace {

enum class task { none, summarise, improve, translate, repeat };

struct found_task {
    task what = task::none;
    std::size_t word = 0;  // its place among the words
};

// The first word of `instruction` that names a task. Beginnings of folded words, English and Turkish.
found_task find_task(std::string_view instruction)
{
    struct row {
        std::string_view beginning;
        task what;
    };
    static constexpr std::array rows = {
        row{"translat", task::translate}, row{"çevir", task::translate},   row{"tercüme", task::translate},
        row{"summar", task::summarise},   row{"tldr", task::summarise},    row{"condense", task::summarise},
        row{"shorten", task::summarise},  row{"abridge", task::summarise}, row{"özet", task::summarise},
        row{"kisalt", task::summarise},   row{"improve", task::improve},   row{"rewrite", task::improve},
        row{"rephrase", task::improve},   row{"polish", task::improve},    row{"proofread", task::improve},
        row{"correct", task::improve},    row{"edit", task::improve},      row{"refine", task::improve},
        row{"simplify", task::improve},   row{"revise", task::improve},    row{"tidy", task::improve},
        row{"düzelt", task::improve},     row{"iyileştir", task::improve}, row{"geliştir", task::improve},
        row{"sadeleştir", task::improve}, row{"repeat", task::repeat},     row{"echo", task::repeat},
        row{"tekrarla", task::repeat},
    };
    const auto list = words(instruction);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto folded = fold(list[i]);
        for (const auto& r : rows)
            if (folded.starts_with(r.beginning))
                return found_task{r.what, i};
        if (folded == "yeniden" && i + 1 < list.size() && fold(list[i + 1]).starts_with("yaz"))
            return found_task{task::improve, i};
    }
    return found_task();
}

struct job {
    task what = task::none;
    std::string instruction{};
    std::string text{};
};

std::optional<job> job_of(std::string_view instruction, std::string_view text)
{
    const auto found = find_task(instruction);
    if (found.what == task::none || trim(text).empty())
        return std::nullopt;
    return job{found.what, std::string(trim(instruction)), std::string(trim(text))};
}

// Text between two marks, and what is around it.
std::optional<job> fenced_job(std::string_view prompt)
{
    struct fence {
        std::string_view open, close;
    };
    static constexpr std::array fences = {fence{"```", "```"}, fence{"\"\"\"", "\"\"\""}, fence{"<text>", "</text>"},
                                          fence{"<<<", ">>>"}, fence{"“", "”"},           fence{"\"", "\""}};
    for (const auto& f : fences) {
        const auto begin = prompt.find(f.open);
        if (begin == std::string_view::npos)
            continue;
        const auto inside = begin + f.open.size();
        const auto end = f.open == f.close ? prompt.rfind(f.close) : prompt.find(f.close, inside);
        if (end == std::string_view::npos || end <= inside)
            continue;
        const auto around = std::string(prompt.substr(0, begin)) + " " + std::string(prompt.substr(end + f.close.size()));
        if (auto found = job_of(around, prompt.substr(inside, end - inside)))
            return found;
    }
    return std::nullopt;
}

// Divides a prompt into what to do and the text to do it with.
job find_job(std::string_view prompt, std::string_view instructions, const std::string& earlier)
{
    if (const auto gap = prompt.find("\n\n"); gap != std::string_view::npos) {
        if (auto found = job_of(prompt.substr(0, gap), prompt.substr(gap)))
            return *found;
        const auto last = prompt.rfind("\n\n");
        if (auto found = job_of(prompt.substr(last), prompt.substr(0, last)))
            return *found;
    }
    if (const auto colon = prompt.find(':'); colon != std::string_view::npos)
        if (auto found = job_of(prompt.substr(0, colon), prompt.substr(colon + 1)))
            return *found;
    if (const auto line = prompt.find('\n'); line != std::string_view::npos)
        if (auto found = job_of(prompt.substr(0, line), prompt.substr(line)))
            return *found;
    if (auto found = fenced_job(prompt))
        return *found;
    if (auto found = job_of(instructions, prompt))
        return *found;
    // A bare command, such as "Summarise what we said": English puts the verb first, Turkish last.
    const auto count = words(prompt).size();
    const auto found = find_task(prompt);
    if (found.what == task::none || (found.word > 1 && found.word + 1 < count))
        return job{task::none, {}, std::string(prompt)};
    if (found.what == task::repeat) {
        const auto list = words(prompt);
        auto first = found.word + 1;
        if (first + 1 < count && fold(list[first]) == "after" && fold(list[first + 1]) == "me")
            first += 2;
        const auto from = first < count ? static_cast<std::size_t>(list[first].data() - prompt.data()) : 0;
        return job{task::repeat, std::string(prompt), std::string(trim(prompt.substr(from)))};
    }
    return job{found.what, std::string(prompt), trim(earlier).empty() ? std::string(prompt) : earlier};
}

// "in two sentences", "üç cümleyle": how many; 0 when nothing is said.
std::size_t sentence_count(std::string_view instruction)
{
    static constexpr std::array<std::array<std::string_view, 2>, 10> numbers = {{{"one", "bir"},
                                                                                 {"two", "iki"},
                                                                                 {"three", "üç"},
                                                                                 {"four", "dört"},
                                                                                 {"five", "beş"},
                                                                                 {"six", "alti"},
                                                                                 {"seven", "yedi"},
                                                                                 {"eight", "sekiz"},
                                                                                 {"nine", "dokuz"},
                                                                                 {"ten", "on"}}};
    const auto list = words(instruction);
    for (std::size_t i = 1; i < list.size(); ++i) {
        const auto unit = fold(list[i]);
        if (!unit.starts_with("sentence") && !unit.starts_with("cümle") && !unit.starts_with("line") &&
            !unit.starts_with("point") && !unit.starts_with("bullet") && !unit.starts_with("madde"))
            continue;
        for (std::size_t back = 1; back <= 2 && back <= i; ++back) {  // "two short sentences"
            const auto number = fold(list[i - back]);
            for (std::size_t n = 0; n < numbers.size(); ++n)
                if (number == numbers[n][0] || number == numbers[n][1])
                    return n + 1;
            if (number.size() <= 2 && number.find_first_not_of("0123456789") == std::string::npos && number != "0")
                return static_cast<std::size_t>(std::stoul(number));
        }
    }
    return 0;
}

std::string do_job(const job& j)
{
    switch (j.what) {
        case task::summarise: {
            const auto asked = sentence_count(j.instruction);
            return summarise(j.text, asked ? asked : std::clamp<std::size_t>(sentences(j.text).size() / 3, 1, 5));
        }
        case task::improve:
            return tidy(j.text);
        case task::translate:
            return "I cannot translate; the text as it was: " + j.text;
        default:
            return j.text;
    }
}

std::string_view rule_name(task what)
{
    switch (what) {
        case task::summarise:
            return "summarise";
        case task::improve:
            return "improve";
        case task::translate:
            return "translate";
        case task::repeat:
            return "repeat";
        case task::none:
            break;
    }
    return "none";
}

bool is_instruction(const message& m) { return m.role == role::system || m.role == role::developer; }

// The conversation, taken apart.
struct dialogue {
    std::string prompt{};                      // the last user message
    std::string instructions{};                // system messages
    std::vector<std::string> earlier{};        // user messages before the last
    std::vector<tool_result_block> results{};  // since the last user message
    const messages* history = nullptr;
};

dialogue take_apart(const messages& history)
{
    dialogue d;
    d.history = &history;
    for (const auto& m : history) {
        if (is_instruction(m)) {
            d.instructions += m.text() + "\n";
        } else if (m.role == role::user) {
            if (!d.prompt.empty())
                d.earlier.push_back(std::move(d.prompt));
            d.prompt = without_notice(m.text());
            d.results.clear();
        }
        for (const auto& block : m.content)
            if (const auto* result = std::get_if<tool_result_block>(&block))
                d.results.push_back(*result);
    }
    if (d.prompt.empty())
        std::swap(d.prompt, d.instructions);
    return d;
}

std::string tool_name(const messages& history, const std::string& call_id)
{
    for (const auto& m : history)
        for (const auto& call : m.tool_calls())
            if (call.id == call_id)
                return call.name;
    return "tool";
}

// "getWeather", "get_weather" → get weather
std::vector<std::string> name_parts(std::string_view name)
{
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool capital = name[i] >= 'A' && name[i] <= 'Z' && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
        if (name[i] == '_' || name[i] == '-' || name[i] == '.' || capital)
            parts.emplace_back();
        if (name[i] != '_' && name[i] != '-' && name[i] != '.')
            parts.back() += name[i];
    }
    return parts;
}

int tool_score(const tool_definition& tool, std::string_view prompt)
{
    if (fold(prompt).find(fold(tool.name)) != std::string::npos)
        return 100;
    const auto said = stems(prompt);
    const auto mentioned = [&](const std::string& s) { return std::find(said.begin(), said.end(), s) != said.end(); };
    int score = 0;
    for (const auto& part : name_parts(tool.name)) {
        const auto folded = fold(part);
        if (folded != "get" && folded != "set" && folded != "run" && folded != "tool" && folded != "fetch" && mentioned(stem(part)))
            score += 3;
    }
    for (const auto& s : stems(tool.description))
        score += mentioned(s) ? 1 : 0;
    return score;
}

std::vector<const tool_definition*> choose_tools(const chat_request& request, const std::string& prompt)
{
    const auto& choice = request.options->tool_choice;
    const auto kind = choice ? choice->what() : tool_choice::kind::automatic;
    std::vector<const tool_definition*> chosen;
    if (kind == tool_choice::kind::none)
        return chosen;
    if (kind == tool_choice::kind::named) {
        for (const auto& tool : *request.tools)
            if (tool.name == choice->tool())
                chosen.push_back(&tool);
        if (chosen.empty())
            throw error(errc::invalid_argument,
                        "tool_choice names the tool \"" + choice->tool() + "\", but the request has no tool of that name");
        return chosen;
    }
    const tool_definition* best = nullptr;
    int best_score = kind == tool_choice::kind::required ? -1 : 1;
    for (const auto& tool : *request.tools) {
        const auto score = tool_score(tool, prompt);
        if (score >= 100)
            chosen.push_back(&tool);
        if (score > best_score) {
            best_score = score;
            best = &tool;
        }
    }
    if (chosen.empty() && best)
        chosen.push_back(best);
    if (chosen.size() > 1 && request.options->parallel_tool_calls && !*request.options->parallel_tool_calls)
        chosen.resize(1);
    return chosen;
}

answer call_tools(const std::vector<const tool_definition*>& tools, const dialogue& d)
{
    answer a;
    a.rule = "tool";
    std::size_t earlier_calls = 0;
    for (const auto& m : *d.history)
        earlier_calls += m.tool_calls().size();
    for (const auto* tool : tools) {
        auto arguments = fill_schema(tool->parameters, d.prompt);
        a.warnings.insert(a.warnings.end(), arguments.warnings.begin(), arguments.warnings.end());
        a.calls.emplace_back("call_" + std::to_string(++earlier_calls), tool->name, json::serialize(arguments.value));
    }
    return a;
}

answer answer_in_json(const response_format& format, const dialogue& d)
{
    answer a;
    a.is_json = true;
    a.rule = "json";
    auto source = d.prompt;
    for (const auto& result : d.results)
        source += "\n" + result.text;
    if (format.what() == response_format::kind::json_object) {
        const auto j = find_job(d.prompt, d.instructions, std::string());
        json::object reply;
        reply["answer"] = d.results.empty() ? do_job(j) : d.results.back().text;
        a.text = json::serialize(reply);
        return a;
    }
    auto filled = fill_schema(format.schema(), source);
    a.warnings = std::move(filled.warnings);
    a.text = json::serialize(filled.value);
    return a;
}

answer answer_with_results(const dialogue& d)
{
    answer a;
    a.rule = "tool_result";
    for (const auto& result : d.results) {
        a.text.append(a.text.empty() ? "" : "\n").append(tool_name(*d.history, result.call_id));
        a.text.append(result.is_error ? " failed: " : " says: ").append(result.text);
    }
    return a;
}

// The sentence of the conversation, of the instructions or of the prompt's own context that answers `question` best.
std::string find_answer(const dialogue& d)
{
    const auto all = sentences(d.prompt);
    const auto asked = std::find_if(all.rbegin(), all.rend(), [](std::string_view s) { return s.ends_with('?'); });
    if (asked == all.rend())
        return {};
    std::vector<std::string_view> texts;
    for (const auto& turn : d.earlier)
        texts.push_back(turn);
    texts.push_back(d.instructions);
    for (const auto sentence : all)
        if (sentence.data() != asked->data())
            texts.push_back(sentence);
    return std::string(best_sentence(texts, *asked));
}

}  // namespace

std::string without_notice(std::string_view text)
{
    std::string kept;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
        text.remove_prefix(line.size());
        if (const auto at = line.find(offline_notice); at == std::string_view::npos)
            kept += line;
        else if (const auto rest = trim(line.substr(at + offline_notice.size()));
                 !trim(line.substr(0, at)).empty() || !rest.empty())
            kept.append(line.substr(0, at)).append(rest).append(line.ends_with('\n') ? "\n" : "");
    }
    return kept;
}

answer answer_request(const chat_request& request)
{
    const auto d = take_apart(request.messages);
    if (!request.tools->empty() && d.results.empty()) {
        if (const auto tools = choose_tools(request, d.prompt); !tools.empty())
            return call_tools(tools, d);
    }
    const auto& format = request.options->response_format;
    if (format && format->what() != response_format::kind::text)
        return answer_in_json(*format, d);
    if (!d.results.empty())
        return answer_with_results(d);
    std::string earlier;
    for (const auto& turn : d.earlier)
        earlier += turn + "\n\n";
    const auto j = find_job(d.prompt, d.instructions, earlier);
    answer a;
    a.rule = rule_name(j.what);
    if (j.what != task::none) {
        a.text = do_job(j);
    } else if (a.text = find_answer(d); !a.text.empty()) {
        a.rule = "find";
        a.text = "I found: " + a.text;
    } else {
        a.text = "I have no rule for this: " + std::string(trim(j.text));
    }
    return a;
}

}  // namespace zincir::detail::offline

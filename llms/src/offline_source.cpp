#include "offline_source.hpp"

#include "offline_text.hpp"

#include <algorithm>
#include <charconv>

namespace zincir::detail::offline {
namespace {

constexpr std::string_view punctuation = ".,;:!?()[]{}\"'";

std::string_view strip(std::string_view token)
{
    while (!token.empty() && punctuation.find(token.front()) != std::string_view::npos)
        token.remove_prefix(1);
    while (!token.empty() && punctuation.find(token.back()) != std::string_view::npos)
        token.remove_suffix(1);
    return token;
}

std::string_view without_suffix(std::string_view word)  // Ankara'da → Ankara
{
    return word.substr(0, std::min(word.find('\''), word.find("’")));
}

std::vector<std::string> split_space(std::string_view text)
{
    std::vector<std::string> out;
    std::size_t i = 0;
    while (i < text.size()) {
        const auto end = std::min(text.find_first_of(" \n\t\r", i), text.size());
        if (const auto token = strip(text.substr(i, end - i)); !token.empty())
            out.emplace_back(token);
        i = end + 1;
    }
    return out;
}

std::optional<double> as_number(std::string_view token)
{
    double value = 0;
    const auto [end, ec] = std::from_chars(token.data(), token.data() + token.size(), value, std::chars_format::fixed);
    // "36", "-2.5" and "21°C", but not a date and not a version.
    if (ec != std::errc() ||
        (end != token.data() + token.size() && std::string_view("-./:0123456789").find(*end) != std::string_view::npos))
        return std::nullopt;
    return value;
}

bool is_capitalised(std::string_view word)
{
    if (word.empty())
        return false;
    if (word[0] >= 'A' && word[0] <= 'Z')
        return true;
    const auto first = first_characters(word, 1);
    return first.size() == 2 && (fold(first) != first) && first != "ı";
}

// "first_name" → stems of first and name
std::vector<std::string> key_stems(std::string_view key)
{
    std::string spaced;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (key[i] >= 'A' && key[i] <= 'Z' && i > 0 && key[i - 1] >= 'a' && key[i - 1] <= 'z')
            spaced += ' ';
        spaced += key[i] == '_' || key[i] == '-' ? ' ' : key[i];
    }
    std::vector<std::string> out;
    for (const auto word : words(spaced))
        out.push_back(stem(word));
    return out;
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> list)
{
    return std::find(list.begin(), list.end(), fold(key)) != list.end();
}

}  // namespace

source::source(std::string_view prompt) : prompt_(trim(prompt)), tokens_(split_space(prompt_))
{
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        stems_.push_back(stem(tokens_[i]));
        if (const auto value = as_number(tokens_[i]))
            numbers_.push_back(number_at{*value, i});
    }
    for (const auto word : words(prompt_))
        if (!is_stop_word(fold(word)) && !as_number(word))
            words_.emplace_back(without_suffix(word));
    for (std::size_t open = prompt_.find('"'); open != std::string_view::npos;) {
        const auto close = prompt_.find('"', open + 1);
        if (close == std::string_view::npos)
            break;
        if (close > open + 1)
            quotations_.emplace_back(prompt_.substr(open + 1, close - open - 1));
        open = prompt_.find('"', close + 1);
    }
    // Names: runs of capitalised words; one such word alone at the start of a sentence is just its start.
    for (const auto sentence : sentences(prompt_)) {
        const auto list = split_space(sentence);
        for (std::size_t i = 0; i < list.size();) {
            auto end = i;
            std::string name;
            while (end < list.size() && is_capitalised(list[end]) && !(end > i && list[end - 1].find('\'') != std::string::npos)) {
                name.append(name.empty() ? "" : " ").append(without_suffix(list[end]));
                ++end;
            }
            if (end > i && !(i == 0 && end == 1) && !is_stop_word(fold(name)))
                names_.push_back(name);
            i = std::max(end, i + 1);
        }
    }
}

std::optional<std::string> source::labelled(std::string_view key) const
{
    const auto parts = key_stems(key);
    if (parts.empty())
        return std::nullopt;
    const auto list = words(prompt_);
    for (std::size_t i = 0; i + parts.size() < list.size() + 1; ++i) {
        bool same = true;
        for (std::size_t k = 0; k < parts.size() && same; ++k)
            same = stem(list[i + k]) == parts[k];
        if (!same)
            continue;
        const auto& last = list[i + parts.size() - 1];
        auto rest = prompt_.substr(static_cast<std::size_t>(last.data() + last.size() - prompt_.data()));
        const auto after = trim(rest);
        if (after.starts_with(':') || after.starts_with('='))
            rest = trim(after.substr(1));
        else if (after.starts_with("is "))
            rest = trim(after.substr(3));
        else
            continue;
        auto end = rest.find_first_of(",;\n");
        for (std::size_t dot = 0; dot < std::min(end, rest.size()); ++dot)
            if (std::string_view(".!?").find(rest[dot]) != std::string_view::npos &&
                (dot + 1 == rest.size() || rest[dot + 1] == ' '))
                end = dot;
        end = std::min(end, rest.find(" and "));
        if (const auto value = strip(trim(rest.substr(0, end))); !value.empty())
            return std::string(value);
    }
    return std::nullopt;
}

std::optional<std::string> source::take_name()
{
    while (!names_.empty()) {
        auto name = std::move(names_.front());
        names_.pop_front();
        if (used_.insert(name).second)
            return name;
    }
    return std::nullopt;
}

std::string source::value_of(std::string_view key)
{
    if (!list_.empty()) {
        auto entry = std::move(list_.front());
        list_.pop_front();
        return entry;
    }
    if (auto said = labelled(key)) {
        used_.insert(*said);
        return *said;
    }
    if (is_one_of(key, {"expression", "formula", "calculation"})) {
        const auto begin = prompt_.find_first_of("0123456789(");
        if (begin != std::string_view::npos) {
            const auto run = prompt_.substr(begin, prompt_.find_first_not_of("0123456789+-*/^().% ", begin) - begin);
            if (const auto found = trim(run.substr(0, run.find_last_of("0123456789)") + 1)); !found.empty())
                return std::string(found);
        }
    }
    if (is_one_of(key, {"query", "question", "input", "prompt", "request"}))
        return std::string(prompt_);
    if (is_one_of(key, {"summary", "description", "answer", "text", "content", "explanation", "reason", "reasoning", "sentence",
                        "message"}) &&
        !prompt_.empty())
        return summarise(prompt_, 1);
    if (!quotations_.empty()) {
        auto quotation = std::move(quotations_.front());
        quotations_.pop_front();
        return quotation;
    }
    if (auto name = take_name())
        return *name;
    return next_word(key);
}

std::string source::next_word(std::string_view key)
{
    const auto own = key_stems(key);
    for (std::size_t pass = 0; pass < 2; ++pass) {
        while (next_word_ < words_.size()) {
            const auto& word = words_[next_word_++];
            const bool is_key = std::find(own.begin(), own.end(), stem(word)) != own.end();
            if (!is_key && (pass == 1 || used_.insert(word).second))
                return word;
        }
        next_word_ = 0;
    }
    return key.empty() ? "text" : std::string(key);
}

std::string source::formatted(std::string_view format, std::string_view key)
{
    const auto find = [&](auto fits, std::string otherwise) {
        const auto at = std::find_if(tokens_.begin(), tokens_.end(), fits);
        return at == tokens_.end() ? std::move(otherwise) : *at;
    };
    const auto is_date = [](std::string_view t) {
        return t.size() == 10 && t[4] == '-' && t[7] == '-' && t.find_first_not_of("0123456789-") == std::string_view::npos &&
               t[5] <= '1' && t.substr(5, 2) != "00" && t.substr(5, 2) <= "12" && t.substr(8) != "00" && t.substr(8) <= "28";
    };
    if (format == "email")
        return find(
            [](std::string_view t) {
                return t.find('@') != std::string_view::npos && t.find('@') > 0 &&
                       t.find('.', t.find('@')) != std::string_view::npos;
            },
            "someone@example.org");
    if (format == "uri" || format == "url" || format == "iri")
        return find([](std::string_view t) { return t.starts_with("http://") || t.starts_with("https://"); },
                    "https://example.org/");
    if (format == "date")
        return find(is_date, "2000-01-01");
    if (format == "date-time")
        return find(
            [&](std::string_view t) { return t.size() >= 20 && t[10] == 'T' && t.back() == 'Z' && is_date(t.substr(0, 10)); },
            "2000-01-01T00:00:00Z");
    if (format == "time")
        return "00:00:00Z";
    if (format == "duration")
        return "PT1H";
    if (format == "uuid")
        return find(
            [](std::string_view t) {
                return t.size() == 36 && t[8] == '-' && t[13] == '-' && t[18] == '-' && t[23] == '-' &&
                       t.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
            },
            "00000000-0000-4000-8000-000000000000");
    if (format == "ipv4")
        return "192.0.2.1";
    if (format == "ipv6")
        return "2001:db8::1";
    if (format == "hostname")
        return "example.org";
    return value_of(key);
}

std::optional<double> source::number(std::string_view key)
{
    if (numbers_.empty())
        return std::nullopt;
    const auto own = key_stems(key);
    auto best = numbers_.begin();
    std::size_t nearest = 4;  // words apart
    for (auto at = numbers_.begin(); at != numbers_.end(); ++at)
        for (std::size_t w = 0; w < stems_.size(); ++w) {
            const auto apart = w > at->word ? w - at->word : at->word - w;
            if (apart < nearest && std::find(own.begin(), own.end(), stems_[w]) != own.end()) {
                nearest = apart;
                best = at;
            }
        }
    const auto value = best->value;
    numbers_.erase(best);
    return value;
}

bool source::affirms(std::string_view key) const
{
    for (const auto& part : key_stems(key)) {
        const auto at = std::find(stems_.begin(), stems_.end(), part);
        if (at == stems_.end())
            continue;
        const auto i = static_cast<std::size_t>(at - stems_.begin());
        const auto before = i > 0 ? fold(tokens_[i - 1]) : std::string();
        const auto after = i + 1 < tokens_.size() ? fold(tokens_[i + 1]) : std::string();
        if (before != "not" && before != "no" && before != "without" && after != "değil" && after != "no" && after != "false" &&
            !before.ends_with("n't"))
            return true;
    }
    return false;
}

bool source::mentions(std::string_view text) const
{
    const auto parts = key_stems(text);
    if (parts.empty())
        return false;
    return std::search(stems_.begin(), stems_.end(), parts.begin(), parts.end()) != stems_.end();
}

std::size_t source::start_list(std::string_view key)
{
    list_.clear();
    // An enumeration of the prompt: what follows the key, or a colon, and holds commas.
    auto begin = prompt_.find(':');
    const auto own = key_stems(key);
    for (const auto word : words(prompt_))
        if (std::find(own.begin(), own.end(), stem(word)) != own.end()) {
            const auto after = static_cast<std::size_t>(word.data() + word.size() - prompt_.data());
            if (after < prompt_.size() && prompt_[after] == ':')
                begin = after;
        }
    if (begin != std::string_view::npos) {
        auto rest = prompt_.substr(begin + 1);
        rest = rest.substr(0, rest.find_first_of(".;\n"));
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            auto entry = trim(rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            for (const std::string_view joint : {" and ", " ve "})
                if (const auto at = entry.find(joint); at != std::string_view::npos && rest.empty()) {
                    list_.emplace_back(strip(trim(entry.substr(0, at))));
                    entry = trim(entry.substr(at + joint.size()));
                }
            if (!strip(entry).empty())
                list_.emplace_back(strip(entry));
        }
        if (list_.size() > 1)
            return list_.size();
        list_.clear();
    }
    return std::clamp<std::size_t>(words_.size(), 1, 3);
}

}  // namespace zincir::detail::offline

#include "offline_text.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace zincir::detail::offline {
namespace {

unsigned char byte(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether the character at `i` belongs to a word. Beyond ASCII everything does but spaces and punctuation.
bool is_word_character(std::string_view text, std::size_t i)
{
    const auto lead = byte(text, i);
    if (lead < 0x80)
        return is_ascii_letter(text[i]) || is_digit(text[i]);
    if (i + 1 >= text.size())
        return true;
    const auto second = byte(text, i + 1);
    return !(lead == 0xC2 && second < 0xC0)                          // U+0080–00BF: no-break space, « »
           && !(lead == 0xE2 && (second == 0x80 || second == 0x81))  // U+2000–207F: spaces, dashes, quotes, ellipsis
           && !(lead == 0xE3 && second == 0x80)                      // U+3000–303F: CJK punctuation
           && !(lead == 0xEF && second == 0xBC && i + 2 < text.size() && byte(text, i + 2) <= 0x8F);  // full-width ! to /
}

// An apostrophe at `i`: its length, else 0.
std::size_t apostrophe(std::string_view text, std::size_t i)
{
    if (text[i] == '\'')
        return 1;
    return text.substr(i, 3) == "’" ? 3 : 0;
}

// Bytes of the mark that ends a sentence at `i`, else 0.
std::size_t end_mark(std::string_view text, std::size_t i)
{
    if (text[i] == '.' || text[i] == '!' || text[i] == '?')
        return 1;
    const auto three = text.substr(i, 3);
    return three == "…" || three == "。" || three == "！" || three == "？" ? 3 : 0;
}

bool is_abbreviation(std::string_view before)
{
    static const std::set<std::string, std::less<>> known = {"dr",  "mr",  "mrs", "ms", "prof", "st",  "vs", "etc",
                                                             "e.g", "i.e", "no",  "vb", "bkz",  "doç", "av"};
    auto begin = before.size();
    while (begin > 0 && !is_space(before[begin - 1]) && before[begin - 1] != '(')
        --begin;
    const auto word = before.substr(begin);
    return (word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z') || known.count(fold(word)) != 0;
}

}  // namespace

std::size_t character_length(std::string_view text, std::size_t i) noexcept
{
    const auto lead = byte(text, i);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    for (std::size_t k = 1; k < length; ++k)
        if (i + k >= text.size() || (byte(text, i + k) & 0xC0) != 0x80)
            return 1;
    return length;
}

std::size_t count_characters(std::string_view text) noexcept
{
    std::size_t n = 0;
    for (std::size_t i = 0; i < text.size(); i += character_length(text, i))
        ++n;
    return n;
}

std::string_view first_characters(std::string_view text, std::size_t n) noexcept
{
    std::size_t i = 0;
    for (; i < text.size() && n > 0; --n)
        i += character_length(text, i);
    return text.substr(0, i);
}

std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> found;
    std::size_t i = 0;
    while (i < text.size()) {
        if (!is_word_character(text, i)) {
            i += character_length(text, i);
            continue;
        }
        const auto begin = i;
        while (i < text.size()) {
            if (is_word_character(text, i))
                i += character_length(text, i);
            else if (const auto n = apostrophe(text, i); n && i + n < text.size() && is_word_character(text, i + n))
                i += n;
            else
                break;
        }
        found.push_back(text.substr(begin, i - begin));
    }
    return found;
}

std::vector<std::string_view> stream_pieces(std::string_view text)
{
    constexpr std::size_t longest = 24;
    std::vector<std::string_view> pieces;
    std::size_t begin = 0;
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size();) {
        const bool space = is_space(text[i]);
        i += character_length(text, i);
        ++characters;
        const bool word_ended = space && (i == text.size() || !is_space(text[i]));
        if (word_ended || (characters >= longest && !(i < text.size() && is_space(text[i])))) {
            pieces.push_back(text.substr(begin, i - begin));
            begin = i;
            characters = 0;
        }
    }
    if (begin < text.size())
        pieces.push_back(text.substr(begin));
    return pieces;
}

std::vector<std::string_view> sentences(std::string_view text)
{
    std::vector<std::string_view> found;
    const auto add = [&](std::string_view s) {
        if (s = trim(s); !words(s).empty())
            found.push_back(s);
    };
    std::size_t begin = 0;
    std::size_t i = 0;
    while (i < text.size()) {
        if (text[i] == '\n' && (i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '-' || text[i + 1] == '*')) {
            add(text.substr(begin, i - begin));
            begin = ++i;
            continue;
        }
        const auto mark = end_mark(text, i);
        if (mark == 0) {
            i += character_length(text, i);
            continue;
        }
        const bool abbreviated = text[i] == '.' && is_abbreviation(text.substr(begin, i - begin));
        i += mark;
        while (i < text.size() &&
               (end_mark(text, i) || text[i] == '"' || text[i] == ')' || text[i] == '\'' || text.substr(i, 3) == "”"))
            i += character_length(text, i);
        if (!abbreviated && (i == text.size() || is_space(text[i]) || mark == 3)) {
            add(text.substr(begin, i - begin));
            begin = i;
        }
    }
    add(text.substr(std::min(begin, text.size())));
    return found;
}

std::string fold(std::string_view word)
{
    std::string folded;
    folded.reserve(word.size());
    for (std::size_t i = 0; i < word.size();) {
        const auto n = character_length(word, i);
        const auto lead = byte(word, i);
        if (n == 1) {
            folded += word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] - 'A' + 'a') : word[i];
        } else if (n == 2) {
            auto second = byte(word, i + 1);
            if (lead == 0xC4 && (second == 0xB0 || second == 0xB1)) {
                folded += 'i';  // İ and ı
            } else {
                if (lead == 0xC3 && second >= 0x80 && second <= 0x9E && second != 0x97)
                    second = static_cast<unsigned char>(second + 0x20);  // À to Þ
                else if ((lead == 0xC4 || lead == 0xC5) && second == 0x9E)
                    second = 0x9F;  // Ğ and Ş
                folded += word[i];
                folded += static_cast<char>(second);
            }
        } else {
            folded += word.substr(i, n);
        }
        i += n;
    }
    return folded;
}

std::string stem(std::string_view word)
{
    const auto folded = fold(word.substr(0, std::min(word.find('\''), word.find("’"))));
    return std::string(first_characters(folded, 5));
}

bool is_stop_word(std::string_view folded)
{
    static const std::set<std::string, std::less<>> list = {
        "a",      "about", "above",   "after",  "all",    "also",  "am",    "an",    "and",  "any",   "are",    "as",
        "at",     "be",    "because", "been",   "but",    "by",    "can",   "could", "did",  "do",    "does",   "each",
        "for",    "from",  "give",    "had",    "has",    "have",  "he",    "her",   "here", "him",   "his",    "how",
        "i",      "if",    "in",      "into",   "is",     "it",    "its",   "just",  "let",  "like",  "make",   "me",
        "more",   "most",  "my",      "no",     "not",    "of",    "on",    "or",    "our",  "out",   "please", "she",
        "should", "so",    "some",    "such",   "than",   "that",  "the",   "their", "them", "then",  "there",  "these",
        "they",   "this",  "those",   "to",     "up",     "us",    "use",   "very",  "was",  "we",    "were",   "what",
        "when",   "where", "which",   "while",  "who",    "whom",  "whose", "why",   "will", "with",  "would",  "you",
        "your",   "tell",  "write",   "return", "using",  "ama",   "ben",   "benim", "bir",  "biz",   "bu",     "çok",
        "da",     "daha",  "de",      "değil",  "diye",   "en",    "gibi",  "hangi", "her",  "hem",   "için",   "ile",
        "ise",    "kadar", "ki",      "kim",    "lütfen", "mi",    "mu",    "mü",    "ne",   "neden", "nedir",  "nasil",
        "o",      "olan",  "olarak",  "onun",   "sen",    "senin", "şey",   "şu",    "ve",   "veya",  "ya",     "yani"};
    return list.count(folded) != 0;
}

std::vector<std::string> stems(std::string_view text)
{
    std::vector<std::string> found;
    for (const auto word : words(text))
        if (!is_stop_word(fold(word)))
            found.push_back(stem(word));
    return found;
}

std::int64_t estimate_tokens(std::string_view text) noexcept
{
    return static_cast<std::int64_t>((count_characters(trim(text)) + 3) / 4);
}

std::string summarise(std::string_view text, std::size_t count)
{
    const auto all = sentences(text);
    if (all.size() <= count)
        return std::string(trim(text));
    std::vector<std::vector<std::string>> terms;
    std::map<std::string, double> weight;
    double total = 0;
    for (const auto sentence : all) {
        terms.push_back(stems(sentence));
        for (const auto& term : terms.back()) {
            weight[term] += 1;
            total += 1;
        }
    }
    for (auto& [term, w] : weight)
        w /= total;
    std::set<std::size_t> chosen;
    while (chosen.size() < count) {
        std::size_t best = all.size();
        double best_score = -1;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (chosen.count(i))
                continue;
            double score = 0;
            for (const auto& term : terms[i])
                score += weight[term];
            score /= static_cast<double>(std::max<std::size_t>(terms[i].size(), 4));  // no credit for being tiny
            if (i == 0)
                score *= 1.25;  // texts open with what they are about
            if (score > best_score) {
                best_score = score;
                best = i;
            }
        }
        chosen.insert(best);
        for (const auto& term : terms[best])
            weight[term] *= weight[term];  // said once is enough
    }
    std::string summary;
    for (const auto i : chosen)
        summary.append(summary.empty() ? "" : " ").append(all[i]);
    return summary;
}

std::string tidy(std::string_view text)
{
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    std::string out;
    for (const auto sentence : sentences(text)) {
        std::string line;
        std::string previous;
        std::size_t i = 0;
        while (i < sentence.size()) {
            const auto begin = i;
            while (i < sentence.size() && !is_space(sentence[i]))
                i += character_length(sentence, i);
            const auto token = sentence.substr(begin, i - begin);
            while (i < sentence.size() && is_space(sentence[i]))
                ++i;
            const bool doubled = fold(token) == previous && words(token).size() == 1 && words(token)[0].size() == token.size();
            const bool glued = token.size() == 1 && std::string_view(",.;:!?").find(token[0]) != std::string_view::npos;
            if (doubled)
                continue;
            if (!line.empty() && !glued)
                line += ' ';
            line += token;
            previous = fold(token);
        }
        if (ascii && !line.empty() && line[0] >= 'a' && line[0] <= 'z')
            line[0] = static_cast<char>(line[0] - 'a' + 'A');
        if (is_word_character(line, line.size() - 1) && !line.ends_with("…") && !line.ends_with("”") &&
            end_mark(line, line.size() - std::min<std::size_t>(3, line.size())) != 3)
            line += '.';
        out.append(out.empty() ? "" : " ").append(line);
    }
    return out;
}

std::string_view best_sentence(const std::vector<std::string_view>& texts, std::string_view question)
{
    std::vector<std::string_view> all;
    std::vector<std::set<std::string>> terms;
    std::map<std::string, double> seen_in;
    for (const auto text : texts)
        for (const auto sentence : sentences(text)) {
            if (sentence.ends_with('?'))
                continue;
            const auto list = stems(sentence);
            all.push_back(sentence);
            terms.emplace_back(list.begin(), list.end());
            for (const auto& term : terms.back())
                seen_in[term] += 1;
        }
    const auto asked_list = stems(question);
    const std::set<std::string> asked(asked_list.begin(), asked_list.end());
    std::string_view best;
    double best_score = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        double score = 0;
        for (const auto& term : asked)
            if (terms[i].count(term))
                score += std::log(1 + static_cast<double>(all.size()) / seen_in[term]);
        if (score >= best_score && score > 0) {  // the later one holds: it may correct the earlier
            best_score = score;
            best = all[i];
        }
    }
    return best;
}

}  // namespace zincir::detail::offline

#include "prompt_file_body.hpp"

#include "code_points.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>

namespace zincir::detail {
namespace {

constexpr std::string_view mark = "--- ";
constexpr std::string_view white = " \t\n";

struct text_span {
    std::size_t begin;
    std::size_t end;
};

// Blank lines around a text are no part of it.
text_span trimmed(std::string_view all, text_span span)
{
    auto begin = span.begin;
    for (auto at = span.begin; at < span.end && white.find(all[at]) != std::string_view::npos; ++at)
        if (all[at] == '\n')
            begin = at + 1;
    auto end = span.end;
    while (end > begin && white.find(all[end - 1]) != std::string_view::npos)
        --end;
    return {begin, end};
}

std::string_view unquoted(std::string_view word)
{
    const bool quoted = word.size() > 1 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front();
    return quoted ? word.substr(1, word.size() - 2) : std::string_view();
}

class body_reader {
public:
    body_reader(const prompt_file_reader& reader, const template_source& source, template_format format)
        : reader_(reader), source_(source), all_(source.text()), format_(format)
    {}

    prompt_body read(std::size_t begin)
    {
        span_ = {begin, begin};
        for (auto at = begin; at < all_.size();) {
            const auto line_end = std::min(all_.find('\n', at), all_.size());
            const auto line = all_.substr(at, line_end - at);
            const auto next = std::min(line_end + 1, all_.size());
            if (line.starts_with(mark))
                begin_part(at, line.substr(mark.size()), next);
            else if (format_ == template_format::mustache || format_ == template_format::handlebars)
                read_tags(at, line_end);
            at = next;
        }
        span_.end = all_.size();
        prompt_body made;
        if (!chat_) {
            const auto span = trimmed(all_, span_);
            made.text = unescaped(span);
            made.options = options_at(span.begin);
            return made;
        }
        end_message();
        if (parts_.empty())
            source_.refuse(begin, "the chat has no message");
        made.chat.emplace(std::make_shared<const chat_program>(std::move(parts_), reader_.options(format_, source_.name())));
        for (const auto& name : optional_)
            made.chat = made.chat->optional(name);
        return made;
    }

private:
    struct tag {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::vector<std::string_view> words{};
        bool is(std::string_view first, std::size_t count) const { return words.size() == count && words.front() == first; }
    };

    // `at` never goes back, so that all places together are found in one pass.
    template_options options_at(std::size_t at)
    {
        auto made = reader_.options(format_, source_.name());
        line_ += static_cast<std::size_t>(
            std::count(all_.begin() + static_cast<std::ptrdiff_t>(counted_), all_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        counted_ = at;
        const auto newline = at == 0 ? std::string_view::npos : all_.rfind('\n', at - 1);
        const auto line_begin = newline == std::string_view::npos ? 0 : newline + 1;
        made.first_line = line_;
        made.first_column = 1 + count_code_points(all_.substr(line_begin, at - line_begin));
        return made;
    }
    std::string unescaped(text_span span) const
    {
        std::string text(all_.substr(span.begin, span.end - span.begin));
        for (auto at = text.starts_with("\\--- ") ? 0 : text.find("\n\\--- "); at != std::string::npos;
             at = text.find("\n\\--- ", at))
            text.erase(at + (text[at] == '\n'), 1);
        return text;
    }
    void add_block(content_block block, std::size_t at)
    {
        message_.content.push_back(std::move(block));
        message_options_.push_back(options_at(at));
    }
    void end_text(std::size_t end)
    {
        span_.end = end;
        const auto span = trimmed(all_, span_);
        if (span.begin < span.end)
            add_block(text_block(unescaped(span)), span.begin);
    }
    void end_message()
    {
        end_text(span_.end);
        if (!message_.content.empty())
            parts_.push_back({std::move(message_), std::move(message_options_)});
        message_ = message();
        message_.role = speaker_;
        message_options_.clear();
    }
    void begin_part(std::size_t at, std::string_view words, std::size_t next)
    {
        span_.end = at;
        end_message();
        chat_ = true;
        span_ = {next, next};
        const auto space = std::min(words.find(' '), words.size());
        if (words.substr(0, space) == "messages" && space < words.size())
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
        message_.role = speaker_;
    }
    void add(messages_placeholder hole, std::size_t at) { parts_.push_back({std::move(hole), {options_at(at)}}); }
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

    // --- dotprompt's tags, which may stand inside of a line

    // The tag at `open`, where one is closed before `end`.
    std::optional<tag> tag_at(std::size_t open, std::size_t end) const
    {
        const auto close = all_.substr(open).starts_with("{{") ? all_.find("}}", open) : std::string_view::npos;
        if (close == std::string_view::npos || close > end)
            return std::nullopt;
        tag t{open, close + 2, {}};
        for (auto at = open + 2; at < close;) {
            at = std::min(all_.find_first_not_of(white, at), close);
            const auto word_end = std::min(all_.find_first_of(white, at), close);
            if (at < word_end)
                t.words.push_back(all_.substr(at, word_end - at));
            at = word_end;
        }
        return t;
    }
    std::optional<tag> tag_behind(const tag& t, std::size_t end) const
    {
        return tag_at(std::min(all_.find_first_not_of(" \t", t.end), all_.size()), end);
    }
    void read_tags(std::size_t at, std::size_t end)
    {
        for (auto open = all_.find("{{", at); open < end; open = all_.find("{{", at)) {
            const auto t = tag_at(open, end);
            at = t ? t->end : open + 2;
            if (!t || t->words.empty() || (open > 0 && all_[open - 1] == '\\'))
                continue;
            const auto first = t->words.front();
            if (blocks_ == 0 && take_optional_media(*t, end))
                at = span_.begin;
            else if (first.front() == '#' || (first.front() == '^' && first.size() > 1))
                ++blocks_;
            else if (first.front() == '/')
                blocks_ -= blocks_ > 0;
            else if (blocks_ == 0)
                take(*t);
        }
    }
    void take(const tag& t)
    {
        if (t.is("history", 1)) {
            begin_behind(t);
            end_message();
            add(messages_placeholder("history").optional(), t.begin);
        } else if (t.is("role", 2)) {
            begin_behind(t);
            end_message();
            set_role(t.begin, std::string(unquoted(t.words[1])));
        } else if (t.words.front() == "media" && t.words.size() > 1) {
            begin_behind(t);
            add_media(t);
        } else if (t.words.front() == "section" && t.words.size() > 1) {
            source_.refuse(
                t.begin,
                "{{section …}} is not supported: it is for programs that put a text of their own there; give it as a value");
        }
    }
    // Ends the text before the tag.
    void begin_behind(const tag& t)
    {
        end_text(t.begin);
        chat_ = true;
        span_ = {t.end, t.end};
    }
    // {{#if picture}}{{media url=picture}}{{/if}}
    bool take_optional_media(const tag& t, std::size_t end)
    {
        const auto inner = t.is("#if", 2) ? tag_behind(t, end) : std::nullopt;
        const auto last =
            inner && !inner->words.empty() && inner->words.front() == "media" ? tag_behind(*inner, end) : std::nullopt;
        if (!last || !last->is("/if", 1))
            return false;
        begin_behind(t);
        if (add_media(*inner) != t.words[1])
            source_.refuse(t.begin, "a picture that may be missing is {{#if picture}}{{media url=picture}}{{/if}}, with one name");
        optional_.emplace_back(t.words[1]);
        span_ = {last->end, last->end};
        return true;
    }
    // Returns what stands behind url=.
    std::string_view add_media(const tag& t)
    {
        std::string_view url, type;
        for (const auto word : std::vector(t.words.begin() + 1, t.words.end())) {
            const auto mark_at = std::min(word.find('='), word.size());
            const auto value = word.substr(std::min(mark_at + 1, word.size()));
            if (word.starts_with("url=") && !value.empty())
                url = value;
            else if (word.starts_with("contentType=") && !unquoted(value).empty())
                type = unquoted(value);
            else
                source_.refuse(t.begin, "media takes url=name, and contentType=\"image/png\" where it is no picture: \"" +
                                            std::string(word) + "\" is neither");
        }
        if (url.empty())
            source_.refuse(t.begin, "media needs url=name");
        const auto address = unquoted(url).empty() ? "{{" + std::string(url) + "}}" : std::string(unquoted(url));
        if (type.starts_with("audio/"))
            add_block(audio_url(address), t.begin);
        else if (type.empty() || type.starts_with("image/"))
            add_block(image_url(address), t.begin);
        else
            add_block(file_url(address), t.begin);
        return url;
    }

    const prompt_file_reader& reader_;
    const template_source& source_;
    std::string_view all_;
    template_format format_;
    text_span span_{0, 0};
    role speaker_ = role::user;
    bool chat_ = false;
    message message_{role::user, content()};
    std::vector<template_options> message_options_{};
    std::vector<sourced_part> parts_{};
    std::vector<std::string> optional_{};
    std::size_t blocks_ = 0;  // that are open
    std::size_t counted_ = 0, line_ = 1;
};

}  // namespace

prompt_body read_prompt_body(const prompt_file_reader& reader, const template_source& source, template_format format,
                             std::size_t begin)
{
    return body_reader(reader, source, format).read(begin);
}

}  // namespace zincir::detail

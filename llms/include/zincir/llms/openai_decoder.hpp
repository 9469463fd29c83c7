#pragma once

#include <zincir/llms/chat_codec.hpp>
#include <zincir/llms/openai_error.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace zincir {

/// What a provider's replies may differ in. Shared by the decoders of all its replies.
struct openai_reply_rules {
    provider_context who{};
    std::map<std::string, finish_reason, std::less<>> finish_words{};  ///< lower case; beside the usual ones
};

/// The provider's finish word in one vocabulary: `words` first, then the words in use among OpenAI-compatible servers, whatever
/// their case; `other` for an unknown one, `none` for "". Pure.
finish_reason unified_finish(std::string_view word, const std::map<std::string, finish_reason, std::less<>>& words);

/// Token counts of a `usage` object of any OpenAI-compatible server. Nullopt where it counts nothing. Pure.
std::optional<usage> read_openai_usage(const json::value& v);

/// Reads replies of the OpenAI chat-completions API: streamed and whole alike, for a whole body is one event of a stream.
///
/// The common chunk is read without building a document. Extras stay under their own names in message::metadata. Sources: OpenAI's
/// API reference; the oddities of other servers as captured from them (see docs on providers).
class openai_decoder final : public chat_decoder {
public:
    /// `candidates` were asked for.
    explicit openai_decoder(std::shared_ptr<const openai_reply_rules> rules, std::int64_t candidates = 1)
        : rules_(std::move(rules)), candidates_(candidates)
    {}

    void event(const sse_event& e, chat_emitter& out) override;
    void body(std::string_view json, chat_emitter& out) override;
    void strays(std::string_view lines, bool at_end, chat_emitter& out) override;
    bool expects_more() const override;
    error rejected(unsigned status, const http_headers& headers, std::string_view body) const override;
    error foreign(unsigned status, const http_headers& headers, std::string_view body) const override;
    std::string request_id(const http_headers& headers) const override;

private:
    bool read_common(std::string_view data, chat_emitter& out);
    bool read_like_last(std::string_view data, chat_emitter& out);
    void remember(std::string_view data, std::string_view text);
    void read_document(std::string_view data, bool whole, chat_emitter& out);
    enum class part : std::uint8_t { of_content, of_reasoning, of_arguments };
    std::string_view joined(std::string_view raw, bool escaped, part of, std::optional<std::int64_t> call, chat_emitter& out);
    void flush_surrogate(chat_emitter& out);
    void check_protocol(chat_emitter& out) const;

    std::shared_ptr<const openai_reply_rules> rules_;
    std::int64_t candidates_;
    std::string scratch_{};
    std::string last_{};       // the last event, if it was the common one with text, without that text
    std::size_t text_at_ = 0;  // where in it the text was; 0: there is no such event
    // The first half of an escaped pair that the server split between two chunks, and what it is a piece of.
    std::string surrogate_{};
    part surrogate_of_ = part::of_content;
    std::optional<std::int64_t> surrogate_call_{};
    json::array other_choices_{};  // candidates beside the first, added up
};

}  // namespace zincir

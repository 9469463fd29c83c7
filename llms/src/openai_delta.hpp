#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zincir::detail {

/// The inside of a JSON string, checked (escapes, UTF-8, no control characters) and not yet decoded.
struct json_text {
    std::string_view raw{};
    bool escaped = false;
    explicit operator bool() const noexcept { return !raw.empty(); }
};

/// Decodes `text` into `out` and returns a view: of `text` itself where it holds no escape. An unpaired surrogate becomes U+FFFD.
std::string_view decode(const json_text& text, std::string& out);

/// The string at the beginning of `text`, whose opening quote is already read, or nullopt where that is no valid string.
std::optional<json_text> read_json_text(std::string_view text);

/// What the common chunk of a stream says. Views into the event.
struct openai_delta {
    std::string_view id{};
    std::string_view model{};
    std::string_view system_fingerprint{};
    std::string_view service_tier{};
    std::string_view provider{};
    json_text content{};
    json_text reasoning_content{};
    json_text reasoning{};
    bool has_call = false;  ///< one fragment of arguments, without id or name
    std::optional<std::int64_t> call_index{};
    json_text call_arguments{};
};

/// Reads the event without a document, and validates every byte of it, when it is the common chunk: one choice of index 0, its
/// delta with text, reasoning or a piece of a call's arguments, and nothing else that says anything. False for all else, right or
/// wrong: parse it fully.
bool scan_openai_delta(std::string_view event, openai_delta& out);

}  // namespace zincir::detail

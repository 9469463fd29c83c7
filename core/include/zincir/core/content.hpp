#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <utility>
#include <variant>

namespace zincir {

namespace json = boost::json;

// The blocks that a message's content is made of. They have constructors, so that they may be written inside a co_await expression.

struct text_block {
    text_block() = default;
    text_block(std::string t) : text(std::move(t)) {}
    std::string text{};  ///< UTF-8
};

/// The model's stated refusal, where the provider reports it apart from the text.
struct refusal_block {
    refusal_block() = default;
    explicit refusal_block(std::string t) : text(std::move(t)) {}
    std::string text{};
};

/// The model's reasoning, as far as the provider shows it.
struct reasoning_block {
    reasoning_block() = default;
    explicit reasoning_block(std::string t) : text(std::move(t)) {}
    std::string text{};
    json::object details{};  ///< what the provider wants back with it (`reasoning_details`, signatures), untouched
};

/// A picture, a sound or a file: either its address or its bytes.
struct media {
    std::string mime_type{};  ///< such as "image/png"
    std::string url{};        ///< http(s) address, or empty
    std::string base64{};     ///< the bytes, or empty
    std::string name{};       ///< file name, where one matters
    std::string detail{};     ///< images: "low", "high" or "auto"; empty leaves it to the provider
};

struct image_block {
    image_block() = default;
    explicit image_block(media m) : source(std::move(m)) {}
    media source{};
};
struct audio_block {
    audio_block() = default;
    explicit audio_block(media m) : source(std::move(m)) {}
    media source{};
};
struct file_block {
    file_block() = default;
    explicit file_block(media m) : source(std::move(m)) {}
    media source{};
};

/// The model wants a tool called. A call of this type is complete; what a cut stream left of one never becomes a tool_call.
struct tool_call {
    tool_call() = default;
    tool_call(std::string i, std::string n, std::string a) : id(std::move(i)), name(std::move(n)), arguments(std::move(a)) {}
    std::string id{};
    std::string name{};
    std::string arguments = "{}";  ///< JSON text as the model wrote it; an empty or null one has become "{}"
};

/// What a tool answered to the call with that id.
struct tool_result_block {
    tool_result_block() = default;
    tool_result_block(std::string id, std::string t, bool failed = false)
        : call_id(std::move(id)), text(std::move(t)), is_error(failed)
    {}
    std::string call_id{};
    std::string text{};
    bool is_error = false;
};

using content_block =
    std::variant<text_block, refusal_block, reasoning_block, image_block, audio_block, file_block, tool_call, tool_result_block>;

/// Most messages are one text: it lives in the message itself.
using content = boost::container::small_vector<content_block, 1>;

/// A picture, sound or file by its address; a picture's `detail` is "low", "high", "auto" or empty.
image_block image_url(std::string url, std::string detail = std::string());
audio_block audio_url(std::string url);
file_block file_url(std::string url, std::string name = std::string());
/// A picture, sound or file from its bytes. Without a type it is the one the bytes show: see sniff_media_type. Throw
/// errc::invalid_argument where they show none, or a type of another kind, or another type than the one stated.
image_block image_bytes(std::string_view bytes, std::string mime_type = std::string());
audio_block audio_bytes(std::string_view bytes, std::string mime_type = std::string());
file_block file_bytes(std::string_view bytes, std::string mime_type, std::string name);

}  // namespace zincir

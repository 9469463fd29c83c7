#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mock {

enum class fault { none, status_429, status_500, cut, in_band, stall, reset };
/// `none` for a word that names no fault.
fault fault_named(std::string_view word);

struct reply_options {
    std::size_t tokens = 32;       ///< content deltas of a stream
    std::size_t text_bytes = 160;  ///< of the text of a whole reply
    std::size_t pack = 0;          ///< fill HTTP chunks up to so many bytes; 0: an event a chunk
};

/// A complete HTTP/1.1 reply with a JSON body.
std::string http_reply(std::string_view status, std::string_view body, std::string_view more_headers = {});

/// Whether a request's head has this method and a path that ends so: each provider has a prefix of its own.
bool asks_for(std::string_view head, std::string_view method, std::string_view path_end);

/// Of a request's head; 0 where there is none.
std::size_t content_length(std::string_view head);

/// Whether `body` has `"key":` followed by true. Looks at bytes, not at JSON: the benchmarks' own requests cannot fool it.
bool is_true(std::string_view body, std::string_view quoted_key);

/// Every reply the server can give, built once. The bytes are those of Groq's API: the same fields, of the same length.
class replies {
public:
    explicit replies(const reply_options& options);

    /// A reply as one run of bytes: half of it for `cut` and `stall`.
    std::string_view whole(bool streams, bool with_usage, fault f) const;
    /// A stream as the head and one piece an event.
    const std::vector<std::string>& frames(bool with_usage, fault f) const;
    std::string_view models() const { return models_; }
    std::string_view not_found() const { return not_found_; }

private:
    struct stream {
        std::vector<std::string> frames{};
        std::string whole{};
    };
    stream make_stream(const reply_options& options, bool with_usage, bool with_error) const;

    std::string whole_{};
    std::string whole_error_{};
    std::string status_429_{};
    std::string status_500_{};
    std::string models_{};
    std::string not_found_{};
    stream plain_{};
    stream with_usage_{};
    stream with_error_{};
};

}  // namespace mock

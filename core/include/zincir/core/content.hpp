#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
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

/// A sequence of blocks, with the members of a std::vector that a conversation needs. Most messages are one text: the first block
/// lives in the object itself. Written out here because every user's file compiles it.
class content {
public:
    using value_type = content_block;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = content_block&;
    using const_reference = const content_block&;
    using iterator = content_block*;
    using const_iterator = const content_block*;

    content() noexcept : data_(inside()) {}
    content(std::initializer_list<content_block> blocks);
    content(const content& other);
    content(content&& other) noexcept;
    content& operator=(const content& other);
    content& operator=(content&& other) noexcept;
    ~content();

    bool empty() const noexcept { return size_ == 0; }
    size_type size() const noexcept { return size_; }
    iterator begin() noexcept { return data_; }
    iterator end() noexcept { return data_ + size_; }
    const_iterator begin() const noexcept { return data_; }
    const_iterator end() const noexcept { return data_ + size_; }
    reference operator[](size_type i) noexcept { return data_[i]; }
    const_reference operator[](size_type i) const noexcept { return data_[i]; }
    /// Throw std::out_of_range.
    reference at(size_type i);
    const_reference at(size_type i) const;
    reference front() noexcept { return *data_; }
    const_reference front() const noexcept { return *data_; }
    reference back() noexcept { return data_[size_ - 1]; }
    const_reference back() const noexcept { return data_[size_ - 1]; }

    void push_back(content_block block) { append(std::move(block)); }
    template <class... Args>
    reference emplace_back(Args&&... args)
    {
        return append(content_block(std::forward<Args>(args)...));
    }
    iterator insert(const_iterator before, content_block block);
    iterator erase(const_iterator block);
    void pop_back();
    void clear() noexcept;
    void reserve(size_type n);

private:
    content_block* inside() noexcept { return reinterpret_cast<content_block*>(first_); }
    reference append(content_block&& block);
    void take(content& other) noexcept;
    void let_go() noexcept;

    content_block* data_;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 1;
    alignas(content_block) std::byte first_[sizeof(content_block)];
};

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

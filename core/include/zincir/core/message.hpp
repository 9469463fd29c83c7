#pragma once

#include <zincir/core/content.hpp>
#include <zincir/core/error.hpp>
#include <zincir/core/usage.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

enum class role { system, developer, user, assistant, tool };
std::string_view name(role r) noexcept;

/// Why the model stopped, in one vocabulary; `message::raw_finish` has the provider's word.
enum class finish_reason { none, stop, length, tool_calls, content_filter, other };
std::string_view name(finish_reason f) noexcept;

/// How a message ended.
enum class message_status {
    complete,  ///< whole: also every message that a program wrote itself
    length,    ///< cut by a token limit, and the provider said so
    aborted,   ///< the caller stopped it; what had come by then
    failed,    ///< an error ended it; what had come by then
};
std::string_view name(message_status s) noexcept;

/// What a provider said about a reply.
struct reply_info {
    std::string raw_finish{};  ///< the provider's word for the finish reason
    std::string id{};          ///< the provider's id of the reply
    std::string model{};       ///< the model that spoke, by the provider's word
    std::optional<zincir::usage> usage{};
    std::vector<std::string> warnings{};  ///< settings that could not be sent, and other things the caller should know
    json::object metadata{};              ///< provider's extras by their own names: logprobs, system_fingerprint, x_groq, …
};

/// One turn of a conversation: a role, blocks of content and, for a reply, what the provider said about it.
class message {
public:
    message() = default;
    message(zincir::role r, std::string text) : role(r) { content.emplace_back(text_block(std::move(text))); }
    message(zincir::role r, zincir::content blocks) : role(r), content(std::move(blocks)) {}

    /// The text blocks joined; reasoning and refusals are left out.
    std::string text() const&;
    std::string text() &&;
    std::string reasoning() const;
    std::string refusal() const;
    std::vector<tool_call> tool_calls() const;

    zincir::role role = zincir::role::user;
    message_status status = message_status::complete;
    finish_reason finish = finish_reason::none;  ///< of a reply
    zincir::content content{};
    std::string name{};  ///< of the participant, where the provider takes one

    const reply_info& info() const noexcept { return info_.get(); }
    /// To fill it in. Most messages are not replies: it takes memory from the first call on.
    reply_info& info() { return info_.make(); }
    const std::optional<zincir::usage>& usage() const noexcept { return info().usage; }
    const std::string& model() const noexcept { return info().model; }
    const std::vector<std::string>& warnings() const noexcept { return info().warnings; }
    const json::object& metadata() const noexcept { return info().metadata; }

private:
    // A reply_info that is not there until it is needed: keeps messages cheap to move.
    class lazy_info {
    public:
        lazy_info() noexcept = default;
        lazy_info(const lazy_info& other) : info_(other.info_ ? std::make_unique<reply_info>(*other.info_) : nullptr) {}
        lazy_info(lazy_info&&) noexcept = default;
        lazy_info& operator=(lazy_info other) noexcept
        {
            info_ = std::move(other.info_);
            return *this;
        }
        const reply_info& get() const noexcept;
        reply_info& make()
        {
            if (!info_)
                info_ = std::make_unique<reply_info>();
            return *info_;
        }

    private:
        std::unique_ptr<reply_info> info_{};
    };
    lazy_info info_{};
};

/// A conversation. Converts from a text (one user message) and from one message, so a model can be asked with either.
class messages : public std::vector<message> {
public:
    using std::vector<message>::vector;
    messages() = default;
    messages(std::string text) { emplace_back(role::user, std::move(text)); }
    messages(const char* text) : messages(std::string(text)) {}
    messages(message one) { push_back(std::move(one)); }
    template <std::same_as<message>... M>
        requires(sizeof...(M) >= 2)
    messages(M... turns)
    {
        reserve(sizeof...(M));
        (push_back(std::move(turns)), ...);
    }
};

message system(std::string text);
/// Makes an unqualified `system("…")` under `using namespace zincir` ambiguous, where it would run a shell: write `zincir::system`.
message system(const char* text);
message developer(std::string text);
message user(std::string text);
message assistant(std::string text);
/// The answer of a tool to the call with this id.
message tool_result(std::string call_id, std::string text, bool is_error = false);

/// A user message of several blocks: `user_parts(text_block("What is this?"), image_url("https://…"))`.
template <class... Blocks>
    requires(std::constructible_from<content_block, Blocks> && ...)
message user_parts(Blocks... blocks)
{
    message m;
    m.role = role::user;
    (m.content.emplace_back(std::move(blocks)), ...);
    return m;
}

/// Throws errc::invalid_argument for a conversation that no provider should see: empty; a tool result without its call; a message
/// of the role tool without a result; a call without a result before the next turn; two calls with one id; a failed or aborted
/// reply sent back; invalid UTF-8. Turns of one role may follow each other, and a message may be empty: providers take both. The
/// message says which message and what to do.
void check_history(const messages& history);

}  // namespace zincir

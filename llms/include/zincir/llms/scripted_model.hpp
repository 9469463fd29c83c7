#pragma once

#include <zincir/core/chat_model.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <string>
#include <vector>

namespace zincir {

class scripted_backend;

/// What a scripted model does on one call: answers, breaks off, fails or stays silent. Made of a text, a message or an error.
class scripted_reply {
public:
    using duration = std::chrono::steady_clock::duration;

    scripted_reply(std::string text);
    scripted_reply(const char* text) : scripted_reply(std::string(text)) {}
    /// Streamed as the message's blocks, one piece each. Without a finish reason it gets the one that fits.
    scripted_reply(message whole);
    scripted_reply(error failure);

    /// A text that is streamed in these pieces.
    static scripted_reply pieces(std::vector<std::string> texts);
    /// These chunks exactly. Without a finish reason among them the reply is errc::truncated, streamed or whole.
    static scripted_reply chunks(std::vector<message_chunk> chunks);
    /// Never answers: the call ends when it is cancelled or its deadline passes.
    static scripted_reply silence();

    /// The same, beginning `delay` later; for an error, failing then.
    [[nodiscard]] scripted_reply after(duration delay) const;
    /// The same, with `pause` before every piece but the first.
    [[nodiscard]] scripted_reply paced(duration pause) const;
    /// The same pieces without their end: `failure` follows, with the partial message in its facts.
    [[nodiscard]] scripted_reply then_fail(error failure) const;

private:
    friend class scripted_backend;
    scripted_reply() = default;
    std::shared_ptr<const message> whole_{};  // or else chunks_
    std::vector<message_chunk> chunks_{};
    std::shared_ptr<const error> failure_{};  // in place of the end
    duration delay_{0};
    duration pause_{0};
};

/// A test double: a chat_model that plays a script, one reply a call, in the order in which the calls start, and records what it
/// was asked. Copies share the script and the record, and so do the models that `with()` and `with_tools()` return.
///
///     scripted_model model("Bonjour", error(errc::rate_limited, "slow down"), scripted_reply::silence());
///     auto chain = prompt | model | to_text();
///
/// A call beyond the script is errc::script_ended. Delays, deadlines and cancellation run on the call's executor: a cancelled or
/// expired call ends at once with errc::cancelled or deadline_exceeded. All members are thread-safe.
class scripted_model : public chat_model {
public:
    /// An empty script: see `then()`.
    scripted_model();
    template <std::convertible_to<scripted_reply>... Replies>
        requires(sizeof...(Replies) >= 1) && (!std::derived_from<std::remove_cvref_t<Replies>, chat_model> && ...)
    explicit scripted_model(Replies... replies) : scripted_model()
    {
        (then(scripted_reply(std::move(replies))), ...);
    }

    /// Adds a reply at the end of the script.
    scripted_model& then(scripted_reply reply);
    /// What profile() says from now on; by default nothing is known.
    scripted_model& set_profile(model_profile profile);

    /// The requests so far, in the order in which the calls started.
    std::vector<chat_request> requests() const;
    std::size_t calls() const;
    /// Replies not played yet.
    std::size_t remaining() const;
    /// Calls that have started and not ended: 0 after a cancelled chain shows that it left nobody at work.
    std::size_t at_work() const;

private:
    explicit scripted_model(std::shared_ptr<scripted_backend> backend);
    std::shared_ptr<scripted_backend> script_;
};

}  // namespace zincir

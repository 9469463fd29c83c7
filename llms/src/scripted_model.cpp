#include <zincir/llms/scripted_model.hpp>

#include <zincir/core/error.hpp>
#include <zincir/llms/function_model.hpp>

#include "pause.hpp"

#include <algorithm>
#include <deque>
#include <mutex>

namespace zincir {

namespace {

bool ends(const message_chunk& chunk) { return chunk.facts && chunk.facts->finish != finish_reason::none; }

message_chunk end_of_reply()
{
    auto facts = std::make_shared<chunk_facts>();
    facts->finish = finish_reason::stop;
    message_chunk last;
    last.facts = std::move(facts);
    return last;
}

}  // namespace

scripted_reply::scripted_reply(std::string text) : scripted_reply(message(role::assistant, std::move(text))) {}

scripted_reply::scripted_reply(message whole) : whole_(std::make_shared<const message>(detail::finished_reply(std::move(whole)))) {}

scripted_reply::scripted_reply(error failure) : failure_(std::make_shared<const error>(std::move(failure))) {}

scripted_reply scripted_reply::pieces(std::vector<std::string> texts)
{
    std::vector<message_chunk> list;
    for (auto& text : texts)
        list.emplace_back(std::move(text));
    if (!list.empty()) {
        list.front().opens = true;
        list.back().closes = true;
    }
    list.push_back(end_of_reply());
    return chunks(std::move(list));
}

scripted_reply scripted_reply::chunks(std::vector<message_chunk> list)
{
    scripted_reply reply;
    reply.chunks_ = std::move(list);
    return reply;
}

scripted_reply scripted_reply::silence() { return scripted_reply().after(duration::max()); }

scripted_reply scripted_reply::after(duration delay) const
{
    auto copy = *this;
    copy.delay_ = delay;
    return copy;
}

scripted_reply scripted_reply::paced(duration pause) const
{
    auto copy = *this;
    copy.pause_ = pause;
    return copy;
}

scripted_reply scripted_reply::then_fail(error failure) const
{
    auto copy = *this;
    copy.failure_ = std::make_shared<const error>(std::move(failure));
    return copy;
}

/// The script and the record, shared by all copies of a model.
class scripted_backend final : public chat_backend {
public:
    awaitable<message> generate(chat_request request, run_context ctx) const override;
    zincir::stream<message_chunk> stream(chat_request request, run_context ctx) const override;
    model_profile profile(std::string_view request_model) const override
    {
        const std::lock_guard lock(mutex_);
        if (profile_)
            return *profile_;
        return chat_backend::profile(request_model);
    }
    std::string name() const override { return "scripted"; }

    mutable std::mutex mutex_;
    mutable std::deque<scripted_reply> script_;
    mutable std::vector<chat_request> requests_;
    mutable std::size_t at_work_ = 0;
    std::optional<model_profile> profile_;

private:
    class playback;
};

/// One call: takes its reply from the script when it starts and plays it, one chunk a next().
class scripted_backend::playback {
public:
    playback(const scripted_backend& owner, chat_request request, run_context ctx)
        : owner_(&owner), request_(std::move(request)), ctx_(std::move(ctx))
    {}
    playback(playback&& other) noexcept = default;
    ~playback() { leave(); }

    awaitable<std::optional<message_chunk>> operator()()
    {
        if (ended_)
            co_return std::nullopt;
        try {
            auto chunk = co_await next();
            if (!chunk)
                leave();
            co_return chunk;
        } catch (...) {
            leave();
            throw;
        }
    }

    /// The reply as it was written down, or nothing where it is made of chunks.
    awaitable<std::optional<message>> whole()
    {
        start();
        if (!reply_.whole_ || reply_.failure_)
            co_return std::nullopt;
        co_await detail::pause(reply_.delay_, ctx_);
        co_return *reply_.whole_;
    }

private:
    void start()
    {
        if (counted_)
            return;
        const std::lock_guard lock(owner_->mutex_);
        owner_->requests_.push_back(std::move(request_));
        if (owner_->script_.empty())
            throw error(errc::script_ended, "the scripted model was called " + std::to_string(owner_->requests_.size()) +
                                                " times, but its script is shorter: add a reply with then()");
        reply_ = std::move(owner_->script_.front());
        owner_->script_.pop_front();
        ++owner_->at_work_;
        counted_.reset(owner_);
    }

    void leave()
    {
        ended_ = true;
        if (!counted_)
            return;
        const std::lock_guard lock(owner_->mutex_);
        --owner_->at_work_;
        counted_.release();
    }

    awaitable<std::optional<message_chunk>> next()
    {
        if (!begun_) {
            start();
            co_await detail::pause(reply_.delay_, ctx_);
            begun_ = true;
            if (reply_.whole_)
                pieces_ = stream_of_message(*reply_.whole_);
        } else {
            co_await detail::pause(reply_.pause_, ctx_);
        }
        auto chunk = co_await following();
        if (chunk && !(reply_.failure_ && ends(*chunk))) {
            finished_ = finished_ || ends(*chunk);
            sum_.add(*chunk);
            co_return chunk;
        }
        if (reply_.failure_)
            fail();
        if (!finished_) {
            diagnostics facts;
            facts.message = "the scripted reply has no finish reason: a reply that ends without one was cut";
            facts.partial = std::make_shared<const message>(sum_.partial(message_status::failed));
            throw error(errc::truncated, std::move(facts));
        }
        co_return std::nullopt;
    }

    awaitable<std::optional<message_chunk>> following()
    {
        if (reply_.whole_)
            return pieces_.next();
        return listed();
    }
    awaitable<std::optional<message_chunk>> listed()
    {
        if (position_ == reply_.chunks_.size())
            co_return std::nullopt;
        co_return std::move(reply_.chunks_[position_++]);
    }

    [[noreturn]] void fail()
    {
        auto facts = reply_.failure_->facts();
        if (!facts.partial && (reply_.whole_ || !reply_.chunks_.empty()))
            facts.partial = std::make_shared<const message>(sum_.partial(message_status::failed));
        throw reply_.failure_->with(std::move(facts));
    }

    // Counts a call in while it is set; moves with the playback.
    struct uncounted {
        void operator()(const scripted_backend*) const noexcept {}
    };
    const scripted_backend* owner_;
    chat_request request_;
    run_context ctx_;
    std::unique_ptr<const scripted_backend, uncounted> counted_;
    scripted_reply reply_;
    zincir::stream<message_chunk> pieces_;
    message_builder sum_;
    std::size_t position_ = 0;
    bool begun_ = false;
    bool finished_ = false;
    bool ended_ = false;
};

awaitable<message> scripted_backend::generate(chat_request request, run_context ctx) const
{
    playback call(*this, std::move(request), std::move(ctx));
    if (auto whole = co_await call.whole())
        co_return std::move(*whole);
    message_builder sum;
    while (auto chunk = co_await call())
        sum.add(std::move(*chunk));
    co_return sum.take();
}

zincir::stream<message_chunk> scripted_backend::stream(chat_request request, run_context ctx) const
{
    return zincir::stream<message_chunk>(playback(*this, std::move(request), std::move(ctx)));
}

scripted_model::scripted_model() : scripted_model(std::make_shared<scripted_backend>()) {}

scripted_model::scripted_model(std::shared_ptr<scripted_backend> backend) : chat_model(backend), script_(std::move(backend)) {}

scripted_model& scripted_model::then(scripted_reply reply)
{
    const std::lock_guard lock(script_->mutex_);
    script_->script_.push_back(std::move(reply));
    return *this;
}

scripted_model& scripted_model::set_profile(model_profile profile)
{
    const std::lock_guard lock(script_->mutex_);
    script_->profile_ = std::move(profile);
    return *this;
}

std::vector<chat_request> scripted_model::requests() const
{
    const std::lock_guard lock(script_->mutex_);
    return script_->requests_;
}

std::size_t scripted_model::calls() const
{
    const std::lock_guard lock(script_->mutex_);
    return script_->requests_.size();
}

std::size_t scripted_model::remaining() const
{
    const std::lock_guard lock(script_->mutex_);
    return script_->script_.size();
}

std::size_t scripted_model::at_work() const
{
    const std::lock_guard lock(script_->mutex_);
    return script_->at_work_;
}

}  // namespace zincir

#include <zincir/net/scripted_transport.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <mutex>

namespace zincir {

scripted_response::scripted_response(unsigned status, std::string body) : status_(status)
{
    if (!body.empty())
        pieces_.push_back(std::move(body));
}

scripted_response::scripted_response(error failure) : failure_(std::move(failure)) {}

scripted_response scripted_response::pieces(std::vector<std::string> body)
{
    scripted_response response;
    std::erase(body, std::string());
    response.pieces_ = std::move(body);
    return response;
}

scripted_response scripted_response::header(std::string name, std::string value) const
{
    auto changed = *this;
    changed.headers_.add(std::move(name), std::move(value));
    return changed;
}

scripted_response scripted_response::after(duration delay) const
{
    auto changed = *this;
    changed.delay_ = delay;
    return changed;
}

scripted_response scripted_response::paced(duration pause) const
{
    auto changed = *this;
    changed.pause_ = pause;
    return changed;
}

scripted_response scripted_response::then_fail(error failure) const
{
    auto changed = *this;
    changed.body_failure_ = std::move(failure);
    return changed;
}

struct scripted_transport::state {
    mutable std::mutex mutex{};
    std::deque<scripted_response> script{};    // guarded by mutex
    std::vector<recorded_request> requests{};  // guarded by mutex
};

namespace {

using clock = run_context::clock;

awaitable<void> pass_time(scripted_response::duration delay, clock::time_point deadline)
{
    if (delay <= scripted_response::duration::zero())
        co_return;
    const auto now = clock::now();
    const bool late = deadline <= now || delay >= deadline - now;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_at(late ? deadline : now + delay);
    auto [ec] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (ec)
        throw error(errc::cancelled, "the scripted call was cancelled");
    if (late)
        throw error(errc::deadline_exceeded, "the deadline of the run passed during a scripted delay");
}

struct scripted_body {
    std::deque<std::string> pieces;
    std::optional<error> failure;
    scripted_response::duration pause;
    clock::time_point deadline;

    awaitable<std::optional<std::string>> operator()()
    {
        if (pieces.empty()) {
            if (const auto e = std::exchange(failure, std::nullopt))
                throw *e;
            co_return std::nullopt;
        }
        co_await pass_time(pause, deadline);
        auto piece = std::move(pieces.front());
        pieces.pop_front();
        co_return piece;
    }
};

}  // namespace

scripted_transport::scripted_transport(std::vector<scripted_response> script) : state_(std::make_shared<state>())
{
    state_->script.assign(std::move_iterator(script.begin()), std::move_iterator(script.end()));
}

scripted_transport& scripted_transport::then(scripted_response response)
{
    const std::lock_guard lock(state_->mutex);
    state_->script.push_back(std::move(response));
    return *this;
}

std::vector<recorded_request> scripted_transport::requests() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->requests;
}

std::size_t scripted_transport::remaining() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->script.size();
}

awaitable<http_response> scripted_transport::send(http_request request, run_context ctx)
{
    const auto shared = state_;
    scripted_response answer;
    {
        const std::lock_guard lock(shared->mutex);
        recorded_request seen;
        seen.method = std::move(request.method);
        seen.url = std::move(request.url);
        seen.headers = std::move(request.headers);
        seen.body = std::move(request.body);
        seen.timeouts = request.timeouts;
        seen.had_bearer = !request.bearer.empty();
        shared->requests.push_back(std::move(seen));
        if (shared->script.empty())
            throw error(errc::script_ended, "the scripted transport was sent request number " +
                                                std::to_string(shared->requests.size()) +
                                                " and has no response left for it: add one with then()");
        answer = std::move(shared->script.front());
        shared->script.pop_front();
    }
    co_await pass_time(answer.delay_, ctx.deadline());
    if (answer.failure_)
        throw *answer.failure_;
    http_response response;
    response.status = answer.status_;
    response.headers = std::move(answer.headers_);
    scripted_body body{{std::move_iterator(answer.pieces_.begin()), std::move_iterator(answer.pieces_.end())},
                       std::move(answer.body_failure_),
                       answer.pause_,
                       ctx.deadline()};
    response.body = stream<std::string>(std::move(body));
    co_return response;
}

}  // namespace zincir

#include "exchange_clock.hpp"

#include <algorithm>

namespace zincir::detail {

namespace {

using time_point = exchange_clock::time_point;

time_point after(time_point start, std::chrono::milliseconds limit)
{
    if (limit <= std::chrono::milliseconds::zero() ||
        limit >= std::chrono::floor<std::chrono::milliseconds>(time_point::max() - start))
        return time_point::max();
    return start + limit;
}

}  // namespace

exchange_clock::exchange_clock(const http_timeouts& limits, time_point deadline, std::shared_ptr<content_clock> content,
                               time_point now)
    : limits_(limits),
      content_(std::move(content)),
      deadline_(deadline),
      start_(now),
      connect_start_(now),
      idle_since_(now),
      left_at_(now),
      end_since_(now)
{}

void exchange_clock::connecting(time_point now)
{
    connect_start_ = now;
    phase_ = phase::connecting;
}

void exchange_clock::connected() noexcept { phase_ = phase::first_content; }

void exchange_clock::reader_waits(time_point now) noexcept
{
    if (reader_waits_)
        return;
    reader_waits_ = true;
    if (content_ && content_->end_limit() != end_limit_) {
        end_limit_ = content_->end_limit();
        end_since_ = now;
    } else {
        end_since_ += now - left_at_;
    }
    const bool content_came = content_ ? content_->last() >= left_at_ : phase_ == phase::streaming;
    if (content_came) {
        phase_ = phase::streaming;
        idle_since_ = now;
    } else {
        idle_since_ += now - left_at_;
    }
}

void exchange_clock::reader_left(time_point now) noexcept
{
    left_at_ = now;
    reader_waits_ = false;
    if (!content_)
        phase_ = phase::streaming;
}

exchange_clock::verdict exchange_clock::check(time_point now) const
{
    verdict found;
    auto earliest = time_point::max();
    const auto hold = [&](time_point limit, errc code) {
        if (limit <= now && limit < earliest) {
            found.expired = code;
            earliest = limit;
        }
        found.next_check = std::min(found.next_check, limit);
    };
    hold(deadline_, errc::deadline_exceeded);
    hold(after(start_, limits_.request), errc::request_timeout);
    if (phase_ == phase::connecting)
        hold(after(connect_start_, limits_.connect), errc::connect_timeout);
    if (phase_ == phase::first_content && reader_waits_)
        hold(after(start_, limits_.first_content), errc::first_content_timeout);
    if (phase_ == phase::streaming && reader_waits_)
        hold(after(idle_since_, limits_.idle), errc::idle_timeout);
    if (reader_waits_)
        hold(after(end_since_, end_limit_), errc::idle_timeout);
    return found;
}

std::string exchange_clock::describe(errc expired, const std::string& host) const
{
    const auto ms = [](std::chrono::milliseconds limit) { return std::to_string(limit.count()) + " ms"; };
    switch (expired) {
        case errc::connect_timeout:
            return "no connection to " + host + " within " + ms(limits_.connect) +
                   " (timeout connect): check the address, the network and the proxy";
        case errc::first_content_timeout:
            return "no content from " + host + " within " + ms(limits_.first_content) +
                   " (timeout first_content): the model may need longer, or the server is overloaded";
        case errc::idle_timeout:
            if (end_limit_ > std::chrono::milliseconds::zero())
                return "no end of the response from " + host + " within " + ms(end_limit_) + " (timeout idle)";
            return "no further content from " + host + " for " + ms(limits_.idle) + " (timeout idle)";
        case errc::request_timeout:
            return "the request to " + host + " was not complete within " + ms(limits_.request) + " (timeout request)";
        default:
            return "the deadline of the run passed while waiting for " + host;
    }
}

}  // namespace zincir::detail

#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/run_context.hpp>
#include <zincir/net/http_transport.hpp>

namespace zincir::detail {

/// The limits of one call against what has happened in it. Pure: whoever owns a timer asks it. Used on the call's strand.
class exchange_clock {
public:
    using time_point = run_context::clock::time_point;

    exchange_clock(const http_timeouts& limits, time_point deadline, std::shared_ptr<content_clock> content, time_point now);

    void connecting(time_point now);  ///< begins, or begins again
    void connected() noexcept;        ///< from here first_content, then idle
    /// A reader begins to wait for the body; the time since `reader_left` does not count as idle.
    void reader_waits(time_point now) noexcept;
    /// A piece is handed out. Without a content clock each is content.
    void reader_left(time_point now) noexcept;
    /// The whole response is there: the reader is told, if it listens.
    void complete() noexcept
    {
        if (content_)
            content_->mark_complete();
    }

    struct verdict {
        std::optional<errc> expired{};
        time_point next_check = time_point::max();  ///< when to ask again at the latest; max: never
    };
    verdict check(time_point now) const;
    /// What the error says: which limit, and how long it was.
    std::string describe(errc expired, const std::string& host) const;

private:
    enum class phase { connecting, first_content, streaming };
    http_timeouts limits_;
    std::shared_ptr<content_clock> content_;
    time_point deadline_;
    time_point start_;
    time_point connect_start_;
    time_point idle_since_;
    time_point left_at_;
    time_point end_since_;  // when the reader began to wait for an end alone, its time away left out
    std::chrono::milliseconds end_limit_{};
    phase phase_ = phase::connecting;
    bool reader_waits_ = true;
};

}  // namespace zincir::detail

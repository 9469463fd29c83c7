#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace zincir {

class error;
class run_context;

/// Is told what a run does: of each step on_start, then exactly one of on_end and on_error. Steps inside `parallel`, `batch` and
/// retries are nested by their paths. A stream's step starts with its first next() and ends with its end; dropped midway it is
/// errc::cancelled. Called on the run's own strand, between its steps: it must not block. What it throws is ignored.
class observer {
public:
    virtual ~observer() = default;
    /// A step begins. `ctx.path()` names it.
    virtual void on_start(const run_context& /*ctx*/, std::string_view /*step*/) {}
    /// The step that began at `ctx.path()` has its result.
    virtual void on_end(const run_context& /*ctx*/, std::string_view /*step*/) {}
    /// The step that began at `ctx.path()` failed.
    virtual void on_error(const run_context& /*ctx*/, std::string_view /*step*/, const error& /*e*/) {}
};

/// What travels down a run: deadline, observer, run id, step path, tags. A small value: copying one costs two words and, once
/// anything but a deadline is set, one reference count. Each `with_*` returns a changed copy. Immutable, hence thread-safe.
class run_context {
public:
    using clock = std::chrono::steady_clock;

    run_context() noexcept = default;

    /// The earlier of `at` and the deadline so far: a deadline only ever comes nearer.
    [[nodiscard]] run_context with_deadline(clock::time_point at) const;
    /// A time too long for the clock is none.
    template <class Rep, class Period>
    [[nodiscard]] run_context with_timeout(std::chrono::duration<Rep, Period> from_now) const
    {
        const auto seconds = std::chrono::duration<double>(from_now).count();
        if (seconds < -longest_seconds)
            return with_deadline(clock::time_point::min());
        return seconds < longest_seconds ? with_deadline(clock::now() + std::chrono::duration_cast<clock::duration>(from_now))
                                         : *this;
    }
    /// Reports this run to `watcher`, which is kept alive. A run without an id gets one.
    [[nodiscard]] run_context with_observer(std::shared_ptr<observer> watcher) const;
    [[nodiscard]] run_context with_run_id(std::string id) const;
    [[nodiscard]] run_context with_tag(std::string tag) const;
    /// The context of a step inside this one: `segment` is added to the path. Free where nobody observes.
    [[nodiscard]] run_context enter(std::string_view segment) const;

    /// `time_point::max()` when there is none.
    clock::time_point deadline() const noexcept { return deadline_; }
    bool has_deadline() const noexcept { return deadline_ != clock::time_point::max(); }
    bool observed() const noexcept;
    zincir::observer* watcher() const noexcept;
    std::string_view run_id() const noexcept;
    /// Such as "chain[2]/parallel.context"; kept only while the run is observed.
    std::string_view path() const noexcept;
    const std::vector<std::string>& tags() const noexcept;

private:
    // Whether a time can be told to the clock is asked before it is converted, which might overflow.
    static constexpr double longest_seconds = std::chrono::duration<double>(clock::duration::max()).count() / 4;

    struct details;
    details copy_details() const;

    clock::time_point deadline_ = clock::time_point::max();
    std::shared_ptr<const details> details_;
};

// g++ 12 destroys aggregate default arguments of awaited calls at the wrong address; `ctx = {}` needs this to stay true.
static_assert(!std::is_aggregate_v<run_context>);

}  // namespace zincir

#pragma once

#include <zincir/core/run_context.hpp>

#include <exception>
#include <string>

namespace zincir::detail {

/// One step's report to the observer: on_start when made, then exactly one of on_end and on_error. Dropped before its end, as when
/// a stream is not read on, it reports errc::cancelled. What an observer throws is ignored: watching changes no run.
class observation {
public:
    observation(run_context ctx, std::string step) noexcept;
    observation(const observation&) = delete;
    observation& operator=(const observation&) = delete;
    ~observation();
    void succeeded() noexcept;
    void failed(std::exception_ptr e) noexcept;

private:
    run_context ctx_;
    std::string step_;
    bool open_ = true;
};

}  // namespace zincir::detail

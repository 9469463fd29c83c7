#include <zincir/core/detail/observation.hpp>

#include <zincir/core/error.hpp>

namespace zincir::detail {
namespace {

template <class Report>
void tell(const run_context& ctx, Report report) noexcept
{
    if (!ctx.observed())
        return;
    try {
        report(*ctx.watcher());
    } catch (...) {  // watching changes no run
    }
}

}  // namespace

observation::observation(run_context ctx, std::string step) noexcept : ctx_(std::move(ctx)), step_(std::move(step))
{
    tell(ctx_, [this](observer& watcher) { watcher.on_start(ctx_, step_); });
}

observation::~observation()
{
    if (open_)
        failed(std::make_exception_ptr(error(errc::cancelled, "the step was dropped before its end")));
}

void observation::succeeded() noexcept
{
    if (std::exchange(open_, false))
        tell(ctx_, [this](observer& watcher) { watcher.on_end(ctx_, step_); });
}

void observation::failed(std::exception_ptr e) noexcept
{
    if (std::exchange(open_, false))
        tell(ctx_, [&](observer& watcher) { watcher.on_error(ctx_, step_, to_error(std::move(e))); });
}

}  // namespace zincir::detail

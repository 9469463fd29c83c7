#include "connection_pool.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>

#include <algorithm>
#include <array>

namespace zincir::detail {

namespace {

constexpr auto eviction_interval = std::chrono::seconds(1);
// A connection that was at work a moment ago is not asked whether it still lives and is silent: under load that would be a system
// call for each request.
constexpr auto trusted_idle_time = std::chrono::milliseconds(1);
// Up to so many connections have an inbox each: half a megabyte.
constexpr std::size_t inbox_connections = 128;

io_status status_of(const boost::system::error_code& failure, io_status blocked)
{
    if (failure == asio::error::would_block || failure == asio::error::interrupted)
        return blocked;
    if (failure == asio::error::eof)
        return io_status::closed;
    return failure ? io_status::failed : io_status::done;
}

void wake_later(pending_call& call)
{
    asio::post(call.executor, [self = call.shared_from_this()] { self->wake(); });
}

}  // namespace

std::shared_ptr<const tls_context> transport_state::tls()
{
    const std::lock_guard lock(mutex);
    if (!tls_)
        tls_ = std::make_shared<const tls_context>(options.ca_file, options.ca_pem);
    return tls_;
}

// ---- connection

io_result connection::read(char* to, std::size_t size)
{
    if (tls)
        return tls->read(to, size);
    io_result result;
    if (received_) {
        result = *std::exchange(received_, std::nullopt);
        std::copy_n(inbox_.get(), result.bytes, to);
        result.drained = result.status == io_status::done && result.bytes < inbox_size;
        return result;
    }
    result.bytes = socket.read_some(asio::buffer(to, size), result.failure);
    result.status = status_of(result.failure, io_status::want_read);
    result.drained = result.status == io_status::done && result.bytes < size;
    return result;
}

void connection::want_inbox(bool wanted)
{
    if (!wanted || tls)
        inbox_.reset();
    else if (!inbox_)
        inbox_.reset(new char[inbox_size]);
}

void connection::received(const boost::system::error_code& ec, std::size_t bytes) noexcept
{
    io_result result;
    result.bytes = bytes;
    result.failure = ec;
    result.status = status_of(ec, io_status::want_read);
    received_ = result;
}

io_result connection::write(std::string_view first, std::string_view second)
{
    if (tls)
        return first.empty() ? tls->write(second.data(), second.size()) : tls->write(first.data(), first.size());
    io_result result;
    const std::array<asio::const_buffer, 2> both = {asio::buffer(first.data(), first.size()),
                                                    asio::buffer(second.data(), second.size())};
    result.bytes = socket.write_some(both, result.failure);
    result.status = status_of(result.failure, io_status::want_write);
    return result;
}

bool connection::still_idle()
{
    char byte = 0;
    return read(&byte, 1).status == io_status::want_read;
}

// ---- pool

connection_pool::place connection_pool::take(std::string_view written, pending_call& call)
{
    std::vector<std::unique_ptr<connection>> doomed;  // closed after the lock is gone
    const auto now = run_context::clock::now();
    const std::lock_guard lock(mutex_);
    if (now - evicted_at_ > eviction_interval)
        evict(now, doomed);
    auto found = origins_.find(written);
    if (found == origins_.end()) {
        auto fresh = std::make_unique<origin>();
        fresh->address = parse_origin(written);
        fresh->authority = fresh->address.authority();
        fresh->proxy = transport_->proxies.proxy_for(fresh->address);
        found = origins_.emplace(std::string(written), std::move(fresh)).first;
    }
    place taken;
    auto& at = *found->second;
    taken.at = &at;
    while (!at.idle.empty()) {
        auto candidate = std::move(at.idle.back());
        at.idle.pop_back();
        const auto age = now - candidate->idle_since;
        if (age < transport_->options.idle_lifetime && (age < trusted_idle_time || candidate->still_idle())) {
            candidate->reused = true;
            taken.idle = std::move(candidate);
            taken.what = outcome::reuse;
            taken.roomy = at.open <= inbox_connections;
            return taken;
        }
        --at.open;
        doomed.push_back(std::move(candidate));
    }
    const auto cap = transport_->options.max_connections;
    if (cap != 0 && at.open >= cap) {
        call.turn_ = pending_call::turn::waiting;
        at.waiting.push_back(&call);
        taken.what = outcome::wait;
    } else {
        ++at.open;
    }
    taken.roomy = at.open <= inbox_connections;
    return taken;
}

bool connection_pool::turn_has_come(pending_call& call, std::unique_ptr<connection>& idle)
{
    const std::lock_guard lock(mutex_);
    if (call.turn_ != pending_call::turn::granted)
        return false;
    call.turn_ = pending_call::turn::none;
    idle = std::move(call.granted_);
    return true;
}

void connection_pool::stop_waiting(origin& at, pending_call& call)
{
    std::unique_ptr<connection> granted;
    {
        const std::lock_guard lock(mutex_);
        const auto turn = std::exchange(call.turn_, pending_call::turn::none);
        if (turn == pending_call::turn::waiting)
            std::erase(at.waiting, &call);
        if (turn != pending_call::turn::granted)
            return;
        granted = std::move(call.granted_);
    }
    give_back(at, std::move(granted));
}

void connection_pool::give_back(origin& at, std::unique_ptr<connection> reusable)
{
    const std::lock_guard lock(mutex_);
    if (reusable && closed_)
        reusable.reset();
    if (!at.waiting.empty()) {
        auto& next = *at.waiting.front();
        at.waiting.pop_front();
        if (reusable)
            reusable->reused = true;
        next.turn_ = pending_call::turn::granted;
        next.granted_ = std::move(reusable);
        wake_later(next);
    } else if (reusable && at.idle.size() < transport_->options.max_idle) {
        reusable->idle_since = run_context::clock::now();
        at.idle.push_back(std::move(reusable));
    } else {
        --at.open;
    }
}

void connection_pool::evict(time_point now, std::vector<std::unique_ptr<connection>>& doomed)
{
    evicted_at_ = now;
    std::erase_if(origins_, [&](auto& entry) {
        auto& at = *entry.second;
        // The oldest are in front.
        const auto young =
            std::ranges::find_if(at.idle, [&](const auto& c) { return now - c->idle_since < transport_->options.idle_lifetime; });
        at.open -= static_cast<std::size_t>(young - at.idle.begin());
        std::move(at.idle.begin(), young, std::back_inserter(doomed));
        at.idle.erase(at.idle.begin(), young);
        return at.open == 0 && at.waiting.empty();
    });
}

void connection_pool::close()
{
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& [written, at] : origins_) {
        at->open -= at->idle.size();
        at->idle.clear();
    }
}

bool connection_pool::closed() const
{
    const std::lock_guard lock(mutex_);
    return closed_;
}

// ---- context_service

asio::execution_context::id context_service::id;

std::shared_ptr<connection_pool> context_service::pool_of(const std::shared_ptr<transport_state>& transport)
{
    const std::lock_guard lock(mutex_);
    for (const auto& pool : pools_)
        if (pool->transport() == transport)
            return pool;
    std::erase_if(pools_, [](const auto& pool) { return pool->closed(); });
    auto pool = std::make_shared<connection_pool>(transport);
    pools_.push_back(pool);
    const std::lock_guard of_transport(transport->mutex);
    std::erase_if(transport->pools, [](const auto& weak) { return weak.expired(); });
    transport->pools.push_back(pool);
    return pool;
}

void context_service::watch(pending_call& call, time_point at)
{
    const std::lock_guard lock(mutex_);
    if (gone_)
        return;
    if (!call.watched_) {
        call.watched_ = true;
        call.before_ = nullptr;
        call.after_ = first_;
        if (first_)
            first_->before_ = &call;
        first_ = &call;
    }
    call.next_check_ = at;
    if (at < armed_)
        arm(at, call.executor);
}

void context_service::unwatch(pending_call& call)
{
    const std::lock_guard lock(mutex_);
    if (!call.watched_)
        return;
    call.watched_ = false;
    (call.before_ ? call.before_->after_ : first_) = call.after_;
    if (call.after_)
        call.after_->before_ = call.before_;
    // A timer left behind would keep the context at work.
    if (!first_ && armed_ != time_point::max()) {
        armed_ = time_point::max();
        timer_->cancel();
    }
}

void context_service::arm(time_point at, const asio::any_io_executor& executor)
{
    if (!timer_)
        timer_.emplace(executor);
    armed_ = at;
    timer_->expires_at(at);
    // The tick touches nothing of a call, so it need not wait for anybody's strand.
    timer_->async_wait(asio::bind_executor(asio::system_executor(), [this](const error_code& ec) {
        if (!ec)
            tick();
    }));
}

void context_service::tick()
{
    std::vector<std::shared_ptr<pending_call>> due;
    {
        const std::lock_guard lock(mutex_);
        if (gone_)
            return;
        const auto now = run_context::clock::now();
        auto next = time_point::max();
        asio::any_io_executor executor;
        armed_ = time_point::max();
        for (auto* call = first_; call; call = call->after_) {
            if (call->next_check_ <= now) {
                call->next_check_ = time_point::max();
                if (auto alive = call->weak_from_this().lock())
                    due.push_back(std::move(alive));
            } else if (call->next_check_ < next) {
                next = call->next_check_;
            }
        }
        if (next != time_point::max())
            arm(next, executor);
    }
    for (auto& call : due) {
        const auto executor = call->executor;
        asio::post(executor, [call = std::move(call)] { call->on_check(); });
    }
}

void context_service::shutdown()
{
    std::vector<std::shared_ptr<connection_pool>> pools;
    std::vector<std::shared_ptr<pending_call>> calls;
    {
        const std::lock_guard lock(mutex_);
        gone_ = true;
        timer_.reset();
        pools.swap(pools_);
        for (auto* call = first_; call; call = call->after_) {
            call->watched_ = false;
            if (auto alive = call->weak_from_this().lock())
                calls.push_back(std::move(alive));
        }
        first_ = nullptr;
    }
    for (const auto& pool : pools)
        pool->close();
    for (const auto& call : calls)
        call->leave_context();
}

}  // namespace zincir::detail

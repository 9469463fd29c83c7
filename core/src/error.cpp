#include <zincir/core/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/error_category.hpp>

#include <array>
#include <exception>

namespace zincir {
namespace {

namespace asio = boost::asio;

struct row {
    errc code;
    condition what;
    std::string_view name;
};

constexpr std::array rows{
    row{errc::authentication, condition::misconfigured, "authentication"},
    row{errc::permission, condition::misconfigured, "permission"},
    row{errc::not_found, condition::misconfigured, "not_found"},
    row{errc::invalid_request, condition::misconfigured, "invalid_request"},
    row{errc::unsupported, condition::misconfigured, "unsupported"},
    row{errc::invalid_argument, condition::misconfigured, "invalid_argument"},
    row{errc::invalid_template, condition::misconfigured, "invalid_template"},
    row{errc::missing_variable, condition::misconfigured, "missing_variable"},
    row{errc::certificate, condition::misconfigured, "certificate"},
    row{errc::context_overflow, condition::exhausted, "context_overflow"},
    row{errc::quota_exceeded, condition::exhausted, "quota_exceeded"},
    row{errc::deadline_exceeded, condition::exhausted, "deadline_exceeded"},
    row{errc::rate_limited, condition::transient, "rate_limited"},
    row{errc::server_fault, condition::transient, "server_fault"},
    row{errc::connection, condition::transient, "connection"},
    row{errc::connect_timeout, condition::transient, "connect_timeout"},
    row{errc::first_content_timeout, condition::transient, "first_content_timeout"},
    row{errc::idle_timeout, condition::transient, "idle_timeout"},
    row{errc::request_timeout, condition::transient, "request_timeout"},
    row{errc::truncated, condition::transient, "truncated"},
    row{errc::malformed_reply, condition::unusable_output, "malformed_reply"},
    row{errc::output_mismatch, condition::unusable_output, "output_mismatch"},
    row{errc::limit_exceeded, condition::unusable_output, "limit_exceeded"},
    row{errc::refusal, condition::refused, "refusal"},
    row{errc::cancelled, condition::stopped, "cancelled"},
    row{errc::script_ended, condition::exhausted, "script_ended"},
    row{errc::foreign_exception, condition::misconfigured, "foreign_exception"},
};

const row* find(int code) noexcept
{
    for (const auto& r : rows)
        if (static_cast<int>(r.code) == code)
            return &r;
    return nullptr;
}

class exact_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "zincir"; }
    std::string message(int code) const override
    {
        const auto* r = find(code);
        return r ? std::string(r->name) : "unknown";
    }
    boost::system::error_condition default_error_condition(int code) const noexcept override
    {
        if (const auto* r = find(code))
            return make_error_condition(r->what);
        return {code, *this};
    }
};

bool is_connection_trouble(const error_code& ec)
{
    using boost::system::errc::errc_t;
    for (auto e : {errc_t::connection_refused, errc_t::connection_reset, errc_t::connection_aborted, errc_t::broken_pipe,
                   errc_t::network_down, errc_t::network_reset, errc_t::network_unreachable, errc_t::host_unreachable,
                   errc_t::address_not_available, errc_t::timed_out, errc_t::not_connected, errc_t::no_buffer_space})
        if (ec == e)
            return true;
    return ec == boost::asio::error::eof || ec == boost::asio::error::host_not_found ||
           ec == boost::asio::error::host_not_found_try_again;
}

class broad_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "zincir.condition"; }
    std::string message(int code) const override
    {
        switch (static_cast<condition>(code)) {
            case condition::transient:
                return "transient";
            case condition::misconfigured:
                return "misconfigured";
            case condition::unusable_output:
                return "unusable_output";
            case condition::refused:
                return "refused";
            case condition::stopped:
                return "stopped";
            case condition::exhausted:
                return "exhausted";
        }
        return "unknown";
    }
    bool equivalent(const error_code& ec, int code) const noexcept override
    {
        if (ec.category() == zincir::error_category()) {
            const auto* r = find(ec.value());
            return r && static_cast<int>(r->what) == code;
        }
        if (static_cast<condition>(code) == condition::stopped)
            return ec == boost::asio::error::operation_aborted;
        if (static_cast<condition>(code) == condition::transient)
            return is_connection_trouble(ec);
        return false;
    }
};

std::string describe(errc code, const diagnostics& facts)
{
    std::string line(name(code));
    if (!facts.message.empty())
        line.append(": ").append(facts.message);
    if (!facts.step.empty())
        line.append(" (at ").append(facts.step).append(")");
    return line;
}

}  // namespace

const boost::system::error_category& error_category() noexcept
{
    static const exact_category instance;
    return instance;
}

const boost::system::error_category& condition_category() noexcept
{
    static const broad_category instance;
    return instance;
}

error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), error_category()}; }

boost::system::error_condition make_error_condition(condition c) noexcept { return {static_cast<int>(c), condition_category()}; }

std::string_view name(errc e) noexcept
{
    const auto* r = find(static_cast<int>(e));
    return r ? r->name : "unknown";
}

error::error()
    : system_error(error_code()),
      facts_(std::make_shared<const diagnostics>()),
      what_(std::make_shared<const std::string>("no error"))
{}

error::error(errc code, std::string message) : error(code, diagnostics{.message = std::move(message)}) {}

error::error(errc code, diagnostics facts)
    : system_error(make_error_code(code)),
      facts_(std::make_shared<const diagnostics>(std::move(facts))),
      what_(std::make_shared<const std::string>(describe(code, *facts_)))
{}

const char* error::what() const noexcept { return what_->c_str(); }

bool error::retryable() const noexcept { return facts_->should_retry.value_or(is(condition::transient)); }

error error::inside(std::string_view segment) const
{
    auto facts = *facts_;
    facts.step = facts.step.empty() ? std::string(segment) : std::string(segment) + "/" + facts.step;
    return with(std::move(facts));
}

error error::with(diagnostics facts) const { return error(static_cast<errc>(code().value()), std::move(facts)); }

namespace {

error from_elsewhere(errc code, std::string message, std::exception_ptr cause)
{
    diagnostics facts;
    facts.message = std::move(message);
    facts.cause = std::move(cause);
    return error(code, std::move(facts));
}

}  // namespace

error to_error(std::exception_ptr e)
{
    try {
        std::rethrow_exception(e);
    } catch (const error& known) {
        return known;
    } catch (const boost::system::system_error& system) {
        if (system.code() == condition::stopped)
            return from_elsewhere(errc::cancelled, "the caller cancelled it", std::move(e));
        const bool network = system.code() == condition::transient ||
                             system.code().category() == asio::error::get_netdb_category() ||
                             system.code().category() == asio::error::get_addrinfo_category() ||
                             system.code().category() == asio::error::get_misc_category();
        return from_elsewhere(network ? errc::connection : errc::foreign_exception, system.what(), std::move(e));
    } catch (const std::exception& other) {
        return from_elsewhere(errc::foreign_exception, other.what(), std::move(e));
    } catch (...) {
        return from_elsewhere(errc::foreign_exception, "an exception that is no std::exception was thrown", std::move(e));
    }
}

}  // namespace zincir

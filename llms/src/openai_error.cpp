#include <zincir/llms/openai_error.hpp>

#include <zincir/core/message.hpp>
#include <zincir/llms/retry_after.hpp>

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace zincir {
namespace {

constexpr std::size_t provider_text_limit = 4096;

struct word {
    std::string_view text;
    errc code;
};

// Codes that say more than the status beside them. Sources: the providers' error pages and captures; llama.cpp's
// exceed_context_size_error, Groq's tool_use_failed and json_validate_failed, DashScope's data_inspection_failed.
constexpr std::array exact_words{
    word{"insufficient_quota", errc::quota_exceeded},
    word{"insufficient_credits", errc::quota_exceeded},
    word{"insufficient_balance", errc::quota_exceeded},
    word{"billing_hard_limit_reached", errc::quota_exceeded},
    word{"billing_not_active", errc::quota_exceeded},
    word{"exceeded_current_quota_error", errc::quota_exceeded},
    word{"payment_required", errc::quota_exceeded},
    word{"context_length_exceeded", errc::context_overflow},
    word{"context_window_exceeded", errc::context_overflow},
    word{"exceed_context_size_error", errc::context_overflow},
    word{"model_context_window_exceeded", errc::context_overflow},
    word{"request_too_large", errc::context_overflow},
    word{"content_filter", errc::refusal},
    word{"content_policy_violation", errc::refusal},
    word{"responsibleaipolicyviolation", errc::refusal},
    word{"data_inspection_failed", errc::refusal},
    word{"tool_use_failed", errc::output_mismatch},
    word{"json_validate_failed", errc::output_mismatch},
    word{"model_not_found", errc::not_found},
    word{"model_decommissioned", errc::not_found},
    word{"invalid_api_key", errc::authentication},
};

// Words that only count where no status is known.
constexpr std::array broad_words{
    word{"authentication_error", errc::authentication},   word{"permission_denied", errc::permission},
    word{"permission_error", errc::permission},           word{"not_found_error", errc::not_found},
    word{"invalid_request_error", errc::invalid_request}, word{"bad_request", errc::invalid_request},
    word{"badrequesterror", errc::invalid_request},       word{"rate_limit_exceeded", errc::rate_limited},
    word{"rate_limit_error", errc::rate_limited},         word{"too_many_requests", errc::rate_limited},
};

std::string lowered(std::string_view text)
{
    std::string out(text.substr(0, 128));
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

template <std::size_t N>
std::optional<errc> look_up(const std::array<word, N>& words, std::string_view text)
{
    const auto key = lowered(text);
    for (const auto& w : words)
        if (w.text == key)
            return w.code;
    return std::nullopt;
}

errc of_status(unsigned status)
{
    switch (status) {
        case 401:
            return errc::authentication;
        case 402:
            return errc::quota_exceeded;
        case 403:
            return errc::permission;
        case 404:
        case 405:  // an address where nobody takes a POST: the base URL is another one's
        case 410:
            return errc::not_found;
        case 413:
            return errc::context_overflow;
        case 429:
        case 498:  // Groq: the flex tier has no capacity left
            return errc::rate_limited;
        case 408:
        case 409:
        case 424:
        case 425:
        case 499:
            return errc::server_fault;
        default:
            break;
    }
    if (status >= 300 && status < 400)
        return errc::not_found;
    return status >= 400 && status < 500 ? errc::invalid_request : errc::server_fault;
}

struct provider_error {
    std::string message{};
    std::string code{};
    std::string type{};
    std::string inner_code{};
    std::string failed_generation{};
    std::optional<unsigned> status{};
};

std::string text_of(const json::value& v)
{
    if (v.is_null())
        return std::string();
    return v.is_string() ? std::string(v.get_string()) : json::serialize(v);
}

bool says_something(const json::value& v)
{
    switch (v.kind()) {
        case json::kind::null:
            return false;
        case json::kind::bool_:
            return v.get_bool();
        case json::kind::string:
            return !v.get_string().empty();
        case json::kind::object:
            return !v.get_object().empty();
        case json::kind::array:
            return !v.get_array().empty();
        default:
            return v != 0;  // a code that says: none
    }
}

void read_error(const json::value& payload, provider_error& out)
{
    if (const auto* list = payload.if_array(); list && !list->empty())
        return read_error(list->front(), out);
    const auto* object = payload.if_object();
    if (!object) {
        out.message = text_of(payload);
        return;
    }
    if (const auto* inner = object->if_contains("error"); inner && says_something(*inner)) {
        read_error(*inner, out);
        // LM Studio and others repeat the words beside the object.
        if (const auto* words = object->if_contains("message"); words && out.message.empty())
            out.message = text_of(*words);
        return;
    }
    for (const char* key : {"message", "detail", "details", "error_description", "errors"})
        if (const auto* words = object->if_contains(key); words && says_something(*words) && out.message.empty())
            out.message = text_of(*words);
    if (out.message.empty())
        out.message = json::serialize(payload);
    for (const char* key : {"code", "status", "status_code"}) {
        const auto* code = object->if_contains(key);
        if (!code)
            continue;
        if (out.code.empty() && (code->is_string() || code->is_number()))
            out.code = text_of(*code);
        unsigned number = 0;
        const auto digits = text_of(*code);
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (problem == std::errc() && end == digits.data() + digits.size() && number >= 400 && number < 600 && !out.status)
            out.status = number;
    }
    if (const auto* type = object->if_contains("type"))
        out.type = text_of(*type);
    if (const auto* inner = object->if_contains("innererror"); inner && inner->is_object())
        if (const auto* code = inner->get_object().if_contains("code"))
            out.inner_code = text_of(*code);
    if (const auto* generation = object->if_contains("failed_generation"))
        out.failed_generation = text_of(*generation);
}

errc classify(const provider_error& e, std::optional<unsigned> status)
{
    for (const auto* text : {&e.code, &e.inner_code, &e.type})
        if (const auto code = look_up(exact_words, *text))
            return *code;
    if (status)
        return of_status(*status);
    if (e.status)
        return of_status(*e.status);
    for (const auto* text : {&e.code, &e.type})
        if (const auto code = look_up(broad_words, *text))
            return *code;
    return errc::server_fault;
}

std::string advice(errc code, std::optional<unsigned> status, const diagnostics& facts, const provider_context& who)
{
    const auto whose = who.provider.empty() ? std::string("the provider") : who.provider;
    const auto by = status ? fmt::format(" (HTTP {})", *status) : std::string(" (inside its reply)");
    const auto variable = who.key_variable.empty() ? std::string("the key") : who.key_variable;
    switch (code) {
        case errc::authentication:
            if (who.key.empty())
                return fmt::format("{} wants an API key{} and none was sent: set {}", whose, by, variable);
            return fmt::format("{} does not accept the API key{}: check {}: it may be revoked, incomplete, or of another provider",
                               whose, by, variable);
        case errc::permission:
            return fmt::format(
                "{} does not allow this key to do that{}: check the rights of the key's project, and that the model is "
                "enabled for it in your region",
                whose, by);
        case errc::not_found:
            if (status && *status >= 300 && *status < 400)
                return fmt::format(
                    "{} answers with a redirection{}, which is not followed, because the key would go with it: the base URL is "
                    "not the API's own address; it asked {}",
                    whose, by, who.key.redact(who.url));
            return fmt::format(
                "{} knows no such model or address{}: check the model's name{} and the base URL (most end in /v1): it asked {}",
                whose, by, who.model.empty() ? std::string() : fmt::format(" '{}'", who.model), who.key.redact(who.url));
        case errc::quota_exceeded:
            return fmt::format(
                "the account at {} has no credit or quota left{}: top it up, or use another key; waiting does not help", whose, by);
        case errc::context_overflow:
            return fmt::format(
                "the input does not fit the model's context window or the account's size limit at {}{}: shorten the "
                "conversation, or take a model with a larger window",
                whose, by);
        case errc::rate_limited:
            if (facts.retry_after)
                return fmt::format("{} got too many requests or tokens{}: wait {:.1f} s, as it says, and ask less often", whose, by,
                                   std::chrono::duration<double>(*facts.retry_after).count());
            return fmt::format("{} got too many requests or tokens{}: wait a while, and ask less often", whose, by);
        case errc::refusal:
            return fmt::format("a content filter of {} stopped the request{}: change what is asked", whose, by);
        case errc::output_mismatch:
            return fmt::format(
                "the model wrote a tool call or JSON that {} could not read{}: ask again; what it wrote is in the "
                "partial message's metadata \"failed_generation\"",
                whose, by);
        case errc::invalid_request:
            return fmt::format("{} rejected the request{}: {}", whose, by,
                               facts.provider_message.empty() ? "it gave no reason" : "`provider_message` says which part");
        default:
            return fmt::format("{} failed{}: ask again", whose, by);
    }
}

std::string clipped(std::string text)
{
    if (text.size() <= provider_text_limit)
        return text;
    auto end = provider_text_limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    text.resize(end);
    return text;
}

error build(const provider_error& e, std::optional<unsigned> status, diagnostics facts, const provider_context& who)
{
    const auto code = classify(e, status);
    facts.provider = who.provider;
    // Redacted before it is cut: half a key is still half a key.
    facts.provider_message = clipped(who.key.redact(e.message));
    facts.provider_code = clipped(who.key.redact(e.code.empty() ? e.type : e.code));
    facts.message = advice(code, status ? status : e.status, facts, who);
    facts.http_status = status ? status : e.status;
    if (!e.failed_generation.empty()) {
        message partial(role::assistant, zincir::content());
        partial.status = message_status::failed;
        partial.info().metadata["failed_generation"] = who.key.redact(e.failed_generation);
        facts.partial = std::make_shared<const message>(std::move(partial));
    }
    return error(code, std::move(facts));
}

// A redirection's target, without what may be secret in it.
provider_error pointing_to(std::string_view target)
{
    target = target.substr(0, target.find_first_of("?#"));
    const auto scheme = target.find("://");
    const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto at = target.substr(host, target.find('/', host) - host).rfind('@');
    provider_error e;
    e.message = "Location: " + std::string(target.substr(0, host)) +
                std::string(target.substr(host + (at == std::string_view::npos ? 0 : at + 1)));
    return e;
}

diagnostics header_facts(const http_headers& headers, const provider_context& who)
{
    diagnostics facts;
    facts.request_id = request_id_of(headers, who);
    facts.retry_after = parse_retry_after(headers);
    if (const auto word = headers.get("x-should-retry")) {
        if (*word == "true")
            facts.should_retry = true;
        else if (*word == "false")
            facts.should_retry = false;
    }
    return facts;
}

}  // namespace

std::string request_id_of(const http_headers& headers, const provider_context& who)
{
    const std::string_view named = who.request_id_header;
    const auto id = headers.get(named.empty() ? std::string_view("x-request-id") : named);
    return id ? who.key.redact(id->substr(0, 256)) : std::string();
}

error error_from_response(unsigned status, const http_headers& headers, std::string_view body, const provider_context& who)
{
    provider_error e;
    // Where a redirection points to is the server's word.
    if (const auto target = headers.get("location"); status / 100 == 3 && target)
        return build(pointing_to(*target), status, header_facts(headers, who), who);
    boost::system::error_code ec;
    const auto payload = json::parse(json::string_view(body.data(), body.size()), ec);
    if (ec)
        e.message = std::string(body);
    else
        read_error(payload, e);
    return build(e, status, header_facts(headers, who), who);
}

error error_from_payload(const json::value& payload, const provider_context& who)
{
    provider_error e;
    read_error(payload, e);
    return build(e, std::nullopt, diagnostics(), who);
}

const json::value* find_error(const json::value& reply)
{
    const auto* list = reply.if_array();
    const auto* object = list && !list->empty() ? list->front().if_object() : reply.if_object();
    if (!object)
        return nullptr;
    if (const auto* e = object->if_contains("error"); e && says_something(*e))
        return list ? &list->front() : &reply;
    if (const auto* groq = object->if_contains("x_groq"); groq && groq->is_object())
        if (const auto* e = groq->get_object().if_contains("error"); e && says_something(*e))
            return e;
    if (object->if_contains("choices"))
        return nullptr;
    const auto* kind = object->if_contains("object");
    if (kind && kind->is_string() && kind->get_string() == "error")
        return &reply;
    // A bare error object, of FastAPI servers and of gateways.
    for (const char* key : {"message", "detail", "errors"})
        if (const auto* words = object->if_contains(key); words && says_something(*words) && !object->if_contains("usage"))
            return &reply;
    return nullptr;
}

error error_from_foreign_body(unsigned status, const http_headers& headers, std::string_view body, const provider_context& who)
{
    auto facts = header_facts(headers, who);
    facts.provider = who.provider;
    facts.http_status = status;
    facts.provider_message = clipped(who.key.redact(body.substr(0, 4 * provider_text_limit)));
    const auto first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    const auto whose = who.provider.empty() ? std::string("the server") : who.provider;
    const auto type = headers.get("content-type");
    if (first == std::string_view::npos)
        facts.message = fmt::format("{} answered HTTP {} with an empty body: it, or a proxy before it, is out of order; asked: {}",
                                    whose, status, who.key.redact(who.url));
    else if (body[first] == '<' || (type && type->starts_with("text/html")))
        facts.message = fmt::format(
            "{} answered HTTP {} with a web page instead of JSON: the base URL is probably not the API's (most end "
            "in /v1), or a proxy or login page stands before it; asked: {}",
            whose, status, who.key.redact(who.url));
    else
        facts.message =
            fmt::format("{} answered HTTP {} with something that is no JSON (content type '{}'): check the base URL; asked: {}",
                        whose, status, type ? who.key.redact(type->substr(0, 64)) : std::string("none"), who.key.redact(who.url));
    return error(errc::malformed_reply, std::move(facts));
}

}  // namespace zincir

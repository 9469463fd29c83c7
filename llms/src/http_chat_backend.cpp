#include <zincir/llms/http_chat_backend.hpp>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <exception>

namespace zincir::detail {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

enum class body_kind { undecided, json, events, foreign };

bool is_good(unsigned status) { return status >= 200 && status < 300; }

bool is_event_stream(const http_headers& headers)
{
    const auto type = headers.get("content-type");
    return type && (type->starts_with("text/event-stream") || type->starts_with("Text/Event-Stream"));
}

// By its first bytes, whatever the header says: gateways label JSON as an event stream and the other way round.
body_kind sniff(std::string_view bytes, bool labelled_events, bool at_end)
{
    if (bytes.starts_with(byte_order_mark))
        bytes.remove_prefix(byte_order_mark.size());
    else if (!at_end && byte_order_mark.starts_with(bytes))
        return body_kind::undecided;
    const auto first = bytes.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return at_end ? body_kind::foreign : body_kind::undecided;
    bytes.remove_prefix(first);
    if (bytes.front() == '{' || bytes.front() == '[' || bytes.front() == '"')
        return body_kind::json;
    if (bytes.front() == '<')
        return body_kind::foreign;
    if (labelled_events || bytes.front() == ':')
        return body_kind::events;
    for (const std::string_view field : {"data:", "event:", "id:", "retry:", "error:"}) {
        if (bytes.starts_with(field))
            return body_kind::events;
        if (!at_end && field.starts_with(bytes))
            return body_kind::undecided;
    }
    return body_kind::foreign;
}

// A last event that no blank line ended counts where it is certainly whole.
bool is_whole(std::string_view data)
{
    const auto first = data.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return false;
    data.remove_prefix(first);
    if (data.starts_with("[DONE]"))
        return true;
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = 128;
    json::parse(json::string_view(data.data(), data.size()), ec, json::storage_ptr(), options);
    return data.front() == '{' && !ec;
}

// A body of no stated length ends with its connection, which a server may leave open: one whole JSON object is all there is then.
// Each byte is looked at once, however small the pieces are that it comes in.
class object_end {
public:
    /// The next piece of the body. Whether the object that the body begins with ends in it, with nothing but blanks behind.
    bool comes_with(std::string_view piece) noexcept
    {
        bool ended = false;
        for (const char c : piece) {
            if (in_text_) {
                in_text_ = escaped_ || c != '"';
                escaped_ = !escaped_ && c == '\\';
                continue;
            }
            ended = ended && blanks.find(c) != std::string_view::npos;
            in_text_ = c == '"';
            if (c == '{')
                ++open_;
            else if (c == '}')
                ended = open_ > 0 && --open_ == 0;
        }
        return ended;
    }

private:
    std::size_t open_ = 0;
    bool in_text_ = false;
    bool escaped_ = false;
};

bool states_length(const http_headers& headers) { return headers.get("content-length") || headers.get("transfer-encoding"); }

error placed(const error& e, const emission_rules& rules, const http_response* response, const chat_decoder& decoder)
{
    auto facts = e.facts();
    if (facts.provider.empty())
        facts.provider = rules.provider;
    if (response && !facts.http_status)
        facts.http_status = response->status;
    if (response && facts.request_id.empty())
        facts.request_id = decoder.request_id(response->headers);
    return e.with(std::move(facts));
}

error too_long(std::size_t limit) { return error(errc::limit_exceeded, fmt::format("the reply is longer than {} bytes", limit)); }

// The next event. The lines before it that are none are read first: what comes together decides nothing.
std::optional<sse_event> next_event(sse_parser& parser, std::size_t& strays, chat_decoder& decoder, chat_emitter& out)
{
    auto e = parser.next();
    if (parser.strays().size() != strays) {
        strays = parser.strays().size();
        decoder.strays(parser.strays(), false, out);
    }
    return e;
}

void decode_events(std::string_view bytes, const sse_limits& limits, chat_decoder& decoder, chat_emitter& out)
{
    sse_parser parser(limits);
    std::size_t strays = 0;
    parser.feed(bytes);
    while (const auto e = next_event(parser, strays, decoder, out))
        decoder.event(*e, out);
    if (const auto last = parser.finish(); last && last->has_data && is_whole(last->data))
        decoder.event(*last, out);
    decoder.strays(parser.strays(), true, out);
    out.end_of_input();
}

void decode_whole(std::string_view bytes, const http_response& response, const http_chat_limits& limits, chat_decoder& decoder,
                  chat_emitter& out)
try {
    if (bytes.starts_with(byte_order_mark))
        bytes.remove_prefix(byte_order_mark.size());
    switch (sniff(bytes, is_event_stream(response.headers), true)) {
        case body_kind::json:
            decoder.body(bytes, out);
            out.end_of_input();
            break;
        case body_kind::events:
            decode_events(bytes, limits.events, decoder, out);
            break;
        default:
            out.fail(decoder.foreign(response.status, response.headers, bytes));
    }
} catch (...) {
    out.fail(to_error(std::current_exception()));
}

// The body as far as it comes within `limit`; a failure on the way is left in `failure`.
awaitable<std::string> gather(http_response& response, std::shared_ptr<content_clock> clock, std::size_t limit,
                              std::exception_ptr& failure)
{
    std::string bytes;
    object_end end;
    try {
        while (auto piece = co_await response.body.next()) {
            const bool ends = !clock->complete() && !states_length(response.headers) && end.comes_with(*piece);
            // A busy DeepSeek sends blank lines while the request waits in its queue: no content.
            if (piece->find_first_not_of(blanks) != std::string::npos)
                clock->mark();
            if (bytes.empty())
                bytes = std::move(*piece);
            else
                bytes += *piece;
            if (bytes.size() > limit)
                throw too_long(limit);
            if (ends && is_whole(bytes))
                break;
        }
    } catch (...) {
        failure = std::current_exception();
    }
    co_return bytes;
}

// What ended the call from this side counts; that a rejection's body was cut or long does not.
bool stops_the_call(const std::exception_ptr& failure)
{
    if (!failure)
        return false;
    const auto e = to_error(failure);
    return e.is(condition::stopped) || e.code() == errc::deadline_exceeded;
}

awaitable<void> drain(zincir::stream<std::string> body, std::size_t limit)
{
    try {
        std::size_t seen = 0;
        while (auto piece = co_await body.next())
            if ((seen += piece->size()) > limit)
                break;
    } catch (const std::exception&) {
        // The reply is whole already: its connection is lost, nothing else.
    }
}

// What of an exchange is needed once its request is on its way.
struct pending_reply {
    std::shared_ptr<http_transport> transport;  // lives until the body has ended
    std::unique_ptr<chat_decoder> decoder;
    emission_rules rules;
    http_chat_limits limits;
    std::vector<std::string> warnings;
    std::shared_ptr<content_clock> clock;
};

pending_reply pending(chat_exchange& exchange)
{
    pending_reply call{exchange.transport, std::move(exchange.decoder),          std::move(exchange.rules),
                       exchange.limits,    std::move(exchange.encoded.warnings), std::make_shared<content_clock>()};
    exchange.encoded.http.content = call.clock;
    return call;
}

class reply_stream {
public:
    reply_stream(chat_exchange exchange, run_context ctx) : reply_stream(pending(exchange))
    {
        request_ = std::make_unique<http_request>(std::move(exchange.encoded.http));
        ctx_ = std::move(ctx);
    }

    // Of a request that was sent.
    reply_stream(pending_reply call, http_response response) : reply_stream(std::move(call)) { response_ = std::move(response); }

    awaitable<std::optional<message_chunk>> next()
    {
        for (;;) {
            if (auto chunk = emitter_.pop())
                co_return chunk;
            if (over_)
                co_return std::nullopt;
            if (const auto* end = emitter_.end()) {
                over_ = true;
                // Thrown from here: in a cancelled coroutine every further co_await throws on its own.
                if (!end->good()) {
                    response_.body = zincir::stream<std::string>();
                    throw placed(end->failure(), emitter_.rules(), &response_, *decoder_);
                }
                if (!ended_ && !clock_->complete())
                    co_await drain_body();
                co_return std::nullopt;
            }
            if (!decode_some())
                co_await read();
        }
    }

private:
    explicit reply_stream(pending_reply call)
        : transport_(std::move(call.transport)),
          decoder_(std::move(call.decoder)),
          limits_(call.limits),
          emitter_(std::move(call.rules)),
          parser_(limits_.events),
          clock_(std::move(call.clock))
    {
        for (auto& warning : call.warnings)
            emitter_.warn(std::move(warning));
    }

    // Decodes what was read up to the next chunk or the end. False: more must be read.
    bool decode_some()
    {
        if (kind_ != body_kind::events)
            return false;
        try {
            while (const auto e = next_event(parser_, strays_, *decoder_, emitter_)) {
                const auto before = emitter_.contents();
                decoder_->event(*e, emitter_);
                if (!marked_ && emitter_.contents() != before) {
                    marked_ = true;
                    clock_->mark();
                }
                if (emitter_.end() || emitter_.waiting())
                    return true;
            }
            std::string().swap(piece_);  // not held through the wait for the next read
        } catch (...) {
            emitter_.fail(to_error(std::current_exception()));
        }
        return emitter_.end() != nullptr;
    }

    awaitable<void> read()
    {
        if (request_)
            co_await send();
        const bool finished = emitter_.finish_so_far() != finish_reason::none && !decoder_->expects_more();
        if (finished)
            clock_->expect_end(emitter_.counted_at_end() ? limits_.drain_time : limits_.end_time);
        std::exception_ptr failure;
        std::optional<std::string> piece;
        try {
            piece = co_await response_.body.next();
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            ended_ = true;
            end_by(to_error(failure), finished);
        } else if (piece) {
            take(std::move(*piece));
        } else {
            ended_ = true;
            finish();
        }
    }

    // A server that has said all and neither writes an end mark nor closes owes nothing but perhaps its counts.
    void end_by(error why, bool finished)
    {
        if (!finished || why.code() != errc::idle_timeout)
            return emitter_.end_of_input(std::move(why));
        if (!emitter_.counted_at_end())
            emitter_.warn(
                fmt::format("the provider did not end its stream within {} ms after the finish reason: usage may be missing",
                            limits_.end_time.count()));
        emitter_.end_of_input();
    }

    awaitable<void> send()
    {
        auto request = std::exchange(request_, nullptr);
        std::exception_ptr failure;
        try {
            response_ = co_await transport_->send(std::move(*request), ctx_);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            over_ = true;
            throw placed(to_error(failure), emitter_.rules(), nullptr, *decoder_);
        }
        if (!is_good(response_.status)) {
            clock_->expect_end(limits_.end_time);
            const auto body = co_await gather(response_, clock_, limits_.error_body, failure);
            over_ = true;
            if (stops_the_call(failure))
                throw placed(to_error(failure), emitter_.rules(), &response_, *decoder_);
            throw decoder_->rejected(response_.status, response_.headers, body);
        }
    }

    void take(std::string piece)
    {
        marked_ = false;
        received_ += piece.size();
        if (received_ > limits_.stream)
            return emitter_.fail(too_long(limits_.stream));
        if (kind_ == body_kind::events) {
            piece_ = std::move(piece);
            parser_.feed(piece_);
            return;
        }
        piece_ += piece;
        const bool ends = !clock_->complete() && !states_length(response_.headers) && end_.comes_with(piece);
        if (kind_ == body_kind::undecided) {
            kind_ = sniff(piece_, is_event_stream(response_.headers), false);
            if (kind_ == body_kind::events)
                return parser_.feed(piece_);
        }
        if (kind_ == body_kind::json && piece.find_first_not_of(blanks) != std::string::npos)
            clock_->mark();
        if (piece_.size() > (kind_ == body_kind::json ? limits_.body : limits_.error_body))
            emitter_.fail(kind_ == body_kind::json ? too_long(limits_.body)
                                                   : decoder_->foreign(response_.status, response_.headers, piece_));
        if (kind_ == body_kind::json && ends && is_whole(piece_)) {
            ended_ = true;
            response_.body = zincir::stream<std::string>();
            finish();
        }
    }

    void finish()
    {
        if (kind_ != body_kind::events)
            return decode_whole(piece_, response_, limits_, *decoder_, emitter_);
        try {
            if (const auto last = parser_.finish(); last && last->has_data && is_whole(last->data))
                decoder_->event(*last, emitter_);
            decoder_->strays(parser_.strays(), true, emitter_);
            emitter_.end_of_input();
        } catch (...) {
            emitter_.fail(to_error(std::current_exception()));
        }
    }

    // Leaves the connection fit for its next call, if its peer ends the response soon.
    awaitable<void> drain_body()
    {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, limits_.drain_time);
        auto both = asio::experimental::make_parallel_group(
            asio::co_spawn(executor, drain(std::move(response_.body), limits_.drain), asio::deferred),
            timer.async_wait(asio::deferred));
        co_await std::move(both).async_wait(asio::experimental::wait_for_one(), asio::as_tuple(asio::use_awaitable));
    }

    std::shared_ptr<http_transport> transport_;
    std::unique_ptr<http_request> request_{};
    std::unique_ptr<chat_decoder> decoder_;
    http_chat_limits limits_;
    run_context ctx_{};
    chat_emitter emitter_;
    sse_parser parser_;
    std::shared_ptr<content_clock> clock_;
    http_response response_{};
    std::string piece_{};
    object_end end_{};
    std::size_t strays_ = 0;
    std::size_t received_ = 0;
    body_kind kind_ = body_kind::undecided;
    bool marked_ = false;
    bool ended_ = false;
    bool over_ = false;
};

}  // namespace

namespace {

// A function of its own, so that a call that waits does not hold an emitter.
message message_of(std::string_view bytes, const http_response& response, pending_reply& call)
{
    chat_emitter emitter(call.rules, chat_emitter::mode::whole);
    for (auto& warning : call.warnings)
        emitter.warn(std::move(warning));
    decode_whole(bytes, response, call.limits, *call.decoder, emitter);
    if (!emitter.end()->good())
        throw placed(emitter.end()->failure(), call.rules, &response, *call.decoder);
    return emitter.take();
}

// A gateway that streams although it was not asked to: an end mark ends it, not the end of the body.
awaitable<message> read_events(pending_reply call, http_response response)
{
    reply_stream events(std::move(call), std::move(response));
    message_builder sum;
    while (auto chunk = co_await events.next())
        sum.add(std::move(*chunk));
    co_return sum.take();
}

awaitable<message> read_reply(awaitable<http_response> sending, pending_reply call)
{
    std::exception_ptr failure;
    http_response response;
    try {
        response = co_await std::move(sending);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure)
        throw placed(to_error(failure), call.rules, nullptr, *call.decoder);
    if (is_good(response.status) && is_event_stream(response.headers))
        co_return co_await read_events(std::move(call), std::move(response));
    if (!is_good(response.status))
        call.clock->expect_end(call.limits.end_time);
    const auto limit = is_good(response.status) ? call.limits.body : call.limits.error_body;
    const auto bytes = co_await gather(response, call.clock, limit, failure);
    if (failure && (is_good(response.status) || stops_the_call(failure)))
        throw placed(to_error(failure), call.rules, &response, *call.decoder);
    if (!is_good(response.status))
        throw call.decoder->rejected(response.status, response.headers, bytes);
    co_return message_of(bytes, response, call);
}

}  // namespace

awaitable<message> whole_reply(chat_exchange exchange, run_context ctx)
{
    auto call = pending(exchange);
    return read_reply(exchange.transport->send(std::move(exchange.encoded.http), std::move(ctx)), std::move(call));
}

zincir::stream<message_chunk> streamed_reply(chat_exchange exchange, run_context ctx)
{
    auto reply = std::make_unique<reply_stream>(std::move(exchange), std::move(ctx));
    return zincir::stream<message_chunk>([reply = std::move(reply)] { return reply->next(); });
}

zincir::stream<message_chunk> failed_stream(error e)
{
    return single<message_chunk>([e = std::move(e)]() -> awaitable<message_chunk> { co_return result<message_chunk>(e).value(); });
}

void set_timeouts(http_request& request, const chat_options& options)
{
    const auto wanted = options.timeouts.value_or(chat_timeouts());
    request.timeouts.connect = wanted.connect;
    request.timeouts.first_content = wanted.first_content;
    request.timeouts.idle = wanted.idle;
    request.timeouts.request = wanted.request;
}

}  // namespace zincir::detail

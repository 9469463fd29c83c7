#include "decoder_support.hpp"

#include <zincir/core/chat_model.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/http_chat_backend.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace zincir::testing {
namespace {

using namespace std::chrono_literals;

struct codec {
    encoded_chat_request encode(const chat_request& request, bool streamed) const
    {
        if (request.options->model == "unsupported")
            throw zincir::error(errc::unsupported, "no such setting");
        encoded_chat_request out;
        out.http.url = "https://api.example.org/v1/chat/completions";
        out.http.body = streamed ? "stream" : "whole";
        out.warnings.emplace_back("seed is not sent");
        return out;
    }
    std::unique_ptr<chat_decoder> decoder(const chat_request&) const { return std::make_unique<openai_decoder>(reply_rules()); }
    emission_rules rules() const
    {
        emission_rules r;
        r.provider = "groq";
        return r;
    }
    model_profile profile(std::string_view) const { return model_profile(); }
    std::string name() const { return "groq:test"; }
};

// Answers with a script, and remembers how it was treated.
class transport final : public http_transport {
public:
    unsigned status = 200;
    std::string content_type = "text/event-stream";
    std::vector<std::string> pieces{};
    std::optional<zincir::error> failure{};  // after the pieces
    bool hangs = false;                      // after the pieces: nothing, until it is cancelled
    bool rejects = false;                    // send() fails with `failure`
    bool read_to_end = false;
    bool body_gone = false;
    int sent = 0;
    std::size_t read = 0;
    http_request last{};
    std::vector<bool> marked_after{};  // whether the content clock was marked when the piece after was asked for

    awaitable<http_response> send(http_request request, run_context) override
    {
        ++sent;
        last = std::move(request);
        if (rejects)
            throw *failure;
        http_response response;
        response.status = status;
        if (!content_type.empty())
            response.headers.add("Content-Type", content_type);
        response.headers.add("x-request-id", "req_7");
        struct guard {
            transport* owner;
            explicit guard(transport* t) : owner(t) {}
            guard(guard&& other) noexcept : owner(std::exchange(other.owner, nullptr)) {}
            guard& operator=(guard&&) = delete;
            ~guard()
            {
                if (owner)
                    owner->body_gone = true;
            }
        };
        response.body = stream<std::string>([this, alive = guard(this), clock = last.content]() { return next(clock); });
        co_return response;
    }

private:
    awaitable<std::optional<std::string>> next(std::shared_ptr<content_clock> clock)
    {
        if (clock && read > 0) {
            marked_after.push_back(clock->last() != std::chrono::steady_clock::time_point());
            *clock = content_clock();
        }
        if (read < pieces.size())
            co_return pieces[read++];
        if (hangs) {
            asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::steady_clock::time_point::max());
            co_await never.async_wait(asio::use_awaitable);
        }
        if (failure)
            throw *failure;
        read_to_end = true;
        co_return std::nullopt;
    }
};

struct fixture : ::testing::Test {
    std::shared_ptr<transport> net = std::make_shared<transport>();
    std::shared_ptr<chat_backend> backend = std::make_shared<http_chat_backend<codec>>(codec(), net);

    void answers(std::string body, std::string type = "text/event-stream", unsigned status = 200)
    {
        net->pieces = {std::move(body)};
        net->content_type = std::move(type);
        net->status = status;
    }
    message whole() { return sync_wait(backend->generate(chat_request(), run_context())); }
    message streamed() { return sync_wait(collect(backend->stream(chat_request(), run_context()))); }
    zincir::error failure_of(bool stream)
    {
        try {
            stream ? streamed() : whole();
        } catch (const zincir::error& e) {
            return e;
        }
        ADD_FAILURE() << "no error came";
        return zincir::error(errc::invalid_argument, "");
    }
};

using http_chat_backend_test = fixture;

const std::string good_body =
    R"({"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Merhaba"},"finish_reason":"stop"}]})";
const std::string good_stream = chunk_of(R"({"role":"assistant","content":"Mer"})") + chunk_of(R"({"content":"haba"})") +
                                chunk_of("{}", "\"stop\"") + done_event;

TEST_F(http_chat_backend_test, answers_whole)
{
    answers(good_body, "application/json");
    const auto m = whole();
    EXPECT_EQ(m.text(), "Merhaba");
    EXPECT_EQ(m.finish, finish_reason::stop);
    EXPECT_EQ(m.warnings(), std::vector<std::string>{"seed is not sent"});
    EXPECT_EQ(net->last.body, "whole");
    EXPECT_EQ(net->last.timeouts.first_content, 300s);
}

TEST_F(http_chat_backend_test, answers_in_pieces)
{
    answers(good_stream);
    const auto m = streamed();
    EXPECT_EQ(m.text(), "Merhaba");
    EXPECT_EQ(m.warnings(), std::vector<std::string>{"seed is not sent"});
    EXPECT_EQ(net->last.body, "stream");
}

TEST_F(http_chat_backend_test, sends_nothing_before_the_stream_is_read)
{
    answers(good_stream);
    {
        const auto unread = backend->stream(chat_request(), run_context());
    }
    EXPECT_EQ(net->sent, 0);
}

TEST_F(http_chat_backend_test, reads_json_that_answers_a_streamed_request)
{
    for (const char* type : {"application/json", "text/event-stream", ""}) {
        answers(good_body, type);
        net->read = 0;
        EXPECT_EQ(streamed().text(), "Merhaba") << type;
    }
}

TEST_F(http_chat_backend_test, reads_events_that_answer_a_whole_request)
{
    for (const char* type : {"application/json", "text/event-stream", ""}) {
        answers(good_stream, type);
        net->read = 0;
        EXPECT_EQ(whole().text(), "Merhaba") << type;
    }
}

TEST_F(http_chat_backend_test, takes_a_reply_split_at_every_byte)
{
    for (const auto& reply : {good_stream, good_body}) {
        net->pieces.clear();
        for (const char c : reply)
            net->pieces.emplace_back(1, c);
        net->read = 0;
        EXPECT_EQ(streamed().text(), "Merhaba");
        net->read = 0;
        EXPECT_EQ(whole().text(), "Merhaba");
    }
}

// The server leaves the connection open behind its JSON, and sends the body in the smallest pieces: at each brace it could be over.
TEST_F(http_chat_backend_test, finds_the_end_of_a_body_without_length_in_one_pass)
{
    constexpr std::size_t many = 100'000;
    std::vector<std::string> pieces(many, "{},");
    pieces.insert(pieces.begin(), R"({"choices":[{"message":{"content":"a}\"}b"},"finish_reason":"stop"}],"extra":[)");
    pieces.emplace_back("0]");
    pieces.emplace_back("}");
    pieces.emplace_back("\n");
    for (const bool stream : {false, true}) {
        net->pieces = pieces;
        net->content_type = "application/json";
        net->hangs = true;
        net->read = 0;
        EXPECT_EQ((stream ? streamed() : whole()).text(), R"(a}"}b)");
        EXPECT_EQ(net->read, many + 3);
    }
}

TEST_F(http_chat_backend_test, names_a_web_page_an_empty_body_and_plain_text)
{
    for (const bool stream : {false, true}) {
        net->read = 0;
        answers("<html><body>Sign in</body></html>", "text/html");
        const auto page = failure_of(stream);
        EXPECT_EQ(page.code(), errc::malformed_reply);
        EXPECT_NE(page.facts().message.find("web page"), std::string::npos) << page.what();
        EXPECT_EQ(page.facts().request_id, "req_7");
        net->read = 0;
        net->pieces.clear();
        const auto nothing = failure_of(stream);
        EXPECT_EQ(nothing.code(), errc::malformed_reply);
        EXPECT_NE(nothing.facts().message.find("empty body"), std::string::npos) << nothing.what();
        net->read = 0;
        answers("hello", "text/plain");
        EXPECT_EQ(failure_of(stream).code(), errc::malformed_reply);
    }
}

TEST_F(http_chat_backend_test, turns_a_rejection_into_its_error)
{
    for (const bool stream : {false, true}) {
        net->read = 0;
        answers(R"({"error":{"message":"no","code":"invalid_api_key"}})", "application/json", 401);
        const auto e = failure_of(stream);
        EXPECT_EQ(e.code(), errc::authentication);
        EXPECT_EQ(e.facts().http_status, 401U);
        EXPECT_EQ(e.facts().request_id, "req_7");
        EXPECT_EQ(e.facts().provider, "groq");
    }
}

TEST_F(http_chat_backend_test, reports_the_status_of_a_rejection_whose_body_was_cut)
{
    answers(R"({"error":{"mess)", "application/json", 429);
    net->failure = zincir::error(errc::truncated, "cut");
    EXPECT_EQ(failure_of(false).code(), errc::rate_limited);
    net->read = 0;
    EXPECT_EQ(failure_of(true).code(), errc::rate_limited);
}

TEST_F(http_chat_backend_test, passes_on_what_the_transport_could_not_do)
{
    net->rejects = true;
    for (const auto code : {errc::connection, errc::connect_timeout, errc::certificate, errc::first_content_timeout}) {
        net->failure = zincir::error(code, "x");
        EXPECT_EQ(failure_of(false).code(), code);
        EXPECT_EQ(failure_of(true).code(), code);
        EXPECT_EQ(failure_of(true).facts().provider, "groq");
    }
}

TEST_F(http_chat_backend_test, attaches_what_had_come_when_the_stream_breaks)
{
    answers(chunk_of(R"({"content":"Mer"})"));
    net->failure = zincir::error(errc::idle_timeout, "nothing came for 120 s");
    const auto e = failure_of(true);
    EXPECT_EQ(e.code(), errc::idle_timeout);
    ASSERT_TRUE(e.facts().partial);
    EXPECT_EQ(e.facts().partial->text(), "Mer");
    EXPECT_EQ(e.facts().http_status, 200U);
}

TEST_F(http_chat_backend_test, calls_a_stream_without_a_finish_reason_truncated)
{
    answers(chunk_of(R"({"content":"Mer"})") + done_event);
    EXPECT_EQ(failure_of(true).code(), errc::truncated);
    net->read = 0;
    answers(chunk_of(R"({"content":"Mer"})"));
    EXPECT_EQ(failure_of(true).code(), errc::truncated);
}

struct throwing_decoder : chat_decoder {
    void event(const sse_event& e, chat_emitter& out) override
    {
        if (e.data.find("haba") != std::string_view::npos)
            throw std::out_of_range("shelf 9");
        inner.event(e, out);
    }
    void body(std::string_view, chat_emitter&) override { throw std::out_of_range("shelf 9"); }
    void strays(std::string_view lines, bool at_end, chat_emitter& out) override { inner.strays(lines, at_end, out); }
    zincir::error rejected(unsigned status, const http_headers& headers, std::string_view body) const override
    {
        return inner.rejected(status, headers, body);
    }
    zincir::error foreign(unsigned status, const http_headers& headers, std::string_view body) const override
    {
        return inner.foreign(status, headers, body);
    }
    std::string request_id(const http_headers& headers) const override { return inner.request_id(headers); }
    openai_decoder inner{reply_rules()};
};
struct throwing_codec : codec {
    std::unique_ptr<chat_decoder> decoder(const chat_request&) const { return std::make_unique<throwing_decoder>(); }
};

TEST_F(http_chat_backend_test, makes_an_error_of_what_a_decoder_throws)
{
    backend = std::make_shared<http_chat_backend<throwing_codec>>(throwing_codec(), net);
    for (const bool stream : {false, true}) {
        answers(good_body, "application/json");
        net->read = 0;
        EXPECT_EQ(failure_of(stream).code(), errc::foreign_exception);
        answers(good_stream);
        net->read = 0;
        const auto e = failure_of(stream);
        EXPECT_EQ(e.code(), errc::foreign_exception);
        ASSERT_TRUE(e.facts().partial);
        EXPECT_EQ(e.facts().partial->text(), "Mer");
    }
}

TEST_F(http_chat_backend_test, refuses_before_sending_what_the_codec_refuses)
{
    chat_request request;
    chat_options options;
    options.model = "unsupported";
    request.options = options;
    auto pieces = backend->stream(request, run_context());
    const auto check = sync_wait(validated(std::move(pieces)));
    EXPECT_TRUE(check.failed());
    EXPECT_EQ(net->sent, 0);
}

TEST_F(http_chat_backend_test, reads_the_rest_after_the_end_mark_so_that_the_connection_is_kept)
{
    answers(good_stream);
    net->pieces.emplace_back(": bye\n\n");
    streamed();
    EXPECT_TRUE(net->read_to_end);
}

TEST_F(http_chat_backend_test, gives_up_a_connection_that_goes_on_after_the_end_mark)
{
    answers(good_stream);
    for (int i = 0; i < 100; ++i)
        net->pieces.emplace_back(1024, ':');
    EXPECT_EQ(streamed().text(), "Merhaba");
    EXPECT_FALSE(net->read_to_end);
    EXPECT_LT(net->read, 40U);
    EXPECT_TRUE(net->body_gone);
}

TEST_F(http_chat_backend_test, does_not_wait_for_a_server_that_keeps_the_connection_open_after_the_end_mark)
{
    answers(good_stream);
    net->hangs = true;
    EXPECT_EQ(streamed().text(), "Merhaba");
    EXPECT_TRUE(net->body_gone);
}

TEST_F(http_chat_backend_test, closes_the_connection_when_the_stream_is_dropped)
{
    answers(good_stream);
    const auto first_only = [](stream<message_chunk> pieces) -> awaitable<std::string> {
        const auto first = co_await pieces.next();
        co_return first->delta;
    };
    EXPECT_EQ(sync_wait(first_only(backend->stream(chat_request(), run_context()))), "Mer");
    EXPECT_TRUE(net->body_gone);
    EXPECT_FALSE(net->read_to_end);
}

TEST_F(http_chat_backend_test, marks_the_content_clock_for_content_only)
{
    net->content_type = "text/event-stream";
    net->pieces = {": ping\n\n",
                   chunk_of(R"({"role":"assistant","content":""})"),
                   "data: : PROCESSING\n\n",
                   chunk_of(R"({"content":"a"})"),
                   ": ping\n\n",
                   chunk_of("{}", "\"stop\""),
                   done_event};
    streamed();
    const std::vector<bool> want{false, false, false, true, false, true};
    ASSERT_GE(net->marked_after.size(), want.size());
    EXPECT_EQ(std::vector<bool>(net->marked_after.begin(), net->marked_after.begin() + 6), want);
}

TEST_F(http_chat_backend_test, takes_blank_lines_before_a_body_for_no_content)
{
    net->content_type = "application/json";
    net->pieces = {"\n\n", "\n", good_body};
    EXPECT_EQ(whole().text(), "Merhaba");
    EXPECT_EQ(net->marked_after, (std::vector<bool>{false, false})) << "the third piece is the whole body: nothing more is awaited";
}

// Runs `work` and cancels it once it waits for the network.
template <class T>
zincir::error cancelled(awaitable<T> work)
{
    asio::io_context io;
    asio::cancellation_signal stop;
    std::exception_ptr thrown;
    asio::co_spawn(io, std::move(work),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, auto&&...) { thrown = e; }));
    io.poll();
    stop.emit(asio::cancellation_type::all);
    io.poll();
    EXPECT_TRUE(io.stopped()) << "something still runs after the cancellation";
    EXPECT_TRUE(thrown);
    return to_error(thrown);
}

TEST_F(http_chat_backend_test, ends_a_cancelled_stream_with_what_had_come)
{
    answers(chunk_of(R"({"content":"Mer"})"));
    net->hangs = true;
    const auto e = cancelled(collect(backend->stream(chat_request(), run_context())));
    EXPECT_EQ(e.code(), errc::cancelled);
    ASSERT_TRUE(e.facts().partial);
    EXPECT_EQ(e.facts().partial->text(), "Mer");
    EXPECT_EQ(e.facts().partial->status, message_status::aborted);
    EXPECT_TRUE(net->body_gone);
}

TEST_F(http_chat_backend_test, ends_a_cancelled_whole_call)
{
    answers("{", "application/json");
    net->hangs = true;
    const auto e = cancelled(backend->generate(chat_request(), run_context()));
    EXPECT_EQ(e.code(), errc::cancelled);
    EXPECT_TRUE(net->body_gone);
}

TEST_F(http_chat_backend_test, limits_the_size_of_a_body)
{
    http_chat_limits limits;
    limits.body = 10;
    limits.events.event = 10;
    backend = std::make_shared<http_chat_backend<codec>>(codec(), net, limits);
    answers(good_body, "application/json");
    EXPECT_EQ(failure_of(false).code(), errc::limit_exceeded);
    net->read = 0;
    EXPECT_EQ(failure_of(true).code(), errc::limit_exceeded);
    net->read = 0;
    answers(good_stream);
    EXPECT_EQ(failure_of(true).code(), errc::limit_exceeded);
}

TEST_F(http_chat_backend_test, limits_what_a_stream_sends_altogether)
{
    http_chat_limits limits;
    limits.stream = 10'000;
    backend = std::make_shared<http_chat_backend<codec>>(codec(), net, limits);
    std::string noise;
    while (noise.size() < 20'000)
        noise += ": nothing that counts as an event\n";
    answers(noise + good_stream);
    EXPECT_EQ(failure_of(true).code(), errc::limit_exceeded);
}

class relayed_stream : public fixture, public ::testing::WithParamInterface<std::string> {};

TEST_P(relayed_stream, keeps_the_contract_cut_at_every_byte)
{
    const auto bytes = read_stream_file(GetParam() + ".sse");
    for (std::size_t i = 0; i <= bytes.size(); i += i < 64 ? 1 : 7) {
        answers(bytes.substr(0, i));
        if (i == 0)
            net->pieces.clear();
        net->read = 0;
        const auto check = sync_wait(validated(backend->stream(chat_request(), run_context())));
        ASSERT_TRUE(check.ok()) << "cut at " << i << "\n" << check.report();
    }
}

INSTANTIATE_TEST_SUITE_P(files, relayed_stream,
                         ::testing::Values("groq_text", "openai_parallel_tools", "openrouter_error_beside_choices",
                                           "llama_cpp_error_field", "lone_cr", "unframed_error"),
                         [](const auto& test) { return test.param; });

TEST_F(http_chat_backend_test, carries_a_chat_model)
{
    answers(good_stream);
    const chat_model model(backend);
    EXPECT_EQ(sync_wait(collect(model.stream("Selam"))).text(), "Merhaba");
    EXPECT_EQ(model.step_name(), "chat_model(groq:test)");
}

}  // namespace
}  // namespace zincir::testing

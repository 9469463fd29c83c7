// Chains on a real language model: SmolLM2-135M behind llama.cpp's server, started by run.py, which names the server's address in
// ZINCIR_TEST_URL and its log in ZINCIR_TEST_LOG. What a model of this size says is not judged, only how it comes.

#include <zincir/net/beast_transport.hpp>
#include <zincir/zincir.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

namespace {

struct recipe {
    std::string title;
    std::vector<std::string> ingredients;
    int minutes = 0;
};
BOOST_DESCRIBE_STRUCT(recipe, (), (title, ingredients, minutes))

}  // namespace

namespace zincir {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

class local_model : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_FALSE(url_.empty()) << "run by run.py, which sets ZINCIR_TEST_URL"; }

    chat_model model(unsigned tokens = 60) const
    {
        chat_options options;
        options.max_output_tokens = tokens;
        options.temperature = 0.0;
        options.seed = 7;
        return init_chat_model(url_, options, transport_);
    }
    std::string log() const
    {
        std::ifstream file(environment("ZINCIR_TEST_LOG"));
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    // A reply that would take the server many seconds: it may not end before its 1,900 tokens.
    chat_model endless() const
    {
        chat_options options;
        options.extra["ignore_eos"] = true;
        return model(1900).with(options);
    }
    // Waits until the server works on nothing, a minute at most.
    awaitable<bool> becomes_idle() const
    {
        asio::steady_timer pause(co_await asio::this_coro::executor);
        for (const auto start = clock::now(); clock::now() - start < 60s;) {
            http_request request;
            request.method = "GET";
            request.url = url_.substr(0, url_.size() - 3) + "/slots";
            auto response = co_await transport_->send(std::move(request), run_context());
            const auto text = co_await read_all(std::move(response.body), std::size_t(1) << 20);
            const auto slots = parse_json(text);
            const auto works = [](const json::value& slot) { return slot.as_object().at("is_processing").as_bool(); };
            if (std::ranges::none_of(slots.as_array(), works))
                co_return true;
            pause.expires_after(10ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
        co_return false;
    }
    // The server's own words about the one task since `from`: cancelled, and after how many tokens.
    void expect_cancelled_early(std::size_t from) const
    {
        const auto said = log().substr(from);
        EXPECT_THAT(said, ::testing::HasSubstr("cancel task"));
        const auto at = said.rfind("stop processing: n_tokens = ");
        ASSERT_NE(at, std::string::npos) << said;
        EXPECT_LT(std::stoi(said.substr(at + 28)), 1900) << said;
    }

    std::string url_ = environment("ZINCIR_TEST_URL");
    std::shared_ptr<http_transport> transport_ = std::make_shared<beast_transport>();
};

void expect_whole(const message& reply)
{
    EXPECT_FALSE(reply.text().empty());
    EXPECT_EQ(reply.status, message_status::complete) << reply.text();
    EXPECT_THAT(reply.model(), ::testing::HasSubstr("SmolLM2"));
    ASSERT_TRUE(reply.usage());
    EXPECT_GT(reply.usage()->input_tokens, 0);
    EXPECT_GT(reply.usage()->output_tokens, 0);
}

TEST_F(local_model, answers_a_chain_of_two_steps)
{
    std::optional<message> draft;
    const auto note = [&draft](message reply) {
        draft = reply;
        return reply.text();
    };
    const auto chain = prompt_template("Explain in two sentences {topic}.") | model(300) | note |
                       prompt_template("Rewrite this text in one short sentence:\n\n{text}") | model(300);
    const auto reply = sync_wait(chain.invoke("why the sky is blue"));
    ASSERT_TRUE(draft);
    expect_whole(*draft);
    expect_whole(reply);
    EXPECT_GT(reply.usage()->input_tokens, draft->usage()->output_tokens) << "the draft is not in the second prompt";
}

awaitable<message> fold(stream<message_chunk> chunks, std::size_t& count)
{
    message_builder reply;
    while (auto chunk = co_await chunks.next()) {
        ++count;
        reply.add(std::move(*chunk));
    }
    co_return reply.take();
}

TEST_F(local_model, streams_what_it_answers_whole)
{
    const auto question = messages("Name three colours.");
    std::size_t chunks = 0;
    const auto streamed = sync_wait(fold(model(24).stream(question), chunks));
    const auto whole = sync_wait(model(24).invoke(question));
    EXPECT_GT(chunks, 5U);
    EXPECT_EQ(streamed.text(), whole.text());
    EXPECT_EQ(streamed.status, whole.status);
    ASSERT_TRUE(streamed.usage() && whole.usage());
    EXPECT_EQ(streamed.usage()->output_tokens, whole.usage()->output_tokens);
}

TEST_F(local_model, stops_working_when_its_stream_is_dropped)
{
    const auto said_before = log().size();
    int texts = 0;
    bool idle = false;
    // All in one run: the end of a sync_wait would close the connection, too.
    const auto drop = [&](chat_model asked) -> awaitable<void> {
        {
            auto chunks = asked.stream(messages("Write a very long story about a bear."));
            while (const auto chunk = co_await chunks.next())
                if (!chunk->delta.empty() && ++texts == 3)
                    break;
        }
        idle = co_await becomes_idle();
    };
    sync_wait(drop(endless()));
    ASSERT_EQ(texts, 3);
    EXPECT_TRUE(idle);
    expect_cancelled_early(said_before);
}

TEST_F(local_model, stops_working_when_its_stream_is_cancelled)
{
    const auto said_before = log().size();
    asio::io_context io;
    asio::cancellation_signal stop;
    std::optional<error> failure;
    clock::time_point pressed;
    clock::time_point ended;
    bool idle = false;
    const auto read = [&](chat_model asked) -> awaitable<void> {
        auto chunks = asked.stream(messages("Write a very long story about a bear."));
        for (int texts = 0; const auto chunk = co_await chunks.next();) {
            if (chunk->delta.empty() || ++texts != 3)
                continue;
            asio::post(io, [&] {
                pressed = clock::now();
                stop.emit(asio::cancellation_type::all);
            });
        }
    };
    const auto note = [&](std::exception_ptr e) {
        ended = clock::now();
        if (e)
            failure = to_error(e);
        asio::co_spawn(io, becomes_idle(), [&](std::exception_ptr, bool now) { idle = now; });
    };
    asio::co_spawn(io, read(endless()), asio::bind_cancellation_slot(stop.slot(), note));
    io.run();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code(), errc::cancelled) << failure->what();
    EXPECT_TRUE(failure->is(condition::stopped));
    ASSERT_TRUE(failure->facts().partial);
    EXPECT_FALSE(failure->facts().partial->text().empty());
    EXPECT_EQ(failure->facts().partial->status, message_status::aborted);
    EXPECT_LT(ended - pressed, 1s);  // milliseconds; with room for a loaded machine
    EXPECT_TRUE(idle);
    expect_cancelled_early(said_before);
}

TEST_F(local_model, fills_a_struct_by_its_schema)
{
    chat_options options;
    options.response_format = response_format::json_schema("recipe", json_schema<recipe>());
    const auto chain = prompt_template("Give a short recipe for {dish} as JSON.") | model(600).with(options) | to<recipe>();
    const auto made = sync_wait(chain.invoke("tea"));
    EXPECT_FALSE(made.title.empty());
    EXPECT_FALSE(made.ingredients.empty());
}

TEST_F(local_model, takes_text_in_every_script)
{
    const auto reply = sync_wait(model(8).invoke(messages("Şu sözü yinele: \"İstanbul'da ağaçlar ışıl ışıl\" 日本語 עברית 🐻")));
    ASSERT_TRUE(reply.usage());
    EXPECT_GT(reply.usage()->input_tokens, 20);
}

TEST_F(local_model, says_that_a_prompt_is_too_long)
{
    std::string words;
    for (int i = 0; i < 6000; ++i)
        words += "word ";
    try {
        sync_wait(model().invoke(messages(words)));
        FAIL() << "it answered";
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::context_overflow) << e.what();
    }
}

}  // namespace
}  // namespace zincir

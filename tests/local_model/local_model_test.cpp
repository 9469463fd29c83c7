// Chains on a real language model: SmolLM2-135M behind llama.cpp's server, started by run.py, which names the server's address in
// ZINCIR_TEST_URL and its log in ZINCIR_TEST_LOG. What a model of this size says is not judged, only how it comes.

#include <zincir/net/beast_transport.hpp>
#include <zincir/zincir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

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
    // What the server works on.
    bool is_busy() const
    {
        http_request request;
        request.method = "GET";
        request.url = url_.substr(0, url_.size() - 3) + "/slots";
        const auto fetch = [](std::shared_ptr<http_transport> over, http_request asked) -> awaitable<std::string> {
            auto response = co_await over->send(std::move(asked), run_context());
            co_return co_await read_all(std::move(response.body), std::size_t(1) << 20);
        };
        const auto slots = parse_json(sync_wait(fetch(transport_, std::move(request))));
        for (const auto& slot : slots.as_array())
            if (slot.as_object().at("is_processing").as_bool())
                return true;
        return false;
    }

    std::string url_ = environment("ZINCIR_TEST_URL");
    std::shared_ptr<http_transport> transport_ = std::make_shared<beast_transport>();
};

TEST_F(local_model, answers_a_chain_of_two_steps)
{
    const auto chain = prompt_template("Explain in two sentences {topic}.") | model() | to_text() |
                       prompt_template("Rewrite this text in one short sentence:\n\n{text}") | model();
    const auto reply = sync_wait(chain.invoke("why the sky is blue"));
    EXPECT_FALSE(reply.text().empty());
    EXPECT_TRUE(reply.status == message_status::complete || reply.status == message_status::length);
    ASSERT_TRUE(reply.usage());
    EXPECT_GT(reply.usage()->input_tokens, 0);
    EXPECT_GT(reply.usage()->output_tokens, 0);
    EXPECT_THAT(reply.model(), ::testing::HasSubstr("SmolLM2"));
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
    const auto read_three = [](chat_model asked) -> awaitable<int> {
        auto chunks = asked.stream(messages("Write a very long story about a bear."));
        int texts = 0;
        while (const auto chunk = co_await chunks.next())
            if (!chunk->delta.empty() && ++texts == 3)
                break;
        co_return texts;
    };
    ASSERT_EQ(sync_wait(read_three(model(1900))), 3);
    const auto dropped = clock::now();
    while (is_busy() && clock::now() - dropped < 60s)
        std::this_thread::sleep_for(10ms);
    EXPECT_FALSE(is_busy());
    // The server's own words: it did not come to the end of what was asked for.
    EXPECT_THAT(log().substr(said_before), ::testing::HasSubstr("cancel task"));
}

TEST_F(local_model, fills_a_struct_by_its_schema)
{
    auto asked = model(200);
    chat_options options;
    options.response_format = response_format::json_schema("recipe", json_schema<recipe>());
    asked = asked.with(options);
    const auto reply = sync_wait(asked.invoke(messages("Give a short recipe for tea as JSON.")));
    if (reply.status == message_status::length)
        GTEST_SKIP() << "a model of this size does not always come to an end: " << reply.text();
    const auto made = try_from_json<recipe>(parse_json(reply.text()));
    ASSERT_TRUE(made) << made.error().what() << "\n" << reply.text();
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

#include <zincir/core/chain.hpp>
#include <zincir/core/chat_model.hpp>
#include <zincir/core/described.hpp>
#include <zincir/core/sync_wait.hpp>

#include "stage.hpp"

#include <gmock/gmock.h>
#include <boost/asio/error.hpp>

namespace zincir {
namespace {

using testing::gate;
using ::testing::HasSubstr;
using testing::stage;
using testing::thrown_by;
using testing::tracked;

// Answers with the last message's text, and remembers what it was asked.
class parrot : public chat_backend {
public:
    explicit parrot(std::shared_ptr<std::vector<chat_request>> log, model_profile p = model_profile())
        : asked(std::move(log)), known(std::move(p))
    {}
    awaitable<message> generate(chat_request request, run_context) const override
    {
        asked->push_back(request);
        co_return assistant("echo: " + request.messages.back().text());
    }
    model_profile profile(std::string_view request_model) const override
    {
        auto p = known;
        if (p.model.empty())
            p.model = "parrot:" + std::string(request_model.empty() ? "grey" : request_model);
        return p;
    }
    std::string name() const override { return "parrot"; }

    std::shared_ptr<std::vector<chat_request>> asked;
    model_profile known;
};

class chat_model_of_parrot : public ::testing::Test {
protected:
    std::shared_ptr<std::vector<chat_request>> asked = std::make_shared<std::vector<chat_request>>();
    chat_model model = make_chat_model<parrot>(asked);
};

static_assert(runnable<chat_model> && streams_natively<chat_model>);
static_assert(std::same_as<chunk_of<chat_model>, message_chunk>);

TEST_F(chat_model_of_parrot, answers_a_text_and_a_conversation)
{
    EXPECT_EQ(sync_wait(model.invoke("hi")).text(), "echo: hi");
    messages turns(zincir::system("s"), user("merhaba"));
    EXPECT_EQ(sync_wait(model.invoke(turns)).text(), "echo: merhaba");
}

TEST_F(chat_model_of_parrot, streams_the_answer_of_a_backend_that_cannot)
{
    const auto whole = sync_wait(collect(model.stream("hi")));
    EXPECT_EQ(whole.text(), "echo: hi");
    EXPECT_EQ(whole.status, message_status::complete);
}

TEST_F(chat_model_of_parrot, asks_nothing_before_the_first_piece_is_wanted)
{
    auto pieces = model.stream("hi");
    EXPECT_TRUE(asked->empty());
    sync_wait(pieces.next());
    EXPECT_EQ(asked->size(), 1U);
}

struct weather {
    std::string city{};
    std::vector<double> days{};
};
BOOST_DESCRIBE_STRUCT(weather, (), (city, days))

TEST_F(chat_model_of_parrot, with_output_asks_for_the_schema_of_a_type)
{
    chat_options cool;
    cool.temperature = 0.5;
    sync_wait(model.with(cool).with_output<weather>().invoke("hi"));
    const auto& options = asked->front().options;
    ASSERT_TRUE(options->response_format);
    EXPECT_EQ(options->response_format->what(), response_format::kind::json_schema);
    EXPECT_EQ(options->response_format->name(), "weather");
    EXPECT_EQ(options->response_format->schema(), json_schema<weather>());
    EXPECT_EQ(options->response_format->strict(), true);
    EXPECT_EQ(options->temperature, 0.5);
    EXPECT_FALSE(model.options().response_format);
    EXPECT_EQ(model.with_output<std::vector<weather>>().options().response_format->name(), "vector");
}

TEST_F(chat_model_of_parrot, with_gives_a_changed_copy)
{
    chat_options a;
    a.temperature = 0.2;
    a.seed = 7;
    const auto cool = model.with(a);
    chat_options b;
    b.temperature = 0;
    sync_wait(cool.with(b).invoke("x"));
    EXPECT_EQ(asked->back().options->temperature, 0.0);
    EXPECT_EQ(asked->back().options->seed, 7);
    EXPECT_EQ(cool.options().temperature, 0.2);
    EXPECT_EQ(model.options().temperature, std::nullopt);
}

TEST_F(chat_model_of_parrot, with_tools_replaces_the_tools)
{
    std::vector<tool_definition> tools(2);
    tools[0].name = "a";
    tools[1].name = "b";
    const auto armed = model.with_tools(tools);
    tools.pop_back();
    sync_wait(armed.with_tools(tools).invoke("x"));
    EXPECT_EQ(asked->back().tools->size(), 1U);
    EXPECT_EQ(armed.tools().size(), 2U);
    EXPECT_TRUE(model.tools().empty());
}

TEST_F(chat_model_of_parrot, a_faulty_history_never_reaches_the_backend)
{
    const messages orphan(user("u"), tool_result("1", "x"));
    EXPECT_EQ(thrown_by([&] { sync_wait(model.invoke(orphan)); }).code(), errc::invalid_argument);
    auto pieces = model.stream(orphan);
    EXPECT_EQ(thrown_by([&] { sync_wait(pieces.next()); }).code(), errc::invalid_argument);
    EXPECT_TRUE(asked->empty());
}

TEST_F(chat_model_of_parrot, a_request_the_model_cannot_take_never_reaches_the_backend)
{
    model_profile p;
    p.tools = false;
    const auto toolless = make_chat_model<parrot>(asked, p).with_tools(std::vector<tool_definition>(1));
    EXPECT_EQ(thrown_by([&] { sync_wait(toolless.invoke("x")); }).code(), errc::unsupported);
    EXPECT_TRUE(asked->empty());
}

TEST_F(chat_model_of_parrot, its_profile_is_that_of_the_model_asked_for)
{
    EXPECT_EQ(model.profile().model, "parrot:grey");
    chat_options over;
    over.model = "blue";
    EXPECT_EQ(model.with(over).profile().model, "parrot:blue");
}

TEST_F(chat_model_of_parrot, says_its_name_in_explain)
{
    const chain c = model | [](message m) { return std::move(m).text(); };
    EXPECT_THAT(c.explain(), HasSubstr("0 chat_model(parrot): streams"));
    EXPECT_EQ(sync_wait(c.invoke("q")), "echo: q");
}

TEST(chat_model, refuses_to_be_made_without_a_backend)
{
    EXPECT_EQ(thrown_by([] { chat_model(std::shared_ptr<const chat_backend>()); }).code(), errc::invalid_argument);
}

class waiting : public chat_backend {
public:
    waiting(gate g, int& alive) : door(std::move(g)), guard(alive) {}
    awaitable<message> generate(chat_request, run_context) const override
    {
        co_await door.pass();
        co_return assistant(answer);
    }
    gate door;
    tracked guard;
    std::string answer = std::string(100, 'a');
};

TEST(chat_model, a_call_keeps_the_backend_when_the_handle_is_gone)
{
    stage on;
    gate door;
    int alive = 0;
    auto model = std::make_unique<chat_model>(make_chat_model<waiting>(door, alive));
    auto call = on.start(model->invoke("x"));
    auto first = [](stream<message_chunk> s) -> awaitable<std::string> { co_return (co_await s.next())->delta; };
    auto streaming = on.start(first(model->stream("x")));
    model.reset();
    on.settle();
    EXPECT_EQ(alive, 1);
    door.open();
    on.settle();
    EXPECT_EQ(call.get().text(), std::string(100, 'a'));
    EXPECT_EQ(streaming.get(), std::string(100, 'a'));
    EXPECT_EQ(alive, 0);
}

TEST(chat_model, cancelling_reaches_the_backend)
{
    stage on;
    gate never;
    int alive = 0;
    {
        const auto model = make_chat_model<waiting>(never, alive);
        auto call = on.start(model.invoke("x"));
        on.settle();
        call.cancel();
        on.settle();
        ASSERT_TRUE(call.ended());
        EXPECT_EQ(call.failure().code(), errc::cancelled);
        EXPECT_EQ(never.cancelled(), 1);
    }
    EXPECT_EQ(alive, 0);
}

class failing : public chat_backend {
public:
    awaitable<message> generate(chat_request, run_context) const override
    {
        throw boost::system::system_error(asio::error::connection_reset);
        co_return message();
    }
};

TEST(chat_model, throws_only_errors_of_the_library)
{
    const auto model = make_chat_model<failing>();
    EXPECT_THROW(sync_wait(model.invoke("x")), error);
    auto call = [&]() -> awaitable<errc> {
        try {
            co_await model.invoke("x");
        } catch (const error& e) {
            co_return static_cast<errc>(e.code().value());
        }
        co_return errc();
    };
    EXPECT_EQ(sync_wait(call()), errc::connection);
}

TEST(chat_model, makes_an_error_of_what_a_backend_throws)
{
    class faulty : public chat_backend {
    public:
        awaitable<message> generate(chat_request, run_context) const override
        {
            throw std::out_of_range("shelf 9");
            co_return message();
        }
    };
    const auto model = make_chat_model<faulty>();
    EXPECT_STREQ(thrown_by([&] { sync_wait(model.invoke(messages("x"))); }).what(), "foreign_exception: shelf 9");
    auto pieces = model.stream(messages("x"));
    EXPECT_THROW(sync_wait(pieces.next()), error);
}

}  // namespace
}  // namespace zincir

#include <zincir/llms/scripted_model.hpp>

#include <zincir/core/batch.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/runtime.hpp>
#include <zincir/core/sync_wait.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

using namespace zincir;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

errc code_of(const error& e) { return static_cast<errc>(e.code().value()); }

template <class T>
error error_of(awaitable<T> work)
{
    try {
        sync_wait(std::move(work));
    } catch (const error& e) {
        return e;
    }
    return error(errc::invalid_argument, "nothing was thrown");
}

awaitable<std::vector<std::string>> texts(stream<message_chunk> pieces)
{
    std::vector<std::string> all;
    while (auto piece = co_await pieces.next())
        if (!piece->delta.empty())
            all.push_back(piece->delta);
    co_return all;
}

// Lets the other coroutines of the executor run until `ready`.
template <class Ready>
void wait_until(Ready ready)
{
    while (!ready())
        std::this_thread::yield();
}

}  // namespace

TEST(scripted_model, plays_one_reply_a_call_in_order)
{
    const scripted_model model("one", assistant("two"));
    EXPECT_EQ(sync_wait(model.invoke("a")).text(), "one");
    EXPECT_EQ(model.remaining(), 1U);
    const auto second = sync_wait(model.invoke("b"));
    EXPECT_EQ(second.text(), "two");
    EXPECT_EQ(second.role, role::assistant);
    EXPECT_EQ(second.finish, finish_reason::stop);
    EXPECT_EQ(model.remaining(), 0U);
}

TEST(scripted_model, ends_with_script_ended_and_says_how_many_calls_there_were)
{
    const scripted_model model("one");
    sync_wait(model.invoke("a"));
    const auto e = error_of(model.invoke("b"));
    EXPECT_EQ(code_of(e), errc::script_ended);
    EXPECT_THAT(e.what(), HasSubstr("2 times"));
    EXPECT_EQ(code_of(error_of(texts(model.stream("c")))), errc::script_ended);
    EXPECT_EQ(model.at_work(), 0U);
}

TEST(scripted_model, records_what_it_was_asked)
{
    scripted_model model("one", "two");
    chat_options warm;
    warm.temperature = 0.5;
    tool_definition tool;
    tool.name = "weather";
    std::vector<tool_definition> tools(1, tool);
    sync_wait(model.with(warm).with_tools(tools).invoke("first"));
    sync_wait(texts(model.stream(messages(zincir::system("be brief"), user("second")))));
    const auto asked = model.requests();
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].messages.back().text(), "first");
    EXPECT_EQ(asked[0].options->temperature, 0.5);
    EXPECT_EQ(asked[0].tools->at(0).name, "weather");
    EXPECT_EQ(asked[1].messages.size(), 2U);
    EXPECT_FALSE(asked[1].options->temperature);
}

TEST(scripted_model, is_a_step_of_a_chain)
{
    const scripted_model model("seven");
    const auto chain = [](std::string topic) { return messages("about " + topic); } | model |
                       [](message m) { return m.text().size(); };
    EXPECT_EQ(sync_wait(chain.invoke("bears")), 5U);
    EXPECT_EQ(model.requests().at(0).messages.at(0).text(), "about bears");
}

TEST(scripted_model, throws_the_scripted_error)
{
    diagnostics facts;
    facts.message = "slow down";
    facts.retry_after = 3s;
    const scripted_model model(error(errc::rate_limited, facts), error(errc::rate_limited, facts));
    const auto whole = error_of(model.invoke("x"));
    EXPECT_EQ(code_of(whole), errc::rate_limited);
    EXPECT_EQ(whole.facts().retry_after, 3s);
    EXPECT_FALSE(whole.facts().partial);
    EXPECT_EQ(code_of(error_of(texts(model.stream("x")))), errc::rate_limited);
}

TEST(scripted_model, streams_the_pieces_it_was_given)
{
    const auto reply = scripted_reply::pieces({"Mer", "ha", "ba"});
    const scripted_model model(reply, reply);
    EXPECT_THAT(sync_wait(texts(model.stream("x"))), ElementsAre("Mer", "ha", "ba"));
    const auto whole = sync_wait(model.invoke("x"));
    EXPECT_EQ(whole.text(), "Merhaba");
    EXPECT_EQ(whole.status, message_status::complete);
    EXPECT_EQ(whole.finish, finish_reason::stop);
}

TEST(scripted_model, folds_a_streamed_message_to_the_message_itself)
{
    message call(role::assistant, content());
    call.content.emplace_back(text_block("Let me look."));
    call.content.emplace_back(tool_call("call_1", "weather", R"({"city":"Ankara"})"));
    call.info().usage = usage();
    call.info().usage->output_tokens = 7;
    const scripted_model model(call, call);
    const auto whole = sync_wait(model.invoke("x"));
    const auto folded = sync_wait(collect(model.stream("x")));
    for (const auto& m : {whole, folded}) {
        EXPECT_EQ(m.text(), "Let me look.");
        ASSERT_EQ(m.tool_calls().size(), 1U);
        EXPECT_EQ(m.tool_calls()[0].arguments, R"({"city":"Ankara"})");
        EXPECT_EQ(m.finish, finish_reason::tool_calls);
        EXPECT_EQ(m.usage()->output_tokens, 7);
    }
}

TEST(scripted_model, breaks_off_with_the_partial_message)
{
    const auto reply = scripted_reply::pieces({"half ", "a reply"}).then_fail(error(errc::connection, "reset by peer"));
    const scripted_model model(reply, reply);
    const auto streamed = error_of(texts(model.stream("x")));
    EXPECT_EQ(code_of(streamed), errc::connection);
    ASSERT_TRUE(streamed.facts().partial);
    EXPECT_EQ(streamed.facts().partial->text(), "half a reply");
    EXPECT_EQ(streamed.facts().partial->status, message_status::failed);
    EXPECT_EQ(error_of(model.invoke("x")).facts().partial->text(), "half a reply");
}

TEST(scripted_model, breaks_off_a_whole_message_too)
{
    const scripted_model model(scripted_reply("gone").then_fail(error(errc::idle_timeout, "silence")));
    const auto e = error_of(texts(model.stream("x")));
    EXPECT_EQ(code_of(e), errc::idle_timeout);
    EXPECT_EQ(e.facts().partial->text(), "gone");
}

TEST(scripted_model, calls_chunks_without_a_finish_reason_truncated)
{
    std::vector<message_chunk> cut;
    cut.emplace_back("never finished");
    const scripted_model model(scripted_reply::chunks(cut), scripted_reply::chunks(cut));
    const auto whole = error_of(model.invoke("x"));
    EXPECT_EQ(code_of(whole), errc::truncated);
    EXPECT_EQ(whole.facts().partial->text(), "never finished");
    EXPECT_EQ(code_of(error_of(texts(model.stream("x")))), errc::truncated);
}

TEST(scripted_model, a_stream_that_threw_has_ended)
{
    const scripted_model model(error(errc::server_fault, "500"));
    const auto again = [](stream<message_chunk> pieces) -> awaitable<bool> {
        bool thrown = false;
        try {
            co_await pieces.next();
        } catch (const error&) {
            thrown = true;
        }
        auto after = co_await pieces.next();
        co_return thrown && !after;
    };
    EXPECT_TRUE(sync_wait(again(model.stream("x"))));
}

TEST(scripted_model, takes_nothing_from_the_script_before_the_first_next)
{
    const scripted_model model("one");
    {
        auto unread = model.stream("x");
        EXPECT_EQ(model.calls(), 0U);
    }
    EXPECT_EQ(model.remaining(), 1U);
}

TEST(scripted_model, ends_at_the_deadline)
{
    const scripted_model model(scripted_reply::silence(), scripted_reply("late").after(1h),
                               scripted_reply::pieces({"a", "b"}).paced(1h));
    for (int call = 0; call < 2; ++call)
        EXPECT_EQ(code_of(error_of(model.invoke("x", run_context().with_timeout(5ms)))), errc::deadline_exceeded);
    EXPECT_EQ(code_of(error_of(texts(model.stream("x", run_context().with_timeout(5ms))))), errc::deadline_exceeded);
    EXPECT_EQ(model.at_work(), 0U);
}

TEST(scripted_model, refuses_a_call_whose_deadline_has_passed)
{
    const scripted_model model("too late");
    EXPECT_EQ(code_of(error_of(model.invoke("x", run_context().with_timeout(-1s)))), errc::deadline_exceeded);
}

TEST(scripted_model, ends_at_once_when_it_is_cancelled)
{
    const scripted_model model(scripted_reply::silence(), scripted_reply::pieces({"a", "b"}).paced(1h));
    runtime threads;
    auto whole = threads.spawn(model.invoke("x"));
    wait_until([&] { return model.at_work() == 1; });
    whole.cancel();
    EXPECT_THROW(
        try { whole.get(); } catch (const error& e) {
            EXPECT_EQ(code_of(e), errc::cancelled);
            EXPECT_TRUE(e.is(condition::stopped));
            throw;
        },
        error);
    EXPECT_EQ(model.at_work(), 0U);

    auto streamed = threads.spawn(texts(model.stream("x")));
    wait_until([&] { return model.at_work() == 1; });
    streamed.cancel();
    EXPECT_THROW(streamed.get(), error);
    EXPECT_EQ(model.at_work(), 0U);
}

TEST(scripted_model, leaves_when_its_stream_is_dropped)
{
    const scripted_model model(scripted_reply::pieces({"a", "b", "c"}));
    const auto read_one = [](stream<message_chunk> pieces) -> awaitable<std::string> {
        auto first = co_await pieces.next();
        co_return first->delta;
    };
    EXPECT_EQ(sync_wait(read_one(model.stream("x"))), "a");
    EXPECT_EQ(model.at_work(), 0U);
}

TEST(scripted_model, serves_many_threads_each_reply_once)
{
    scripted_model model;
    constexpr std::size_t calls = 400;
    for (std::size_t i = 0; i < calls; ++i)
        model.then(std::to_string(i));
    runtime threads(4);
    std::vector<job<message>> jobs;
    for (std::size_t i = 0; i < calls; ++i)
        jobs.push_back(threads.spawn(model.invoke("x")));
    std::vector<bool> seen(calls);
    for (auto& job : jobs)
        seen[std::stoul(job.get().text())] = true;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), static_cast<std::ptrdiff_t>(calls));
    EXPECT_EQ(model.calls(), calls);
}

TEST(scripted_model, a_batch_that_fails_leaves_no_call_at_work)
{
    const scripted_model model(scripted_reply::silence(), scripted_reply::silence(), error(errc::server_fault, "500"));
    std::vector<messages> inputs;
    for (int i = 0; i < 3; ++i)
        inputs.emplace_back("x");
    EXPECT_EQ(code_of(error_of(batch(model, inputs))), errc::server_fault);
    EXPECT_EQ(model.calls(), 3U);
    EXPECT_EQ(model.at_work(), 0U);
}

TEST(scripted_model, refuses_by_its_profile_before_the_script_is_touched)
{
    scripted_model model("never");
    model_profile profile;
    profile.tools = false;
    model.set_profile(profile);
    tool_definition tool;
    tool.name = "weather";
    std::vector<tool_definition> tools(1, tool);
    EXPECT_EQ(code_of(error_of(model.with_tools(tools).invoke("x"))), errc::unsupported);
    EXPECT_EQ(model.calls(), 0U);
}

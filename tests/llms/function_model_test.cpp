#include <zincir/llms/function_model.hpp>

#include <zincir/core/sync_wait.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

using namespace zincir;

TEST(function_model, answers_with_the_text_the_function_returns)
{
    const auto model = function_model([](const chat_request& r) { return r.messages.back().text() + "!"; });
    const auto reply = sync_wait(model.invoke("hello"));
    EXPECT_EQ(reply.text(), "hello!");
    EXPECT_EQ(reply.role, role::assistant);
    EXPECT_EQ(reply.finish, finish_reason::stop);
}

TEST(function_model, keeps_the_message_the_function_returns)
{
    const auto model = function_model([](chat_request) {
        message m(role::assistant, content());
        m.content.emplace_back(tool_call("1", "add", R"({"a":1})"));
        m.info().model = "mine";
        return m;
    });
    const auto whole = sync_wait(model.invoke("x"));
    EXPECT_EQ(whole.model(), "mine");
    EXPECT_EQ(whole.finish, finish_reason::tool_calls);
    const auto folded = sync_wait(collect(model.stream("x")));
    EXPECT_EQ(folded.tool_calls().at(0).arguments, whole.tool_calls().at(0).arguments);
    EXPECT_EQ(folded.finish, whole.finish);
}

TEST(function_model, awaits_a_coroutine_and_hands_it_the_context)
{
    const auto model =
        function_model([](chat_request, run_context ctx) -> awaitable<std::string> { co_return std::string(ctx.run_id()); });
    EXPECT_EQ(sync_wait(model.invoke("x", run_context().with_run_id("run-7"))).text(), "run-7");
}

TEST(function_model, can_ask_another_model)
{
    const auto inner = function_model([](const chat_request& r) { return r.messages.back().text() + "b"; });
    const auto outer =
        function_model([inner](chat_request r, run_context ctx) { return inner.invoke(std::move(r.messages), std::move(ctx)); });
    EXPECT_EQ(sync_wait(outer.invoke("a")).text(), "ab");
}

TEST(function_model, throws_what_the_function_throws)
{
    const auto ours = function_model([](chat_request) -> std::string { throw error(errc::quota_exceeded, "no credit"); });
    EXPECT_THROW(sync_wait(ours.invoke("x")), error);
    const auto theirs = function_model([](chat_request) -> std::string { throw std::runtime_error("broken"); });
    try {
        sync_wait(theirs.invoke("x"));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const error& e) {
        EXPECT_NE(std::string(e.what()).find("broken"), std::string::npos);
    }
}

TEST(function_model, does_not_call_the_function_after_the_deadline)
{
    bool called = false;
    const auto model = function_model([&called](chat_request) {
        called = true;
        return "x";
    });
    EXPECT_THROW(sync_wait(model.invoke("x", run_context().with_timeout(std::chrono::seconds(-1)))), error);
    EXPECT_FALSE(called);
}

TEST(function_model, shows_its_name)
{
    const auto model = function_model([](chat_request) { return "x"; }, "router");
    EXPECT_EQ(model.step_name(), "chat_model(router)");
}

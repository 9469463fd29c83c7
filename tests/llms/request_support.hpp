#pragma once

#include <zincir/core/json.hpp>
#include <zincir/llms/openai_request.hpp>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace zincir::testing {

inline openai_profile gateway()
{
    auto profile = unknown_gateway("http://gateway.example/v1");
    profile.default_model = "m";
    return profile;
}

inline openai_profile builtin(std::string_view name)
{
    const auto* profile = find_profile(name);
    EXPECT_NE(profile, nullptr) << name;
    return profile ? *profile : openai_profile();
}

inline chat_request request_of(messages history, chat_options options = chat_options(), std::vector<tool_definition> tools = {})
{
    chat_request request;
    request.messages = std::move(history);
    request.options = std::move(options);
    request.tools = std::move(tools);
    return request;
}

/// The `messages` of the body.
inline json::value encoded_messages(messages history, const openai_profile& profile = gateway())
{
    return parse_json(encode_openai_chat(request_of(std::move(history)), profile, false).body).at("messages");
}

/// The error that `f` throws; a test failure if it throws none.
template <class F>
std::optional<error> error_of(F&& f)
{
    try {
        std::invoke(f);
    } catch (const error& e) {
        return e;
    }
    ADD_FAILURE() << "expected a zincir::error";
    return std::nullopt;
}

}  // namespace zincir::testing

/// `statement` throws errc::`code` with a message that has `words` in it.
#define EXPECT_REFUSED(statement, expected_code, words)                                 \
    if (const auto refusal = ::zincir::testing::error_of([&] { (void)(statement); })) { \
        EXPECT_EQ(refusal->code(), ::zincir::errc::expected_code) << refusal->what();   \
        EXPECT_THAT(refusal->facts().message, ::testing::HasSubstr(words));             \
    }

#pragma once

#include <zincir/llms/openai_decoder.hpp>
#include <zincir/llms/stream_validator.hpp>
#include <zincir/net/sse_parser.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zincir::testing {

inline std::shared_ptr<const openai_reply_rules> reply_rules()
{
    openai_reply_rules rules;
    rules.who.provider = "groq";
    rules.who.key_variable = "GROQ_API_KEY";
    rules.who.url = "https://api.example.org/v1/chat/completions";
    rules.who.key = secret("sk-test-key");
    return std::make_shared<const openai_reply_rules>(std::move(rules));
}

/// What became of a reply.
struct outcome {
    stream_validator check{};
    message sum{};  ///< the fold of the chunks
    std::optional<zincir::error> failure{};
    std::vector<message_chunk> chunks{};
};

/// The sans-IO client: parser, decoder and emitter, fed in the given pieces and then told that the bytes ended.
inline outcome decode_stream(const std::vector<std::string_view>& pieces, emission_rules rules = emission_rules())
{
    outcome result;
    chat_emitter out(std::move(rules));
    openai_decoder decoder(reply_rules());
    sse_parser parser;
    const auto deliver = [&] {
        while (auto chunk = out.pop()) {
            result.check.chunk(*chunk);
            result.chunks.push_back(std::move(*chunk));
        }
    };
    std::size_t strays = 0;
    const auto next = [&] {
        auto e = parser.next();
        if (parser.strays().size() != strays) {
            strays = parser.strays().size();
            decoder.strays(parser.strays(), false, out);
        }
        return e;
    };
    for (const auto piece : pieces) {
        parser.feed(piece);
        while (const auto e = next()) {
            decoder.event(*e, out);
            deliver();
        }
    }
    if (const auto last = parser.finish(); last && last->has_data) {
        boost::system::error_code ec;
        json::parse(json::string_view(last->data.data(), last->data.size()), ec);
        if (!ec || last->data.starts_with("[DONE]"))
            decoder.event(*last, out);
    }
    decoder.strays(parser.strays(), true, out);
    out.end_of_input();
    deliver();
    if (out.end()->good()) {
        result.check.end();
    } else {
        result.failure = out.end()->failure();
        result.check.error(*result.failure);
    }
    message_builder sum;
    for (const auto& chunk : result.chunks)
        sum.add(chunk);
    result.sum = sum.take();
    return result;
}

inline outcome decode_stream(std::string_view bytes, emission_rules rules = emission_rules())
{
    return decode_stream(std::vector<std::string_view>{bytes}, std::move(rules));
}

/// The message of a whole body, or the error.
inline result<message> decode_body(std::string_view body, emission_rules rules = emission_rules())
{
    chat_emitter out(std::move(rules), chat_emitter::mode::whole);
    openai_decoder decoder(reply_rules());
    decoder.body(body, out);
    out.end_of_input();
    if (!out.end()->good())
        return out.end()->failure();
    return out.take();
}

inline std::string read_stream_file(const std::string& name)
{
    std::ifstream file(std::string(ZINCIR_TEST_STREAMS) + "/" + name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

/// One event with this JSON, as a stream writes it.
inline std::string event_of(std::string_view json) { return "data: " + std::string(json) + "\n\n"; }

/// A chunk with this delta and finish reason (as JSON).
inline std::string chunk_of(std::string_view delta, std::string_view finish = "null")
{
    return event_of(R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
                    std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}");
}

inline const std::string done_event = "data: [DONE]\n\n";

}  // namespace zincir::testing

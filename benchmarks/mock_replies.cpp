#include "mock_replies.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mock {
namespace {

constexpr std::string_view sse_head =
    "HTTP/1.1 200 OK\r\n"
    "Date: Tue, 24 Nov 2026 10:00:00 GMT\r\n"
    "Content-Type: text/event-stream\r\n"
    "Transfer-Encoding: chunked\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: no-cache\r\n"
    "X-Request-Id: req_01jbd6g2qdfw2adyrt2az8hz4w\r\n"
    "\r\n";

constexpr std::string_view chunk_head =
    R"({"id":"chatcmpl-9c7ba1f0-3b5e-4d6a-8f1c-2e4d6a8b0c1d","object":"chat.completion.chunk","created":1730241104,)"
    R"("model":"llama-3.3-70b-versatile","system_fingerprint":"fp_179b0f92c9","choices":[)";

constexpr std::string_view error_body =
    R"({"error":{"message":"The model is overloaded. Please try again later.","type":"server_error","code":"overloaded"}})";

// Words of a reply as JSON text: mostly plain, with the escapes and the multi-byte letters that real replies have.
constexpr std::array<std::string_view, 16> words = {"The",          " brown", " bear",          " sleeps", " through", " the",
                                                    " winter",      ",",      " and ",          "then",    " it is",   " a ",
                                                    " caf\xc3\xa9", ".\\n",   " \\\"hello\\\"", " again"};

std::string text_of(std::size_t bytes)
{
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i)
        text += words[i % 7];
    text.resize(bytes);
    return text;
}

std::string usage_of(std::size_t output)
{
    return R"({"queue_time":0.037493756,"prompt_tokens":18,"prompt_time":0.000680594,"completion_tokens":)" +
           std::to_string(output) + R"(,"completion_time":0.463333333,"total_tokens":)" + std::to_string(output + 18) +
           R"(,"total_time":0.464013927})";
}

std::string event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

std::string http_chunk(std::string_view bytes)
{
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
    return std::string(digits.data(), end) + "\r\n" + std::string(bytes) + "\r\n";
}

bool equal_without_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

}  // namespace

fault fault_named(std::string_view word)
{
    if (word == "429")
        return fault::status_429;
    if (word == "500")
        return fault::status_500;
    if (word == "cut")
        return fault::cut;
    if (word == "in-band")
        return fault::in_band;
    if (word == "stall")
        return fault::stall;
    if (word == "reset")
        return fault::reset;
    return fault::none;
}

std::string http_reply(std::string_view status, std::string_view body, std::string_view more_headers)
{
    std::string reply = "HTTP/1.1 ";
    reply += status;
    reply += "\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n";
    reply += more_headers;
    reply += "X-Request-Id: req_01jbd6g2qdfw2adyrt2az8hz4w\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    reply += body;
    return reply;
}

bool asks_for(std::string_view head, std::string_view method, std::string_view path_end)
{
    if (!head.starts_with(method))
        return false;
    const auto path = head.substr(method.size() + 1);
    return path.substr(0, path.find_first_of(" ?\r")).ends_with(path_end);
}

std::size_t content_length(std::string_view head)
{
    constexpr std::string_view name = "content-length:";
    for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
        auto field = head.substr(line + 2);
        if (field.size() < name.size() || !equal_without_case(field.substr(0, name.size()), name))
            continue;
        field.remove_prefix(name.size());
        field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
        std::size_t value = 0;
        std::from_chars(field.data(), field.data() + field.size(), value);
        return value;
    }
    return 0;
}

bool is_true(std::string_view body, std::string_view quoted_key)
{
    const auto at = body.find(quoted_key);
    if (at == std::string_view::npos)
        return false;
    auto value = body.substr(at + quoted_key.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value.starts_with("true");
}

replies::replies(const reply_options& options)
{
    const auto output = options.text_bytes / 4 + 1;
    whole_ = http_reply(
        "200 OK", R"({"id":"chatcmpl-9c7ba1f0-3b5e-4d6a-8f1c-2e4d6a8b0c1d","object":"chat.completion","created":1730241104,)"
                  R"("model":"llama-3.3-70b-versatile","choices":[{"index":0,"message":{"role":"assistant","content":")" +
                      text_of(options.text_bytes) + R"("},"logprobs":null,"finish_reason":"stop"}],"usage":)" + usage_of(output) +
                      R"(,"system_fingerprint":"fp_179b0f92c9","x_groq":{"id":"req_01jbd6g2qdfw2adyrt2az8hz4w"}})");
    whole_error_ = http_reply("200 OK", error_body);
    status_429_ = http_reply("429 Too Many Requests",
                             R"({"error":{"message":"Rate limit reached.","type":"requests","code":"rate_limit_exceeded"}})",
                             "Retry-After: 1\r\nRetry-After-Ms: 20\r\n");
    status_500_ = http_reply("500 Internal Server Error", error_body);
    models_ =
        http_reply("200 OK", R"({"object":"list","data":[{"id":"llama-3.3-70b-versatile","object":"model","created":1693721698,)"
                             R"("owned_by":"Meta","active":true,"context_window":131072}]})");
    not_found_ = http_reply("404 Not Found", R"({"error":{"message":"Unknown request URL.","type":"invalid_request_error"}})");
    plain_ = make_stream(options, false, false);
    with_usage_ = make_stream(options, true, false);
    with_error_ = make_stream(options, false, true);
}

replies::stream replies::make_stream(const reply_options& options, bool with_usage, bool with_error) const
{
    const auto chunk = [](std::string_view choices, std::string_view more = "]}") {
        return event(std::string(chunk_head) + std::string(choices) + std::string(more));
    };
    std::vector<std::string> events;
    events.push_back(chunk(R"({"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null})",
                           R"(],"x_groq":{"id":"req_01jbd6g2qdfw2adyrt2az8hz4w"}})"));
    const auto contents = with_error ? options.tokens / 2 : options.tokens;
    for (std::size_t i = 0; i < contents; ++i)
        events.push_back(chunk(R"({"index":0,"delta":{"content":")" + std::string(words[i % words.size()]) +
                               R"("},"logprobs":null,"finish_reason":null})"));
    if (with_error) {
        events.push_back(event(error_body));
    } else {
        events.push_back(chunk(R"({"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"})",
                               R"(],"x_groq":{"id":"req_01jbd6g2qdfw2adyrt2az8hz4w","usage":)" + usage_of(options.tokens) + "}}"));
        if (with_usage)
            events.push_back(chunk("", R"(],"usage":)" + usage_of(options.tokens) + "}"));
        events.push_back(event("[DONE]"));
    }

    stream made;
    made.frames.emplace_back(sse_head);
    for (const auto& e : events)
        made.frames.push_back(http_chunk(e));
    made.frames[0] += made.frames[1];  // the role arrives with the head
    made.frames.erase(made.frames.begin() + 1);
    made.frames.back() += "0\r\n\r\n";

    if (options.pack == 0) {
        for (const auto& frame : made.frames)
            made.whole += frame;
        return made;
    }
    // The head leaves with the first events. Events may straddle two chunks, as a proxy that buffers makes them.
    std::string all;
    for (const auto& e : events)
        all += e;
    made.whole = sse_head;
    for (std::size_t at = 0; at < all.size(); at += options.pack)
        made.whole += http_chunk(std::string_view(all).substr(at, options.pack));
    made.whole += "0\r\n\r\n";
    return made;
}

std::string_view replies::whole(bool streams, bool with_usage, fault f) const
{
    const auto body = [&]() -> std::string_view {
        if (f == fault::status_429)
            return status_429_;
        if (f == fault::status_500)
            return status_500_;
        if (!streams)
            return f == fault::in_band ? whole_error_ : whole_;
        if (f == fault::in_band)
            return with_error_.whole;
        return with_usage ? with_usage_.whole : plain_.whole;
    }();
    if (f != fault::cut && f != fault::stall)
        return body;
    // A cut in a whole reply must fall into its body, not into its head.
    const auto head = body.find("\r\n\r\n") + 4;
    return body.substr(0, head + (body.size() - head) / 2);
}

const std::vector<std::string>& replies::frames(bool with_usage, fault f) const
{
    if (f == fault::in_band)
        return with_error_.frames;
    return with_usage ? with_usage_.frames : plain_.frames;
}

}  // namespace mock

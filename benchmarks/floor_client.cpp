// The floor: what a careful engineer writes by hand for the same calls, with Boost.Beast and Boost.JSON coroutines and no
// framework. One keep-alive connection a worker, TCP_NODELAY, buffers that live as long as the connection, one io_context thread.
// It checks what a program must (status, content type of the reply, content present) and has no timeouts, retries or pool.

#include "measure.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using tcp = asio::ip::tcp;

struct shared_state {
    const measure::arguments& arguments;
    measure::recorder& recorder;
    tcp::resolver::results_type addresses;
    std::size_t warming = 0;
    std::size_t left = 0;
};

std::string request_body(bool streams, std::string_view topic)
{
    json::object body;
    body["model"] = "llama-3.3-70b-versatile";
    json::array messages;
    messages.push_back(json::object{{"role", "system"}, {"content", "You are a helpful assistant."}});
    messages.push_back(json::object{{"role", "user"}, {"content", "Tell me one fact about " + std::string(topic) + "."}});
    body["messages"] = std::move(messages);
    if (streams) {
        body["stream"] = true;
        body["stream_options"] = json::object{{"include_usage", true}};
    }
    return json::serialize(body);
}

class client {
public:
    client(tcp::socket socket, const measure::arguments& a) : socket_(std::move(socket))
    {
        request_.method(http::verb::post);
        request_.target(a.path + "/chat/completions");
        request_.version(11);
        request_.set(http::field::host, a.host + ":" + a.port);
        request_.set(http::field::user_agent, "floor_client");
        request_.set(http::field::authorization, "Bearer not-a-key");
        request_.set(http::field::content_type, "application/json");
        if (a.streams)
            request_.set(http::field::accept, "text/event-stream");
        buffer_.reserve(16 * 1024);
    }

    asio::awaitable<std::string> ask(std::string_view topic)
    {
        request_.body() = request_body(false, topic);
        request_.prepare_payload();
        co_await http::async_write(socket_, request_, asio::use_awaitable);
        http::response<http::string_body> response;
        co_await http::async_read(socket_, buffer_, response, asio::use_awaitable);
        if (response.result() != http::status::ok)
            throw std::runtime_error("HTTP " + std::to_string(response.result_int()));
        const auto reply = json::parse(response.body());
        const auto& choice = reply.at("choices").at(0);
        if (!choice.at("finish_reason").is_string())
            throw std::runtime_error("not finished");
        co_return std::string(choice.at("message").at("content").as_string());
    }

    /// The text of a whole stream, and how many deltas it came in.
    asio::awaitable<std::string> read_stream(std::string_view topic, std::size_t& deltas)
    {
        request_.body() = request_body(true, topic);
        request_.prepare_payload();
        co_await http::async_write(socket_, request_, asio::use_awaitable);
        http::response_parser<http::buffer_body> parser;
        parser.body_limit(boost::none);
        co_await http::async_read_header(socket_, buffer_, parser, asio::use_awaitable);
        if (parser.get().result() != http::status::ok)
            throw std::runtime_error("HTTP " + std::to_string(parser.get().result_int()));
        parser.eager(true);  // every chunk that one read brought, not only the first
        std::string text;
        pending_.clear();
        bool finished = false;
        while (!parser.is_done()) {
            parser.get().body().data = bytes_;
            parser.get().body().size = sizeof bytes_;
            boost::system::error_code failed;
            co_await http::async_read_some(socket_, buffer_, parser, asio::redirect_error(asio::use_awaitable, failed));
            if (failed && failed != http::error::need_buffer)
                throw boost::system::system_error(failed);
            pending_.append(bytes_, sizeof bytes_ - parser.get().body().size);
            std::size_t at = 0;
            for (auto end = pending_.find("\n\n"); end != std::string::npos; end = pending_.find("\n\n", at)) {
                const auto event = std::string_view(pending_).substr(at, end - at);
                at = end + 2;
                finished |= take(event, text, deltas);
            }
            pending_.erase(0, at);
        }
        if (!finished)
            throw std::runtime_error("the stream was cut");
        co_return text;
    }

private:
    // Whether the event says why the model stopped.
    static bool take(std::string_view event, std::string& text, std::size_t& deltas)
    {
        constexpr std::string_view data = "data: ";
        if (!event.starts_with(data) || event.substr(data.size()) == "[DONE]")
            return false;
        const auto chunk = json::parse(event.substr(data.size()));
        const auto& choices = chunk.at("choices").as_array();
        if (choices.empty())
            return false;
        const auto& choice = choices.front().as_object();
        const auto& delta = choice.at("delta").as_object();
        if (const auto* content = delta.if_contains("content")) {
            const auto& piece = content->as_string();
            text.append(piece.data(), piece.size());
            ++deltas;
        }
        return choice.at("finish_reason").is_string();
    }

    tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    std::string pending_;
    char bytes_[16 * 1024];
};

asio::awaitable<void> work(shared_state& state)
{
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await asio::async_connect(socket, state.addresses, asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    client c(std::move(socket), state.arguments);
    bool warm = false;
    for (;;) {
        if (warm) {
            if (state.left == 0)
                co_return;
            --state.left;
        }
        const auto start = measure::recorder::clock::now();
        std::size_t deltas = 0;
        std::string text;
        if (state.arguments.streams)
            text = co_await c.read_stream("bears", deltas);
        else
            text = co_await c.ask("bears");
        if (text.empty())
            throw std::runtime_error("an empty reply");
        if (warm)
            state.recorder.add(start, deltas);
        else if (--state.warming == 0)
            state.recorder.begin();
        warm = true;
    }
}

}  // namespace

int main(int argc, char** argv)
{
    const auto arguments = measure::parse(argc, argv);
    measure::recorder recorder(arguments);
    asio::io_context io(1);
    shared_state state{arguments, recorder, tcp::resolver(io).resolve(arguments.host, arguments.port), arguments.concurrency,
                       arguments.total};
    for (std::size_t i = 0; i < arguments.concurrency; ++i)
        asio::co_spawn(io, work(state), [](std::exception_ptr failed) {
            if (!failed)
                return;
            try {
                std::rethrow_exception(failed);
            } catch (const std::exception& e) {
                std::fprintf(stderr, "floor_client: %s\n", e.what());
                std::exit(1);
            }
        });
    io.run();
    recorder.end();
}

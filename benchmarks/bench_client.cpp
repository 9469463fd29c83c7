// The calls of floor_client through the real chain: chat_prompt_template | chat_model | to_text(), on one io_context thread.

#include "measure.hpp"

#include <zincir/core/chat_model.hpp>
#include <zincir/core/sequence.hpp>
#include <zincir/llms/http_chat_backend.hpp>
#include <zincir/llms/openai_chat_codec.hpp>
#include <zincir/net/beast_transport.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

namespace asio = boost::asio;

auto make_chain(const measure::arguments& a)
{
    zincir::beast_transport_options connections;
    connections.max_idle = std::max<std::size_t>(a.concurrency, 1024);
    auto profile = zincir::unknown_gateway(a.url);
    profile.default_model = "llama-3.3-70b-versatile";
    const auto model = zincir::make_chat_model<zincir::http_chat_backend<zincir::openai_chat_codec>>(
        zincir::openai_chat_codec(std::move(profile), zincir::secret("not-a-key")),
        std::make_shared<zincir::beast_transport>(std::move(connections)));
    return zincir::chat_prompt_template(zincir::system("You are a helpful assistant."),
                                        zincir::user("Tell me one fact about {topic}.")) |
           model | zincir::to_text();
}

template <class Chain>
struct shared_state {
    const measure::arguments& arguments;
    measure::recorder& recorder;
    Chain chain;
    std::size_t warming;
    std::size_t left;
};

template <class Chain>
asio::awaitable<void> work(shared_state<Chain>& state)
{
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
        if (state.arguments.streams) {
            auto pieces = state.chain.stream(zincir::values("topic", "bears"));
            while (auto piece = co_await pieces.next()) {
                text += *piece;
                ++deltas;
            }
        } else {
            text = co_await state.chain.invoke(zincir::values("topic", "bears"));
        }
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
    shared_state state{arguments, recorder, make_chain(arguments), arguments.concurrency, arguments.total};
    for (std::size_t i = 0; i < arguments.concurrency; ++i)
        asio::co_spawn(io, work(state), [](std::exception_ptr failed) {
            if (!failed)
                return;
            try {
                std::rethrow_exception(failed);
            } catch (const std::exception& e) {
                std::fprintf(stderr, "bench_client: %s\n", e.what());
                std::exit(1);
            }
        });
    io.run();
    recorder.end();
}

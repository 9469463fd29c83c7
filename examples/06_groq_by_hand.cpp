// The same call twice: as an HTTP request that is put together by hand, as with curl or `requests`, and as a chain.
// Without GROQ_API_KEY the request is only shown.
//
//   $ scripts/run.sh groq_by_hand --model offline
//   POST https://api.groq.com/openai/v1/chat/completions
//   Content-Type: application/json
//   Authorization: Bearer $GROQ_API_KEY
//
//   {"model":"llama-3.3-70b-versatile","messages":[…],"max_completion_tokens":120}
//
//   [zincir offline model: fixed rules, no language model]
//   I have no rule for this: Explain why low latency matters for language models.

#include <zincir/net/beast_transport.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "example.hpp"

using namespace zincir;

awaitable<void> groq_by_hand(example::arguments args)
{
    const auto question = args.text("Explain why low latency matters for language models.");

    http_request request;
    request.url = "https://api.groq.com/openai/v1/chat/completions";
    request.headers.add("Content-Type", "application/json");
    json::array turns{{{"role", "system"}, {"content", "You are brief."}}, {{"role", "user"}, {"content", question}}};
    json::object body{{"model", "llama-3.3-70b-versatile"}, {"messages", turns}, {"max_completion_tokens", 120}};
    request.body = json::serialize(body);
    if (const char* key = std::getenv("GROQ_API_KEY"); key && args.option("--model", "groq").starts_with("groq")) {
        request.bearer = secret(key);
        beast_transport transport;
        auto response = co_await transport.send(std::move(request), run_context());
        auto text = co_await read_all(std::move(response.body), 1 << 20);
        if (response.status != 200)
            throw error(errc::invalid_request, "Groq answered with status " + std::to_string(response.status));
        fmt::print("{}\n\n", std::string(parse_json(text).at_pointer("/choices/0/message/content").as_string()));
    } else {
        fmt::print("{} {}\nContent-Type: application/json\nAuthorization: Bearer $GROQ_API_KEY\n\n{}\n\n", request.method,
                   request.url, request.body);
    }

    chat_options options;
    options.max_output_tokens = 120;
    auto chain = chat_prompt_template(zincir::system("You are brief."), user("{question}")) | args.model(options) | to_text();
    fmt::print("{}\n", co_await chain.invoke(question));
}

int main(int argc, char** argv) { return example::run(argc, argv, "groq_by_hand [question]", groq_by_hand); }

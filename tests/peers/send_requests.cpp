// Asks a server every case through the library's own client and transport, one JSON object a line: {case, ok, said}.
// usage: send_requests BASE_URL
#include "request_cases.hpp"

#include <zincir/core/error.hpp>
#include <zincir/core/sync_wait.hpp>
#include <zincir/llms/init_chat_model.hpp>
#include <zincir/net/beast_transport.hpp>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

namespace {

zincir::json::object ask(const zincir::chat_model& model, const zincir::peers::request_case& c)
{
    zincir::json::object line;
    line["case"] = c.name;
    line["ok"] = false;
    try {
        const auto asked = model.with(c.options).with_tools(c.tools);
        const auto reply = zincir::sync_wait(asked.invoke(c.messages));
        line["ok"] = reply.status == zincir::message_status::complete;
        line["said"] = reply.text();
    } catch (const zincir::error& e) {
        line["said"] = std::string(e.what()) + " " + e.facts().provider_message;
    }
    return line;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        fmt::print(stderr, "usage: send_requests BASE_URL\n");
        return 2;
    }
    try {
        auto profile = *zincir::find_profile("openai");
        profile.base_url = argv[1];
        profile.url_variable.clear();
        zincir::beast_transport_options direct;
        direct.proxy.from_environment = false;
        const auto model = zincir::chat_model_of(profile, zincir::chat_options(), std::make_shared<zincir::beast_transport>(direct),
                                                 zincir::secret("not-a-key"));
        for (const auto& c : zincir::peers::request_cases())
            fmt::print("{}\n", zincir::json::serialize(ask(model, c)));
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 1;
    }
    return 0;
}

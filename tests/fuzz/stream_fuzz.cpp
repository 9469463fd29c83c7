// A provider's stream, from its bytes to the message: cut into pieces in any way it is the same stream, and its end is good only
// where the provider said so.

#include "property.hpp"

#include "decoder_support.hpp"

#include <boost/json/serialize.hpp>

#include <charconv>

namespace {

using namespace zincir;

// Without the ids that were made up for calls without one.
std::string described(const zincir::testing::outcome& o, std::string_view bytes)
{
    std::string all = o.failure ? std::string(o.failure->what()) : "good";
    if (o.failure && o.failure->facts().partial)
        all += "\npartial: " + o.failure->facts().partial->text();
    all += "\ntext: " + o.sum.text() + "\nreasoning: " + o.sum.reasoning() +
           "\nfinish: " + std::to_string(static_cast<int>(o.sum.finish));
    for (const auto& call : o.sum.tool_calls())
        all += "\ncall: " + (bytes.find(call.id) == std::string_view::npos ? std::string("-") : call.id) + " " + call.name + " " +
               call.arguments;
    return all;
}

std::vector<std::string_view> cut(std::string_view bytes)
{
    std::vector<std::string_view> pieces;
    auto dice = zincir::testing::mixed(bytes) | 1U;
    const auto most = 1 + dice % 40;
    while (!bytes.empty()) {
        dice = dice * 6364136223846793005U + 1442695040888963407U;
        const auto n = std::min<std::size_t>(bytes.size(), 1 + (dice >> 33) % most);
        pieces.push_back(bytes.substr(0, n));
        bytes.remove_prefix(n);
    }
    return pieces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = zincir::testing::text_of(data, size);
    const auto at_once = zincir::testing::decode_stream(bytes);
    zincir::testing::require(at_once.check.ok(), "the stream keeps its contract: " + at_once.check.report());
    if (!at_once.failure) {
        // The key may be written with escapes.
        const bool said = bytes.find("finish") != std::string_view::npos || bytes.find("\\u") != std::string_view::npos;
        zincir::testing::require(said, "no reply ends well without a finish reason");
    }
    const auto in_pieces = zincir::testing::decode_stream(cut(bytes));
    zincir::testing::require(in_pieces.check.ok(), "the stream in pieces keeps its contract: " + in_pieces.check.report());
    zincir::testing::require(
        described(at_once, bytes) == described(in_pieces, bytes),
        "pieces make no difference:\n" + described(at_once, bytes) + "\n--- in pieces:\n" + described(in_pieces, bytes));
    const auto body = zincir::testing::decode_body(bytes);
    zincir::testing::require(body || !body.error().facts().message.empty(), "a body is a message or an error with a reason");
    return 0;
}

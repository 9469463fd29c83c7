#include "driver.hpp"

#include <zincir/net/sse_parser.hpp>

namespace conformance {
namespace {

std::string bytes_of_base64(std::string_view text)
{
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned pending = 0;
    int bits = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (digit == std::string_view::npos)
            break;
        pending = (pending << 6 | static_cast<unsigned>(digit)) & 0xFFFF;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(pending >> bits & 0xFF);
        }
    }
    return bytes;
}

json::value parse_events(const json::object& request_case)
{
    json::array events;
    zincir::sse_parser parser;
    for (const auto& chunk : request_case.at("chunks_b64").as_array()) {
        const auto bytes = bytes_of_base64(text_of(chunk));
        parser.feed(bytes);
        while (const auto event = parser.next()) {
            json::array row;
            row.emplace_back(json::string_view(event->type.data(), event->type.size()));
            row.emplace_back(json::string_view(event->data.data(), event->data.size()));
            events.emplace_back(std::move(row));
        }
    }
    return events;
}

}  // namespace

void register_sse_ops(ops& all) { all.add("sse.parse", parse_events); }

}  // namespace conformance

#include <zincir/core/json.hpp>

#include <zincir/core/detail/json_decode.hpp>
#include <zincir/core/detail/utf8.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>

namespace zincir {
namespace {

// "line 2, column 7", counting code points.
std::string place(std::string_view text, std::size_t offset)
{
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto column = 1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(start), before.end(),
                                          [](char c) { return (c & 0xC0) != 0x80; });
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Up to 40 bytes from `offset`, never cut inside a code point.
std::string excerpt(std::string_view text, std::size_t offset)
{
    if (offset >= text.size())
        return "the end of the text";
    const auto inside = [&](std::size_t at) { return at < text.size() && (text[at] & 0xC0) == 0x80; };
    for (int most = 3; most > 0 && offset > 0 && inside(offset); --most)
        --offset;
    auto end = std::min(text.size(), offset + 40);
    for (int most = 3; most > 0 && inside(end); --most)
        ++end;
    return "\"" + detail::to_valid_utf8(text.substr(offset, end - offset)) + (end < text.size() ? "…\"" : "\"");
}

// Boost.JSON 1.81 makes Infinity of a number beyond the range of a double, and NaN of a zero with such an exponent: neither can be
// written as JSON again. Throws for the former, and makes the latter zero.
void mend_numbers(json::value& v, const detail::json_place& at)
{
    if (auto* number = v.if_double()) {
        if (std::isinf(*number))
            detail::json_mismatch(at, "a number in the range of a double", &v);
        if (std::isnan(*number))
            *number = 0;
    } else if (auto* list = v.if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i)
            mend_numbers((*list)[i], detail::json_place{&at, {}, i});
    } else if (auto* object = v.if_object()) {
        for (auto& member : *object)
            mend_numbers(member.value(), detail::json_place{&at, member.key()});
    }
}

void write_pretty(std::string& out, const json::value& value, std::size_t indent)
{
    const auto line = [&](std::size_t depth) { out.append("\n").append(depth * 2, ' '); };
    if (value.is_object() && !value.get_object().empty()) {
        out += '{';
        bool first = true;
        for (const auto& member : value.get_object()) {
            out += first ? "" : ",";
            first = false;
            line(indent + 1);
            out += json::serialize(json::string_view(member.key()));
            out += ": ";
            write_pretty(out, member.value(), indent + 1);
        }
        line(indent);
        out += '}';
    } else if (value.is_array() && !value.get_array().empty()) {
        out += '[';
        bool first = true;
        for (const auto& element : value.get_array()) {
            out += first ? "" : ",";
            first = false;
            line(indent + 1);
            write_pretty(out, element, indent + 1);
        }
        line(indent);
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

result<json::value> try_parse_json(std::string_view text, json_limits limits)
{
    if (text.size() > limits.bytes)
        return error(errc::limit_exceeded,
                     "the JSON text has " + std::to_string(text.size()) + " bytes; the limit is " + std::to_string(limits.bytes));
    json::parse_options options;
    options.max_depth = limits.depth;
    json::parser parser({}, options);
    boost::system::error_code ec;
    const auto used = parser.write_some(text.data(), text.size(), ec);
    if (!ec && used < text.size() && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
        return error(errc::output_mismatch, "text after the JSON at " + place(text, used) + ": " + excerpt(text, used));
    if (!ec) {
        auto value = parser.release();
        try {
            mend_numbers(value, detail::json_place());
        } catch (const error& e) {
            return e;
        }
        return value;
    }
    if (ec == json::error::too_deep)
        return error(errc::limit_exceeded,
                     "the JSON text is nested deeper than " + std::to_string(limits.depth) + " at " + place(text, used));
    return error(errc::output_mismatch,
                 "not JSON at " + place(text, used) + " (" + ec.message() + "), before " + excerpt(text, used));
}

json::value parse_json(std::string_view text, json_limits limits) { return try_parse_json(text, limits).value(); }

std::string pretty_json(const json::value& value)
{
    std::string out;
    write_pretty(out, value, 0);
    return out;
}

}  // namespace zincir

#include <zincir/core/described.hpp>

#include <boost/json/serialize.hpp>

#include <cmath>

namespace zincir::detail {
namespace {

// RFC 6901: "~" and "/" in a key are written "~0" and "~1".
void write_pointer(const json_place& at, std::string& out)
{
    if (!at.outer)
        return;
    write_pointer(*at.outer, out);
    out += '/';
    if (at.key.data() == nullptr) {
        out += std::to_string(at.index);
        return;
    }
    for (char c : at.key) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
}

std::string pointer(const json_place& at)
{
    std::string out;
    write_pointer(at, out);
    return out.empty() ? "the document" : out;
}

std::string shown(const json::value& v)
{
    auto text = json::serialize(v);
    if (text.size() <= 60)
        return text;
    std::size_t end = 57;
    while (end > 0 && (text[end] & 0xC0) == 0x80)
        --end;
    return text.substr(0, end) + "…";
}

}  // namespace

void json_mismatch(const json_place& at, std::string_view expected, const json::value* got)
{
    throw error(errc::output_mismatch, pointer(at) + ": expected " + std::string(expected) + ", got " + shown(*got));
}

void json_missing(const json_place& at, std::string_view key)
{
    const json_place missing{&at, key};
    throw error(errc::output_mismatch, pointer(missing) + ": missing");
}

std::int64_t decode_integer(const json::value& v, const json_place& at, std::int64_t min, std::int64_t max)
{
    boost::system::error_code ec;
    const auto n = v.is_number() ? v.to_number<std::int64_t>(ec) : 0;
    if (!v.is_number() || ec)
        json_mismatch(at, "an integer", &v);
    if (n < min || n > max)
        json_mismatch(at, "an integer from " + std::to_string(min) + " to " + std::to_string(max), &v);
    return n;
}

std::uint64_t decode_unsigned(const json::value& v, const json_place& at, std::uint64_t max)
{
    boost::system::error_code ec;
    const auto n = v.is_number() ? v.to_number<std::uint64_t>(ec) : 0;
    if (!v.is_number() || ec || n > max)
        json_mismatch(at, "an integer from 0 to " + std::to_string(max), &v);
    return n;
}

double decode_number(const json::value& v, const json_place& at)
{
    boost::system::error_code ec;
    const auto n = v.is_number() ? v.to_number<double>(ec) : 0;
    if (!v.is_number() || ec)
        json_mismatch(at, "a number", &v);
    return n;
}

json::object schema_of_type(std::string_view type)
{
    json::object schema;
    schema["type"] = type;
    return schema;
}

json::object schema_or_null(json::object schema)
{
    if (auto* type = schema.if_contains("type"); type && type->is_string()) {
        auto both = json::array();
        both.push_back(*type);
        both.push_back("null");
        *type = std::move(both);
        if (auto* names = schema.if_contains("enum"); names && names->is_array())
            names->get_array().push_back(nullptr);
    }
    return schema;
}

}  // namespace zincir::detail

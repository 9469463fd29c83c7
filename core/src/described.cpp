#include <zincir/core/described.hpp>

#include <zincir/core/step.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
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

double decode_number(const json::value& v, const json_place& at, double max)
{
    boost::system::error_code ec;
    const auto n = v.is_number() ? v.to_number<double>(ec) : 0;
    if (!v.is_number() || ec)
        json_mismatch(at, "a number", &v);
    if (!(std::abs(n) <= max))
        json_mismatch(at, "a number of at most " + shown(max), &v);
    return n;
}

const json::array& decode_array(const json::value& v, const json_place& at)
{
    if (!v.is_array())
        json_mismatch(at, "an array", &v);
    return v.get_array();
}

const json::object& decode_object(const json::value& v, const json_place& at)
{
    if (!v.is_object())
        json_mismatch(at, "an object", &v);
    return v.get_object();
}

void json_no_alternative(const json_place& at, const std::vector<error>& whys)
{
    std::string line = pointer(at) + ": fits none of its " + std::to_string(whys.size()) + " alternatives";
    for (const auto& why : whys)
        line += (&why == &whys.front() ? ": " : "; ") + why.facts().message;
    throw error(errc::output_mismatch, std::move(line));
}

bool schema_writer::open(std::string_view type)
{
    const auto is_it = [&](const entry& e) { return e.type == type; };
    if (std::any_of(open_.begin(), open_.end(), is_it) || std::any_of(defined_.begin(), defined_.end(), is_it))
        return false;
    std::string name;
    for (const char c : readable_name(type.data()))
        name += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
    const auto taken = [&](const entry& e) { return e.name == name; };
    while (std::any_of(open_.begin(), open_.end(), taken) || std::any_of(defined_.begin(), defined_.end(), taken))
        name += '_';
    open_.push_back(entry{type, std::move(name)});
    return true;
}

json::object schema_writer::reference(std::string_view type)
{
    json::object out;
    for (auto* entries : {&open_, &defined_})
        for (auto& e : *entries)
            if (e.type == type) {
                e.referred = true;
                out["$ref"] = type == root_ ? "#" : "#/$defs/" + e.name;
            }
    return out;
}

json::object schema_writer::close(json::object schema)
{
    auto done = std::move(open_.back());
    open_.pop_back();
    if (!done.referred || done.type == root_)
        return schema;
    const auto type = done.type;
    definitions_[done.name] = std::move(schema);
    defined_.push_back(std::move(done));
    return reference(type);
}

json::object schema_writer::finish(json::object schema)
{
    if (!definitions_.empty())
        schema["$defs"] = std::move(definitions_);
    return schema;
}

json::object schema_of_type(std::string_view type)
{
    json::object schema;
    schema["type"] = type;
    return schema;
}

json::object schema_or_null(json::object schema)
{
    if (schema.empty())
        return schema;  // anything: null, too
    if (auto* type = schema.if_contains("type"); type && type->is_string()) {
        auto both = json::array();
        both.push_back(*type);
        both.push_back("null");
        *type = std::move(both);
        if (auto* names = schema.if_contains("enum"); names && names->is_array())
            names->get_array().push_back(nullptr);
        return schema;
    }
    json::array either;
    either.push_back(std::move(schema));
    either.push_back(schema_of_type("null"));
    return schema_of_any(std::move(either));
}

json::object schema_of_any(json::array schemas)
{
    json::object schema;
    schema["anyOf"] = std::move(schemas);
    return schema;
}

json::object schema_of_list(json::object items, std::optional<std::size_t> size)
{
    auto schema = schema_of_type("array");
    schema["items"] = std::move(items);
    if (size) {
        schema["minItems"] = *size;
        schema["maxItems"] = *size;
    }
    return schema;
}

json::object schema_of_map(json::object values)
{
    auto schema = schema_of_type("object");
    schema["additionalProperties"] = std::move(values);
    return schema;
}

json::object schema_of_struct(json::object properties, json::array required, std::string_view description)
{
    auto schema = schema_of_type("object");
    if (!description.empty())
        schema["description"] = description;
    schema["properties"] = std::move(properties);
    schema["required"] = std::move(required);
    schema["additionalProperties"] = false;
    return schema;
}

json::object described_by(json::object schema, std::string_view description)
{
    if (!description.empty())
        schema["description"] = description;
    return schema;
}

}  // namespace zincir::detail

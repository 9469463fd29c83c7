#include "prompt_file.hpp"

#include <zincir/core/detail/nearest_name.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace zincir::detail {
namespace {

const std::vector<std::string> scalars{"string", "number", "integer", "boolean", "null", "any"};

std::string_view trim(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    text.remove_suffix(text.size() - std::min(text.find_last_not_of(' ') + 1, text.size()));
    return text;
}

// "string, what it is"
json::object scalar_schema(const document_node& node, const named_schemas& schemas)
{
    const auto text = node.text();
    const auto comma = std::min(text.find(','), text.size());
    const std::string type(trim(std::string_view(text).substr(0, comma)));
    json::object schema;
    if (const auto named = schemas.find(type); named != schemas.end()) {
        schema = named->second;
    } else if (std::find(scalars.begin(), scalars.end(), type) == scalars.end()) {
        auto known = scalars;
        for (const auto& [name, ignored] : schemas)
            known.push_back(name);
        const auto near = nearest_name(type, known);
        node.refuse("\"" + type +
                    "\" is neither a type of Picoschema (string, number, integer, boolean, null, any) nor a schema that " +
                    "the program gives by name (named_schemas)" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    } else if (type != "any") {
        schema["type"] = type;
    }
    if (comma < text.size())
        schema["description"] = std::string(trim(std::string_view(text).substr(comma + 1)));
    return schema;
}

// The schema, or null.
void allow_null(json::object& schema)
{
    auto* type = schema.if_contains("type");
    if (type && type->is_string()) {
        *type = json::array{*type, "null"};
    } else if (!schema.empty() && !schema.contains("enum")) {
        json::object either;
        either["anyOf"] = json::array{schema, json::object{{"type", "null"}}};
        schema = std::move(either);
    }
}

json::object pico(const document_node& node, const named_schemas& schemas);

// name, "?" where optional, "(array, what it is)"
struct field_name {
    std::string name;
    bool optional = false;
    std::string kind{};
    std::string description{};
};

field_name parse_field(std::string_view key)
{
    field_name field;
    const auto open = std::min(key.find('('), key.size());
    field.name = trim(key.substr(0, open));
    if (open < key.size() && key.ends_with(')')) {
        const auto inner = key.substr(open + 1, key.size() - open - 2);
        const auto comma = std::min(inner.find(','), inner.size());
        field.kind = trim(inner.substr(0, comma));
        if (comma < inner.size())
            field.description = trim(inner.substr(comma + 1));
    }
    if (field.name.ends_with('?')) {
        field.optional = true;
        field.name.pop_back();
    }
    return field;
}

json::object field_schema(const document_node& node, const field_name& field, const named_schemas& schemas)
{
    json::object schema;
    if (field.kind == "array") {
        schema["type"] = "array";
        schema["items"] = pico(node, schemas);
    } else if (field.kind == "enum") {
        auto choices = node.array();
        if (field.optional && std::find(choices.begin(), choices.end(), json::value()) == choices.end())
            choices.emplace_back(nullptr);
        schema["enum"] = std::move(choices);
    } else if (field.kind.empty() || field.kind == "object") {
        schema = pico(node, schemas);
    } else {
        node.refuse("\"" + field.kind + "\" is none of Picoschema's: array, object or enum");
    }
    if (!field.description.empty())
        schema["description"] = field.description;
    if (field.optional)
        allow_null(schema);
    return schema;
}

json::object pico(const document_node& node, const named_schemas& schemas)
{
    if (node.value().is_string())
        return scalar_schema(node, schemas);
    json::object members;
    json::array required;
    json::value others = false;
    for (const auto& member : node.object()) {
        const auto key = std::string(member.key());
        const auto child = node.member(key);
        if (key == "(*)") {
            others = pico(child, schemas);
            continue;
        }
        const auto field = parse_field(key);
        if (!field.optional)
            required.emplace_back(field.name);
        members[field.name] = field_schema(child, field, schemas);
    }
    json::object schema;
    schema["type"] = "object";
    schema["properties"] = std::move(members);
    schema["additionalProperties"] = std::move(others);
    if (!required.empty())
        schema["required"] = std::move(required);
    return schema;
}

// A schema's own `type` is one of JSON Schema's; in Picoschema a field may be called so, too.
bool is_json_schema(const json::object& o)
{
    for (const auto* key : {"$schema", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
        if (o.contains(key))
            return true;
    if (const auto* properties = o.if_contains("properties"); properties && properties->is_object())
        return true;
    const auto* type = o.if_contains("type");
    return type && type->is_string() && (o.size() == 1 || type->as_string() == "object" || type->as_string() == "array");
}

}  // namespace

json::object read_schema(const document_node& node, const named_schemas& schemas)
{
    if (!node.value().is_object())
        return pico(node, schemas);
    auto schema = node.object();
    if (!is_json_schema(schema))
        return pico(node, schemas);
    if (schema.contains("properties") && !schema.contains("type"))
        schema["type"] = "object";
    return schema;
}

}  // namespace zincir::detail

#pragma once

#include <zincir/core/json.hpp>

#include <cmath>
#include <string>

namespace zincir_test {

namespace json = boost::json;

/// The part of JSON Schema that the tests of generated instances need, written against the specification (2020-12) and not against
/// the generator. Returns what is wrong first, or an empty string.
inline std::string schema_fault(const json::value& schema, const json::value& v, const json::value& root,
                                const std::string& at = "")
{
    if (schema.is_bool())
        return schema.get_bool() ? "" : at + ": nothing is allowed here";
    const auto& s = schema.as_object();
    const auto number = [&](const char* word, double& out) {
        const auto* limit = s.if_contains(word);
        if (limit)
            out = limit->to_number<double>();
        return limit != nullptr;
    };
    const auto has_type = [&](std::string_view type) {
        if (type == "integer")
            return v.is_int64() || v.is_uint64() || (v.is_double() && v.get_double() == std::floor(v.get_double()));
        return (type == "object" && v.is_object()) || (type == "array" && v.is_array()) || (type == "string" && v.is_string()) ||
               (type == "number" && v.is_number()) || (type == "boolean" && v.is_bool()) || (type == "null" && v.is_null());
    };
    if (const auto* ref = s.if_contains("$ref"))
        if (auto fault = schema_fault(root.at_pointer(std::string(ref->as_string()).substr(1)), v, root, at); !fault.empty())
            return fault;
    if (const auto* type = s.if_contains("type")) {
        bool fits = false;
        if (type->is_string())
            fits = has_type(type->get_string());
        else
            for (const auto& t : type->as_array())
                fits = fits || has_type(t.as_string());
        if (!fits)
            return at + ": wrong type, schema " + json::serialize(schema) + ", value " + json::serialize(v);
    }
    if (const auto* constant = s.if_contains("const"); constant && *constant != v)
        return at + ": not the constant";
    if (const auto* list = s.if_contains("enum")) {
        bool found = false;
        for (const auto& option : list->as_array())
            found = found || option == v;
        if (!found)
            return at + ": not in the enum: " + json::serialize(v);
    }
    if (const auto* all = s.if_contains("allOf"))
        for (const auto& part : all->as_array())
            if (auto fault = schema_fault(part, v, root, at + "/allOf"); !fault.empty())
                return fault;
    for (const auto* word : {"anyOf", "oneOf"})
        if (const auto* options = s.if_contains(word)) {
            std::size_t fitting = 0;
            for (const auto& option : options->as_array())
                fitting += schema_fault(option, v, root, at).empty() ? 1 : 0;
            if (fitting == 0 || (std::string(word) == "oneOf" && fitting != 1))
                return at + ": " + word + " fits " + std::to_string(fitting);
        }
    double n = 0;
    if (v.is_number()) {
        const auto x = v.to_number<double>();
        if ((number("minimum", n) && x < n) || (number("maximum", n) && x > n) || (number("exclusiveMinimum", n) && x <= n) ||
            (number("exclusiveMaximum", n) && x >= n))
            return at + ": out of bounds: " + json::serialize(v);
        if (number("multipleOf", n) && std::abs(x / n - std::round(x / n)) > 1e-9)
            return at + ": not a multiple: " + json::serialize(v);
    }
    if (v.is_string()) {
        double length = 0;
        for (const auto c : v.get_string())
            length += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
        if ((number("minLength", n) && length < n) || (number("maxLength", n) && length > n))
            return at + ": wrong length: " + json::serialize(v);
    }
    if (v.is_array()) {
        const auto& items = v.get_array();
        if ((number("minItems", n) && static_cast<double>(items.size()) < n) ||
            (number("maxItems", n) && static_cast<double>(items.size()) > n))
            return at + ": wrong number of items";
        const auto* unique = s.if_contains("uniqueItems");
        for (std::size_t i = 0; i < items.size(); ++i) {
            for (std::size_t k = 0; unique && unique->as_bool() && k < i; ++k)
                if (items[i] == items[k])
                    return at + ": items are not unique";
            const auto* fixed = s.if_contains("prefixItems");
            const auto* item = fixed && i < fixed->as_array().size() ? &fixed->as_array()[i] : s.if_contains("items");
            if (item)
                if (auto fault = schema_fault(*item, items[i], root, at + "/" + std::to_string(i)); !fault.empty())
                    return fault;
        }
    }
    if (v.is_object()) {
        const auto& members = v.get_object();
        if (const auto* required = s.if_contains("required"))
            for (const auto& name : required->as_array())
                if (!members.contains(name.as_string()))
                    return at + ": " + std::string(name.as_string()) + " is missing";
        if (number("minProperties", n) && static_cast<double>(members.size()) < n)
            return at + ": too few members";
        const auto* properties = s.if_contains("properties");
        const auto* others = s.if_contains("additionalProperties");
        for (const auto& member : members) {
            const auto* known = properties ? properties->as_object().if_contains(member.key()) : nullptr;
            const auto* rule = known ? known : others;
            if (rule)
                if (auto fault = schema_fault(*rule, member.value(), root, at + "/" + std::string(member.key())); !fault.empty())
                    return fault;
        }
    }
    return "";
}

}  // namespace zincir_test

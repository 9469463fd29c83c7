#pragma once

#include <zincir/core/json.hpp>

#include <boost/describe.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <type_traits>
#include <vector>

// Structs and enums described with BOOST_DESCRIBE_STRUCT and BOOST_DESCRIBE_ENUM, to and from JSON, and as JSON Schema.
// Members may be strings, bools, numbers, described types, json::value, std::optional, std::vector and std::map<std::string, …>.

namespace zincir {

template <class T>
concept described_struct = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;
template <class T>
concept described_enum = boost::describe::has_describe_enumerators<T>::value;

namespace detail {
template <class T>
struct is_vector : std::false_type {};
template <class T, class A>
struct is_vector<std::vector<T, A>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_string_map : std::false_type {};
template <class T, class C, class A>
struct is_string_map<std::map<std::string, T, C, A>> : std::true_type {};
template <class>
inline constexpr bool unsupported = false;

template <class T>
using members = boost::describe::describe_members<T, boost::describe::mod_any_access>;

/// Where in a JSON value a decoder is: a list on the stack, written out only for an error.
struct json_place {
    const json_place* outer = nullptr;
    std::string_view key{};
    std::size_t index = 0;
};
/// Throws errc::output_mismatch: "/steps/0: expected a string, got 3".
[[noreturn]] void json_mismatch(const json_place& at, std::string_view expected, const json::value* got);
[[noreturn]] void json_missing(const json_place& at, std::string_view key);
std::int64_t decode_integer(const json::value& v, const json_place& at, std::int64_t min, std::int64_t max);
std::uint64_t decode_unsigned(const json::value& v, const json_place& at, std::uint64_t max);
double decode_number(const json::value& v, const json_place& at);

template <class T>
void decode(const json::value& v, const json_place& at, T& out)
{
    if constexpr (std::same_as<T, std::string>) {
        if (!v.is_string())
            json_mismatch(at, "a string", &v);
        out.assign(v.get_string().data(), v.get_string().size());
    } else if constexpr (std::same_as<T, json::value>) {
        out = v;
    } else if constexpr (std::same_as<T, bool>) {
        if (!v.is_bool())
            json_mismatch(at, "true or false", &v);
        out = v.get_bool();
    } else if constexpr (described_enum<T>) {
        if (!v.is_string() || !boost::describe::enum_from_string(std::string(v.get_string()).c_str(), out)) {
            std::string names = "one of";
            boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) { names.append(" ").append(d.name); });
            json_mismatch(at, names, &v);
        }
    } else if constexpr (std::unsigned_integral<T>) {
        out = static_cast<T>(decode_unsigned(v, at, std::numeric_limits<T>::max()));
    } else if constexpr (std::signed_integral<T>) {
        out = static_cast<T>(decode_integer(v, at, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    } else if constexpr (std::floating_point<T>) {
        out = static_cast<T>(decode_number(v, at));
    } else if constexpr (is_optional<T>::value) {
        if (v.is_null())
            out.reset();
        else
            decode(v, at, out.emplace());
    } else if constexpr (is_vector<T>::value) {
        if (!v.is_array())
            json_mismatch(at, "an array", &v);
        out.clear();
        for (const auto& element : v.get_array()) {
            typename T::value_type item{};
            decode(element, json_place{&at, {}, out.size()}, item);
            out.push_back(std::move(item));
        }
    } else if constexpr (is_string_map<T>::value) {
        if (!v.is_object())
            json_mismatch(at, "an object", &v);
        for (const auto& member : v.get_object())
            decode(member.value(), json_place{&at, std::string_view(member.key().data(), member.key().size())},
                   out[std::string(member.key())]);
    } else if constexpr (described_struct<T>) {
        if (!v.is_object())
            json_mismatch(at, "an object", &v);
        boost::mp11::mp_for_each<members<T>>([&](auto d) {
            using member_type = std::remove_cvref_t<decltype(out.*d.pointer)>;
            if (const auto* field = v.get_object().if_contains(d.name))
                decode(*field, json_place{&at, d.name}, out.*d.pointer);
            else if constexpr (!is_optional<member_type>::value)
                json_missing(at, d.name);
        });
    } else {
        static_assert(unsupported<T>, "zincir: describe this type with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM");
    }
}

template <class T>
json::value encode(const T& v)
{
    if constexpr (std::same_as<T, std::string> || std::same_as<T, json::value> || std::is_arithmetic_v<T>) {
        return json::value(v);
    } else if constexpr (described_enum<T>) {
        return json::value(boost::describe::enum_to_string(v, ""));
    } else if constexpr (is_optional<T>::value) {
        return v ? encode(*v) : json::value();
    } else if constexpr (is_vector<T>::value) {
        json::array out;
        for (const auto& element : v)
            out.push_back(encode<typename T::value_type>(element));
        return out;
    } else if constexpr (is_string_map<T>::value) {
        json::object out;
        for (const auto& [key, element] : v)
            out[key] = encode(element);
        return out;
    } else if constexpr (described_struct<T>) {
        json::object out;
        boost::mp11::mp_for_each<members<T>>([&](auto d) { out[d.name] = encode(v.*d.pointer); });
        return out;
    } else {
        static_assert(unsupported<T>, "zincir: describe this type with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM");
    }
}

json::object schema_of_type(std::string_view type);
json::object schema_or_null(json::object schema);

template <class T>
json::object schema()
{
    if constexpr (std::same_as<T, std::string>) {
        return schema_of_type("string");
    } else if constexpr (std::same_as<T, json::value>) {
        return json::object();
    } else if constexpr (std::same_as<T, bool>) {
        return schema_of_type("boolean");
    } else if constexpr (described_enum<T>) {
        auto out = schema_of_type("string");
        json::array names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) { names.push_back(json::string(d.name)); });
        out["enum"] = std::move(names);
        return out;
    } else if constexpr (std::integral<T>) {
        return schema_of_type("integer");
    } else if constexpr (std::floating_point<T>) {
        return schema_of_type("number");
    } else if constexpr (is_optional<T>::value) {
        return schema_or_null(schema<typename T::value_type>());
    } else if constexpr (is_vector<T>::value) {
        auto out = schema_of_type("array");
        out["items"] = schema<typename T::value_type>();
        return out;
    } else if constexpr (is_string_map<T>::value) {
        auto out = schema_of_type("object");
        out["additionalProperties"] = schema<typename T::mapped_type>();
        return out;
    } else if constexpr (described_struct<T>) {
        auto out = schema_of_type("object");
        json::object properties;
        json::array required;
        boost::mp11::mp_for_each<members<T>>([&](auto d) {
            properties[d.name] = schema<std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>>();
            required.push_back(json::string(d.name));
        });
        out["properties"] = std::move(properties);
        out["required"] = std::move(required);
        out["additionalProperties"] = false;
        return out;
    } else {
        static_assert(unsupported<T>, "zincir: describe this type with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM");
    }
}
}  // namespace detail

/// Reads a T out of `value`. Missing optionals are empty, surplus keys are ignored, numbers must fit their type exactly.
/// Throws errc::output_mismatch, which names the place as a JSON pointer (RFC 6901) and says what was expected.
template <class T>
T from_json(const json::value& value)
{
    T out{};
    detail::decode(value, detail::json_place(), out);
    return out;
}
template <class T>
result<T> try_from_json(const json::value& value)
{
    try {
        return from_json<T>(value);
    } catch (const error& e) {
        return e;
    }
}

template <class T>
json::value to_json(const T& value)
{
    return detail::encode(value);
}

/// The JSON Schema of T as strict providers want it: closed objects, every member required, an optional one may be null.
template <class T>
json::object json_schema()
{
    return detail::schema<T>();
}

}  // namespace zincir

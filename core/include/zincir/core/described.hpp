#pragma once

#include <zincir/core/detail/json_decode.hpp>
#include <zincir/core/detail/json_schema_of.hpp>

// Structs and enums described with BOOST_DESCRIBE_STRUCT and BOOST_DESCRIBE_ENUM, to and from JSON, and as JSON Schema.
//
// Members may be strings, bools, numbers, described types, json::value, std::optional, std::vector, std::array, std::variant, and
// std::map or std::unordered_map with std::string keys. A struct may hold itself by a vector or a map. Members of described bases
// count. A type of another kind (a time, a path) is held as a string and converted by the program.

namespace zincir {

namespace detail {
template <class T>
json::value encode(const T& v)
{
    if constexpr (std::same_as<T, std::string> || std::same_as<T, json::value> || std::is_arithmetic_v<T>) {
        return json::value(v);
    } else if constexpr (described_enum<T>) {
        return json::value(boost::describe::enum_to_string(v, ""));
    } else if constexpr (is_optional<T>) {
        return v ? encode(*v) : json::value();
    } else if constexpr (is_variant<T>) {
        return std::visit([](const auto& held) { return encode(held); }, v);
    } else if constexpr (is_list<T> || is_array<T>) {
        json::array out;
        for (const auto& element : v)
            out.push_back(encode<typename T::value_type>(element));
        return out;
    } else if constexpr (is_string_map<T>) {
        json::object out;
        for (const auto& [key, element] : v)
            out[key] = encode(element);
        return out;
    } else if constexpr (described_struct<T>) {
        json::object out;
        boost::mp11::mp_for_each<members<T>>([&](auto d) { out[d.name] = encode(v.*d.pointer); });
        return out;
    } else {
        refuse_undescribed<T>();
    }
}
}  // namespace detail

/// Reads a T out of `value`. Missing optionals are empty, surplus keys are ignored, numbers must fit their type exactly; of a
/// variant the first alternative that fits is taken. Throws errc::output_mismatch, which names the place as a JSON pointer (RFC
/// 6901) and says what was expected.
template <class T>
T from_json(const json::value& value)
{
    T out{};
    detail::decode(value, detail::json_place(), out);
    return out;
}
/// Likewise, with the error in its place.
template <class T>
result<T> try_from_json(const json::value& value)
{
    try {
        return from_json<T>(value);
    } catch (const error& e) {
        return e;
    }
}

/// What from_json() reads back: an empty optional is null, an enum its enumerator's name.
template <class T>
json::value to_json(const T& value)
{
    return detail::encode(value);
}

/// The JSON Schema of T as strict providers want it: closed objects, every member required, an optional one may be null. See
/// json_descriptions for what members mean.
template <class T>
json::object json_schema()
{
    detail::schema_writer all(described_struct<T> ? typeid(T).name() : "");
    return all.finish(detail::schema<T>(all));
}

}  // namespace zincir

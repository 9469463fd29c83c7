#pragma once

#include <zincir/core/detail/json_kinds.hpp>
#include <zincir/core/json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/mp11/algorithm.hpp>

#include <limits>
#include <tuple>

namespace zincir::detail {

/// Where in a JSON value a decoder is: a list on the stack, written out only for an error.
struct json_place {
    const json_place* outer = nullptr;
    std::string_view key{};
    std::size_t index = 0;
};
/// Throws errc::output_mismatch: "/steps/0: expected a string, got 3".
[[noreturn]] void json_mismatch(const json_place& at, std::string_view expected, const json::value* got);
[[noreturn]] void json_missing(const json_place& at, std::string_view key);
/// Throws errc::output_mismatch with why each alternative did not fit.
[[noreturn]] void json_no_alternative(const json_place& at, const std::vector<error>& whys);
std::int64_t decode_integer(const json::value& v, const json_place& at, std::int64_t min, std::int64_t max);
std::uint64_t decode_unsigned(const json::value& v, const json_place& at, std::uint64_t max);
double decode_number(const json::value& v, const json_place& at, double max);
const json::array& decode_array(const json::value& v, const json_place& at);
const json::object& decode_object(const json::value& v, const json_place& at);

template <class T>
void decode(const json::value& v, const json_place& at, T& out);

// The first alternative that fits.
template <class T, std::size_t I = 0>
void decode_variant(const json::value& v, const json_place& at, T& out, std::vector<error>& whys)
{
    if constexpr (I == std::variant_size_v<T>) {
        json_no_alternative(at, whys);
    } else {
        try {
            std::variant_alternative_t<I, T> held{};
            decode(v, at, held);
            out.template emplace<I>(std::move(held));
            return;
        } catch (const error& e) {
            whys.push_back(e);
        }
        decode_variant<T, I + 1>(v, at, out, whys);
    }
}

template <class T>
void decode_enum(const json::value& v, const json_place& at, T& out)
{
    if (v.is_string() && boost::describe::enum_from_string(v.get_string().c_str(), out))
        return;
    std::string names = "one of";
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) { names.append(" ").append(d.name); });
    json_mismatch(at, names, &v);
}

template <class T>
void decode_struct(const json::object& object, const json_place& at, T& out)
{
    boost::mp11::mp_for_each<members<T>>([&](auto d) {
        using member_type = std::remove_cvref_t<decltype(out.*d.pointer)>;
        if (const auto* field = object.if_contains(d.name))
            decode(*field, json_place{&at, d.name}, out.*d.pointer);
        else if constexpr (!is_optional<member_type>)
            json_missing(at, d.name);
    });
}

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
        decode_enum(v, at, out);
    } else if constexpr (std::unsigned_integral<T>) {
        out = static_cast<T>(decode_unsigned(v, at, std::numeric_limits<T>::max()));
    } else if constexpr (std::signed_integral<T>) {
        out = static_cast<T>(decode_integer(v, at, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    } else if constexpr (std::same_as<T, float>) {
        out = static_cast<float>(decode_number(v, at, std::numeric_limits<float>::max()));
    } else if constexpr (std::floating_point<T>) {
        out = static_cast<T>(decode_number(v, at, std::numeric_limits<double>::max()));
    } else if constexpr (is_optional<T>) {
        if (v.is_null())
            out.reset();
        else
            decode(v, at, out.emplace());
    } else if constexpr (is_variant<T>) {
        std::vector<error> whys;
        decode_variant(v, at, out, whys);
    } else if constexpr (is_list<T>) {
        out.clear();
        for (const auto& element : decode_array(v, at)) {
            typename T::value_type item{};
            decode(element, json_place{&at, {}, out.size()}, item);
            out.push_back(std::move(item));
        }
    } else if constexpr (is_array<T>) {
        const auto& elements = decode_array(v, at);
        if (elements.size() != out.size())
            json_mismatch(at, "an array of " + std::to_string(out.size()) + " elements", &v);
        for (std::size_t i = 0; i < out.size(); ++i)
            decode(elements[i], json_place{&at, {}, i}, out[i]);
    } else if constexpr (is_string_map<T>) {
        out.clear();
        for (const auto& member : decode_object(v, at))
            decode(member.value(), json_place{&at, std::string_view(member.key().data(), member.key().size())},
                   out[std::string(member.key())]);
    } else if constexpr (described_struct<T>) {
        decode_struct(decode_object(v, at), at, out);
    } else {
        refuse_undescribed<T>();
    }
}

}  // namespace zincir::detail

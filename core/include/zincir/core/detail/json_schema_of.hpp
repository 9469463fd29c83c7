#pragma once

#include <zincir/core/detail/json_kinds.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/mp11/algorithm.hpp>

#include <string_view>
#include <tuple>

namespace zincir {

namespace json = boost::json;

/// What a member of a struct means, for the model that fills it in. An empty `member` speaks of the struct itself.
struct member_description {
    std::string_view member;
    std::string_view text;
};
/// The descriptions in the JSON Schema of T. Specialise it:
///
///     template <>
///     inline constexpr auto zincir::json_descriptions<recipe> =
///         std::to_array<zincir::member_description>({{"minutes", "from the first cut to the table"}});
template <class T>
inline constexpr std::array<member_description, 0> json_descriptions{};

namespace detail {

/// A schema in the making. A struct that holds itself is written once and referred to: as "#" where it is the whole, else below
/// "$defs".
class schema_writer {
public:
    /// `root` is the mangled name of the whole, if that is a struct.
    explicit schema_writer(const char* root = "") : root_(root) {}
    /// Opens the struct of this mangled name. False if it is open or defined already: then reference() is its schema.
    bool open(std::string_view type);
    json::object reference(std::string_view type);
    /// Closes the struct opened last. Returns what stands where it was used.
    json::object close(json::object schema);
    /// The whole, with the definitions it refers to.
    json::object finish(json::object schema);

private:
    struct entry {
        std::string_view type;
        std::string name;  // in "$defs"
        bool referred = false;
    };
    std::string_view root_;
    std::vector<entry> open_{};
    std::vector<entry> defined_{};
    json::object definitions_{};
};

json::object schema_of_type(std::string_view type);
json::object schema_or_null(json::object schema);
json::object schema_of_any(json::array schemas);
json::object schema_of_list(json::object items, std::optional<std::size_t> size = std::nullopt);
json::object schema_of_map(json::object values);
json::object schema_of_struct(json::object properties, json::array required, std::string_view description);
json::object described_by(json::object schema, std::string_view description);

template <class T>
consteval bool descriptions_name_members()
{
    bool all = true;
    for (const auto& d : json_descriptions<T>) {
        bool found = d.member.empty();
        boost::mp11::mp_for_each<members<T>>([&](auto m) { found = found || d.member == m.name; });
        all = all && found;
    }
    return all;
}

template <class T>
std::string_view description_of(std::string_view member)
{
    for (const auto& d : json_descriptions<T>)
        if (d.member == member)
            return d.text;
    return {};
}

template <class T>
json::object schema(schema_writer& all)
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
    } else if constexpr (is_optional<T>) {
        return schema_or_null(schema<typename T::value_type>(all));
    } else if constexpr (is_variant<T>) {
        json::array alternatives;
        boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, T>>(
            [&](auto t) { alternatives.push_back(schema<typename decltype(t)::type>(all)); });
        return schema_of_any(std::move(alternatives));
    } else if constexpr (is_list<T>) {
        return schema_of_list(schema<typename T::value_type>(all));
    } else if constexpr (is_array<T>) {
        return schema_of_list(schema<typename T::value_type>(all), std::tuple_size_v<T>);
    } else if constexpr (is_string_map<T>) {
        return schema_of_map(schema<typename T::mapped_type>(all));
    } else if constexpr (described_struct<T>) {
        static_assert(descriptions_name_members<T>(), "zincir: a json_descriptions entry names no member of its struct");
        const char* type = typeid(T).name();
        if (!all.open(type))
            return all.reference(type);
        json::object properties;
        json::array required;
        boost::mp11::mp_for_each<members<T>>([&](auto d) {
            properties[d.name] =
                described_by(schema<std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>>(all), description_of<T>(d.name));
            required.push_back(json::string(d.name));
        });
        return all.close(schema_of_struct(std::move(properties), std::move(required), description_of<T>("")));
    } else {
        refuse_undescribed<T>();
    }
}

}  // namespace detail

}  // namespace zincir

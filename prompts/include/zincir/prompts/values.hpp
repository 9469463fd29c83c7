#pragma once

#include <zincir/prompts/prompt_value.hpp>

#include <boost/mp11/algorithm.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zincir {

/// The values a prompt is filled with, by name: `values("topic", "bears", "n", 3)`.
///
/// Converts from a bare value, which a template takes for its only variable: `chain.invoke("bears")`; and from a described struct,
/// whose members are the variables. Has constructors only, so that it may be written inside a co_await expression.
class values {
public:
    struct entry {
        std::string name;
        prompt_value value;
    };

    values() = default;
    /// Names and values in turn. A name given twice has its last value.
    template <std::convertible_to<prompt_value> Value, class... More>
        requires(sizeof...(More) % 2 == 0)
    values(std::string_view name, Value value, More... more)
    {
        entries_.reserve(1 + sizeof...(More) / 2);
        add_pairs(name, std::move(value), std::move(more)...);
    }
    /// A bare value.
    template <class Value>
        requires(std::convertible_to<Value, prompt_value> && !described_struct<std::remove_cvref_t<Value>> &&
                 !std::derived_from<std::remove_cvref_t<Value>, values>)
    values(Value&& bare) : bare_(prompt_value(std::forward<Value>(bare)))
    {}
    template <described_struct Struct>
        requires(!std::derived_from<Struct, values>)
    values(const Struct& s)
    {
        boost::mp11::mp_for_each<detail::members<Struct>>([&](auto d) { set(d.name, member_value(s.*d.pointer)); });
    }
    /// The members of an object.
    static values from_json(const json::object& members);

    /// Sets or replaces one.
    values& set(std::string_view name, prompt_value value);
    /// The value of that name, or null. Valid until the values change.
    const prompt_value* find(std::string_view name) const noexcept;
    /// The bare value, where these are one; else null.
    const prompt_value* bare() const noexcept { return bare_ ? &*bare_ : nullptr; }
    const std::vector<entry>& entries() const noexcept { return entries_; }

private:
    template <class Value, class... More>
    void add_pairs(std::string_view name, Value value, More... more)
    {
        if (find(name))
            set(name, prompt_value(std::move(value)));
        else
            entries_.push_back(entry{std::string(name), prompt_value(std::move(value))});
        if constexpr (sizeof...(More) > 0)
            add_pairs(std::move(more)...);
    }
    template <class Member>
    static prompt_value member_value(const Member& m)
    {
        if constexpr (std::convertible_to<Member, prompt_value>)
            return prompt_value(m);
        else
            return prompt_value(to_json(m));
    }

    std::vector<entry> entries_{};
    std::optional<prompt_value> bare_{};
};

}  // namespace zincir

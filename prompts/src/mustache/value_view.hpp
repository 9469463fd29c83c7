#pragma once

#include "../scope.hpp"

#include <zincir/prompts/template_environment.hpp>

#include <cstdint>
#include <string_view>

namespace zincir::detail::mustache {

/// A value where it stands: nothing of it is copied. Valid as long as the values of the rendering.
class value_view {
public:
    enum class kind : std::uint8_t {
        missing,
        null,
        boolean,
        integer,
        unsigned_integer,
        real,
        text,
        array,
        object,
        turns,
        turn,
        turn_text,  // of a message whose text is in several blocks
        lambda,
        root,  // all values of the call
    };

    value_view() = default;
    explicit value_view(const prompt_value& v);
    explicit value_view(const json::value& v);
    explicit value_view(const message& m) : kind_(kind::turn) { ref_.turn = &m; }
    explicit value_view(const template_lambda& f) : kind_(kind::lambda) { ref_.lambda = &f; }
    explicit value_view(std::string_view s) : size_(s.size()), kind_(kind::text) { ref_.text = s.data(); }
    explicit value_view(const values& all) : kind_(kind::root) { ref_.root = &all; }

    kind what() const noexcept { return kind_; }
    bool missing() const noexcept { return kind_ == kind::missing; }
    /// Not so: missing, null, false, 0, and an empty text, array or object: Python's rule, which LangChain has.
    bool truthy() const noexcept;
    bool is_list() const noexcept { return kind_ == kind::array || kind_ == kind::turns; }
    /// Of a list.
    std::size_t size() const noexcept;
    value_view element(std::size_t index) const;
    /// The member of an object; the element of a list, where the name is a number; role, name and content of a message.
    value_view member(std::string_view name) const;

    bool boolean() const noexcept { return ref_.boolean; }
    std::int64_t integer() const noexcept { return ref_.integer; }
    std::uint64_t unsigned_integer() const noexcept { return ref_.unsigned_integer; }
    double real() const noexcept { return ref_.real; }
    std::string_view text() const noexcept { return {ref_.text, size_}; }
    const json::value& document() const noexcept { return *ref_.document; }
    const message& turn() const noexcept { return *ref_.turn; }
    const template_lambda& lambda() const noexcept { return *ref_.lambda; }
    const values& root() const noexcept { return *ref_.root; }

private:
    static value_view text_of(const message& m);

    union {
        bool boolean;
        std::int64_t integer = 0;
        std::uint64_t unsigned_integer;
        double real;
        const char* text;
        const json::value* document;
        const messages* turns;
        const message* turn;
        const template_lambda* lambda;
        const values* root;
    } ref_;
    std::size_t size_ = 0;
    kind kind_ = kind::missing;
};

}  // namespace zincir::detail::mustache

#pragma once

#include <zincir/core/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace zincir::detail::jinja {

/// Thrown by the meter, and for values that are compared; the renderer turns both into errc::limit_exceeded with a place.
struct work_exhausted {};
struct value_too_deep {};

/// What one rendering has done so far. A step is an instruction, or what is done to 64 bytes.
class work_meter {
public:
    explicit work_meter(std::size_t max_steps) : left_(max_steps > SIZE_MAX / 64 ? SIZE_MAX : max_steps * 64) {}
    void steps(std::size_t n = 1) { bytes(n > SIZE_MAX / 64 ? SIZE_MAX : n * 64); }
    void bytes(std::size_t n)
    {
        if (n > left_)
            exhausted();
        left_ -= n;
    }

private:
    [[noreturn]] static void exhausted();

    std::size_t left_;
};

class value;
struct object;
struct list_data;
struct dict_data;

enum class kind : std::uint8_t {
    undefined,
    none,
    boolean,
    integer,
    real,
    text,
    json_array,
    json_object,
    list,
    dict,
    range,
    object
};

struct range_data {
    std::int64_t start = 0;
    std::int64_t step = 1;
    std::size_t count = 0;
    std::int64_t stop = 0;  // as given, for repr
};

/// A value of a template: small, copied freely. It owns nothing: texts, lists and dicts lie in the caller's values, in the parsed
/// template or in the `heap` of the rendering, all of which outlive it.
class value {
public:
    value() noexcept : kind_(kind::none), number_(0) {}
    value(bool b) noexcept : kind_(kind::boolean), number_(b ? 1 : 0) {}
    value(std::int64_t n) noexcept : kind_(kind::integer), number_(n) {}
    value(double n) noexcept : kind_(kind::real), real_(n) {}
    /// An integer beyond int64: written exactly, else a real.
    static value natural(std::uint64_t n) noexcept
    {
        value v(static_cast<double>(n));
        v.flag_ = true;
        v.size_ = n;
        return v;
    }
    value(std::string_view text) noexcept : kind_(kind::text), chars_(text.data()), size_(text.size()) {}
    value(list_data* l) noexcept : kind_(kind::list), list_(l) {}
    value(dict_data* d) noexcept : kind_(kind::dict), dict_(d) {}
    value(object* o) noexcept : kind_(kind::object), object_(o) {}
    value(const range_data* r) noexcept : kind_(kind::range), range_(r) {}
    value(const json::array& a) noexcept : kind_(kind::json_array), array_(&a) {}
    value(const json::object& o) noexcept : kind_(kind::json_object), members_(&o) {}
    value(const char*) = delete;  // would become a bool
    value(int) = delete;
    static value size(std::size_t n) noexcept { return value(static_cast<std::int64_t>(n)); }
    /// Safe text: `escape` leaves it alone.
    static value markup(std::string_view text) noexcept
    {
        value v(text);
        v.flag_ = true;
        return v;
    }
    /// Nothing there. `name` is what was asked for; `member` where that is a member of a value and no variable.
    static value undefined(std::string_view name, bool member = false) noexcept
    {
        value v(name);
        v.kind_ = kind::undefined;
        v.flag_ = member;
        return v;
    }

    kind what() const noexcept { return kind_; }
    bool is(kind k) const noexcept { return kind_ == k; }
    bool is_undefined() const noexcept { return kind_ == kind::undefined; }
    bool is_text() const noexcept { return kind_ == kind::text; }
    bool is_list() const noexcept { return kind_ == kind::list || kind_ == kind::json_array; }
    bool is_dict() const noexcept { return kind_ == kind::dict || kind_ == kind::json_object; }
    /// Integers and booleans, which Python counts among them.
    bool is_integer() const noexcept { return kind_ == kind::integer || kind_ == kind::boolean; }
    bool is_number() const noexcept { return is_integer() || kind_ == kind::real; }
    bool is_markup() const noexcept { return kind_ == kind::text && flag_; }
    bool is_member() const noexcept { return flag_; }

    bool is_natural() const noexcept { return kind_ == kind::real && flag_; }
    std::uint64_t natural() const noexcept { return size_; }
    std::int64_t integer() const noexcept { return number_; }
    double number() const noexcept { return kind_ == kind::real ? real_ : static_cast<double>(number_); }
    std::string_view text() const noexcept { return {chars_, size_}; }
    list_data& list() const noexcept { return *list_; }
    dict_data& dict() const noexcept { return *dict_; }
    const range_data& range() const noexcept { return *range_; }
    object& held() const noexcept { return *object_; }
    const json::array& array() const noexcept { return *array_; }
    const json::object& members() const noexcept { return *members_; }

private:
    kind kind_;
    bool flag_ = false;
    union {
        std::int64_t number_;
        double real_;
        const char* chars_;
        list_data* list_;
        dict_data* dict_;
        object* object_;
        const range_data* range_;
        const json::array* array_;
        const json::object* members_;
    };
    std::size_t size_ = 0;
};
static_assert(std::is_trivially_copyable_v<value>);

struct list_data {
    value* items = nullptr;
    std::size_t size = 0;
    std::size_t capacity = 0;
    bool tuple = false;
    bool once = false;  // of map, select, …: Python's generator, which is gone through once
};

struct member {
    value key{};
    value held{};
};
struct dict_data {
    member* items = nullptr;  // in the order of their coming
    std::size_t size = 0;
    std::size_t capacity = 0;
};

enum class object_kind : std::uint8_t {
    name_space,
    macro,
    loop,
    cycler,
    joiner,
    method,
    function,
    user_function,
    block,
    module,
    self
};
struct object {
    object_kind what;
};

/// Of the caller's JSON.
value view_of(const json::value& v) noexcept;

/// The elements of a list, tuple or range, the members of a dict, else 0.
std::size_t count(const value& v) noexcept;
/// An element, or the key of a member. `index` is below count().
value item(const value& v, std::size_t index) noexcept;
/// A member of a dict by its place.
member member_at(const value& v, std::size_t index) noexcept;
/// The value of a dict's member, if there is one. Linear in what the template made, by hash in the caller's.
bool find(const value& dict, const value& key, value& found, work_meter& work);
bool find(const value& dict, std::string_view key, value& found, work_meter& work);

/// Equality without a call for what is short, as nearly all names and words are.
inline bool same_text(std::string_view a, std::string_view b) noexcept
{
    const auto n = a.size();
    if (n != b.size())
        return false;
    const auto same_words = [&](auto word) {
        auto other = word;
        const auto both = [&](std::size_t at) {
            std::memcpy(&word, a.data() + at, sizeof word);
            std::memcpy(&other, b.data() + at, sizeof other);
            return word == other;
        };
        return both(0) && both(n - sizeof word);
    };
    if (n > 16)
        return std::memcmp(a.data(), b.data(), n) == 0;
    if (n >= 8)
        return same_words(std::uint64_t{});
    if (n >= 4)
        return same_words(std::uint32_t{});
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

bool truthy_compound(const value& v) noexcept;
inline bool truthy(const value& v) noexcept
{
    switch (v.what()) {
        case kind::undefined:
        case kind::none:
            return false;
        case kind::boolean:
        case kind::integer:
            return v.integer() != 0;
        case kind::text:
            return !v.text().empty();
        default:
            return truthy_compound(v);
    }
}
/// Throw `value_too_deep` beyond `max_value_depth`: a list can hold itself. A value that holds others many times over takes as long
/// as if it were written out: hence the meter.
bool equal(const value& a, const value& b, work_meter& work, unsigned depth = 0);
/// Whether the two have an order; then `order` is negative, 0 or positive, or `unordered` beside NaN.
bool compare(const value& a, const value& b, int& order, work_meter& work, unsigned depth = 0);
inline constexpr int unordered = 2;
/// Python's `is`, as far as values here have an identity: texts and numbers are the same where they are equal and of one type.
bool identical(const value& a, const value& b, work_meter& work);
/// Whether it can be a key: no list, no dict, and no tuple with such a thing.
bool hashable(const value& v, work_meter& work, unsigned depth = 0);
/// Python's name of the type.
std::string_view type_name(const value& v) noexcept;

/// Values nested deeper are not looked into: a list can hold itself.
inline constexpr unsigned max_value_depth = 200;

}  // namespace zincir::detail::jinja

#include "value_view.hpp"

#include <boost/json/array.hpp>

#include <charconv>

namespace zincir::detail::mustache {

value_view::value_view(const prompt_value& v)
{
    if (const auto* s = std::get_if<std::string>(&v.get())) {
        *this = value_view(std::string_view(*s));
    } else if (const auto* n = std::get_if<std::int64_t>(&v.get())) {
        kind_ = kind::integer;
        ref_.integer = *n;
    } else if (const auto* d = std::get_if<double>(&v.get())) {
        kind_ = kind::real;
        ref_.real = *d;
    } else if (const auto* b = std::get_if<bool>(&v.get())) {
        kind_ = kind::boolean;
        ref_.boolean = *b;
    } else if (const auto* document = std::get_if<json::value>(&v.get())) {
        *this = value_view(*document);
    } else {
        kind_ = kind::turns;
        ref_.turns = &std::get<messages>(v.get());
        size_ = ref_.turns->size();
    }
}

value_view::value_view(const json::value& v)
{
    switch (v.kind()) {
        case json::kind::null:
            kind_ = kind::null;
            break;
        case json::kind::bool_:
            kind_ = kind::boolean;
            ref_.boolean = v.get_bool();
            break;
        case json::kind::int64:
            kind_ = kind::integer;
            ref_.integer = v.get_int64();
            break;
        case json::kind::uint64:
            kind_ = kind::unsigned_integer;
            ref_.unsigned_integer = v.get_uint64();
            break;
        case json::kind::double_:
            kind_ = kind::real;
            ref_.real = v.get_double();
            break;
        case json::kind::string:
            *this = value_view(std::string_view(v.get_string()));
            break;
        case json::kind::array:
            kind_ = kind::array;
            ref_.document = &v;
            size_ = v.get_array().size();
            break;
        case json::kind::object:
            kind_ = kind::object;
            ref_.document = &v;
            size_ = v.get_object().size();
            break;
    }
}

bool value_view::truthy() const noexcept
{
    switch (kind_) {
        case kind::missing:
        case kind::null:
            return false;
        case kind::boolean:
            return ref_.boolean;
        case kind::integer:
            return ref_.integer != 0;
        case kind::unsigned_integer:
            return ref_.unsigned_integer != 0;
        case kind::real:
            return ref_.real < 0 || ref_.real > 0 || ref_.real != ref_.real;
        case kind::text:
        case kind::array:
        case kind::object:
        case kind::turns:
            return size_ > 0;
        default:
            return true;
    }
}

std::size_t value_view::size() const noexcept { return size_; }

value_view value_view::element(std::size_t index) const
{
    if (kind_ == kind::array)
        return value_view(ref_.document->get_array()[index]);
    return value_view((*ref_.turns)[index]);
}

value_view value_view::text_of(const message& m)
{
    const text_block* only = nullptr;
    bool several = false;
    for (const auto& block : m.content)
        if (const auto* text = std::get_if<text_block>(&block)) {
            several = only != nullptr;
            only = text;
            if (several)
                break;
        }
    if (!several)
        return value_view(only ? std::string_view(only->text) : std::string_view(""));
    value_view v(m);
    v.kind_ = kind::turn_text;
    return v;
}

value_view value_view::member(std::string_view name) const
{
    if (kind_ == kind::object) {
        const auto* found = ref_.document->get_object().if_contains(name);
        return found ? value_view(*found) : value_view();
    }
    if (is_list()) {
        std::size_t index = 0;
        const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), index);
        return failed == std::errc() && end == name.data() + name.size() && index < size_ ? element(index) : value_view();
    }
    if (kind_ == kind::turn) {
        if (name == "role")
            return value_view(zincir::name(ref_.turn->role));
        if (name == "content")
            return text_of(*ref_.turn);
        if (name == "name" && !ref_.turn->name.empty())
            return value_view(std::string_view(ref_.turn->name));
    }
    return {};
}

}  // namespace zincir::detail::mustache

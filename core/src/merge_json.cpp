#include <zincir/core/message_chunk.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace zincir {
namespace {

bool is_text(const json::value* v) { return v && v->is_string() && !v->get_string().empty(); }

// Two elements are pieces of one: equal index, and ids that do not contradict each other.
bool same_element(const json::value& a, const json::value& b)
{
    if (!a.is_object() || !b.is_object())
        return false;
    const auto* i = a.get_object().if_contains("index");
    const auto* j = b.get_object().if_contains("index");
    if (!i || !j || *i != *j || !(i->is_int64() || (i->is_string() && i->get_string().starts_with("lc_"))))
        return false;
    const auto* x = a.get_object().if_contains("id");
    const auto* y = b.get_object().if_contains("id");
    return !is_text(x) || !is_text(y) || *x == *y;
}

void merge_value(json::string_view key, json::value& left, const json::value& right)
{
    if (right.is_null())
        return;
    if (left.is_null()) {
        left = right;
    } else if (left.is_string() && right.is_string()) {
        const bool stays = key == "id" || key == "output_version" || key == "model_provider" ||
                           (key == "index" && left.get_string().starts_with("lc_"));
        if (!(stays && left == right))
            left.get_string().append(right.get_string());
    } else if (left.is_object() && right.is_object()) {
        merge_json(left.get_object(), right.get_object());
    } else if (left.is_array() && right.is_array()) {
        for (const auto& element : right.get_array()) {
            auto& all = left.get_array();
            const auto at =
                std::find_if(all.begin(), all.end(), [&](const json::value& old) { return same_element(old, element); });
            if (at != all.end())
                merge_json(at->get_object(), element.get_object());
            else
                all.push_back(element);
        }
    } else if (left.is_number() && right.is_number()) {
        if (key == "index" || key == "created" || key == "timestamp")
            left = right;
        else if (left.is_int64() && right.is_int64())
            left = left.get_int64() + right.get_int64();
        else if (left != right)
            throw error(errc::invalid_argument, "two values of \"" + std::string(key) + "\" do not add up: two different numbers");
    } else if (left != right) {
        throw error(errc::invalid_argument, "two values of \"" + std::string(key) + "\" contradict each other");
    }
}

}  // namespace

void merge_json(json::object& left, const json::object& right)
{
    for (const auto& member : right) {
        if (auto* mine = left.if_contains(member.key()))
            merge_value(member.key(), *mine, member.value());
        else
            left[member.key()] = member.value();
    }
}

}  // namespace zincir

#include <zincir/core/message_chunk.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace zincir {
namespace {

constexpr json::string_view own_index_prefix = "lc_";

bool is_text(const json::value* v) { return v && v->is_string() && !v->get_string().empty(); }

bool is_text(const json::value* v, json::string_view text) { return v && v->is_string() && v->get_string() == text; }

// An element of this index may be a piece of another one: an integer, or a string of the form that LangChain makes itself.
bool is_piece_index(const json::value& v)
{
    return v.is_int64() || v.is_uint64() || (v.is_string() && v.get_string().starts_with(own_index_prefix));
}

// Null for an element that can be a piece of no other.
const json::value* piece_index(const json::value& element)
{
    const auto* object = element.if_object();
    const auto* index = object ? object->if_contains("index") : nullptr;
    return index && is_piece_index(*index) ? index : nullptr;
}

// Two elements are pieces of one: equal index, and ids that do not contradict each other. Parallel calls that a provider numbers
// alike stay apart by their ids.
bool same_element(const json::value& a, const json::value& b)
{
    const auto* i = piece_index(a);
    const auto* j = piece_index(b);
    if (!i || !j || *i != *j)
        return false;
    const auto* x = a.get_object().if_contains("id");
    const auto* y = b.get_object().if_contains("id");
    return !is_text(x) || !is_text(y) || *x == *y;
}

// Adds a later piece to its element. The element's `type` stands as it was first said; a `non_standard` piece keeps its value
// apart.
void merge_element(json::object& left, const json::object& right)
{
    const auto* type = left.if_contains("type");
    const auto* value = right.if_contains("value");
    json::object piece;
    if (is_text(type) && is_text(right.if_contains("type"), "non_standard") && value) {
        piece[is_text(type, "non_standard") ? "value" : "extras"] = *value;
    } else {
        piece = right;
        piece.erase("type");
    }
    merge_json(left, piece);
}

void merge_array(json::array& left, const json::array& right)
{
    for (const auto& element : right) {
        // Long lists without an index, such as logprobs, are not searched for every element.
        const auto from = piece_index(element) ? left.begin() : left.end();
        const auto at = std::find_if(from, left.end(), [&](const json::value& old) { return same_element(old, element); });
        if (at != left.end())
            merge_element(at->get_object(), element.get_object());
        else
            left.push_back(element);
    }
}

[[noreturn]] void contradict(json::string_view key, std::string_view how)
{
    throw error(errc::invalid_argument,
                "two values of \"" + std::string(key.data(), key.size()) + "\" do not add up: " + std::string(how));
}

void add_number(json::string_view key, json::value& left, const json::value& right)
{
    if (left == right)
        return;
    if (!left.is_int64() || !right.is_int64())
        contradict(key, "two different numbers that are not both integers");
    if (key == "index" || key == "created" || key == "timestamp") {
        left = right;
        return;
    }
    std::int64_t sum = 0;
    if (__builtin_add_overflow(left.get_int64(), right.get_int64(), &sum))
        contradict(key, "their sum is beyond 64 bits");
    left = sum;
}

void merge_value(json::string_view key, json::value& left, const json::value& right)
{
    if (right.is_null())
        return;
    if (left.is_null()) {
        left = right;
    } else if (left.is_string() && right.is_string()) {
        const bool names = key == "id" || key == "output_version" || key == "model_provider";
        const bool stays = (names && left == right) || (key == "index" && left.get_string().starts_with(own_index_prefix));
        if (!stays)
            left.get_string().append(right.get_string());
    } else if (left.is_object() && right.is_object()) {
        merge_json(left.get_object(), right.get_object());
    } else if (left.is_array() && right.is_array()) {
        merge_array(left.get_array(), right.get_array());
    } else if (left.is_number() && right.is_number() && left.is_double() == right.is_double()) {
        add_number(key, left, right);
    } else if (left.kind() != right.kind()) {
        contradict(key, "their kinds differ");
    } else if (left != right) {
        contradict(key, "true and false");
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

#include "merge_members.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace zincir::detail {
namespace {

namespace json = boost::json;

struct member_text {
    std::string_view key;  // with its quotation marks
    std::string_view value;
};

// The offset behind the string that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at)
{
    for (++at; text[at] != '"'; ++at)
        if (text[at] == '\\')
            ++at;
    return at + 1;
}

// The offset of the comma or bracket that ends the value at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at)
{
    for (std::size_t depth = 0;; ++at) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_string(text, at) - 1;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            --depth;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
}

std::vector<member_text> members_of(std::string_view object)
{
    std::vector<member_text> members;
    for (std::size_t at = 1; object[at] == '"';) {
        const auto colon = end_of_string(object, at);
        const auto end = end_of_value(object, colon + 1);
        members.push_back({object.substr(at, colon - at), object.substr(colon + 1, end - colon - 1)});
        at = end + (object[end] == ',' ? 1 : 0);
    }
    return members;
}

void append(std::string& out, std::string_view key, std::string_view value)
{
    out += out.size() == 1 ? "" : ",";
    out += key;
    out += ':';
    out += value;
}

}  // namespace

std::string merge_members(std::string_view text, const json::object& more)
{
    std::string out = "{";
    std::vector<json::string> had;
    for (const auto& [key, value] : members_of(text)) {
        had.push_back(json::parse(json::string_view(key.data(), key.size())).as_string());
        const auto* over = more.if_contains(had.back());
        if (!over)
            append(out, key, value);
        else if (over->is_object() && value.front() == '{')
            append(out, key, merge_members(value, over->get_object()));
        else
            append(out, key, json::serialize(*over));
    }
    for (const auto& member : more)
        if (std::find(had.begin(), had.end(), member.key()) == had.end())
            append(out, json::serialize(json::value(member.key())), json::serialize(member.value()));
    return out += '}';
}

}  // namespace zincir::detail

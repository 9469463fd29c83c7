#include <zincir/llms/tool_call_assembler.hpp>

#include <boost/json/parse.hpp>

#include <algorithm>

namespace zincir {
namespace {

constexpr auto npos = static_cast<std::size_t>(-1);

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_object(std::string_view text)
{
    const auto body = trimmed(text);
    if (body.size() < 2 || body.front() != '{' || body.back() != '}')
        return false;
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = 256;
    const auto value = json::parse(json::string_view(body.data(), body.size()), ec, json::storage_ptr(), options);
    return !ec && value.is_object();
}

}  // namespace

bool tool_call_assembler::is_whole(std::string_view arguments) { return is_object(arguments); }

std::string tool_call_assembler::finished(std::string_view arguments)
{
    const auto body = trimmed(arguments);
    if (body.empty() || body == "null")
        return "{}";
    // Some gateways put "null" before the real text.
    if (body.starts_with("null") && is_object(body.substr(4)))
        return std::string(trimmed(body.substr(4)));
    if (body.front() == '"') {
        boost::system::error_code ec;
        const auto value = json::parse(json::string_view(body.data(), body.size()), ec);
        if (!ec && value.is_string() && is_object(std::string_view(value.get_string().data(), value.get_string().size())))
            return std::string(value.get_string());
        if (!ec && value.is_string() && trimmed(std::string_view(value.get_string())).empty())
            return "{}";
    }
    return std::string(arguments);
}

std::size_t tool_call_assembler::locate(const tool_call_fragment& fragment, std::string_view id, bool& renamed) const
{
    const auto last_where = [this](auto matches) {
        for (std::size_t i = calls_.size(); i-- > 0;)
            if (matches(calls_[i]))
                return i;
        return npos;
    };
    // Another tool, or the same tool again after whole arguments, while this fragment starts over: a call of its own.
    const auto starts_over = [&](const call& held) {
        if (fragment.name.empty() || held.name.empty() || held.arguments.empty())
            return false;
        return is_whole(held.arguments) && !fragment.arguments.empty();
    };

    if (!id.empty()) {
        const auto same_id = last_where([&](const call& c) { return c.id == id; });
        if (same_id != npos) {
            const auto& held = calls_[same_id];
            const bool elsewhere = fragment.index && held.index && *fragment.index != *held.index && !fragment.name.empty();
            const bool again = fragment.name == held.name && fragment.arguments == held.arguments;
            if (!elsewhere && (again || !starts_over(held)))
                return same_id;
            renamed = true;
            return npos;
        }
    }
    const auto here = fragment.index   ? last_where([&](const call& c) { return c.index == fragment.index; })
                      : calls_.empty() ? npos
                                       : calls_.size() - 1;
    if (here == npos)
        return npos;
    const auto& held = calls_[here];
    if (id.empty()) {
        if (!fragment.index && !fragment.name.empty() && !held.name.empty())
            return npos;
        return starts_over(held) ? npos : here;
    }
    if (held.id.empty() && !held.fixed)
        return starts_over(held) || (!fragment.index && !fragment.name.empty() && !held.name.empty()) ? npos : here;
    if (!fragment.name.empty())
        return npos;
    return !fragment.arguments.empty() && is_whole(held.arguments) ? npos : here;
}

std::string tool_call_assembler::unused_id(std::string_view id) const
{
    for (int n = 2;; ++n) {
        auto candidate = std::string(id) + "_" + std::to_string(n);
        if (std::none_of(calls_.begin(), calls_.end(), [&](const call& c) { return c.id == candidate; }))
            return candidate;
    }
}

std::size_t tool_call_assembler::add(const tool_call_fragment& fragment)
{
    const auto id = fragment.id == "null" ? std::string_view() : fragment.id;
    bool renamed = false;
    auto position = locate(fragment, id, renamed);
    if (position == npos) {
        position = calls_.size();
        auto& fresh = calls_.emplace_back();
        fresh.index = fragment.index;
    }
    auto& target = calls_[position];
    ++target.fragments;
    // A gateway that sends the finished call once more with its last chunk.
    if (!id.empty() && target.id == id && target.name == fragment.name && target.arguments == fragment.arguments &&
        is_whole(fragment.arguments))
        return position;
    if (!target.fixed) {
        if (target.id.empty() && !id.empty())
            target.id = renamed ? unused_id(id) : std::string(id);
        // A name may come in pieces, or again with every chunk.
        if (target.arguments.empty() && !fragment.name.empty() && fragment.name != target.name)
            target.name += fragment.name;
        else if (target.name.empty())
            target.name = fragment.name;
    }
    target.arguments += fragment.arguments;
    return position;
}

}  // namespace zincir

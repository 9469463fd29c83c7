#include "driver.hpp"

#include <zincir/core/json.hpp>
#include <zincir/core/message_chunk.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

// LangChain's message chunks, written down as JSON. Their shape (content as text or list, additional_kwargs, tool_call_chunks) is
// its own; the sums are made by the library: merge_json, message_builder, usage, try_parse_partial_json.

namespace conformance {
namespace {

const json::object& input_of(const json::object& request_case) { return request_case.at("input").as_object(); }

json::value member(const json::object& o, std::string_view key)
{
    const auto* v = o.if_contains(key);
    return v ? *v : json::value();
}

json::value add_values(json::value left, json::value right)
{
    json::object sum;
    sum["v"] = std::move(left);
    json::object more;
    more["v"] = std::move(right);
    zincir::merge_json(sum, more);
    return sum["v"];
}

json::value sum_of(const json::array& parts)
{
    json::value sum;
    for (const auto& part : parts)
        sum = add_values(std::move(sum), part);
    return sum;
}

// Two texts of one reply.
std::string add_text(const json::value& left, const json::value& right)
{
    zincir::message_builder sum;
    sum.add(zincir::message_chunk(text_of(left)));
    sum.add(zincir::message_chunk(text_of(right)));
    return sum.take().text();
}

json::value add_content(json::value left, const json::value& right)
{
    if (left.is_string() && right.is_string())
        return json::value(add_text(left, right));
    if (left.is_string()) {
        json::array both{left};
        both.insert(both.end(), right.as_array().begin(), right.as_array().end());
        return both;
    }
    if (right.is_array())
        return add_values(std::move(left), right);
    auto& parts = left.as_array();
    if (right.as_string().empty())
        return left;
    if (parts.empty())
        throw skip("text after an empty list of parts: the reference loses it, the library never does");
    if (parts.back().is_string())
        parts.back() = add_text(parts.back(), right);
    else
        parts.push_back(right);
    return left;
}

// Numbers add up in members only: outside of an object the reference takes equal ones alone.
json::value merge_obj(const json::object& request_case)
{
    const auto& left = input_of(request_case).at("left");
    const auto& right = input_of(request_case).at("right");
    if (left.is_number() && right.is_number() && left != right)
        throw zincir::error(zincir::errc::invalid_argument, "two numbers do not merge");
    return add_values(left, right);
}

json::value merge_content(const json::object& request_case)
{
    json::value sum = json::string();
    bool first = true;
    for (const auto& part : input_of(request_case).at("contents").as_array()) {
        sum = first ? (part.is_null() ? json::value(json::string()) : part) : add_content(std::move(sum), part);
        first = false;
    }
    return sum;
}

zincir::usage usage_of(const json::value& v)
{
    zincir::usage u;
    if (!v.is_object())
        return u;
    const auto& o = v.get_object();
    const auto count = [](const json::value& n) { return n.is_int64() ? n.get_int64() : 0; };
    u.input_tokens = count(member(o, "input_tokens"));
    u.output_tokens = count(member(o, "output_tokens"));
    u.total_tokens = count(member(o, "total_tokens"));
    const auto detail = [&](std::string_view group, std::string_view name) -> std::optional<std::int64_t> {
        const auto all = member(o, group);
        if (!all.is_object() || !all.get_object().contains(name))
            return std::nullopt;
        return count(member(all.get_object(), name));
    };
    u.cached_input_tokens = detail("input_token_details", "cache_read");
    u.reasoning_tokens = detail("output_token_details", "reasoning");
    return u;
}

// The counts that the library keeps as usage; `details` are those of one group that it has no member for.
json::object usage_json(const zincir::usage& u, json::object input_details, json::object output_details)
{
    json::object o;
    o["input_tokens"] = u.input_tokens;
    o["output_tokens"] = u.output_tokens;
    o["total_tokens"] = u.total_tokens;
    if (u.cached_input_tokens)
        input_details["cache_read"] = *u.cached_input_tokens;
    if (u.reasoning_tokens)
        output_details["reasoning"] = *u.reasoning_tokens;
    if (!input_details.empty())
        o["input_token_details"] = std::move(input_details);
    if (!output_details.empty())
        o["output_token_details"] = std::move(output_details);
    return o;
}

template <class Op>
json::object combined_details(const json::value& left, const json::value& right, std::string_view group, Op op)
{
    json::object result;
    const auto read = [&](const json::value& v, bool is_left) {
        const auto all = v.is_object() ? member(v.get_object(), group) : json::value();
        if (!all.is_object())
            return;
        for (const auto& count : all.get_object()) {
            const auto n = count.value().is_int64() ? count.value().get_int64() : 0;
            auto& slot = result[count.key()];
            const auto before = slot.is_int64() ? slot.get_int64() : 0;
            slot = is_left ? n : op(before, n);
        }
    };
    read(left, true);
    read(right, false);
    return result;
}

json::value add_usage(const json::value& left, const json::value& right)
{
    const auto plus = [](std::int64_t a, std::int64_t b) { return a + b; };
    return usage_json(usage_of(left) + usage_of(right), combined_details(left, right, "input_token_details", plus),
                      combined_details(left, right, "output_token_details", plus));
}

// The library never subtracts usages: this is the reference's rule alone, no count below 0.
json::value subtract_usage(const json::value& left, const json::value& right)
{
    const auto minus = [](std::int64_t a, std::int64_t b) { return std::max<std::int64_t>(a - b, 0); };
    const auto a = usage_of(left);
    const auto b = usage_of(right);
    zincir::usage u;
    u.input_tokens = minus(a.input_tokens, b.input_tokens);
    u.output_tokens = minus(a.output_tokens, b.output_tokens);
    u.total_tokens = minus(a.total_tokens, b.total_tokens);
    return usage_json(u, combined_details(left, right, "input_token_details", minus),
                      combined_details(left, right, "output_token_details", minus));
}

// Provider's ids before the reference's own of a run, and those before its others.
json::value best_id(const json::array& chunks)
{
    const auto rank = [](const json::value& id) {
        return !id.is_string() || id.get_string().empty() ? 3
               : id.get_string().starts_with("lc_run-")   ? 1
               : id.get_string().starts_with("lc_")       ? 2
                                                          : 0;
    };
    json::value best;
    for (const auto& chunk : chunks)
        if (auto id = member(chunk.as_object(), "id"); rank(id) < rank(best))
            best = std::move(id);
    return best;
}

// The calls whose arguments are, so far, the beginning of an object; the others as invalid.
void read_calls(const json::array& pieces, json::array& calls, json::array& invalid)
{
    for (const auto& piece : pieces) {
        const auto& o = piece.as_object();
        const auto arguments = member(o, "args");
        json::value parsed = json::object();
        if (arguments.is_string() && !arguments.get_string().empty()) {
            auto partial = zincir::try_parse_partial_json(text_of(arguments));
            parsed = partial ? std::move(*partial) : json::value();
        }
        json::object call;
        call["name"] = member(o, "name");
        call["id"] = member(o, "id");
        if (parsed.is_object()) {
            if (call["name"].is_null())
                call["name"] = json::string();
            call["args"] = std::move(parsed);
            calls.push_back(std::move(call));
        } else {
            call["args"] = arguments;
            call["error"] = nullptr;
            invalid.push_back(std::move(call));
        }
    }
}

bool is_something(const json::value& v)
{
    return !(v.is_null() || (v.is_array() && v.get_array().empty()) || (v.is_object() && v.get_object().empty()));
}

json::array tool_call_pieces(const json::array& chunks)
{
    json::array lists;
    for (const auto& chunk : chunks) {
        auto pieces = member(chunk.as_object(), "tool_call_chunks");
        lists.push_back(pieces.is_null() ? json::value(json::array()) : std::move(pieces));
    }
    const auto sum = sum_of(lists);
    json::array pieces;
    if (sum.is_array())
        for (const auto& element : sum.get_array()) {
            json::object piece;
            for (std::string_view key : {"name", "args", "id", "index"})
                piece[key] = member(element.as_object(), key);
            pieces.push_back(std::move(piece));
        }
    return pieces;
}

json::object add_common(const json::array& chunks, std::initializer_list<std::string_view> summed)
{
    const auto& first = chunks.at(0).as_object();
    json::object sum;
    sum["type"] = first.at("type");
    auto text = first.at("content");
    for (std::size_t i = 1; i < chunks.size(); ++i)
        text = add_content(std::move(text), chunks[i].as_object().at("content"));
    sum["content"] = std::move(text);
    for (const auto key : summed) {
        json::value total;
        for (const auto& chunk : chunks)
            total = add_values(std::move(total), member(chunk.as_object(), key));
        if (is_something(total))
            sum[key] = std::move(total);
    }
    return sum;
}

json::value add_ai_chunks(const json::array& chunks)
{
    auto sum = add_common(chunks, {"additional_kwargs", "response_metadata"});
    auto pieces = tool_call_pieces(chunks);
    json::array calls;
    json::array invalid;
    read_calls(pieces, calls, invalid);
    json::value usage;
    json::value position;
    for (const auto& chunk : chunks) {
        const auto& o = chunk.as_object();
        if (auto more = member(o, "usage_metadata"); more.is_object())
            usage = usage.is_null() ? more : add_usage(usage, more);
        if (member(o, "chunk_position") == "last")
            position = "last";
    }
    const auto put = [&](std::string_view key, json::value v) {
        if (is_something(v))
            sum[key] = std::move(v);
    };
    put("id", best_id(chunks));
    put("tool_calls", std::move(calls));
    put("invalid_tool_calls", std::move(invalid));
    put("tool_call_chunks", std::move(pieces));
    put("usage_metadata", std::move(usage));
    put("chunk_position", std::move(position));
    return sum;
}

json::value chunk_add(const json::array& chunks)
{
    const auto& first = chunks.at(0).as_object();
    if (first.at("type") == "AIMessageChunk")
        return add_ai_chunks(chunks);
    for (std::string_view key : {"tool_call_id", "role", "name"})
        for (const auto& chunk : chunks)
            if ((key != "name" || first.at("type") == "FunctionMessageChunk") &&
                member(chunk.as_object(), key) != member(first, key))
                throw zincir::error(zincir::errc::invalid_argument, "chunks of different " + std::string(key) + " do not add up");
    auto sum = add_common(chunks, {"additional_kwargs", "response_metadata", "artifact"});
    for (std::string_view key : {"id", "tool_call_id", "role", "name"})
        if (auto v = member(first, key); !v.is_null())
            sum[key] = std::move(v);
    for (const auto& chunk : chunks)
        if (auto status = member(chunk.as_object(), "status"); status == "error" || (status.is_string() && !sum.contains("status")))
            sum["status"] = std::move(status);
    return sum;
}

json::value merge_runs(const json::object& request_case)
{
    const auto& input = input_of(request_case);
    const auto given = member(input, "chunk_separator");
    const auto separator = given.is_string() ? given : json::value("\n");
    json::array merged;
    for (auto turn : input.at("messages").as_array()) {
        auto& o = turn.as_object();
        const bool joins = !merged.empty() && o.at("type") != "tool" && merged.back().as_object().at("type") == o.at("type");
        if (!joins) {
            merged.push_back(std::move(turn));
            continue;
        }
        o.erase("response_metadata");
        auto last = merged.back();
        auto& text = last.as_object().at("content");
        const auto& more = o.at("content");
        if (text.is_string() && more.is_string() && !text.get_string().empty() && !more.get_string().empty())
            text = add_text(text, separator);
        auto sum = add_common(json::array{last, turn}, {"additional_kwargs", "response_metadata"});
        for (const auto& kept : last.as_object())
            if (!sum.contains(kept.key()))
                sum[kept.key()] = kept.value();
        merged.back() = std::move(sum);
    }
    return merged;
}

}  // namespace

void register_message_ops(ops& all)
{
    all.add("merge_dicts", [](const json::object& c) {
        auto sum = sum_of(input_of(c).at("dicts").as_array());
        return sum.is_null() ? json::value(json::object()) : sum;
    });
    all.add("merge_lists", [](const json::object& c) { return sum_of(input_of(c).at("lists").as_array()); });
    all.add("merge_obj", merge_obj);
    all.add("merge_content", merge_content);
    all.add("add_ai_message_chunks", [](const json::object& c) { return add_ai_chunks(input_of(c).at("chunks").as_array()); });
    all.add("chunk_add", [](const json::object& c) { return chunk_add(input_of(c).at("chunks").as_array()); });
    all.add("add_usage", [](const json::object& c) { return add_usage(input_of(c).at("left"), input_of(c).at("right")); });
    all.add("subtract_usage",
            [](const json::object& c) { return subtract_usage(input_of(c).at("left"), input_of(c).at("right")); });
    all.add("merge_message_runs", merge_runs);
}

}  // namespace conformance

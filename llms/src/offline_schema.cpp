#include "offline_schema.hpp"

#include <zincir/core/error.hpp>

#include "offline_source.hpp"
#include "offline_text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <regex>

namespace zincir::detail::offline {
namespace {

constexpr int optional_depth = 4;  // members that are not required are left out below
constexpr int depth_limit = 48;

class filler {
public:
    filler(const json::object& root, std::string_view text) : root_(root), source_(text) {}

    json::value fill(const json::value& schema, std::string_view key, int depth)
    {
        if (schema.is_bool()) {
            if (!schema.get_bool())
                impossible(key, "is false");
            return json::string(source_.next_word(key));
        }
        if (!schema.is_object())
            impossible(key, "is neither an object nor a boolean");
        if (depth > depth_limit)
            impossible(key, "contains itself without end");
        return fill_object_schema(schema.get_object(), key, depth);
    }

    std::vector<std::string> warnings{};

private:
    [[noreturn]] static void impossible(std::string_view key, const std::string& why)
    {
        throw error(errc::unsupported, "nothing fits the JSON Schema" +
                                           (key.empty() ? std::string() : " of \"" + std::string(key) + "\"") + ": it " + why);
    }

    json::value fill_object_schema(const json::object& schema, std::string_view key, int depth)
    {
        note_unknown(schema);
        if (const auto* constant = schema.if_contains("const"))
            return *constant;
        if (const auto* list = schema.if_contains("enum"); list && list->is_array())
            return choose(list->get_array(), key);
        if (const auto* ref = schema.if_contains("$ref"); ref && ref->is_string())
            return fill(resolve(std::string(ref->get_string()), key), key, depth + 1);
        if (const auto* all = schema.if_contains("allOf"); all && all->is_array())
            return fill(merged(schema, all->get_array(), key), key, depth + 1);
        for (const auto* word : {"anyOf", "oneOf"})
            if (const auto* options = schema.if_contains(word); options && options->is_array() && !options->get_array().empty())
                return fill_one_of(schema, options->get_array(), word, key, depth);
        const auto type = type_of(schema, depth);
        if (type == "object")
            return fill_members(schema, depth);
        if (type == "array")
            return fill_items(schema, key, depth);
        if (type == "integer" || type == "number")
            return fill_number(schema, key, type == "integer");
        if (type == "boolean")
            return json::value(source_.affirms(key));
        if (type == "null")
            return nullptr;
        if (type != "string")
            impossible(key, "has the unknown type \"" + type + "\"");
        return json::string(fill_string(schema, key));
    }

    // The first type that carries a value; null where the schema is too deep to go on.
    static std::string type_of(const json::object& schema, int depth)
    {
        const auto* type = schema.if_contains("type");
        if (type && type->is_string())
            return std::string(type->get_string());
        if (type && type->is_array()) {
            std::string first;
            for (const auto& t : type->get_array())
                if (t.is_string()) {
                    if ((t.get_string() == "null") == (depth > optional_depth))
                        return std::string(t.get_string());
                    first = first.empty() ? std::string(t.get_string()) : first;
                }
            return first.empty() ? "null" : first;
        }
        const auto has = [&](std::initializer_list<const char*> names) {
            return std::any_of(names.begin(), names.end(), [&](const char* n) { return schema.contains(n); });
        };
        if (has({"properties", "required", "additionalProperties", "minProperties"}))
            return "object";
        if (has({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}))
            return "array";
        if (has({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}))
            return "number";
        return "string";
    }

    void note_unknown(const json::object& schema)
    {
        for (const auto* word : {"not", "if", "dependentRequired", "dependentSchemas", "patternProperties", "propertyNames",
                                 "contains", "unevaluatedProperties", "$dynamicRef"})
            if (schema.contains(word))
                warn("the offline model did not look at \"" + std::string(word) + "\" of the JSON Schema");
    }
    void warn(std::string text)
    {
        if (std::find(warnings.begin(), warnings.end(), text) == warnings.end())
            warnings.push_back(std::move(text));
    }

    json::value choose(const json::array& list, std::string_view key)
    {
        if (list.empty())
            impossible(key, "is an empty enum");
        for (const auto& option : list)
            if (option.is_string() && source_.mentions(std::string_view(option.get_string().data(), option.get_string().size())))
                return option;
        return list.front();
    }

    json::value resolve(const std::string& ref, std::string_view key) const
    {
        if (ref == "#")
            return root_;
        if (!ref.starts_with("#/"))
            impossible(key, "refers to another document (" + ref + ")");
        boost::system::error_code ec;
        const json::value root(root_);
        const auto* target = root.find_pointer(std::string_view(ref).substr(1), ec);
        if (!target)
            impossible(key, "refers to " + ref + ", which is not there");
        return *target;
    }

    // One schema that says what all of them say: members and requirements add up, of other keywords the last one holds.
    json::value merged(const json::object& schema, const json::array& parts, std::string_view key)
    {
        json::object sum = schema;
        sum.erase("allOf");
        for (auto part : parts) {
            while (part.is_object() && part.get_object().contains("$ref"))
                part = resolve(std::string(part.get_object().at("$ref").as_string()), key);
            if (!part.is_object())
                continue;
            for (const auto& member : part.get_object()) {
                auto* mine = sum.if_contains(member.key());
                if (mine && mine->is_object() && member.value().is_object()) {
                    for (const auto& inner : member.value().get_object())
                        mine->get_object()[inner.key()] = inner.value();
                } else if (mine && mine->is_array() && member.value().is_array() && member.key() == "required") {
                    for (const auto& name : member.value().get_array())
                        mine->get_array().push_back(name);
                } else {
                    sum[member.key()] = member.value();
                }
            }
        }
        return sum;
    }

    json::value fill_one_of(const json::object& schema, const json::array& options, const char* word, std::string_view key,
                            int depth)
    {
        const auto is_null = [](const json::value& v) {
            const auto* type = v.is_object() ? v.get_object().if_contains("type") : nullptr;
            return type && type->is_string() && type->get_string() == "null";
        };
        auto at = std::find_if(options.begin(), options.end(),
                               [&](const json::value& v) { return is_null(v) == (depth > optional_depth); });
        if (at == options.end())
            at = options.begin();
        // What stands beside the alternatives holds for each of them.
        json::object beside = schema;
        beside.erase(word);
        const bool says_more = beside.contains("properties") || beside.contains("type") || beside.contains("required");
        if (!says_more)
            return fill(*at, key, depth + 1);
        json::array both;
        both.push_back(*at);
        return fill(merged(beside, both, key), key, depth + 1);
    }

    json::value fill_members(const json::object& schema, int depth)
    {
        json::object out;
        std::vector<std::string> required;
        if (const auto* list = schema.if_contains("required"); list && list->is_array())
            for (const auto& name : list->get_array())
                if (name.is_string())
                    required.emplace_back(name.get_string());
        const auto is_required = [&](std::string_view name) {
            return std::find(required.begin(), required.end(), name) != required.end();
        };
        if (const auto* members = schema.if_contains("properties"); members && members->is_object())
            for (const auto& member : members->get_object()) {
                const std::string_view name(member.key().data(), member.key().size());
                if (is_required(name) || depth <= optional_depth)
                    out[member.key()] = fill(member.value(), name, depth + 1);
            }
        const auto* others = schema.if_contains("additionalProperties");
        const json::value any = true;
        for (const auto& name : required)
            if (!out.contains(name))
                out[name] = fill(others ? *others : any, name, depth + 1);
        const auto least =
            size_limit(schema, "minProperties", others && others->is_object() && out.empty() && depth <= optional_depth ? 1 : 0);
        for (std::size_t tries = 0; out.size() < least && tries < least + 64; ++tries) {
            auto name = source_.next_word({});
            if (out.contains(name))
                name += std::to_string(out.size());
            out[name] = fill(others ? *others : any, name, depth + 1);
        }
        return out;
    }

    static std::size_t size_limit(const json::object& schema, const char* word, std::size_t otherwise)
    {
        const auto* limit = schema.if_contains(word);
        if (!limit || !limit->is_number())
            return otherwise;
        const auto n = limit->to_number<double>();
        return n <= 0 ? 0 : n > 1e6 ? std::size_t{1'000'000} : static_cast<std::size_t>(n);
    }

    json::value fill_items(const json::object& schema, std::string_view key, int depth)
    {
        json::array out;
        const auto least = size_limit(schema, "minItems", 0);
        const auto most = size_limit(schema, "maxItems", std::numeric_limits<std::size_t>::max());
        if (const auto* fixed = schema.if_contains("prefixItems"); fixed && fixed->is_array())
            for (const auto& item : fixed->get_array())
                if (out.size() < most)
                    out.push_back(fill(item, key, depth + 1));
        const auto* items = schema.if_contains("items");
        if (items && items->is_bool() && !items->get_bool())
            return out;
        const json::value any = true;
        const auto& item = items && !items->is_array() ? *items : any;
        const auto* unique = schema.if_contains("uniqueItems");
        const bool distinct = unique && unique->is_bool() && unique->get_bool();
        const auto wanted = std::min(most, std::max(least, depth > optional_depth ? 0 : natural_count(item, key)));
        for (std::size_t tries = 0; out.size() < wanted && tries < wanted * 2 + 64; ++tries) {
            auto value = fill(item, key, depth + 1);
            if (distinct && std::find(out.begin(), out.end(), value) != out.end())
                value = another(item, out, std::move(value));
            if (!distinct || std::find(out.begin(), out.end(), value) == out.end())
                out.push_back(std::move(value));
        }
        return out;
    }

    // How many items the text offers.
    std::size_t natural_count(const json::value& item, std::string_view key)
    {
        if (!item.is_object())
            return 1;
        const auto type = type_of(item.get_object(), 0);
        if (item.get_object().contains("enum"))
            return 1;
        if (type == "string")
            return source_.start_list(key);
        if (type == "integer" || type == "number")
            return std::max<std::size_t>(source_.numbers_left(), 1);
        return 1;
    }

    // A value unlike those in `taken`, made from `value`.
    static json::value another(const json::value& item, const json::array& taken, json::value value)
    {
        const auto* list = item.is_object() ? item.get_object().if_contains("enum") : nullptr;
        if (list && list->is_array()) {
            for (const auto& option : list->get_array())
                if (std::find(taken.begin(), taken.end(), option) == taken.end())
                    return option;
        } else if (value.is_string()) {
            value.get_string() += std::to_string(taken.size() + 1);
        } else if (value.is_int64()) {
            std::int64_t top = value.get_int64();
            for (const auto& v : taken)
                top = std::max(top, v.is_int64() ? v.get_int64() : top);
            return top + step_of(item);
        } else if (value.is_double()) {
            value = value.get_double() + static_cast<double>(taken.size());
        } else if (value.is_bool()) {
            value = !value.get_bool();
        }
        return value;
    }
    static std::int64_t step_of(const json::value& item)
    {
        const auto* step = item.is_object() ? item.get_object().if_contains("multipleOf") : nullptr;
        return step && step->is_int64() && step->get_int64() > 0 ? step->get_int64() : 1;
    }

    json::value fill_number(const json::object& schema, std::string_view key, bool integral)
    {
        const auto bound = [&](const char* word) -> std::optional<double> {
            const auto* v = schema.if_contains(word);
            return v && v->is_number() ? std::optional<double>(v->to_number<double>()) : std::nullopt;
        };
        const auto step = bound("multipleOf");
        const double grid = step && *step > 0 ? *step : integral ? 1.0 : 0.0;
        const double inside = grid > 0 ? grid : 1e-6;  // how far from an exclusive bound
        auto low = bound("minimum");
        auto high = bound("maximum");
        if (const auto x = bound("exclusiveMinimum"); x && (!low || *x >= *low))
            low = grid > 0 ? (std::floor(*x / grid) + 1) * grid : *x + std::max(inside, std::abs(*x) * 1e-9);
        if (const auto x = bound("exclusiveMaximum"); x && (!high || *x <= *high))
            high = grid > 0 ? (std::ceil(*x / grid) - 1) * grid : *x - std::max(inside, std::abs(*x) * 1e-9);
        auto value = source_.number(key).value_or(default_number(schema));
        if (high && value > *high)
            value = *high;
        if (low && value < *low)
            value = *low;
        if (grid > 0) {
            value = std::round(value / grid) * grid;
            if (low && value < *low)
                value += grid;
            if (high && value > *high)
                value -= grid;
        }
        if ((low && value < *low) || (high && value > *high))
            impossible(key, "leaves no number between its bounds");
        if (value == std::floor(value) && std::abs(value) < 9e15)
            return static_cast<std::int64_t>(value);
        return value;
    }
    static double default_number(const json::object& schema)
    {
        const auto* v = schema.if_contains("default");
        return v && v->is_number() ? v->to_number<double>() : 1.0;
    }

    std::string fill_string(const json::object& schema, std::string_view key)
    {
        if (const auto* pattern = schema.if_contains("pattern"); pattern && pattern->is_string())
            return matching(std::string(pattern->get_string()), key);
        const auto* format = schema.if_contains("format");
        auto text = format && format->is_string()
                        ? source_.formatted(std::string_view(format->get_string().data(), format->get_string().size()), key)
                        : source_.value_of(key);
        const auto least = size_limit(schema, "minLength", 0);
        const auto most = size_limit(schema, "maxLength", std::numeric_limits<std::size_t>::max());
        while (count_characters(text) < least)
            text += text.empty() ? "…" : " " + text;
        // A longer text than asked for is cut after a word where one ends in time.
        if (count_characters(text) > most) {
            const auto cut = first_characters(text, most);
            const auto space = cut.rfind(' ');
            const auto shorter = space == std::string_view::npos ? cut : trim(cut.substr(0, space));
            text = std::string(count_characters(shorter) < least || shorter.empty() ? cut : shorter);
        }
        return text;
    }

    std::string matching(const std::string& pattern, std::string_view key)
    {
        try {
            const std::regex expression(pattern, std::regex::ECMAScript);
            for (const auto& token : source_.tokens())
                if (token.size() <= 200 && std::regex_search(token, expression))
                    return token;
        } catch (const std::regex_error&) {
        }
        warn("the offline model found no word that matches the pattern " + pattern + " of \"" + std::string(key) + "\"");
        return source_.value_of(key);
    }

    const json::object& root_;
    source source_;
};

}  // namespace

filled fill_schema(const json::object& schema, std::string_view text)
{
    filler work(schema, text);
    filled result;
    // Tools without parameters have an empty schema, and their arguments are an object.
    result.value = schema.empty() ? json::value(json::object()) : work.fill(schema, {}, 0);
    result.warnings = std::move(work.warnings);
    return result;
}

}  // namespace zincir::detail::offline

#include "driver.hpp"

#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/few_shot_prompt_template.hpp>

#include <boost/json/array.hpp>

namespace conformance {
namespace {

std::vector<zincir::values> examples_of(const json::value& list)
{
    std::vector<zincir::values> all;
    for (const auto& example : list.as_array())
        all.push_back(zincir::values::from_json(example.as_object()));
    return all;
}

zincir::template_options options_of(const json::object& where)
{
    const auto* format = where.if_contains("format");
    zincir::template_options options;
    if (format && *format == "mustache")
        options.format = zincir::template_format::mustache;
    else if (format && *format == "jinja2")
        options.format = zincir::template_format::jinja;
    return options;
}

zincir::prompt_template prompt_of(const json::object& where)
{
    return zincir::prompt_template(text_of(where.at("template")), options_of(where));
}

json::value format(const json::object& input)
{
    const auto& source = input.at("few_shot").as_object();
    zincir::few_shot_layout layout;
    layout.prefix = text_of(source.at("prefix"));
    layout.suffix = text_of(source.at("suffix"));
    layout.separator = text_of(source.at("separator"));
    layout.options = options_of(source);
    zincir::few_shot_prompt_template prompt(examples_of(source.at("examples")), prompt_of(source.at("example_prompt").as_object()),
                                            layout);
    if (const auto* given = input.if_contains("partial_variables"))
        for (const auto& member : given->as_object())
            prompt = prompt.partial(std::string(member.key()), zincir::prompt_value(member.value()));
    return json::value(prompt.format(zincir::values::from_json(input.at("vars").as_object())));
}

json::value format_messages(const json::object& input)
{
    const auto& source = input.at("few_shot_chat").as_object();
    std::vector<zincir::chat_prompt_part> parts;
    for (const auto& part : source.at("example_messages").as_array())
        parts.emplace_back(zincir::message(part.as_array()[0] == "ai" ? zincir::role::assistant : zincir::role::user,
                                           text_of(part.as_array()[1])));
    const zincir::few_shot_chat_prompt_template prompt(examples_of(source.at("examples")),
                                                       zincir::chat_prompt_template<>(std::move(parts)));
    json::array shown;
    for (const auto& m : prompt.format(zincir::values::from_json(input.at("vars").as_object()))) {
        json::object one;
        one["type"] = m.role == zincir::role::assistant ? "ai" : "human";
        one["content"] = m.text();
        shown.push_back(std::move(one));
    }
    return shown;
}

json::value shown(const std::vector<zincir::values>& examples)
{
    json::array all;
    for (const auto& example : examples) {
        json::object one;
        for (const auto& entry : example.entries())
            one[entry.name] = zincir::to_prompt_text(entry.value);
        all.push_back(std::move(one));
    }
    return all;
}

json::value select_by_length(const json::object& input)
{
    const zincir::length_based_selector selector(examples_of(input.at("examples")),
                                                 prompt_of(input.at("example_prompt").as_object()),
                                                 input.at("max_length").to_number<std::size_t>());
    return shown(selector.select_now(zincir::values::from_json(input.at("input").as_object())));
}

std::vector<std::string> keys_of(const json::object& input)
{
    std::vector<std::string> keys;
    if (const auto* given = input.if_contains("keys"))
        for (const auto& key : given->as_array())
            keys.push_back(text_of(key));
    return keys;
}

json::value select_by_overlap(const json::object& input)
{
    const zincir::ngram_overlap_selector selector(examples_of(input.at("examples")), input.at("threshold").to_number<double>(),
                                                  keys_of(input));
    return shown(selector.select_now(zincir::values::from_json(input.at("input").as_object())));
}

// The points of the texts that the case names.
class listed_embeddings final : public zincir::embeddings {
public:
    explicit listed_embeddings(json::object points) : points_(std::move(points)) {}
    zincir::awaitable<std::vector<zincir::embedding>> embed(std::vector<std::string> texts, zincir::run_context) const override
    {
        std::vector<zincir::embedding> made;
        for (const auto& text : texts) {
            auto& point = made.emplace_back();
            for (const auto& number : points_.at(text).as_array())
                point.push_back(number.to_number<float>());
        }
        co_return made;
    }

private:
    json::object points_;
};

template <class Selector, class... More>
json::value select_by_points(const json::object& input, More... more)
{
    const Selector selector(examples_of(input.at("examples")),
                            std::make_shared<const listed_embeddings>(input.at("points").as_object()),
                            input.at("k").to_number<std::size_t>(), more..., keys_of(input));
    return shown(zincir::sync_wait(selector.select(zincir::values::from_json(input.at("input").as_object()), {})));
}

json::value select_by_similarity(const json::object& input) { return select_by_points<zincir::similarity_selector>(input); }

json::value select_by_mmr(const json::object& input)
{
    return select_by_points<zincir::mmr_selector>(input, input.at("fetch").to_number<std::size_t>(), 0.5);
}

}  // namespace

void register_few_shot_ops(ops& all)
{
    const auto add = [&](const char* name, json::value (*f)(const json::object&)) {
        all.add(name, [f](const json::object& request_case) { return f(request_case.at("input").as_object()); });
    };
    add("few_shot.format", format);
    add("few_shot_chat.format_messages", format_messages);
    add("length_based.select_examples", select_by_length);
    add("ngram_overlap.select_examples", select_by_overlap);
    add("similarity.select_examples", select_by_similarity);
    add("mmr.select_examples", select_by_mmr);
}

}  // namespace conformance

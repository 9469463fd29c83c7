#include <zincir/llms/model_catalog.hpp>

#include "embedded_data.hpp"

#include <zincir/core/described.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace zincir {
namespace {

struct model_row {
    std::optional<std::int64_t> context_window;
    std::optional<std::int64_t> max_output_tokens;
    std::optional<bool> tools;
    std::optional<bool> tool_choice;
    std::optional<bool> json_schema;
    std::optional<bool> images;
    std::optional<bool> audio;
    std::optional<bool> files;
    std::optional<bool> reasoning;
    std::optional<bool> temperature;
    std::optional<std::vector<std::string>> reasoning_efforts;
    std::optional<bool> deprecated;
};
BOOST_DESCRIBE_STRUCT(model_row, (),
                      (context_window, max_output_tokens, tools, tool_choice, json_schema, images, audio, files, reasoning,
                       temperature, reasoning_efforts, deprecated))

// A member's name as a part of a JSON pointer (RFC 6901 §3).
std::string pointer_part(std::string_view name)
{
    std::string part;
    for (const char c : name)
        c == '~' ? part += "~0" : c == '/' ? part += "~1" : part += c;
    return part;
}

void check_members(const json::object& row, const std::string& place)
{
    for (const auto& member : row) {
        bool known = false;
        boost::mp11::mp_for_each<boost::describe::describe_members<model_row, boost::describe::mod_any_access>>(
            [&](auto d) { known = known || member.key() == d.name; });
        if (!known)
            throw error(errc::invalid_argument, place + "/" + pointer_part(member.key()) + ": nothing about a model has this name");
    }
}

void lay_over(model_profile& profile, const model_row& row)
{
    const auto take = [](auto& mine, const auto& theirs) {
        if (theirs)
            mine = *theirs;
    };
    take(profile.context_window, row.context_window);
    take(profile.max_output_tokens, row.max_output_tokens);
    take(profile.tools, row.tools);
    take(profile.tool_choice, row.tool_choice);
    take(profile.json_schema, row.json_schema);
    take(profile.images, row.images);
    take(profile.audio, row.audio);
    take(profile.files, row.files);
    take(profile.reasoning, row.reasoning);
    take(profile.temperature, row.temperature);
    take(profile.reasoning_efforts, row.reasoning_efforts);
    take(profile.deprecated, row.deprecated);
}

// "gpt-4o-2024-08-06" → "gpt-4o", "gpt-4-0613" → "gpt-4"; empty where there is no date at the end.
std::string_view without_date(std::string_view model)
{
    const auto digits_at = [&](std::size_t from, std::size_t n) {
        return from + n <= model.size() && model.substr(from, n).find_first_not_of("0123456789") == std::string_view::npos;
    };
    const auto n = model.size();
    if (n > 11 && model[n - 11] == '-' && digits_at(n - 10, 4) && model[n - 6] == '-' && digits_at(n - 5, 2) &&
        model[n - 3] == '-' && digits_at(n - 2, 2))
        return model.substr(0, n - 11);
    if (n > 5 && model[n - 5] == '-' && digits_at(n - 4, 4))
        return model.substr(0, n - 5);
    return {};
}

}  // namespace

const model_catalog& model_catalog::standard()
{
    static const auto catalog = [] {
        model_catalog all;
        all.add(detail::embedded_models());
        if (const char* path = std::getenv("ZINCIR_MODELS"); path && *path)
            all.load(path);
        return all;
    }();
    return catalog;
}

void model_catalog::add(std::string_view json_text)
{
    auto document = try_parse_json(json_text);
    if (!document)
        throw error(errc::invalid_argument, document.error().facts().message);
    const auto* models = document->is_object() ? document->get_object().if_contains("models") : nullptr;
    if (!models || !models->is_object())
        throw error(errc::invalid_argument, "/models: expected an object of rows by \"provider:model\"");
    auto rows = rows_;
    for (const auto& member : models->get_object()) {
        const std::string name(member.key());
        const auto place = "/models/" + pointer_part(name);
        if (name.find(':') == std::string::npos)
            throw error(errc::invalid_argument, place + ": a row is named \"provider:model\"");
        if (!member.value().is_object())
            throw error(errc::invalid_argument, place + ": expected an object");
        check_members(member.value().get_object(), place);
        auto row = try_from_json<model_row>(member.value());
        if (!row)
            throw error(errc::invalid_argument, place + row.error().facts().message);
        auto& profile = rows[name];
        profile.model = name;
        lay_over(profile, *row);
    }
    rows_ = std::move(rows);
}

void model_catalog::load(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw error(errc::invalid_argument, "no models can be read from " + path + ": there is no such file");
    std::ostringstream text;
    text << file.rdbuf();
    try {
        add(text.str());
    } catch (const error& e) {
        throw error(errc::invalid_argument, path + ": " + e.facts().message);
    }
}

model_profile model_catalog::find(std::string_view provider, std::string_view model) const
{
    auto name = std::string(provider) + ":" + std::string(model);
    auto at = rows_.find(name);
    if (at == rows_.end())
        if (const auto base = without_date(model); !base.empty())
            at = rows_.find(std::string(provider) + ":" + std::string(base));
    model_profile found;
    if (at != rows_.end())
        found = at->second;
    found.model = std::move(name);
    return found;
}

}  // namespace zincir

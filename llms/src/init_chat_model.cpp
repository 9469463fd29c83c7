#include <zincir/llms/init_chat_model.hpp>

#include <zincir/core/detail/nearest_name.hpp>
#include <zincir/llms/api_key.hpp>
#include <zincir/llms/http_chat_backend.hpp>
#include <zincir/llms/model_catalog.hpp>
#include <zincir/llms/offline_model.hpp>
#include <zincir/llms/openai_chat_codec.hpp>
#include <zincir/net/beast_transport.hpp>

#include <cstdlib>

namespace zincir {
namespace {

std::string environment(const std::string& variable)
{
    const char* text = variable.empty() ? nullptr : std::getenv(variable.c_str());
    return text ? text : "";
}

[[noreturn]] void no_such_model(std::string_view spec, std::string_view provider)
{
    std::vector<std::string> names{"offline", "local"};
    for (const auto& p : builtin_profiles())
        names.push_back(p.name);
    std::string known;
    for (const auto& name : names)
        known += (known.empty() ? "" : ", ") + name;
    const auto nearest = detail::nearest_name(provider, names);
    throw error(errc::invalid_argument, "\"" + std::string(spec) + "\" names no model" +
                                            (nearest.empty() ? "." : "; did you mean \"" + nearest + "\"?") +
                                            " A model is \"provider:model\", with the provider one of " + known +
                                            ", or the address of a server, such as http://localhost:8080/v1");
}

chat_model gateway(std::string_view spec, chat_options defaults, std::shared_ptr<http_transport> transport)
{
    const auto mark = spec.find('#');
    auto profile = unknown_gateway(std::string(spec.substr(0, mark)), "OPENAI_COMPATIBLE_API_KEY");
    profile.key_required = false;
    if (mark != std::string_view::npos && mark + 1 == spec.size())
        throw error(
            errc::invalid_argument,
            "\"" + std::string(spec) + "\" names no model after the #: leave the # out, or write the model's name behind it");
    profile.default_model = mark == std::string_view::npos ? "default" : spec.substr(mark + 1);
    return chat_model_of(std::move(profile), std::move(defaults), std::move(transport));
}

}  // namespace

chat_model chat_model_of(openai_profile profile, chat_options defaults, std::shared_ptr<http_transport> transport, secret key)
{
    if (key.empty())
        key = key_from_environment(profile);
    else
        key = try_check_key(key.reveal(), "the key given for " + profile.name).value();
    if (auto url = environment(profile.url_variable); !url.empty()) {
        while (url.ends_with('/'))
            url.pop_back();
        if (!url.starts_with("http://") && !url.starts_with("https://"))
            throw error(errc::invalid_argument,
                        profile.url_variable + " holds no address: it is to begin with http:// or https://, not \"" + url + "\"");
        profile.base_url = std::move(url);
    }
    if (defaults.model)
        profile.default_model = *defaults.model;  // what names of the model and errors say
    if (!transport)
        transport = std::make_shared<beast_transport>();
    auto facts = [provider = profile.name](std::string_view model) { return model_catalog::standard().find(provider, model); };
    return make_chat_model<http_chat_backend<openai_chat_codec>>(
               openai_chat_codec(std::move(profile), std::move(key), std::move(facts)), std::move(transport))
        .with(defaults);
}

chat_model openai_compatible(std::string base_url, chat_options defaults, std::shared_ptr<http_transport> transport, secret key)
{
    const auto mark = std::min(base_url.find('#'), base_url.size());
    auto profile = unknown_gateway(base_url.substr(0, mark));
    profile.default_model = mark + 1 < base_url.size() ? base_url.substr(mark + 1) : "default";
    return chat_model_of(std::move(profile), std::move(defaults), std::move(transport), std::move(key));
}

chat_model init_chat_model(std::string_view spec, chat_options defaults, std::shared_ptr<http_transport> transport)
{
    if (spec.starts_with("http://") || spec.starts_with("https://"))
        return gateway(spec, std::move(defaults), std::move(transport));
    if (spec == "offline")
        return offline_model(std::move(defaults));
    if (spec == "local") {
        auto profile = *find_profile("llama_cpp");
        profile.base_url = "http://127.0.0.1:8080/v1";
        profile.url_variable = "ZINCIR_LOCAL_URL";
        return chat_model_of(std::move(profile), std::move(defaults), std::move(transport));
    }
    const auto colon = spec.find(':');
    const auto* profile = find_profile(spec.substr(0, colon));
    if (!profile)
        no_such_model(spec, spec.substr(0, colon));
    if (colon != std::string_view::npos) {
        if (colon + 1 == spec.size())
            throw error(errc::invalid_argument, "\"" + std::string(spec) +
                                                    "\" names no model after the colon: leave the colon out for the default, " +
                                                    profile->default_model);
        defaults.model = std::string(spec.substr(colon + 1));
    }
    return chat_model_of(*profile, std::move(defaults), std::move(transport));
}

}  // namespace zincir

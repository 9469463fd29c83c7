#include <zincir/llms/openai_chat_codec.hpp>
#include <zincir/llms/openai_request.hpp>

#include <algorithm>

namespace zincir {

struct openai_chat_codec::shared_state {
    openai_profile profile{};
    model_lookup models{};
    http_headers headers{};
    secret key{};
    std::string url{};
    std::shared_ptr<const openai_reply_rules> rules{};
};

namespace {

// The address of `path` below `base`. A query of the base stays behind the path, as Azure's api-version does; an address that was
// given whole stays as it is.
std::string joined(std::string_view base, std::string_view path)
{
    base = base.substr(0, base.find('#'));
    const auto mark = std::min(base.find('?'), base.size());
    const auto query = base.substr(mark);
    base.remove_suffix(query.size());
    while (base.ends_with('/'))
        base.remove_suffix(1);
    std::string whole(base);
    if (!base.ends_with(path))
        whole.append(path.starts_with('/') ? "" : "/").append(path);
    return whole.append(query);
}

std::string_view model_of(const chat_request& request, const openai_profile& profile)
{
    return request.options->model ? std::string_view(*request.options->model) : std::string_view(profile.default_model);
}

}  // namespace

openai_chat_codec::openai_chat_codec(openai_profile profile, secret key, model_lookup models, http_headers headers)
{
    auto state = std::make_shared<shared_state>();
    openai_reply_rules rules;
    rules.who.provider = profile.name;
    rules.who.key_variable = profile.key_variable;
    rules.who.request_id_header = profile.request_id_header;
    state->url = joined(profile.base_url, profile.chat_path);
    rules.who.url = state->url.substr(0, state->url.find('?'));  // a query may hold a key
    rules.who.model = profile.default_model;
    rules.who.key = key;
    rules.finish_words = profile.finish_words;
    state->rules = std::make_shared<const openai_reply_rules>(std::move(rules));
    state->profile = std::move(profile);
    state->models = std::move(models);
    state->headers = std::move(headers);
    state->key = std::move(key);
    state_ = std::move(state);
}

encoded_chat_request openai_chat_codec::encode(const chat_request& request, bool streamed) const
{
    // Looked up only where it matters. Without reasoning such a model samples as any other.
    const auto& options = *request.options;
    const bool takes_temperature = !(options.temperature || options.top_p) || options.reasoning_effort == "none" ||
                                   profile(model_of(request, state_->profile)).temperature.value_or(true);
    auto written = encode_openai_chat(request, state_->profile, streamed, takes_temperature);
    encoded_chat_request out;
    out.http.url = url();
    out.http.headers = state_->headers;
    out.http.headers.set("Content-Type", "application/json");
    out.http.headers.set("Accept", streamed ? "text/event-stream" : "application/json");
    out.http.bearer = state_->key;
    out.http.body = std::move(written.body);
    out.warnings = std::move(written.warnings);
    return out;
}

std::unique_ptr<chat_decoder> openai_chat_codec::decoder(const chat_request& request) const
{
    const auto model = model_of(request, state_->profile);
    const auto candidates = request.options->n.value_or(1);
    if (model == state_->rules->who.model)
        return std::make_unique<openai_decoder>(state_->rules, candidates);
    auto rules = *state_->rules;
    rules.who.model = model;
    return std::make_unique<openai_decoder>(std::make_shared<const openai_reply_rules>(std::move(rules)), candidates);
}

emission_rules openai_chat_codec::rules() const
{
    emission_rules rules;
    rules.provider = state_->profile.name;
    rules.done_without_finish_reason = state_->profile.done_without_finish_reason;
    return rules;
}

model_profile openai_chat_codec::profile(std::string_view request_model) const
{
    const auto model = request_model.empty() ? std::string_view(state_->profile.default_model) : request_model;
    auto known = state_->models ? state_->models(model) : model_profile();
    if (known.model.empty())
        known.model = state_->profile.name + ":" + std::string(model);
    return known;
}

std::string openai_chat_codec::name() const { return state_->profile.name + ":" + state_->profile.default_model; }

const openai_profile& openai_chat_codec::provider() const noexcept { return state_->profile; }

const std::string& openai_chat_codec::url() const noexcept { return state_->url; }

}  // namespace zincir

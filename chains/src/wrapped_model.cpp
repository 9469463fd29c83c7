#include "wrapped_model.hpp"

namespace zincir::detail {
namespace {

template <class T>
void keep_if_equal(T& mine, const T& theirs)
{
    if (!(mine == theirs))
        mine = T();
}

}  // namespace

model_profile wrapped_model::profile(std::string_view request_model) const
{
    chat_options named;
    if (!request_model.empty())
        named.model = std::string(request_model);
    auto common = models_.front().with(named).profile();
    for (std::size_t i = 1; i < models_.size(); ++i) {
        const auto other = models_[i].with(named).profile();
        common.model += " or " + other.model;
        keep_if_equal(common.context_window, other.context_window);
        keep_if_equal(common.max_output_tokens, other.max_output_tokens);
        keep_if_equal(common.tools, other.tools);
        keep_if_equal(common.tool_choice, other.tool_choice);
        keep_if_equal(common.json_schema, other.json_schema);
        keep_if_equal(common.images, other.images);
        keep_if_equal(common.audio, other.audio);
        keep_if_equal(common.files, other.files);
        keep_if_equal(common.reasoning, other.reasoning);
        keep_if_equal(common.temperature, other.temperature);
        keep_if_equal(common.reasoning_efforts, other.reasoning_efforts);
        common.deprecated = common.deprecated && other.deprecated;
    }
    return common;
}

chat_model wrapped_model::at(std::size_t i, const chat_request& request) const
{
    auto model = models_[i].with(*request.options);
    return request.tools->empty() ? model : model.with_tools(*request.tools);
}

std::string wrapped_model::names() const
{
    std::string all;
    for (const auto& model : models_)
        all += (all.empty() ? "" : ", ") + model.backend().name();
    return all;
}

}  // namespace zincir::detail

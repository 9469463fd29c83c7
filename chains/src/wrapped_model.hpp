#pragma once

#include <zincir/core/chat_model.hpp>

#include <string>
#include <vector>

namespace zincir::detail {

/// A backend made of other chat models: what the wrappers of chat models have in common.
class wrapped_model : public chat_backend {
public:
    explicit wrapped_model(std::vector<chat_model> models) : models_(std::move(models)) {}

    /// The facts on which all models agree.
    model_profile profile(std::string_view request_model) const override;

protected:
    std::size_t size() const noexcept { return models_.size(); }
    /// Model `i` as `request` wants it: the request's settings over its own, the request's tools in place of its own if it has any.
    chat_model at(std::size_t i, const chat_request& request) const;
    std::string names() const;

private:
    std::vector<chat_model> models_;
};

}  // namespace zincir::detail

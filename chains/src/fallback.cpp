#include <zincir/chains/fallback.hpp>

#include "wrapped_model.hpp"

namespace zincir {

bool detail::another_may_help(const error& e)
{
    return !e.is(condition::stopped) && e.code() != errc::deadline_exceeded && e.code() != errc::invalid_argument;
}

namespace {

class fallback_backend final : public detail::wrapped_model {
    using choice = chain<messages, message, message_chunk>;
    using all_choices = fallback_step<messages, message, message_chunk>;

public:
    using wrapped_model::wrapped_model;

    awaitable<message> generate(chat_request request, run_context ctx) const override
    {
        auto all = choices(request);
        co_return co_await all.invoke(std::move(request.messages), std::move(ctx));
    }
    zincir::stream<message_chunk> stream(chat_request request, run_context ctx) const override
    {
        return choices(request).stream(std::move(request.messages), std::move(ctx));
    }
    std::string name() const override { return "fallback(" + names() + ")"; }

private:
    all_choices choices(const chat_request& request) const
    {
        std::vector<choice> all;
        all.reserve(size());
        for (std::size_t i = 0; i < size(); ++i)
            all.emplace_back(at(i, request));
        return all_choices(std::move(all));
    }
};

}  // namespace

chat_model with_fallback(std::vector<chat_model> models)
{
    if (models.empty())
        throw error(errc::invalid_argument, "with_fallback was given no chat model: give it the models to try, best first");
    return make_chat_model<fallback_backend>(std::move(models));
}

}  // namespace zincir

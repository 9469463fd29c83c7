#pragma once

#include <zincir/chains/detail/restart.hpp>
#include <zincir/core/chain.hpp>
#include <zincir/core/chat_model.hpp>
#include <zincir/core/detail/run_step.hpp>

#include <memory>
#include <vector>

namespace zincir {

namespace detail {
/// Whether another step may do better after `e`: not when the caller stopped it, the deadline passed, or the input itself is wrong.
bool another_may_help(const error& e);
}  // namespace detail

/// The first of several steps that answers. Made by with_fallback().
///
/// Each step is tried when the one before it failed, but not after cancellation, after the deadline, or for an input that is
/// invalid for all. Throws the last one's error, with "fallback[i]" in its path. Streaming moves on only before the first content.
template <class In, class Out, class Chunk>
    requires std::copy_constructible<In>
class fallback_step : public step<In, Out, Chunk> {
    using choices = std::vector<chain<In, Out, Chunk>>;

public:
    explicit fallback_step(choices all) : all_(std::make_shared<const choices>(std::move(all))) {}

    awaitable<Out> invoke(In input, run_context ctx = {}) const { return run(all_, std::move(input), std::move(ctx)); }

    zincir::stream<Chunk> stream(In input, run_context ctx = {}) const
    {
        return detail::restartable<Chunk>([all = all_, input = std::move(input), ctx = std::move(ctx), i = std::size_t{0}](
                                              std::exception_ptr failed) mutable -> awaitable<zincir::stream<Chunk>> {
            if (failed && (++i == all->size() || !detail::another_may_help(to_error(failed))))
                std::rethrow_exception(failed);
            const auto segment = "fallback[" + std::to_string(i) + "]";
            const auto& choice = (*all)[i];
            const auto inner = ctx.enter(segment);
            co_return detail::inside(detail::observed_stream(choice.stream(input, inner), choice, inner), segment);
        });
    }

    std::string step_name() const
    {
        std::string names;
        for (const auto& choice : *all_)
            names += (names.empty() ? "" : ", ") + choice.step_name();
        return "fallback(" + names + ")";
    }

private:
    static awaitable<Out> run(std::shared_ptr<const choices> all, In input, run_context ctx)
    {
        for (std::size_t i = 0;;) {
            std::exception_ptr failed;
            try {
                co_return co_await detail::invoke_inside((*all)[i], input, ctx, "fallback[" + std::to_string(i) + "]");
            } catch (...) {
                failed = std::current_exception();
            }
            if (++i == all->size() || !detail::another_may_help(to_error(failed)))
                std::rethrow_exception(failed);
        }
    }
    std::shared_ptr<const choices> all_;
};

/// `first`, or when it fails the next one, and so on. All take, give and stream the same types.
template <runnable First, runnable... Others>
    requires(sizeof...(Others) > 0 && !std::same_as<First, chat_model> &&
             ((std::same_as<input_of<First>, input_of<Others>> && std::same_as<output_of<First>, output_of<Others>> &&
               std::same_as<chunk_of<First>, chunk_of<Others>>) &&
              ...))
auto with_fallback(First first, Others... others)
{
    using one = chain<input_of<First>, output_of<First>, chunk_of<First>>;
    std::vector<one> all;
    all.reserve(1 + sizeof...(Others));
    all.push_back(one(std::move(first)));
    (all.push_back(one(std::move(others))), ...);
    return fallback_step<input_of<First>, output_of<First>, chunk_of<First>>(std::move(all));
}

/// Chat models that stand in for one another are a chat model. Settings and tools laid over it reach each of them, whose own come
/// first. Its profile has the facts on which all agree. Throws errc::invalid_argument for an empty list.
chat_model with_fallback(std::vector<chat_model> models);

template <std::same_as<chat_model>... Others>
    requires(sizeof...(Others) > 0)
chat_model with_fallback(chat_model first, Others... others)
{
    return with_fallback(std::vector<chat_model>{std::move(first), std::move(others)...});
}

}  // namespace zincir

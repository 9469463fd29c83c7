#pragma once

#include <zincir/core/chat_model.hpp>

#include <functional>
#include <memory>
#include <vector>

// Chat models whose every call is written down by the test.

namespace zincir::testing {

/// One call: the chunks that come, and what it ends with. No error: it ends well.
struct attempt {
    std::vector<std::string> pieces{};
    std::optional<error> fails{};
};

/// Answers call after call as told, and counts them. The stream opens with a chunk of facts, as providers' streams do.
class told_backend : public chat_backend {
public:
    struct log {
        std::vector<attempt> script{};
        std::vector<chat_request> asked{};
    };
    explicit told_backend(std::shared_ptr<log> l, model_profile p = model_profile()) : log_(std::move(l)), known_(std::move(p)) {}

    awaitable<message> generate(chat_request request, run_context) const override
    {
        const auto now = take(std::move(request));
        if (now.fails)
            throw *now.fails;
        std::string all;
        for (const auto& piece : now.pieces)
            all += piece;
        co_return assistant(all);
    }

    zincir::stream<message_chunk> stream(chat_request request, run_context) const override
    {
        return zincir::stream<message_chunk>(
            [now = take(std::move(request)), i = std::size_t{0}]() mutable -> awaitable<std::optional<message_chunk>> {
                const auto step = i++;
                if (step == 0)
                    co_return facts("first", finish_reason::none);
                if (step <= now.pieces.size())
                    co_return message_chunk(now.pieces[step - 1]);
                if (now.fails)
                    throw *now.fails;
                if (step == now.pieces.size() + 1)
                    co_return facts("", finish_reason::stop);
                co_return std::nullopt;
            });
    }
    model_profile profile(std::string_view) const override { return known_; }
    std::string name() const override { return "told"; }

private:
    static message_chunk facts(std::string warning, finish_reason finish)
    {
        message_chunk chunk;
        auto f = std::make_shared<chunk_facts>();
        f->finish = finish;
        if (!warning.empty())
            f->warnings.push_back(std::move(warning));
        chunk.facts = std::move(f);
        return chunk;
    }
    attempt take(chat_request request) const
    {
        log_->asked.push_back(std::move(request));
        return log_->script.at(log_->asked.size() - 1);
    }
    std::shared_ptr<log> log_;
    model_profile known_;
};

/// A model that is told, and what it was asked.
struct told {
    explicit told(std::vector<attempt> script, model_profile p = model_profile()) : model(make(script, log, std::move(p))) {}
    std::shared_ptr<told_backend::log> log = std::make_shared<told_backend::log>();
    chat_model model;

private:
    static chat_model make(std::vector<attempt>& script, const std::shared_ptr<told_backend::log>& l, model_profile p)
    {
        l->script = std::move(script);
        return make_chat_model<told_backend>(l, std::move(p));
    }
};

inline attempt says(std::vector<std::string> pieces)
{
    attempt a;
    a.pieces = std::move(pieces);
    return a;
}
inline attempt breaks(errc code, std::vector<std::string> pieces = {})
{
    attempt a;
    a.pieces = std::move(pieces);
    a.fails = error(code, "as told");
    return a;
}

}  // namespace zincir::testing

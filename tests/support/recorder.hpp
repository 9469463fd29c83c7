#pragma once

#include <zincir/core/error.hpp>
#include <zincir/core/run_context.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace zincir::testing {

/// Notes what an observer is told, in one line each: "start chain[0] function", "error refusal chain[1] shouter".
class recorder : public observer {
public:
    void on_start(const run_context& ctx, std::string_view step) override { note("start", ctx, step); }
    void on_end(const run_context& ctx, std::string_view step) override { note("end", ctx, step); }
    void on_error(const run_context& ctx, std::string_view step, const error& e) override
    {
        note("error " + std::string(name(static_cast<errc>(e.code().value()))), ctx, step);
    }
    std::vector<std::string> notes{};

private:
    void note(const std::string& what, const run_context& ctx, std::string_view step)
    {
        notes.push_back(what + " " + std::string(ctx.path()) + " " + std::string(step));
    }
};

}  // namespace zincir::testing

#include <zincir/core/sequence.hpp>

#include <boost/core/demangle.hpp>

#include <exception>

namespace zincir::detail {

std::string readable_name(const char* mangled)
{
    auto name = boost::core::demangle(mangled);
    for (std::string_view noise : {"zincir::", "std::__cxx11::", "(anonymous namespace)::"})
        for (auto at = name.find(noise); at != std::string::npos; at = name.find(noise))
            name.erase(at, noise.size());
    constexpr std::string_view text = "basic_string<char, std::char_traits<char>, std::allocator<char> >";
    for (auto at = name.find(text); at != std::string::npos; at = name.find(text))
        name.replace(at, text.size(), "string");
    return name;
}

namespace {
std::string segment(std::size_t index) { return "chain[" + std::to_string(index) + "]"; }
}  // namespace

void rethrow_inside_chain(std::size_t index, placed_error* placed)
{
    auto e = to_error(std::current_exception());
    if (placed && placed->last && &placed->last->facts() == &e.facts())
        throw;
    e = e.inside(segment(index));
    if (placed)
        placed->last = e;
    throw e;
}

run_context enter_chain(const run_context& ctx, std::size_t index) { return ctx.observed() ? ctx.enter(segment(index)) : ctx; }

std::string explain(const std::vector<explained_step>& steps)
{
    std::string text;
    bool streaming = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        text += std::to_string(i) + " " + steps[i].name + ": ";
        if (steps[i].pieces)
            text += streaming ? "continues in pieces" : "streams";
        else
            text += streaming ? "waits for all of its input, so nothing streams past it" : "answers whole";
        text += '\n';
        streaming = steps[i].pieces;
    }
    return text;
}

}  // namespace zincir::detail

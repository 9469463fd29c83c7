// A bit of everything a program writes, compiled at each level of optimisation with warnings as errors: the headers must not raise
// any in it.
#include <zincir/zincir.hpp>

#include <iostream>

namespace {

struct recipe {
    std::string title{};
    std::optional<int> minutes{};
    std::vector<std::string> steps{};
};
BOOST_DESCRIBE_STRUCT(recipe, (), (title, minutes, steps))

class watcher : public zincir::observer {};

zincir::awaitable<std::string> later(std::string text, zincir::run_context) { co_return text + "!"; }

zincir::chat_options settings(bool cold)
{
    zincir::chat_options options;
    options.temperature = cold ? 0.0 : 0.7;
    options.max_output_tokens = 100;
    options.stop = std::vector<std::string>{"END"};
    options.response_format = zincir::response_format::json_schema("recipe", zincir::json_schema<recipe>());
    return options;
}

struct row {
    std::string name{};
    zincir::chat_options options{};
};

std::vector<row> table()
{
    std::vector<row> rows(1);
    rows[0].options.tool_choice = zincir::tool_choice::named("x");
    row second;
    second.name = "second";
    second.options.timeouts = zincir::chat_timeouts();
    rows.push_back(second);
    rows.push_back(std::move(second));
    return rows;
}

zincir::awaitable<void> talk(zincir::chat_model model)
{
    auto chain = zincir::chat_prompt_template(zincir::system("a {role}"), zincir::user("{q}")) | model | zincir::to_text() | later |
                 [](std::string text) { return text.size(); };
    std::cout << co_await chain.invoke(zincir::values("role", "cook", "q", "why?"));
    auto pieces = (zincir::chat_prompt_template(zincir::user("{q}")) | model | zincir::to_text()).stream("hello");
    while (auto piece = co_await pieces.next())
        std::cout << *piece;
    auto ctx = zincir::run_context().with_observer(std::make_shared<watcher>());
    auto whole = co_await zincir::collect(model.stream("x", ctx));
    std::cout << whole.text();
}

}  // namespace

int main(int argc, char**)
{
    auto model = zincir::init_chat_model("offline", settings(argc > 1));
    auto sturdy = zincir::with_retry(
        zincir::with_timeout(zincir::with_fallback(model, zincir::init_chat_model("offline")), std::chrono::seconds(5)));
    auto dish = zincir::chat_prompt_template(zincir::user("A recipe for {dish}, as JSON.")) | sturdy | zincir::to<recipe>();
    std::cout << zincir::sync_wait(dish.invoke("soup")).title << table().size();

    auto fan = zincir::make_step([](std::string text) { return text; }) |
               zincir::parallel(zincir::branch("a", zincir::make_step(later)),
                                zincir::make_step([](std::string text) { return text.size(); }));
    std::cout << std::get<0>(zincir::sync_wait(fan.invoke("z")));
    zincir::chain<std::string, std::string> erased =
        zincir::prompt_template("say {x}") | zincir::make_step<std::string>([](auto text) { return text; });
    zincir::runtime rt(2);
    std::vector<std::string> inputs{"a", "b"};
    std::cout << rt.run(zincir::batch(erased, inputs, zincir::batch_options(2))).size();
    rt.run(talk(model.with_output<recipe>()));
}

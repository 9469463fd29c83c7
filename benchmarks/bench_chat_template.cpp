// Renders one conversation by a model's chat template again and again: bench_chat_template TEMPLATE VALUES.json NOW [--text]
//
// VALUES.json is what apply_chat_template takes, NOW the clock's seconds since 1970. Prints one JSON line: microseconds of CPU a
// rendering takes, the median of nine runs, from values that are there (engine_us) and from C++ messages and tools (render_us), and
// what the construction takes once (parse_us). With --text it prints the text instead.

#include "chat_values.hpp"

#include <zincir/prompts/prompt_template.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace {

std::string read_file(const char* name)
{
    std::ifstream in(name, std::ios::binary);
    if (!in)
        throw std::runtime_error(std::string(name) + " cannot be read");
    return std::string(std::istreambuf_iterator<char>(in), {});
}

double cpu_seconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class F>
double microseconds(F f)
{
    std::vector<double> found;
    for (int run = 0; run < 9; ++run) {
        const auto start = cpu_seconds();
        int n = 0;
        do
            f();
        while (++n < 20 || cpu_seconds() - start < 0.05);
        found.push_back((cpu_seconds() - start) * 1e6 / n);
    }
    std::nth_element(found.begin(), found.begin() + 4, found.end());
    return found[4];
}

}  // namespace

int main(int argc, char** argv)
try {
    if (argc < 4)
        throw std::runtime_error("usage: bench_chat_template TEMPLATE VALUES.json NOW [--text]");
    const auto text = read_file(argv[1]);
    const auto given = boost::json::parse(read_file(argv[2])).as_object();
    zincir::chat_template_options options;
    options.bos_token = text_in(given, "bos_token");
    options.eos_token = text_in(given, "eos_token");
    const std::chrono::system_clock::time_point now(std::chrono::seconds(std::stoll(argv[3])));
    options.environment.set_clock([now] { return now; });
    const zincir::chat_template whole(text, options);
    const auto turns = messages_of(given);
    const auto inputs = inputs_of(given);
    if (argc > 4) {
        std::cout << whole.render(turns, inputs);
        return 0;
    }
    zincir::template_options engine_options;
    engine_options.format = zincir::template_format::jinja;
    engine_options.undefined = zincir::undefined_policy::empty;
    engine_options.trim_blocks = engine_options.lstrip_blocks = true;
    engine_options.changeable_values = false;
    engine_options.environment = options.environment;
    const zincir::prompt_template engine(text, engine_options);
    const auto values = zincir::values::from_json(given);
    if (engine.format(values) != whole.render(turns, inputs))
        throw std::runtime_error("the engine's text and the chat template's differ");
    std::size_t bytes = 0;
    boost::json::object line;
    line["engine_us"] = microseconds([&] { bytes += engine.format(values).size(); });
    line["render_us"] = microseconds([&] { bytes += whole.render(turns, inputs).size(); });
    line["parse_us"] = microseconds([&] { bytes += zincir::chat_template(text, options).capabilities().tools; });
    line["bytes"] = whole.render(turns, inputs).size();
    line["rendered"] = bytes > 0;
    std::cout << boost::json::serialize(line) << "\n";
} catch (const std::exception& e) {
    std::cerr << "bench_chat_template: " << e.what() << "\n";
    return 1;
}

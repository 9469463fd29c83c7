// Answers each line of a file, a few at a time, into a file of JSON lines. Stopped and started again, it goes on where it was.
//
//   $ scripts/run.sh batch --model offline --in examples/questions.txt --out answers.jsonl --limit 2
//   2 answered now, 0 before, 4 left
//   $ scripts/run.sh batch --model offline --in examples/questions.txt --out answers.jsonl
//   4 answered now, 2 before, 0 left

#include <zincir/core/batch.hpp>
#include <zincir/prompts/prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <set>

#include "example.hpp"

using namespace zincir;

awaitable<void> batch_over_a_file(example::arguments args)
{
    auto chain = prompt_template("Answer in one sentence: {question}") | args.model() | to_text();

    const auto out = args.option("--out", "answers.jsonl");
    std::set<std::string> before;
    bool cut = false;  // in the middle of the last row, when the program was killed
    std::ifstream earlier(out);
    for (std::string line; std::getline(earlier, line); cut = earlier.eof())
        if (auto row = try_parse_json(line); row && row->is_object() && row->get_object().contains("question"))
            before.insert(std::string(row->at("question").as_string()));
    std::vector<std::string> questions;
    for (auto& line : example::read_lines(args.option("--in", "examples/questions.txt")))
        if (!line.empty() && !before.count(line))
            questions.push_back(line);
    const auto left = questions.size();
    questions.resize(std::min(left, args.number("--limit", left + 1)));
    std::ofstream results(out, std::ios::app);
    if (!(results << (cut ? "\n" : "")))
        throw error(errc::invalid_argument, "the file " + out + " cannot be written");
    std::size_t good = 0;
    auto answer = make_step([&](std::string question) -> awaitable<bool> {
        auto text = co_await chain.invoke(question);
        results << json::serialize(json::object{{"question", question}, {"answer", text}}) << std::endl;
        co_return ++good > 0;
    });
    batch_options options(args.number("--parallel", 4));
    options.on_done = [&](std::size_t, std::size_t done) { example::progress_bar(done, questions.size()); };
    auto outcomes = co_await try_batch(answer, questions, options);

    fmt::print("{} answered now, {} before, {} left\n", good, before.size(), left - good);
    for (auto& outcome : outcomes)
        outcome.value();  // throws the first error; what failed is tried again next time
}

int main(int argc, char** argv)
{
    return example::run(argc, argv, "batch [--in FILE] [--out FILE] [--limit N] [--parallel N]", batch_over_a_file);
}

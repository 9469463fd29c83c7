// Shows a model how it is done: of many examples the prompt gets the two that are nearest to the question.
//
//   $ scripts/run.sh few_shot --only prompt "Sınav haftaya ertelendi, çok sevindim!"
//   Is the feeling of the text good or bad? Answer with one word.
//
//   Text: Sınavı geçtim, çok sevindim!
//   Feeling: good
//
//   Text: Bu hafta sınav var, hiç çalışmadım.
//   Feeling: bad
//
//   Text: Sınav haftaya ertelendi, çok sevindim!
//   Feeling:

#include <zincir/prompts/few_shot_prompt_template.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

few_shot_prompt_template make_prompt()
{
    std::vector<values> examples;
    examples.emplace_back("text", "Sınavı geçtim, çok sevindim!", "feeling", "good");
    examples.emplace_back("text", "The train was late again.", "feeling", "bad");
    examples.emplace_back("text", "What a lovely evening by the sea.", "feeling", "good");
    examples.emplace_back("text", "Bu hafta sınav var, hiç çalışmadım.", "feeling", "bad");
    // hashing_embeddings needs no network and sees only words; a model of embeddings sees meaning.
    similarity_selector nearest(std::move(examples), std::make_shared<const hashing_embeddings>(), 2, {"text"});
    few_shot_layout layout;
    layout.prefix = "Is the feeling of the text good or bad? Answer with one word.";
    layout.suffix = "Text: {text}\nFeeling:";
    return few_shot_prompt_template(std::move(nearest), prompt_template("Text: {text}\nFeeling: {feeling}"), layout);
}

awaitable<void> few_shot(example::arguments args)
{
    const auto prompt = make_prompt();
    const auto text = args.text("The sea was warm and the evening long.");
    if (args.option("--only", "") == "prompt") {
        fmt::print("{}\n", co_await prompt.invoke(values("text", text)));
        co_return;
    }
    const auto chain = prompt | args.model() | to_text();
    fmt::print("{}\n", co_await chain.invoke(values("text", text)));
}

int main(int argc, char** argv) { return example::run(argc, argv, "few_shot [text] [--only prompt]", few_shot); }

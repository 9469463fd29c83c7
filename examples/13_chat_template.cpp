// Messages as the text that a model was trained on, by the model's own chat template: for completion endpoints and for counting
// tokens.
//
//   $ scripts/run.sh chat_template --template examples/prompts/chatml.jinja
//   the template shows: system texts yes, tools no, tool calls no, results yes, pictures no
//   <|im_start|>system
//   You look up the weather.
//
//   You can call these tools:
//   [{"type":"function","function":{"name":"weather",…
//
//   To call tools, answer with JSON only: {"tool_calls": [{"name": "…", "arguments": {…}, "id": "…"}]}<|im_end|>
//   <|im_start|>user
//   Iğdır'da hava nasıl?<|im_end|>
//   <|im_start|>assistant
//   {"tool_calls":[{"name":"weather","arguments":{"il":"Iğdır"},"id":"call_1"}]}<|im_end|>
//   <|im_start|>user
//   {"tool_response":{"tool":"weather","content":"21 derece","tool_call_id":"call_1"}}<|im_end|>
//   <|im_start|>assistant
//   about 249 tokens

#include <zincir/core/json.hpp>
#include <zincir/prompts/chat_template.hpp>
#include <zincir/prompts/prompt_explanation.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "example.hpp"

using namespace zincir;

awaitable<void> render(example::arguments args)
{
    const auto lines = example::read_lines(args.option("--template", "examples/prompts/chatml.jinja"));
    chat_template_inputs inputs;
    inputs.tools.resize(1);
    inputs.tools[0].name = "weather";
    inputs.tools[0].description = "Hava durumu";
    inputs.tools[0].parameters = parse_json(R"({"type": "object", "properties": {"il": {"type": "string"}}})").as_object();
    const auto in_words = chat_template(fmt::format("{}\n", fmt::join(lines, "\n"))).with(inputs);

    const auto& can = in_words.capabilities();
    const auto yes = [](bool has) { return has ? "yes" : "no"; };
    fmt::print("the template shows: system texts {}, tools {}, tool calls {}, results {}, pictures {}\n", yes(can.system_role),
               yes(can.tools), yes(can.tool_calls), yes(can.tool_responses), yes(can.images));

    message call(role::assistant, content());
    call.content.emplace_back(tool_call("call_1", "weather", R"({"il": "Iğdır"})"));
    const messages turns(zincir::system("You look up the weather."), user("Iğdır'da hava nasıl?"), call,
                         tool_result("call_1", "21 derece"));
    const auto text = in_words.render(turns);
    fmt::print("{}about {} tokens\n", text, approximate_tokens(text));
    co_return;
}

int main(int argc, char** argv) { return example::run(argc, argv, "chat_template [--template FILE]", render); }

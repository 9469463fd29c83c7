// A value whose name is no variable of the prompt.
#include <zincir/prompts/static_prompt_template.hpp>

using namespace zincir;

auto text = "Tell me about {topic}"_prompt.format("tpoic"_a = "bears", "topic"_a = "bears");

// A value that the prompt has no use for.
#include <zincir/prompts/static_prompt_template.hpp>

using namespace zincir;

auto text = "Tell me about {topic}"_prompt.format("topic"_a = "bears", "mood"_a = "good");

// A variable of a prompt in the source text that gets no value.
#include <zincir/prompts/static_prompt_template.hpp>

using namespace zincir;

auto text = "Tell me about {topic} in {language}"_prompt.format("topic"_a = "bears");

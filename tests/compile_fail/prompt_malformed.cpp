// A prompt whose brace is never closed.
#include <zincir/prompts/static_prompt_template.hpp>

using namespace zincir;

auto prompt = "Tell me about {topic"_prompt;

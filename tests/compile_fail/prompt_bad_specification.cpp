// A format specification that is none.
#include <zincir/prompts/static_prompt_template.hpp>

using namespace zincir;

auto prompt = "{price:.2q} is the price"_prompt;

#include "driver.hpp"

#include <iostream>
#include <string>

int main()
{
    conformance::ops all;
#ifdef ZINCIR_HAS_op_json
    conformance::register_json_ops(all);
#endif
#ifdef ZINCIR_HAS_op_messages
    conformance::register_message_ops(all);
#endif
#ifdef ZINCIR_HAS_op_sse
    conformance::register_sse_ops(all);
#endif
#ifdef ZINCIR_HAS_op_openai_stream
    conformance::register_openai_stream_ops(all);
#endif
#ifdef ZINCIR_HAS_op_prompts
    conformance::register_prompt_ops(all);
#endif
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);)
        if (!line.empty())
            std::cout << all.answer(line) << '\n';
}

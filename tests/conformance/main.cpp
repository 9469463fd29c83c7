#include "driver.hpp"

#include <iostream>
#include <string>

int main()
{
    conformance::ops all;
    conformance::register_json_ops(all);
    conformance::register_message_ops(all);
    conformance::register_sse_ops(all);
    conformance::register_openai_stream_ops(all);
    conformance::register_prompt_ops(all);
    conformance::register_chat_prompt_ops(all);
    conformance::register_mustache_ops(all);
    conformance::register_few_shot_ops(all);
    conformance::register_prompt_file_ops(all);
    conformance::register_jinja_ops(all);
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);)
        if (!line.empty())
            std::cout << all.answer(line) << '\n';
}

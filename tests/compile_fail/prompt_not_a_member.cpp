// A variable that the struct does not have.
#include <zincir/prompts/static_prompt_template.hpp>

#include <string>

struct question {
    std::string topic;
};
BOOST_DESCRIBE_STRUCT(question, (), (topic))

auto text = zincir::static_prompt_template<"Tell me about {topik}">().format(question());

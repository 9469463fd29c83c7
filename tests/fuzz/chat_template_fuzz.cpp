// A model's own template, whatever it is, renders a conversation with tools within its limits, or fails as a template does.

#include "property.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/chat_template.hpp>

namespace {

using namespace zincir;

messages conversation()
{
    message reply = assistant("Bakıyorum.");
    reply.content.emplace_back(tool_call{"call00001", "weather", R"({"city":"İzmir"})"});
    return messages{zincir::system(std::string("You are brief.")), user("Hava nasıl?"), reply,
                    tool_result("call00001", R"({"degrees":31})"), user("Teşekkürler <b>")};
}

chat_template_inputs inputs()
{
    chat_template_inputs all;
    all.tools.push_back(tool_definition{"weather", "The weather of a city.",
                                        parse_json(R"({"type":"object","properties":{"city":{"type":"string"}}})").as_object()});
    all.extra["enable_thinking"] = false;
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const messages turns = conversation();
    static const chat_template_inputs given = inputs();
    const auto text = testing::text_of(data, size);
    chat_template_options options;
    options.limits.output_bytes = std::size_t(1) << 16;
    options.limits.value_bytes = std::size_t(1) << 18;
    options.limits.steps = 5'000;  // of each of the two dozen renderings
    options.environment.set_clock([] { return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)); });
    try {
        const chat_template made(text, options);
        testing::require(testing::is_utf8(text), "only UTF-8 is parsed");
        const auto once = made.render(turns, given);
        testing::require(once.size() <= options.limits.output_bytes, "the text is within its limit");
        testing::require(testing::is_utf8(once), "of UTF-8 comes UTF-8");
        testing::require(made.render(turns, given) == once, "the same messages make the same text");
    } catch (const error& e) {
        testing::require_placed(e);
    }
    return 0;
}

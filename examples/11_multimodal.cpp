// A message with a picture that the program makes. Offline a function stands in for a model that sees.
//
//   $ scripts/run.sh multimodal --model offline "What do you see?"
//   [image: image/bmp, 3126 bytes]
//   asked "What do you see?", and shown 32 x 32 pixels, the first one red 200, green 30, blue 30

#include <zincir/core/media.hpp>
#include <zincir/llms/function_model.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/prompt_text.hpp>
#include <zincir/prompts/text_parser.hpp>

#include <fmt/format.h>

#include "example.hpp"

using namespace zincir;

// A red square as a BMP file: 54 bytes of header, then blue, green and red of each pixel.
std::string red_square(char pixels)
{
    using namespace std::string_view_literals;
    std::string bytes(
        "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0W\0\0\0H\0\0\0\1\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv);
    bytes[18] = bytes[22] = pixels;
    for (int i = 0; i < pixels * pixels; ++i)
        bytes += "\x1E\x1E\xC8";
    return bytes;
}

chat_model function_that_looks()
{
    return function_model([](const chat_request& request) {
        const auto& question = request.messages.back();
        const auto& picture = std::get<image_block>(question.content.at(1)).source;
        const auto bytes = try_from_base64(picture.base64).value();
        const auto byte = [&](std::size_t i) { return static_cast<int>(static_cast<unsigned char>(bytes.at(i))); };
        return fmt::format("asked \"{}\", and shown {} x {} pixels, the first one red {}, green {}, blue {}", question.text(),
                           byte(18), byte(22), byte(56), byte(55), byte(54));
    });
}

awaitable<void> multimodal(example::arguments args)
{
    // What stands for {picture} is a picture, a web or data: address, or base64: never the name of a file of this machine.
    const chat_prompt_template prompt(user_parts(text_block("{question}"), image_url("{picture}", "low")));
    const auto picture = image_bytes(red_square(32));  // or image_file("square.bmp"); the type is read from the bytes
    fmt::print("{}\n", pretty(user_parts(picture)).substr(82));

    const auto model = args.option("--model", "offline") == "offline" ? function_that_looks() : args.model();
    const auto chain = prompt | model | to_text();
    fmt::print("{}\n", co_await chain.invoke(values("question", args.text("What colour is it?"), "picture", picture)));
}

int main(int argc, char** argv) { return example::run(argc, argv, "multimodal [question]", multimodal); }

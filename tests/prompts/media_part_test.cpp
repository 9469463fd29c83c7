#include <zincir/core/media.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>

#include "thrown.hpp"

#include <gmock/gmock.h>

namespace zincir {
namespace {

using ::testing::HasSubstr;
using testing::thrown_by;

const std::string png = "\x89PNG\r\n\x1A\n";
const std::string wav("RIFF\0\0\0\0WAVEfmt ", 16);

chat_prompt_template<> ask()
{
    return chat_prompt_template(user_parts(text_block("What is {it}?"), image_url("{picture}", "low")));
}

media picture_of(const messages& turns) { return std::get<image_block>(turns.at(0).content.at(1)).source; }

TEST(media_part, takes_an_address)
{
    const auto m = picture_of(ask().format(values("it", "this", "picture", "https://e.example/a.png")));
    EXPECT_EQ(m.url, "https://e.example/a.png");
    EXPECT_EQ(m.detail, "low");
}

TEST(media_part, takes_a_picture_that_the_program_made)
{
    const auto m = picture_of(ask().format(values("it", "this", "picture", image_bytes(png))));
    EXPECT_EQ(m.url, "");
    EXPECT_EQ(m.mime_type, "image/png");
    EXPECT_EQ(m.base64, to_base64(png));
    EXPECT_EQ(m.detail, "low");
    EXPECT_THAT(thrown_by([] { ask().format(values("it", "this", "picture", audio_bytes(wav))); }).what(),
                HasSubstr("part 0 (user): {picture} stands for a picture, and was given something else"));
}

TEST(media_part, takes_base64_and_bytes_that_show_their_type)
{
    for (const auto& given : {png, to_base64(png)}) {
        const auto m = picture_of(ask().format(values("it", "this", "picture", given)));
        EXPECT_EQ(m.mime_type, "image/png");
        EXPECT_EQ(m.base64, to_base64(png));
    }
}

TEST(media_part, takes_data_addresses)
{
    const auto address = "data:image/png;base64," + to_base64(png);
    EXPECT_EQ(picture_of(ask().format(values("it", "x", "picture", address))).url, address);
    EXPECT_THAT(thrown_by([] { ask().format(values("it", "x", "picture", "data:image/jpeg;base64," + to_base64(png))); }).what(),
                HasSubstr("the bytes are image/png, but \"image/jpeg\" is stated"));
    // Providers want sounds and files as bytes.
    const chat_prompt_template listen(user_parts(audio_url("data:{type};base64,{data}"), file_url("{file}", "{title}.txt")));
    const auto turns =
        listen.format(values("type", "audio/wav", "data", to_base64(wav), "file", "data:;base64,YQ==", "title", "ödev"));
    EXPECT_EQ(std::get<audio_block>(turns[0].content[0]).source.mime_type, "audio/wav");
    EXPECT_EQ(std::get<audio_block>(turns[0].content[0]).source.base64, to_base64(wav));
    EXPECT_EQ(std::get<file_block>(turns[0].content[1]).source.name, "ödev.txt");
    EXPECT_EQ(std::get<file_block>(turns[0].content[1]).source.mime_type, "text/plain");
}

TEST(media_part, never_takes_a_path)
{
    for (const auto* path : {"/etc/passwd", "file:///etc/passwd", "../a.png", "a.png", "~/a.png", "ftp://e.example/a", ""}) {
        EXPECT_THAT(thrown_by([&] { ask().format(values("it", "x", "picture", path)); }).what(),
                    HasSubstr("invalid_argument: template \"template\", part 0 (user), a picture: \""))
            << path;
    }
    EXPECT_THAT(thrown_by([] { chat_prompt_template(user_parts(image_url("file:///etc/passwd"))); }).what(),
                HasSubstr("invalid_template: template \"template\", message 0 (user): \"file:///etc/passwd\" is no address"));
}

TEST(media_part, may_be_left_out_where_it_is_optional)
{
    const auto turns = ask().optional("picture").format("this");
    ASSERT_EQ(turns.at(0).content.size(), 1U);
    EXPECT_EQ(turns[0].text(), "What is this?");
    EXPECT_EQ(ask().optional("it").partial("picture", image_bytes(png)).format(values("it", "x")).at(0).content.size(), 2U);
}

TEST(media_part, of_text_is_left_out_where_it_comes_to_nothing)
{
    const chat_prompt_template prompt(user_parts(text_block("{a}"), text_block("{b}")));
    EXPECT_EQ(prompt.format(values("a", "", "b", "x")).at(0).content.size(), 1U);
    EXPECT_EQ(prompt.format(values("a", "", "b", "")).at(0).content.size(), 1U);
}

TEST(media_part, keeps_other_blocks_and_media_with_bytes)
{
    message m = user_parts(image_bytes(png), text_block("{a}"), tool_call("1", "f", "{}"));
    const auto turns = chat_prompt_template(m).format("x");
    EXPECT_EQ(turns[0].content.size(), 3U);
    EXPECT_EQ(std::get<image_block>(turns[0].content[0]).source.base64, to_base64(png));
}

TEST(media_part, is_filled_in_every_syntax)
{
    for (const auto format : {template_format::mustache, template_format::jinja}) {
        template_options options;
        options.format = format;
        std::vector<chat_prompt_part> parts{user_parts(image_url("{{ picture }}"), image_url("https://e.example/{{ n }}.png"))};
        const chat_prompt_template<> prompt(std::move(parts), options);
        const auto turns = prompt.format(values("picture", image_bytes(png), "n", 7));
        EXPECT_EQ(std::get<image_block>(turns[0].content[0]).source.base64, to_base64(png));
        EXPECT_EQ(std::get<image_block>(turns[0].content[1]).source.url, "https://e.example/7.png");
    }
}

}  // namespace
}  // namespace zincir

#include <zincir/core/media.hpp>

#include "thrown.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace zincir {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;
using testing::thrown_by;

struct sniffed {
    std::string_view bytes;
    std::string_view type;
};
std::ostream& operator<<(std::ostream& out, const sniffed& s)
{
    return out << "\"" << s.type << "\" of " << ::testing::PrintToString(s.bytes);
}

class media_type_rule : public ::testing::TestWithParam<sniffed> {};

TEST_P(media_type_rule, reads_the_bytes) { EXPECT_EQ(sniff_media_type(GetParam().bytes), GetParam().type); }

INSTANTIATE_TEST_SUITE_P(pictures, media_type_rule,
                         ::testing::Values(sniffed{"\x89PNG\r\n\x1A\n\0"sv, "image/png"}, sniffed{"\x89PNG\r\n\x1A"sv, ""},
                                           sniffed{"\xFF\xD8\xFF\xE0"sv, "image/jpeg"}, sniffed{"GIF89a\1"sv, "image/gif"},
                                           sniffed{"GIF87a"sv, "image/gif"}, sniffed{"GIF88a"sv, "text/plain"},
                                           sniffed{"RIFF\0\0\0\0WEBPVP8 "sv, "image/webp"}, sniffed{"II*\0\x08"sv, "image/tiff"},
                                           sniffed{"MM\0*"sv, "image/tiff"},
                                           sniffed{"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv, "image/bmp"},
                                           sniffed{"BMW cars are fast"sv, "text/plain"},
                                           sniffed{"\0\0\0\x18"
                                                   "ftypheic\0\0\0\0mif1heic"sv,
                                                   "image/heic"},
                                           sniffed{"\0\0\0\x18"
                                                   "ftypmif1\0\0\0\0avifmif1"sv,
                                                   "image/avif"}));

INSTANTIATE_TEST_SUITE_P(sounds, media_type_rule,
                         ::testing::Values(sniffed{"RIFF\0\0\0\0WAVEfmt "sv, "audio/wav"}, sniffed{"RIFF\0\0\0\0AVI LIST"sv, ""},
                                           sniffed{"ID3\4\0"sv, "audio/mpeg"}, sniffed{"fLaC\0\0\0\x22"sv, "audio/flac"},
                                           sniffed{"OggS\0\2"sv, "audio/ogg"}, sniffed{"\xFF\xFB\x90\x64"sv, ""},
                                           sniffed{"\0\0\0\x14"
                                                   "ftypM4A \0\0\0\0isom"sv,
                                                   "audio/mp4"},
                                           sniffed{"\0\0\0\x14"
                                                   "ftypisom\0\0\0\0mp42"sv,
                                                   "video/mp4"},
                                           sniffed{"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm"sv, "video/webm"}));

INSTANTIATE_TEST_SUITE_P(others, media_type_rule,
                         ::testing::Values(sniffed{"%PDF-1.7"sv, "application/pdf"}, sniffed{" \n<!DOCTYPE html>"sv, "text/html"},
                                           sniffed{"<HTML lang=tr>"sv, "text/html"}, sniffed{"<htmlx>"sv, "text/plain"},
                                           sniffed{" {\"a\": 1}"sv, "application/json"}, sniffed{"{a}"sv, "text/plain"},
                                           sniffed{"çiçek\n"sv, "text/plain"}, sniffed{"a\0b"sv, ""}, sniffed{"\xC3"sv, ""},
                                           sniffed{""sv, "text/plain"}));

TEST(sniff_media_type, knows_an_mp3_by_two_frames)
{
    // MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes a frame.
    std::string frame("\xFF\xFB\x90\x64", 4);
    frame.resize(417);
    EXPECT_EQ(sniff_media_type(frame + frame), "audio/mpeg");
    EXPECT_EQ(sniff_media_type(frame + "\1\2\3\4"), "");
}

TEST(sniff_media_type, takes_any_cut_of_any_bytes)
{
    for (const auto whole : {"\0\0\0\x18"
                             "ftypmif1\0\0\0\0avifmif1"sv,
                             "RIFF\0\0\0\0WEBP"sv,
                             "\xFF\xFF\xFF\xFF"
                             "ftypxxxx\0\0\0\0yyyy"sv,
                             "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv, "\x1A\x45\xDF\xA3"sv, "<!DOCTYPE html>"sv})
        for (std::size_t n = 0; n <= whole.size(); ++n)
            EXPECT_EQ(sniff_signature(std::string(whole.substr(0, n))).find('\0'), std::string_view::npos);
}

TEST(base64, comes_back_as_it_was)
{
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(try_from_base64(to_base64(bytes)).value(), bytes);
        bytes += static_cast<char>(i * 37);
    }
    EXPECT_EQ(try_from_base64("YW\nJj ").value(), "abc");
    EXPECT_EQ(try_from_base64("YQ").value(), "a");
}

TEST(base64, refuses_what_is_none)
{
    for (const auto text : {"YWJj!", "YWJjY", "YQ=", "YQ===", "YQ==YQ==", "YW_j", "ğ"})
        EXPECT_FALSE(try_from_base64(text)) << text;
}

TEST(media_bytes, state_the_type_they_show)
{
    EXPECT_EQ(image_bytes("\x89PNG\r\n\x1A\n").source.mime_type, "image/png");
    EXPECT_EQ(audio_bytes("RIFF\0\0\0\0WAVE"sv).source.mime_type, "audio/wav");
    EXPECT_EQ(file_bytes("[1]", "", "a.json").source.mime_type, "application/json");
    EXPECT_EQ(image_bytes("\xFF\xD8\xFF", "image/jpg").source.mime_type, "image/jpg");
}

TEST(media_bytes, refuse_a_type_that_contradicts_them)
{
    EXPECT_THAT(thrown_by([] { image_bytes("\x89PNG\r\n\x1A\n", "image/jpeg"); }).what(),
                HasSubstr("the bytes are image/png, but \"image/jpeg\" is stated"));
    EXPECT_THAT(thrown_by([] { image_bytes("<html><body>not found", "image/png"); }).what(), HasSubstr("text/html"));
    EXPECT_THAT(thrown_by([] { image_bytes("%PDF-1.7"); }).what(),
                HasSubstr("the bytes of a picture are application/pdf: that is none"));
    EXPECT_THAT(thrown_by([] { audio_bytes("\1\2\3"); }).what(), HasSubstr("show no type that is known: state it"));
}

TEST(data_url, is_read_and_written)
{
    const auto m = try_parse_data_url("data:image/png;base64," + to_base64("\x89PNG\r\n\x1A\n")).value();
    EXPECT_EQ(m.mime_type, "image/png");
    EXPECT_EQ(to_data_url(m), "data:image/png;base64,iVBORw0KGgo=");
    for (const auto* url :
         {"http://a", "data:image/png", "data:text/plain,abc", "data:image/png;base64,???", "data:image/jpeg;base64,iVBORw0KGgo="})
        EXPECT_FALSE(try_parse_data_url(url)) << url;
}

TEST(media_url, is_of_the_web_or_holds_the_data)
{
    for (const auto* url : {"http://a", "HTTPS://e.example/x?y#z", "data:image/png;base64,AA=="})
        EXPECT_NO_THROW(check_media_url(url)) << url;
    for (const auto* url : {"", "a.png", "/etc/passwd", "../a", "file:///etc/passwd", "FILE:///x", "ftp://a", "javascript:1",
                            "http:///x", "https://", " https://a", "http:a", "C:\\a.png", "https://a/ b", "https://a\n"})
        EXPECT_THROW(check_media_url(url), error) << url;
}

class media_file : public ::testing::Test {
protected:
    media_file() : path_(std::filesystem::path(::testing::TempDir()) / "zincir_resim.png") {}
    ~media_file() override { std::filesystem::remove(path_); }
    void write(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
    std::filesystem::path path_;
};

TEST_F(media_file, is_what_its_bytes_are)
{
    write("\xFF\xD8\xFF\xE0");
    EXPECT_EQ(image_file(path_, "low").source.mime_type, "image/jpeg");
    EXPECT_EQ(image_file(path_, "low").source.detail, "low");
    EXPECT_EQ(attached_file(path_).source.name, "zincir_resim.png");
    EXPECT_THAT(thrown_by([&] { audio_file(path_); }).what(), HasSubstr("zincir_resim.png\": the bytes of a sound are image/jpeg"));
}

TEST_F(media_file, has_a_limit_and_must_be_one)
{
    write("\xFF\xD8\xFF\xE0");
    EXPECT_NO_THROW(image_file(path_, "", 4));
    EXPECT_THAT(thrown_by([&] { image_file(path_, "", 3); }).what(), HasSubstr("limit_exceeded"));
    EXPECT_THAT(thrown_by([&] { image_file(path_.parent_path()); }).what(), HasSubstr("is no regular file"));
    EXPECT_THAT(thrown_by([&] { image_file(path_ / "x"); }).what(), HasSubstr("is not there"));
}

}  // namespace
}  // namespace zincir

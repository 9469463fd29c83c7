// Prompt files, as JSON, as YAML and as a text with front matter: a prompt, or an error with its place. Nothing is read outside of
// the folder.

#include "property.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_file.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using namespace zincir;

// A folder with files that a prompt may name, and a secret beside it.
class playground {
public:
    playground() : base_(fs::temp_directory_path() / ("zincir-prompt-fuzz-" + std::to_string(::getpid())))
    {
        fs::remove_all(base_);
        fs::create_directories(base_ / "root");
        std::ofstream(base_ / "root" / "t.txt") << "Say {a}.";
        std::ofstream(base_ / "root" / "e.json") << R"([{"q": "1", "a": "2"}])";
        std::ofstream(base_ / "root" / "p.yaml") << "_type: prompt\ntemplate: '{q} {a}'\n";
        std::ofstream(base_ / "secret.txt") << "SECRET";
        fs::create_symlink(base_ / "secret.txt", base_ / "root" / "s.txt");
    }
    ~playground()
    {
        std::error_code ignored;
        fs::remove_all(base_, ignored);
    }
    fs::path write(const std::string& name, std::string_view text) const
    {
        const auto path = base_ / "root" / name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

private:
    fs::path base_;
};

void check(const fs::path& path)
{
    static const values given("a", "A", "q", "Q", "topic", "bears", "n", 3);
    template_options options;
    options.undefined = undefined_policy::empty;
    options.limits.output_bytes = std::size_t(1) << 16;
    options.limits.value_bytes = std::size_t(1) << 18;
    options.limits.steps = 10'000;
    try {
        const auto file = load_prompt(path, options);
        static_cast<void>(file.variables());
        static_cast<void>(file.input_schema());
        testing::require(testing::is_utf8(file.name()) && testing::is_utf8(file.description()), "what a file says is UTF-8");
        const auto chat = file.chat();
        testing::require(testing::is_utf8(chat.pretty()), "a prompt is shown as UTF-8");
        static_cast<void>(chat.explain());
        for (const auto& m : chat.format(given)) {
            const auto text = m.text();
            testing::require(testing::is_utf8(text), "of UTF-8 comes UTF-8");
            testing::require(text.find("SECRET") == std::string::npos, "nothing outside of the folder is read");
        }
    } catch (const error& e) {
        testing::require_placed(e);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    // The secret's own word in the input would be no finding.
    if (testing::text_of(data, size).find("SECRET") != std::string::npos)
        return 0;
    static const playground place;
    for (const auto* name : {"x.json", "x.yaml", "x.prompt"})
        check(place.write(name, testing::text_of(data, size)));
    return 0;
}

// Names of templates: whatever they are, nothing outside the loader's folder is read.

#include <zincir/core/error.hpp>
#include <zincir/prompts/template_loader.hpp>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <unistd.h>

namespace {

namespace fs = std::filesystem;

// A folder with a text inside, a secret beside it, and links out of it.
class playground {
public:
    playground() : base_(fs::temp_directory_path() / ("zincir-fuzz-" + std::to_string(::getpid())))
    {
        fs::remove_all(base_);
        fs::create_directories(base_ / "root" / "deep");
        std::ofstream(base_ / "root" / "a") << "inside";
        std::ofstream(base_ / "root" / "deep" / "b") << "inside";
        std::ofstream(base_ / "secret") << "outside";
        fs::create_symlink(base_ / "secret", base_ / "root" / "s");
        fs::create_directory_symlink(base_, base_ / "root" / "up");
        fs::create_symlink("a", base_ / "root" / "l");
    }
    ~playground()
    {
        std::error_code ignored;
        fs::remove_all(base_, ignored);
    }
    fs::path root() const { return base_ / "root"; }

private:
    fs::path base_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const playground place;
    static const zincir::file_loader loader(place.root());
    try {
        const auto text = loader.load(std::string_view(reinterpret_cast<const char*>(data), size));
        if (text && *text != "inside") {
            std::cerr << "read from outside: " << *text << "\n";
            std::abort();
        }
    } catch (const zincir::error&) {
    }
    return 0;
}

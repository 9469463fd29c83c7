#include <zincir/prompts/prompt_folder.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <latch>
#include <thread>

#include <unistd.h>

namespace zincir {
namespace {

namespace fs = std::filesystem;

// Writers put new files in place of old ones, as editors and deployments do; readers must see one whole text or another, and in the
// end the last one.
TEST(prompt_folder_threads, see_whole_files_while_they_change)
{
    const auto root = fs::temp_directory_path() / ("zincir-prompt-threads-" + std::to_string(::getpid()));
    fs::create_directories(root);
    const auto put = [&](const std::string& name, const std::string& text) {
        const auto beside = root / (name + ".new");
        std::ofstream(beside, std::ios::binary) << text;
        fs::rename(beside, root / name);
    };
    constexpr int last = 300;
    const auto text_of = [](int n) { return std::to_string(n) + ":" + std::string(200, 'x') + ":{v}:" + std::to_string(n); };
    put("body.txt", text_of(0));
    put("p.json", R"({"template_path": "body.txt"})");
    put("q.txt", text_of(0));

    prompt_folder_options options;
    options.reload = true;
    options.keep_last_good = true;
    std::atomic<int> other_errors = 0;
    options.on_error = [&](const error& e) { other_errors += e.code() != errc::invalid_template; };
    const prompt_folder folder(root, options);

    std::atomic<bool> writing = true;
    std::atomic<int> torn = 0;
    std::latch reading(4);
    std::vector<std::thread> readers;
    for (const std::string name : {"p", "q", "p", "q"})
        readers.emplace_back([&, name] {
            for (int before = 0, reads = 0; writing; ++reads) {
                const auto text = folder.get(name).prompt().format(values("v", "1"));
                const auto n = std::atoi(text.c_str());
                const auto whole = std::to_string(n) + ":" + std::string(200, 'x') + ":1:" + std::to_string(n);
                torn += text != whole || n < before;
                before = n;
                if (reads == 0)
                    reading.count_down();
            }
        });
    reading.wait();
    for (int n = 1; n <= last; ++n) {
        put("body.txt", text_of(n));
        put("q.txt", n % 50 == 49 ? "broken {" : text_of(n));
    }
    writing = false;
    for (auto& reader : readers)
        reader.join();
    EXPECT_EQ(torn, 0);
    EXPECT_EQ(other_errors, 0);
    for (const auto* name : {"p", "q"})
        EXPECT_EQ(folder.get(name).prompt().format(values("v", "1")).substr(0, 4), std::to_string(last) + ":");
    fs::remove_all(root);
}

}  // namespace
}  // namespace zincir

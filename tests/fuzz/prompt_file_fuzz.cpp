// Texts of prompt files: the first byte says which kind. Whatever they are, the outcome is a prompt or a typed error.

#include "prompt_file.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace {

constexpr const char* names[] = {"a.prompt", "a.json", "a.yaml", "a.md", "a.jinja", "a.mustache"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string name = names[data[0] % std::size(names)];
    zincir::template_options options;
    options.limits.output_bytes = std::size_t(1) << 16;
    options.limits.steps = 20'000;
    const zincir::named_schemas schemas{{"Foo", zincir::json::object{{"type", "number"}}}};
    try {
        zincir::detail::prompt_file_reader reader(
            [&](const std::string& asked) { return asked == name ? std::optional(text) : std::nullopt; }, "/", options, schemas);
        const zincir::prompt_file file(std::make_shared<const zincir::detail::prompt_file_state>(reader.read(name)));
        zincir::values given;
        for (const auto& variable : file.variables())
            given.set(variable, "x");
        static_cast<void>(file.input_schema());
        static_cast<void>(file.chat().explain());
        file.chat().format(given);
    } catch (const zincir::error& e) {
        if (e.facts().message.empty())
            std::abort();
    }
    return 0;
}

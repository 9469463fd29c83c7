#pragma once

#include <zincir/core/model_profile.hpp>

#include <map>
#include <string>
#include <string_view>

namespace zincir {

/// What is known about models, by "provider:model". Thread-safe once built.
///
/// The built-in rows are data (llms/data/models.json, taken from PyPI's langchain-groq and langchain-openai). Rows of your own lie
/// over them member by member: `{"models": {"groq:my-model": {"context_window": 8192, "tools": true}}}`. Members have the names of
/// model_profile's; a missing one is unknown, and an unknown fact refuses nothing.
class model_catalog {
public:
    /// No rows.
    model_catalog() = default;
    /// The built-in rows, read on first use, and those of the file named by the environment variable ZINCIR_MODELS, if it is set.
    /// Throws errc::invalid_argument for such a file that is not there or is faulty, at every call. Lives as long as the program.
    static const model_catalog& standard();

    /// Lays the rows of a JSON text over these. Throws errc::invalid_argument with the place as a JSON pointer; then
    /// nothing has changed.
    void add(std::string_view json_text);
    /// Likewise from a file, which errors name.
    void load(const std::string& path);

    /// What is known: the row of that name, else of the name without its date ("gpt-4o-2024-08-06" → "gpt-4o"); else nothing but
    /// the name.
    model_profile find(std::string_view provider, std::string_view model) const;
    std::size_t size() const noexcept { return rows_.size(); }

private:
    std::map<std::string, model_profile, std::less<>> rows_{};
};

}  // namespace zincir

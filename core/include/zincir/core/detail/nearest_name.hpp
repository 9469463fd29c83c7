#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace zincir::detail {

/// A name as code points; each is a number of its own, though not Unicode's. Of a longer name only the beginning is looked at.
struct name_points {
    static constexpr std::size_t most = 64;
    std::array<char32_t, most> points{};
    std::size_t size = 0;

    constexpr explicit name_points(std::string_view name)
    {
        for (const char c : name) {
            const auto byte = static_cast<unsigned char>(c);
            if ((byte & 0xC0) == 0x80 && size > 0)
                points[size - 1] = points[size - 1] << 6 | (byte & 0x3FU);
            else if (size == most)
                return;
            else
                points[size++] = byte;
        }
    }
};

/// The letters that are to be inserted, left out or replaced (Levenshtein).
constexpr std::size_t edit_distance(const name_points& a, const name_points& b)
{
    std::array<std::size_t, name_points::most + 1> row{};
    for (std::size_t j = 0; j <= b.size; ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size; ++i) {
        auto diagonal = row[0]++;
        for (std::size_t j = 1; j <= b.size; ++j) {
            const auto above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a.points[i - 1] != b.points[j - 1] ? 1U : 0U)});
            diagonal = above;
        }
    }
    return row[b.size];
}

/// The index of the one of `names` that is nearest to `name`, if it is near enough to be meant; else their number.
template <class Names>
constexpr std::size_t nearest_index(std::string_view name, const Names& names)
{
    const name_points meant(name);
    auto distance = std::max<std::size_t>(meant.size / 2, 1) + 1;
    std::size_t best = names.size();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const name_points known(names[i]);
        const auto apart = std::max(known.size, meant.size) - std::min(known.size, meant.size);
        if (apart >= distance)
            continue;
        if (const auto d = edit_distance(meant, known); d < distance) {
            distance = d;
            best = i;
        }
    }
    return best;
}

/// The name itself, or empty.
std::string nearest_name(std::string_view name, const std::vector<std::string>& names);
/// "; did you mean "near"?" for the end of an error, or nothing for no name. Says why two names that look the same are not: one has
/// its letters as one code point each, the other with combining marks.
std::string suggestion_text(std::string_view name, std::string_view near);

}  // namespace zincir::detail

#include <zincir/core/detail/nearest_name.hpp>

#include <algorithm>
#include <numeric>

namespace zincir::detail {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& names)
{
    // A distance takes as long as the product of both lengths; nobody misspells a name that long.
    constexpr std::size_t longest = 200;
    std::string best;
    auto distance = std::max<std::size_t>(name.size() / 2, 1) + 1;
    for (const auto& candidate : names) {
        const auto apart = candidate.size() > name.size() ? candidate.size() - name.size() : name.size() - candidate.size();
        if (name.size() > longest || apart >= distance)
            continue;
        if (const auto d = edit_distance(name, candidate); d < distance) {
            distance = d;
            best = candidate;
        }
    }
    return best;
}

}  // namespace zincir::detail

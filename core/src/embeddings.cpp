#include <zincir/core/embeddings.hpp>

#include <zincir/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace zincir {
namespace {

// FNV-1a, so that points are the same everywhere.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed)
{
    std::uint64_t hash = 14695981039346656037ULL ^ seed;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return hash;
}

bool in_word(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

std::string lowered(std::string_view word)
{
    std::string out(word);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + ('a' - 'A'));
    return out;
}

void add_feature(embedding& point, std::string_view feature, std::uint64_t kind, float weight)
{
    const auto hash = hash_of(feature, kind);
    point[(hash >> 1) % point.size()] += (hash & 1) != 0 ? weight : -weight;
}

void add_word(embedding& point, const std::string& word)
{
    add_feature(point, word, 1, 1.0F);
    // Pieces of three code points, with the word's ends marked, so that forms of a word are near one another.
    const std::string marked = "<" + word + ">";
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < marked.size(); ++i)
        if ((static_cast<unsigned char>(marked[i]) & 0xC0) != 0x80)
            starts.push_back(i);
    starts.push_back(marked.size());
    for (std::size_t i = 0; i + 3 < starts.size(); ++i)
        add_feature(point, std::string_view(marked).substr(starts[i], starts[i + 3] - starts[i]), 2, 0.5F);
}

}  // namespace

awaitable<embedding> embeddings::embed_query(std::string text, run_context ctx) const
{
    std::vector<std::string> one;
    one.push_back(std::move(text));
    auto points = co_await embed(std::move(one), std::move(ctx));
    if (points.size() != 1)
        throw error(errc::malformed_reply,
                    "the embedding model \"" + name() + "\" gave " + std::to_string(points.size()) + " points for one text");
    co_return std::move(points.front());
}

hashing_embeddings::hashing_embeddings(std::size_t dimensions) : dimensions_(dimensions)
{
    if (dimensions == 0)
        throw error(errc::invalid_argument, "hashing_embeddings needs at least one dimension");
}

embedding hashing_embeddings::embed_now(std::string_view text) const
{
    embedding point(dimensions_, 0.0F);
    for (std::size_t i = 0; i < text.size();) {
        const auto begin = static_cast<std::size_t>(
            std::find_if(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), in_word) - text.begin());
        const auto end = static_cast<std::size_t>(
            std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), in_word) - text.begin());
        if (begin < end)
            add_word(point, lowered(text.substr(begin, end - begin)));
        i = end;
    }
    const auto length = std::sqrt(std::inner_product(point.begin(), point.end(), point.begin(), 0.0F));
    if (length > 0)
        for (auto& x : point)
            x /= length;
    return point;
}

awaitable<std::vector<embedding>> hashing_embeddings::embed(std::vector<std::string> texts, run_context) const
{
    std::vector<embedding> points;
    points.reserve(texts.size());
    for (const auto& text : texts)
        points.push_back(embed_now(text));
    co_return points;
}

double cosine_similarity(std::span<const float> a, std::span<const float> b)
{
    if (a.size() != b.size())
        throw error(errc::invalid_argument, "points of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                                                " dimensions cannot be compared: they come from different models");
    double dot = 0;
    double of_a = 0;
    double of_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        of_a += static_cast<double>(a[i]) * static_cast<double>(a[i]);
        of_b += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    return of_a > 0 && of_b > 0 ? dot / std::sqrt(of_a * of_b) : 0.0;
}

std::vector<std::size_t> most_similar(std::span<const float> query, std::span<const embedding> candidates, std::size_t k)
{
    std::vector<double> nearness;
    nearness.reserve(candidates.size());
    for (const auto& candidate : candidates)
        nearness.push_back(cosine_similarity(query, candidate));
    std::vector<std::size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return nearness[a] > nearness[b]; });
    order.resize(std::min(k, order.size()));
    return order;
}

std::vector<std::size_t> maximal_marginal_relevance(std::span<const float> query, std::span<const embedding> candidates,
                                                    std::size_t k, double balance)
{
    std::vector<double> nearness;
    std::vector<double> likeness(candidates.size(), -1.0);  // to the most alike of those chosen
    for (const auto& candidate : candidates)
        nearness.push_back(cosine_similarity(query, candidate));
    std::vector<bool> taken(candidates.size(), false);
    std::vector<std::size_t> chosen;
    while (chosen.size() < std::min(k, candidates.size())) {
        std::size_t best = candidates.size();
        double best_score = 0;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const auto score = chosen.empty() ? nearness[i] : balance * nearness[i] - (1 - balance) * likeness[i];
            if (!taken[i] && (best == candidates.size() || score > best_score)) {
                best = i;
                best_score = score;
            }
        }
        taken[best] = true;
        chosen.push_back(best);
        for (std::size_t i = 0; i < candidates.size(); ++i)
            likeness[i] = std::max(likeness[i], cosine_similarity(candidates[i], candidates[best]));
    }
    return chosen;
}

}  // namespace zincir

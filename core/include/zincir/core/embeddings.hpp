#pragma once

#include <zincir/core/awaitable.hpp>
#include <zincir/core/run_context.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zincir {

/// A text as a point: near points mean alike texts.
using embedding = std::vector<float>;

/// Turns texts into points. Shared, called concurrently; cancellation is Asio's.
class embeddings {
public:
    virtual ~embeddings() = default;

    /// One point for each text, in order, all of one size. Throws what the model behind it throws.
    virtual awaitable<std::vector<embedding>> embed(std::vector<std::string> texts, run_context ctx) const = 0;
    /// The point of a question, for models that tell questions from documents; the same as a document's by default.
    virtual awaitable<embedding> embed_query(std::string text, run_context ctx) const;
    virtual std::string name() const { return "embeddings"; }
};

/// Points by hashing words and their three-letter pieces (feature hashing, Weinberger et al. 2009): in process, deterministic on
/// every machine, of length 1, and blind to meaning: texts are near that share words. For tests and for work without network.
class hashing_embeddings final : public embeddings {
public:
    /// Throws errc::invalid_argument for no dimensions.
    explicit hashing_embeddings(std::size_t dimensions = 256);

    awaitable<std::vector<embedding>> embed(std::vector<std::string> texts, run_context ctx) const override;
    std::string name() const override { return "hashing"; }
    /// One text, at once.
    embedding embed_now(std::string_view text) const;

private:
    std::size_t dimensions_;
};

/// The cosine of the angle between two points: 1 for the same direction, 0 where one of them has no length. Throws
/// errc::invalid_argument for points of different sizes.
double cosine_similarity(std::span<const float> a, std::span<const float> b);

/// The indices of the `k` nearest to `query`, or of all where there are fewer, nearest first; of equal ones the earlier first.
/// Throws as cosine_similarity.
std::vector<std::size_t> most_similar(std::span<const float> query, std::span<const embedding> candidates, std::size_t k);

/// The indices of `k` candidates that are near `query` and far from one another, in the order chosen: each next one maximises
/// `balance` × nearness − (1 − balance) × likeness to those chosen. Throws as cosine_similarity. (Maximal marginal
/// relevance: Carbonell and Goldstein 1998.)
std::vector<std::size_t> maximal_marginal_relevance(std::span<const float> query, std::span<const embedding> candidates,
                                                    std::size_t k, double balance = 0.5);

}  // namespace zincir

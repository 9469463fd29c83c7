#pragma once

#include <zincir/core/embeddings.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace zincir {

/// Picks the examples that a few-shot prompt shows for an input. Shared, immutable, called concurrently.
class example_selector {
public:
    virtual ~example_selector() = default;
    /// In the order in which they are shown. Cancellation is Asio's.
    virtual awaitable<std::vector<values>> select(values input, run_context ctx) const = 0;
};

/// A selector that needs to wait for nothing.
class immediate_example_selector : public example_selector {
public:
    virtual std::vector<values> select_now(const values& input) const = 0;
    awaitable<std::vector<values>> select(values input, run_context ctx) const override;
};

/// Examples, in their order, as long as their lengths and that of the input's values, joined by spaces, fit into `max_length`.
class length_based_selector final : public immediate_example_selector {
public:
    using length_function = std::function<std::size_t(std::string_view)>;
    /// An example's length is that of `example_prompt` filled with it; by default the number of its words, as split at line breaks
    /// and spaces. Throws errc::missing_variable for an example that lacks a variable.
    length_based_selector(std::vector<values> examples, const prompt_template& example_prompt, std::size_t max_length = 2048,
                          length_function length = length_function());

    std::vector<values> select_now(const values& input) const override;

private:
    std::vector<values> examples_;
    std::size_t max_length_;
    length_function length_;
    std::vector<std::size_t> lengths_{};
};

/// All examples, the one that shares most word sequences with the input first: by the BLEU score of the input against the example
/// (Papineni et al. 2002; smoothed by method 1 of Chen and Cherry 2014). Those that score `threshold` or less are left out: 0
/// leaves out what shares no word, and the default nothing.
class ngram_overlap_selector final : public immediate_example_selector {
public:
    /// Compares the values of `keys`, joined by spaces, or of all where none are named or the input has none of them.
    explicit ngram_overlap_selector(std::vector<values> examples, double threshold = -1.0, std::vector<std::string> keys = {});

    std::vector<values> select_now(const values& input) const override;

private:
    std::vector<values> examples_;
    double threshold_;
    std::vector<std::string> keys_;
};

/// The `k` examples that are nearest to the input.
class similarity_selector final : public example_selector {
public:
    /// Compares the values of `keys`, joined by spaces, or of all where none are named. The points of the examples are computed
    /// once, by the first selection that succeeds.
    similarity_selector(std::vector<values> examples, std::shared_ptr<const embeddings> model, std::size_t k = 4,
                        std::vector<std::string> keys = {});
    ~similarity_selector() override;

    awaitable<std::vector<values>> select(values input, run_context ctx) const override;

private:
    struct state;
    std::shared_ptr<state> state_;
};

/// `k` examples near the input and unlike one another: maximal_marginal_relevance over the `fetch` nearest.
class mmr_selector final : public example_selector {
public:
    mmr_selector(std::vector<values> examples, std::shared_ptr<const embeddings> model, std::size_t k = 4, std::size_t fetch = 20,
                 double balance = 0.5, std::vector<std::string> keys = {});
    ~mmr_selector() override;

    awaitable<std::vector<values>> select(values input, run_context ctx) const override;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace zincir

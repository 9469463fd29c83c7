#include <zincir/prompts/example_selector.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

namespace zincir {
namespace {

std::vector<std::string_view> words_of(std::string_view text)
{
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < text.size();) {
        constexpr std::string_view white = " \n\t\r\v\f";
        const auto begin = std::min(text.find_first_not_of(white, i), text.size());
        const auto end = std::min(text.find_first_of(white, begin), text.size());
        if (begin < end)
            words.push_back(text.substr(begin, end - begin));
        i = end;
    }
    return words;
}

// Each line break and space ends a word, also an empty one.
std::size_t count_words(std::string_view text)
{
    return 1 + static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n'; }));
}

bool holds(const std::vector<std::string>& names, const std::string& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The values of `keys`, or of all, by the order of their names, joined by spaces: of an empty one its space stays.
std::string joined(const values& of, const std::vector<std::string>& keys)
{
    if (of.bare())
        return to_prompt_text(*of.bare());
    std::map<std::string_view, const prompt_value*> sorted;
    for (const auto& entry : of.entries())
        if (keys.empty() || holds(keys, entry.name))
            sorted[entry.name] = &entry.value;
    std::string text;
    for (const auto& [name, value] : sorted) {
        if (name != sorted.begin()->first)
            text += ' ';
        text += to_prompt_text(*value);
    }
    return text;
}

using ngram = std::vector<std::string_view>;

std::map<ngram, std::size_t> count_ngrams(const std::vector<std::string_view>& words, std::size_t n)
{
    std::map<ngram, std::size_t> counts;
    for (std::size_t i = 0; i + n <= words.size(); ++i)
        ++counts[ngram(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i + n))];
    return counts;
}

// BLEU of `hypothesis` against `reference`, with sequences of up to four words, or fewer where the hypothesis is shorter.
double overlap(const std::vector<std::string_view>& reference, const std::vector<std::string_view>& hypothesis)
{
    constexpr double epsilon = 0.1;
    const auto longest = std::min<std::size_t>(4, hypothesis.size());
    if (longest == 0 || reference.empty())
        return 0;
    double logarithms = 0;
    for (std::size_t n = 1; n <= longest; ++n) {
        const auto there = count_ngrams(reference, n);
        double shared = 0;
        for (const auto& [sequence, count] : count_ngrams(hypothesis, n))
            if (const auto at = there.find(sequence); at != there.end())
                shared += static_cast<double>(std::min(count, at->second));
        if (n == 1 && shared == 0)
            return 0;
        logarithms += std::log((shared > 0 ? shared : epsilon) / static_cast<double>(hypothesis.size() - n + 1));
    }
    const auto ratio = static_cast<double>(reference.size()) / static_cast<double>(hypothesis.size());
    return std::exp(logarithms / static_cast<double>(longest)) * (ratio > 1 ? std::exp(1 - ratio) : 1.0);
}

// The examples with their points, which come with the first use.
class embedded_examples {
public:
    embedded_examples(std::vector<values> examples, std::shared_ptr<const embeddings> model, std::vector<std::string> keys)
        : examples_(std::move(examples)), model_(std::move(model)), keys_(std::move(keys))
    {
        if (!model_)
            throw error(errc::invalid_argument,
                        "a selector by similarity needs an embedding model: the pointer it was given is null");
    }

    using points = std::shared_ptr<const std::vector<embedding>>;
    awaitable<points> all(run_context ctx)
    {
        if (auto held = held_points())
            co_return held;
        std::vector<std::string> texts;
        for (const auto& example : examples_)
            texts.push_back(joined(example, keys_));
        auto computed = co_await model_->embed(std::move(texts), std::move(ctx));
        if (computed.size() != examples_.size())
            throw error(errc::malformed_reply, "the embedding model \"" + model_->name() + "\" gave " +
                                                   std::to_string(computed.size()) + " points for " +
                                                   std::to_string(examples_.size()) + " texts");
        const auto made = std::make_shared<const std::vector<embedding>>(std::move(computed));
        const std::lock_guard lock(mutex_);
        points_ = made;
        co_return made;
    }
    awaitable<embedding> query(values input, run_context ctx) const
    {
        return model_->embed_query(joined(input, keys_), std::move(ctx));
    }
    std::vector<values> at(const std::vector<std::size_t>& indices) const
    {
        std::vector<values> picked;
        for (const auto i : indices)
            picked.push_back(examples_[i]);
        return picked;
    }

private:
    points held_points() const
    {
        const std::lock_guard lock(mutex_);
        return points_;
    }

    const std::vector<values> examples_;
    const std::shared_ptr<const embeddings> model_;
    const std::vector<std::string> keys_;
    mutable std::mutex mutex_{};
    points points_{};  // guarded by mutex_
};

template <class State>
awaitable<std::vector<values>> pick(std::shared_ptr<State> state, values input, run_context ctx)
{
    const auto points = co_await state->examples.all(ctx);
    const auto query = co_await state->examples.query(std::move(input), ctx);
    co_return state->examples.at(state->choose(query, *points));
}

}  // namespace

awaitable<std::vector<values>> immediate_example_selector::select(values input, run_context) const { co_return select_now(input); }

length_based_selector::length_based_selector(std::vector<values> examples, const prompt_template& example_prompt,
                                             std::size_t max_length, length_function length)
    : examples_(std::move(examples)), max_length_(max_length), length_(length ? std::move(length) : length_function(count_words))
{
    for (const auto& example : examples_)
        lengths_.push_back(length_(example_prompt.format(example)));
}

std::vector<values> length_based_selector::select_now(const values& input) const
{
    auto used = length_(joined(input, {}));
    std::vector<values> picked;
    for (std::size_t i = 0; i < examples_.size() && used < max_length_ && lengths_[i] <= max_length_ - used; ++i) {
        used += lengths_[i];
        picked.push_back(examples_[i]);
    }
    return picked;
}

ngram_overlap_selector::ngram_overlap_selector(std::vector<values> examples, double threshold, std::vector<std::string> keys)
    : examples_(std::move(examples)), threshold_(threshold), keys_(std::move(keys))
{}

std::vector<values> ngram_overlap_selector::select_now(const values& input) const
{
    const bool has_one =
        std::any_of(input.entries().begin(), input.entries().end(), [&](const auto& entry) { return holds(keys_, entry.name); });
    const auto asked = joined(input, has_one ? keys_ : std::vector<std::string>());
    const auto words = words_of(asked);
    constexpr double rounding = 1e-9;
    std::vector<std::pair<double, std::size_t>> scored;
    for (std::size_t i = 0; i < examples_.size(); ++i) {
        const auto text = joined(examples_[i], keys_);
        if (const auto score = overlap(words_of(text), words); score > threshold_ + rounding)
            scored.emplace_back(score, i);
    }
    std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<values> picked;
    for (const auto& [score, i] : scored)
        picked.push_back(examples_[i]);
    return picked;
}

struct similarity_selector::state {
    embedded_examples examples;
    std::size_t k;
    std::vector<std::size_t> choose(const embedding& query, const std::vector<embedding>& points) const
    {
        return most_similar(query, points, k);
    }
};

similarity_selector::similarity_selector(std::vector<values> examples, std::shared_ptr<const embeddings> model, std::size_t k,
                                         std::vector<std::string> keys)
    : state_(new state{embedded_examples(std::move(examples), std::move(model), std::move(keys)), k})
{}

similarity_selector::~similarity_selector() = default;

awaitable<std::vector<values>> similarity_selector::select(values input, run_context ctx) const
{
    return pick(state_, std::move(input), std::move(ctx));
}

struct mmr_selector::state {
    embedded_examples examples;
    std::size_t k;
    std::size_t fetch;
    double balance;
    std::vector<std::size_t> choose(const embedding& query, const std::vector<embedding>& points) const
    {
        const auto nearest = most_similar(query, points, std::max(fetch, k));
        std::vector<embedding> candidates;
        for (const auto i : nearest)
            candidates.push_back(points[i]);
        auto chosen = maximal_marginal_relevance(query, candidates, k, balance);
        for (auto& i : chosen)
            i = nearest[i];
        return chosen;
    }
};

mmr_selector::mmr_selector(std::vector<values> examples, std::shared_ptr<const embeddings> model, std::size_t k, std::size_t fetch,
                           double balance, std::vector<std::string> keys)
    : state_(new state{embedded_examples(std::move(examples), std::move(model), std::move(keys)), k, fetch, balance})
{}

mmr_selector::~mmr_selector() = default;

awaitable<std::vector<values>> mmr_selector::select(values input, run_context ctx) const
{
    return pick(state_, std::move(input), std::move(ctx));
}

}  // namespace zincir

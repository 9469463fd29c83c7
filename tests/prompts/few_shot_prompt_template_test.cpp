#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/few_shot_prompt_template.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zincir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<values> sums() { return {values("q", "2+2", "a", "4"), values("q", "2+3", "a", "5")}; }

few_shot_layout layout(std::string prefix, std::string suffix, std::string separator = "\n\n")
{
    few_shot_layout made;
    made.prefix = std::move(prefix);
    made.suffix = std::move(suffix);
    made.separator = std::move(separator);
    return made;
}

std::vector<std::string> texts(const std::vector<values>& examples, std::string_view name)
{
    std::vector<std::string> all;
    for (const auto& example : examples)
        all.push_back(to_prompt_text(*example.find(name)));
    return all;
}

TEST(few_shot_prompt, puts_its_examples_between_prefix_and_suffix)
{
    const few_shot_prompt_template prompt(sums(), prompt_template("Q: {q}\nA: {a}"), layout("Add {what}.", "Q: {q}\nA:"));
    EXPECT_EQ(prompt.format(values("what", "numbers", "q", "3+4")), "Add numbers.\n\nQ: 2+2\nA: 4\n\nQ: 2+3\nA: 5\n\nQ: 3+4\nA:");
    EXPECT_THAT(prompt.variables(), ElementsAre("q", "what"));
}

TEST(few_shot_prompt, leaves_out_empty_parts)
{
    EXPECT_EQ(few_shot_prompt_template(std::vector<values>(), prompt_template("{q}"), layout("", "{x}")).format(values("x", "1")),
              "1");
    EXPECT_EQ(few_shot_prompt_template(sums(), prompt_template("{q}"), layout("", "", ";")).format(values()), "2+2;2+3");
}

TEST(few_shot_prompt, gives_a_bare_value_to_its_only_variable)
{
    const few_shot_prompt_template prompt(sums(), prompt_template("{q}"), layout("Add.", "{x}", " "));
    EXPECT_EQ(prompt.format("1+1"), "Add. 2+2 2+3 1+1");
    EXPECT_EQ(sync_wait(prompt.invoke("1+1")), "Add. 2+2 2+3 1+1");
    EXPECT_THROW(few_shot_prompt_template(sums(), prompt_template("{q}"), layout("{y}", "{x}")).format("1+1"), error);
}

TEST(few_shot_prompt, never_looks_at_values_again)
{
    const few_shot_prompt_template prompt({values("q", "{x} {{", "a", "}")}, prompt_template("{q}{a}"), layout("", "{x}", " "));
    EXPECT_EQ(prompt.format(values("x", "{q}")), "{x} {{} {q}");
}

TEST(few_shot_prompt, takes_values_beforehand)
{
    const auto prompt =
        few_shot_prompt_template(sums(), prompt_template("{q}"), layout("{lang}", "{lang} {x}", " ")).partial("lang", "tr");
    EXPECT_THAT(prompt.variables(), ElementsAre("x"));
    EXPECT_EQ(prompt.format(values("x", "1")), "tr 2+2 2+3 tr 1");
}

TEST(few_shot_prompt, names_what_an_example_lacks)
{
    const few_shot_prompt_template prompt({values("q", "1")}, prompt_template("{q} {a}"), layout("", "{x}"));
    try {
        prompt.format(values("x", "1"));
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::missing_variable);
        EXPECT_THAT(e.what(), HasSubstr("{a}"));
    }
    try {
        few_shot_prompt_template(sums(), prompt_template("{q}"), layout("", "{x}")).format(values());
        FAIL();
    } catch (const error& e) {
        EXPECT_THAT(e.what(), HasSubstr("suffix"));
    }
}

TEST(few_shot_prompt, is_a_step_that_waits_for_its_selector)
{
    const auto model = std::make_shared<const hashing_embeddings>();
    const std::vector<values> animals{values("q", "what do bears eat"), values("q", "who won the football match"),
                                      values("q", "where do bears sleep")};
    const few_shot_prompt_template prompt(similarity_selector(animals, model, 2), prompt_template("{q}"), layout("", "{q}", "|"));
    EXPECT_EQ(sync_wait(prompt.invoke(values("q", "do bears sleep"))), "where do bears sleep|what do bears eat|do bears sleep");
    try {
        prompt.format(values("q", "x"));
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_THAT(e.what(), HasSubstr("invoke()"));
    }
}

TEST(few_shot_prompt, keeps_the_place_of_a_prefix_that_comes_to_nothing)
{
    const few_shot_prompt_template prompt({values("q", ""), values("q", "1")}, prompt_template("{q}"), layout("{a}", "{b}", "|"));
    EXPECT_EQ(prompt.format(values("a", "", "b", "")), "|1|");
}

TEST(few_shot_prompt, takes_optional_values_and_functions)
{
    const auto prompt = few_shot_prompt_template(sums(), prompt_template("{q}"), layout("{lang:>5}", "{n} {x}", " "))
                            .optional("lang")
                            .partial("n", [] { return prompt_value(7); });
    EXPECT_EQ(prompt.format("1"), " 2+2 2+3 7 1");
}

// The examples of the words it is asked for.
class asked_selector final : public immediate_example_selector {
public:
    std::vector<values> select_now(const values& input) const override
    {
        std::vector<values> picked;
        for (const auto& entry : input.entries())
            picked.push_back(values("q", entry.name + "=" + to_prompt_text(entry.value)));
        return picked;
    }
};

TEST(few_shot_prompt, shows_a_selector_what_was_given_beforehand)
{
    const auto prompt =
        few_shot_prompt_template(asked_selector(), prompt_template("{q}"), layout("", "{x} {lang}", " ")).partial("lang", "tr");
    EXPECT_EQ(prompt.format("1"), "x=1 lang=tr 1 tr");
    EXPECT_EQ(prompt.format(values("x", "1", "lang", "en")), "x=1 lang=en 1 en");
}

TEST(few_shot_prompt, says_what_it_takes_and_what_is_the_same_in_every_call)
{
    const auto prompt = few_shot_prompt_template(sums(), prompt_template("{q}={a}"), layout("Add in {lang}.", "{q}=", "\n"));
    EXPECT_EQ(
        json::value(prompt.partial("lang", "tr").input_schema()),
        parse_json(
            R"({"type":"object","properties":{"lang":{"type":"string","default":"tr"},"q":{"type":"string"}},"required":["q"]})"));
    EXPECT_EQ(prompt.pretty(), "Add in {lang}.\n2+2=4\n2+3=5\n{q}=");
    EXPECT_EQ(prompt.explain().prefix, "Add in ");
    const auto in_turkish = prompt.partial("lang", "tr").explain();
    EXPECT_EQ(in_turkish.prefix, "Add in tr.\n2+2=4\n2+3=5\n");
    EXPECT_EQ(in_turkish.ended_by, "{q} in suffix");
    ASSERT_EQ(in_turkish.rows.size(), 3U);
    EXPECT_EQ(in_turkish.rows[1].part, "examples");
    EXPECT_TRUE(in_turkish.rows[1].constant);

    const few_shot_prompt_template picked(asked_selector(), prompt_template("{q}={a}"), layout("Add.", "{q}=", "\n"));
    EXPECT_EQ(picked.explain().prefix, "Add.");
    EXPECT_EQ(picked.explain().ended_by, "the examples, which are picked for each call");
    EXPECT_EQ(picked.pretty(), "Add.\n{q}={a}\n…\n{q}=");
}

TEST(few_shot_chat_prompt, says_what_it_is_made_of)
{
    const chat_prompt_template<> pair(user("{q}"), assistant("{a}"));
    const few_shot_chat_prompt_template shots(sums(), pair);
    EXPECT_THAT(shots.variables(), ElementsAre());
    EXPECT_EQ(json::value(shots.input_schema()), parse_json(R"({"type":"object","properties":{},"required":[]})"));
    EXPECT_EQ(shots.explain().prefix, "2+242+35");
    EXPECT_THAT(shots.pretty(), HasSubstr("2+3"));
    EXPECT_EQ(few_shot_chat_prompt_template(asked_selector(), pair).explain().prefix, "");
    EXPECT_THAT(few_shot_chat_prompt_template(asked_selector(), pair).pretty(), HasSubstr("{q}"));
}

TEST(few_shot_chat_prompt, makes_messages_of_each_example)
{
    const few_shot_chat_prompt_template shots(sums(), chat_prompt_template(user("{q}"), assistant("{a}")));
    const auto prompt =
        chat_prompt_template(system("Add."), messages_placeholder("shots"), user("{q}")).partial("shots", shots.format());
    const auto turns = prompt.format(values("q", "1+1"));
    ASSERT_EQ(turns.size(), 6U);
    EXPECT_EQ(turns[1].text(), "2+2");
    EXPECT_EQ(turns[4].role, role::assistant);
    EXPECT_EQ(turns[5].text(), "1+1");
    EXPECT_EQ(sync_wait(shots.invoke(values())).size(), 4U);
}

TEST(length_based_selector, takes_examples_as_long_as_they_fit)
{
    const std::vector<values> words{values("t", "one two"), values("t", "three"), values("t", "four five six")};
    const auto pick = [&](std::size_t most, std::string input) {
        return texts(length_based_selector(words, prompt_template("{t}"), most).select_now(values("x", std::move(input))), "t");
    };
    EXPECT_THAT(pick(7, "a"), ElementsAre("one two", "three", "four five six"));
    EXPECT_THAT(pick(6, "a"), ElementsAre("one two", "three"));
    EXPECT_THAT(pick(6, "a b c d"), ElementsAre("one two"));
    EXPECT_THAT(pick(1, "a"), ElementsAre());
}

TEST(length_based_selector, measures_as_it_is_told)
{
    const auto bytes = [](std::string_view text) { return text.size(); };
    const length_based_selector selector({values("t", "12345"), values("t", "6")}, prompt_template("{t}"), 6, bytes);
    EXPECT_THAT(texts(selector.select_now(values("x", "y")), "t"), ElementsAre("12345"));
}

TEST(length_based_selector, counts_the_input_as_its_values_joined_by_spaces)
{
    const length_based_selector selector({values("t", "one")}, prompt_template("{t}"), 3);
    EXPECT_THAT(texts(selector.select_now(values("a", "", "b", "x")), "t"), ElementsAre("one"));
    EXPECT_THAT(texts(selector.select_now(values("a", "", "b", "x", "c", "")), "t"), ElementsAre());
}

TEST(ngram_overlap_selector, compares_the_named_values)
{
    const std::vector<values> pairs{values("in", "red", "out", "cat"), values("in", "cat", "out", "red")};
    EXPECT_THAT(texts(ngram_overlap_selector(pairs, 0, {"in"}).select_now("cat"), "in"), ElementsAre("cat"));
    EXPECT_THAT(texts(ngram_overlap_selector(pairs, 0, {"out"}).select_now(values("x", "cat")), "in"), ElementsAre("red"));
    EXPECT_THAT(texts(ngram_overlap_selector(pairs).select_now(values("x", "dog")), "in"), ElementsAre("red", "cat"));
    EXPECT_THAT(texts(ngram_overlap_selector(pairs, 0).select_now(values("x", "dog")), "in"), ElementsAre());
}

TEST(ngram_overlap_selector, has_the_most_alike_first_and_drops_the_unlike)
{
    const std::vector<values> sentences{values("s", "My dog barks."), values("s", "See Spot run."), values("s", "Spot can run.")};
    const auto pick = [&](double threshold) {
        return texts(ngram_overlap_selector(sentences, threshold).select_now(values("s", "Spot can run fast.")), "s");
    };
    EXPECT_THAT(pick(-1), ElementsAre("Spot can run.", "See Spot run.", "My dog barks."));
    EXPECT_THAT(pick(1e-9), ElementsAre("Spot can run.", "See Spot run."));
    EXPECT_THAT(pick(1.1), ElementsAre());
}

TEST(mmr_selector, prefers_variety)
{
    const auto model = std::make_shared<const hashing_embeddings>();
    const std::vector<values> all{values("q", "bears sleep in winter"), values("q", "bears sleep in winter too"),
                                  values("q", "fish swim")};
    const auto near = sync_wait(similarity_selector(all, model, 2).select(values("q", "do bears sleep in winter"), run_context()));
    const auto varied =
        sync_wait(mmr_selector(all, model, 2, 3, 0.3).select(values("q", "do bears sleep in winter"), run_context()));
    EXPECT_THAT(texts(near, "q"), ElementsAre("bears sleep in winter", "bears sleep in winter too"));
    EXPECT_THAT(texts(varied, "q"), ElementsAre("bears sleep in winter", "fish swim"));
}

class counting_model final : public embeddings {
public:
    awaitable<std::vector<embedding>> embed(std::vector<std::string> given, run_context) const override
    {
        ++calls;
        said.insert(said.end(), given.begin(), given.end());
        std::vector<embedding> points(answer_less ? 0 : given.size(), embedding{1.0F});
        co_return points;
    }
    mutable int calls = 0;
    mutable std::vector<std::string> said{};
    bool answer_less = false;
};

TEST(similarity_selector, computes_its_examples_once_and_compares_the_named_values)
{
    const auto model = std::make_shared<counting_model>();
    const similarity_selector selector({values("b", "two", "a", "one", "c", "unused")}, model, 1, {"a", "b"});
    sync_wait(selector.select(values("a", "x"), run_context()));
    sync_wait(selector.select(values("a", "y"), run_context()));
    EXPECT_THAT(model->said, ElementsAre("one two", "x", "y"));
}

TEST(similarity_selector, says_when_its_model_gives_too_few_points)
{
    const auto model = std::make_shared<counting_model>();
    model->answer_less = true;
    const similarity_selector selector(sums(), model);
    try {
        sync_wait(selector.select(values("q", "x"), run_context()));
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::malformed_reply);
    }
    EXPECT_THROW(similarity_selector(sums(), nullptr), error);
    EXPECT_THROW(few_shot_examples(std::shared_ptr<const example_selector>()), error);
}

}  // namespace
}  // namespace zincir

#include <zincir/core/embeddings.hpp>
#include <zincir/core/error.hpp>
#include <zincir/core/sync_wait.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace zincir {
namespace {

using ::testing::ElementsAre;

TEST(hashing_embeddings, gives_points_of_length_one_that_are_the_same_everywhere)
{
    const hashing_embeddings model(8);
    const auto point = model.embed_now("ağaç");
    double length = 0;
    for (const auto x : point)
        length += static_cast<double>(x) * static_cast<double>(x);
    EXPECT_NEAR(length, 1.0, 1e-6);
    EXPECT_EQ(point, model.embed_now("ağaç"));
    EXPECT_EQ(point, sync_wait(model.embed_query("ağaç", run_context())));
}

TEST(hashing_embeddings, puts_texts_near_that_share_words)
{
    const hashing_embeddings model;
    const auto bears = model.embed_now("Bears sleep in winter.");
    const auto near = cosine_similarity(bears, model.embed_now("In winter bears are asleep"));
    const auto far = cosine_similarity(bears, model.embed_now("The stock market fell today"));
    EXPECT_GT(near, 0.4);
    EXPECT_LT(far, 0.2);
    EXPECT_GT(cosine_similarity(model.embed_now("ağaçlar"), model.embed_now("ağaç")), 0.3);
}

TEST(hashing_embeddings, gives_an_empty_text_no_direction)
{
    const hashing_embeddings model(4);
    EXPECT_EQ(model.embed_now(" .,"), embedding(4, 0.0F));
    EXPECT_EQ(cosine_similarity(model.embed_now(""), model.embed_now("x")), 0.0);
}

TEST(hashing_embeddings, embeds_in_order)
{
    const hashing_embeddings model(16);
    const auto points = sync_wait(model.embed(std::vector<std::string>{"a", "b"}, run_context()));
    EXPECT_THAT(points, ElementsAre(model.embed_now("a"), model.embed_now("b")));
    EXPECT_THROW(hashing_embeddings(0), error);
}

TEST(cosine_similarity, is_that_of_the_angle)
{
    EXPECT_DOUBLE_EQ(cosine_similarity(embedding{1, 0}, embedding{5, 0}), 1.0);
    EXPECT_DOUBLE_EQ(cosine_similarity(embedding{1, 0}, embedding{0, 2}), 0.0);
    EXPECT_DOUBLE_EQ(cosine_similarity(embedding{1, 0}, embedding{-1, 0}), -1.0);
    EXPECT_THROW(cosine_similarity(embedding{1, 0}, embedding{1}), error);
}

TEST(most_similar, is_nearest_first_and_earlier_first_of_equals)
{
    const std::vector<embedding> all{{0, 1}, {1, 0}, {1, 1}, {2, 0}};
    EXPECT_THAT(most_similar(embedding{1, 0}, all, 3), ElementsAre(1, 3, 2));
    EXPECT_THAT(most_similar(embedding{1, 0}, all, 9), ElementsAre(1, 3, 2, 0));
    EXPECT_TRUE(most_similar(embedding{1, 0}, {}, 2).empty());
}

TEST(maximal_marginal_relevance, trades_nearness_for_variety)
{
    const std::vector<embedding> all{{1, 0.1F}, {1, 0.11F}, {0.7F, -0.7F}};
    const embedding query{1, 0};
    EXPECT_THAT(maximal_marginal_relevance(query, all, 2, 1.0), ElementsAre(0, 1));
    EXPECT_THAT(maximal_marginal_relevance(query, all, 2, 0.5), ElementsAre(0, 2));
    EXPECT_THAT(maximal_marginal_relevance(query, all, 5, 0.5), ElementsAre(0, 2, 1));
}

}  // namespace
}  // namespace zincir

#include <zincir/core/chain.hpp>
#include <zincir/core/sync_wait.hpp>

#include "recorder.hpp"
#include "stage.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace zincir {
namespace {

using ::testing::ElementsAre;
using testing::gate;
using ::testing::HasSubstr;
using testing::recorder;
using testing::stage;
using testing::thrown_by;
using testing::tracked;

// Answers a text letter by letter.
struct speller : step<std::string, std::string> {
    awaitable<std::string> invoke(std::string text, run_context) const { co_return text; }
    zincir::stream<std::string> stream(std::string text, run_context) const
    {
        return zincir::stream<std::string>(
            [text = std::move(text), i = std::size_t{0}]() mutable -> awaitable<std::optional<std::string>> {
                if (i == text.size())
                    co_return std::nullopt;
                co_return std::string(1, text[i++]);
            });
    }
    std::string_view step_name() const { return "speller"; }
};

// Makes every piece upper case as it comes.
struct shouter : step<std::string, std::string> {
    static std::string shout(std::string text)
    {
        for (auto& c : text)
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        return text;
    }
    awaitable<std::string> invoke(std::string text, run_context) const { co_return shout(std::move(text)); }
    zincir::stream<std::string> transform(zincir::stream<std::string> pieces, run_context) const
    {
        return zincir::stream<std::string>([pieces = std::move(pieces)]() mutable -> awaitable<std::optional<std::string>> {
            auto piece = co_await pieces.next();
            if (piece)
                piece = shout(std::move(*piece));
            co_return piece;
        });
    }
    std::string_view step_name() const { return "shouter"; }
};

// The same without a coroutine, with one piece more at the end; fails at the letter x.
struct shouter_by_piece : step<std::string, std::string> {
    struct pieces {
        std::optional<std::string> next(std::string piece)
        {
            if (piece == "x")
                throw error(errc::output_mismatch, "x came");
            if (piece == " ")
                return std::nullopt;
            return shouter::shout(std::move(piece));
        }
        std::optional<std::string> finish() { return "!"; }
    };
    awaitable<std::string> invoke(std::string text, run_context) const { co_return shouter::shout(std::move(text)) + "!"; }
    pieces transformer() const { return {}; }
    std::string_view step_name() const { return "shouter by piece"; }
};

// Continues in pieces, and fails at the letter x. It lets its input go before its last piece.
struct picky : step<std::string, std::string> {
    awaitable<std::string> invoke(std::string text, run_context) const { co_return text + last; }
    zincir::stream<std::string> transform(zincir::stream<std::string> pieces, run_context) const
    {
        return zincir::stream<std::string>(
            [this, pieces = std::move(pieces), ended = false]() mutable -> awaitable<std::optional<std::string>> {
                if (ended)
                    co_return std::nullopt;
                auto piece = co_await pieces.next();
                if (piece == "x")
                    throw error(errc::output_mismatch, "x came");
                if (!piece) {
                    ended = true;
                    pieces = zincir::stream<std::string>();
                    co_return last;
                }
                co_return piece;
            });
    }
    std::string last = std::string(50, '.');
};

// As a user may write it: the stream reads a member of the step.
struct repeater : step<int, std::string> {
    explicit repeater(std::string w) : word(std::move(w)) {}
    awaitable<std::string> invoke(int, run_context) const { co_return word; }
    zincir::stream<std::string> stream(int n, run_context) const
    {
        return zincir::stream<std::string>([this, n]() mutable -> awaitable<std::optional<std::string>> {
            if (n-- == 0)
                co_return std::nullopt;
            co_return word;
        });
    }
    std::string word;
};

auto length = [](std::string s) { return static_cast<int>(s.size()); };
auto fail = [](int) -> int { throw error(errc::refusal, "will not"); };
auto plus_one = [](int n) { return n + 1; };

awaitable<std::vector<std::string>> drain(stream<std::string> pieces)
{
    std::vector<std::string> all;
    while (auto piece = co_await pieces.next())
        all.push_back(std::move(*piece));
    co_return all;
}

TEST(sequence, hands_each_output_to_the_next_step)
{
    const auto s = make_step(length) | plus_one | [](int n) { return std::to_string(n); };
    EXPECT_EQ(sync_wait(s.invoke("four")), "5");
}

TEST(sequence, flattens_whichever_side_was_piped_first)
{
    const auto tail = make_step(plus_one) | plus_one;
    const auto s = make_step(length) | tail;
    static_assert(std::tuple_size_v<std::remove_cvref_t<decltype(s.steps())>> == 3);
    EXPECT_EQ(sync_wait(s.invoke("ab")), 4);
}

TEST(sequence, starts_with_a_function)
{
    const auto s = [](const std::string& text) { return text + "?"; } | shouter();
    EXPECT_EQ(sync_wait(s.invoke("why")), "WHY?");
}

TEST(sequence, converts_between_steps)
{
    const auto s = make_step([](int) { return "literal"; }) | shouter();
    EXPECT_EQ(sync_wait(s.invoke(0)), "LITERAL");
}

TEST(sequence, moves_values_that_cannot_be_copied)
{
    const auto s = make_step([](int n) { return std::make_unique<int>(n); }) | [](std::unique_ptr<int> p) { return *p * 2; };
    EXPECT_EQ(sync_wait(s.invoke(21)), 42);
}

TEST(sequence, may_be_invoked_many_times_at_once)
{
    stage on;
    gate door;
    const auto s = make_step([door](int n) -> awaitable<int> {
                       co_await door.pass();
                       co_return n;
                   }) |
                   plus_one;
    auto a = on.start(s.invoke(1));
    auto b = on.start(s.invoke(10));
    on.settle();
    EXPECT_EQ(door.waiting(), 2);
    door.open();
    on.settle();
    EXPECT_EQ(a.get(), 2);
    EXPECT_EQ(b.get(), 11);
}

TEST(sequence, names_the_failing_step)
{
    const auto s = make_step(length) | fail | plus_one;
    const auto e = thrown_by([&] { sync_wait(s.invoke("x")); });
    EXPECT_EQ(e.code(), errc::refusal);
    EXPECT_EQ(e.facts().step, "chain[1]");
}

TEST(sequence, makes_an_error_of_a_foreign_exception)
{
    const auto s = make_step(length) | [](int) -> int { throw std::out_of_range("shelf 9"); };
    const auto e = thrown_by([&] { sync_wait(s.invoke("x")); });
    EXPECT_EQ(e.code(), errc::foreign_exception);
    EXPECT_EQ(e.facts().step, "chain[1]");
    EXPECT_THAT(e.what(), HasSubstr("shelf 9"));
    EXPECT_THROW(std::rethrow_exception(e.facts().cause), std::out_of_range);
}

TEST(sequence, nested_chains_write_the_whole_path)
{
    const chain inner = make_step(length) | fail;
    const auto outer = make_step([](int) { return std::string("x"); }) | inner;
    EXPECT_EQ(thrown_by([&] { sync_wait(outer.invoke(0)); }).facts().step, "chain[1]/chain[1]");
}

TEST(sequence, cancelling_stops_the_step_at_work_and_starts_no_other)
{
    stage on;
    gate never;
    bool went_on = false;
    const auto s = make_step([never](int n) -> awaitable<int> {
                       co_await never.pass();
                       co_return n;
                   }) |
                   [&went_on](int n) {
                       went_on = true;
                       return n;
                   };
    auto call = on.start(s.invoke(1));
    on.settle();
    call.cancel();
    on.settle();
    ASSERT_TRUE(call.ended());
    EXPECT_EQ(call.failure().code(), errc::cancelled);
    EXPECT_EQ(call.failure().facts().step, "chain[0]");
    EXPECT_EQ(never.cancelled(), 1);
    EXPECT_FALSE(went_on);
}

TEST(sequence, tells_the_observer_in_order)
{
    auto watcher = std::make_shared<recorder>();
    const auto s = speller() | length;
    sync_wait(s.invoke("ab", run_context().with_observer(watcher)));
    EXPECT_THAT(watcher->notes,
                ElementsAre("start chain[0] speller", "end chain[0] speller", "start chain[1] function", "end chain[1] function"));
}

TEST(sequence, tells_the_observer_of_a_failure_where_it_was)
{
    auto watcher = std::make_shared<recorder>();
    const auto s = make_step(length) | fail;
    const auto e = thrown_by([&] { sync_wait(s.invoke("ab", run_context().with_observer(watcher))); });
    EXPECT_EQ(e.code(), errc::refusal);
    EXPECT_THAT(watcher->notes, ElementsAre("start chain[0] function", "end chain[0] function", "start chain[1] function",
                                            "error refusal chain[1] function"));
}

TEST(sequence, streams_through_steps_that_continue_in_pieces)
{
    const auto s = speller() | shouter();
    static_assert(decltype(s)::streams_end_to_end());
    EXPECT_THAT(sync_wait(drain(s.stream("abc"))), ElementsAre("A", "B", "C"));
}

TEST(sequence, runs_what_cannot_stream_before_the_first_piece)
{
    const auto s = make_step([](int n) { return std::string(static_cast<std::size_t>(n), 'z'); }) | speller() | shouter();
    static_assert(decltype(s)::streams_end_to_end());
    EXPECT_THAT(sync_wait(drain(s.stream(3))), ElementsAre("Z", "Z", "Z"));
}

TEST(sequence, a_step_that_answers_whole_gathers_what_came_before)
{
    const auto s = speller() | [](std::string all) { return all + "."; };
    static_assert(!decltype(s)::streams_end_to_end());
    EXPECT_THAT(sync_wait(drain(s.stream("abc"))), ElementsAre("abc."));
}

TEST(sequence, the_sum_of_a_stream_equals_the_whole_answer)
{
    const auto s = [](int n) { return "n=" + std::to_string(n); } | speller() | shouter();
    EXPECT_EQ(sync_wait(collect(s.stream(12))), sync_wait(s.invoke(12)));
}

TEST(sequence, stream_errors_name_the_step)
{
    const auto s = make_step(fail) | [](int) { return std::string(); } | speller();
    auto pieces = s.stream(1);
    EXPECT_EQ(thrown_by([&] { sync_wait(pieces.next()); }).facts().step, "chain[0]");
}

TEST(sequence, an_error_while_streaming_names_the_source)
{
    struct breaking : step<int, std::string> {
        awaitable<std::string> invoke(int, run_context) const { co_return ""; }
        zincir::stream<std::string> stream(int, run_context) const
        {
            return zincir::stream<std::string>([n = 0]() mutable -> awaitable<std::optional<std::string>> {
                if (n++ == 1)
                    throw error(errc::truncated, "cut");
                co_return "a";
            });
        }
    };
    const auto s = make_step(plus_one) | breaking() | shouter();
    auto pieces = s.stream(1);
    EXPECT_EQ(sync_wait(pieces.next()), "A");
    const auto e = thrown_by([&] { sync_wait(pieces.next()); });
    EXPECT_EQ(e.code(), errc::truncated);
    EXPECT_EQ(e.facts().step, "chain[1]");
}

TEST(sequence, an_error_of_a_step_that_continues_in_pieces_names_that_step)
{
    const auto by_piece = speller() | shouter_by_piece() | shouter();
    auto first = by_piece.stream("axb");
    EXPECT_EQ(sync_wait(first.next()), "A");
    EXPECT_EQ(thrown_by([&] { sync_wait(first.next()); }).facts().step, "chain[1]");

    const auto by_coroutine = speller() | shouter_by_piece() | picky() | shouter_by_piece();
    auto second = by_coroutine.stream("ax");
    EXPECT_EQ(sync_wait(second.next()), "A");
    EXPECT_EQ(thrown_by([&] { sync_wait(second.next()); }).facts().step, "chain[1]");

    const auto at_the_end = speller() | picky();
    auto third = at_the_end.stream("ax");
    EXPECT_EQ(sync_wait(third.next()), "a");
    EXPECT_EQ(thrown_by([&] { sync_wait(third.next()); }).facts().step, "chain[1]");
}

TEST(sequence, its_stream_stays_at_its_end_after_an_error)
{
    const auto fails_in_a_step = speller() | shouter_by_piece();
    auto first = fails_in_a_step.stream("xb");
    EXPECT_THROW(sync_wait(first.next()), error);
    EXPECT_EQ(sync_wait(first.next()), std::nullopt);

    const auto fails_before_a_step = speller() | shouter_by_piece() | shouter_by_piece();
    auto second = fails_before_a_step.stream("xb");
    EXPECT_THROW(sync_wait(second.next()), error);
    EXPECT_EQ(sync_wait(second.next()), std::nullopt);
}

TEST(sequence, an_error_of_the_source_keeps_its_place_through_every_step)
{
    struct breaking : step<int, std::string> {
        awaitable<std::string> invoke(int, run_context) const { co_return ""; }
        zincir::stream<std::string> stream(int, run_context) const
        {
            return single<std::string>([]() -> awaitable<std::string> {
                throw error(errc::connection, "gone");
                co_return "";
            });
        }
    };
    const chain inner = make_step(plus_one) | breaking() | picky() | shouter_by_piece() | shouter() | picky();
    const auto outer = inner | shouter_by_piece();
    auto pieces = outer.stream(1);
    EXPECT_EQ(thrown_by([&] { sync_wait(pieces.next()); }).facts().step, "chain[0]/chain[1]");
}

TEST(sequence, streams_through_steps_that_know_only_pieces)
{
    const auto s = speller() | shouter_by_piece() | shouter_by_piece();
    static_assert(decltype(s)::streams_end_to_end());
    EXPECT_THAT(sync_wait(drain(s.stream("a b"))), ElementsAre("A", "B", "!", "!"));
    EXPECT_EQ(sync_wait(s.invoke("ab")), "AB!!");
    EXPECT_THAT(s.explain(), HasSubstr("1 shouter by piece: continues in pieces"));
}

TEST(sequence, a_step_may_let_its_input_go_before_its_last_piece)
{
    auto pieces = (speller() | picky()).stream("a");
    EXPECT_THAT(sync_wait(drain(std::move(pieces))), ElementsAre("a", std::string(50, '.')));
}

TEST(sequence, tells_the_observer_of_a_stream_from_its_first_piece_to_its_end)
{
    auto watcher = std::make_shared<recorder>();
    const auto s = make_step(plus_one) | [](int) { return std::string("ab"); } | speller() | shouter_by_piece() | picky();
    auto pieces = s.stream(1, run_context().with_observer(watcher));
    EXPECT_THAT(watcher->notes, ElementsAre());
    EXPECT_EQ(sync_wait(pieces.next()), "A");
    EXPECT_THAT(watcher->notes,
                ElementsAre("start chain[0] function", "end chain[0] function", "start chain[1] function", "end chain[1] function",
                            "start chain[4] picky", "start chain[3] shouter by piece", "start chain[2] speller"));
    watcher->notes.clear();
    EXPECT_EQ(sync_wait(collect(std::move(pieces))), "B!" + std::string(50, '.'));
    EXPECT_THAT(watcher->notes, ElementsAre("end chain[2] speller", "end chain[3] shouter by piece", "end chain[4] picky"));
}

TEST(sequence, tells_the_observer_of_a_stream_that_fails_or_is_dropped)
{
    auto watcher = std::make_shared<recorder>();
    const auto s = speller() | shouter_by_piece();
    {
        auto failing = s.stream("x", run_context().with_observer(watcher));
        EXPECT_EQ(thrown_by([&] { sync_wait(failing.next()); }).code(), errc::output_mismatch);
        EXPECT_EQ(watcher->notes.back(), "error output_mismatch chain[1] shouter by piece");
        EXPECT_EQ(watcher->notes.size(), 3U);
    }
    EXPECT_EQ(watcher->notes.back(), "error cancelled chain[0] speller");
    watcher->notes.clear();
    {
        auto dropped = s.stream("ab", run_context().with_observer(watcher));
        sync_wait(dropped.next());
    }
    EXPECT_THAT(watcher->notes, ElementsAre("start chain[1] shouter by piece", "start chain[0] speller",
                                            "error cancelled chain[1] shouter by piece", "error cancelled chain[0] speller"));
}

TEST(sequence, an_observer_that_throws_changes_nothing)
{
    class thrower : public observer {
    public:
        void on_start(const run_context&, std::string_view) override { throw std::runtime_error("start"); }
        void on_end(const run_context&, std::string_view) override { throw std::runtime_error("end"); }
        void on_error(const run_context&, std::string_view, const error&) override { throw std::runtime_error("error"); }
    };
    const auto ctx = run_context().with_observer(std::make_shared<thrower>());
    const auto good = make_step(length) | plus_one;
    EXPECT_EQ(sync_wait(good.invoke("ab", ctx)), 3);
    const auto bad = make_step(length) | fail;
    EXPECT_EQ(thrown_by([&] { sync_wait(bad.invoke("ab", ctx)); }).code(), errc::refusal);
    const auto streaming = speller() | shouter();
    EXPECT_EQ(sync_wait(collect(streaming.stream("ab", ctx))), "AB");
}

TEST(sequence, is_named_after_its_steps)
{
    const chain s = speller() | shouter_by_piece() | length;
    EXPECT_EQ(s.step_name(), "speller | shouter by piece | function");
}

TEST(sequence, its_stream_outlives_it_even_if_a_step_streams_out_of_itself)
{
    auto pieces = (repeater(std::string(100, 'r')) | shouter()).stream(2);
    EXPECT_THAT(sync_wait(drain(std::move(pieces))), ElementsAre(std::string(100, 'R'), std::string(100, 'R')));
    auto later = (make_step(plus_one) | repeater("x") | shouter()).stream(1);
    EXPECT_THAT(sync_wait(drain(std::move(later))), ElementsAre("X", "X"));
}

TEST(sequence, a_dropped_stream_frees_what_it_held)
{
    int alive = 0;
    {
        const auto s = [guard = tracked(alive)](int n) { return std::string(static_cast<std::size_t>(n), 'q'); } | speller();
        auto pieces = s.stream(5);
        EXPECT_EQ(sync_wait(pieces.next()), "q");
    }
    EXPECT_EQ(alive, 0);
}

TEST(explain, says_which_step_streams_and_which_waits)
{
    const auto s = [](int) { return std::string("x"); } | speller() | shouter() | [](std::string t) { return t; };
    EXPECT_EQ(s.explain(),
              "0 function: answers whole\n"
              "1 speller: streams\n"
              "2 shouter: continues in pieces\n"
              "3 function: waits for all of its input, so nothing streams past it\n");
}

}  // namespace
}  // namespace zincir

#include <zincir/llms/offline_model.hpp>

#include <zincir/core/json.hpp>
#include <zincir/core/runtime.hpp>
#include <zincir/core/sync_wait.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace zincir;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

namespace {

const std::string notice = std::string(offline_notice) + "\n";

// The reply to `prompt` without the notice, which must be there.
std::string said(messages prompt, chat_options options = chat_options())
{
    auto text = sync_wait(offline_model(options).invoke(std::move(prompt))).text();
    EXPECT_THAT(text, StartsWith(notice));
    return text.substr(std::min(text.size(), notice.size()));
}

awaitable<std::vector<message_chunk>> chunks(stream<message_chunk> pieces)
{
    std::vector<message_chunk> all;
    while (auto piece = co_await pieces.next())
        all.push_back(std::move(*piece));
    co_return all;
}

tool_definition tool(std::string name, std::string description, const std::string& parameters)
{
    tool_definition t;
    t.name = std::move(name);
    t.description = std::move(description);
    t.parameters = parse_json(parameters).as_object();
    return t;
}
std::vector<tool_definition> tools()
{
    return {tool("get_weather", "The weather of a city",
                 R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})"),
            tool("calculator", "Works out sums",
                 R"({"type":"object","properties":{"expression":{"type":"string"}},"required":["expression"]})")};
}

const std::string article =
    "Bears are large animals that live in forests. The weather was nice on Tuesday. Bears eat berries, fish and honey. "
    "My uncle sells shoes. In winter bears sleep in their dens, and forests grow quiet.";

}  // namespace

TEST(offline_model, says_in_its_first_line_that_it_is_no_language_model)
{
    const auto reply = sync_wait(offline_model().invoke("Why is the sky blue?"));
    EXPECT_THAT(reply.text(), StartsWith("[zincir offline model: fixed rules, no language model]\n"));
    EXPECT_THAT(reply.text(), HasSubstr("Why is the sky blue?"));
    EXPECT_EQ(reply.model(), "offline");
    EXPECT_EQ(reply.status, message_status::complete);
    EXPECT_EQ(reply.finish, finish_reason::stop);
    EXPECT_EQ(reply.metadata().at("offline"), true);
}

TEST(offline_model, summarises_with_the_sentences_that_say_most)
{
    EXPECT_EQ(said("Summarise in two sentences:\n\n" + article),
              "Bears are large animals that live in forests. Bears eat berries, fish and honey.");
    EXPECT_EQ(said("Özetle: " + article), "Bears are large animals that live in forests.");
    EXPECT_THAT(said("Please give me a one sentence summary of this text: " + article), Not(HasSubstr("uncle")));
    EXPECT_EQ(said("Summarize:\n\nOne sentence only."), "One sentence only.");
}

TEST(offline_model, summarises_turkish_word_for_word)
{
    const std::string text =
        "İstanbul Boğazı iki kıtayı ayırır. Dün çok yoruldum. İstanbul'un Boğazı gemilerle doludur. Çay içtim.";
    EXPECT_EQ(said("Şu metni iki cümleyle özetle: " + text),
              "İstanbul Boğazı iki kıtayı ayırır. İstanbul'un Boğazı gemilerle doludur.");
}

TEST(offline_model, tidies_what_it_is_to_improve)
{
    EXPECT_EQ(said("Improve this text:\n\nthe the sky  is blue , because light scatters .it is  so"),
              "The sky is blue, because light scatters .it is so.");
    EXPECT_EQ(said("Rewrite for a child: ışık   ışık saçılır ,bu yüzden"), "ışık saçılır ,bu yüzden.");
}

TEST(offline_model, does_not_translate_and_says_so)
{
    const auto text = said("Translate into French: The cat sleeps.");
    EXPECT_THAT(text, HasSubstr("cannot translate"));
    EXPECT_THAT(text, HasSubstr("The cat sleeps."));
    EXPECT_THAT(said(messages(zincir::system("You translate to English."), user("Kedi uyuyor."))), HasSubstr("Kedi uyuyor."));
}

TEST(offline_model, repeats)
{
    EXPECT_EQ(said("Repeat after me: çok güzel!"), "çok güzel!");
    EXPECT_EQ(said("Echo hello world"), "hello world");
}

TEST(offline_model, leaves_its_notice_out_of_what_it_is_given)
{
    const auto draft = sync_wait(offline_model().invoke("Echo bears eat honey")).text();
    const auto text = said("Improve this draft:\n\n" + draft);
    EXPECT_EQ(text, "Bears eat honey.");
}

TEST(offline_model, answers_from_the_conversation)
{
    EXPECT_EQ(said(messages(user("My cat is called Boncuk."), assistant("Noted."), user("What is my cat called?"))),
              "I found: My cat is called Boncuk.");
    EXPECT_EQ(said(messages(user("Kedimin adı Boncuk. Köpeğim yok."), assistant("Peki."), user("Kedimin adı ne?"))),
              "I found: Kedimin adı Boncuk.");
}

TEST(offline_model, answers_from_the_context_of_the_prompt)
{
    EXPECT_EQ(said("Use the context.\n\nContext: Zincir is a library. It was written in C++. Trees are green.\n\nQuestion: In "
                   "which language was it written, C++ or Go?"),
              "I found: It was written in C++.");
}

TEST(offline_model, streams_word_by_word_what_it_says_whole)
{
    const auto whole = sync_wait(offline_model().invoke("Echo iki kelime"));
    const auto pieces = sync_wait(chunks(offline_model().stream("Echo iki kelime")));
    std::vector<std::string> words;
    for (const auto& piece : pieces)
        if (!piece.text().empty())
            words.emplace_back(piece.text());
    ASSERT_GT(words.size(), 2U);
    EXPECT_EQ(words[words.size() - 2] + words.back(), "iki kelime");
    EXPECT_TRUE(pieces.front().opens);
    EXPECT_EQ(pieces.back().facts->finish, finish_reason::stop);
    const auto folded = sync_wait(collect(offline_model().stream("Echo iki kelime")));
    EXPECT_EQ(folded.text(), whole.text());
    EXPECT_EQ(folded.usage(), whole.usage());
    EXPECT_EQ(folded.info().id, whole.info().id);
}

TEST(offline_model, never_cuts_inside_a_code_point)
{
    std::string text;
    for (int i = 0; i < 60; ++i)
        text += "çğ€😀";
    for (const auto& piece : sync_wait(chunks(offline_model().stream("Echo " + text))))
        if (!piece.delta.empty()) {
            EXPECT_NE(static_cast<unsigned char>(piece.delta.front()) & 0xC0, 0x80);
        }
    chat_options few;
    few.max_output_tokens = 7;
    const auto cut = said("Echo " + text, few);
    EXPECT_FALSE(cut.empty());
    EXPECT_LT(cut.size(), text.size());
    EXPECT_NO_THROW(check_history(messages(cut)));
}

TEST(offline_model, stops_at_its_token_limit)
{
    chat_options few;
    few.max_output_tokens = 3;
    const auto reply = sync_wait(offline_model(few).invoke("Echo one two six four five"));
    EXPECT_EQ(reply.text(), notice + "one two six ");
    EXPECT_EQ(reply.finish, finish_reason::length);
    EXPECT_EQ(reply.status, message_status::length);
    EXPECT_EQ(reply.usage()->output_tokens, 3);
}

TEST(offline_model, stops_before_a_stop_word)
{
    chat_options options;
    options.stop = std::vector<std::string>(1, "three");
    EXPECT_EQ(said("Echo one two three four", options), "one two ");
}

TEST(offline_model, counts_about_four_characters_a_token_and_says_that_it_guesses)
{
    const auto reply = sync_wait(offline_model().invoke("Echo " + std::string(400, 'x')));
    ASSERT_TRUE(reply.usage());
    EXPECT_NEAR(static_cast<double>(reply.usage()->input_tokens), 101, 3);
    EXPECT_NEAR(static_cast<double>(reply.usage()->output_tokens), 100, 5);
    EXPECT_EQ(reply.usage()->total_tokens, reply.usage()->input_tokens + reply.usage()->output_tokens);
    EXPECT_EQ(reply.metadata().at("usage_is_estimate"), true);
}

TEST(offline_model, names_the_settings_it_ignores)
{
    chat_options options;
    options.top_p = 0.5;
    options.model.emplace("gpt-x");
    options.extra["top_k"] = 3;
    options.seed = 7;
    const auto reply = sync_wait(offline_model(options).invoke("x"));
    ASSERT_EQ(reply.warnings().size(), 2U);
    EXPECT_THAT(reply.warnings()[0], HasSubstr("top_p, top_k"));
    EXPECT_THAT(reply.warnings()[1], HasSubstr("gpt-x"));
    EXPECT_TRUE(sync_wait(offline_model().invoke("x")).warnings().empty());
}

TEST(offline_model, answers_in_json_without_a_notice)
{
    chat_options options;
    options.response_format = response_format::json_object();
    const auto reply = sync_wait(offline_model(options).invoke("Repeat as JSON: elma"));
    EXPECT_EQ(parse_json(reply.text()).at("answer").as_string(), "elma");
    const auto folded = sync_wait(collect(offline_model(options).stream("Repeat as JSON: elma")));
    EXPECT_EQ(folded.text(), reply.text());
}

TEST(offline_model, calls_the_tool_the_prompt_speaks_of)
{
    const auto model = offline_model().with_tools(tools());
    const auto weather = sync_wait(model.invoke("How is the weather in Ankara?"));
    ASSERT_EQ(weather.tool_calls().size(), 1U);
    EXPECT_EQ(weather.tool_calls()[0].name, "get_weather");
    EXPECT_EQ(weather.tool_calls()[0].arguments, R"({"city":"Ankara"})");
    EXPECT_EQ(weather.finish, finish_reason::tool_calls);
    EXPECT_EQ(weather.text(), "");
    const auto sum = sync_wait(collect(model.stream("Use the calculator: what is 12 * (3 + 4)?")));
    ASSERT_EQ(sum.tool_calls().size(), 1U);
    EXPECT_EQ(sum.tool_calls()[0].name, "calculator");
    EXPECT_EQ(parse_json(sum.tool_calls()[0].arguments).at("expression").as_string(), "12 * (3 + 4)");
    EXPECT_TRUE(sync_wait(model.invoke("Good morning!")).tool_calls().empty());
}

TEST(offline_model, calls_every_tool_that_is_named_unless_told_to_call_one)
{
    const auto model = offline_model().with_tools(tools());
    const auto both = sync_wait(model.invoke("Call get_weather for Ankara and the calculator for 1 + 1"));
    ASSERT_EQ(both.tool_calls().size(), 2U);
    EXPECT_NE(both.tool_calls()[0].id, both.tool_calls()[1].id);
    chat_options one;
    one.parallel_tool_calls = false;
    EXPECT_EQ(sync_wait(model.with(one).invoke("Call get_weather for Ankara and the calculator for 1 + 1")).tool_calls().size(),
              1U);
}

TEST(offline_model, obeys_the_tool_choice)
{
    const auto model = offline_model().with_tools(tools());
    chat_options options;
    options.tool_choice = tool_choice::none();
    EXPECT_TRUE(sync_wait(model.with(options).invoke("weather in Ankara")).tool_calls().empty());
    options.tool_choice = tool_choice::required();
    EXPECT_EQ(sync_wait(model.with(options).invoke("hello")).tool_calls().size(), 1U);
    options.tool_choice = tool_choice::named("calculator");
    EXPECT_EQ(sync_wait(model.with(options).invoke("weather in Ankara")).tool_calls().at(0).name, "calculator");
    options.tool_choice = tool_choice::named("missing");
    EXPECT_THROW(sync_wait(model.with(options).invoke("x")), error);
}

TEST(offline_model, answers_with_the_result_of_the_tool)
{
    const auto model = offline_model().with_tools(tools());
    messages history;
    history.push_back(user("How is the weather in Ankara?"));
    history.push_back(sync_wait(model.invoke(history)));
    const auto id = history.back().tool_calls().at(0).id;
    history.push_back(tool_result(id, "21 °C and sunny"));
    const auto reply = sync_wait(model.invoke(history));
    EXPECT_EQ(reply.text(), notice + "get_weather says: 21 °C and sunny");
    // The next question starts afresh, with an id of its own.
    history.push_back(reply);
    history.push_back(user("And the weather in İzmir?"));
    const auto again = sync_wait(model.invoke(history));
    ASSERT_EQ(again.tool_calls().size(), 1U);
    EXPECT_NE(again.tool_calls()[0].id, id);
    EXPECT_EQ(parse_json(again.tool_calls()[0].arguments).at("city").as_string(), "İzmir");
}

TEST(offline_model, refuses_what_it_cannot_see)
{
    EXPECT_THROW(sync_wait(offline_model().invoke(
                     messages(user_parts(text_block("What is this?"), image_url("https://example.org/cat.png"))))),
                 error);
    EXPECT_EQ(offline_model().profile().tools, true);
    EXPECT_EQ(offline_model().profile().images, false);
}

TEST(offline_model, ends_at_once_when_cancelled_between_two_words)
{
    runtime threads;
    auto reading = threads.spawn(chunks(offline_model(chat_options(), 1h).stream("x")));
    reading.cancel();
    try {
        reading.get();
        ADD_FAILURE() << "it was not cancelled";
    } catch (const error& e) {
        EXPECT_TRUE(e.is(condition::stopped));
    }
}

TEST(offline_model, ends_at_the_deadline_between_two_words)
{
    try {
        sync_wait(chunks(offline_model(chat_options(), 1h).stream("x", run_context().with_timeout(5ms))));
        ADD_FAILURE() << "it did not end";
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::deadline_exceeded);
    }
}

TEST(offline_model, survives_any_text)
{
    const std::string strange[] = {"",
                                   " ",
                                   "\n\n",
                                   ":",
                                   "\"",
                                   "```",
                                   "?",
                                   "....",
                                   "Summarise:",
                                   "Improve:\n\n",
                                   "1.2.3",
                                   "\xEF\xBB\xBF",
                                   "…",
                                   std::string(100000, 'a'),
                                   std::string(5000, ' ')};
    for (const auto& text : strange)
        for (const auto* task : {"", "Summarise: ", "Improve:\n\n", "Translate \"", "Echo "})
            EXPECT_NO_THROW(said(task + text)) << task << text.substr(0, 20);
}

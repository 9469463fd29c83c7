// What a chat template has no place for is said in another way: nothing that is said gets lost.

#include <zincir/prompts/chat_template.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace {

using zincir::assistant;
using zincir::chat_template;
using zincir::chat_template_inputs;
using zincir::chat_template_options;
using zincir::errc;
using zincir::error;
using zincir::message;
using zincir::messages;
using zincir::role;
using zincir::text_block;
using zincir::tool_call;
using zincir::tool_result;
using zincir::user;

// Turns alternate and calls stand between them without a text; ids of nine; one system's text, shown when the user speaks last.
constexpr std::string_view strict = R"(
{%- set ns = namespace(n=0) %}
{%- if messages[0].role == 'system' %}{% set system = messages[0].content %}{% set messages = messages[1:] %}{% endif %}
{%- for m in messages %}
{%- if m.role == 'user' or (m.role == 'assistant' and not m.tool_calls) %}
{%- if (m.role == 'user') != (ns.n % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
{%- set ns.n = ns.n + 1 %}
{%- endif %}
{%- if m.role == 'user' %}[U]{% if loop.last and system %}({{ system }}){% endif %}{{ m.content }}
{%- elif m.tool_calls %}
{%- for c in m.tool_calls %}
{%- if c.id | length != 9 %}{{ raise_exception('ids have nine letters') }}{% endif %}[C]{{ c.id + c.function.name }}
{%- for k, v in c.function.arguments.items() %} {{ k }}={{ v }}{% endfor %}
{%- endfor %}
{%- elif m.role == 'assistant' %}[A]{{ m.content }}
{%- elif m.role == 'tool' %}[R]{{ m.tool_call_id + ' ' + m.content }}
{%- else %}{{ raise_exception('no such role') }}{% endif %}
{%- endfor %})";

// Anything in any order; tools, calls and results.
constexpr std::string_view loose = R"({{ tools | tojson if tools }}
{%- for m in messages %}[{{ m.role }}]{{ m.content or '' }}
{%- for c in m.tool_calls %}<{{ c.id + ' ' + c.function.name + ' ' + (c.function.arguments | tojson) }}>{% endfor %}
{%- endfor %})";

message calling(std::initializer_list<tool_call> all, std::string text = {})
{
    message m(role::assistant, zincir::content());
    if (!text.empty())
        m.content.emplace_back(text_block(std::move(text)));
    for (const auto& c : all)
        m.content.emplace_back(c);
    return m;
}

message weather(std::string id = "abc", std::string text = {})
{
    return calling({tool_call(std::move(id), "weather", R"({"city":"Van"})")}, std::move(text));
}

std::string rendered(std::string_view text, const messages& turns) { return chat_template(text).render(turns); }

boost::system::error_code refused(std::string_view text, const messages& turns, std::string_view words)
{
    try {
        rendered(text, turns);
    } catch (const error& e) {
        EXPECT_THAT(e.what(), testing::HasSubstr(std::string(words)));
        return e.code();
    }
    ADD_FAILURE() << "nothing was refused";
    return errc::invalid_argument;
}

struct conversation {
    const char* name;
    messages turns;
    const char* shown;
};
void PrintTo(const conversation& c, std::ostream* out) { *out << c.name; }

class strict_template : public testing::TestWithParam<conversation> {};

TEST_P(strict_template, shows_everything) { EXPECT_EQ(rendered(strict, GetParam().turns), GetParam().shown); }

// The JSON that stands for a call and its result.
#define CALL_TEXT(id) "{\"tool_calls\":[{\"name\":\"weather\",\"arguments\":{\"city\":\"Van\"},\"id\":\"" id "\"}]}"
#define RESULT_TEXT(id, text) "{\"tool_response\":{\"tool\":\"weather\",\"content\":\"" text "\",\"tool_call_id\":\"" id "\"}}"

INSTANTIATE_TEST_SUITE_P(
    chat_template, strict_template,
    testing::Values(
        conversation{"users_in_a_row", messages(user("a"), user("b"), assistant("c")), "[U]a\n\nb[A]c"},
        conversation{"replies_in_a_row", messages(user("a"), assistant("b"), assistant("c"), user("d")), "[U]a[A]b\n\nc[U]d"},
        conversation{"a_reply_first", messages(assistant("a"), user("b")), "[U][A]a[U]b"},
        conversation{"systems_in_a_row", messages(zincir::system("a"), zincir::system("b"), user("c")), "[U](a\n\nb)c"},
        conversation{"a_system_later", messages(user("a"), assistant("b"), zincir::system("c"), user("d")), "[U]a[A]b[U]c\n\nd"},
        conversation{"a_system_last", messages(user("a"), assistant("b"), zincir::system("c")), "[U]a[A]b[U]c"},
        conversation{"a_system_alone", messages(zincir::system("a"), zincir::developer("b")), "[U]a\n\nb"},
        conversation{"a_system_and_a_last_reply", messages(zincir::system("a"), user("b"), assistant("c")), "[U]a\n\nb[A]c"},
        conversation{"a_call", messages(user("a"), weather("call00001"), tool_result("call00001", "7"), assistant("b")),
                     "[U]a[C]call00001weather city=Van[R]call00001 7[A]b"},
        conversation{"a_long_id", messages(user("a"), weather("call_0123456789"), tool_result("call_0123456789", "7")),
                     "[U]a[C]call00001weather city=Van[R]call00001 7"},
        conversation{"no_ids",
                     messages(user("a"), calling({tool_call("", "f", "{}"), tool_call("", "g", "{}")}), tool_result("", "1"),
                              tool_result("", "2")),
                     "[U]a[C]call00001f[C]call00002g[R]call00001 1[R]call00002 2"},
        conversation{"a_text_beside_a_call", messages(user("a"), weather("abc", "b"), tool_result("abc", "7"), assistant("c")),
                     "[U]a[A]b\n\n" CALL_TEXT("abc") "[U]" RESULT_TEXT("abc", "7") "[A]c"},
        conversation{"a_user_behind_a_result", messages(user("a"), weather(), tool_result("abc", "7"), user("b")),
                     "[U]a[A]" CALL_TEXT("abc") "[U]" RESULT_TEXT("abc", "7") "\n\nb"},
        conversation{"a_call_without_result", messages(user("a"), weather(), user("b")), "[U]a[A]" CALL_TEXT("abc") "[U]b"},
        conversation{"a_call_behind_a_reply",
                     messages(user("a"), assistant("b"), weather(), tool_result("abc", "7"), assistant("c")),
                     "[U]a[A]b\n\n" CALL_TEXT("abc") "[U]" RESULT_TEXT("abc", "7") "[A]c"},
        conversation{
            "arguments_that_are_no_object",
            messages(user("a"), calling({tool_call("abc", "f", "[1]")}), tool_result("abc", "7"), assistant("b")),
            "[U]a[A]{\"tool_calls\":[{\"name\":\"f\",\"arguments\":\"[1]\",\"id\":\"abc\"}]}[U]{\"tool_response\":{\"tool\":\"f\","
            "\"content\":\"7\",\"tool_call_id\":\"abc\"}}[A]b"},
        conversation{"a_result_of_no_call", messages(user("a"), assistant("b"), tool_result("x", "7")),
                     "[U]a[A]b[U]{\"tool_response\":{\"content\":\"7\",\"tool_call_id\":\"x\"}}"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(chat_template, finds_that_turns_alternate)
{
    const auto can = chat_template(strict).capabilities();
    EXPECT_FALSE(can.free_turns);
    EXPECT_FALSE(can.several_system_messages);
    EXPECT_TRUE(can.system_role);
    EXPECT_TRUE(can.parallel_tool_calls);
    EXPECT_TRUE(chat_template(loose).capabilities().free_turns);
    EXPECT_TRUE(chat_template(loose).capabilities().several_system_messages);
}

TEST(chat_template, leaves_everything_to_the_template_without_polyfills)
{
    chat_template_options off;
    off.polyfills = zincir::chat_template_polyfills{false, false, false, false, false, false, false, false};
    const chat_template t(strict, off);
    EXPECT_EQ(boost::json::serialize(t.to_json(messages(zincir::system("a"), zincir::developer("b"), user("c"), user("d"),
                                                        weather("x", "e"), tool_result("y", "7")),
                                               chat_template_inputs())),
              R"([{"role":"system","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"c"},)"
              R"({"role":"user","content":"d"},{"role":"assistant","content":"e","tool_calls":[{"id":"x","type":"function",)"
              R"("function":{"name":"weather","arguments":{"city":"Van"}}}]},{"role":"tool","content":"7","tool_call_id":"y"}])");
    EXPECT_THROW(t.render(messages(user("a"), user("b"))), error);
}

TEST(chat_template, gives_each_result_to_its_call)
{
    // The second reply uses the first one's id again.
    EXPECT_EQ(rendered(loose, messages(user("a"), calling({tool_call("x", "f", "{}")}), tool_result("x", "1"),
                                       calling({tool_call("x", "g", "{}")}), tool_result("x", "2"))),
              "[user]a[assistant]<x f {}>[tool]1[assistant]<x g {}>[tool]2");
}

TEST(chat_template, writes_what_stands_beside_results)
{
    message both = tool_result("abc", "7");
    both.role = role::user;
    both.content.emplace_back(text_block("And Bonn?"));
    EXPECT_EQ(rendered(loose, messages(user("a"), weather(), both)),
              "[user]a[assistant]<abc weather {\"city\": \"Van\"}>[tool]7[user]And Bonn?");
}

TEST(chat_template, says_that_a_result_is_an_error)
{
    EXPECT_EQ(rendered(loose, messages(user("a"), weather(), tool_result("abc", "no such city", true))),
              "[user]a[assistant]<abc weather {\"city\": \"Van\"}>[tool]Error: no such city");
}

TEST(chat_template, says_refusals)
{
    message no(role::assistant, zincir::content());
    no.content.emplace_back(zincir::refusal_block("No."));
    EXPECT_EQ(rendered(loose, messages(user("a"), no)), "[user]a[assistant]No.");
    EXPECT_EQ(rendered(loose, messages(zincir::system("x"), message(role::assistant, no.content), user("b"))),
              "[system]x[assistant]No.[user]b");
}

TEST(chat_template, keeps_arguments_that_are_no_object)
{
    EXPECT_EQ(rendered(loose, messages(user("a"), calling({tool_call("x", "f", "no JSON")}))),
              "[user]a[assistant]<x f \"no JSON\">");
}

TEST(chat_template, refuses_what_no_template_could_show)
{
    auto asked = user("a");
    asked.content.emplace_back(tool_call("x", "f", "{}"));
    EXPECT_EQ(refused(loose, messages(asked), "message 0 of the conversation holds a tool call, but its role is user"),
              errc::invalid_argument);
    EXPECT_EQ(refused(loose, messages(user("a"), assistant("b\xff")), "message 1 of the conversation is not UTF-8: byte 1"),
              errc::invalid_argument);
    auto seeing = zincir::system("a");
    seeing.content.emplace_back(zincir::image_url("https://example.org/a.png"));
    EXPECT_EQ(refused(loose, messages(seeing, user("b")), "message 0"), errc::unsupported);
}

TEST(chat_template, refuses_kinds_of_media_that_are_not_shown)
{
    constexpr std::string_view sees =
        "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}"
        "{% if p.type == 'text' %}{{ p.text }}{% elif p.type == 'image_url' %}<{{ p.image_url.url }}>"
        "{% endif %}{% endfor %}{% endif %}{% endfor %}";
    const auto can = chat_template(sees).capabilities();
    EXPECT_TRUE(can.images);
    EXPECT_FALSE(can.audio);
    EXPECT_EQ(rendered(sees, messages(user_parts(text_block("What?"), zincir::image_url("https://example.org/a.png")))),
              "What?<https://example.org/a.png>");
    EXPECT_EQ(refused(sees, messages(user_parts(zincir::audio_url("https://example.org/a.wav"))), "holds a sound"),
              errc::unsupported);
    auto drawn = assistant("b");
    drawn.content.emplace_back(zincir::image_url("https://example.org/a.png"));
    EXPECT_EQ(refused(sees, messages(user("a"), drawn), "picture, which the chat template does not show in a message of this role"),
              errc::unsupported);
}

TEST(chat_template, gives_reasoning_as_a_part)
{
    constexpr std::string_view thinks =
        "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}{% for p in m.content %}"
        "{% if p.type == 'thinking' %}({{ p.thinking }}){% else %}{{ p.text }}{% endif %}"
        "{% endfor %}{% endif %}{% endfor %}";
    message m = assistant("b");
    m.content.insert(m.content.begin(), zincir::reasoning_block("hm"));
    EXPECT_TRUE(chat_template(thinks).capabilities().reasoning);
    EXPECT_EQ(rendered(thinks, messages(user("a"), m)), "a(hm)b");
}

TEST(chat_template, finds_reasoning_that_is_shown_where_thinking_is_on)
{
    constexpr std::string_view thinks =
        "{% for m in messages %}{% if thinking and m.reasoning %}({{ m.reasoning }}){% endif %}{{ m.content }}{% endfor %}";
    message m = assistant("b");
    m.content.insert(m.content.begin(), zincir::reasoning_block("hm"));
    chat_template_inputs on;
    on.extra["thinking"] = true;
    EXPECT_TRUE(chat_template(thinks).capabilities().reasoning);
    EXPECT_EQ(chat_template(thinks).render(messages(user("a"), m), on), "a(hm)b");
    EXPECT_EQ(rendered(thinks, messages(user("a"), m)), "ab");
}

TEST(chat_template, gives_an_empty_list_where_null_is_refused)
{
    constexpr std::string_view needs =
        "{% for t in tools %}{{ t.function.name }}{% endfor %}{% for m in messages %}[{{ m.role }}]"
        "{{ m.content }}{% endfor %}";
    EXPECT_EQ(rendered(needs, messages(zincir::system("a"), user("b"))), "[system]a[user]b");
    chat_template_options off;
    off.polyfills.tools = false;
    EXPECT_THROW(chat_template(needs, off).render(messages("a")), error);
}

TEST(chat_template, lets_a_template_keep_account_of_its_calls)
{
    constexpr std::string_view counts =
        "{% set ns = namespace(ids=[]) %}{% for m in messages %}[{{ m.role }}]{% for c in m.tool_calls %}{% set _ = "
        "ns.ids.append(c.id) %}"
        "{{ c.function.name + (c.function.arguments | tojson) }}{% endfor %}{% if m.role == 'tool' %}{{ ns.ids.pop(0) }}:{% endif "
        "%}"
        "{{ m.content }}{% endfor %}";
    EXPECT_TRUE(chat_template(counts).capabilities().tool_calls);
    EXPECT_EQ(rendered(counts, messages(user("a"), weather(), tool_result("abc", "7"))),
              "[user]a[assistant]weather{\"city\": \"Van\"}[tool]abc:7");
}

TEST(chat_template, names_the_tools_as_older_templates_do)
{
    chat_template_options options;
    options.environment.set_clock([] { return std::chrono::system_clock::time_point(std::chrono::hours(24)); });
    const chat_template t("{{ 'Functions: ' + functions + ' ' + datetime }}{% for m in messages %}[{{ m.content }}]{% endfor %}",
                          options);
    EXPECT_TRUE(t.capabilities().tools);
    EXPECT_EQ(t.render(messages("a")), "Functions: [] Jan 02 1970 00:00:00 GMT[a]");
}

TEST(chat_template, gives_a_tool_without_parameters_an_empty_schema)
{
    chat_template_inputs inputs;
    inputs.tools.emplace_back();
    inputs.tools.back().name = "now";
    EXPECT_EQ(
        chat_template(loose).render(messages("a"), inputs),
        "[{\"type\": \"function\", \"function\": {\"name\": \"now\", \"description\": \"\", \"parameters\": {\"type\": \"object\", "
        "\"properties\": {}}}}][user]a");
}

TEST(chat_template, tells_at_construction_that_a_template_is_beyond_the_limits)
{
    try {
        chat_template("{% for a in range(100000) %}{% for b in range(100000) %}{{ messages }}{% endfor %}{% endfor %}");
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::limit_exceeded) << e.what();
    }
}

}  // namespace

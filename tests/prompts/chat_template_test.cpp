#include <zincir/core/sync_wait.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>
#include <zincir/prompts/chat_template.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace {

using zincir::assistant;
using zincir::chat_template;
using zincir::chat_template_inputs;
using zincir::chat_template_options;
using zincir::errc;
using zincir::error;
using zincir::message;
using zincir::messages;
using zincir::tool_call;
using zincir::tool_result;
using zincir::user;

// Roles as they come, nothing of tools.
constexpr std::string_view chatml = R"({% for message in messages %}
{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant\n' }}
{%- endif %})";

// Tools with arguments as objects, one call a reply.
constexpr std::string_view llama = R"({{- bos_token }}
{%- for message in messages %}
{%- if message.tool_calls %}
{%- if message.tool_calls | length != 1 %}{{ raise_exception('single tool-calls only') }}{% endif %}
{%- set call = message.tool_calls[0].function %}
{{- '<assistant>{"name": "' + call.name + '", "parameters": ' }}{{ call.arguments | tojson }}}<eot>
{%- elif message.role == 'tool' %}
{{- '<ipython>' + (message.content | tojson) + '<eot>' }}
{%- else %}
{{- '<' + message.role + '>' + message.content + '<eot>' }}
{%- endif %}
{%- if loop.first and tools %}{{ '[tools]' + (tools | tojson) }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<assistant>{% endif %})";

// Turns alternate, no system role, as Gemma 2 and the first Mistral.
constexpr std::string_view alternating = R"({% for message in messages %}
{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Conversation roles must alternate user/assistant') }}
{% endif %}
{{ '[' + message.role + ']' + message.content }}
{%- endfor %})";

// Lists of parts and nothing else; reasoning; calls where the content is null, with arguments as text.
constexpr std::string_view typed = R"({% for m in messages %}<{{ m.role }}>
{%- if m.thinking %}({{ m.thinking }}){% endif %}
{%- if m.content is not none and m.content is not string %}
{%- for part in m.content %}{% if part.type == 'text' %}{{ part.text }}{% else %}<{{ part.type }}>{% endif %}{% endfor %}
{%- elif m.tool_calls %}
{%- for c in m.tool_calls %}{{ c.function.name + c.function.arguments }};{% endfor %}
{%- endif %}
{%- endfor %})";

message calls(std::initializer_list<tool_call> all, std::string text = {})
{
    auto m = assistant(std::move(text));
    if (m.text().empty())
        m.content.clear();
    for (const auto& c : all)
        m.content.emplace_back(c);
    return m;
}

chat_template_inputs with_weather()
{
    chat_template_inputs inputs;
    zincir::tool_definition tool;
    tool.name = "weather";
    tool.description = "Hava durumu";
    tool.parameters =
        zincir::json::value(boost::json::parse(R"({"type":"object","properties":{"city":{"type":"string"}}})")).as_object();
    inputs.tools.push_back(std::move(tool));
    return inputs;
}

messages two_calls()
{
    return messages(user("İyi mi?"),
                    calls({tool_call("a", "weather", R"({"city": "Iğdır"})"), tool_call("b", "weather", R"({"city": "Van"})")}),
                    tool_result("a", "21"), tool_result("b", "7"));
}

TEST(chat_template, renders_roles_and_opens_the_reply)
{
    const chat_template t(chatml);
    EXPECT_EQ(t.render(messages(zincir::system("Kısa ol."), user("İğne ş?"))),
              "<|im_start|>system\nKısa ol.<|im_end|>\n<|im_start|>user\nİğne ş?<|im_end|>\n<|im_start|>assistant\n");
    chat_template_inputs closed;
    closed.add_generation_prompt = false;
    EXPECT_EQ(t.render(messages("hi"), closed), "<|im_start|>user\nhi<|im_end|>\n");
}

TEST(chat_template, finds_what_a_template_of_texts_supports)
{
    const auto can = chat_template(chatml).capabilities();
    EXPECT_TRUE(can.system_role);
    EXPECT_FALSE(can.developer_role);
    EXPECT_FALSE(can.tools);
    EXPECT_FALSE(can.tool_calls);
    EXPECT_TRUE(can.tool_responses);
    EXPECT_FALSE(can.typed_content);
    EXPECT_FALSE(can.reasoning);
}

TEST(chat_template, lets_developers_speak_as_the_system_where_the_template_does_not_name_them)
{
    const messages turns(zincir::developer("Kısa ol."), user("Selam"));
    EXPECT_EQ(chat_template("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}").render(turns),
              "<system>Kısa ol.<user>Selam");
    constexpr std::string_view names =
        "{% for m in messages %}{% if m.role == 'developer' %}<instructions>{% else %}<{{ m.role }}>{% endif %}{{ m.content }}{% "
        "endfor %}";
    EXPECT_TRUE(chat_template(names).capabilities().developer_role);
    EXPECT_EQ(chat_template(names).render(turns), "<instructions>Kısa ol.<user>Selam");
}

TEST(chat_template, finds_what_a_template_of_tools_supports)
{
    const auto can = chat_template(llama).capabilities();
    EXPECT_TRUE(can.tools);
    EXPECT_TRUE(can.tool_calls);
    EXPECT_TRUE(can.tool_responses);
    EXPECT_TRUE(can.object_arguments);
    EXPECT_FALSE(can.parallel_tool_calls);
}

TEST(chat_template, finds_what_a_template_of_parts_supports)
{
    const auto can = chat_template(typed).capabilities();
    EXPECT_TRUE(can.requires_typed_content);
    EXPECT_TRUE(can.system_role);
    EXPECT_TRUE(can.reasoning);
    EXPECT_TRUE(can.tool_calls);
    EXPECT_TRUE(can.parallel_tool_calls);
    EXPECT_FALSE(can.object_arguments);
}

TEST(chat_template, finds_calls_that_are_shown_by_their_id)
{
    const auto can = chat_template(
                         "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls %}{{ c.id + c.function.arguments }}"
                         "{% endfor %}{% endfor %}")
                         .capabilities();
    EXPECT_TRUE(can.tool_calls);
    EXPECT_TRUE(can.parallel_tool_calls);
}

TEST(chat_template, passes_tools_and_arguments_as_objects)
{
    chat_template_options options;
    options.bos_token = "<s>";
    EXPECT_EQ(
        chat_template(llama, options)
            .render(messages(user("Hava?"), calls({tool_call("a", "weather", R"({"city":"Iğdır","n":1.0})")})), with_weather()),
        "<s><user>Hava?<eot>[tools][{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": \"Hava "
        "durumu\", "
        "\"parameters\": {\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}}}]"
        "<assistant>{\"name\": \"weather\", \"parameters\": {\"city\": \"Iğdır\", \"n\": 1.0}}<eot><assistant>");
}

TEST(chat_template, shows_parallel_calls_one_by_one_where_it_must)
{
    EXPECT_EQ(chat_template(llama).render(two_calls()),
              "<user>İyi mi?<eot><assistant>{\"name\": \"weather\", \"parameters\": {\"city\": \"Iğdır\"}}<eot><ipython>\"21\"<eot>"
              "<assistant>{\"name\": \"weather\", \"parameters\": {\"city\": \"Van\"}}<eot><ipython>\"7\"<eot><assistant>");
}

TEST(chat_template, raises_in_the_words_of_the_template_without_polyfill)
{
    chat_template_options options;
    options.polyfills.parallel_tool_calls = false;
    try {
        chat_template(llama, options).render(two_calls());
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_NE(std::string(e.what()).find("single tool-calls only"), std::string::npos) << e.what();
    }
}

TEST(chat_template, folds_the_system_text_into_the_first_user_message)
{
    const chat_template t(alternating);
    EXPECT_FALSE(t.capabilities().system_role);
    EXPECT_EQ(t.render(messages(zincir::system("Kısa ol."), user("Selam"), assistant("Evet"))),
              "[user]Kısa ol.\n\nSelam[assistant]Evet");
    EXPECT_EQ(t.render(messages(zincir::system("Kısa ol."))), "[user]Kısa ol.");
    chat_template_options off;
    off.polyfills.system_role = false;
    EXPECT_THROW(chat_template(alternating, off).render(messages(zincir::system("Kısa ol."), user("Selam"))), error);
}

TEST(chat_template, writes_tools_calls_and_results_as_text_where_it_must)
{
    const auto text = chat_template(alternating).render(two_calls(), with_weather());
    EXPECT_NE(text.find("[user]You can call these tools:\n[{\"type\":\"function\",\"function\":{\"name\":\"weather\""),
              std::string::npos)
        << text;
    EXPECT_NE(
        text.find("\n\nİyi mi?[assistant]{\"tool_calls\":[{\"name\":\"weather\",\"arguments\":{\"city\":\"Iğdır\"},\"id\":\"a\"},"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find("[user]{\"tool_response\":{\"tool\":\"weather\",\"content\":\"21\",\"tool_call_id\":\"a\"}}\n\n"
                        "{\"tool_response\":{\"tool\":\"weather\",\"content\":\"7\",\"tool_call_id\":\"b\"}}"),
              std::string::npos)
        << text;
}

TEST(chat_template, gives_parts_reasoning_and_null_content)
{
    auto thought = calls({tool_call("a", "weather", "{\"city\":  \"Van\"}")});
    thought.content.insert(thought.content.begin(), zincir::reasoning_block("hmm"));
    EXPECT_EQ(chat_template(typed).render(
                  messages(user_parts(zincir::text_block("Ne bu?"), zincir::image_url("https://example.org/a.png")), thought)),
              "<user>Ne bu?<image><assistant>(hmm)weather{\"city\":  \"Van\"};");
}

TEST(chat_template, refuses_a_picture_where_only_texts_are_shown)
{
    try {
        chat_template(chatml).render(messages(user_parts(zincir::image_url("https://example.org/a.png"))));
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::unsupported);
    }
}

TEST(chat_template, reports_a_faulty_template_at_construction)
{
    try {
        chat_template("{% for m in messages %}");
        FAIL();
    } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::invalid_template);
        EXPECT_NE(std::string(e.what()).find("chat template"), std::string::npos) << e.what();
    }
}

TEST(chat_template, takes_extra_variables_and_the_clock)
{
    chat_template_options options;
    options.environment.set_clock([] { return std::chrono::system_clock::time_point(std::chrono::hours(24)); });
    chat_template_inputs inputs;
    inputs.extra["enable_thinking"] = false;
    EXPECT_EQ(chat_template("{{ strftime_now('%Y-%m-%d') }} {{ enable_thinking }} {{ documents is none }}", options)
                  .render(messages("x"), inputs),
              "1970-01-02 False True");
}

TEST(chat_template, is_a_step_behind_a_chat_prompt)
{
    chat_template_inputs closed;
    closed.add_generation_prompt = false;
    const auto chain = zincir::chat_prompt_template(zincir::user("{soru}")) | chat_template(chatml).with(closed);
    zincir::values given("soru", "{Şu} ne?");
    EXPECT_EQ(zincir::sync_wait(chain.invoke(given)), "<|im_start|>user\n{Şu} ne?<|im_end|>\n");
}

}  // namespace

#include <zincir/core/error.hpp>
#include <zincir/prompts/prompt_folder.hpp>

#include <gmock/gmock.h>

#include <fstream>

#include <unistd.h>

namespace zincir {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class prompt_file_test : public testing::Test {
protected:
    void SetUp() override
    {
        base_ = fs::temp_directory_path() / ("zincir-prompt-files-" + std::to_string(::getpid()));
        fs::remove_all(base_);
        fs::create_directories(base_ / "root" / "deep");
    }
    void TearDown() override { fs::remove_all(base_); }
    fs::path write(const std::string& name, const std::string& text) const
    {
        std::ofstream(base_ / "root" / name, std::ios::binary) << text;
        return base_ / "root" / name;
    }
    prompt_file load(const std::string& name, const std::string& text) const { return load_prompt(write(name, text)); }
    // The code and the message that reading the text ends with.
    std::pair<errc, std::string> fault(const std::string& name, const std::string& text) const
    {
        try {
            load(name, text);
        } catch (const error& e) {
            return {static_cast<errc>(e.code().value()), e.facts().message};
        }
        return {errc{}, "no error"};
    }
    std::string fault_in(const prompt_folder& folder, std::string_view name) const
    {
        try {
            folder.get(name);
        } catch (const error& e) {
            return e.facts().message;
        }
        return "no error";
    }

    fs::path base_{};
};

// As langchain-core 1.8.3 wrote it with prompt.save().
constexpr auto saved_yaml = R"(_type: prompt
input_variables:
- konu
- n
metadata: null
name: null
optional_variables: []
output_parser: null
partial_variables: {}
tags: null
template: "{konu} hakk\u0131nda {n} \u015Fey s\xF6yle: {{\xF6rnek}}\n\u0130kinci sat\u0131\
  r.\n"
template_format: f-string
validate_template: false
)";

constexpr auto few_shot_yaml = R"(_type: few_shot
example_prompt:
  _type: prompt
  input_variables: [in, out]
  template: '{in} -> {out}'
example_selector: null
example_separator: '

  --

  '
examples:
- in: "b\xFCy\xFCk"
  out: "k\xFC\xE7\xFCk"
- in: 'no'
  out: '1.0'
- in: '12'
  out: 'yes: #x {y}'
input_variables: [dil, w]
prefix: "Z\u0131dd\u0131 ({dil}):"
suffix: '{w} ->'
template_format: f-string
validate_template: false
)";

TEST_F(prompt_file_test, renders_what_langchain_saved_as_yaml)
{
    EXPECT_EQ(load("p.yaml", saved_yaml).prompt().format(values("konu", "Çay", "n", 2)),
              "Çay hakkında 2 şey söyle: {örnek}\nİkinci satır.\n");
}

TEST_F(prompt_file_test, renders_what_langchain_saved_as_json)
{
    const auto file =
        load("selam.json", R"({"name": null, "input_variables": ["ad"], "optional_variables": [], "output_parser": null,
        "partial_variables": {}, "metadata": null, "tags": null, "template": "Merhaba {ad}, \u015fimdi {{x}}", "template_format": "f-string",
        "validate_template": false, "_type": "prompt"})");
    EXPECT_EQ(file.prompt().format("Ayşe"), "Merhaba Ayşe, şimdi {x}");
    EXPECT_EQ(file.name(), "selam");
    EXPECT_THAT(file.variables(), ElementsAre("ad"));
    EXPECT_EQ(json::value(file.input_schema()), parse_json(R"({"type":"object","properties":{"ad":{}},"required":["ad"]})"));
}

// As much as one rendering may take, for all examples together: a short file can have ten thousand of them.
TEST_F(prompt_file_test, renders_examples_within_the_limits_of_one_rendering)
{
    std::string examples = "{\"a\": 1}";
    for (int i = 1; i < 10'000; ++i)
        examples += ", {\"a\": 1}";
    for (const std::string example : {"{{ 'x' * 1000000 }}", "{% for i in range(99999) %}{% endfor %}"}) {
        const auto failure = fault("bomb.json", R"({"_type": "few_shot", "suffix": "s", "example_prompt": {"_type": "prompt",)"
                                                R"( "template_format": "jinja2", "template": ")" +
                                                    example + R"("}, "examples": [)" + examples + "]}");
        EXPECT_EQ(failure.first, errc::limit_exceeded) << failure.second;
        EXPECT_THAT(failure.second, HasSubstr("examples["));
    }
}

TEST_F(prompt_file_test, joins_few_shot_examples_and_never_reads_their_values_as_templates)
{
    const auto file = load("few.yaml", few_shot_yaml);
    EXPECT_EQ(file.prompt().format(values("dil", "tr", "w", "a")),
              "Zıddı (tr):\n--\nbüyük -> küçük\n--\nno -> 1.0\n--\n12 -> yes: #x {y}\n--\na ->");
    EXPECT_THAT(file.variables(), ElementsAre("dil", "w"));
    EXPECT_EQ(file.chat().format(values("dil", "tr", "w", "a")).at(0).text(), file.prompt().format(values("dil", "tr", "w", "a")));
}

TEST_F(prompt_file_test, reads_the_other_syntaxes)
{
    EXPECT_EQ(load("m.yaml", "template: '{{#items}}- {{.}} {{/items}}'\ntemplate_format: mustache")
                  .prompt()
                  .format(values("items", parse_json(R"(["a","b"])"))),
              "- a - b ");
    EXPECT_EQ(load("j.yaml", "template: '{{ ad|upper }}'\ntemplate_format: jinja2").prompt().format("çay"), "ÇAY");
}

TEST_F(prompt_file_test, reads_templates_and_examples_from_files_beside_it)
{
    write("deep/body.txt", "\xEF\xBB\xBFMerhaba {ad}\r\nson\r\n");
    EXPECT_EQ(load("p.json", R"({"template_path": "deep/body.txt"})").prompt().format("Ali"), "Merhaba Ali\nson\n");
    write("one.yaml", "template: '{q}={a}'");
    write("examples.json", R"([{"q": 1, "a": 2}])");
    const auto few = load("few.json", R"({"_type": "few_shot", "example_prompt_path": "one.yaml", "examples": "examples.json",
        "suffix": "{x}=", "example_separator": "|"})");
    EXPECT_EQ(few.prompt().format("3"), "1=2|3=");
}

TEST_F(prompt_file_test, reads_what_langchain_dumps_of_a_chat)
{
    const auto file =
        load("chat.json", R"({"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "chat", "ChatPromptTemplate"],
      "kwargs": {"input_variables": ["q"], "optional_variables": ["history"], "partial_variables": {"history": [], "rol": "şair"}, "messages": [
       {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "chat", "SystemMessagePromptTemplate"], "kwargs": {"prompt":
        {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "prompt", "PromptTemplate"], "kwargs":
         {"input_variables": ["rol"], "template": "Sen {rol}.", "template_format": "f-string"}, "name": "PromptTemplate"}}},
       {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "chat", "MessagesPlaceholder"], "kwargs":
        {"variable_name": "history", "optional": true, "n_messages": 4}},
       {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs":
        {"content": "fixed {x}", "type": "ai", "tool_calls": [], "invalid_tool_calls": []}},
       {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "chat", "HumanMessagePromptTemplate"], "kwargs": {"prompt": [
        {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "prompt", "PromptTemplate"], "kwargs": {"template": "Bak: {q}"}},
        {"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "image", "ImagePromptTemplate"], "kwargs":
         {"template": {"url": "https://x/{q}", "detail": "low"}}}]}}]}, "name": "ChatPromptTemplate"})");
    const auto turns = file.chat().format(values("q", "n"));
    ASSERT_EQ(turns.size(), 3U);
    EXPECT_EQ(turns[0].text(), "Sen şair.");
    EXPECT_EQ(turns[1].text(), "fixed {x}");
    EXPECT_EQ(turns[2].text(), "Bak: n");
    EXPECT_EQ(std::get<image_block>(turns[2].content.at(1)).source.url, "https://x/n");
    EXPECT_THROW(file.prompt(), error);
    messages history;
    for (int i = 0; i < 6; ++i)
        history.push_back(user("turn"));
    EXPECT_EQ(file.chat().format(values("q", "n", "history", history)).size(), 7U);
}

// A chat of these messages, as dumpd writes it.
std::string dumped(const std::string& messages, const std::string& more = "")
{
    return R"({"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "chat", "ChatPromptTemplate"], "kwargs": {"messages": [)" +
           messages + "]" + more + "}}";
}
std::string dumped(const std::string& name, const std::string& kwargs, const std::string& more)
{
    return R"({"lc": 1, "type": "constructor", "id": ["langchain", ")" + name + R"("], "kwargs": {)" + kwargs + "}" + more + "}";
}
std::string dumped_text(const std::string& text, const std::string& more = "")
{
    return dumped("HumanMessagePromptTemplate",
                  "\"prompt\": " + dumped("PromptTemplate", "\"template\": \"" + text + "\"" + more, ""), "");
}

TEST_F(prompt_file_test, reads_fixed_messages_with_their_calls_and_blocks)
{
    const auto turns =
        load(
            "c.json",
            dumped(
                dumped("AIMessage", R"("content": "", "tool_calls": [{"name": "f", "args": {"a": 1}, "id": "c1"}], "name": "bot")",
                       "") +
                "," + dumped("ToolMessage", R"("content": "{r}", "tool_call_id": "c1", "status": "error")", "") + "," +
                dumped(
                    "HumanMessage",
                    R"("content": ["{x}", {"type": "file", "base64": "JVBERi0xLjQ=", "mime_type": "application/pdf", "filename": "a.pdf"}])",
                    "")))
            .chat()
            .format(values());
    ASSERT_EQ(turns.size(), 3U);
    ASSERT_EQ(turns[0].content.size(), 1U);
    EXPECT_EQ(turns[0].tool_calls().at(0).arguments, R"({"a":1})");
    EXPECT_EQ(turns[0].name, "bot");
    const auto& result = std::get<tool_result_block>(turns[1].content.at(0));
    EXPECT_EQ(result.text, "{r}");
    EXPECT_TRUE(result.is_error);
    const auto& source = std::get<file_block>(turns[2].content.at(1)).source;
    EXPECT_EQ(source.base64 + " " + source.mime_type + " " + source.name, "JVBERi0xLjQ= application/pdf a.pdf");
}

TEST_F(prompt_file_test, reads_values_beforehand_in_every_form)
{
    const auto hole = dumped("MessagesPlaceholder", R"("variable_name": "h")", "");
    const auto file =
        load("p.json", dumped(dumped_text("{a}{b}", R"(, "partial_variables": {"b": "B"})") + "," + hole,
                              R"(, "partial_variables": {"a": "A", "h": [["ai", "x"], "y", {"role": "system", "content": "z"}]},
                                               "tags": ["t"])"));
    const auto turns = file.chat().format(values());
    ASSERT_EQ(turns.size(), 4U);
    EXPECT_EQ(turns[0].text(), "AB");
    EXPECT_EQ(turns[1].role, role::assistant);
    EXPECT_EQ(turns[2].text(), "y");
    EXPECT_EQ(turns[3].role, role::system);
    EXPECT_THAT(file.tags(), ElementsAre("t"));
    EXPECT_THAT(fault("q.json", dumped(dumped_text("{b}", R"(, "partial_variables": {"b": "B"})") + "," +
                                       dumped_text("{b}", R"(, "partial_variables": {"b": "C"})")))
                    .second,
                HasSubstr("another part of this prompt gives \"b\" another value"));
}

TEST_F(prompt_file_test, refuses_what_langchain_wrote_by_its_name_only)
{
    const std::string function = R"({"lc": 1, "type": "not_implemented", "id": ["m", "now"], "repr": "<function now>"})";
    EXPECT_THAT(
        fault("a.json", dumped("PromptTemplate", R"("template": "{x}", "partial_variables": {"x": )" + function + "}", "")).second,
        HasSubstr("partial_variables.x: LangChain could not write this value"));
    EXPECT_THAT(fault("b.json", dumped(dumped_text("{x}"), R"(, "partial_variables": {"x": )" + function + "}")).second,
                HasSubstr("LangChain could not write this value"));
    EXPECT_THAT(fault("c.json", dumped(dumped_text("{x}"), ", \"schema_\": " + function)).second,
                HasSubstr("LangChain did not write this schema"));
    EXPECT_THAT(fault("d.json", dumped(function)).second, HasSubstr("LangChain did not write this now, it only named it"));
    EXPECT_THAT(fault("e.json", dumped("RunnableBinding", "", "")).second,
                HasSubstr("\"RunnableBinding\" is no prompt that is read"));
}

TEST_F(prompt_file_test, reads_front_matter_and_marks)
{
    const auto file = load("cevir.prompt",
                           "---\nmodel: groq:llama-3.3-70b-versatile\nformat: fstring\noptions:\n  temperature: 0.2\n"
                           "  max_output_tokens: 50\n  stop: [END]\ninput:\n  default: {dil: Türkçe}\n"
                           "output:\n  schema:\n    answer: string, what it is\n    tags?(array): string\n---\n"
                           "--- system\nWrite {dil}.\n\\--- not a mark\n\n--- messages history?\n--- user\n{soru}\n");
    EXPECT_EQ(file.model(), "groq:llama-3.3-70b-versatile");
    EXPECT_EQ(file.options().temperature, 0.2);
    EXPECT_EQ(file.options().max_output_tokens, 50);
    EXPECT_THAT(*file.options().stop, ElementsAre("END"));
    EXPECT_EQ(json::value(*file.output_schema()),
              parse_json(R"({"type":"object","properties":{"answer":{"type":"string","description":"what it is"},
                             "tags":{"type":["array","null"],"items":{"type":"string"}}},"additionalProperties":false,"required":["answer"]})"));
    EXPECT_EQ(file.options().response_format->what(), response_format::kind::json_schema);
    const auto turns = file.chat().format(values("soru", "Why?"));
    ASSERT_EQ(turns.size(), 2U);
    EXPECT_EQ(turns[0].text(), "Write Türkçe.\n--- not a mark");
    EXPECT_EQ(turns[1].text(), "Why?");
    EXPECT_EQ(file.chat().format(values("soru", "Why?", "dil", "English"))[0].text(), "Write English.\n--- not a mark");
    EXPECT_THAT(file.variables(), ElementsAre("soru"));
}

TEST_F(prompt_file_test, takes_schemas_that_the_program_names)
{
    named_schemas schemas;
    schemas["Foo"] = parse_json(R"({"type": "number", "description": "a foo"})").as_object();
    schemas["Either"] = parse_json(R"({"anyOf": [{"type": "string"}, {"type": "number"}]})").as_object();
    const auto schema = [&](const std::string& text) {
        return json::value(
            *load_prompt(write("n.prompt", "---\noutput:\n  schema: " + text + "\n---\nx"), {}, schemas).output_schema());
    };
    EXPECT_EQ(schema("Foo, another"), parse_json(R"({"type": "number", "description": "another"})"));
    EXPECT_EQ(schema("{a: Foo, 'b?': 'Foo, no foo', 'c(array)': Foo, 'd?': Either}"),
              parse_json(R"({"type": "object", "additionalProperties": false, "required": ["a", "c"], "properties": {
                  "a": {"type": "number", "description": "a foo"}, "b": {"type": ["number", "null"], "description": "no foo"},
                  "c": {"type": "array", "items": {"type": "number", "description": "a foo"}},
                  "d": {"anyOf": [{"anyOf": [{"type": "string"}, {"type": "number"}]}, {"type": "null"}]}}})"));
    EXPECT_THAT(fault("m.prompt", "---\noutput:\n  schema: {a: strnig}\n---\nx").second,
                HasSubstr("line 3, column 12: output.schema.a: \"strnig\" is neither a type of Picoschema"));
    prompt_folder_options options;
    options.schemas = schemas;
    EXPECT_EQ(prompt_folder(base_ / "root", options).get("n").name(), "n");
}

TEST_F(prompt_file_test, reads_dotprompt_files)
{
    const auto file =
        load("greet.prompt",
             "---\r\nmodel: googleai/gemini\r\nconfig:\r\n  temperature: 1\r\n  topK: 20\r\noutput:\r\n  "
             "format: json\r\n---\r\n{{role \"system\"}}You are {{who}}.\r\n{{history}}\r\n{{role \"user\"}}\r\nHi\r\n");
    EXPECT_EQ(file.options().extra.at("top_k"), json::value(20));
    EXPECT_EQ(file.options().response_format->what(), response_format::kind::json_object);
    const auto turns = file.chat().format(values("who", "Ali", "history", messages(assistant("before"))));
    ASSERT_EQ(turns.size(), 3U);
    EXPECT_EQ(turns[0].role, role::system);
    EXPECT_EQ(turns[0].text(), "You are Ali.");
    EXPECT_EQ(turns[2].text(), "Hi");
    const auto short_one = load("if.prompt", "Hi{{#if name}} {{name}}{{/if}}!");
    EXPECT_EQ(short_one.prompt().format("Ali"), "Hi Ali!");
    EXPECT_EQ(short_one.prompt().format(values()), "Hi!");
}

TEST_F(prompt_file_test, reads_pictures_of_dotprompt_files)
{
    const auto file = load("look.prompt",
                           "{{role \"system\"}}Look.\n{{role \"user\"}}\nWhat is {{it}}? {{media url=picture}}\nAnd:\n"
                           "{{#if sound}}{{media url=sound contentType=\"audio/wav\"}}{{/if}}\n{{#if it}}Briefly.{{/if}}\n");
    EXPECT_THAT(file.variables(), ElementsAre("it", "picture"));
    const auto turns = file.chat().format(values("it", "this", "picture", "https://x/a.png"));
    ASSERT_EQ(turns.size(), 2U);
    ASSERT_EQ(turns[1].content.size(), 4U);
    EXPECT_EQ(std::get<text_block>(turns[1].content[0]).text, "What is this?");
    EXPECT_EQ(std::get<image_block>(turns[1].content[1]).source.url, "https://x/a.png");
    EXPECT_EQ(std::get<text_block>(turns[1].content[3]).text, "Briefly.");
    const auto heard = file.chat().format(
        values("it", "this", "picture", "https://x/a.png", "sound", "data:audio/wav;base64,UklGRiQAAABXQVZFZm10IA=="));
    ASSERT_EQ(heard[1].content.size(), 5U);
    EXPECT_EQ(std::get<audio_block>(heard[1].content[3]).source.mime_type, "audio/wav");
    EXPECT_THAT(fault("a.prompt", "x\n{{media picture}}").second, HasSubstr("line 2, column 1: media takes url=name"));
    EXPECT_THAT(fault("b.prompt", "{{#each pictures}}{{media url=this}}{{/each}}").second, HasSubstr("outside of blocks"));
    EXPECT_THAT(fault("c.prompt", "{{section \"out\"}}").second, HasSubstr("{{section …}} is not supported"));
    EXPECT_THAT(fault("d.prompt", "x {{media url=p}} y\nş {{z").second, HasSubstr("line 2, column 3"));
    EXPECT_THAT(fault("e.prompt", "---\ntools: [a]\n---\nx").second,
                HasSubstr("line 2, column 1: tools: tools are functions of the program"));
    EXPECT_THAT(fault("f.prompt", "---\nvariant: formal\n---\nx").second, HasSubstr("a variant is a file of its own"));
}

TEST_F(prompt_file_test, names_an_unknown_member_with_its_place_and_the_nearest_one)
{
    EXPECT_THAT(
        fault("a.prompt", "---\nmodel: x\noptions:\n  temprature: 1\n---\nhi").second,
        HasSubstr("template \"a.prompt\", line 4, column 3: options.temprature: there is no member of this name here; did you mean "
                  "\"temperature\"?"));
    EXPECT_THAT(fault("a.json", "{\n \"template\": \"x [{\\\"\",\n \"ğ\": [1, {\"a\": 2}],  \"templte_format\": 1}").second,
                HasSubstr("line 3, column 2: ğ: there is no member"));
    EXPECT_THAT(
        fault("b.json", "{\n \"template\": \"x\", \"templte_format\": 1}").second,
        HasSubstr("line 2, column 19: templte_format: there is no member of this name here; did you mean \"template_format\"?"));
    EXPECT_THAT(fault("b.yaml", "template: ş\ntemplate_format:   fstrin").second, HasSubstr("line 2, column 1"));
    EXPECT_THAT(fault("c.prompt", "--- sytem\nx").second,
                HasSubstr("line 1, column 1: there is no mark \"sytem\"; did you mean \"system\"?"));
}

TEST_F(prompt_file_test, says_where_bad_input_is)
{
    EXPECT_THAT(fault("a.json", "{\"template\": }").second, HasSubstr("line 1, column 14"));
    EXPECT_THAT(fault("a.yaml", "şş: [1\nb: 2").second, HasSubstr("template \"a.yaml\", line 2"));
    EXPECT_THAT(fault("b.yaml", "template: a\ntemplate: b").second,
                HasSubstr("line 2, column 1: the name \"template\" is given twice"));
    EXPECT_THAT(fault("c.yaml", "template: a\xFF").second, HasSubstr("is not UTF-8: byte 11"));
    EXPECT_THAT(fault("d.prompt", "---\nmodel: x\n").second, HasSubstr("has no line \"---\""));
    EXPECT_THAT(fault("f.yaml", "template: !!python/object:os.system x").second, HasSubstr("is not supported"));
    EXPECT_THAT(fault("g.yaml", "template: {a: b}").second, HasSubstr("template: this is an object; a text is wanted"));
    EXPECT_THAT(fault("h.exe", "x").second, HasSubstr("no prompt file by its extension"));
    EXPECT_THAT(fault("i.yaml", "_type: prompt\ntemplate: '{x}'\ninput_variables: [y]\nvalidate_template: true").second,
                HasSubstr("the variable \"x\", which is not listed"));
    EXPECT_EQ(fault("j.yaml", "template: x\noutput_parser: {_type: regex}").first, errc::invalid_template);
}

TEST_F(prompt_file_test, counts_lines_and_columns_from_the_files_begin)
{
    EXPECT_THAT(fault("a.prompt", "---\nformat: fstring\n---\n\n  \nHi {x").second,
                HasSubstr("template \"a.prompt\", line 6, column 4: this { is never closed"));
    EXPECT_THAT(fault("b.md", "one\ntwo {").second, HasSubstr("template \"b.md\", line 2, column 5"));
    EXPECT_THAT(fault("c.prompt", "---\nformat: jinja\n---\n--- system\nA\n--- user\nş {{ b\n").second,
                HasSubstr("template \"c.prompt\", message 1 (user), line 7, column "));
    EXPECT_THAT(fault("d.prompt", "x\n{{role \"system\"}}şş {{#a}}\n").second,
                HasSubstr("template \"d.prompt\", message 1 (system), line 2, column 21: \"a\" is opened here"));
    try {
        load("e.prompt", "---\nmodel: m\n---\n--- system\nA\n\n--- user\n\nB\n {{c}}").chat().format(values("d", "x"));
        FAIL() << "no error";
    } catch (const error& e) {
        EXPECT_THAT(e.facts().message, HasSubstr("template \"e.prompt\", message 1 (user), line 10, column 2: no value for {{c}}"));
    }
    EXPECT_THAT(fault("f.json", R"({"name": "n",
        "template": "{x"})")
                    .second,
                HasSubstr("template \"f.json, template\", line 1, column 1"));
}

TEST_F(prompt_file_test, reads_quoted_yaml_as_pyyaml_writes_it)
{
    const auto text = [&](const std::string& yaml) { return load("q.yaml", "template: " + yaml).prompt().format(values()); };
    EXPECT_EQ(text("'\n\n\n  '"), "\n\n");
    EXPECT_EQ(text("'a\n\n\n  '"), "a\n\n");
    EXPECT_EQ(text("'it''s  \n   on'"), "it's on");
    EXPECT_EQ(text("!!str 'a\n\n  b'"), "a\nb");
    EXPECT_EQ(text("&here # why\n  \"a\\N\\_\\x41\\u015F\\U0001F4CE\\0b\""), std::string("a\u0085\u00A0A\u015F\U0001F4CE\0b", 14));
    EXPECT_EQ(text("\"a \\\n  \\  b\\\n\n  c\""), "a   b\nc");
    EXPECT_EQ(text("\"\\t\\\"\\\\ \""), "\t\"\\ ");
}

TEST_F(prompt_file_test, reads_scalars_by_the_core_schema_of_yaml_1_2)
{
    const auto file = load("s.prompt",
                           "---\nmetadata: {a: no, b: 0x1F, c: 010, d: '12', e: 1.5e3, f: ~, g: True, h: 2024-01-01, i: 0o17, "
                           "j: !!str 7}\n---\nx");
    EXPECT_EQ(json::value(file.metadata()),
              parse_json(R"({"a":"no","b":31,"c":10,"d":"12","e":1500.0,"f":null,"g":true,"h":"2024-01-01","i":15,"j":"7"})"));
    EXPECT_THAT(fault("t.prompt", "---\nmetadata: {a: .inf}\n---\nx").second, HasSubstr("no number that JSON knows"));
}

TEST_F(prompt_file_test, opens_aliases_and_stops_bombs)
{
    const auto file = load("a.prompt", "---\nmetadata: {a: &x [1, {k: v}], b: *x}\n---\nx");
    EXPECT_EQ(file.metadata().at("b"), parse_json(R"([1,{"k":"v"}])"));
    std::string bomb = "---\nmetadata:\n  a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        bomb += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 9; ++j)
            bomb += (j ? ",*a" : "*a") + std::to_string(i - 1);
        bomb += "]\n";
    }
    EXPECT_EQ(fault("bomb.prompt", bomb + "---\nx").first, errc::limit_exceeded);
    const auto wide = "---\nmetadata: {a: &a " + std::string(200'000, 'x') + ", b: [";
    std::string aliases;
    for (int i = 0; i < 1000; ++i)
        aliases += "*a, ";
    EXPECT_EQ(fault("wide.prompt", wide + aliases + "1]}\n---\nx").first, errc::limit_exceeded);
    EXPECT_EQ(fault("deep.yaml", std::string(1000, '[') + std::string(1000, ']')).first, errc::limit_exceeded);
    EXPECT_EQ(fault("open.yaml", std::string(100'000, '[')).first, errc::invalid_template);
    EXPECT_EQ(fault("deep.json", std::string(100'000, '[')).first, errc::limit_exceeded);
    EXPECT_THAT(fault("self.yaml", "template: &a [*a]").second, HasSubstr("stands inside of what it stands for"));
    EXPECT_EQ(fault("big.yaml", "template: " + std::string(2 << 20, 'x')).first, errc::limit_exceeded);
}

TEST_F(prompt_file_test, never_leaves_the_folder)
{
    std::ofstream(base_ / "secret.txt") << "secret";
    fs::create_symlink(base_ / "secret.txt", base_ / "root" / "out.txt");
    for (const std::string path : {"../secret.txt", "/etc/hosts.txt", "deep/../../secret.txt", "out.txt", "missing.txt"})
        EXPECT_EQ(fault("p.json", R"({"template_path": ")" + path + "\"}").first, errc::invalid_argument) << path;
    EXPECT_THAT(fault("p.yaml", "template_path: ../secret.txt").second, HasSubstr("line 1, column 1: template_path: "));
    const prompt_folder folder(base_ / "root");
    EXPECT_THAT(fault_in(folder, "../secret.txt"), HasSubstr("has a part .."));
    EXPECT_THAT(fault_in(folder, "out"), HasSubstr("leads out"));
    EXPECT_THAT(fault_in(folder, "missing"), HasSubstr("there is no prompt file \"missing\""));
    EXPECT_THROW(load_prompt(base_ / "root" / "missing.json"), error);
}

TEST_F(prompt_file_test, refuses_files_that_name_one_another_in_a_circle)
{
    write("b.yaml", "_type: few_shot\nexample_prompt_path: a.yaml\nexamples: []\nsuffix: x");
    EXPECT_THAT(fault("a.yaml", "_type: few_shot\nexample_prompt_path: b.yaml\nexamples: []\nsuffix: x").second,
                HasSubstr("in a circle"));
}

TEST_F(prompt_file_test, takes_partials_from_the_folder)
{
    write("head.mustache", "Merhaba {{ad}}, ");
    write("page.mustache", "{{>head.mustache}}nasılsın?");
    EXPECT_EQ(prompt_folder(base_ / "root").get("page").prompt().format(values("ad", "Ece")), "Merhaba Ece, nasılsın?");
}

TEST_F(prompt_file_test, keeps_what_it_read_unless_it_is_to_reload)
{
    write("p.txt", "one");
    const prompt_folder still(base_ / "root");
    prompt_folder_options options;
    options.reload = true;
    const prompt_folder reloading(base_ / "root", options);
    EXPECT_EQ(still.get("p").prompt().format(values()), "one");
    EXPECT_EQ(reloading.get("p").prompt().format(values()), "one");
    write("p.txt", "three");
    EXPECT_EQ(still.get("p").prompt().format(values()), "one");
    EXPECT_EQ(reloading.get("p").prompt().format(values()), "three");
}

// Within one tick of the file system's clock, and of the same size.
TEST_F(prompt_file_test, sees_an_edit_that_leaves_time_and_size)
{
    const auto path = write("p.txt", "one");
    prompt_folder_options options;
    options.reload = true;
    const prompt_folder folder(base_ / "root", options);
    for (const std::string text : {"two", "six", "ten"}) {
        const auto time = fs::last_write_time(path);
        folder.get("p");
        write("p.txt", text);
        fs::last_write_time(path, time);
        EXPECT_EQ(folder.get("p").prompt().format(values()), text);
    }
    EXPECT_EQ(folder.get("p").prompt().format(values()), "ten");
}

TEST_F(prompt_file_test, sees_a_file_that_was_missing)
{
    prompt_folder_options options;
    options.reload = true;
    const prompt_folder folder(base_ / "root", options);
    write("p.json", R"({"template_path": "body.txt"})");
    EXPECT_THROW(folder.get("p"), error);
    write("body.txt", "now");
    EXPECT_EQ(folder.get("p").prompt().format(values()), "now");
    fs::remove(base_ / "root" / "body.txt");
    EXPECT_THROW(folder.get("p"), error);
}

TEST_F(prompt_file_test, reloads_when_a_file_that_it_names_changes)
{
    write("body.txt", "one");
    write("p.json", R"({"template_path": "body.txt"})");
    prompt_folder_options options;
    options.reload = true;
    const prompt_folder folder(base_ / "root", options);
    EXPECT_EQ(folder.get("p").prompt().format(values()), "one");
    write("body.txt", "three");
    EXPECT_EQ(folder.get("p").prompt().format(values()), "three");
}

TEST_F(prompt_file_test, keeps_the_last_good_one_of_a_broken_edit_and_tells_once)
{
    write("p.txt", "good");
    int told = 0;
    prompt_folder_options options;
    options.reload = true;
    options.keep_last_good = true;
    options.on_error = [&](const error& e) { told += e.code() == errc::invalid_template; };
    const prompt_folder folder(base_ / "root", options);
    EXPECT_EQ(folder.get("p").prompt().format(values()), "good");
    write("p.txt", "broken {");
    EXPECT_EQ(folder.get("p").prompt().format(values()), "good");
    EXPECT_EQ(folder.get("p").prompt().format(values()), "good");
    EXPECT_EQ(told, 1);
    write("p.txt", "mended, at last");
    EXPECT_EQ(folder.get("p").prompt().format(values()), "mended, at last");

    options.keep_last_good = false;
    const prompt_folder strict(base_ / "root", options);
    strict.get("p");
    write("p.txt", "broken {");
    EXPECT_THROW(strict.get("p"), error);
}

TEST_F(prompt_file_test, refuses_a_name_that_two_files_have)
{
    write("p.txt", "a");
    write("p.md", "b");
    EXPECT_THAT(fault_in(prompt_folder(base_ / "root"), "p"), HasSubstr("two prompt files are called \"p\""));
}

}  // namespace
}  // namespace zincir

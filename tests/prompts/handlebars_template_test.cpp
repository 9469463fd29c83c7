#include <zincir/core/json.hpp>
#include <zincir/prompts/chat_prompt_template.hpp>

#include <gmock/gmock.h>

namespace zincir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template_options handlebars(undefined_policy undefined = undefined_policy::error)
{
    template_options options;
    options.format = template_format::handlebars;
    options.undefined = undefined;
    return options;
}

values given()
{
    return values::from_json(
        parse_json(R"({"ad": "Çağrı", "n": 0, "none": null, "yes": true, "empty": "", "list": ["a", "ş"], "leer": [],
        "o": {"k": "v", "in": {"x": 1}}, "bare": {}, "people": [{"ad": "Ayşe", "yaş": 31}, {"ad": "Ali"}], "html": "<b>&"})")
            .as_object());
}

struct handlebars_case {
    const char* text;
    const char* rendered;
    friend std::ostream& operator<<(std::ostream& out, const handlebars_case& c) { return out << c.text; }
};
class handlebars_texts : public testing::TestWithParam<handlebars_case> {};
TEST_P(handlebars_texts, render) { EXPECT_EQ(prompt_template(GetParam().text, handlebars()).format(given()), GetParam().rendered); }
INSTANTIATE_TEST_SUITE_P(
    values, handlebars_texts,
    testing::Values(handlebars_case{"{{ad}} {{ ad }} {{{html}}} {{html}} {{&html}}", "Çağrı Çağrı <b>& <b>& <b>&"},
                    handlebars_case{"{{o.k}} {{o/in/x}} {{this.o.k}} {{@root.ad}}", "v 1 v Çağrı"},
                    handlebars_case{"[{{none}}][{{empty}}][{{n}}][{{yes}}][{{list}}]", "[][][0][true][[\"a\",\"ş\"]]"},
                    handlebars_case{"\\{{ad}} \\\\{{ad}} \\{{#if x}}", "{{ad}} \\Çağrı {{#if x}}"},
                    handlebars_case{"{{! no }}a{{!-- {{ad}} -- }} --}}b", "ab"},
                    handlebars_case{"{{json o}} {{json list indent=2}} {{json bare indent=2}}",
                                    "{\"k\":\"v\",\"in\":{\"x\":1}} [\n  \"a\",\n  \"ş\"\n] {}"}));
INSTANTIATE_TEST_SUITE_P(
    conditions, handlebars_texts,
    testing::Values(handlebars_case{"{{#if ad}}1{{else}}2{{/if}}{{#if n}}1{{else}}2{{/if}}{{#if missing}}1{{else}}2{{/if}}", "122"},
                    handlebars_case{"{{#if leer}}1{{else}}2{{/if}}{{#if bare}}1{{else}}2{{/if}}{{#if empty}}1{{^}}2{{/if}}", "212"},
                    handlebars_case{"{{#if n}}a{{else if none}}b{{else if yes}}c{{else}}d{{/if}}", "c"},
                    handlebars_case{"{{#unless n}}a{{else}}b{{/unless}}{{#unless ad}}a{{else}}b{{/unless}}", "ab"},
                    handlebars_case{"{{#ifEquals n 0}}a{{else}}b{{/ifEquals}}{{#ifEquals n \"0\"}}a{{else}}b{{/ifEquals}}", "ab"},
                    handlebars_case{"{{#unlessEquals ad 'Ali'}}a{{/unlessEquals}}{{#ifEquals none missing}}c{{/ifEquals}}", "ac"},
                    handlebars_case{"{{#ifEquals list list}}a{{/ifEquals}}{{#ifEquals leer bare}}b{{/ifEquals}}", "a"}));
INSTANTIATE_TEST_SUITE_P(
    blocks, handlebars_texts,
    testing::Values(
        handlebars_case{"{{#each list}}{{@index}}{{this}}{{.}}{{#if @last}}.{{else}}, {{/if}}{{/each}}", "0aa, 1şş."},
        handlebars_case{"{{#each o}}{{@key}};{{/each}}{{#each leer}}x{{else}}none{{/each}}", "k;in;none"},
        handlebars_case{"{{#each people}}{{ad}} of {{../ad}}{{#if @first}}, {{/if}}{{/each}}", "Ayşe of Çağrı, Ali of Çağrı"},
        handlebars_case{"{{#each people as |p i|}}{{i}}{{p.ad}}{{/each}}", "0Ayşe1Ali"},
        handlebars_case{"{{#with o}}{{k}} {{in.x}} {{../ad}} {{@root.n}}{{/with}}{{#with none}}{{else}}-{{/with}}", "v 1 Çağrı 0-"},
        handlebars_case{"{{#people}}{{ad}} {{/people}}{{#o}}{{k}}{{/o}}{{^leer}}none{{/leer}}{{#leer}}x{{/leer}}",
                        "Ayşe Ali vnone"},
        handlebars_case{"{{#each people}}{{#each ../list}}{{../ad}}{{this}} {{/each}}{{/each}}", "Ayşea Ayşeş Alia Aliş "}));
INSTANTIATE_TEST_SUITE_P(white_space, handlebars_texts,
                         testing::Values(handlebars_case{"a  {{~ad~}}  b", "aÇağrıb"},
                                         handlebars_case{"a {{ad~}} \n\n b", "a Çağrıb"},
                                         handlebars_case{"a\n  {{#if ad}}  \nb\n{{else}}\nc\n{{/if}}\nd", "a\nb\nd"},
                                         handlebars_case{"{{#each list}}\r\n- {{this}}\r\n{{/each}}\r\n", "- a\r\n- ş\r\n"},
                                         handlebars_case{"Items:{{#each list~}}\n- {{this}}\n{{~/each}}Done", "Items:- a- şDone"},
                                         handlebars_case{"x {{#if ad}}\ny\n{{/if}} z", "x \ny\n z"},
                                         handlebars_case{"{{! c }}\na", "a"}));

TEST(handlebars_template, lists_what_a_call_gives)
{
    EXPECT_THAT(
        prompt_template(
            "{{a.x}}{{#if b}}{{c}}{{/if}}{{#each d}}{{e}}{{../f}}{{@root.g}}{{@index}}{{/each}}{{#with h as |i|}}{{i}}{{/with}}"
            "{{json j}}{{#ifEquals k 1}}{{/ifEquals}}{{this}}",
            handlebars())
            .variables(),
        ElementsAre("a", "b", "c", "d", "f", "g", "h", "j", "k"));
}

TEST(handlebars_template, takes_a_bare_value_and_optional_ones)
{
    EXPECT_EQ(prompt_template("Hi{{#if ad}} {{ad}}{{/if}}!", handlebars()).format("Ali"), "Hi Ali!");
    EXPECT_EQ(prompt_template("Hi{{#if ad}} {{ad}}{{/if}}!", handlebars()).format(values()), "Hi!");
    EXPECT_EQ(prompt_template("{{#each h}}{{role}}: {{content}};{{/each}}", handlebars())
                  .format(values("h", messages(user("a"), assistant("b")))),
              "user: a;assistant: b;");
    EXPECT_EQ(prompt_template("a {{b}}", handlebars()).explain().prefix, "a ");
}

TEST(handlebars_template, follows_the_policy_for_what_is_missing)
{
    EXPECT_EQ(prompt_template("[{{x}}]", handlebars(undefined_policy::empty)).format(values()), "[]");
    EXPECT_EQ(prompt_template("[{{x}}]", handlebars(undefined_policy::keep)).format(values()), "[{{x}}]");
}

std::string fault_of(const std::string& text, const values& input = given(), template_options options = handlebars())
{
    try {
        return prompt_template(text, std::move(options)).format(input);
    } catch (const error& e) {
        return e.facts().message;
    }
}

TEST(handlebars_template, says_where_and_why)
{
    EXPECT_THAT(fault_of("a\n ş{{#if ad}}"),
                HasSubstr("line 2, column 3: \"if\" is opened here and never closed: {{/if}} is missing"));
    EXPECT_THAT(fault_of("{{#if ad}}{{/each}}"), HasSubstr("\"each\" is closed here, but \"if\" is open, since line 1, column 1"));
    EXPECT_THAT(fault_of("{{/if}}"), HasSubstr("nothing is open"));
    EXPECT_THAT(fault_of("{{else}}"), HasSubstr("outside of a block"));
    EXPECT_THAT(fault_of("{{#if a}}{{else}}{{else}}{{/if}}"), HasSubstr("a second {{else}}"));
    EXPECT_THAT(fault_of("{{"), HasSubstr("never closed"));
    EXPECT_THAT(fault_of("{{}}"), HasSubstr("has no name"));
    EXPECT_THAT(fault_of("{{#if}}{{/if}}"), HasSubstr("\"if\" takes one value"));
    EXPECT_THAT(fault_of("{{upper ad}}"), HasSubstr("there is no helper \"upper\""));
    EXPECT_THAT(fault_of("{{#repeat ad 3}}{{/repeat}}"), HasSubstr("blocks are #if"));
    EXPECT_THAT(fault_of("{{#if (not a)}}{{/if}}"), HasSubstr("a helper inside of a tag is not supported"));
    EXPECT_THAT(fault_of("{{@secret.x}}"), HasSubstr("no value for {{@secret.x}}"));
    EXPECT_THAT(fault_of("{{a..b}}"), HasSubstr("an empty part"));
    EXPECT_THAT(fault_of("{{#if ad}}{{role \"user\"}}{{/if}}"), HasSubstr("outside of blocks"));
    EXPECT_THAT(fault_of("{{add}}"), HasSubstr("no value for {{add}}; did you mean \"ad\"?"));
    EXPECT_THAT(fault_of("{{#each people}}{{html}}{{/each}}"), HasSubstr("outside of this block there is one: {{../html}}"));
    EXPECT_THAT(fault_of("{{#each ad}}{{/each}}"), HasSubstr("takes a list or an object"));
    EXPECT_THAT(fault_of("{{>none}}"), HasSubstr("there is no partial \"none\""));
}

TEST(handlebars_template, includes_partials_by_name_or_as_prompt_files)
{
    auto files = std::make_shared<memory_loader>();
    files->add("head", "<{{ad}}>").add("_tail.prompt", "---\nmodel: m\n---\n[{{n}}{{bad}}]").add("self", "{{>self}}");
    auto options = handlebars();
    options.environment.set_loader(files);
    EXPECT_EQ(
        prompt_template("{{#each people}}{{>head}}{{/each}}{{#with o}}{{>head ../people.0}}{{/with}}", options).format(given()),
        "<Ayşe><Ali><Ayşe>");
    EXPECT_EQ(prompt_template("{{>head ad='x'}}{{#each list}}{{>head ad=this}}{{/each}}{{>head o ad=n}}", options).format(given()),
              "<x><a><ş><0>");
    EXPECT_EQ(prompt_template("{{@user.name}}", options).format(values("@user", parse_json(R"({"name": "n"})"))), "n");
    EXPECT_THAT(fault_of("{{>tail}}", given(), options), HasSubstr("template \"tail\", line 4, column 7: no value for {{bad}}"));
    EXPECT_THAT(fault_of("{{>self}}", given(), options), HasSubstr("more than 100 deep"));
}

TEST(handlebars_template, ends_at_its_limits)
{
    auto options = handlebars();
    std::string deep, closing;
    for (int i = 0; i < 200; ++i) {
        deep += "{{#if ad}}";
        closing += "{{/if}}";
    }
    EXPECT_THAT(fault_of(deep + closing), HasSubstr("template_limits::depth"));
    EXPECT_THAT(fault_of(deep), HasSubstr("template_limits::depth"));
    json::array many(1000, json::value(1));
    const std::string loops = "{{#each a}}{{#each @root.a}}{{#each @root.a}}{{/each}}{{/each}}{{/each}}";
    EXPECT_THAT(fault_of(loops, values("a", json::value(many))), HasSubstr("template_limits::steps"));
    options.limits.output_bytes = 100;
    EXPECT_THAT(fault_of("{{#each a}}0123456789{{/each}}", values("a", json::value(many)), options),
                HasSubstr("template_limits::output_bytes"));
}

}  // namespace
}  // namespace zincir

// Partials, parents, blocks and lambdas: what reaches beyond the template's own text.

#include "mustache_support.hpp"

using namespace mustache_tests;
using testing::HasSubstr;
using zincir::errc;
using zincir::values;

namespace {

struct inclusion {
    std::string text;
    zincir::memory_loader::map partials;
    std::string expected;
    std::string given = "{'x': 'X', 'name': 'p', 'list': [1, 2], 'o': {'name': 'q'}}";
};
std::ostream& operator<<(std::ostream& out, const inclusion& i) { return out << i.text; }

class mustache_inclusion : public testing::TestWithParam<inclusion> {};

TEST_P(mustache_inclusion, renders)
{
    const auto& i = GetParam();
    EXPECT_EQ(render(i.text, data(i.given), with_partials(i.partials)), i.expected);
}

INSTANTIATE_TEST_SUITE_P(partials, mustache_inclusion,
                         testing::Values(inclusion{"[{{>p}}]", {{"p", "{{x}}"}}, "[X]"},
                                         inclusion{"[{{> a/b.txt }}]", {{"a/b.txt", "ok"}}, "[ok]"},
                                         inclusion{"[{{>none}}]", {}, "[]"},
                                         inclusion{"[{{>p}}|{{>p}}]", {{"p", "{{=< >=}}<x> {{x}}"}}, "[X {{x}}|X {{x}}]"},
                                         inclusion{"{{#list}}{{>p}}{{/list}}", {{"p", "<{{.}}>"}}, "<1><2>"},
                                         inclusion{"  {{>p}}\nend", {{"p", "a\n{{x}}\n\nb"}}, "  a\n  X\n  \n  bend"},
                                         inclusion{"  {{>p}}\nend", {{"p", "a\r\nb\r\n"}}, "  a\r\n  b\r\nend"},
                                         inclusion{" {{>p}}\n", {{"p", "1\n {{>q}}\n2\n"}, {"q", "a\nb\n"}}, " 1\n  a\n  b\n 2\n"},
                                         inclusion{" {{>p}}\n", {{"p", "{{#list}}\n{{.}}\n{{/list}}\n"}}, " 1\n 2\n"},
                                         inclusion{" {{>p}}\n", {{"p", "{{#list}}{{.}}\n{{/list}}"}}, " 1\n2\n"},
                                         inclusion{" {{>p}}\n", {{"p", "{{^no}}a\n{{/no}} b\n"}}, " a\n  b\n"},
                                         inclusion{" {{>p}}|\n", {{"p", "a\nb"}}, " a\nb|\n"},
                                         inclusion{" {{>p}}\n", {{"p", "{{>q}} t\n"}, {"q", "a\nb"}}, " a\nb t\n"}));

INSTANTIATE_TEST_SUITE_P(dynamic_names, mustache_inclusion,
                         testing::Values(inclusion{"{{>*name}}", {{"p", "P {{x}}"}}, "P X"},
                                         inclusion{"{{> * o.name }}", {{"q", "Q"}}, "Q"},
                                         inclusion{"{{#o}}{{>*name}}{{/o}}", {{"p", "P"}, {"q", "Q"}}, "Q"},
                                         inclusion{"{{<*name}}{{$b}}mine{{/b}}{{/*name}}", {{"p", "<{{$b}}{{/b}}>"}}, "<mine>"},
                                         inclusion{"{{< * name }}{{/ * name }}", {{"p", "<{{$b}}d{{/b}}>"}}, "<d>"},
                                         inclusion{"[{{>*x}}]", {}, "[]"}));

INSTANTIATE_TEST_SUITE_P(
    inheritance, mustache_inclusion,
    testing::Values(inclusion{"{{$b}}default {{x}}{{/b}}", {}, "default X"},
                    inclusion{"{{<p}}{{$a}}1{{/a}} ignored {{nobody}} {{$b}}2{{/b}}{{/p}}",
                              {{"p", "{{$b}}{{/b}}{{$a}}{{/a}}{{$c}}3{{/c}}"}},
                              "213"},
                    inclusion{"{{<p}}{{$a}}first{{/a}}{{$a}}second{{/a}}{{/p}}", {{"p", "{{$a}}{{/a}}"}}, "first"},
                    inclusion{"{{<none}}{{$a}}1{{/a}}{{/none}}.", {}, "."},
                    // The outermost text wins, through partials, too.
                    inclusion{"{{<p}}{{$a}}top{{/a}}{{/p}}",
                              {{"p", "{{<q}}{{$a}}mid{{/a}}{{/q}}"}, {"q", "{{>r}}"}, {"r", "{{$a}}low{{/a}}"}},
                              "top"},
                    // What an argument holds is filled by those who inherit from the argument's text, not by that text itself.
                    inclusion{"{{<p}}{{$a}}<{{$a}}inner{{/a}}>{{/a}}{{/p}}", {{"p", "{{$a}}{{/a}}"}}, "<inner>"},
                    inclusion{"{{<page}}{{$title}}T{{/title}}{{$body}}{{<card}}{{$title}}C{{/title}}{{/card}}{{/body}}{{/page}}",
                              {{"page", "{{$title}}{{/title}}:{{$body}}{{/body}}"}, {"card", "[{{$title}}{{/title}}]"}},
                              "T:[C]"},
                    inclusion{"{{#list}}{{<p}}{{$a}}{{.}}{{/a}}{{/p}}{{/list}}", {{"p", "<{{$a}}{{/a}}>"}}, "<1><2>"},
                    inclusion{"a\n  {{<p}}\n  {{$b}}\n    one\n      two\n  {{/b}}\n  {{/p}}\nz",
                              {{"p", "P:\n {{$b}}\n {{/b}}\nQ\n"}},
                              "a\n  P:\n   one\n     two\n  Q\nz"},
                    inclusion{"{{<p}}{{$b}}\n    one\n    two\n{{/b}}{{/p}}", {{"p", "x {{$b}}d{{/b}}|\n"}}, "x one\ntwo\n|\n"},
                    inclusion{"{{<p}}{{$b}}1{{/b}}{{/p}} tail", {{"p", "{{$b}}{{/b}}\n"}}, "1\n tail"},
                    inclusion{" {{<p}}{{/p}} tail", {{"p", "a\nb"}}, " a\nb tail"},
                    inclusion{"{{<p}}{{$b}}\n  {{>q}}\n{{/b}}{{/p}}",
                              {{"p", "-\n    {{$b}}\n    {{/b}}\n"}, {"q", "1\n2\n"}},
                              "-\n    1\n    2\n"}));

TEST(mustache_partials, are_empty_without_a_loader) { EXPECT_EQ(render("[{{>p}}{{<q}}{{/q}}]"), "[]"); }

TEST(mustache_partials, may_use_themselves_while_there_are_values)
{
    const auto options = with_partials({{"node", "{{v}}({{#children}}{{>node}}{{/children}})"}});
    EXPECT_EQ(render("{{>node}}", data("{'v': 1, 'children': [{'v': 2, 'children': []}, {'v': 3, 'children': 0}]}"), options),
              "1(2()3())");
}

TEST(mustache_partials, are_loaded_once_a_rendering)
{
    struct counting final : zincir::template_loader {
        std::optional<std::string> load(std::string_view name) const override
        {
            ++calls;
            return name == "p" ? std::optional<std::string>("x") : std::nullopt;
        }
        mutable int calls = 0;
    };
    const auto loader = std::make_shared<counting>();
    auto options = mustache();
    options.environment.set_loader(loader);
    const zincir::prompt_template t("{{>p}}{{>p}}{{>none}}{{>none}}", options);
    EXPECT_EQ(t.format({}), "xx");
    EXPECT_EQ(loader->calls, 2);
    EXPECT_EQ(t.format({}), "xx");
    EXPECT_EQ(loader->calls, 4);
}

TEST(mustache_partials, name_the_whole_way_to_an_error)
{
    const auto options = with_partials({{"a", "1\n {{>b}}"}, {"b", "ğ{{#x}}"}, {"c", "{{>d}}"}, {"d", "{{nobody}}"}});
    const auto unclosed = thrown_by_rendering("{{>a}}", {}, options);
    EXPECT_EQ(unclosed.code(), errc::invalid_template);
    EXPECT_THAT(unclosed.what(), HasSubstr("template \"b\", line 1, column 2: \"x\" is opened here and never closed"));
    EXPECT_THAT(unclosed.what(), HasSubstr("used at template \"a\", line 2, column 2"));
    EXPECT_THAT(unclosed.what(), HasSubstr("used at template \"template\", line 1, column 1"));
    const auto missing = thrown_by_rendering("\n{{>c}}", {}, options);
    EXPECT_EQ(missing.code(), errc::missing_variable);
    EXPECT_THAT(missing.what(), HasSubstr("template \"d\", line 1, column 1: no value for {{nobody}}"));
    EXPECT_THAT(missing.what(), HasSubstr("used at template \"c\", line 1, column 1"));
    EXPECT_THAT(missing.what(), HasSubstr("used at template \"template\", line 2, column 1"));
}

TEST(mustache_partials, pass_on_what_their_loader_throws)
{
    struct failing final : zincir::template_loader {
        std::optional<std::string> load(std::string_view name) const override
        {
            if (name == "ours")
                throw zincir::error(errc::limit_exceeded, "too large");
            throw std::runtime_error("disk on fire");
        }
    };
    auto options = mustache();
    options.environment.set_loader(std::make_shared<failing>());
    const auto ours = thrown_by_rendering("a {{>ours}}", {}, options);
    EXPECT_EQ(ours.code(), errc::limit_exceeded);
    EXPECT_THAT(ours.what(), HasSubstr("line 1, column 3: the template \"ours\" cannot be loaded: too large"));
    const auto other = thrown_by_rendering("{{>other}}", {}, options);
    EXPECT_EQ(other.code(), errc::invalid_argument);
    EXPECT_THAT(other.what(), HasSubstr("disk on fire"));
}

TEST(mustache_partials, refuse_a_dynamic_name_that_is_no_text_or_not_there)
{
    const auto number = thrown_by_rendering("{{>*n}}", values("n", 1), with_partials({}));
    EXPECT_EQ(number.code(), errc::invalid_argument);
    EXPECT_THAT(number.what(), HasSubstr("the value of \"n\" names a template here, and is no text"));
    EXPECT_EQ(thrown_by_rendering("{{>*n}}", {}, with_partials({})).code(), errc::missing_variable);
    EXPECT_EQ(render("[{{>*n}}]", {}, with_partials({}, zincir::undefined_policy::empty)), "[]");
    EXPECT_EQ(render("[{{>*n}}]", {}, with_partials({}, zincir::undefined_policy::keep)), "[{{>*n}}]");
    const std::string parent = "[{{<*n}}{{$b}}x{{/b}}{{/*n}}]";
    EXPECT_EQ(render(parent, {}, with_partials({}, zincir::undefined_policy::keep)), parent);
}

zincir::template_options with_lambda(std::string_view name, zincir::template_lambda f)
{
    auto options = mustache();
    options.environment.add_lambda(name, std::move(f));
    return options;
}

TEST(mustache_lambda, gets_the_text_as_written_and_its_result_is_rendered)
{
    const auto options = with_lambda("bold", [](std::string_view text) { return "**" + std::string(text) + "**"; });
    EXPECT_EQ(render("{{#bold}}{{x}}{{! c }}{{/bold}}", values("x", "{{y}}"), options), "**{{y}}**");
    EXPECT_EQ(render("a\n{{#bold}}\n {{x}}\n{{/bold}}\nb", values("x", 1), options), "a\n** 1\n**b");
    EXPECT_EQ(render("{{=| |=}}|#bold|{{x}}|x||/bold|", values("x", 1), options), "**{{x}}1**");
    EXPECT_EQ(render("{{^bold}}not{{/bold}}", {}, options), "");
    EXPECT_EQ(render("{{#bold}}x{{/bold}}", values("bold", "a value wins"), options), "x");
    EXPECT_EQ(render("{{#l}}{{#bold}}{{.}}{{/bold}}{{/l}}", data("{'l': [1, 2]}"), options), "**1****2**");
}

TEST(mustache_lambda, of_a_variable_gets_nothing_and_reads_the_default_delimiters)
{
    auto options = with_lambda("made", [](std::string_view text) { return text.empty() ? "<{{x}}|x|>" : "?"; });
    EXPECT_EQ(render("{{=| |=}}|made|", values("x", "&"), options), "<&|x|>");
    options.escape_html = true;
    EXPECT_EQ(render("{{{made}}} {{&made}}", values("x", "1"), options), "<1|x|> <1|x|>");
    EXPECT_EQ(render("<{{made}}>", values("x", "1"), options), "<&lt;1|x|&gt;>");
    EXPECT_EQ(render("{{a.b}}", {}, with_lambda("a.b", [](std::string_view) { return "dotted"; })), "dotted");
}

TEST(mustache_lambda, keeps_the_indentation_of_its_lines)
{
    auto options = with_partials({{"p", "{{#id}}\na\n{{x}}\n{{/id}}\n{{#id}}b\nc{{/id}}\n"}});
    options.environment.add_lambda("id", [](std::string_view text) { return std::string(text); });
    EXPECT_EQ(render("  {{>p}}\n", values("x", 1), options), "  a\n  1\n  b\n  c\n");
}

TEST(mustache_lambda, that_fails_says_where)
{
    const auto ours = thrown_by_rendering("ab {{f}}", {}, with_lambda("f", [](std::string_view) -> std::string {
                                              throw zincir::error(errc::rate_limited, "slow down");
                                          }));
    EXPECT_EQ(ours.code(), errc::rate_limited);
    EXPECT_THAT(ours.what(), HasSubstr("line 1, column 4: the lambda \"f\" failed: slow down"));
    const auto other = thrown_by_rendering(
        "{{#f}}{{/f}}", {}, with_lambda("f", [](std::string_view) -> std::string { throw std::runtime_error("no luck"); }));
    EXPECT_EQ(other.code(), errc::invalid_argument);
    EXPECT_THAT(other.what(), HasSubstr("no luck"));
    const auto malformed = thrown_by_rendering("\n {{f}}", {}, with_lambda("f", [](std::string_view) { return "{{#x}}"; }));
    EXPECT_EQ(malformed.code(), errc::invalid_template);
    EXPECT_THAT(malformed.what(), HasSubstr("template \"f\", line 1, column 1"));
    EXPECT_THAT(malformed.what(), HasSubstr("used at template \"template\", line 2, column 2"));
}

}  // namespace

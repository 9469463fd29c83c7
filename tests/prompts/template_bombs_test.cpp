// Small texts that would make a rendering large or long. Each ends at a limit, or is done; all in bounded memory. Time is not gated
// here: `--gtest_output=xml:…` has the processor time of each.

#include "allocation_counter.hpp"
#include "template_support.hpp"

#include <zincir/core/json.hpp>
#include <zincir/prompts/prompt_template.hpp>

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <string_view>

namespace {

using namespace zincir;
using zincir::testing::repeated;
using zincir::testing::source;
using zincir::testing::syntax;

constexpr std::size_t most_bytes = 50'000'000;  // beside the text and the values

enum class ends { at_limit, refused, done };

struct bomb {
    std::string name;
    std::string text;
    ends how = ends::at_limit;
    memory_loader::map others{};
    undefined_policy undefined = undefined_policy::error;
    bool escape_html = false;
};
std::ostream& operator<<(std::ostream& out, const bomb& b) { return out << b.name; }

// `part` n times, with its number in the place of each #.
std::string numbered(std::string_view part, std::size_t n, std::string_view between = "")
{
    std::string all;
    for (std::size_t i = 0; i < n; ++i) {
        all += i ? between : "";
        for (const char c : part)
            c == '#' ? all += std::to_string(i) : all += c;
    }
    return all;
}

// What a caller may well give: a text of a million letters, a list of a hundred thousand, objects, ten numbers.
const values& given()
{
    static const values all = [] {
        json::array many, texts, objects;
        json::object members;
        for (int i = 0; i < 100'000; ++i)
            many.emplace_back(99'999 - i);
        for (int i = 0; i < 10'000; ++i) {
            texts.emplace_back("text " + std::to_string(i * 7919 % 10'000));
            objects.push_back(json::object{{"n", i % 100}, {"s", "x"}});
            members["m" + std::to_string(i)] = i;
        }
        values v("long", std::string(1'000'000, 'x'), "words", repeated("word ğüş ", 80'000), "a", "a");
        v.set("many", prompt_value(json::value(std::move(many)))).set("texts", prompt_value(json::value(std::move(texts))));
        v.set("objects", prompt_value(json::value(std::move(objects))))
            .set("members", prompt_value(json::value(std::move(members))));
        v.set("l", prompt_value(parse_json("[0,1,2,3,4,5,6,7,8,9]")));
        return v;
    }();
    return all;
}

std::uint64_t cpu_microseconds()
{
    std::timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(t.tv_nsec) / 1000;
}

void explode(const bomb& b, template_format format)
{
    auto options = syntax(format, b.undefined);
    options.escape_html = b.escape_html;
    options.environment.set_loader(std::make_shared<memory_loader>(b.others));
    options.environment.add_lambda("twice", [](std::string_view t) { return std::string(t) + std::string(t); });
    options.environment.add_lambda("again", [](std::string_view t) { return "{{#again}}" + std::string(t) + "{{/again}}"; });
    options.environment.add_filter("echo", [](const template_arguments& a) { return a.positional.at(0); });
    static_cast<void>(given());
    const auto begin = cpu_microseconds();
    const zincir::testing::peak_bytes memory;
    auto how = ends::done;
    std::string why;
    try {
        static_cast<void>(prompt_template(b.text, options).format(given()));
    } catch (const error& e) {
        how = e.code() == errc::limit_exceeded ? ends::at_limit : ends::refused;
        why = e.what();
        EXPECT_NE(why.find("template \""), std::string::npos) << why;
        EXPECT_LT(why.size(), 4'000U) << "an error is for people";
    }
    const auto peak = memory.so_far();
    ::testing::Test::RecordProperty("cpu_us", std::to_string(cpu_microseconds() - begin));
    ::testing::Test::RecordProperty("peak_kb", std::to_string(peak / 1000));
    EXPECT_EQ(how, b.how) << why;
    EXPECT_LE(peak, most_bytes) << why;
}

std::string named(const ::testing::TestParamInfo<bomb>& info)
{
    std::string name = info.param.name;
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)))
            c = '_';
    return name;
}

class jinja_bomb : public ::testing::TestWithParam<bomb> {};
TEST_P(jinja_bomb, ends) { explode(GetParam(), template_format::jinja); }

// A list that is 2^n long when it is written, of n lists.
const std::string branched =
    "{% set n = namespace(t=[1], u=[1], p=(1,)) %}{% for i in range(60) %}{% set n.t = [n.t, n.t] %}{% set n.u = "
    "[n.u, n.u] %}{% set n.p = (n.p, n.p) %}{% endfor %}";
const std::string doubled = "{% set n = namespace(t='abcdefgh') %}{% for i in range(99) %}{% set n.t = ";
std::string doubling(const std::string& expression) { return doubled + expression + " %}{% endfor %}{{ n.t|length }}"; }
std::string often(const std::string& statement) { return "{% for i in range(100000) %}" + statement + "{% endfor %}"; }

INSTANTIATE_TEST_SUITE_P(
    loops, jinja_bomb,
    ::testing::Values(
        bomb{"nested loops", "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"},
        bomb{"nested loops that write",
             "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{{ b }}{% endfor %}{% endfor %}"},
        bomb{"loops over values", "{% for a in many %}{% for b in many %}{% if a == b %}{% endif %}{% endfor %}{% endfor %}"},
        bomb{"filtered loops", "{% for a in many %}{% for b in many if b > 100000 %}{% endfor %}{% endfor %}"},
        bomb{"a range without end", "{{ range(1000000000)|list }}"},
        bomb{"ranges of ranges", often("{{ range(100000)|list|length }}")},
        bomb{"lists from ranges", often("{{ range(100000)|sum }}")},
        bomb{"a recursive loop", "{% for a in l recursive %}{{ loop(l) }}{% endfor %}"},
        bomb{"a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"},
        bomb{"a macro that calls itself twice", "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}"},
        bomb{"macros that call each other",
             "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}"},
        bomb{"macros in expressions", "{% macro m(x) %}{{ (((((m(x ~ 'a'))))))|string }}{% endmacro %}{{ m('a') }}"},
        bomb{"macros that double", "{% macro p0() %}x{% endmacro %}" +
                                       [] {
                                           std::string all;
                                           for (int i = 1; i < 60; ++i)
                                               all += "{% macro p" + std::to_string(i) + "() %}{{ p" + std::to_string(i - 1) +
                                                      "() }}{{ p" + std::to_string(i - 1) + "() }}{% endmacro %}";
                                           return all;
                                       }() +
                                       "{{ p59() }}"},
        bomb{"callers that call",
             "{% macro m() %}{{ caller() }}{% endmacro %}{% macro r() %}{% call m() %}{{ r() }}{% endcall %}{% "
             "endmacro %}{{ r() }}"},
        bomb{"a block in itself", "{% block x %}{{ self.x() }}{% endblock %}"},
        bomb{"includes itself", "{% include 'p' %}", ends::at_limit, {{"p", "{% include 'p' %}"}}},
        bomb{"includes itself twice", "{% include 'p' %}", ends::at_limit, {{"p", "{% include 'p' %}{% include 'p' %}"}}},
        bomb{"includes in loops", often("{% include 'p' %}"), ends::at_limit, {{"p", repeated("{{ a }}", 1000)}}},
        bomb{"imports itself", "{% import 'p' as p %}", ends::at_limit, {{"p", "{% import 'p' as p %}"}}},
        bomb{"imports from itself",
             "{% from 'p' import m %}",
             ends::at_limit,
             {{"p", "{% from 'p' import m %}{% macro m() %}{% endmacro %}"}}},
        bomb{"extends itself", "{% extends 'p' %}", ends::at_limit, {{"p", "{% extends 'p' %}"}}},
        bomb{"extends in a circle",
             "{% extends 'p' %}",
             ends::at_limit,
             {{"p", "{% extends 'q' %}{% block x %}{% endblock %}"}, {"q", "{% extends 'p' %}"}}},
        bomb{"undefined names that are kept", often("{{ nobody }}"), ends::at_limit, {}, undefined_policy::keep}),
    named);

INSTANTIATE_TEST_SUITE_P(
    texts_that_grow, jinja_bomb,
    ::testing::Values(
        bomb{"times", "{{ 'a' * 1000000000 }}"}, bomb{"times in loops", often("{{ ('a' * 1000000)|length }}")},
        bomb{"tilde", doubling("n.t ~ n.t")}, bomb{"plus", doubling("n.t + n.t")}, bomb{"star", doubling("n.t * 2")},
        bomb{"join", doubling("(n.t, n.t)|join")}, bomb{"join method", doubling("n.t.join(['', '', ''])")},
        bomb{"join with a long text", "{{ many|join(long) }}"},
        bomb{"replace", doubling("n.t|replace('a', 'aa')|replace('a', 'aa')")},
        bomb{"replace nothing", "{{ long|replace('', long) }}"}, bomb{"format", doubling("'%s%s'|format(n.t, n.t)")},
        bomb{"percent", doubling("'%s%s' % (n.t, n.t)")}, bomb{"str format", doubling("'{0}{0}'.format(n.t)")},
        bomb{"str format of a long text", "{{ ('{0}' * 100000).format(long) }}"},
        bomb{"format of a long text", "{{ ('%(a)s' * 100000)|format(a=long) }}"}, bomb{"tojson", doubling("n.t|tojson")},
        bomb{"urlencode", doubling("(n.t ~ '%')|urlencode * 2")},
        bomb{"escape", doubling("n.t|replace('a', '&')|e|string|replace('&', '&&')")}, bomb{"repr", doubling("[n.t, n.t]|string")},
        bomb{"capture",
             "{% set n = namespace(t='abcdefgh') %}{% for i in range(99) %}{% set t %}{{ n.t }}{{ n.t }}{% endset %}{% set "
             "n.t = t %}{% endfor %}{{ n.t|length }}"},
        bomb{"output", often("{{ 'a' * 1000 }}")}, bomb{"output of a value", often("{{ long }}")},
        bomb{"output that is dropped",
             "{% extends 'p' %}" + repeated("{{ long }}", 10),
             ends::at_limit,
             {{"p", "{% extends 'p' %}" + repeated("{{ long }}", 15)}}},
        bomb{"output and values", "{{ long * 15 }}{% set a = long * 15 %}{{ a|upper }}"}),
    named);

INSTANTIATE_TEST_SUITE_P(
    paddings, jinja_bomb,
    ::testing::Values(
        bomb{"center", "{{ 'a'|center(1000000000) }}"}, bomb{"center of int64", "{{ 'a'|center(9223372036854775807) }}"},
        bomb{"center of its least", "{{ 'a'|center(-9223372036854775807 - 1) }}", ends::done},
        bomb{"centers in loops", often("{{ 'a'|center(10000000)|length }}")}, bomb{"center method", "{{ 'a'.center(1000000000) }}"},
        bomb{"fill that is long", "{{ 'a'.center(1000000, long) }}", ends::refused},
        bomb{"ljust", "{{ 'a'.ljust(9223372036854775807) }}"},
        bomb{"rjust of its least", "{{ 'a'.rjust(-9223372036854775807 - 1) }}", ends::done},
        bomb{"zfill", "{{ 'a'.zfill(1000000000) }}"}, bomb{"zfills in loops", often("{{ 'a'.zfill(10000000)|length }}")},
        bomb{"indent", "{{ 'a'|indent(1000000000, true) }}"}, bomb{"indent by a text", "{{ ('a\n' * 100000)|indent(long) }}"},
        bomb{"expandtabs", "{{ ('\t' * 1000000).expandtabs(1000000000) }}"}, bomb{"percent d", "{{ '%1000000000d' % 1 }}"},
        bomb{"percent s", "{{ '%1000000000s' % 'a' }}"}, bomb{"percent s often", "{{ ('%999999s' * 1000) % ((1,) * 1000) }}"},
        bomb{"percent f", "{{ '%.1000000000f' % 1.5 }}"}, bomb{"percent d in its precision", "{{ '%.999999999d' % 1 }}"},
        bomb{"str format width", "{{ '{:>1000000000}'.format(1) }}"},
        bomb{"str format widths", "{{ ('{0:>10000}' * 100000).format(1) }}"},
        bomb{"wordwrap", "{{ long|wordwrap(1, true, long) }}"},
        bomb{"tojson indent", "{{ [[[[[[[[1]]]]]]]]|tojson(indent=1000000000) }}", ends::done},
        bomb{"tojson indent by a text", "{{ [[[[[[[[1]]]]]]]]|tojson(indent=long * 8) }}"},
        bomb{"tojson indents", "{{ many|tojson(indent=1000) }}"},
        bomb{"tojson separators", "{{ many|tojson(separators=(long, long)) }}"},
        bomb{"truncate", "{{ long|truncate(9223372036854775807, true, '', 9223372036854775807) }}", ends::done},
        bomb{"truncate end", often("{{ a|truncate(100000000, true, long * 8, 0)|length }}")},
        bomb{"batch", "{{ [1]|batch(1000000000, 1)|list }}", ends::at_limit},
        bomb{"batches", often("{{ [1]|batch(600000, 1)|list|length }}")},
        bomb{"slice", "{{ [1]|slice(1000000000)|list }}", ends::at_limit},
        bomb{"slices", often("{{ [1]|slice(100000)|list|length }}")}, bomb{"strftime", "{{ strftime_now('%c' * 5000000) }}"},
        bomb{"strftime in loops", often("{{ strftime_now('%c' * 10000)|length }}")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    lists, jinja_bomb,
    ::testing::Values(
        bomb{"times", "{{ ([1] * 1000000000)|length }}"}, bomb{"times of nothing", "{{ ([] * 1000000000)|length }}", ends::done},
        bomb{"plus", doubling("[1] + [n.t]"), ends::done},
        bomb{"doubling", "{% set n = namespace(t=[1]) %}{% for i in range(99) %}{% set n.t = n.t + n.t %}{% endfor %}"},
        bomb{"append to itself", "{% set x = [] %}{% do x.append(x) %}{{ x }}"},
        bomb{"append without end",
             "{% set x = [] %}{% for a in range(99999) %}{% for b in range(99999) %}{% do x.append(1) %}{% endfor %}{% endfor %}"},
        bomb{"extend by itself", "{% set x = [1] %}{% for i in range(99) %}{% do x.extend(x) %}{% endfor %}"},
        bomb{"tojson of a list in itself", "{% set x = [] %}{% do x.append(x) %}{{ x|tojson }}"},
        bomb{"a list that is itself", "{% set x = [] %}{% do x.append(x) %}{{ x == [x] }}", ends::done},
        bomb{"lists that are themselves", "{% set x = [] %}{% do x.append(x) %}{% set y = [] %}{% do y.append(y) %}{{ x == y }}"},
        bomb{"branches written", branched + "{{ n.t }}"}, bomb{"branches as JSON", branched + "{{ n.t|tojson }}"},
        bomb{"branches pretty", branched + "{{ n.t|pprint }}"}, bomb{"branches compared", branched + "{{ n.t == n.u }}"},
        bomb{"branches ordered", branched + "{{ n.t < n.u }}"}, bomb{"branches searched", branched + "{{ n.t in [n.u] }}"},
        bomb{"branches as keys", branched + "{{ {1: 1}[n.p] }}"}, bomb{"branches sorted", branched + "{{ [n.t, n.u]|sort }}"},
        bomb{"branches unique", branched + "{{ [n.p, n.p]|unique|list }}"},
        bomb{"branches grouped", branched + "{{ [[n.t], [n.u]]|groupby(0) }}"},
        bomb{"branches counted", branched + "{{ [n.t].count(n.u) }}"},
        bomb{"branches removed", branched + "{% set x = [n.t] %}{% do x.remove(n.u) %}"},
        bomb{"branches changed", branched + "{% for i in [n.t, n.u] %}{{ loop.changed(i) }}{% endfor %}"},
        bomb{"branches to a function", branched + "{{ n.t|echo }}"},
        bomb{"long texts to a function", "{% set x = [long] * 1000 %}{{ x|echo|length }}"},
        bomb{"sorts", often("{{ many|sort|length }}")}, bomb{"sorts of texts", often("{{ texts|sort|length }}")},
        bomb{"sort by many attributes", "{{ objects|sort(attribute='n" + repeated(",n", 10'000) + "') }}"},
        bomb{"sort of nothing by many attributes", often("{{ []|sort(attribute='n" + repeated(",n", 10'000) + "') }}")},
        bomb{"sorts of long texts alike", often("{{ [long * 2 ~ 'b', long * 2 ~ 'a', long * 2 ~ 'c']|sort|length }}")},
        bomb{"groups", often("{{ objects|groupby('n')|length }}")}, bomb{"unique", "{{ many|unique|list }}"},
        bomb{"unique texts", "{{ (texts + texts)|unique|list }}"}, bomb{"searches", often("{{ -1 in many }}")},
        bomb{"indexes", often("{{ many.count(-1) }}")}, bomb{"sums", often("{{ many|sum }}")},
        bomb{"largest", often("{{ many|max }}")}, bomb{"sum of lists", "{{ ([many] * 1000)|sum(start=[])|length }}"},
        bomb{"pop the first", "{% set x = many|list %}{% for i in many %}{% do x.pop(0) %}{% endfor %}{{ x|length }}"},
        bomb{"insert the first", "{% set x = many|list %}{% for i in many %}{% do x.insert(0, i) %}{% endfor %}"},
        bomb{"remove the last", "{% set x = many|list %}{% for i in range(50000) %}{% do x.remove(i) %}{% endfor %}"},
        bomb{"reverse", "{% set x = many|list %}" + often("{% do x.reverse() %}")}, bomb{"copies", often("{{ many|list|length }}")},
        bomb{"copies of texts", often("{{ long|list|length }}")}, bomb{"maps", often("{{ many|map('string')|list|length }}")},
        bomb{"selects", often("{{ many|select('odd')|list|length }}")},
        bomb{"attributes", often("{{ objects|map(attribute='n')|list|length }}")},
        bomb{"a long attribute", "{{ objects|map(attribute='" + repeated("n.", 100'000) + "n')|list }}", ends::refused},
        bomb{"slicing", often("{{ many[1:]|length }}")}, bomb{"slicing back", often("{{ many[::-1]|length }}")},
        bomb{"slicing a text", often("{{ long[1:]|length }}")}, bomb{"slicing a text back", often("{{ long[::-1]|length }}")},
        bomb{"indexing a text", often("{{ words[-1] }}")}, bomb{"dict of all", often("{{ dict(members)|length }}")},
        bomb{"dict update", "{% set d = {} %}" + often("{% do d.update({i: i}) %}")},
        bomb{"dict pop", "{% set d = dict(members) %}" + often("{% do d.pop('m0', 0) %}{% do d.setdefault('m0', 1) %}")},
        bomb{"dict get", "{% set d = dict(members) %}" + often("{{ d.get('none') }}")},
        bomb{"a namespace of many", "{% set n = namespace() %}" + numbered("{% set n.a# = 1 %}", 50'000)},
        bomb{"keywords", "{% macro m() %}{{ kwargs|length }}{% endmacro %}" + often("{{ m(**members) }}")},
        bomb{"arguments", "{% macro m() %}{{ varargs|length }}{% endmacro %}" + often("{{ m(*many) }}")},
        bomb{"cycler", often("{{ cycler(*many).next() }}")}, bomb{"dictsort", often("{{ members|dictsort|length }}")},
        bomb{"items", often("{{ members|items|list|length }}")}, bomb{"join of one", often("{{ many|join|length }}")},
        bomb{"reverse filter", often("{{ words|reverse|length }}")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    texts_that_are_long, jinja_bomb,
    ::testing::Values(
        bomb{"upper", often("{{ words|upper|length }}")}, bomb{"lower", often("{{ words|lower|length }}")},
        bomb{"title", often("{{ words|title|length }}")}, bomb{"title method", often("{{ words.title()|length }}")},
        bomb{"capitalize", often("{{ words|capitalize|length }}")}, bomb{"swapcase", often("{{ words.swapcase()|length }}")},
        bomb{"isupper", often("{{ words.isupper() }}")}, bomb{"is upper", often("{{ words is upper }}")},
        bomb{"istitle", often("{{ words.istitle() }}")}, bomb{"isalpha", often("{{ words.isalpha() }}")},
        bomb{"isspace", often("{{ words.isspace() }}")}, bomb{"isascii", often("{{ long.isascii() }}")},
        bomb{"upper that grows", "{{ ('\xCE\x90' * 4000000)|upper|length }}"}, bomb{"trim", often("{{ (' ' * 1000000)|trim }}")},
        bomb{"trim of many", "{{ long|trim(words * 8 ~ 'x')|length }}"},
        bomb{"strip of many", "{{ long.strip(words * 8 ~ 'x')|length }}"},
        bomb{"rstrip of many", "{{ (long * 8).rstrip('ab' * 4000000 ~ 'x')|length }}"}, bomb{"length", often("{{ words|length }}")},
        bomb{"wordcount", often("{{ words|wordcount }}")}, bomb{"truncate", often("{{ words|truncate(9)|length }}")},
        bomb{"wordwrap", often("{{ words|wordwrap|length }}")},
        bomb{"wordwrap of one word", "{{ long|wordwrap(1)|length }}", ends::done},
        bomb{"wordwrap wide", often("{{ long|wordwrap(79)|length }}")}, bomb{"center", often("{{ words|center(1)|length }}")},
        bomb{"indent", often("{{ ('a\n' * 100000)|indent|length }}")}, bomb{"find", "{{ (long * 8).find('x' * 4000000 ~ 'y') }}"},
        bomb{"find short", often("{{ long.find('xxxxxxxxxxxxxxxxxxxy') }}")}, bomb{"find nothing", often("{{ long.find('y') }}")},
        bomb{"find two", often("{{ long.find('xy') }}")}, bomb{"rfind", "{{ (long * 8).rfind('y' ~ 'x' * 4000000) }}"},
        bomb{"in", "{{ 'x' * 4000000 ~ 'y' in long * 8 }}"}, bomb{"count", often("{{ long.count('xx') }}")},
        bomb{"count long", "{{ (long * 8).count('x' * 4000000 ~ 'y') }}"}, bomb{"split", often("{{ words.split(' ')|length }}")},
        bomb{"split at blanks", often("{{ words.split()|length }}")}, bomb{"rsplit", often("{{ words.rsplit(' ', 1)|length }}")},
        bomb{"split by a long text", "{{ (long * 8).split('x' * 4000000 ~ 'y')|length }}"},
        bomb{"splitlines", often("{{ words.splitlines()|length }}")},
        bomb{"partition", often("{{ words.partition('none')|length }}")},
        bomb{"partition by a long text", "{{ (long * 8).partition('x' * 4000000 ~ 'y')|length }}"},
        bomb{"replace by a long text", "{{ (long * 8)|replace('x' * 4000000 ~ 'y', '')|length }}"},
        bomb{"replace", often("{{ long|replace('x', 'y')|length }}")},
        bomb{"replace first", often("{{ long|replace('x', 'y', 1)|length }}")},
        bomb{"startswith", often("{{ long.startswith((long,) * 100) }}")},
        bomb{"startswith at the end", often("{{ words.startswith('a', -1) }}")},
        bomb{"removeprefix", often("{{ long.removeprefix(long)|length }}")},
        bomb{"striptags", "{{ ('<' * 8000000)|striptags|length }}"},
        bomb{"striptags of comments", "{{ ('<!--' * 2000000)|striptags|length }}"},
        bomb{"striptags in loops", often("{{ words|striptags|length }}")}, bomb{"urlize", often("{{ words|urlize|length }}")},
        bomb{"urlize addresses", "{{ ('a@' * 2000000)|urlize|length }}"},
        bomb{"urlize schemes", "{{ words|urlize(extra_schemes=['ab:'] * 100000)|length }}"},
        bomb{"urlize brackets", "{{ ('(' * 1000000 ~ ')' * 1000000)|urlize|length }}", ends::done},
        bomb{"urlencode", often("{{ words|urlencode|length }}")},
        bomb{"urlencode of all", "{{ ('%' * 8000000)|urlencode|length }}"}, bomb{"escape", often("{{ words|e|length }}")},
        bomb{"escape that grows", "{{ ('&' * 8000000)|e|length }}"},
        bomb{"escape of the output", "{{ '\"' * 8000000 }}", ends::at_limit, {}, undefined_policy::error, true},
        bomb{"xmlattr", often("{{ members|xmlattr|length }}")}, bomb{"tojson", often("{{ words|tojson|length }}")},
        bomb{"tojson of controls", "{{ ('\x01' * 8000000)|tojson|length }}"},
        bomb{"tojson that escapes", "{{ ('\xC4\xB1' * 4000000)|tojson(ensure_ascii=true)|length }}"},
        bomb{"tojson of HTML", "{{ ('<' * 1500000)|tojson|length }}", ends::done, {}, undefined_policy::error, true},
        bomb{"repr", often("{{ [words]|string|length }}")}, bomb{"repr of controls", "{{ ['\x01' * 8000000]|string|length }}"},
        bomb{"int of digits", often("{{ ('9' * 100000)|int }}"), ends::refused}, bomb{"int of letters", often("{{ long|int }}")},
        bomb{"float of digits", often("{{ ('1' * 1000000)|float }}")}, bomb{"compared", often("{{ long ~ 'a' == long ~ 'b' }}")},
        bomb{"ordered", "{% set a, b = long ~ 'a', long ~ 'b' %}" + often("{{ a < b }}")},
        bomb{"equal", "{% set a, b = long ~ 'a', long ~ 'b' %}" + often("{{ [a] == [b] }}")},
        bomb{"keys", "{% set a, b = long ~ 'a', long ~ 'b' %}{% set d = {a: 1} %}" + often("{{ d[b] is defined }}")},
        bomb{"keys of values", often("{{ members[long] is defined }}")},
        bomb{"names of functions", often("{{ a[long] is defined }}")},
        bomb{"format", often("{{ (long ~ '%s')|format(1)|length }}")},
        bomb{"str format", often("{{ (long ~ '{}').format(1)|length }}")}, bomb{"concat", often("{{ (long ~ a)|length }}")}),
    named);

INSTANTIATE_TEST_SUITE_P(
    sources, jinja_bomb,
    ::testing::Values(
        bomb{"open brackets", "{{ " + repeated("(", 100'000), ends::refused},
        bomb{"open lists", "{{ " + repeated("[", 100'000), ends::refused},
        bomb{"open dicts", repeated("{", 100'000), ends::refused}, bomb{"open dicts with keys", "{{ " + repeated("{1:", 100'000)},
        bomb{"brackets", "{{ " + repeated("(", 100'000) + "1" + repeated(")", 100'000) + " }}"},
        bomb{"nots", "{{ " + repeated("not ", 100'000) + "1 }}"}, bomb{"signs", "{{ " + repeated("-", 100'000) + "1 }}"},
        bomb{"ifs", repeated("{% if 1 %}", 90'000)}, bomb{"fors", repeated("{% for a in l %}", 60'000)},
        bomb{"else ifs", "{% if 0 %}" + repeated("{% elif 0 %}", 80'000) + "{% endif %}"},
        bomb{"inline ifs", "{{ " + repeated("1 if 0 else ", 80'000) + "1 }}"},
        bomb{"inline ifs before", "{{ 1" + repeated(" if 1", 100'000) + " }}"},
        bomb{"filters", "{{ 1" + repeated("|string", 100'000) + " }}"}, bomb{"members", "{{ a" + repeated(".b", 100'000) + " }}"},
        bomb{"indexes", "{{ a" + repeated("[0]", 100'000) + " }}"}, bomb{"calls", "{{ a" + repeated("()", 100'000) + " }}"},
        bomb{"tests", "{{ 1" + repeated(" is odd", 100'000) + " }}"}, bomb{"sums", "{{ 1" + repeated("+1", 450'000) + " }}"},
        bomb{"variables", repeated("{{a}}", 200'000)}, bomb{"statements", repeated("{%do a%}", 120'000)},
        bomb{"texts", "{{ [" + repeated("'',", 300'000) + "] }}"}, bomb{"numbers", "{{ [" + repeated("1,", 450'000) + "] }}"},
        bomb{"targets", "{% set " + repeated("(", 100'000), ends::refused},
        bomb{"names that are set", numbered("{% set a# = 1 %}", 45'000)},
        bomb{"names that are set and read",
             numbered("{% set a# = 1 %}", 20'000) + repeated("{{ zzz }}", 20'000),
             ends::at_limit,
             {},
             undefined_policy::empty},
        bomb{"sets and ifs", numbered("{% set a# = 1 %}", 25'000) + repeated("{% if a %}{% endif %}", 20'000)},
        bomb{"parameters",
             "{% macro m(" + numbered("a#", 40'000, ",") + ") %}{% endmacro %}{{ m(" + numbered("a#=1", 40'000, ",") + ") }}"},
        bomb{"names of an import",
             "{% from 'p' import " + numbered("m#", 40'000, ",") + " %}",
             ends::at_limit,
             {{"p", numbered("{% macro m#() %}{% endmacro %}", 25'000)}}},
        bomb{"pairs", "{{ {" + numbered("#: 1", 80'000, ",") + "} }}"},
        bomb{"texts side by side", "{{ " + repeated("'a' ", 190'000) + " }}", ends::done},
        bomb{"comments", repeated("{##}", 250'000), ends::done},
        bomb{"blocks", numbered("{% block b# %}{% endblock %}", 20'000), ends::done},
        bomb{"a long name", "{{ " + std::string(900'000, 'x') + " }}", ends::refused},
        bomb{"a long filter", "{{ a|" + std::string(900'000, 'x') + " }}", ends::refused},
        bomb{"a long tag", "{% " + std::string(900'000, 'x') + " %}", ends::refused},
        bomb{"a long number", "{{ " + std::string(900'000, '9') + " }}", ends::refused},
        bomb{"an open text", "{{ '" + std::string(900'000, 'x'), ends::refused},
        bomb{"raws", repeated("{% raw %}{%", 90'000), ends::refused},
        bomb{"raw ends", "{% raw %}" + repeated("{% endraw", 100'000), ends::refused}),
    named);

class mustache_bomb : public ::testing::TestWithParam<bomb> {};
TEST_P(mustache_bomb, ends) { explode(GetParam(), template_format::mustache); }

std::string within(std::size_t depth, const std::string& inside)
{
    return repeated("{{#l}}", depth) + inside + repeated("{{/l}}", depth);
}

INSTANTIATE_TEST_SUITE_P(
    all, mustache_bomb,
    ::testing::Values(
        bomb{"nested sections", within(20, ".")}, bomb{"nested sections of nothing", within(90, "")},
        bomb{"long values", within(10, "{{long}}")}, bomb{"values as JSON", within(10, "{{many}}")},
        bomb{"sections of all", "{{#many}}{{#many}}{{.}}{{/many}}{{/many}}"},
        bomb{"a partial in itself", "{{>p}}", ends::at_limit, {{"p", "a{{>p}}"}}},
        bomb{"a partial in itself twice", "{{>p}}", ends::at_limit, {{"p", "{{>p}}{{>p}}"}}},
        bomb{"a partial with growing indentation", "{{>p}}", ends::at_limit, {{"p", " " + std::string(900'000, ' ') + "{{>p}}\n"}}},
        bomb{"a parent in itself", "{{<p}}{{/p}}", ends::at_limit, {{"p", "{{<p}}{{$b}}x{{/b}}{{/p}}"}}},
        bomb{"a block of blocks",
             "{{<p}}{{$b}}{{<p}}{{$b}}x{{/b}}{{/p}}{{/b}}{{/p}}",
             ends::done,
             {{"p", "{{$b}}{{/b}}{{$b}}{{/b}}"}}},
        bomb{"a lambda in itself", "{{#again}}x{{/again}}"}, bomb{"lambdas in loops", within(20, "{{#twice}}a{{/twice}}")},
        bomb{"lambdas of a long text", "{{#twice}}" + std::string(900'000, 'x') + "{{/twice}}", ends::at_limit},
        bomb{"open braces", repeated("{", 100'000), ends::refused}, bomb{"open sections", repeated("{{#x}}", 100'000)},
        bomb{"open parents", repeated("{{<x}}", 100'000)}, bomb{"variables", repeated("{{a}}", 200'000), ends::done},
        bomb{"sections", repeated("{{#a}}{{/a}}", 80'000), ends::done},
        bomb{"names", numbered("{{x#}}", 90'000), ends::done, {}, undefined_policy::empty},
        bomb{"names with many dots", "{{" + repeated("a.", 400'000) + "a}}", ends::refused},
        bomb{"delimiters", repeated("{{=<% %>=}}<%={{ }}=%>", 45'000), ends::done},
        bomb{"comments", repeated("{{!}}", 200'000), ends::done},
        bomb{"a long name", "{{" + std::string(900'000, 'x') + "}}", ends::refused},
        bomb{"a lookup in all", "{{#members}}" + repeated("{{m9999}}", 100'000) + "{{/members}}", ends::done},
        bomb{"partials that are not there", numbered("{{>x#}}", 90'000), ends::done},
        bomb{"the dot as JSON", repeated("{{.}}", 100)}),
    named);

class fstring_bomb : public ::testing::TestWithParam<bomb> {};
TEST_P(fstring_bomb, ends) { explode(GetParam(), template_format::fstring); }

INSTANTIATE_TEST_SUITE_P(all, fstring_bomb,
                         ::testing::Values(bomb{"a width", "{a:>999999999}", ends::refused},
                                           bomb{"a width beyond 64 bits", "{a:>99999999999999999999999999}", ends::refused},
                                           bomb{"widths", repeated("{a:>10000}", 90'000)},
                                           bomb{"long values", repeated("{long}", 100'000)},
                                           bomb{"values as JSON", repeated("{many}", 100'000)},
                                           bomb{"a precision", "{b:.999999999f}", ends::refused},
                                           bomb{"open braces", repeated("{", 100'001), ends::refused},
                                           bomb{"doubled braces", repeated("{{", 400'000), ends::done},
                                           bomb{"fields", repeated("{a}", 330'000), ends::done},
                                           bomb{"fields with specifications", repeated("{a:>1}", 149'000), ends::done},
                                           bomb{"names", numbered("{x#}", 100'000), ends::done, {}, undefined_policy::empty},
                                           bomb{"a long name", "{" + std::string(900'000, 'x') + "}", ends::refused},
                                           bomb{"a repr of controls", repeated("{long!r}", 100)}),
                         named);

class text_of_100_megabytes : public ::testing::TestWithParam<source> {};

TEST_P(text_of_100_megabytes, is_refused_before_it_is_read)
{
    const auto& [format, part] = GetParam();
    explode(bomb{"", repeated(part, 100'000'000 / part.size())}, format);
}

INSTANTIATE_TEST_SUITE_P(of, text_of_100_megabytes,
                         ::testing::Values(source{template_format::fstring, "x"}, source{template_format::fstring, "{{ a }}"},
                                           source{template_format::mustache, "x"}, source{template_format::mustache, "{{ a }}"},
                                           source{template_format::jinja, "x"}, source{template_format::jinja, "{{ a }}"}));

}  // namespace

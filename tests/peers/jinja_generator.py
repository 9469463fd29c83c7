"""Jinja templates from a grammar, for jinja_differential.py.

Expressions are mostly of the type that their place wants, so that most templates render; `wrong` is how often they are of another.
¨ stands for a quote.
"""
import random
import re

VALUES = {
    "ad": "İğdır ılıca", "s": "Hello, World", "empty": "", "lines": "bir\niki üç\r\n\n  dört", "html": "<b>&'x'</b>", "digits": "42", "tags": " <p>bir</p>\n <i>iki</i>",
    "hy": "well-known state-of-the-art  bir -- iki uzunuzunuzunkelime", "url": "bak http://a.org/x?y=1&z, www.b.com. (c@d.org)", "odd": "it's \"q\" \\ \t\x01é\u200b😀",
    "n": 7, "m": -3, "zero": 0, "r": 2.5, "h": 0.1, "big": 9007199254740993, "huge": 1e16, "tiny": 1e-5, "yes": True, "no": False, "nothing": None,
    "xs": [3, 1, 2, 3], "ws": ["ışık", "Araba", "çay", "araba"], "none_in": [1, None, "a"], "nested": [[1, 2], [3], []], "rs": [0.5, 2.0, 1e20],
    "d": {"a": 1, "b": "iki", "ç": [1, 2]}, "şehir": "Şırnak", "leer": [], "loop_x": "dış", "u1": "u1", "u2": ["u", 2],
    "people": [{"ad": "Ayşe", "yaş": 31, "il": "Van"}, {"ad": "ırmak", "yaş": 7, "il": "Bolu"}, {"ad": "İnci", "yaş": 31, "il": "Van"}],
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": "ş", "c": []}]}]}, {"v": 4, "c": []}],
}
TEXTS = ["ad", "s", "empty", "lines", "html", "digits", "tags", "hy", "odd", "şehir"]
INTEGERS = ["n", "m", "zero"]
REALS = ["r", "h", "huge", "tiny"]
LISTS = ["xs", "ws", "leer", "nested", "none_in", "rs"]
FREE = ["u1", "u2", "u3", "v", "w", "ışık"]  # names that are set anywhere: only printed, as they may be missing
TEXT_FILTERS = [
    "upper", "lower", "capitalize", "title", "trim", "string", "e", "striptags", "urlencode", "reverse", "forceescape", "pprint", "center(13)", "center(width=20)", "indent", "indent(2, true)",
    "indent(width=3, blank=true)", "indent(¨> ¨)", "truncate(5)", "truncate(7, true)", "truncate(4, true, ¨…¨, 0)", "truncate(length=9, leeway=0)", "wordwrap(5)", "wordwrap(9, false)",
    "wordwrap(10, wrapstring=¨|¨)", "wordwrap(8, break_on_hyphens=false)", "urlize", "urlize(10, nofollow=true)", "urlize(target=¨_b¨, rel=¨x¨)", "replace(¨a¨, ¨ş¨)", "replace(¨¨, ¨-¨)",
    "replace(old=¨l¨, new=¨L¨, count=1)", "trim(¨a ¨)", "trim(chars=¨Hı¨)", "safe", "default(¨x¨, true)", "tojson", "format"]
TEXT_METHODS = [
    "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "lstrip(¨ H¨)", "rstrip(¨ad¨)", "center(15, ¨*¨)", "ljust(14)", "rjust(15, ¨ş¨)", "zfill(9)", "expandtabs(4)",
    "replace(¨l¨, ¨LL¨)", "replace(¨l¨, ¨¨, 1)", "removeprefix(¨He¨)", "removesuffix(¨d¨)", "join([¨a¨, ¨b¨])", "strip(none)"]
LIST_FILTERS = [
    "list", "reverse|list", "unique|list", "batch(2)|list", "batch(3, ¨x¨)|list", "slice(2)|list", "slice(3, fill_with=0)|list", "map(¨string¨)|list", "map(¨default¨, ¨y¨)|list", "select|list", "reject|list",
    "select(¨string¨)|list", "reject(¨none¨)|list", "select(¨in¨, [1, 2, ¨a¨])|list", "map(¨pprint¨)|list", "map(¨tojson¨)|list", "select(¨sameas¨, none)|list"]
PEOPLE = [
    "people", "people|sort(attribute=¨ad¨)", "people|sort(attribute=¨il,ad¨, reverse=true)", "people|selectattr(¨yaş¨, ¨gt¨, 10)|list", "people|rejectattr(¨il¨, ¨==¨, ¨Van¨)|list", "people|selectattr(¨ad¨)|list",
    "people|map(attribute=¨ad¨)|list", "people|map(attribute=¨yok¨, default=1)|list", "people|groupby(¨il¨)", "people|groupby(attribute=¨yaş¨)|list", "people|groupby(¨yok¨, default=0)", "people|map(¨attr¨, ¨x¨)|map(¨default¨, 2)|list",
    "people|unique(attribute=¨il¨)|list", "people|map(attribute=¨ad.0¨)|list", "people|map(¨tojson¨)|list", "people[::-1]", "people|map(¨items¨)|map(¨list¨)|list", "people|sort(attribute=¨yaş¨, case_sensitive=true)"]
ANY_TESTS = ["defined", "none", "string", "number", "mapping", "sequence", "iterable", "boolean", "integer", "float", "undefined", "true", "false", "callable", "escaped", "sameas none", "sameas(true)"]
DIRECTIVES = ["%s", "%r", "%5s|", "%-9s|", "%.3s", "%a"]
NUMBER_DIRECTIVES = ["%d", "%5.1f", "%e", "%g", "%05d", "%+d", "%x", "%o", "%#x", "%-6d|", "%i", "% d", "%G", "%.0f", "%c"]
SPECS = ["", ":>9", ":<9", ":^9", ":*^11", "!r", "!r:>12", "!s", "!a", ":.2"]
NUMBER_SPECS = [":d", ":5", ":05", ":+", ":,", ":_", ":x", ":#b", ":o", ":X", ":.2f", ":8.3e", ":g", ":%", ":.1%", ":<6", ":^7", ": ", ":n", ":010.2f", ":,.1f", ":>+9.1f", ":=+8"]
REAL_SPECS = [":.2f", ":8.3e", ":g", ":.3", ":%", "", ":10.1f", ":+.0f", ":,.2f", ":G", ":.10g", ":06.1f", ":_.3f", ":#.3g"]
PARTS = {
    "part": "[{{ u1 }}{{ v }}{{ loop_x }}{% set w = 9 %}{{ w }}]",
    "shows_loop": "<{{ loop.index }}>",
    "macros": "{% macro m(a, b=a) %}({{ a }}{{ b }}{{ u1 }}){% endmacro %}{% set k = 5 %}{% set _p = 6 %}{% macro c() %}{{ caller(1) }}{% endmacro %}text",
    "base": "<{% block a %}base a{{ u1 }}{% endblock %}|{% block b scoped %}base b{% endblock %}|{{ v }}{% for v in xs %}{% block c scoped %}{{ v }}{% endblock %}{% endfor %}>",
    "mid": "{% extends 'base' %}{% block a %}mid {{ super() }}{% endblock %}{% set v = 'mid' %}",
    "demands": "{% block must required %}{% endblock %}!{{ self.must() }}",
}


class Generator:
    def __init__(self, seed, wrong=.01):
        self.random = random.Random(seed)
        self.wrong = wrong
        self.depth = 0
        self.macros = 0
        self.named = []  # macros that can be called here, with one argument
        self.strict = False

    def pick(self, *options):
        return self.filled(self.random.choice(options))

    def filled(self, made):
        """With each §kind§ replaced by an expression of that kind: after the choice, or the choices would multiply."""
        return re.sub(r"§(\w+)§", lambda m: getattr(self, m[1])(), made) if isinstance(made, str) else made

    def chance(self, share):
        return self.random.random() < share

    def deeper(self, simple, full, limit=3):
        self.depth += 1
        made = full() if self.depth <= limit and self.chance(.75) else simple()
        self.depth -= 1
        return made

    def literal(self):
        return self.pick("'a'", "'İı'", '"it\'s"', "'\\n'", "'ğ\\tş'", "' '", "','", "'l'", "'\\u015f\\x41'", "'\\101'", "'a' 'b'", "'<&>'", "'\\\\'")

    def integer(self):
        if self.chance(self.wrong):
            return self.anything()
        small = lambda: self.pick(*INTEGERS, "0", "1", "2", "3", "10", "1_000", "0x1f", "0b101", "0o17", "-4", "big", "yes")
        return self.deeper(small, lambda: self.pick(
            f"(§integer§ {self.pick('+', '-')} §integer§)", f"(§integer§ * {self.pick(2, -1, 'n')})", f"(§integer§ {self.pick('//', '%')} {self.pick('n', 'm', '3', '-2')})",
            f"({self.pick('n', 'm', '2', '-3')} ** {self.pick(0, 1, 2, 3)})", f"-{self.pick(*INTEGERS)}", f"+{self.pick(*INTEGERS)}", f"§listed§|length", f"§text§|length", f"§listed§|count", f"§integer§|abs",
            f"§integer§|int", f"§text§|int(5)", f"digits|int", "'0x1f'|int(0, 16)", "'ff'|int(base=16)", f"§real§|round|int", f"§integer§|round(-1)", "xs|sum", "people|sum(attribute='yaş')",
            "xs|sum(start=10)", f"xs|{self.pick('min', 'max', 'first', 'last')}", f"(§text§).{self.pick('find', 'count', 'rfind')}(§literal§{self.pick('', ', 1', ', 1, -1')})", f"xs.{self.pick('index', 'count')}({self.pick(1, 3)})",
            f"§text§|wordcount", f"d['a']", "d.a", "people[0].yaş", "nested.0.1", "range(9)[-2]", f"(§integer§ if §test§ else §integer§)", "people|map(attribute='yaş')|max"))

    def real(self):
        simple = lambda: self.pick(*REALS, "2.5", "1e3", "-0.5", "1.10", "100.0", "1_0.5", "123456789.125")
        return self.deeper(simple, lambda: self.pick(
            f"(§real§ {self.pick('+', '-', '*')} §number§)", f"(§number§ / {self.pick('n', 'm', '3', 'r')})", f"(§real§ {self.pick('//', '%')} {self.pick('n', 'm', 'h', '-0.3')})", f"({self.pick('n', 'r', '2')} ** -{self.pick(1, 2)})",
            f"§number§|round({self.pick('1', '2', '0, ¨floor¨', '1, ¨ceil¨', 'precision=1', 'method=¨ceil¨')})", f"§text§|float", f"§real§|abs", "rs|sum", "rs|max", f"-{self.pick(*REALS)}", f"§integer§|float",
            "'1e5'|float", "'x'|float(1.5)"))

    def number(self):
        return self.pick(self.integer, self.integer, self.real)()

    def index(self):
        return self.pick("", "", "0", "1", "-1", "2", "-2", "9", "-9", "n", "none")

    def text(self):
        if self.chance(self.wrong):
            return self.anything()
        simple = lambda: self.pick(*TEXTS, self.literal())
        return self.deeper(simple, lambda: self.full_text(simple()))

    def full_text(self, one):
        many = lambda kind, n: ", ".join([f"§{kind}§"] * n)
        directives = self.random.choices(DIRECTIVES, k=self.pick(1, 2))
        numbers = self.random.choices(NUMBER_DIRECTIVES[:-1], k=self.pick(1, 2))
        return self.pick(
            f"(§text§ ~ §shown§)", f"(§text§ + §text§)", f"(§text§ * {self.pick(0, 2, -1)})", f"(§shown§ ~ §number§ ~ §literal§)", f"{one}[§index§:§index§]",
            f"{one}[§index§:§index§:{self.pick(1, 2, -1, -2)}]", f"s[{self.pick(0, 1, -1)}]", f"§text§|{self.pick(*TEXT_FILTERS)}", f"{one}|{self.pick(*TEXT_FILTERS)}", f"{one}|{self.pick(*TEXT_FILTERS)}",
            f"{one}.{self.pick(*TEXT_METHODS)}", f"{one}.{self.pick(*TEXT_METHODS)}", f"(§text§).{self.pick(*TEXT_METHODS)}", f"§listed§|join({self.pick('', self.literal(), 'd=¨-¨')})", "people|join(', ', attribute='ad')",
            f"§plain§|tojson", f"§plain§|tojson({self.pick('indent=2', 'sort_keys=true', 'separators=(¨,¨, ¨:¨)', 'ensure_ascii=true', 'indent=1, sort_keys=true')})", f"'{' '.join(directives)}'|format({many('shown', len(directives))})",
            f"('{' '.join(directives)}' % ({many('shown', len(directives))},))", f"('{' '.join(numbers)}' % ({many('integer', len(numbers))},))", f"('{self.pick('%.2f', '%e', '%g', '%8.3f|', '%+G', '%d')}' % §real§)", f"('%(x)s-%(y)r' % {{'x': §shown§, 'y': §text§}})",
            f"'%(x)s'|format(x=§shown§)", f"'{{{self.pick(*SPECS)}}}'.format(§text§|title)", f"'{{}}-{{!r}}-{{}}'.format({many('plain', 3)})", f"'{{0{self.pick(*NUMBER_SPECS)}}}'.format(§integer§)", f"'{{{self.pick(*REAL_SPECS)}}}'.format(§real§)",
            "'{a[0]}{b:05d}{c.x}'.format(a=xs, b=n, c=namespace(x=ad))", f"'{{:{{}}}}'.format(§text§|title, {self.pick(5, 12)})", "'{ad}/{yaş}'.format(**people[0])", f"(§text§ if §test§ else §text§)", f"§shown§|string",
            f"§number§|filesizeformat{self.pick('', '(true)', '(binary=true)')}", f"§missing§|default(§text§{self.pick('', ', true')})", "d|xmlattr", "{'a': 1, 'b': none, 'c d'|replace(' ', ''): '<'}|xmlattr(false)", "d|urlencode", f"§plain§|pprint",
            f"§plain§|string|upper", "ws|first", "people|map(attribute='ad')|min", "d.get('b')", "dict(a='ş').a", "people[-1]['ad']", f"url|urlize({self.pick('', '9', 'nofollow=true')})")

    def listed(self):
        if self.chance(self.wrong):
            return self.anything()
        simple = lambda: self.pick(*LISTS, "(range(4)|list)", "[1, 'a', none]", "people", "(d.items()|list)", "[[1, 2], (3,)]")
        return self.deeper(simple, lambda: self.full_list(simple()))

    def full_list(self, one):
        return self.pick(
            f"{one}[§index§:§index§]", f"{one}[§index§:§index§:{self.pick(-1, 2, -2, 3)}]", f"(§listed§ + §listed§)", f"({one} * {self.pick(0, 1, 2)})", f"{self.pick('xs', 'ws', 'rs')}|{self.pick(*LIST_FILTERS)}",
            f"{self.pick('xs', 'ws', 'none_in', 'rs')}|{self.pick(*LIST_FILTERS)}", f"{self.pick('xs', 'ws')}|sort{self.pick('', '(true)', '(case_sensitive=true)', '(reverse=true)')}", self.pick(*PEOPLE), self.pick(*PEOPLE), "xs|select('odd')|list",
            f"xs|{self.pick('select', 'reject')}('{self.pick('gt', 'ge', '<', 'ne', 'divisibleby', 'lessthan')}', 2)|list", f"ws|map('{self.pick('upper', 'length', 'title', 'first', 'capitalize', 'list')}')|list", "ws|map('replace', 'a', 'b')|list",
            "xs|map('round', 1)|list", f"d|dictsort{self.pick('', '(true)', '(reverse=true)')}", "{'b': 2, 'a': 3}|dictsort(by='value')", f"d.{self.pick('keys', 'values', 'items')}()|list", "d|items|list", "d|list", f"§text§|list",
            f"(§text§).split({self.pick('', '¨ ¨', '¨l¨, 1', 'none, 1', 'maxsplit=2')})", f"(§text§).{self.pick('splitlines()', 'splitlines(true)', 'rsplit(none, 1)', 'rsplit(¨ ¨)', 'split(¨, ¨)')}", f"(§text§).partition({self.pick('¨ ¨', '¨ı¨')})|list", "range(1, 9, 3)|list",
            "range(5, 0, -2)|list", f"[§shown§, §shown§]", f"(§shown§,)|list", f"[§text§, §integer§,]", f"(§listed§ if §test§ else §listed§)", f"§listed§|list", "ws|unique|list",
            "nested|sum(start=[])", f"§listed§|batch({self.pick(1, 2, 3)})|map('list')|list")

    def test(self):
        simple = lambda: self.pick("yes", "no", "true", "n > 3", "'a' in ad", "ws", "leer", "empty")
        return "(" + self.deeper(simple, lambda: self.pick(
            f"§shown§ is {self.pick('', 'not ')}{self.pick(*ANY_TESTS)}", f"§shown§ is {self.pick('', 'not ')}{self.pick(*ANY_TESTS)}", f"§number§ {self.pick('<', '>', '<=', '>=', '==', '!=')} §number§",
            f"§text§ {self.pick('<', '==', '!=', '>=')} §text§", f"§number§ < §number§ <= §number§", f"§integer§ == {self.pick('1.0', 'true', 'false', '0')} != 2", f"§text§ {self.pick('in', 'not in')} §text§",
            f"§plain§ {self.pick('in', 'not in')} §listed§", f"§literal§ in d", f"not §plain§", f"(§test§ {self.pick('and', 'or')} §test§)", f"(§test§ {self.pick('and', 'or')} not §test§)",
            f"§integer§ is {self.pick('odd', 'even', 'divisibleby 2', 'divisibleby(3)', 'eq 7', 'gt(2)', 'in [1, 2, 7]', 'lt 3', 'ge 2', 'ne(0)')}", f"§text§ is {self.pick('upper', 'lower', 'in ws', 'eq(¨a¨)', 'lt ¨b¨')}",
            f"(§text§).{self.pick('isdigit', 'isalpha', 'isupper', 'islower', 'isspace', 'istitle', 'isalnum', 'isnumeric', 'isascii', 'isprintable', 'isidentifier')}()", f"(§text§).{self.pick('startswith', 'endswith')}({self.pick(self.literal(), '(¨a¨, ¨H¨)')})",
            f"'{self.pick('upper', 'nix', 'odd')}' is {self.pick('filter', 'test')}", f"§plain§ == §plain§", f"§listed§ == §listed§", f"(1, 2) < (1, §integer§)", f"{self.pick(*FREE)} is defined")) + ")"

    def missing(self):
        return self.pick("yok", "d.yok", "people[0].yok", "leer[0]", "xs[99]", "d['x']")

    def plain(self):
        """Of any type, and there."""
        return self.pick(self.integer, self.real, self.text, self.text, self.listed, self.test, lambda: self.pick("d", "people[0]", "nothing", "(1, ¨a¨)", "{¨k¨: n, 2: ad}", "()", "{}", "tree", "(¨tek¨,)", "d.get(¨z¨)", "{1: [2], none: (3.0,)}"))()

    def shown(self):
        if self.chance(.1) and not self.strict:
            return self.pick(self.missing(), *FREE)
        return self.plain()

    def anything(self):
        return self.pick(self.plain, self.missing, lambda: self.pick(*FREE), lambda: self.pick("range", "namespace()"))()

    # statements
    def tag(self, inside):
        return "{%" + self.pick("", "", "", "-", "+") + " " + inside + " " + self.pick("", "", "", "-", "+") + "%}"

    def words(self):
        return self.pick("", "", " ", "x", "\n", "  \n", " ş \n  ", "a\r\nb", "{# c #}\n", "{#- c -#} ", "{% raw %}{{ ı }}{% endraw %}\n", "\t", " {%- raw -%} {% r {% endraw +%} \n", "{#+ c +#}")

    def printed(self):
        begin, end = self.pick("", "", "-"), self.pick("", "", "-")
        if self.chance(.25):
            name = self.pick(*FREE)
            what = f"{name}|default('-')" if self.strict else self.pick(name, f"({name} is defined)", f"{name}|default('-')")
        else:
            what = self.shown()
        if self.chance(.05):
            return self.tag(f"print {what}, §plain§")
        return "{{" + begin + " " + what + self.pick("", "", "", f" if §test§", f" if §test§ else §plain§") + " " + end + "}}"

    def show(self, name):
        return "{{ " + (f"{name}|default('-')" if self.strict else name) + " }}"

    def body(self, level=0):
        return "".join(self.words() + self.statement(level) for _ in range(self.random.randint(1, 3))) + self.words()

    def statement(self, level):
        if level > 2 or self.chance(.35):
            return self.printed()
        kinds = [self.branch, self.loop, self.loop, self.pairs, self.set, self.set, self.set_block, self.namespace, self.macro, self.call, self.filter, self.with_block, self.recursive, self.changes, self.include, self.imports, self.dedupe, self.helpers]
        return self.filled(self.pick(*kinds)(level + 1))

    def branch(self, level):
        tag = self.tag
        middle = tag(f"elif §test§") + self.body(level) if self.chance(.5) else ""
        return tag(f"if {self.pick(self.test, self.plain)()}{self.pick('', '', ':')}") + self.body(level) + middle + (tag("else") + self.body(level) if self.chance(.6) else "") + tag("endif")

    def looks(self):
        return "{{ loop." + self.pick("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem|default('·')", "nextitem|default('·')", "depth", "depth0", "cycle('a', 'ı', 3)", "changed(v)") + " }}"

    def loop(self, level):
        tag = self.tag
        leaves = tag(f"if {self.pick('loop.index > 1', 'loop.first', 'loop.last', 'v == 3')}") + tag(self.pick("break", "continue")) + tag("endif")
        parts = [self.pick("", self.looks()), self.body(level), self.pick("", "", leaves), self.pick("", tag(f"set {self.pick(*FREE)} = v"))]
        self.random.shuffle(parts)
        condition = self.pick("", "", " if v", " if v is not none", " if loop is not defined", f" if §test§")
        return tag(f"for v in §listed§{condition}") + "{{ v }}" + "".join(parts) + self.pick("", tag("else") + self.body(level)) + tag("endfor")

    def pairs(self, level):
        source = self.pick("d.items()", "d|dictsort", "[(1, 2), (3, 4)]", "people|groupby('il')", "['ab', 'cd']", "{'x': 1}|items", "nested[:1]")
        target = self.pick("k, v", "(k, v)", "k, (v)", "k, v,"[:-1])
        return self.tag(f"for {target} in {source}") + "{{ k }}={{ v }}" + self.looks() + self.pick("", self.body(level)) + self.tag("endfor")

    def set(self, _level):
        name = self.pick(*FREE)
        if self.chance(.2):
            # Not twice the same: CPython 3.11.2 takes the first of two values for one name, later versions the last.
            other = self.pick(*(o for o in ("v", "(w)") if o.strip("()") != name))
            return self.tag(f"set {name}, {other} = {self.pick('1, 2', 'xs[:2]', '¨ab¨', '(ad, n)')}") + self.show(name)
        return self.tag(f"set {name} = §shown§{self.pick('', '', ', 1')}") + self.pick("", self.show(name))

    def set_block(self, level):
        name = self.pick(*FREE)
        return self.tag(f"set {name}{self.pick('', ' | upper', ' | trim | replace(¨a¨, ¨b¨)', ' | length')}") + self.body(level) + self.tag("endset") + self.show(name)

    def namespace(self, level):
        tag = self.tag
        return (tag(f"set ns = namespace({self.pick('t=0, s=¨¨', '{¨t¨: 0}, s=¨¨')})") + tag(f"for v in xs{self.pick('', ' if v != ns.t')}") + tag("set ns.t = ns.t + v") + tag("set ns.s = ns.s ~ v") + self.pick("", tag("set ns.t, ns.q = v, 1"), self.body(level)) + tag("endfor")
                + "{{ ns.t }}{{ ns.s }}{{ ns }}")

    def macro(self, level):
        tag = self.tag
        self.macros += 1
        name = f"f{self.macros}"
        body = self.pick("", "{{ varargs }}", "{{ kwargs }}", "{{ varargs }}{{ kwargs }}")
        call = self.pick("1", "1, 2", f"b=§plain§", "a=1", "*[1, 2]", "**{'a': 1}", "'x', v='ş'", f"§plain§, §plain§")
        if "varargs" in body:
            call = self.pick(call, "1, 2, 3, 4", "*xs")
        if "kwargs" in body:
            call = self.pick(call, "a=1, z=2", "1, **d")
        text = tag(f"macro {name}(a{self.pick('', '=5')}, b={self.pick(self.plain(), 'a', 'v')}, v=n)" if self.chance(.7) else f"macro {name}(a=b, b=3, v=4)") + "[" + self.show("a") + "|" + self.show("b") + "]" + body + self.body(level) + tag("endmacro")
        after = "{{ " + name + self.pick("", ".name", ".arguments", ".catch_kwargs") + " }}"
        return text + self.pick("", self.body(level)) + "{{ " + name + "(" + call + ") }}" + self.pick("", "", after)

    def call(self, level):
        tag = self.tag
        self.macros += 1
        name = f"g{self.macros}"
        needs = self.pick(("", ""), ("t", "(u)"), ("t, 2", "(u, w=5)"), ("", "(u=1)"))
        return (tag(f"macro {name}(t)") + "<{{ t }}{{ caller(" + needs[0] + ") }}" + self.pick("", "{{ caller is defined }}", "{{ caller.name }}") + ">" + tag("endmacro") + tag(f"call{needs[1]} {name}(§plain§)") + self.show("u") + self.show("w") + self.body(level) + tag("endcall"))

    def filter(self, level):
        return self.tag(f"filter {self.pick('upper', 'trim', 'title', 'replace(¨a¨, ¨ş¨)', 'indent(2)|upper', 'e', 'wordwrap(9)', 'center(40)', 'truncate(9)', 'string', 'striptags')}") + self.body(level) + self.tag("endfilter")

    def with_block(self, level):
        head = self.pick(f"v = §plain§, w = §plain§", f"v = §plain§", "", "v, w = (1, 2)", f"w = {self.pick(*FREE)}|default(1), v = 2")
        return self.tag(f"with {head}") + self.show("v") + self.show("w") + self.body(level) + self.tag("endwith")

    def recursive(self, level):
        tag = self.tag
        if self.chance(.5):
            return tag("for v in nested recursive") + "{{ loop.depth }}{% if v is iterable %}({{ loop(v) }}){% else %}{{ v }}{% endif %}" + self.pick("", self.looks()) + tag("endfor")
        return tag("for t in tree recursive") + "{{ t.v }}{{ loop.depth0 }}" + self.pick("", "{% set u1 = t.v %}") + "{{ loop(t.c) }}" + self.pick("", self.looks().replace("(v)", "(t.v)")) + self.pick("", tag("else") + ".") + tag("endfor")

    def changes(self, _level):
        tag = self.tag
        method = self.pick("append(1)", "extend([4])", "insert(1, 'x')", "pop()", "pop(0)", "remove(2)", "sort()", "sort(reverse=true)", "reverse()", "clear()", "append(li)")
        keyed = self.pick("update({'z': 1})", "update(z=2)", "pop('a')", "pop('q', 1)", "setdefault('a', 5)", "setdefault('y', 5)", "popitem()", "clear()", "copy()", "get('q')", "update({'a': 3}, b=4)")
        return tag("set li = [3, 1, 2]") + tag(f"do li.{method}") + ("{{ li|length }}" if "li" in method else "{{ li }}") + tag("set di = {'a': 1, 'b': 2}") + "{{ di." + keyed + " }}{{ di }}"

    def include(self, level):
        what = self.pick("'part'", "'part' with context", "'part' without context", "'yok' ignore missing", "['yok', 'part']", "'yok' ignore missing with context")
        if self.strict:
            what = "'yok' ignore missing"
        elif "without" in what and level > 1:
            what = "'part'"  # in a macro, Jinja2 writes the address of a generator instead
        return self.tag(f"include {what}") if self.chance(.8) or self.strict else self.tag("for v in [1, 2]") + self.tag("include 'shows_loop'") + "{{ loop.first }}" + self.tag("endfor")

    def imports(self, _level):
        tag = self.tag
        if self.strict:
            return tag("from 'macros' import c") + tag("call(q) c()") + "{{ q }}" + tag("endcall")
        return self.pick(
            tag(f"import 'macros' as mod{self.pick('', ' with context', ' without context')}") + "{{ mod.m(1) }}{{ mod.k }}{{ mod._p }}{{ mod.yok }}{{ mod }}",
            tag(f"from 'macros' import m as u2, k, yok{self.pick('', ' with context')}") + "{{ u2(n) }}{{ k }}{{ yok }}", tag("from 'macros' import c") + tag("call(q) c()") + "{{ q }}" + tag("endcall"))

    def dedupe(self, _level):
        tag = self.tag
        return tag("set seen = namespace(all=[])") + tag("for v in xs if v not in seen.all") + tag("set seen.all = seen.all + [v]") + "{{ v }}" + self.pick("", "{{ loop.length }}", "{{ loop.last }}", "{{ loop.nextitem|default('.') }}") + tag("endfor")

    def helpers(self, _level):
        return self.pick("{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{% do c.reset() %}{{ c.next() }}", "{% set j = joiner('; ') %}{% for v in xs %}{{ j() }}{{ v }}{% endfor %}", "{{ dict(d, z=1) }}{{ dict([('a', 1)]) }}", "{{ range(3) }}{{ range(1, 9, 2) }}{{ range(9)[2:8:3] }}", "{{ namespace(a=1).a }}{{ namespace({'ş': 2}) }}")

    def inherits(self):
        tag = self.tag
        parent = self.pick("base", "mid", "base" if self.strict else "demands")
        if parent == "demands":
            return "{% extends 'demands' %}" + tag("block must") + self.body(1) + tag("endblock")
        blocks = [tag(f"block {name}{self.pick('', ' scoped')}") + self.pick("", "{{ super() }}") + self.body(1) + tag(f"endblock{self.pick('', ' ' + name)}") for name in self.random.sample("abc", k=self.pick(1, 2, 3))]
        before = self.pick("", "önce", tag("set u1 = 'çocuk'"), "{{ n }}")
        return before + "{% extends '" + parent + "' %}" + self.pick("", tag("set v = 8"), "atılır {{ n }}", self.macro(2)) + "".join(blocks)


def generated(seed, count):
    generator = Generator(seed)
    for number in range(count):
        pick = generator.pick
        options = {"trim_blocks": pick(True, False), "lstrip_blocks": pick(True, False), "keep_trailing_newline": pick(True, False), "undefined": pick("Undefined", "Undefined", "Undefined", "StrictUndefined")}
        if generator.chance(.12):
            options["autoescape"] = True
        generator.strict = options["undefined"] == "StrictUndefined"
        template = generator.filled(generator.inherits() if generator.chance(.1) else generator.body())
        yield {"id": str(number), "op": "jinja.render", "template": template.replace("¨", '"'), "vars": VALUES, "templates": PARTS, "options": options}

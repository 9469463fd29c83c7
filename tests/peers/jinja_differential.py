#!/usr/bin/env python3
"""Renders generated Jinja templates by conformance_driver and by Python's Jinja2, and compares the bytes.

usage: jinja_differential.py --install DIR --driver PROGRAM [--seed N] [--count N] [--show N]

Both give the same text, or both refuse. What differs on purpose is a rule in ALLOWED, and a line of docs/prompts.md under "Differences
from Jinja2". Exit code 77: Jinja2 cannot be installed.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys

VALUES = {
    "ad": "İğdır ılıca", "s": "Hello, World", "empty": "", "lines": "bir\niki üç\n\n  dört", "html": "<b>&'x'</b>", "digits": "42",
    "n": 7, "m": -3, "zero": 0, "r": 2.5, "big": 9007199254740993, "yes": True, "no": False, "nothing": None,
    "xs": [3, 1, 2, 3], "ws": ["ışık", "Araba", "çay", "araba"], "none_in": [1, None, "a"], "nested": [[1, 2], [3], []],
    "d": {"a": 1, "b": "iki", "ç": [1, 2]}, "şehir": "Şırnak", "leer": [],
    "people": [{"ad": "Ayşe", "yaş": 31, "il": "Van"}, {"ad": "ırmak", "yaş": 7, "il": "Bolu"}, {"ad": "İnci", "yaş": 31, "il": "Van"}],
}
TEXTS, NUMBERS, LISTS = ["ad", "s", "empty", "lines", "html", "digits", "şehir"], ["n", "m", "zero", "r", "yes", "big"], ["xs", "ws", "leer", "nested"]
ANY = [*VALUES, "yok"]
# A rule: what it is called, and when it holds. `text` is the template.
ALLOWED = {
    "integers have 64 bits": lambda text, theirs, ours: "64 bits" in str(ours.get("error", "")),
    "a filter block may give a number": lambda text, theirs, ours: "expected str instance" in theirs.get("error", ""),
    "a test without arguments may stand before if": lambda text, theirs, ours: "error" in theirs and re.search(r" is (not )?\w+ if ", text),
}


class Generator:
    """Templates from a grammar: expressions mostly of the type that their place wants, now and then of another. ¨ stands for a quote."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.depth = 0

    def pick(self, *options):
        return self.random.choice(options)

    def literal(self):
        return self.pick("'a'", "'İı'", '"it\'s"', "'%s-%s'", "'\\n'", "'ğ\\tş'", "' '", "','")

    def number(self):
        self.depth += 1
        simple = self.depth > 3
        made = self.pick(*NUMBERS) if self.random.random() < .4 else str(self.pick(0, 1, 2, 3, 10, 2.5, "1_000", "0x1f", "1e3", "-4"))
        if not simple:
            made = self.pick(
                made, made, made, f"({self.number()} {self.pick('+', '-', '*', '/', '//', '%')} {self.number()})", f"({self.number()} ** {self.pick(0, 1, 2)})",
                f"-{self.pick(*NUMBERS)}", f"{self.listed()}|length", f"{self.text()}|length", f"{self.number()}|abs",
                f"{self.number()}|round({self.pick('', '1', '2', '0, ¨floor¨', '1, ¨ceil¨')})", f"{self.number()}|int", f"{self.text()}|int(5)",
                f"{self.text()}|float", f"xs|sum", f"people|sum(attribute='yaş')", f"xs|{self.pick('min', 'max', 'first', 'last')}",
                f"{self.text()}.{self.pick('find', 'count', 'rfind')}({self.literal()})", f"xs.{self.pick('index', 'count')}({self.pick(1, 3)})",
                f"{self.text()}|wordcount")
        self.depth -= 1
        return made

    def index(self):
        return self.pick("", "", "0", "1", "-1", "2", "-2", "9", "-9", "n")

    def text(self):
        self.depth += 1
        made = self.pick(*TEXTS, self.literal())
        if self.depth <= 3:
            made = self.pick(
                made, made, f"({self.text()} ~ {self.anything()})", f"({self.text()} + {self.text()})", f"({self.text()} * {self.pick(0, 2, -1)})",
                f"{made}[{self.index()}:{self.index()}]", f"{made}[{self.index()}:{self.index()}:{self.pick(1, 2, -1, -2)}]", f"{made}[{self.pick(0, 1, -1, 99)}]",
                f"{self.text()}|{self.pick('upper', 'lower', 'capitalize', 'title', 'trim', 'string', 'e', 'striptags', 'urlencode', 'reverse', 'pprint', 'forceescape')}",
                f"{self.text()}|replace({self.literal()}, {self.literal()}{self.pick('', ', 1')})", f"{self.text()}|{self.pick('center(13)', 'truncate(5)', 'truncate(7, true)', 'truncate(4, true, ¨…¨, 0)', 'indent', 'indent(2, true)', 'indent(3, blank=true)', 'wordwrap(5)', 'wordwrap(9, false)', 'urlize')}",
                f"{made}.{self.pick('upper', 'lower', 'title', 'capitalize', 'swapcase', 'strip', 'lstrip', 'rstrip', 'casefold', 'expandtabs')}()",
                f"{made}.{self.pick('strip', 'lstrip', 'rstrip')}({self.literal()})", f"{made}.{self.pick('center', 'ljust', 'rjust', 'zfill')}({self.pick(0, 8, 15)})",
                f"{made}.replace({self.literal()}, {self.literal()})", f"{made}.{self.pick('removeprefix', 'removesuffix')}({self.literal()})",
                f"{self.listed()}|join({self.literal()})", f"{self.listed()}|join", f"people|join(',', attribute='ad')", f"{self.anything()}|tojson", f"{self.listed()}|tojson(indent={self.pick(0, 2)})",
                f"'%s/%r'|format({self.anything()}, {self.anything()})", f"'%d|%5.2f|%-4s|'|format({self.number()}, {self.number()}, {self.text()})",
                f"'{{}} {{0}}'.format({self.text()})", f"'{{}}-{{!r}}-{{:>6}}'.format({self.text()}, {self.text()}, {self.text()})", f"'{{a[0]}}{{b:05d}}'.format(a=xs, b=n)",
                f"({self.text()} if {self.test()} else {self.text()})", f"{self.anything()}|string", f"{self.number()}|filesizeformat{self.pick('', '(true)')}",
                f"{self.anything()}|default({self.text()}{self.pick('', ', true')})", f"d|{self.pick('xmlattr', 'urlencode')}")
        self.depth -= 1
        return made

    def listed(self):
        self.depth += 1
        made = self.pick(*LISTS, *LISTS, "range(4)", "[1, 'a', none]", "(1, 2)", "d.items()|list", "people")
        if self.depth <= 3:
            made = self.pick(
                made, made, f"{made}[{self.index()}:{self.index()}]", f"{made}[::{self.pick(-1, 2)}]", f"({self.listed()} + {self.listed()})", f"{made}|list", f"{made}|reverse|list",
                f"{self.pick('xs', 'ws')}|sort{self.pick('', '(true)', '(case_sensitive=true)')}", f"people|sort(attribute='{self.pick('yaş', 'ad', 'il,ad', 'yaş,ad')}')", f"{self.pick('xs', 'ws')}|unique|list",
                f"people|map(attribute='{self.pick('ad', 'yaş', 'yok')}')|list", f"ws|map('{self.pick('upper', 'length', 'title', 'first')}')|list", f"xs|{self.pick('select', 'reject')}('{self.pick('odd', 'even')}')|list",
                f"xs|select('{self.pick('gt', 'ge', '<', 'ne')}', 2)|list", f"people|{self.pick('selectattr', 'rejectattr')}('yaş', '{self.pick('eq', 'gt', 'lessthan')}', {self.pick(7, 31)})|list",
                f"people|selectattr('{self.pick('ad', 'yok')}')|list", f"people|groupby('{self.pick('il', 'yaş', 'ad')}')|list", f"{self.listed()}|batch({self.pick(2, 3)}{self.pick('', ', 0')})|list",
                f"{self.listed()}|slice({self.pick(2, 3)}{self.pick('', ', 0')})|list", f"d|dictsort{self.pick('', '(true)', '(reverse=true)')}", f"d.{self.pick('keys', 'values', 'items')}()|list", f"{self.text()}|list",
                f"{self.text()}.split({self.pick('', self.literal())})", f"{self.text()}.{self.pick('splitlines()', 'rsplit(none, 1)', 'split(None, 1)', 'partition(¨ ¨)', 'rpartition(¨ı¨)')}", f"d|items|list", f"{self.number()}|string|list",
                f"[{self.anything()}, {self.anything()}]", f"({self.anything()},)", f"xs|{self.pick('map', 'select')}|list")
        self.depth -= 1
        return made

    def test(self):
        self.depth += 1
        a = self.anything()
        made = self.pick("yes", "no", f"{a} is {self.pick('', 'not ')}{self.pick('defined', 'none', 'string', 'number', 'mapping', 'sequence', 'iterable', 'boolean', 'integer', 'float', 'undefined', 'true', 'callable', 'escaped')}")
        if self.depth <= 3:
            made = self.pick(
                made, made, f"{self.number()} {self.pick('<', '>', '<=', '>=', '==', '!=')} {self.number()}", f"{self.text()} {self.pick('<', '==', '!=', '>=')} {self.text()}", f"{self.number()} < {self.number()} <= {self.number()}",
                f"{self.text()} {self.pick('in', 'not in')} {self.text()}", f"{self.anything()} {self.pick('in', 'not in')} {self.listed()}", f"{self.literal()} in d", f"not {self.anything()}",
                f"({self.test()} {self.pick('and', 'or')} {self.test()})", f"{self.number()} is {self.pick('odd', 'even', 'divisibleby 2', 'divisibleby(3)', 'eq 7', 'gt(2)', 'in [1, 2, 7]')}",
                f"{self.text()} is {self.pick('upper', 'lower', 'in ws', 'sameas ¨a¨')}", f"{self.text()}.{self.pick('isdigit', 'isalpha', 'isupper', 'islower', 'isspace', 'istitle', 'isalnum')}()",
                f"{self.text()}.{self.pick('startswith', 'endswith')}({self.literal()})", f"'{self.pick('upper', 'nix')}' is {self.pick('filter', 'test')}", f"{self.anything()} == {self.anything()}")
        self.depth -= 1
        return made

    def anything(self):
        self.depth += 1
        made = self.pick(*ANY, self.literal(), "1", "none", "d.ç", "d['a']", "d.yok", "people[0].ad", "people[-1]['yaş']", "nested.0", "{'k': n, 2: ad}", "true")
        if self.depth <= 3:
            made = self.pick(made, made, self.number(), self.text(), self.listed(), self.test(), f"({self.anything()} {self.pick('and', 'or')} {self.anything()})", f"d.get({self.pick('¨a¨', '¨z¨', '¨z¨, 1')})",
                             f"{self.pick('xs', 'ws', 'people', 'leer')}|{self.pick('first', 'last', 'min', 'max', 'length')}", f"({self.anything()} if {self.test()})",
                             f"dict(a={self.anything()}, b=1)", f"people|{self.pick('min', 'max')}(attribute='yaş')", f"d|attr('{self.pick('a', 'yok')}')")
        self.depth -= 1
        return made

    def tag(self, inside):
        return "{%" + self.pick("", "", "", "-", "+") + " " + inside + " " + self.pick("", "", "", "-", "+") + "%}"

    def words(self):
        return self.pick("", " ", "x", "\n", "  \n", " ş \n  ", "a\r\nb", "{# c #}\n", "{#- c -#} ", "{% raw %}{{ ı }}{% endraw %}\n", "\t")

    def shown(self):
        return "{{" + self.pick("", "", "-") + " " + self.anything() + " " + self.pick("", "", "-") + "}}"

    def body(self, level=0):
        return "".join(self.words() + self.statement(level) for _ in range(self.random.randint(1, 3))) + self.words()

    def statement(self, level):
        if level > 2 or self.random.random() < .4:
            return self.shown()
        inner = lambda: self.body(level + 1)
        tag = self.tag
        loop = "{{ loop." + self.pick("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem", "depth", "cycle('a', 'ı')", "changed(v)") + " }}"
        kind = self.random.randrange(13)
        if kind == 0:
            return tag(f"if {self.test()}") + inner() + tag(f"elif {self.anything()}") + inner() + tag("else") + inner() + tag("endif")
        if kind in (1, 2):
            return tag(f"for v in {self.listed()}{self.pick('', '', ' if v', ' if loop is defined')}") + "{{ v }}" + loop + inner() + self.pick("", tag("if loop.index > 1") + tag(self.pick("break", "continue")) + tag("endif")) + self.pick("", tag("else") + inner()) + tag("endfor")
        if kind == 3:
            return tag(f"for k, v in {self.pick('d.items()', 'd|dictsort', '[(1, 2), (3, 4)]', 'people|groupby(¨il¨)')}") + "{{ k }}={{ v }}" + loop + tag("endfor")
        if kind == 4:
            return tag(f"set {self.pick('v', 'n', 'ışık', 'a, b')} = {self.anything()}") + "{{ v }}{{ n }}{{ ışık }}"
        if kind == 5:
            return tag(f"set v{self.pick('', ' | upper', ' | trim | replace(¨a¨, ¨b¨)')}") + inner() + tag("endset") + "{{ v }}"
        if kind == 6:
            return tag("set ns = namespace(t=0, s='')") + tag("for v in xs") + tag("set ns.t = ns.t + v") + tag("set ns.s = ns.s ~ loop.index") + tag("endfor") + "{{ ns.t }}{{ ns.s }}"
        if kind == 7:
            return tag(f"macro f(a, b={self.anything()}, v=n)") + "[{{ a }}|{{ b }}|{{ varargs }}|{{ kwargs }}]" + inner() + tag("endmacro") + "{{ f(" + self.pick("1", "1, 2", "b=ad", "1, 2, 3, 4", "a=1, z=2", "*xs", "**{'a': 1}", "'x', v='ş'") + ") }}"
        if kind == 8:
            return tag("macro g(t)") + "<{{ t }}{{ caller(" + self.pick("", "t", "1, 2") + ") }}>" + tag("endmacro") + tag(f"call{self.pick('', '(u)', '(u, w=5)')} g({self.anything()})") + "{{ u }}{{ w }}" + inner() + tag("endcall")
        if kind == 9:
            return tag(f"filter {self.pick('upper', 'trim', 'title', 'replace(¨a¨, ¨ş¨)', 'indent(2)|upper', 'e', 'wordcount')}") + inner() + tag("endfilter")
        if kind == 10:
            return tag(f"with v = {self.anything()}, w = {self.anything()}") + "{{ v }}{{ w }}" + inner() + tag("endwith")
        if kind == 11:
            return tag("for v in nested recursive") + "{{ loop.depth }}{% if v is iterable %}{{ loop(v) }}{% else %}{{ v }}{% endif %}" + tag("endfor")
        method = self.pick("append(1)", "extend([4])", "insert(1, 'x')", "pop()", "pop(0)", "remove(2)", "sort()", "sort(reverse=true)", "reverse()", "clear()")
        keyed = self.pick("update({'z': 1})", "update(z=2)", "pop('a')", "pop('q', 1)", "setdefault('a', 5)", "setdefault('y', 5)", "popitem()", "clear()")
        return tag("set li = [3, 1, 2]") + tag(f"do li.{method}") + "{{ li }}" + tag("set di = {'a': 1, 'b': 2}") + "{{ di." + keyed + " }}{{ di }}"


def generated(seed, count):
    generator = Generator(seed)
    for number in range(count):
        pick = generator.pick
        options = {"trim_blocks": pick(True, False), "lstrip_blocks": pick(True, False), "keep_trailing_newline": pick(True, False),
                   "undefined": pick("Undefined", "Undefined", "StrictUndefined")}
        yield {"id": str(number), "op": "jinja.render", "template": generator.body().replace("¨", '"'), "vars": VALUES, "options": options}


def peer():
    """Runs in the virtual environment: the cases on standard input, the answers of Jinja2 on standard output."""
    import jinja2
    for line in sys.stdin:
        case = json.loads(line)
        options = {**case["options"], "undefined": getattr(jinja2, case["options"]["undefined"])}
        environment = jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], **options)
        environment.filters["tojson"] = lambda x, indent=None: json.dumps(x, ensure_ascii=False, indent=indent)
        try:
            answer = {"output": environment.from_string(case["template"]).render(**case["vars"])}
        except Exception as e:  # whatever the engine raises
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


def answers(command, cases):
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, timeout=250, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    if sys.argv[1:] == ["--peer"]:
        return peer()
    from support import here, virtual_environment
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True, help="the program conformance_driver")
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--show", type=int, default=20)
    arguments = parser.parse_args()
    python = virtual_environment(arguments.install, "jinja", here() / "requirements-jinja.txt", "Jinja2")
    cases = list(generated(arguments.seed, arguments.count))
    theirs, ours = answers([python, __file__, "--peer"], cases), answers([arguments.driver], cases)
    found = collections.Counter()
    for case, their, our in zip(cases, theirs, ours, strict=True):
        if ("error" in their and "error" in our) or ("output" in our and their.get("output") == our["output"]):
            found["refused by both" if "error" in their else "equal"] += 1
            continue
        rule = next((name for name, holds in ALLOWED.items() if holds(case["template"], their, our)), None)
        found[f"allowed: {rule}" if rule else "different"] += 1
        if not rule and found["different"] <= arguments.show:
            print(f"{case['template']!r} {case['options']}\n  Jinja2: {str(their)[:600]}\n  zincir: {str(our)[:600]}")
    print(f"seed {arguments.seed}, {len(cases)} templates: " + ", ".join(f"{n} {what}" for what, n in sorted(found.items())))
    return 1 if found["different"] else 0


if __name__ == "__main__":
    sys.exit(main())

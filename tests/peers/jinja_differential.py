#!/usr/bin/env python3
"""Renders generated Jinja templates by conformance_driver and by Python's Jinja2, and compares the bytes.

usage: jinja_differential.py --install DIR --driver PROGRAM [--seed N | --seeds A..B] [--count N] [--show N]

Both give the same text, or both refuse. What differs on purpose is a rule in ALLOWED, and a line of docs/prompts.md under "Differences
from Jinja2". Exit code 77: Jinja2 cannot be installed.
"""
import argparse
import collections
import functools
import json
import operator
import pathlib
import re
import sys

from jinja_generator import generated
from support import answers, here, virtual_environment

# A rule: what it is called, and when it holds.
ALLOWED = {
    "integers have 64 bits": lambda theirs, ours: theirs["wide"] and "64 bits" in str(ours.get("error", "")),
    "a constant may be infinite": lambda theirs, ours: "output" in ours and re.match(r"NameError: name '(inf|nan)' is not defined", theirs.get("error", "")),
}
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv, "**": operator.pow, "%": operator.mod}


def peer():
    """Runs in the virtual environment: the cases on standard input, the answers of Jinja2 on standard output."""
    import jinja2
    found = {"wide": False}  # an integer beyond 64 bits, in this rendering

    def noted(value):
        found["wide"] = found["wide"] or (isinstance(value, int) and not -2**63 <= value < 2**63)
        return value

    class Counting(jinja2.Environment):
        sandboxed = True  # for call_binop, which is not asked otherwise
        intercepted_binops = frozenset(OPERATORS)
        intercepted_unops = frozenset()

        def call_binop(self, context, sign, left, right):
            return noted(OPERATORS[sign](left, right))

        def call(__self, __context, __called, *args, **kwargs):
            return __context.call(__called, *args, **kwargs)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    for line in sys.stdin:
        case = json.loads(line)
        options = {**case["options"], "undefined": getattr(jinja2, case["options"]["undefined"])}
        environment = (Counting if case.get("counting") else jinja2.Environment)(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], loader=jinja2.DictLoader(case["templates"]), **options)
        for name in ("sum", "int", "abs", "round") if case.get("counting") else ():
            kept = environment.filters[name]
            environment.filters[name] = functools.update_wrapper(lambda *args, _kept=kept, **kwargs: noted(_kept(*args, **kwargs)), kept)
        if not options.get("autoescape"):
            environment.filters["tojson"] = tojson
        found["wide"] = False
        try:
            answer = {"output": environment.from_string(case["template"]).render(**case["vars"])}
        except Exception as e:  # whatever the engine raises
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps({**answer, **found}), flush=True)


def compare(python, driver, seed, count, show):
    """What became of the templates of one seed, counted."""
    cases = list(generated(seed, count))
    found = collections.Counter()
    for case, theirs, ours in zip(cases, answers([python, __file__, "--peer"], cases), answers([driver], cases), strict=True):
        if ("error" in theirs and "error" in ours) or ("output" in ours and theirs.get("output") == ours["output"]):
            found["refused by both" if "error" in theirs else "equal"] += 1
            continue
        if "64 bits" in str(ours.get("error", "")):
            theirs = answers([python, __file__, "--peer"], [{**case, "counting": True}])[0]
        rule = next((name for name, holds in ALLOWED.items() if holds(theirs, ours)), None)
        found[f"allowed: {rule}" if rule else "different"] += 1
        if not rule and found["different"] <= show:
            print(f"{case['template']!r} {case['options']}\n  Jinja2: {str(theirs)[:600]}\n  zincir: {str(ours)[:600]}")
    print(f"seed {seed}, {count} templates: " + ", ".join(f"{n} {what}" for what, n in sorted(found.items())), flush=True)
    return found


def main():
    if sys.argv[1:] == ["--peer"]:
        return peer()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True, help="the program conformance_driver")
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--seeds", help="A..B: each of these")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--show", type=int, default=20)
    arguments = parser.parse_args()
    python = virtual_environment(arguments.install, "jinja", here() / "requirements-jinja.txt", "Jinja2")
    first, last = map(int, arguments.seeds.split("..")) if arguments.seeds else (arguments.seed, arguments.seed)
    found = sum((compare(python, arguments.driver, seed, arguments.count, arguments.show) for seed in range(first, last + 1)), collections.Counter())
    rendered = sum(n for what, n in found.items() if what not in ("refused by both", "different")) / max(1, sum(found.values()))
    print(f"{sum(found.values())} templates, {rendered:.0%} of them a text: " + ", ".join(f"{n} {what}" for what, n in sorted(found.items())))
    return 1 if found["different"] or rendered < .8 else 0


if __name__ == "__main__":
    sys.exit(main())

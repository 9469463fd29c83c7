#!/usr/bin/env python3
"""Writes values by every format specification and conversion of a table, by Python's own format() and by conformance_driver.

usage: format_specs.py --driver PROGRAM [--values N] [--show N]

The same text, or both refuse. What differs on purpose is a rule in ALLOWED, and a line of docs/prompts.md under "Differences from
Python". Needs Python 3.11 for the option z.
"""
import argparse
import collections
import itertools
import json
import random
import re
import sys

from support import answers

VALUES = [0, 7, -42, 1234567, 255, 65, 0x1F600, 2**63 - 1, -(2**63), 2**64 - 1, 0.0, -0.0, 1.0, -2.5, 1234567.891, 0.1, 1e16, 9999999999999998.0, 1e-5,
          0.00012345, 1.5e300, -5e-324, 123456789.0, 0.5, 99.995, 1e22, "", "a", "İğdır", "日本語", "e\u0301\u200b", True, False]
SPECS = ["".join(parts) for parts in itertools.product(
    ["", "<", ">", "^", "=", "*^", "0=", "ş>", "x<"], ["", "+", "-", " "], ["", "z", "#", "z#"], ["", "0", "1", "09", "14", "014"], ["", ",", "_"],
    ["", ".0", ".1", ".5", ".20"], ["", *"bcdeEfFgGnosxX%"])]
QUOTED = ["", "it's", 'say "x"', "it's \"x\"", "\\", "a\n\r\t", "\0\x1f\x7f", "\x80\x9f\xa0\xad\xff", "ışğİ", "\u200b\u2028\u3000\ufeff", "🤖\U000e0001\uffff", 7, -1.5, 1e16]
WORDS_ONLY = re.compile(r":(.?[<>^])?\d*(\.\d+)?s?$")
# A rule: what it is called, and when it holds.
ALLOWED = {
    "no character is a surrogate": lambda spec, value, theirs, ours: ours is None and theirs and any(0xD800 <= ord(c) < 0xE000 for c in theirs),
    "true and false are words unless a specification is one for numbers":
        lambda spec, value, theirs, ours: isinstance(value, bool) and WORDS_ONLY.match(spec) and ours == python(spec, json.dumps(value)),
}


def python(spec, value):
    try:
        return ("{x" + spec + "}").format(x=value)
    except (ValueError, OverflowError, TypeError):
        return None


def cases(count):
    # All specifications for a few values would be millions: each is tried with some of them.
    random.seed(20261125)
    for spec in SPECS:
        for value in random.sample(VALUES, count):
            yield ":" + spec, value
    for conversion, spec, value in itertools.product(["!r", "!a", "!s"], ["", ":", ":>12", ":.3", ":+", ":05"], QUOTED):
        yield conversion + spec, value


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--driver", required=True)
    options.add_argument("--values", type=int, default=1, help="values for each specification")
    options.add_argument("--show", type=int, default=10)
    given = options.parse_args()
    if sys.version_info < (3, 11):
        print("skipped: Python 3.11 is needed, for the option z")
        sys.exit(77)
    all_cases = list(cases(given.values))
    asked = [{"op": "zincir.format", "input": {"template": "{x" + spec + "}", "vars": {"x": value}}} for spec, value in all_cases]
    counts, bad = collections.Counter(), 0
    for (spec, value), answer in zip(all_cases, answers([given.driver], asked), strict=True):
        ours, want = answer.get("output"), python(spec, value)
        rule = "same" if ours == want else next((name for name, holds in ALLOWED.items() if holds(spec, value, want, ours)), None)
        counts[rule or "different"] += 1
        if not rule and (bad := bad + 1) <= given.show:
            print(f"{spec!r} of {value!r}: Python {want!r}, zincir {ours!r}")
    print(", ".join(f"{n} {what}" for what, n in counts.most_common()))
    sys.exit(1 if bad or not all_cases else 0)


main()

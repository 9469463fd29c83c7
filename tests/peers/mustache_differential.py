#!/usr/bin/env python3
"""Renders generated mustache templates by conformance_driver and by Wontache, and compares the bytes.

usage: mustache_differential.py --install DIR --driver PROGRAM [--seed N] [--count N] [--show N]

Wontache (npm) follows the whole specification with its optional modules. Both give the same text, or both refuse; what differs on purpose
is a rule in ALLOWED, and in docs/prompts.md under "Three syntaxes". Exit code 77: it cannot be installed.
"""
import argparse
import pathlib
import random
import re
import shutil
import sys

from support import answers, compare, here, install_once, run_installer, skip

PACKAGE = "wontache@0.2.0"
DATA = {
    "ad": "İğdır", "html": "<b>&\"", "empty": "", "zero": 0, "n": 7, "r": 2.5, "yes": True, "no": False, "nothing": None, "xs": [1, 2, 3], "ws": ["ı", "ş"], "leer": [],
    "nested": [[1, 2], [3], []], "d": {"a": 1, "b": "iki", "c": {"x": "derin", "ad": "iç"}, "e": {"f": {"ad": "en iç"}}},
    "kişiler": [{"ad": "Ayşe", "yaş": 31, "alt": [{"ad": "Can"}]}, {"ad": "Efe", "alt": []}], "which": "p1", "other": "p2", "lost": "none"}
PARTIALS = {
    "p1": "[{{ad}}]", "p2": "bir\n {{n}}\niki\n", "p3": "{{#kişiler}}\n- {{ad}}\n{{/kişiler}}\n", "p4": "  {{>p2}}\n", "p5": "x\r\n  y\r\n", "p6": "a\nb\r\n\tc",
    "parent": "<{{$b}}öz {{ad}}{{/b}}>\n", "child": "{{<parent}}{{$b}}child{{/b}}{{/parent}}{{$c}}c{{/c}}"}
NAMES = ["ad", "html", "empty", "zero", "n", "r", "yes", "no", "nothing", "yok", "xs", "ws", "d.a", "d.b", "d.c", "d.c.x", "d.yok", "d.yok.x", "yok.a", "ad.x", "n.x",
         "d.e.f.ad", "xs.1", "xs.9", ".", "yaş", "d", "kişiler.0.ad", "x", "nothing.x"]
SECTIONS = ["ad", "empty", "zero", "n", "yes", "no", "nothing", "yok", "xs", "ws", "leer", "nested", "d", "d.c", "kişiler", "kişiler", "alt", ".", "d.e.f", "yok.a"]
ALLOWED = {
    "an unclosed tag, an empty name or an empty part of a name is refused": lambda case, theirs, ours:
        case["damaged"] and re.search("never closed|no name|has an empty part|holds two", str(ours.get("error", ""))),
}


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.left, self.right = "{{", "}}"

    def pick(self, *options):
        return self.random.choice(options)

    def blanks(self):
        return self.pick("", "", " ", "  ")

    def tag(self, sigil, name):
        return self.left + sigil + self.blanks() + name + self.blanks() + self.right

    def on_line(self, tag):
        """Mostly alone on its line, or nearly so: ends of lines and blanks around it."""
        if self.random.random() < .4:
            return tag
        return self.pick("", "", "\n", "\r\n") + self.pick("", " ", "\t", "  ") + tag + self.pick("", " ", "\t") + self.pick("\n", "\r\n", "\n", "x")

    def words(self):
        return self.pick("", "", "", " ", "x", "\n", "\r\n", "  ", "\t", " ş ", "a\nb", "{ ", "}", "\n\n", "\n  ")

    def variable(self):
        name = self.pick(*NAMES)
        triple = self.left == "{{" and self.random.random() < .3
        return "{{{" + self.blanks() + name + self.blanks() + "}}}" if triple else self.tag(self.pick("", "", "&"), name)

    def inside(self):
        """Of a block: something, and on one line: most of what standalone blocks do is left open by the specification."""
        pieces = lambda: self.pick(self.variable(), self.tag("#", "kişiler") + self.tag("", "ad") + self.tag("/", "kişiler"))
        return "".join(self.pick("x", " ", "") + pieces() for _ in range(self.random.randint(1, 3)))

    def block(self, name):
        return self.tag("$", name) + self.inside() + self.tag("/", name)

    def delimited(self, level):
        before = self.left, self.right
        after = self.pick(("<%", "%>"), ("|", "|"), ("[[", "]]"), ("{{", "}}"))
        text = self.on_line(self.left + "=" + self.blanks() + after[0] + self.pick(" ", "  ") + after[1] + self.blanks() + "=" + self.right)
        self.left, self.right = after
        text += self.body(level + 1) + self.on_line(self.left + "=" + before[0] + " " + before[1] + "=" + self.right)
        self.left, self.right = before
        return text

    def part(self, level):
        kind = self.random.randrange(14)
        if level > 2 or kind < 4:
            return self.variable()
        if kind < 8:
            name = self.pick(*SECTIONS)
            return self.on_line(self.tag(self.pick("#", "#", "^"), name)) + self.body(level + 1) + self.on_line(self.tag("/", name))
        if kind == 8:
            return self.on_line(self.tag("!", self.pick(" not", "iki\nsatır", "{ }", " #x")))
        if kind == 9:
            return self.on_line(self.tag(">", self.pick("p1", "p2", "p3", "p4", "p5", "p6", "none")))
        if kind == 10:
            return self.on_line(self.tag(">*", self.pick("which", "other", "lost", "yok")))
        if kind == 11:
            name = self.pick("parent", "child")
            return self.tag("<", name) + "".join(self.block(b) for b in self.pick(["b"], ["b", "c"], ["c"], [])) + self.tag("/", name)
        if kind == 12:
            return self.block(self.pick("b", "c"))
        return self.delimited(level)

    def body(self, level=0):
        return "".join(self.words() + self.part(level) for _ in range(self.random.randint(0, 3))) + self.pick("", "\n", "x")

    def template(self):
        """The text, and whether letters were taken out of it."""
        text, damaged = self.body() + ".", False
        if self.random.random() < .05 and "$" not in text and "<" not in text:
            at = self.random.randrange(len(text))
            end = at + self.random.randint(1, 4)
            text = text[:at] + ("\n" if "\n" in text[at:end] else "") + text[end:] + "."
            damaged = True
        return text, damaged


def install(folder):
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            skip(f"there is no {tool}: install nodejs and npm (Node.js 18 or newer)")
    install_once(folder, PACKAGE, lambda: run_installer(
        ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", PACKAGE], "Wontache"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True, help="the program conformance_driver")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--show", type=int, default=20)
    given = parser.parse_args()
    folder = (given.install / "mustache").resolve()
    install(folder)
    generator = Generator(given.seed)
    cases = [{"op": "mustache.render", "template": text, "damaged": damaged, "data": DATA, "partials": PARTIALS}
             for text, damaged in (generator.template() for _ in range(given.count))]
    theirs = answers(["node", here() / "mustache_peer.mjs", folder], cases)
    return compare(cases, theirs, answers([given.driver], cases), ALLOWED, given.show)


if __name__ == "__main__":
    sys.exit(main())

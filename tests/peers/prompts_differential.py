#!/usr/bin/env python3
"""Renders generated f-strings and chat prompts by conformance_driver and by LangChain, and compares the answers.

usage: prompts_differential.py --install DIR --driver PROGRAM [--seed N] [--count N] [--show N]

Of an f-string: its variables and its text; of a chat prompt: its messages. Both give the same, or both refuse. LangChain is given values
that are written as JSON, as ours are; what else differs on purpose is a rule in ALLOWED, and a line of docs/prompts.md under
"Differences from Python". Exit code 77: LangChain cannot be installed.
"""
import argparse
import json
import pathlib
import random
import re
import sys

from support import answers, compare, here, virtual_environment

VALUES = {
    "ad": "İğdır ılıca", "şehir": "Şırnak", "ığüşçö": "ÇÖŞÜĞİ", "s\u0327ehir": "iki kod noktası", " x ": "boşluklu", "a b": "{ad} {{}} }", "empty": "",
    "quote": "it's \"q\"\n\\", "wide": "日本語🤖", "zw": "a\u200b\u0301", "n": 42, "m": -1234567, "zero": 0, "big": 2**64 - 1, "low": -(2**63), "r": 2.5, "whole": 1e16,
    "tiny": 1e-7, "minus": -0.0, "yes": True, "no": False, "nothing": None, "xs": [1, "iki", None], "leer": [], "d": {"k": "v'\"", "İ": [True]}, "-": "eksi", "$": "para"}
MESSAGES = [["human", "eski {ad}"], ["ai", "yanıt"], ["system", "kural"]]
# A rule: what it is called, and when it holds.
ALLOWED = {
    "fields are checked when the template is parsed": lambda case, theirs, ours: case["op"] == "get_template_variables" and "output" in theirs and (
        re.search("format specification|conversion is|has no name|called .stop", str(ours.get("error", "")))
        # A brace where the conversion should be.
        or (re.search(r"\{[^{}]*!\{", case["input"]["template"]) and "is never closed" in str(ours.get("error", "")))),
}


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *options):
        return self.random.choice(options)

    def spec(self):
        if self.random.random() < .1:
            return self.pick("Q", "5.", ".f", "<<", "é", "5 ", "d3", "{ad}", "{ad:>3}", "{", " ", "!r", ":", "n,", ",_", "0x", ">>>", "+-", "..2")
        if self.random.random() < .5:
            return self.pick("", ">3", "^12", "ş<8", "*>20", "8", "12", "é^5")
        align = self.pick("", "", "<", ">", "^", "=", "*^", "ş<", "0=", "🤖>")
        return align + self.pick("", "", "+", " ", "-") + self.pick("", "", "z", "#", "0") + self.pick("", "", "3", "8", "12") + self.pick("", "", ",", "_") + \
            self.pick("", "", ".0", ".1", ".3") + self.pick("", "", "", *"sdbcoxXneEfFgG%")

    def field(self):
        if self.random.random() < .08:
            name = self.pick("", "0", "12", "ad.x", "ad[0]", "ad[", "]", "yok", "stop", "n+1", "ad'", "ad\n", "Ad", "{ad", "ad}", "1a", "ad .")
        else:
            name = self.pick(*VALUES)
        conversion = self.pick("", "", "", "", "", "!s", "!r", "!a") if self.random.random() < .97 else self.pick("!", "!x", "!rr", "!r ", "!!", "!:", "!r!r")
        return "{" + name + conversion + (":" + self.spec() if self.random.random() < .4 else "") + "}"

    def fstring(self):
        pieces = [self.pick("", " ", "x", "ışık ", "\n", "\r\n", "{{", "}}", "{{}}", "{{{{", "}}}}", "$", "%s", "🤖", ":", "!") + self.field() for _ in range(self.random.randint(0, 3))]
        text = "".join(pieces) + self.pick("", "son", "}}", "{{")
        if self.random.random() < .1 and text:
            at = self.random.randrange(len(text))
            text = text[:at] + self.pick("{", "}", "") + text[at + 1:]
        return text

    def words(self):
        return self.pick("", "düz", "{ad}", "Merhaba {ad}, {şehir}", "{{json}} {n}", "{quote!r:>12}", "{a b}", "{ad:>9}", "{n:04}", self.pick("{yok}", "{", "{ad}"), "{s\u0327ehir}")

    def content(self):
        if self.random.random() < .6:
            return self.words()
        picture = self.pick("https://example.org/{n}.png", "data:image/png;base64,{ad}", "https://example.org/a.png")
        parts = {"text": lambda: {"type": "text", "text": self.words()}, "plain": self.words, "picture": lambda: {"type": "image_url", "image_url": {"url": picture}},
                 "detail": lambda: {"type": "image_url", "image_url": {"url": picture, "detail": self.pick("low", "{zoom}")}}, "address": lambda: {"type": "image_url", "image_url": picture}}
        return [parts[self.pick(*parts)]() for _ in range(self.random.randint(2, 3))]

    def part(self):
        role = self.pick("human", "user", "ai", "assistant", "system", "system", "human", "foo", "developer") if self.random.random() < .4 else "human"
        body = self.content() if role in ("human", "user") else self.words()
        kind = self.random.randrange(9)
        if kind < 4:
            return [role, body]
        if kind == 4:
            return {"role": role, "content": body}
        if kind == 5:
            return self.words()
        if kind == 6:
            return {"placeholder": self.pick("turns", "turns", "turns", "none", "ad"), "optional": self.pick(True, False), **({"n_messages": self.pick(1, 2, 3, 5, 9, 0, -1)} if self.random.random() < .5 else {})}
        if kind == 7:
            return ["placeholder", self.pick("{turns}", "{turns}", "turns", ["{turns}", True], ["{hiç}", True], ["{lost}", False], ["{turns}"])]
        return {"message": {"type": self.pick("human", "ai", "system"), "content": self.words()}}

    def chat(self):
        vars = {"ad": "İğdır", "şehir": "{n}", "n": 7, "quote": "it's", "a b": "ab", "s\u0327ehir": "ş", "zoom": "high", "turns": self.random.sample(MESSAGES, self.random.randint(0, 3))}
        if self.random.random() < .1:
            vars["turns"] = self.pick("text", [["foo", "x"]], ["bare"], [{"role": "user", "content": "sözlük"}], [["human", "a", "b"]], [{"type": "developer", "content": "kural"}])
        partial = {key: vars.pop(key) for key in ("ad", "turns") if self.random.random() < .2}
        return {"from_messages": [self.part() for _ in range(self.random.randint(1, 4))], "format": "f-string", "vars": vars, "partial": partial}


def generated(seed, count):
    generator = Generator(seed)
    for _ in range(count):
        text = generator.fstring()
        yield {"op": "get_template_variables", "input": {"template": text, "format": "f-string"}}
        yield {"op": "zincir.format", "input": {"template": text, "vars": VALUES}}
    for _ in range(count // 2):
        yield {"op": "from_messages.format_messages", "input": generator.chat()}


class Words:
    """A value that is written as JSON, and by a specification of numbers, where it is true or false, as 1 or 0."""

    def __init__(self, value):
        self.value, self.text = value, json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def __str__(self):
        return self.text

    __repr__ = __str__

    def __format__(self, spec):
        of_text = re.fullmatch(r"(.?[<>^])?[1-9]?\d*(\.\d+)?s?", spec, re.S) and not re.match(r"0", spec)
        return format(self.text if of_text or not isinstance(self.value, bool) else self.value, spec)


def peer():
    """Runs in the virtual environment: the cases on standard input, LangChain's answers on standard output."""
    from langchain_core.messages import convert_to_messages
    from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
    from langchain_core.prompts.string import get_template_variables

    def part(p):
        if isinstance(p, dict) and "placeholder" in p:
            return MessagesPlaceholder(p["placeholder"], optional=p["optional"], n_messages=p.get("n_messages"))
        if isinstance(p, dict) and "message" in p:
            return convert_to_messages([(p["message"]["type"], p["message"]["content"])])[0]
        return tuple(p) if isinstance(p, list) else p

    def answer(op, given):
        if op == "get_template_variables":
            return get_template_variables(given["template"], "f-string")
        if op == "zincir.format":
            vars = {key: Words(v) if v is None or isinstance(v, (bool, list, dict)) else v for key, v in given["vars"].items()}
            return PromptTemplate.from_template(given["template"]).format(**vars)
        prompt = ChatPromptTemplate.from_messages([part(p) for p in given["from_messages"]]).partial(**given["partial"])
        return [{"type": m.type, "content": m.content} for m in prompt.invoke(given["vars"]).to_messages()]

    for line in sys.stdin:
        case = json.loads(line)
        try:
            print(json.dumps({"output": answer(case["op"], case["input"])}), flush=True)
        except Exception as e:  # whatever the library raises
            print(json.dumps({"error": f"{type(e).__name__}: {e}"}), flush=True)


def main():
    if sys.argv[1:] == ["--peer"]:
        return peer()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True, help="the program conformance_driver")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--count", type=int, default=2000, help="f-strings; half as many chat prompts")
    parser.add_argument("--show", type=int, default=20)
    given = parser.parse_args()
    python = virtual_environment(given.install, "prompts", here() / "requirements-prompts.txt", "LangChain's prompts")
    cases = list(generated(given.seed, given.count))
    return compare(cases, answers([python, __file__, "--peer"], cases), answers([given.driver], cases), ALLOWED, given.show)


if __name__ == "__main__":
    sys.exit(main())

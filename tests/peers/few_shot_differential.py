#!/usr/bin/env python3
"""Makes few-shot prompts and picks examples by conformance_driver and by LangChain, from generated inputs, and compares.

usage: few_shot_differential.py --install DIR --driver PROGRAM [--seed N] [--count N] [--show N]

Texts have no braces: LangChain looks through examples and values once more, we never do. Exit code 77: LangChain cannot be installed.
"""
import argparse
import json
import pathlib
import random
import sys
import warnings

from support import answers, compare, here, virtual_environment

WORDS = ["ışık", "the", "cat", "sat", "on", "mat", "büyük", "küçük", "red", "çay", "a", "dog", "ran", "İzmir", "2+2"]
FORMATS = {"f-string": "{%s}", "mustache": "{{{%s}}}", "jinja2": "{{ %s }}"}


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *options):
        return self.random.choice(options)

    def sentence(self, most=9):
        return "".join(self.pick(" ", " ", " ", "\n", "  ") * (i > 0) + self.pick(*WORDS)
                                                            for i in range(self.random.randint(0, most)))

    def template(self, names, style):
        return "".join(self.pick("", "Q: ", " → ", "\n") + FORMATS[style] % name for name in names)

    def examples(self, least=0):
        return [{"q": self.sentence(), "a": self.sentence(4), "unused": "x"} for _ in range(self.random.randint(least, 6))]

    def prompt(self, style):
        return {"template": self.template(["q", "a"], style), "format": style}

    def few_shot(self):
        style = self.pick("f-string", "jinja2")  # LangChain has no mustache here
        shots = {"examples": self.examples(), "example_prompt": self.prompt(self.pick(*FORMATS)), "format": style,
                 "prefix": self.pick("", "Başla: ", self.template(["x"], style)), "suffix": self.template(self.pick(["x"], ["x", "y"], ["y"]), style),
                 "separator": self.pick("\n\n", "\n", "", "|", "\n---\n")}
        partial = {"y": self.sentence()} if self.random.random() < .3 else {}
        return {"few_shot": shots, "vars": {"x": self.sentence(), "y": self.sentence()}, "partial_variables": partial}

    def few_shot_chat(self):
        turns = [["human", "{q}"], ["ai", "{a}!"], ["human", "{a} {q}"]][:self.random.randint(1, 3)]
        return {"few_shot_chat": {"examples": self.examples(), "example_messages": turns}, "vars": {}}

    def length_based(self):
        return {"examples": self.examples(), "example_prompt": self.prompt("f-string"), "max_length": self.random.randint(0, 45),
                "input": {name: self.sentence() for name in self.pick(["x"], ["b", "a"], ["x", "y", "z"])}}

    def ngram_overlap(self):
        return {"examples": self.examples(1), "threshold": self.pick(-1.0, -1.0, 0.0, 0.05, 0.2, 0.5, 1.0, 2.0), "keys": ["a"], "input": {"x": self.sentence()}}

    def by_points(self):
        examples = [{**e, "q": f"{n} {e['q']}"} for n, e in enumerate(self.examples(1))]  # of two as near, LangChain has the later first
        case = {"examples": examples, "k": self.random.randint(1, 7), "input": {"q": self.sentence(), "unused": "y"}, "keys": self.pick([], ["q"], ["q", "a"])}
        if "a" in case["keys"]:
            case["input"]["a"] = self.sentence(4)
        texts = [text_of(case["keys"], e) for e in [*examples, case["input"]]]
        case["points"] = {text: [self.random.uniform(-1, 1) for _ in range(5)] for text in texts}
        return case

    def similarity(self):
        return self.by_points()

    def mmr(self):
        case = self.by_points()
        return {**case, "fetch": case["k"] + self.random.randint(0, 8)}

    def cases(self, count):
        kinds = {"few_shot.format": self.few_shot, "few_shot_chat.format_messages": self.few_shot_chat, "length_based.select_examples": self.length_based,
                 "ngram_overlap.select_examples": self.ngram_overlap, "similarity.select_examples": self.similarity, "mmr.select_examples": self.mmr}
        for number in range(count):
            op, make = list(kinds.items())[number % len(kinds)]
            yield {"id": str(number), "op": op, "input": make()}


def text_of(keys, values):
    return " ".join(values[k] for k in sorted(keys or values))


def answer(op, given):
    """LangChain's, in the virtual environment."""
    from langchain_core import example_selectors as s
    from langchain_core import prompts as p
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    def text(source):
        return p.PromptTemplate.from_template(source["template"], template_format=source["format"])

    class Listed(Embeddings):
        def embed_documents(self, texts):
            return [self.embed_query(t) for t in texts]

        def embed_query(self, text):
            return given["points"][text]

    if op == "few_shot.format":
        shots = given["few_shot"]
        prompt = p.FewShotPromptTemplate(examples=shots["examples"], example_prompt=text(shots["example_prompt"]), prefix=shots["prefix"], suffix=shots["suffix"],
                                         example_separator=shots["separator"], template_format=shots["format"], partial_variables=given["partial_variables"])
        return prompt.format(**given["vars"])
    if op == "few_shot_chat.format_messages":
        shots = given["few_shot_chat"]
        prompt = p.FewShotChatMessagePromptTemplate(examples=shots["examples"], example_prompt=p.ChatPromptTemplate.from_messages([tuple(m) for m in shots["example_messages"]]))
        return [{"type": m.type, "content": m.content} for m in prompt.format_messages(**given["vars"])]
    if op == "length_based.select_examples":
        return s.LengthBasedExampleSelector(examples=given["examples"], example_prompt=text(given["example_prompt"]), max_length=given["max_length"]).select_examples(given["input"])
    if op == "ngram_overlap.select_examples":
        from langchain_community.example_selectors import NGramOverlapExampleSelector
        return NGramOverlapExampleSelector(examples=given["examples"], example_prompt=p.PromptTemplate.from_template("{a}"), threshold=given["threshold"]).select_examples(given["input"])
    more = {"k": given["k"], "input_keys": given["keys"] or None}
    if op == "similarity.select_examples":
        return s.SemanticSimilarityExampleSelector.from_examples(given["examples"], Listed(), InMemoryVectorStore, **more).select_examples(given["input"])
    return s.MaxMarginalRelevanceExampleSelector.from_examples(given["examples"], Listed(), InMemoryVectorStore, fetch_k=given["fetch"], **more).select_examples(given["input"])


def peer():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        case = json.loads(line)
        try:
            shown = {"output": answer(case["op"], case["input"])}
        except Exception as e:  # whatever it raises
            shown = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(shown))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    python = virtual_environment(arguments.install, "prompts", here() / "requirements-prompts.txt", "LangChain's prompts")
    cases = list(Generator(arguments.seed).cases(arguments.count))
    return compare(cases, answers([python, __file__, "peer"], cases), answers([arguments.driver], cases), {}, arguments.show)


if __name__ == "__main__":
    sys.exit(peer() if sys.argv[1:2] == ["peer"] else main())

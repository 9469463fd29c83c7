#!/usr/bin/env python3
"""Writes prompts by LangChain's save() and dumpd(), reads them by conformance_driver, and compares what they render to.

usage: langchain_prompt_files.py --install DIR --driver PROGRAM [--show N]

Prompts of every kind that LangChain can write, each rendered with several values: the same text or messages. What it cannot write, such as
a function or a few-shot chat, must be refused here. Exit code 77: LangChain cannot be installed.
"""
import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

from support import answers, here, virtual_environment

TEXTS = ["", "çay", "{x} {{y}}", "<b>&\"'", "iki\nsatır", "{{{x}}}", "İğdır %s $1 \\n", "📎"]
URL = "https://example.org/{p}.png"
PNG = "iVBORw0KGgo="


def prompts():
    """(name, prompt, values of each rendering). Runs in the virtual environment."""
    from langchain_core import messages as m
    from langchain_core import prompts as p
    from langchain_core.prompts.few_shot_with_templates import FewShotPromptWithTemplates
    from langchain_core.prompts.structured import StructuredPrompt

    def text(template, style="f-string", **more):
        return p.PromptTemplate.from_template(template, template_format=style, **more)

    def chat(*parts, style="f-string"):
        return p.ChatPromptTemplate.from_messages(list(parts), template_format=style)

    each = [{"x": x, "y": "b"} for x in TEXTS]
    yield "text", text("{x}"), each
    yield "text that is one line break", text("{x}\n\n"), each
    yield "text with braces", text("{{{x}}} {{}} {y}\n"), each
    yield "text without variables", text("{{a}} tab\t ş"), [{}]
    yield "text with formats", text("[{x:>10}|{y!r}|{y:^5}]"), each
    yield "text with numbers", text("{n:05d} {r:.2f} {n:,} {n} {r}"), [{"n": 7, "r": 2.5}, {"n": -123456, "r": 1e-7}, {"n": 0, "r": 0.0}]
    yield "text with a value beforehand", text("{x} {y}", partial_variables={"y": "{given}"}), each + [{"x": "1"}]
    yield "text with metadata", text("{x}", metadata={"k": [1, {"a": None}]}, tags=["a", "ş"]), each
    yield "text called by a name", p.PromptTemplate(name="selam", template="{x}", input_variables=["x"]), each
    yield "text that is checked", p.PromptTemplate(template="{x}{y}", input_variables=["x", "y"], validate_template=True), each
    yield "mustache", text("{{x}} {{{x}}} {{&y}}", "mustache"), each
    yield "mustache sections", text("{{#list}}\n- {{a}}{{^a}}none{{/a}}\n{{/list}}\n{{^list}}empty{{/list}}", "mustache"), [
        {"list": [{"a": "1"}, {"a": ""}]}, {"list": []}, {"list": [{"a": "<ş>"}]}]
    yield "mustache dots", text("{{o.a.b}} {{#o}}{{a.b}}{{/o}}", "mustache"), [{"o": {"a": {"b": "derin"}}}]
    yield "jinja", text("{{ x | upper }}{% if y %} {{ y }}{% endif %}\n", "jinja2"), each

    # What PyYAML quotes, folds and escapes.
    anything = random.Random(4)
    pieces = ["a", "ş", " ", "  ", "\n", "\n\n", "\t", "'", '"', "\\", ": ", "#", " #", "- ", "\u2028", "\x85", "\xa0", "📎", "word " * 9, "&x", "!t", "%", "\x07", "\\n", "~"]
    for number in range(120):
        yield f"text {number}", text("".join(anything.choice(pieces) for _ in range(anything.randint(0, 14)))), [{}]

    pair = text("{soru} → {cevap}")
    examples = [{"soru": "büyük", "cevap": "küçük"}, {"soru": "1", "cevap": ""}, {"soru": "", "cevap": "no: #x"}]
    for separator in ("\n\n", "", " {{|}} "):
        yield f"few-shot joined by {separator!r}", p.FewShotPromptTemplate(
            examples=examples, example_prompt=pair, prefix="Zıddı ({x}):", suffix="{y} →", example_separator=separator, input_variables=["x", "y"]), each
    yield "few-shot without prefix", p.FewShotPromptTemplate(examples=examples, example_prompt=pair, suffix="{x}", input_variables=["x"]), each
    yield "few-shot without examples", p.FewShotPromptTemplate(examples=[], example_prompt=pair, prefix="{y}", suffix="{x}", input_variables=["x"]), each
    yield "few-shot in jinja", p.FewShotPromptTemplate(
        examples=examples, example_prompt=text("{{ soru|title }}", "jinja2"), prefix="{{ y }}", suffix="{{ x }}", template_format="jinja2",
        input_variables=["x", "y"]), each
    yield "few-shot with templates", FewShotPromptWithTemplates(
        examples=examples, example_prompt=pair, prefix=text("{y}!", ), suffix=text("{x}?"), input_variables=["x", "y"]), each
    yield "few-shot with templates and a value", FewShotPromptWithTemplates(
        examples=examples, example_prompt=pair, prefix=text("{y}!"), suffix=text("{x}?"), input_variables=["x"], partial_variables={"y": "Y"}), each

    turns = [["human", "Merhaba {x}"], ["ai", "Selam"], ["human", "Son"]]
    yield "chat", chat(("system", "Sen {y}."), ("human", "{x}"), ("ai", "{{x}}")), each
    yield "chat of texts", chat("{x}", ("human", ["{x}", "b {y}"])), each
    yield "chat in mustache", chat(("system", "{{x}}"), ("human", [{"type": "text", "text": "{{{x}}}"}]), style="mustache"), each
    yield "chat in jinja", chat(("human", "{{ x }}|{{ y|upper }}"), style="jinja2"), each
    yield "chat with fixed messages", chat(m.SystemMessage("{x}"), m.HumanMessage([{"type": "text", "text": "{x}"}, {"type": "image_url", "image_url": {"url": URL, "detail": "low"}}], name="ali"),
                                           m.AIMessage("", tool_calls=[{"name": "f", "args": {"a": [1, None]}, "id": "c1"}, {"name": "g", "args": {}, "id": "c2"}]),
                                           m.ToolMessage("21 °C", tool_call_id="c1"), m.ToolMessage("none", tool_call_id="c2", status="error"),
                                           m.AIMessage("so", tool_calls=[{"name": "f", "args": {"ş": 1.5}, "id": "c3"}]), m.ChatMessage("hi", role="user"), ("human", "{x}")), each
    yield "chat with placeholders", chat(("placeholder", "{h}"), p.MessagesPlaceholder("g", n_messages=2), p.MessagesPlaceholder("o", optional=True), ("human", "{x}")), [
        {"x": "q", "g": turns}, {"x": "q", "g": turns[:1], "h": turns, "o": turns[1:]}]
    yield "chat with values beforehand", chat(("system", "{y} {x}"), p.MessagesPlaceholder("h")).partial(y="Y", h=[("human", "hi {x}"), m.AIMessage("yo"), "plain"]), [
        {"x": "q"}, {"x": "q", "h": turns}, {"x": "q", "y": "other"}]
    yield "chat with a value in a message", chat(p.HumanMessagePromptTemplate(prompt=text("{x}{y}", partial_variables={"y": "B"}), additional_kwargs={"name": "bob"})), [{"x": "1"}]
    yield "chat by role", chat(p.ChatMessagePromptTemplate.from_template("{x}", role="assistant"), p.ChatMessagePromptTemplate.from_template("{y}", role="user")), each
    yield "chat in a chat", chat(("system", "s {y}"), chat(("human", "{x}"), ("ai", "{y}")), ("human", "end")), each
    yield "chat with pictures", chat(("human", [{"type": "text", "text": "{x}"}, {"type": "image_url", "image_url": {"url": URL, "detail": "high"}},
                                                {"type": "image_url", "image_url": "data:image/png;base64,{d}"}])), [{"x": "q", "p": "a/b", "d": PNG}]
    yield "chat with blocks", chat(("human", [{"type": "image", "source_type": "base64", "data": "{d}", "mime_type": "image/png"}, {"type": "image", "source_type": "url", "url": URL},
                                              {"type": "image", "base64": "{d}", "mime_type": "image/png"}, {"type": "file", "source_type": "base64", "data": "JVBERi0xLjQ=", "mime_type": "application/pdf", "filename": "{p}.pdf"},
                                              {"type": "audio", "base64": "{s}", "mime_type": "audio/wav"}])), [{"p": "x", "d": PNG, "s": "UklGRiQAAABXQVZFZm10IA=="}]
    yield "structured", StructuredPrompt.from_messages_and_schema([("human", "{x}")], {"title": "a joke", "type": "object", "properties": {"a": {"type": "string"}}}), each


def refused():
    """(name, prompt) of what LangChain writes by name only, or what has no counterpart here."""
    from langchain_core import prompts as p
    from langchain_core.prompts.image import ImagePromptTemplate
    from langchain_core.prompts.structured import StructuredPrompt
    from pydantic import BaseModel

    class Joke(BaseModel):
        setup: str

    q = ("human", "{q}")
    shots = p.FewShotChatMessagePromptTemplate(examples=[{"q": "1"}], example_prompt=p.ChatPromptTemplate.from_messages([q]), input_variables=[])
    yield "a function beforehand", p.PromptTemplate.from_template("{x}").partial(x=lambda: "now")
    yield "a function beforehand in a chat", p.ChatPromptTemplate.from_messages([q]).partial(q=lambda: "now")
    yield "few-shot text", p.FewShotPromptTemplate(examples=[{"q": "1"}], example_prompt=p.PromptTemplate.from_template("{q}"), suffix="{x}")
    yield "few-shot chat", shots
    yield "few-shot chat in a chat", p.ChatPromptTemplate.from_messages([shots, q])
    yield "a schema that is a class", StructuredPrompt.from_messages_and_schema([q], Joke)
    yield "a picture alone", ImagePromptTemplate(template={"url": "{u}"}, input_variables=["u"])
    yield "a binding", p.ChatPromptTemplate.from_messages([q]).with_config(tags=["a"])
    yield "a block with cache_control", p.ChatPromptTemplate.from_messages([("human", [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}])])


def block(b):
    """A block of LangChain's messages as the driver shows it."""
    if isinstance(b, str):
        return {"type": "text", "text": b}
    if b["type"] == "image_url":
        return {"type": "image", **b["image_url"]}
    if b["type"] in ("image", "audio", "file"):
        data = b.get("base64", b.get("data"))
        name = b.get("filename")
        return {"type": b["type"], "url": b["url"] if data is None else f"data:{b['mime_type']};base64,{data}", **({"name": name} if name else {})}
    return {"type": b["type"], "text": b["text"]}


def shown(message):
    role = {"human": "user", "ai": "assistant", "chat": getattr(message, "role", None)}.get(message.type, message.type)
    blocks = [{"type": "text", "text": message.content}] if isinstance(message.content, str) else [block(b) for b in message.content]
    calls = [{"type": "call", "id": c["id"], "name": c["name"], "args": c["args"]} for c in getattr(message, "tool_calls", [])]
    if calls and message.content == "":
        blocks = []
    if role == "tool":
        blocks = [{"type": "result", "id": message.tool_call_id, "text": message.content, "failed": message.status == "error"}]
    name = message.name or message.additional_kwargs.get("name")
    return {"role": role, **({"name": name} if name else {}), "content": blocks + calls}


def render(prompt, values):
    from langchain_core.prompts import ChatPromptTemplate
    try:
        if isinstance(prompt, ChatPromptTemplate):
            given = {k: [tuple(t) for t in v] if isinstance(v, list) and v and isinstance(v[0], list) else v for k, v in values.items()}
            return {"messages": [shown(m) for m in prompt.format_messages(**given)]}
        return {"text": prompt.format(**values)}
    except Exception as e:  # whatever it raises
        return {"error": f"{type(e).__name__}: {e}"}


def files(name, prompt, folder):
    """The ways in which LangChain can write the prompt."""
    from langchain_core.load import dumpd
    stem = "".join(c if c.isalnum() else "_" for c in name)
    dumped = dumpd(prompt)
    if dumped["type"] == "constructor":
        (folder / f"{stem}.dumpd.json").write_text(json.dumps(dumped), encoding="utf-8")
        yield folder / f"{stem}.dumpd.json"
    if prompt.__class__.__name__ == "FewShotPromptWithTemplates":
        return  # save() leaves out the texts of its prefix and suffix
    for extension in ("json", "yaml"):
        try:
            prompt.save(folder / f"{stem}.{extension}")
        except (NotImplementedError, ValueError):
            continue
        yield folder / f"{stem}.{extension}"


def peer(folder):
    """Runs in the virtual environment: writes the files, and prints the cases with LangChain's answers."""
    from langchain_core.load import dumpd
    warnings.simplefilter("ignore")
    folder = pathlib.Path(folder)
    for name, prompt, several in prompts():
        for path in files(name, prompt, folder):
            for values in several:
                print(json.dumps({"name": f"{path.name} {values}", "op": "prompt_file.render", "input": {"path": str(path), "vars": values, "escape": "mustache" in name}, "theirs": render(prompt, values)}))
            theirs = {"variables": sorted(prompt.input_variables), "tags": prompt.tags or [], "metadata": prompt.metadata or {},
                      "schema": getattr(prompt, "schema_", None)}
            print(json.dumps({"name": path.name, "op": "prompt_file.describe", "input": {"path": str(path)}, "theirs": theirs}))
    for name, prompt in refused():
        path = folder / f"refused {name}.json"
        path.write_text(json.dumps(dumpd(prompt)), encoding="utf-8")
        print(json.dumps({"name": path.name, "op": "prompt_file.render", "input": {"path": str(path), "vars": {}, "escape": False},
                          "theirs": {"error": "not to be read"}}))


def same(theirs, ours):
    return "error" in ours if "error" in theirs else ours.get("output") == theirs


# docs/prompts.md, "Prompt files": what differs on purpose.
WANTED = {
    "separators are texts": lambda case, theirs, ours: "few_shot" in case["name"] and "output" in ours and theirs == {
        "text": ours["output"]["text"].replace(" {{|}} ", " {|} ")},
    "values are texts": lambda case, theirs, ours: "few_shot_with_templates" in case["name"] and "output" in ours and "error" in theirs,
    "a message without content is an empty text": lambda case, theirs, ours: "output" in ours and json.dumps(theirs).replace(
        '"content": []', '"content": [{"type": "text", "text": ""}]') == json.dumps(ours["output"]),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    python = virtual_environment(arguments.install, "prompts", here() / "requirements-prompts.txt", "LangChain's prompts")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([python, __file__, "peer", folder], stdout=subprocess.PIPE, text=True, timeout=200, check=True)
        cases = [json.loads(line) for line in done.stdout.split("\n") if line]
        ours = answers([arguments.driver], [{"id": c["name"], "op": c["op"], "input": c["input"]} for c in cases])
    different, wanted = 0, collections.Counter()
    for case, our in zip(cases, ours, strict=True):
        if same(case["theirs"], our):
            continue
        rule = next((name for name, holds in WANTED.items() if holds(case, case["theirs"], our)), None)
        if rule:
            wanted[rule] += 1
            continue
        different += 1
        if different <= arguments.show:
            print(f"{case['name']}\n  LangChain: {str(case['theirs'])[:900]}\n  zincir: {str(our.get('output', our))[:900]}")
    print(f"{len(cases)} comparisons of {len({c['input']['path'] for c in cases})} files: {different} different" +
          "".join(f", {n} allowed: {rule}" for rule, n in sorted(wanted.items())))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(peer(sys.argv[2]) if sys.argv[1:2] == ["peer"] else main())

"""Renders a conversation of twenty messages with tools by models' own chat templates, here and by Python's Jinja2, and prints a table.

Started by compare.sh. The templates are those that tests/peers/chat_templates.py fetches; none is in this tree. Jinja2 is set up as
transformers' apply_chat_template sets it up and has its template compiled; both render the same values, and the texts must be equal.
"""
import argparse
import datetime
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE.parent / "tests" / "peers"
sys.path.insert(0, str(PEERS))
from chat_templates import NOW, sources  # noqa: E402
from support import virtual_environment  # noqa: E402

TEMPLATES = ["meta-llama-Llama-3.3-70B-Instruct", "Qwen-Qwen3-0.6B", "Qwen3.5-4B", "openai-gpt-oss-120b", "GLM-4.6"]
TARGET = 20

# The whole program of the Python side: its time of CPU a rendering, the median of nine runs, and its text.
CLIENT = """
import json, statistics, sys, time
import jinja2
template, values, now = sys.argv[1:4]
sys.argv[1:] = [now]
sys.stdin = open("/dev/null")
import hugging_face
values = json.load(open(values, encoding="utf-8"))
compiled = hugging_face.compiled(open(template, encoding="utf-8").read())
text, found = compiled.render(**values), []
for _ in range(9):
    start, n = time.thread_time(), 0
    while n < 20 or time.thread_time() - start < 0.2:
        compiled.render(**values)
        n += 1
    found.append((time.thread_time() - start) * 1e6 / n)
json.dump({"render_us": statistics.median(found), "text": text, "jinja2": jinja2.__version__, "python": sys.version.split()[0]}, sys.stdout)
"""


def tool(name, what):
    return {"type": "function", "function": {"name": name, "description": what, "parameters": {
        "type": "object", "required": ["city"], "properties": {
            "city": {"type": "string", "description": "Name of the city, such as İzmir"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "Unit of the temperature"},
            "days": {"type": "integer", "description": "How many days ahead"}}}}}


def conversation():
    """A system's message and nineteen more: questions, calls, results and replies."""
    turns = [{"role": "system", "content": "You are a helpful assistant. Answer in one sentence, and look up what you do not know."}]
    for n, city in enumerate(["Ankara", "İzmir", "Van", "Iğdır", "Rize"]):
        arguments = {"city": city, "unit": "celsius", "days": n}
        turns += [{"role": "user", "content": f"What will the weather be like in {city} in {n} days? I would like to go hiking there."},
                  {"role": "assistant", "content": "", "tool_calls": [
                      {"id": f"call{n:05}", "type": "function", "function": {"name": "forecast", "arguments": arguments}}]},
                  {"role": "tool", "tool_call_id": f"call{n:05}", "name": "forecast", "content": json.dumps({"sky": "clear", "degrees": 21 + n})},
                  {"role": "assistant", "content": f"In {city} it will be clear with {21 + n} degrees: good weather for a walk."}]
    turns = turns[:20]
    return {"messages": turns, "tools": [tool("forecast", "The weather of the coming days"), tool("climate", "The usual weather of a month"),
                                         tool("trains", "Trains that go there")],
            "documents": None, "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>"}


def run(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, **more)
    if done.returncode != 0:
        sys.exit(f"{pathlib.Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="bench_chat_template")
    parser.add_argument("--install", type=pathlib.Path, required=True, help="where Jinja2 and the templates are installed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=pathlib.Path, help="append there, too")
    arguments = parser.parse_args()
    install = arguments.install.resolve()
    python = virtual_environment(install, "jinja", PEERS / "requirements-jinja.txt", "Jinja2")
    folder = sources(install, python)
    seconds = str(int(datetime.datetime.fromisoformat(NOW + "+00:00").timestamp()))
    rows, versions = [], {}
    with tempfile.TemporaryDirectory() as scratch:
        values = pathlib.Path(scratch) / "values.json"
        values.write_text(json.dumps(conversation(), ensure_ascii=False), encoding="utf-8")
        for name in TEMPLATES:
            file = str(folder / f"{name}.jinja")
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                theirs.append(json.loads(run([python, "-c", CLIENT, file, str(values), NOW], cwd=PEERS)))
                ours.append(json.loads(run([arguments.program, file, str(values), seconds])))
            if run([arguments.program, file, str(values), seconds, "--text"]) != theirs[0]["text"]:
                sys.exit(f"{name}: the texts differ")
            versions = theirs[0]
            jinja, engine, whole = (statistics.median(row[key] for row in side)
                                    for side, key in ((theirs, "render_us"), (ours, "engine_us"), (ours, "render_us")))
            met = "met" if jinja / engine >= TARGET else "**missed**"
            rows.append(f"| {name} | {len(theirs[0]['text'].encode()):,} | {jinja:,.0f} | {engine:.1f} | {jinja / engine:.1f} × | {met} | "
                        f"{whole:.1f} | {jinja / whole:.1f} × |")
    text = "\n".join([
        "## Chat templates", "",
        "| template | bytes | Jinja2, µs | zincir from values, µs | | ≥ 20 × | zincir from messages, µs | |", "|---|---|---|---|---|---|---|---|",
        *rows, "",
        f"Twenty messages and three tools, the same text from both. CPU time of one rendering, medians of {arguments.rounds} rounds. Jinja2 "
        f"{versions['jinja2']} on Python {versions['python']} with the compiled template, in the sandbox that transformers uses. It renders values that are there, and so does the "
        "engine; from messages, C++ messages and tools are made into such values, too.", ""])
    print(text)
    if arguments.output:
        with open(arguments.output, "a", encoding="utf-8") as out:
            out.write("\n" + text)


if __name__ == "__main__":
    main()

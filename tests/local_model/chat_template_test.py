"""The chat template inside the local model's file: rendered by zincir::chat_template, by Jinja2 and by the model's own server.

usage: chat_template_test.py RENDER_CHATS --install DIR

Without polyfills our text is Jinja2's, with them it is the server's; and the server counts as many tokens in our text as in the
messages. Exit code 77: cannot be installed.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

import server

PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"
sys.path.insert(0, str(PEERS))
from chat_templates import by_jinja, difference  # noqa: E402
from conversations import plain, texts  # noqa: E402
from support import answers, virtual_environment  # noqa: E402


def post(url, path, body):
    request = urllib.request.Request(url.removesuffix("/v1") + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with server.opener.open(request, timeout=60) as answer:
        return json.loads(answer.read())


def comparable(name, values):
    """Those of texts only, which the program can read."""
    messages = values["messages"]
    return messages and name != "unknown role" and all(isinstance(m.get("content"), str) for m in messages)


def servable(values):
    """The server goes on with a last reply, and always opens one."""
    return values["messages"][-1]["role"] != "assistant" and values["add_generation_prompt"]


def prompt_tokens(url, path, **body):
    return post(url, path, {"max_tokens": 1, "temperature": 0, **body})["usage"]["prompt_tokens"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("render_chats")
    parser.add_argument("--install", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    here = pathlib.Path(__file__).resolve().parent
    _, model = server.installed()
    python = virtual_environment(arguments.install, "gguf", here / "requirements-gguf.txt", "gguf")
    done = subprocess.run([python, here / "gguf_template.py", model], stdout=subprocess.PIPE, text=True, check=True)
    inside = json.loads(done.stdout)
    tokens = {"bos_token": inside["bos_token"], "eos_token": inside["eos_token"]}
    cases = [(name, {**values, **tokens}) for group in (plain, texts) for name, values in group() if comparable(name, values)]
    theirs = by_jinja(python, [(inside["template"], values) for _, values in cases])
    faults, asked = [], 0
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model.jinja"
        file.write_text(inside["template"], encoding="utf-8")
        ours, raw = (answers([arguments.render_chats], [{"file": str(file), "polyfills": on, "now": 0, "values": values} for _, values in cases])
                     for on in (True, False))
        with server.running(pathlib.Path(folder) / "server.log") as url:
            for (name, values), their, our, plainly in zip(cases, theirs, ours, raw, strict=True):
                if shown := difference(their, plainly):
                    faults.append(f"{name}: {shown}")
                if not servable(values):
                    continue
                asked += 1
                served = post(url, "/apply-template", {"messages": values["messages"]})["prompt"]
                if served != our.get("text"):
                    faults.append(f"{name}: the server {served[:300]!r}\n    zincir {str(our)[:300]}")
            messages = cases[1][1]["messages"]
            counted = prompt_tokens(url, "/v1/completions", prompt=ours[1]["text"])
            expected = prompt_tokens(url, "/v1/chat/completions", messages=messages)
            if counted != expected:
                faults.append(f"the server counts {counted} tokens in our text, and {expected} in the messages")
    print("\n".join(faults))
    print(f"{pathlib.Path(model).name}: {len(cases)} conversations as Jinja2 renders them, {asked} as the server does, {counted} tokens in one; "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

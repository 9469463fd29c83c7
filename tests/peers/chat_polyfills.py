#!/usr/bin/env python3
"""Renders words by zincir::chat_template with models' chat templates, and looks for each of them in what comes out.

usage: chat_polyfills.py --install DIR --render-chats PROGRAM [--write] [FOLDER…]

For each *.jinja of the folders (without one: those that chat_templates.py fetches) and each conversation below:
- with polyfills nothing raises, and every word of every message, tool, call and result is in the text; words of thought are there
  in one of them at least exactly where the template is found to show reasoning;
- without polyfills the messages are the conversation's own, and the text is what Python's Jinja2 renders of them, or both raise;
- what is found of the templates that the source package carries is that of chat_capabilities.json; --write writes the file anew.
Exit code 77: cannot be installed.
"""
import argparse
import datetime
import json
import pathlib
import re
import sys

from chat_templates import NOW, by_jinja, difference, sources
from support import answers, here, virtual_environment

GOLDEN = here() / "chat_capabilities.json"
WORD = re.compile(r"(?:System|Developer|User|Reply|Beside|Value|Result|Refusal|toolname|Tooldesc|Argdesc|argkey|Thought)word\d")


def tool(n):
    return {"type": "function", "function": {
        "name": f"toolnameword{n}", "description": f"Tooldescword{n}.",
        "parameters": {"type": "object", "required": [f"argkeyword{n}"],
                       "properties": {f"argkeyword{n}": {"type": "string", "description": f"Argdescword{n}."}}}}}


def said(role, word, **more):
    return {"role": role, "content": word, **more}


def system(n):
    return said("system", f"Systemword{n}")


def user(n):
    return said("user", f"Userword{n}")


def reply(n, **more):
    return said("assistant", f"Replyword{n}", **more)


def call(n, call_id=None, arguments=None):
    return {"id": f"call0000{n}" if call_id is None else call_id, "type": "function", "function": {
        "name": f"toolnameword{n}", "arguments": json.dumps({f"argkeyword{n}": f"Valueword{n}"}) if arguments is None else arguments}}


def calling(*calls, text=None, **more):
    return said("assistant", text, tool_calls=list(calls), **more)


def result(n, call_id=None):
    return said("tool", f"Resultword{n}", tool_call_id=f"call0000{n}" if call_id is None else call_id)


def conversations():
    """(name, messages, tools)"""
    both, long_id = [tool(1), tool(2)], "call_abcdefghijklmnopqrstuvw"
    developer, thought = said("developer", "Developerword1"), {"reasoning_content": "Thoughtword1"}
    yield "plain", [user(1)], None
    yield "system", [system(1), user(1)], None
    yield "turns", [system(1), user(1), reply(1), user(2), reply(2), user(3)], None
    yield "two systems", [system(1), system(2), user(1)], None
    yield "system later", [system(1), user(1), reply(1), system(2), user(2)], None
    yield "system last", [user(1), reply(1), system(2)], None
    yield "system only", [system(1)], None
    yield "system, last reply", [system(1), user(1), reply(1)], None
    yield "developer", [developer, user(1)], None
    yield "system and developer", [system(1), developer, user(1)], None
    yield "assistant first", [system(1), reply(1), user(1)], None
    yield "greeting", [reply(1), user(1)], None
    yield "users in a row", [user(1), user(2), reply(1), user(3)], None
    yield "replies in a row", [user(1), reply(1), reply(2), user(3)], None
    yield "refusal", [user(1), said("assistant", None, refusal="Refusalword1"), user(2)], None
    yield "parts", [said(role, [{"type": "text", "text": f"{word}word1"}, {"type": "text", "text": f" {word}word2"}])
                    for role, word in (("system", "System"), ("user", "User"), ("assistant", "Reply"), ("user", "User"))], None
    yield "tools", [user(1)], both
    yield "tools and system", [system(1), user(1)], both
    yield "tool without parameters", [user(1)], [{"type": "function", "function": {"name": "toolnameword1", "description": "Tooldescword1"}}]
    yield "one call", [system(1), user(1), calling(call(1)), result(1), reply(1), user(2)], both
    yield "one call, result last", [system(1), user(1), calling(call(1)), result(1)], both
    yield "one call, no tools", [user(1), calling(call(1)), result(1), reply(1), user(2)], None
    yield "call last", [user(1), calling(call(1))], both
    yield "text beside call", [user(1), calling(call(1), text="Besideword1"), result(1), reply(1), user(2)], both
    yield "parallel", [user(1), calling(call(1), call(2)), result(1), result(2), reply(1), user(2)], both
    yield "parallel, results last", [system(1), user(1), calling(call(1), call(2), text="Besideword1"), result(1), result(2)], both
    yield "results out of order", [user(1), calling(call(1), call(2)), result(2), result(1), reply(1)], both
    yield "calls in turn", [user(1), calling(call(1)), result(1), calling(call(2)), result(2), reply(1), user(2)], both
    yield "long ids", [user(1), calling(call(1, long_id + "1"), call(2, long_id + "2")), result(1, long_id + "1"), result(2, long_id + "2"),
                       reply(1)], both
    yield "no ids", [user(1), calling(call(1, ""), call(2, "")), result(1, ""), result(2, ""), reply(1)], both
    yield "arguments no object", [user(1), calling(call(1, arguments='["Valueword1"]')), result(1), reply(1)], both
    yield "arguments no JSON", [user(1), calling(call(1, arguments="Valueword1")), result(1), reply(1)], both
    yield "empty result", [user(1), calling(call(1)), {**result(1), "content": ""}, reply(1)], both
    yield "user behind result", [user(1), calling(call(1)), result(1), user(2)], both
    yield "no result", [user(1), calling(call(1)), user(2)], both
    yield "result without call", [user(1), result(1), user(2)], both
    yield "reasoning", [user(1), reply(1, **thought)], None
    yield "reasoning with a call", [user(1), calling(call(1), **thought), result(1)], both


def with_parameters(tools):
    """A tool_definition without parameters is given as one that takes none."""
    none = {"type": "object", "properties": {}}
    return tools and [{**one, "function": {**one["function"], "parameters": one["function"].get("parameters", none)}} for one in tools]


def essence(message):
    """What a message says, however it is written."""
    content = message.get("content") or ""
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    calls = []
    for one in message.get("tool_calls") or []:
        given = one["function"]["arguments"]
        calls.append([one["id"], one["function"]["name"], json.loads(given) if isinstance(given, str) and given[:1] in "{[" else given])
    return [message["role"], text + message.get("refusal", ""), calls, message.get("tool_call_id")]


def lost(words, text):
    """Without words of thought: whether a template shows those at all is looked at over all conversations."""
    return sorted(word for word in words if word not in text and not word.startswith("Thought"))


def check_golden(found, write):
    if write:
        GOLDEN.write_text("{\n" + ",\n".join(f'  "{name}": {json.dumps(has)}' for name, has in sorted(found.items())) + "\n}\n")
    golden = json.loads(GOLDEN.read_text())
    wrong = [f"{name}: {sorted(set(found[name]) ^ set(golden[name]))} differ" for name in found if found[name] != golden.get(name, [])]
    return wrong + [f"{name} is not there" for name in golden if name not in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--render-chats", required=True, help="the program render_chats")
    parser.add_argument("--write", action="store_true", help="write chat_capabilities.json")
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    python = virtual_environment(arguments.install, "jinja", here() / "requirements-jinja.txt", "Jinja2")
    folders = arguments.folders or [sources(arguments.install, python)]
    files = sorted(file for folder in folders for file in folder.rglob("*.jinja"))
    now = int(datetime.datetime.fromisoformat(NOW).replace(tzinfo=datetime.timezone.utc).timestamp())
    cases = []
    for file in files:
        for name, messages, tools in conversations():
            # Some show reasoning only where it is asked for.
            extra = {"enable_thinking": True, "thinking": True} if name.startswith("reasoning") else {}
            given = {"messages": messages, "tools": tools, "documents": None, "bos_token": "<s>", "eos_token": "</s>",
                     "add_generation_prompt": messages[-1]["role"] != "assistant", **extra}
            cases.append((file, name, given))
    line = {"now": now}
    with_all, with_none = (answers([arguments.render_chats], [{**line, "file": str(file), "polyfills": on, "values": given}
                                                          for file, _, given in cases]) for on in (True, False))
    plain = [{**given, "messages": our.get("messages", given["messages"]), "tools": with_parameters(given["tools"])}
             for (_, _, given), our in zip(cases, with_none, strict=True)]
    theirs = by_jinja(python, [(file.read_text(encoding="utf-8"), given) for (file, _, _), given in zip(cases, plain, strict=True)])
    faults, found, thinks = [], {}, {}
    for (file, name, given), our, raw, their in zip(cases, with_all, with_none, theirs, strict=True):
        where = f"{file.name}, {name}: "
        if "can" not in our or "error" in our:
            faults.append(where + str(our.get("error")))
            continue
        found[file.stem] = sorted(key for key, has in our["can"].items() if has)
        words = set(WORD.findall(json.dumps([given["messages"], given["tools"]])))
        if missing := lost(words, our["text"]):
            faults.append(where + "lost " + " ".join(missing))
        if name.startswith("reasoning"):
            thinks[file.stem] = thinks.get(file.stem, False) or "Thoughtword1" in our["text"]
        if "messages" not in raw or [essence(m) for m in raw["messages"]] != [essence(m) for m in given["messages"]]:
            faults.append(where + f"without polyfills the messages are {raw}")
        elif shown := difference(their, raw):
            faults.append(where + "without polyfills, " + shown)
    faults += [f"{name}: reasoning is {'' if shown else 'not '}shown, and the capabilities say otherwise" for name, shown in thinks.items()
               if shown != ("reasoning" in found[name])]
    if not arguments.folders:
        faults += check_golden(found, arguments.write)
    print("\n".join(faults))
    raised = sum("error" in raw for raw in with_none)
    print(f"{len(files)} templates, {len(cases)} conversations with all polyfills and with none ({raised} raise then, here and in Jinja2): "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

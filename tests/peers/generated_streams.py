#!/usr/bin/env python3
"""Reads streams that were made at random, and compares what they add up to with what was put into them.

usage: generated_streams.py --install DIR --driver PROGRAM [--count N] [--seed N]

Each stream says one message: text, reasoning, refusal, tool calls. It is cut anywhere, its calls come one by one or between each other,
numbered in the ways that servers number them, with the members, the framing and the endings that were seen in the wild. Our decoder has
to give the message back. Streams without oddities are also read by the `openai` and `groq` clients, which have to agree.
Exit code 77: the clients cannot be installed.
"""
import argparse
import http.server
import json
import pathlib
import random
import sys
import threading

from support import answers, here, virtual_environment

LETTERS = ["a", "b", " ", "\n", "\r", "\t", '"', "\\", "/", "{", "}", "é", "ş", "İ", "😀", "👩\u200d💻", "\u2028", "\ufeff", "\x00", "\x7f", "data:",
           "null", "[DONE]"]
NUMBERING = ["openai", "whole", "id_again", "no_index", "null_index", "text_index", "always_0", "name_late"]


class Stream:
    """One message and one way of streaming it. `plain`: as OpenAI does."""

    def __init__(self, seed, plain):
        self.random = random.Random(seed)
        self.plain = plain
        self.numbering = "openai" if plain else self.random.choice(NUMBERING)
        self.mixed = self.chance(0.4) and self.numbering not in ("no_index", "null_index", "always_0")
        self.calls = [(f"call_{seed}_{i}", f"tool_{self.random.randrange(3)}",
                       json.dumps({self.text(3): self.text(12), "n": self.random.randrange(99)}, ensure_ascii=self.chance(0.5)))
                      for i in range(self.random.choice([0, 0, 1, 2, 3]))]
        self.said = {"content": self.text(30), "reasoning": None if plain else self.text(15) or None,
                     "refusal": self.text(8) or None if self.chance(0.2) else None,
                     "finish_reason": "tool_calls" if self.calls else self.random.choice(["stop", "length"]),
                     "tool_calls": sorted(map(list, self.calls))}

    def chance(self, share):
        return self.random.random() < share

    def text(self, length):
        return "".join(self.random.choice(LETTERS) for _ in range(self.random.randrange(length)))

    def pieces(self, text):
        cuts = sorted(self.random.randrange(len(text) + 1) for _ in range(self.random.randrange(6)))
        return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)])] if text else []

    def call_deltas(self, position, call):
        name, arguments = {"name": call[1]}, self.pieces(call[2])
        number = {"no_index": {}, "null_index": {"index": None}, "text_index": {"index": str(position)},
                  "always_0": {"index": 0}}.get(self.numbering, {"index": position})
        first = {**number, "id": call[0], "type": "function"}
        if self.numbering in ("whole", "always_0"):
            return [{**first, "function": {**name, "arguments": call[2]}}]
        if self.numbering == "name_late":
            return [{**first, "function": {"arguments": arguments[0]}}, {**number, "function": name},
                    *({**number, "function": {"arguments": piece}} for piece in arguments[1:])]
        again = {"id": call[0]} if self.numbering == "id_again" else {}
        return [{**first, "function": {**name, "arguments": ""}},
                *({**number, **again, "function": {"arguments": piece}} for piece in arguments)]

    def deltas(self):
        key = self.random.choice(["reasoning", "reasoning_content", "reasoning_text"])
        form = (lambda t: t) if self.plain or self.chance(0.7) else (lambda t: [{"type": "text", "text": t}])
        rows = [[{key: piece} for piece in self.pieces(self.said["reasoning"] or "")],
                [{"content": form(piece)} for piece in self.pieces(self.said["content"])],
                [{"refusal": piece} for piece in self.pieces(self.said["refusal"] or "")]]
        base = 0 if self.plain else self.random.choice([0, 0, 1, 5])
        rows += [[{"tool_calls": [delta]} for delta in self.call_deltas(base + i, call)] for i, call in enumerate(self.calls)]
        yield {"role": "assistant", "content": self.random.choice(["", None])}
        while any(rows):
            row = self.random.choice([r for r in rows if r]) if self.mixed else next(r for r in rows if r)
            yield row.pop(0)

    def events(self):
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        where = self.random.choice(["last", "beside the finish", "everywhere", "nowhere"])
        for delta in self.deltas():
            event = {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]}
            if not self.plain:
                event |= self.random.choice([{}, {}, {"error": None}, {"error": {}}, {"usage": None}, {"obfuscation": "xyz"}, {"x_groq": {"id": "r"}}])
                if where == "everywhere":
                    event["usage"] = usage
                order = self.random.sample(list(event), len(event))
                event = {key: event[key] for key in order}
            yield event
        last = {**head, "choices": [{"index": 0, "delta": {} if self.plain else self.random.choice([{}, None, {"content": ""}]),
                                     "finish_reason": self.said["finish_reason"]}]}
        yield {**last, "usage": usage} if where == "beside the finish" else last
        if where == "last":
            yield {**head, "choices": [] if self.plain or self.chance(0.5) else None, "usage": usage}

    def body(self):
        line_end = "\n" if self.plain else self.random.choice(["\n", "\r\n", "\r"])
        out = "\ufeff" if not self.plain and self.chance(0.1) else ""
        for event in self.events():
            text = json.dumps(event, ensure_ascii=self.chance(0.5), separators=self.random.choice([None, (",", ":")]))
            if not self.plain and self.chance(0.1):
                out += self.random.choice([": ping", "event: message", "id: 7", "retry: 100", "foo: bar", "data: null" + line_end]) + line_end
            out += ("data: " if self.plain or self.chance(0.8) else "data:") + text + line_end * 2
        end = "data: [DONE]" + line_end * 2
        return out + (end if self.plain else self.random.choice([end, end, "", "data: [DONE]"]))


def ours(driver, streams):
    for answer in answers([driver], [{"id": str(i), "op": "openai.stream.merge", "content_type": "text/event-stream", "body": s.body()}
                                     for i, s in enumerate(streams)]):
        if "output" in answer:
            answer["output"]["tool_calls"].sort()
        yield answer.get("output", answer)


def folded(chunks):
    said = {"content": "", "reasoning": None, "refusal": None, "finish_reason": None, "tool_calls": []}
    calls = {}
    for chunk in chunks:
        for choice in chunk.choices:
            said["content"] += choice.delta.content or ""
            if refusal := getattr(choice.delta, "refusal", None):
                said["refusal"] = (said["refusal"] or "") + refusal
            said["finish_reason"] = said["finish_reason"] or choice.finish_reason
            for call in choice.delta.tool_calls or []:
                mine = calls.setdefault(call.index, ["", "", ""])
                mine[0] += call.id or ""
                mine[1] += call.function.name or ""
                mine[2] += call.function.arguments or ""
    return {**said, "tool_calls": sorted(calls.values())}


def clients():
    """With the clients' Python: bodies on the standard input, one JSON text a line; what each client makes of them on the output."""
    import groq
    import openai

    bodies = [json.loads(line) for line in sys.stdin]

    class Replay(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(bodies[int(self.path.split("/")[1])].encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Replay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for i in range(len(bodies)):
        for make in (openai.OpenAI, groq.Groq):
            client = make(api_key="none", base_url=f"http://127.0.0.1:{server.server_port}/{i}", max_retries=0)
            print(json.dumps(folded(client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], stream=True))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    faults = 0

    def expect(got, stream, whose, seed):
        nonlocal faults
        if got != stream.said:
            faults += 1
            print(f"stream {seed} ({stream.numbering}), {whose}:\n  said {json.dumps(stream.said)}\n  read {json.dumps(got)}")

    seeds = range(options.seed, options.seed + options.count)
    made = [Stream(seed, plain=seed % 20 == 0) for seed in seeds]
    for seed, stream, got in zip(seeds, made, ours(options.driver, made), strict=True):
        expect(got, stream, "ours", seed)
    print(f"{len(made)} streams read: {faults} faults", flush=True)

    python = virtual_environment(options.install, "official", here() / "requirements.txt", "the Python clients")
    plain = [seed for seed in seeds if seed % 20 == 0]
    again = [Stream(seed, plain=True) for seed in plain]
    read = answers([python, __file__, "--clients"], [stream.body() for stream in again])
    for whose, by_client in (("openai", read[::2]), ("groq", read[1::2])):
        for seed, stream, got in zip(plain, again, by_client, strict=True):
            expect(got, stream, whose, seed)
    print(f"{len(again)} of them also by two other clients: {faults} faults in all")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    clients() if sys.argv[1:] == ["--clients"] else main()

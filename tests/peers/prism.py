#!/usr/bin/env python3
"""Has every request that the library can make judged by OpenAI's schema: `prism mock --errors` on loopback answers 422 to a faulty one.

usage: prism.py --install DIR --print-request PROGRAM --send-requests PROGRAM --spec openapi_chat_trimmed.json

Bodies are posted as they are, whole and streamed (Prism cannot stream, but validates such a request all the same); every case goes
through the library's own client, too. Exit code 77: no schema, no node, or prism cannot be installed.
"""
import argparse
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

from support import install_once, our_requests, run_installer, skip

PRISM = "@stoplight/prism-cli@5.14.2"
OVERRIDES = {"@faker-js/faker": "6.3.1", "@stoplight/prism-http": "5.12.0"}
# What Groq's API has and OpenAI's schema has not.
GROQ_ONLY = {"reasoning_format"}
# As a terminal would send it, written by hand.
LECTURE = {"model": "gpt-4o-mini", "temperature": 0.7,
           "messages": [{"role": "system", "content": "You are a helpful assistant."},
                        {"role": "user", "content": "Explain what an LLM chain is in one sentence."}]}
# Requests that must be refused: else prism validates nothing, and its 200 proves nothing.
FAULTY = [
    ("a temperature that is no number", {**LECTURE, "temperature": "warm"}),
    ("no messages", {"model": "gpt-4o-mini"}),
    ("a role that does not exist", {**LECTURE, "messages": [{"role": "wizard", "content": "Hi"}]}),
    ("a streamed call with faulty options", {**LECTURE, "stream": True, "stream_options": {"include_usage": "yes"}}),
    ("a tool without a name", {**LECTURE, "tools": [{"type": "function", "function": {"description": "d"}}]}),
]


def installed(install):
    """The command that runs prism."""
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            skip(f"there is no {tool}: install nodejs and npm (Node.js 18 or newer)")
    folder = install / "prism"

    def make():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        name, version = PRISM.rsplit("@", 1)
        # Newer ones, which prism's packages would take, are no CommonJS modules: Node.js 18 cannot load them.
        (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": {name: version},
                                                         "overrides": OVERRIDES}), encoding="utf-8")
        run_installer(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"],
                      "prism")

    install_once(folder, f"{PRISM} {json.dumps(OVERRIDES)}", make)
    return ["node", str(folder / "node_modules" / ".bin" / "prism")]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: also when ctest kills this script at its time limit


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def prism(command, spec, log):
    """Prism on a free port of loopback, in a process group of its own that is gone afterwards."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
    with open(log, "w") as out:
        server = subprocess.Popen([*command, "mock", "-h", "127.0.0.1", "-p", str(port), "--errors", str(spec)], stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=subprocess.STDOUT, env=environment, start_new_session=True,
                                  preexec_fn=die_with_parent)
    try:
        for _ in range(600):
            if server.poll() is not None:
                sys.exit(f"prism ended: {log.read_text()[-2000:]}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        else:
            sys.exit("prism did not listen within a minute")
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def post(port, body):
    """(status, what prism says)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/chat/completions", body.encode(),
                           {"Content-Type": "application/json", "Authorization": "Bearer not-a-key"})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    finally:
        connection.close()


def without(body, members):
    if not members & body.keys():
        return body
    return {key: value for key, value in body.items() if key not in members}


def check_bodies(port, requests):
    """The faults among the bodies, and how many were accepted."""
    faults, accepted = [], 0
    for request in requests:
        if "body" not in request:
            continue
        body = request["body"]
        if request["profile"] == "groq" and GROQ_ONLY & json.loads(body).keys():
            body = json.dumps(without(json.loads(body), GROQ_ONLY))
        status, said = post(port, body)
        accepted += status == 200
        if status != 200:
            faults.append(f"{request['profile']}, {request['case']}, {'streamed' if request['streamed'] else 'whole'}: {status} {said}")
    return faults, accepted


def check_control(port):
    faults = [f"prism accepted {what}" for what, body in FAULTY if post(port, json.dumps(body))[0] != 422]
    status, said = post(port, json.dumps(LECTURE))
    if status != 200:
        faults.append(f"prism refused the lecture's request: {status} {said}")
    return faults


def check_lecture(requests):
    ours = [json.loads(r["body"]) for r in requests if (r["profile"], r["case"], r["streamed"]) == ("openai", "lecture", False)]
    return [] if ours == [LECTURE] else [f"the lecture's request is not ours: {ours}"]


def check_client(port, program, cases):
    """Every case through the library's client, and its reply read by it."""
    done = subprocess.run([program, f"http://127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True, timeout=120)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    faults = [f"our client, {a['case']}: {a['said']}" for a in answers if not a["ok"]]
    if done.returncode or {a["case"] for a in answers} != cases:
        faults.append(f"send_requests ended with {done.returncode} after {len(answers)} of {len(cases)} cases")
    return faults, len(answers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--print-request", required=True)
    parser.add_argument("--send-requests", required=True)
    parser.add_argument("--spec", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    if not arguments.spec.is_file():
        skip("OpenAI's schema is not beside this checkout (../shared/conformance/openapi_chat_trimmed.json)")
    command = installed(arguments.install)
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(1))
    requests = our_requests(arguments.print_request, "openai", "groq")
    with prism(command, arguments.spec, arguments.install / "prism.log") as port:
        faults = check_control(port) + check_lecture(requests)
        refused, accepted = check_bodies(port, requests)
        unread, sent = check_client(port, arguments.send_requests, {r["case"] for r in requests})
    faults += refused + unread
    for fault in faults:
        print(fault)
    print(f"prism accepted {accepted} bodies and {sent - len(unread)} requests of our client; {len(faults)} faults")
    sys.exit(1 if faults or not accepted or not sent else 0)


if __name__ == "__main__":
    main()

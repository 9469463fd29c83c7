#!/usr/bin/env python3
"""Compares our request bodies with those of the Python clients `openai`, `groq`, `langchain-openai` and `langchain-groq`.

usage: compare_clients.py --install DIR --print-request PROGRAM

Each client makes the same calls to a server of this script on loopback, which keeps the bodies. A difference between a body and
ours must be a row of the table in README.md, which defends it, and every row must occur. Exit code 77: cannot be installed.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

from support import here, our_requests, virtual_environment


SETS = {"official": "requirements.txt", "langchain": "requirements-langchain.txt"}


def captured_calls(install):
    # The clients read keys and addresses from the environment: none of the caller's is to reach them.
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    for name in SETS:
        python = virtual_environment(install, name, here() / SETS[name], "the Python clients")
        done = subprocess.run([python, here() / "client_calls.py", name], env=clean, stdout=subprocess.PIPE, text=True,
                              timeout=120)
        if done.returncode:
            sys.exit(f"the calls of the {name} clients failed")
        yield from map(json.loads, done.stdout.splitlines())


def table():
    """The rows of README.md: (client, case, streamed, path) → (ours, theirs), each JSON text or "absent"."""
    rows = {}
    for line in (here() / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 7 or not cells[3].startswith("`/"):
            continue
        client, case, call, path, ours, theirs, why = cells
        if not why:
            sys.exit(f"README.md: the difference {client} {path} has no defence")
        clients = [c.strip("` ") for c in client.split(",")]
        rows[tuple(clients), case.strip("`"), call, path.strip("`")] = (ours.strip("`"), theirs.strip("`"))
    return rows


def differences(ours, theirs, path=""):
    """(path, our value, their value) of each place where two JSON values differ, as JSON text."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours:
                yield f"{path}/{key}", "absent", json.dumps(theirs[key])
            elif key not in theirs:
                yield f"{path}/{key}", json.dumps(ours[key]), "absent"
            else:
                yield from differences(ours[key], theirs[key], f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (a, b) in enumerate(zip(ours, theirs)):
            yield from differences(a, b, f"{path}/{i}")
    elif isinstance(ours, bool) != isinstance(theirs, bool) or ours != theirs:
        yield path, json.dumps(ours), json.dumps(theirs)


def row_of(rows, client, case, streamed, difference):
    path, ours, theirs = difference
    call = "streamed" if streamed else "whole"
    for key, values in rows.items():
        clients, row_case, row_call, row_path = key
        if client in clients and row_case in ("all", case) and row_call in ("both", call) and row_path == path:
            if values == (ours, theirs):
                return key
    return None


def compare(captured, ours):
    rows = table()
    used, equal, faults = set(), 0, []
    for call in captured:
        profile = "groq" if "groq" in call["client"] else "openai"
        body = ours[profile, call["case"], call["streamed"]]
        found = list(differences(body, call["body"]))
        equal += not found
        for difference in found:
            row = row_of(rows, call["client"], call["case"], call["streamed"], difference)
            used.add(row)
            if row is None:
                path, mine, theirs = difference
                faults.append(f"{call['client']}, {call['case']}, {'streamed' if call['streamed'] else 'whole'}, {path}: "
                              f"ours {mine}, theirs {theirs}")
    for row in rows.keys() - used:
        faults.append(f"README.md lists a difference that is none any more: {row}")
    return equal, len(used - {None}), faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--print-request", required=True)
    arguments = parser.parse_args()
    captured = list(captured_calls(arguments.install))
    ours = {(r["profile"], r["case"], r["streamed"]): json.loads(r["body"])
            for r in our_requests(arguments.print_request, "openai", "groq") if "body" in r}
    equal, listed, faults = compare(captured, ours)
    for fault in faults:
        print(fault)
    print(f"{len(captured)} requests of {len({c['client'] for c in captured})} clients compared: {equal} equal, the others differ in "
          f"{listed} listed ways; {len(faults)} faults")
    sys.exit(1 if faults or not captured else 0)


if __name__ == "__main__":
    main()

"""Runs the commands in an example's header comment and compares what they print with what the comment shows.

A command is a line `//   $ scripts/run.sh NAME ARGUMENTS [< FILE]`; its output are the lines up to the next command or the end of the
comment. In the output `…` stands for anything on its line, and a line that is only `…` for any number of lines.
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import sandbox


def commands(source):
    found = []
    for line in source.splitlines():
        if not line.startswith("//"):
            break
        text = line[2:]
        if text.startswith("   $ "):
            found.append((text[5:], []))
        elif found and (text.startswith("   ") or not text.strip()):
            found[-1][1].append(text[3:])
        elif found:
            break
    return found


def pattern(lines):
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    parts = []
    for line in lines:
        if line == "…":
            parts.append(r"(?:.*\n)*")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.split("…")) + r" *\n")
    return "".join(parts) + r"\s*"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    root = pathlib.Path(options.root).resolve()
    shown = commands(pathlib.Path(options.source).read_text(encoding="utf-8"))
    if not shown:
        sys.exit(f"{options.source} shows no command")
    with tempfile.TemporaryDirectory() as folder:
        for command, output in shown:
            words = shlex.split(command)
            name = pathlib.Path(options.program).stem
            if words[:2] != ["scripts/run.sh", name]:
                sys.exit(f"the command is not 'scripts/run.sh {name}': {command}")
            words = [str(root / w) if "/" in w and (root / w).exists() else w for w in words[2:]]
            stdin = None
            if "<" in words:
                at = words.index("<")
                stdin = open(words[at + 1], "rb")
                words = words[:at]
            done = subprocess.run([pathlib.Path(options.program).resolve(), *words], stdin=stdin or subprocess.DEVNULL, capture_output=True, cwd=folder,
                                  env=sandbox.environment(), timeout=50, check=False)
            got = done.stdout.decode("utf-8")
            if done.returncode != 0 or not re.fullmatch(pattern(output), got):
                print(f"$ {command}\nexit status {done.returncode}\n--- shown\n" + "\n".join(output) +
                      f"\n--- printed\n{got}--- on stderr\n{done.stderr.decode('utf-8')}")
                sys.exit(1)
    print(f"{len(shown)} commands print what the comment shows")


main()
